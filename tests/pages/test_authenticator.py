"""The package's form asks our domain, and keeps nothing of its own."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core import setup

PASSWORD = "lanterns over the harbour 7"


def page() -> None:
    import streamlit as st

    from core import signin
    from pages.authenticator import SignIn

    form = SignIn(lambda mail, password: signin.sign_in(mail, password, browser="b", address="127.0.0.1"))
    form.login(
        key="sign-in", fields={"Form name": "Lanyard", "Username": "Mail", "Password": "Password", "Login": "In"}
    )
    if form.tried:
        try:
            st.session_state["said"] = form.entry()
        except Exception as error:
            st.session_state["said"] = error
    st.session_state["kept"] = form.model.credentials


@pytest.fixture
def form(home):
    setup.setup(organisation="Lanyard", mail="ana@example.com", name="Ana", password=PASSWORD)
    return AppTest.from_function(page, default_timeout=30).run()


def typed(form, mail, password):
    form.text_input[0].set_value(mail)
    form.text_input[1].set_value(password)
    form.button[0].click().run()
    assert not form.exception
    return form.session_state["said"]


def test_the_right_password_earns_a_ticket_and_leaves_nothing_behind(form):
    assert len(typed(form, " Ana@Example.com ", PASSWORD)) > 30
    assert form.session_state["authentication_status"] is None
    assert "password" not in str(form.session_state["kept"])


@pytest.mark.parametrize("mail", ["ana@example.com", "nobody@example.com"])
def test_a_wrong_password_says_the_same_for_known_and_unknown_names(form, mail):
    assert "do not match" in str(typed(form, mail, "wrong"))
    assert form.session_state["kept"] == {"usernames": {}}


def test_an_empty_field_is_not_counted_as_a_try(form):
    for _ in range(6):
        assert "Type your mail" in str(typed(form, "ana@example.com", ""))
    assert len(typed(form, "ana@example.com", PASSWORD)) > 30

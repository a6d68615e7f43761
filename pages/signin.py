"""Sign in with mail and password."""

from __future__ import annotations

import streamlit as st

from core import projects, signin
from core.language import text as _
from pages import door
from pages.authenticator import SignIn
from pages.kit import parts


def check(mail: str, password: str) -> str:
    """The ticket that leads to the page that was asked for. Raises Refused."""
    return signin.sign_in(mail, password, browser=door.browser(), address=door.address(), path=door.asked_for())


with st.container(key="door"):
    organisation = projects.organisation()
    door.head("Accord")
    if "again" in st.query_params:
        st.info(_("This way in has been used or is too old. Sign in again."))
    form = SignIn(check)
    form.login(
        key="sign-in",
        fields={
            "Form name": organisation.name if organisation else "",
            "Username": _("Mail"), "Password": _("Password"), "Login": _("Sign in"),
        },
    )  # fmt: skip
    if form.tried:
        door.enter(form.entry)
    parts.note(_("Forgotten? Your administrator can send you a link."))
    door.other_language()

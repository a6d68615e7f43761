"""The first visit: whose installation this is, and its first administrator."""

from __future__ import annotations

import logging

import streamlit as st

from core import language, setup, signin
from core.errors import AccordError
from core.language import LANGUAGES
from core.language import text as _
from pages import door
from pages.kit import sample

log = logging.getLogger("accord.first_visit")

with st.container(key="doorwide"):
    door.head(_("Welcome to Accord"), _("Name your organisation and make the first account."))
    with st.form("first-visit", border=False):
        organisation = st.text_input(_("Organisation"), autocomplete="organization")
        name = st.text_input(_("Your name"), autocomplete="name")
        mail = st.text_input(_("Mail"), autocomplete="username")
        password = st.text_input(
            _("Password"), type="password", autocomplete="new-password",
            help=_("12 characters or more, or several unusual words."),
        )  # fmt: skip
        chosen = st.selectbox(
            _("Language"), list(LANGUAGES), index=list(LANGUAGES).index(language.current()),
            format_func=LANGUAGES.__getitem__,
        )  # fmt: skip
        with_sample = st.checkbox(
            _("Add the sample engagement"), value=True,
            help=_("A project with eight people, 64 requirements, 14 weeks of history and a dozen documents to look around in. "
                   "None of its people can sign in."),
        )  # fmt: skip
        pressed = st.form_submit_button(_("Begin"), type="primary", width="stretch")

    def made() -> str:
        """The way in for the account that has just been made."""
        first = setup.setup(organisation=organisation, mail=mail, name=name, password=password, language=chosen)
        if with_sample:
            try:
                sample.make(first.actor, chosen)
            except AccordError as error:
                # The account stands, so they go in; the first screen offers the sample again.
                log.warning("The sample engagement could not be made: %s", error)
        return signin.sign_in(mail, password, browser=door.browser(), address=door.address())

    if pressed:
        door.enter(made)
    door.other_language()

"""A link from an administrator: choose a password and come in."""

from __future__ import annotations

import streamlit as st

from core import invitations
from core.errors import NotFound
from core.language import text as _
from pages import door, errors

token = st.query_params.get("invitation", "")
with st.container(key="door"):
    try:
        offer = invitations.offer(token)
    except NotFound as error:
        door.head("Accord")
        st.info(errors.say(error))
        st.stop()
    door.head(_("Welcome, {name}", name=offer.name), offer.mail)
    with st.form("accept", border=False):
        password = st.text_input(
            _("New password"), type="password", autocomplete="new-password",
            help=_("12 characters or more, or several unusual words."),
        )  # fmt: skip
        pressed = st.form_submit_button(_("Begin"), type="primary", width="stretch")
    if pressed:
        door.enter(lambda: invitations.accept(token, password, browser=door.browser()))

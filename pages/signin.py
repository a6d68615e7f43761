"""Sign in with mail and password."""

from __future__ import annotations

import streamlit as st

from core import signin
from core.language import text as _
from pages import door

with st.container(key="door"):
    door.head("Accord", _("Sign in to your projects."))
    if "again" in st.query_params:
        st.info(_("This way in has been used or is too old. Sign in again."))
    with st.form("sign-in", border=False):
        mail = st.text_input(_("Mail"), autocomplete="username")
        password = st.text_input(_("Password"), type="password", autocomplete="current-password")
        pressed = st.form_submit_button(_("Sign in"), type="primary", width="stretch")
    if pressed:
        door.enter(lambda: signin.sign_in(mail, password, browser=door.browser(), address=door.address()))
    door.other_language()

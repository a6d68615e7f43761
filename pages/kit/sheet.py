"""The reminder that stands on an administrator's screens until there is a recovery sheet."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.access import Actor
from core.language import text as _
from pages.kit import parts
from vault import documents, keys


def remind(person: Actor, page: Any) -> None:
    """Say what is lost without a sheet, and where to make it; nothing once there is one."""
    if not documents.is_open() or keys.has_sheet(person):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="remind-sheet"):
        st.html(parts.tag(_("Documents can be lost"), "warn"), width="content")
        parts.note(_("If this server loses its master key, no document opens again. A recovery sheet takes a minute."))
        st.page_link(page, label=_("Make the recovery sheet"), icon=":material/arrow_forward:", width="content")

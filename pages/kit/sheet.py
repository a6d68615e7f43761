"""What stands on an administrator's screens until something is done: a recovery sheet, room on the disk."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import language
from core.access import Actor
from core.language import text as _
from pages.kit import parts
from vault import disk, documents, keys
from vault.quota import MEGABYTE


def remind(person: Actor, page: Any) -> None:
    """Say what is lost without a sheet, and where to make it; nothing once there is one."""
    if not documents.is_open() or keys.has_sheet(person):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="remind-sheet"):
        st.html(parts.tag(_("Documents can be lost"), "warn"), width="content")
        parts.note(_("If this server loses its master key, no document opens again. A recovery sheet takes a minute."))
        st.page_link(page, label=_("Make the recovery sheet"), icon=":material/arrow_forward:", width="content")


def remind_of_room(person: Actor) -> None:
    """Say that the disk gets full while there is time to do something."""
    if not documents.is_open() or not (found := disk.state(person)).low:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="remind-room"):
        st.html(parts.tag(_("The disk gets full"), "danger"), width="content")
        parts.note(
            _(
                "{free} MB are free; below {reserve} MB no file is taken any more.",
                free=language.number(found.free / MEGABYTE, 0),
                reserve=language.number(found.reserve / MEGABYTE, 0),
            )
        )

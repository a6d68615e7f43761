"""What happened in a project, day by day."""

from __future__ import annotations

from datetime import date
from itertools import groupby

import streamlit as st

from core import history, language
from core.history import KINDS
from core.ids import now
from core.language import plural
from core.language import text as _
from pages.kit import here as kit
from pages.kit import parts, told

LINES = 50  # on one page
here = kit.page("activity.read")


def screen() -> None:
    """The filters, the days, and the way to older ones."""
    people = history.people(here.actor, here.project.id)
    names = {
        "requirements": _("Requirements"), "risks": _("Risks"), "comments": _("Comments"), "documents": _("Documents"),
        "board": _("Columns and labels"), "people": _("People"), "imports": _("Imports"),
    }  # fmt: skip
    heading = st.container()
    with st.container(horizontal=True, key="activity-filters"):
        kinds = parts.choice(_("What"), list(KINDS), key="kind", names=names, several=True)
        who = parts.choice(_("Who"), list(people), key="who", names=people, several=True)
    asked = st.query_params.get("page", "1")
    page = int(asked) if asked.isdecimal() and 0 < int(asked) < 100_000 else 1
    found = history.told(here.actor, here.project.id, kinds=kinds, who=who, limit=LINES, page=page)
    with heading, parts.head(_("Activity"), plural("{count} line", "{count} lines", found.total)):
        st.space("small")
    if not found.lines:
        parts.empty(_("Nothing happened here"), _("Change the filters, or come back later."))
    for day, lines in groupby(found.lines, key=lambda line: language.local(line.at).date()):
        with parts.panel(f"day-{day:%Y-%m-%d}", heading_of(day)):
            told.lines(list(lines), here.project.code, clock=True)
    parts.turn(page, found.total, LINES)


def heading_of(day: date) -> str:
    """A day as people call it."""
    ago = (language.local(now()).date() - day).days
    return {0: _("Today"), 1: _("Yesterday")}.get(ago) or language.day(day, "full")


screen()

"""What happened in a project, day by day."""

from __future__ import annotations

from datetime import date
from html import escape
from itertools import groupby
from urllib.parse import urlencode

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
        "requirements": _("Requirements"), "comments": _("Comments"), "documents": _("Documents"),
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
    turn(page, found.total)


def heading_of(day: date) -> str:
    """A day as people call it."""
    ago = (language.local(now()).date() - day).days
    return {0: _("Today"), 1: _("Yesterday")}.get(ago) or language.day(day, "full")


def turn(page: int, total: int) -> None:
    """Links to the newer and the older lines, with the filters as they are."""
    places = [(page - 1, _("Newer"))] if page > 1 else []
    places += [(page + 1, _("Older"))] if page * LINES < total else []
    if places:
        kept = [(key, v) for key in st.query_params if key != "page" for v in st.query_params.get_all(key)]
        st.html(
            '<nav class="ac-turn">'
            + "".join(
                f'<a href="?{escape(urlencode([*kept, ("page", to)]))}" target="_self">{escape(words)}</a>'
                for to, words in places
            )
            + "</nav>"
        )


screen()

"""Lines of what happened, as HTML: what they are about in bold and linked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlencode

import streamlit as st

from core import history, language
from core.history import Told
from core.ids import now
from core.language import text as _
from core.telling import Thing
from pages.kit import parts
from pages.kit.here import Here


def address(entity: str, code: str, project: str) -> str:
    """Where a requirement, a document or a risk is looked at."""
    path, key = {"document": ("/documents", "document"), "risk": ("/risks", "risk")}.get(entity, ("/board", "card"))
    return f"{path}?{urlencode({'project': project, key: code})}"


def link(entity: str, code: str, project: str, title: str = "") -> str:
    """A requirement or document by its code, as a link in HTML, with its title behind."""
    found = f'<a class="ac-link" href="{escape(address(entity, code, project))}" target="_self">{escape(code)}</a>'
    return f"{found} {escape(title)}" if title else found


def line(told: Told, project: str, *, titles: bool = True) -> str:
    """A line's sentence in HTML; with the title of the one thing that it is about, where `titles`."""
    named = {part.thing.id for part in told.parts if part.thing}
    found = "".join(
        _thing(part.thing, project, titles=titles and len(named) == 1) if part.thing else escape(part.text)
        for part in told.parts
    )
    return found + (f'<span class="ac-quote">{escape(told.quote)}</span>' if told.quote else "")


def _thing(thing: Thing, project: str, *, titles: bool) -> str:
    if not thing.id:
        return f"<b>{escape(thing.code or thing.title)}</b>"
    return link(thing.entity, thing.code, project, thing.title if titles else "")


def lines(told: Sequence[Told], project: str, *, titles: bool = True, clock: bool = False) -> None:
    """Draw lines; at the right when it was, only the time of day with `clock`."""
    parts.rows(
        (
            parts.person(one.who),
            line(one, project, titles=titles),
            language.clock(one.at) if clock else when(one.at),
        )
        for one in told
    )


def when(moment: datetime) -> str:
    """A moment as one speaks of it: today by its time, else by its day."""
    days = (language.local(now()).date() - language.local(moment).date()).days
    if days == 0:
        return _("today {time}", time=language.clock(moment))
    return language.day(moment) if days > 6 else f"{language.weekday(moment)} {language.clock(moment)}"


def of(here: Here, subject: str) -> None:
    """The history of one requirement or document (by id), for those who may read it."""
    if not here.may("activity.read"):
        return
    page = history.told(here.actor, here.project.id, subject=subject)
    with parts.panel("history", _("History")):
        st.html(
            '<ul class="ac-list ac-history">'
            + "".join(
                f"<li><span>{line(one, here.project.code, titles=False)}</span>"
                f'<span class="r">{escape(language.day(one.at))} {language.clock(one.at)}</span></li>'
                for one in page.lines
            )
            + "</ul>"
        )
        if page.total > len(page.lines):
            st.html(f'<p class="ac-why">{escape(_("The newest {count} are shown.", count=len(page.lines)))}</p>')

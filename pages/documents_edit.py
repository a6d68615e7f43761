"""Title, class and clearance of a document, and what happens when two people changed them at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from html import escape
from typing import Any

import streamlit as st

from core import access, language
from core.errors import AccordError, Stale
from core.ids import now
from core.language import text as _
from pages import rights_view
from pages.documents_taking import least_words
from pages.documents_view import who_reads
from pages.kit import here as kit
from pages.kit import parts
from pages.kit.here import Here
from vault import class_rules, classes, documents, downgrades, rights
from vault.documents import Document

FIELDS = {"title": "title", "class_": "class_id", "clearance": "clearance"}
"""What vault.documents.reclassify calls a field -> its column."""
BASE = "document-base"
SHOWN = "document-shown"
CLASH = "document-clash"


def begin(found: Document) -> None:
    """Open the form on the document as it stands now."""
    st.session_state[BASE] = st.session_state[SHOWN] = found
    st.session_state.pop(CLASH, None)


def form(here: Here, found: Document, *, done: Callable[[], None]) -> None:
    """Draw the form. After a clash it says what the other one wrote; what was typed stays in its field."""
    base: Document = st.session_state.setdefault(BASE, found)
    if base.id != found.id:
        base = st.session_state[BASE] = st.session_state[SHOWN] = found
    # The fields start from what was first shown: a new base after a clash must not touch what is typed.
    shown: Document = st.session_state.setdefault(SHOWN, base)
    names = classes.names()
    known = list(dict.fromkeys([*names, shown.class_id]))
    own = here.standing.clearances
    typed = {
        "title": st.text_area(_("Title"), shown.title, key=f"document-title-{base.id}", height=68, max_chars=300),
        "class_": st.selectbox(
            _("Class"), known, known.index(shown.class_id), format_func=lambda c: names.get(c, c),
            key=f"document-class-{base.id}",
        ),
        "clearance": st.selectbox(
            _("Who may read it"), own, own.index(shown.clearance), key=f"document-clearance-{base.id}",
            format_func=lambda c: access.clearance_name(c).text(),
        ),
    }  # fmt: skip
    reclassified = {f: typed[f] for f in ("class_", "clearance") if typed[f] != getattr(base, FIELDS[f])}
    level = class_rules.higher(typed["clearance"], class_rules.of(typed["class_"]).least)
    if level in own:
        st.html(f'<p class="ac-why">{escape(who_reads(here, level, typed["class_"], base))}</p>')
    if level != typed["clearance"]:
        parts.note(least_words(level))
    if reclassified and level in own:
        rights_view.effect(rights.if_classified(here.actor, here.project.id, base.id, **reclassified))
    reason, day = _clearance_about(base, typed["clearance"]) if "clearance" in reclassified else ("", None)
    if clash := st.session_state.get(CLASH):
        st.warning(_theirs(clash, names), icon=":material/info:")
    with st.container(horizontal=True):
        saved = st.button(_("Save"), type="primary", key="document-save")
        left = st.button(_("Cancel"), key="document-cancel")
    if left:
        _leave(base, done)
    if saved:
        changes = {field: typed[field] for field, column in FIELDS.items() if typed[field] != getattr(base, column)}
        if day is None or _planned(here, base, changes.pop("clearance"), day, reason):
            _save(here, base, changes | ({"reason": reason} if "clearance" in changes else {}), done)


def _clearance_about(base: Document, clearance: str) -> tuple[str, date | None]:
    """Why another clearance, and for a lower one from which day."""
    reason = st.text_input(_("Why another clearance"), key=f"document-reason-{base.id}", max_chars=300)
    if access.CLEARANCES.index(clearance) > access.CLEARANCES.index(base.clearance):
        return reason, None
    day = st.date_input(
        _("From which day"), None, key=f"document-from-{base.id}", format="YYYY-MM-DD",
        min_value=language.local(now()).date() + timedelta(days=1),
        help=_("Empty: at once. Until that day the higher clearance holds."),
    )  # fmt: skip
    return reason, day


def _planned(here: Here, base: Document, clearance: str, day: date, reason: str) -> bool:
    """Plan a lower clearance; whether that was accepted."""
    return bool(
        here.act(
            downgrades.order, base.id, clearance=clearance, due=language.midnight(day), reason=reason,
            done=_("It becomes {clearance} on {day}.", clearance=access.clearance_name(clearance).text(),
                   day=language.day(day)),
        )
    )  # fmt: skip


def _save(here: Here, base: Document, changes: dict[str, Any], done: Callable[[], None]) -> None:
    try:
        documents.reclassify(here.actor, here.project.id, base.id, revision=base.revision, **changes)
    except Stale as stale:
        current = documents.get(here.actor, here.project.id, base.id)
        both = {column: value for column, value in stale.theirs.items() if value != getattr(base, column)}
        st.session_state[BASE] = current
        if both:
            st.session_state[CLASH] = both
            st.rerun(scope="fragment")
        # A new version, or another field: nothing that was written here contradicts it.
        _save(here, current, changes, done)
    except AccordError as error:
        kit.complain(error)
    else:
        _leave(base, done)


def _theirs(clash: dict[str, Any], names: dict[str, str]) -> str:
    """What somebody else wrote in the fields that were changed here too."""
    words = {
        "title": lambda value: _("Title: {value}", value=value),
        "class_id": lambda value: _("Class: {value}", value=names.get(value, value)),
        "clearance": lambda value: _("Who may read it: {value}", value=access.clearance_name(value).text()),
    }
    told = _(", ").join(words[column](value) for column, value in clash.items())
    return _(
        "Somebody changed this while you were writing. Theirs: {told}. Yours stands above; Save keeps yours.", told=told
    )


def _leave(base: Document, done: Callable[[], None]) -> None:
    for field in ("title", "class", "clearance", "reason", "from"):
        st.session_state.pop(f"document-{field}-{base.id}", None)
    st.session_state.pop(BASE, None)
    st.session_state.pop(CLASH, None)
    done()
    st.rerun()

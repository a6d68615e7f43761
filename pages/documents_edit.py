"""Title, class and clearance of a document, and what happens when two people changed them at once."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from core import access
from core.errors import AccordError, Stale
from core.language import text as _
from pages.documents_view import who_reads
from pages.kit import here as kit
from pages.kit.here import Here
from vault import classes, documents
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
    st.html(f'<p class="ac-why">{escape(who_reads(here, typed["clearance"]))}</p>')
    if clash := st.session_state.get(CLASH):
        st.warning(_theirs(clash, names), icon=":material/info:")
    with st.container(horizontal=True):
        saved = st.button(_("Save"), type="primary", key="document-save")
        left = st.button(_("Cancel"), key="document-cancel")
    if left:
        _leave(base, done)
    if saved:
        changes = {field: typed[field] for field, column in FIELDS.items() if typed[field] != getattr(base, column)}
        _save(here, base, changes, done)


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
    for field in ("title", "class", "clearance"):
        st.session_state.pop(f"document-{field}-{base.id}", None)
    st.session_state.pop(BASE, None)
    st.session_state.pop(CLASH, None)
    done()
    st.rerun()

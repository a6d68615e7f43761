"""The form for a requirement, and what happens when two people wrote at once.

The form remembers the row as it was when it was opened. Saving sends only what was changed; a field
that somebody else changed too is shown in both texts, and one takes theirs, one's own, or writes a third.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from core import access, board, requirements
from core.errors import AccordError, Stale
from core.language import day, number
from core.language import text as _
from core.requirements import PRIORITIES, Requirement
from pages.kit import here as kit
from pages.kit import parts
from pages.kit.here import Here

FORM = (
    "title", "statement", "rationale", "acceptance", "priority", "owner_id", "due", "effort_hours", "labels",
    "constraints", "source_who", "source_when", "source_where", "clearance",
)  # fmt: skip
WRITTEN = frozenset({"title", "statement", "rationale", "acceptance", "constraints", "source_who", "source_where"})
BASE = "requirement-base"
CLASH = "requirement-clash"


def begin(found: Requirement) -> None:
    """Open the form on the requirement as it stands now."""
    st.session_state[BASE] = found
    st.session_state.pop(CLASH, None)


def field_name(field: str) -> str:
    """A field as the reader's word."""
    return {
        "title": _("Title"), "statement": _("Statement"), "rationale": _("Rationale"),
        "acceptance": _("Acceptance criteria, one a line"), "priority": _("Priority"), "owner_id": _("Owner"),
        "due": _("Due"), "effort_hours": _("Effort in hours"), "labels": _("Labels"), "constraints": _("Constraints"),
        "source_who": _("Who said it"), "source_when": _("When"), "source_where": _("Where"),
        "clearance": _("Who may read it"), "state_id": _("Column"),
    }[field]  # fmt: skip


def form(here: Here, found: Requirement, people: dict[str, str], *, done: Callable[[], None]) -> None:
    """Draw the form, or, after a clash, both texts."""
    base: Requirement = st.session_state.setdefault(BASE, found)
    if base.id != found.id:
        base = st.session_state[BASE] = found
    if CLASH in st.session_state:
        _both(here, found, people, done)
        return
    theirs = [field for field in FORM if getattr(found, field) != getattr(base, field)]
    if theirs:
        st.info(
            _("Somebody changed this while you write: {fields}. Nothing of yours is lost; where both changed the same, you will see both.",
              fields=_(", ").join(field_name(field) for field in theirs)),
            icon=":material/info:",
        )  # fmt: skip
    with st.form(f"edit-{found.id}", border=False, enter_to_submit=False):
        typed = _fields(here, base, people)
        with st.container(horizontal=True):
            saved = st.form_submit_button(_("Save"), type="primary", key="detail-save")
            left = st.form_submit_button(_("Cancel"), key="detail-cancel")
    if left:
        done()
        st.rerun(scope="fragment")
    if saved:
        changes = {field: value for field, value in typed.items() if value != getattr(base, field)}
        _save(here, base, changes, base.revision, {field: getattr(base, field) for field in changes}, done)


def _fields(here: Here, base: Requirement, people: dict[str, str]) -> dict[str, Any]:
    """The inputs with what is in them, as the row would have it."""

    def key(field: str) -> str:
        return f"edit-{base.id}-{base.revision}-{field}"

    typed: dict[str, Any] = {}
    typed["title"] = st.text_area(field_name("title"), base.title, key=key("title"), height=68, max_chars=300)
    typed["statement"] = st.text_area(field_name("statement"), base.statement, key=key("statement"), height=120)
    lines = st.text_area(field_name("acceptance"), "\n".join(base.acceptance), key=key("acceptance"), height=100)
    typed["acceptance"] = tuple(line.strip() for line in lines.splitlines() if line.strip())
    left, right = st.columns(2)
    with left:
        typed["priority"] = st.selectbox(
            field_name("priority"), PRIORITIES, PRIORITIES.index(base.priority), format_func=parts.priority_name,
            key=key("priority"),
        )  # fmt: skip
        typed["due"] = st.date_input(field_name("due"), base.due, key=key("due"))
    with right:
        names = here.told_apart(people)
        owners = list(dict.fromkeys([*people, *([base.owner_id] if base.owner_id else [])]))
        typed["owner_id"] = st.selectbox(
            field_name("owner_id"), owners, owners.index(base.owner_id) if base.owner_id else None,
            format_func=lambda account: names.get(account, "?"), placeholder=_("Nobody"), key=key("owner_id"),
        )  # fmt: skip
        typed["effort_hours"] = st.number_input(
            field_name("effort_hours"), min_value=0.0, value=base.effort_hours, step=1.0, format="%g", key=key("effort_hours"),
            placeholder="–",
        )  # fmt: skip
    known = sorted({*board.labels(here.actor, here.project.id), *base.labels})
    typed["labels"] = tuple(
        st.multiselect(
            field_name("labels"),
            known,
            list(base.labels),
            accept_new_options=True,
            key=key("labels"),
            placeholder=_("Choose or type"),
        )
    )
    typed["rationale"] = st.text_area(field_name("rationale"), base.rationale, key=key("rationale"), height=80)
    typed["constraints"] = st.text_area(field_name("constraints"), base.constraints, key=key("constraints"), height=68)
    who, when = st.columns(2)
    typed["source_who"] = who.text_input(field_name("source_who"), base.source_who, key=key("source_who"))
    typed["source_when"] = when.date_input(field_name("source_when"), base.source_when, key=key("source_when"))
    typed["source_where"] = st.text_input(field_name("source_where"), base.source_where, key=key("source_where"))
    typed["clearance"] = st.selectbox(
        field_name("clearance"), here.standing.clearances, here.standing.clearances.index(base.clearance),
        format_func=lambda c: access.clearance_name(c).text(), key=key("clearance"),
    )  # fmt: skip
    return typed


def _save(
    here: Here, base: Requirement, changes: dict[str, Any], revision: int, was: dict[str, Any],
    done: Callable[[], None],
) -> None:  # fmt: skip
    try:
        if changes:
            requirements.edit(here.actor, here.project.id, base.id, revision=revision, was=was, **changes)
    except Stale as stale:
        st.session_state[CLASH] = (stale, changes)
        st.rerun(scope="fragment")
    except AccordError as error:
        kit.complain(error)
        return
    st.session_state.pop(CLASH, None)
    st.session_state.pop(BASE, None)
    done()
    st.rerun()


def _both(here: Here, found: Requirement, people: dict[str, str], done: Callable[[], None]) -> None:
    """Theirs and mine, field by field."""
    stale, mine = st.session_state[CLASH]
    base: Requirement = st.session_state[BASE]
    st.warning(str(stale), icon=":material/info:")
    chosen: dict[str, Any] = {}
    with st.form(f"clash-{found.id}-{stale.revision}", border=False, enter_to_submit=False):
        for field, value in mine.items():
            theirs = getattr(found, field)
            if theirs in (getattr(base, field), value):
                chosen[field] = value
                continue
            chosen[field] = _choice(f"clash-{found.id}-{found.revision}-{field}", field, theirs, value, people)
        with st.container(horizontal=True):
            saved = st.form_submit_button(_("Save"), type="primary", key="clash-save")
            left = st.form_submit_button(_("Keep theirs"), key="clash-theirs")
    if left:
        st.session_state.pop(CLASH)
        st.session_state.pop(BASE)
        done()
        st.rerun()
    if saved:
        # What one has just looked at is the base now; only a third change in between is a clash again.
        _save(here, base, chosen, found.revision, {field: getattr(found, field) for field in chosen}, done)


def _choice(key: str, field: str, theirs: Any, mine: Any, people: dict[str, str]) -> Any:
    """One field in both texts: one of them, or for text a third."""
    name = field_name(field)
    if field not in WRITTEN:
        return st.radio(
            name, [mine, theirs], key=key,
            format_func=lambda value: (_("Yours: {value}", value=spoken(field, mine, people)) if value == mine
                                       else _("Theirs: {value}", value=spoken(field, theirs, people))),
        )  # fmt: skip
    st.text_area(_("{field}: theirs", field=name), spoken(field, theirs, people), disabled=True, key=f"{key}-theirs")
    kept = st.text_area(_("{field}: yours (this is saved)", field=name), spoken(field, mine, people), key=f"{key}-mine")
    return tuple(line.strip() for line in kept.splitlines() if line.strip()) if field == "acceptance" else kept


def spoken(field: str, value: Any, people: dict[str, str]) -> str:
    """A field's value as the reader's words."""
    if value is None or value == "":
        return "–" if field not in WRITTEN else ""
    if field == "priority":
        return parts.priority_name(value)
    if field == "owner_id":
        return people.get(value, "?")
    if field == "clearance":
        return access.clearance_name(value).text()
    if isinstance(value, date):
        return day(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, tuple):
        return "\n".join(value) if field == "acceptance" else _(", ").join(value)
    return str(value)

"""A new requirement, asked for in a window: the title has to be, the rest may follow."""

from __future__ import annotations

import streamlit as st

from core import access, board, columns, projects, requirements
from core.language import text as _
from core.requirements import PRIORITIES, Draft
from pages.kit import parts
from pages.kit.here import Here


def ask(here: Here) -> None:
    """Open the window."""
    st.dialog(_("New requirement"), width="medium")(_window)(here)


def _window(here: Here) -> None:
    states = columns.states(here.actor, here.project.id)
    people = {member.account_id: member.name for member in projects.members(here.actor, here.project.id)}
    title = st.text_input(_("Title"), max_chars=300, key="new-title", placeholder=_("What is asked for?"))
    statement = st.text_area(_("Statement"), key="new-statement", height=90)
    acceptance = st.text_area(_("Acceptance criteria, one a line"), key="new-acceptance", height=90)
    left, right = st.columns(2)
    with left:
        priority = st.selectbox(_("Priority"), PRIORITIES, index=1, format_func=parts.priority_name, key="new-priority")
        source_who = st.text_input(_("Who said it"), key="new-who")
        due = st.date_input(_("Due"), value=None, key="new-due")
    with right:
        owner = st.selectbox(
            _("Owner"),
            list(people),
            index=None,
            format_func=here.told_apart(people).__getitem__,
            key="new-owner",
            placeholder=_("Nobody"),
        )
        state = st.selectbox(
            _("Column"), states, format_func=lambda s: s.name, key="new-state", disabled=not states
        ) if states else None  # fmt: skip
        labels = st.multiselect(
            _("Labels"), board.labels(here.actor, here.project.id), accept_new_options=True, key="new-labels",
            placeholder=_("Choose or type"),
        )  # fmt: skip
    clearance = st.selectbox(
        _("Who may read it"), here.standing.clearances, format_func=lambda c: access.clearance_name(c).text(),
        key="new-clearance",
    )  # fmt: skip
    if st.button(_("Add requirement"), type="primary", key="new-add"):
        draft = Draft(
            title=title, statement=statement, acceptance=tuple(acceptance.splitlines()), priority=priority,
            source_who=source_who, due=due, owner_id=owner, labels=tuple(labels), clearance=clearance,
            state=state.id if state else None,
        )  # fmt: skip
        fresh = here.act(requirements.create, draft)
        if fresh is not None:
            for key in [key for key in st.session_state if str(key).startswith("new-")]:
                del st.session_state[key]
            st.query_params["card"] = fresh.code
            st.rerun()

"""The columns of the board: name, category, limit and order, for those who may say."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core import columns
from core.columns import CATEGORIES, State
from core.errors import AccordError, Stale
from core.ids import new_id
from core.language import text as _
from pages import errors
from pages.kit.here import Here

KEPT = "columns-draft"


def configure(here: Here) -> None:
    """Open the window with the columns as they stand."""
    st.session_state[KEPT] = [(state.id, state) for state in columns.states(here.actor, here.project.id)]
    st.dialog(_("Columns"), width="large")(_window)(here)


def category_name(category: str) -> str:
    """A category as words: what figures take the column for."""
    return {
        "open": _("open"), "agreed": _("agreed"), "active": _("in work"), "done": _("done"), "dropped": _("dropped"),
    }[category]  # fmt: skip


def _window(here: Here) -> None:
    st.caption(_("Left to right as here from top to bottom. Above its limit a column warns, nothing more."))
    kept: list[tuple[str, State]] = st.session_state[KEPT]
    typed = [_line(place, key, state, len(kept)) for place, (key, state) in enumerate(kept)]
    with st.container(horizontal=True):
        if st.button(_("Add column"), icon=":material/add:", key="column-add"):
            fresh = State("", here.project.id, "", "active", len(typed), None, False, 0)
            st.session_state[KEPT] = [*kept, (new_id(), fresh)]
            st.rerun(scope="fragment")
        st.space("stretch")
        if st.button(_("Save"), type="primary", key="column-save"):
            _save(here, typed)


def _line(index: int, name: str, state: State, count: int) -> State:
    """One column; what is typed of it. `name` stays with it while it wanders."""
    key = f"column-{name}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first = "visible" if index == 0 else "collapsed"
        called = st.text_input(_("Name"), state.name, key=f"{key}-name", label_visibility=first, width=220)
        category = st.selectbox(
            _("Category"), CATEGORIES, CATEGORIES.index(state.category), key=f"{key}-category",
            format_func=category_name, label_visibility=first, width=140,
        )  # fmt: skip
        limit = st.number_input(
            _("Limit"), min_value=1, value=state.wip_limit, step=1, key=f"{key}-limit", label_visibility=first,
            placeholder="–", width=120,
        )  # fmt: skip
        if st.button(_("Up"), key=f"{key}-up", disabled=index == 0):
            _shift(index, -1)
        if st.button(_("Down"), key=f"{key}-down", disabled=index == count - 1):
            _shift(index, 1)
        if st.button(_("Remove"), key=f"{key}-remove", disabled=count == 1):
            st.session_state[KEPT] = [s for place, s in enumerate(st.session_state[KEPT]) if place != index]
            st.rerun(scope="fragment")
    return replace(state, name=called, category=category, wip_limit=int(limit) if limit else None)


def _shift(index: int, way: int) -> None:
    kept = list(st.session_state[KEPT])
    kept.insert(index + way, kept.pop(index))
    st.session_state[KEPT] = kept
    st.rerun(scope="fragment")


def _save(here: Here, typed: list[State]) -> None:
    try:
        columns.configure_states(here.actor, here.project.id, typed)
    except Stale:
        st.warning(_("Somebody changed the columns meanwhile. Close this window and open it again."))
    except AccordError as error:
        st.warning(errors.say(error))
    else:
        st.rerun()

"""The same rows as a table, to be changed in place. Each row is saved for itself: one that somebody
else changed meanwhile is shown in both texts, the others are saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core import board, columns, requirements
from core.board import Card
from core.errors import AccordError, Stale
from core.ids import new_id
from core.language import text as _
from core.requirements import PRIORITIES, Requirement
from pages.kit import here as kit
from pages.kit import parts
from pages.kit.here import Here
from pages.requirements_edit import field_name, spoken

ROUND = "table-round"
DRAWN = "table-drawn"
CLASHES = "table-clashes"


@dataclass(frozen=True)
class Clash:
    """A field of a row that two people changed."""

    requirement: Requirement
    field: str
    theirs: Any
    mine: Any


def table(here: Here, cards: Sequence[Card], people: dict[str, str]) -> None:
    """Draw the rows; what was changed is saved as soon as a cell is left."""
    _clashes(here, people)
    if not cards:
        parts.empty(_("No requirement fits these filters."), _("Choose All to see every one."))
        return
    people = here.told_apart(people)
    states = {state.id: state.name for state in columns.states(here.actor, here.project.id)}
    may = here.may("requirement.edit")
    # By code, whatever happens on the board: a row that is changed stays under the hand.
    cards = sorted(cards, key=lambda card: card.requirement.number)
    # What the cells showed when they were drawn is what an edit starts from.
    drawn = [card.requirement for card in cards]
    if [(r.id, r.revision) for r in st.session_state.get(DRAWN, ())] != [(r.id, r.revision) for r in drawn]:
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.session_state[DRAWN] = drawn
    key = f"table-{st.session_state[ROUND]}"
    st.data_editor(
        _frame(cards, states, people), key=key, hide_index=True, width="stretch", height=_height(len(cards)),
        disabled=True if not may else ["code", "comments", "documents"],
        on_change=_changed, args=(here, key, states, people), num_rows="fixed", placeholder="",
        column_config={
            "code": st.column_config.TextColumn(_("Code"), width=80, pinned=True),
            "title": st.column_config.TextColumn(_("Title"), width=340, required=True, max_chars=300),
            "state": st.column_config.SelectboxColumn(
                _("Column"), options=list(states.values()), required=True, disabled=not here.may("requirement.move")
            ),
            "priority": st.column_config.SelectboxColumn(
                _("Priority"), options=[parts.priority_name(p) for p in PRIORITIES], required=True, width=90
            ),
            "owner": st.column_config.SelectboxColumn(_("Owner"), options=list(people.values())),
            "due": st.column_config.DateColumn(_("Due"), format="localized", width=96),
            "labels": st.column_config.MultiselectColumn(
                _("Labels"), options=board.labels(here.actor, here.project.id), accept_new_options=True
            ),
            "effort": st.column_config.NumberColumn(_("Effort in hours"), min_value=0, width=124),
            "comments": st.column_config.NumberColumn(_("Comments"), width=86),
            "documents": st.column_config.NumberColumn(_("Documents"), width=92),
        },
    )  # fmt: skip


def _height(count: int) -> int:
    """All rows where they fit on a screen, else a table that scrolls in itself."""
    return min(36 + 35 * count, 640)


def _frame(cards: Sequence[Card], states: dict[str, str], people: dict[str, str]) -> pd.DataFrame:
    rows = [
        {
            "code": card.requirement.code,
            "title": card.requirement.title,
            "state": states.get(card.requirement.state_id, ""),
            "priority": parts.priority_name(card.requirement.priority),
            "owner": people.get(card.requirement.owner_id or ""),
            "due": card.requirement.due,
            "labels": list(card.requirement.labels),
            "effort": card.requirement.effort_hours,
            "comments": card.comments,
            "documents": card.documents,
        }
        for card in cards
    ]
    return pd.DataFrame(rows).astype({"effort": "float64"})


def _changed(here: Here, key: str, states: dict[str, str], people: dict[str, str]) -> None:
    """Save each edited row; one batch, so that one undo takes all of it back."""
    drawn: list[Requirement] = st.session_state[DRAWN]
    batch = new_id()
    for index, cells in st.session_state[key]["edited_rows"].items():
        row = drawn[int(index)]
        changes = _meant(cells, people)
        try:
            state = next((s for s, name in states.items() if name == cells.get("state")), None)
            if state and state != row.state_id:
                requirements.move(
                    here.actor, here.project.id, [row.id], state=state, was={row.id: row.state_id}, batch=batch
                )
            if changes:
                requirements.edit(
                    here.actor, here.project.id, row.id, revision=row.revision, batch=batch,
                    was={field: getattr(row, field) for field in changes}, **changes,
                )  # fmt: skip
        except Stale as stale:
            _keep(row, stale, changes)
        except AccordError as error:
            kit.complain(error)
    st.session_state.pop(DRAWN)


def _meant(cells: dict[str, Any], people: dict[str, str]) -> dict[str, Any]:
    """Edited cells as fields of a requirement."""
    meant: dict[str, Any] = {}
    if "title" in cells:
        meant["title"] = cells["title"] or ""
    if "priority" in cells:
        meant["priority"] = next(p for p in PRIORITIES if parts.priority_name(p) == cells["priority"])
    if "owner" in cells:
        meant["owner_id"] = next((account for account, name in people.items() if name == cells["owner"]), None)
    if "due" in cells:
        meant["due"] = pd.Timestamp(cells["due"]).date() if cells["due"] else None
    if "labels" in cells:
        meant["labels"] = tuple(cells["labels"] or ())
    if "effort" in cells:
        meant["effort_hours"] = cells["effort"]
    return meant


def _keep(row: Requirement, stale: Stale, changes: dict[str, Any]) -> None:
    """Remember what was typed beside what somebody else wrote."""
    kept: list[Clash] = st.session_state.setdefault(CLASHES, [])
    if "state_id" in stale.mine:
        st.toast(str(stale), icon=":material/info:", duration="long")
        return
    kept += [
        Clash(row, field, theirs, changes[field])
        for field, theirs in stale.theirs.items()
        if theirs != getattr(row, field) and field in changes
    ]


def _clashes(here: Here, people: dict[str, str]) -> None:
    """Both texts of each field that two people changed, and the choice."""
    kept: list[Clash] = st.session_state.get(CLASHES, [])
    for number, clash in enumerate(list(kept)):
        with st.container(key=f"panel-clash-{number}", horizontal=True, vertical_alignment="center"):
            st.text(
                _("{code}, {field}. Theirs: {theirs}. Yours: {mine}.",
                  code=clash.requirement.code, field=field_name(clash.field),
                  theirs=spoken(clash.field, clash.theirs, people), mine=spoken(clash.field, clash.mine, people)),
                width="content",
            )  # fmt: skip
            st.space("stretch")
            if st.button(_("Take yours"), key=f"clash-mine-{number}"):
                row = requirements.get(here.actor, here.project.id, clash.requirement.id)
                here.act(requirements.edit, row.id, revision=row.revision, **{clash.field: clash.mine})
                kept.remove(clash)
                st.rerun(scope="fragment")
            if st.button(_("Keep theirs"), key=f"clash-theirs-{number}"):
                kept.remove(clash)
                st.rerun(scope="fragment")

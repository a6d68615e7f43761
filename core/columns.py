"""The columns of a board: the states of a project's requirements.

A project names and orders its own; each maps to one of five categories, so that figures mean the
same in every project.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core import db
from core.access import Actor, in_project
from core.errors import Conflict, Invalid
from core.ids import new_id
from core.language import Message, say
from core.rows import entity

CATEGORIES = ("open", "agreed", "active", "done", "dropped")

DEFAULT_STATES: tuple[tuple[Message, str], ...] = (
    (say("Draft"), "open"),
    (say("Proposed"), "open"),
    (say("Agreed"), "agreed"),
    (say("In progress"), "active"),
    (say("Done"), "done"),
    (say("Rejected"), "dropped"),
)
"""The columns of a new project, in its language."""


@entity("requirement_state")
@dataclass(frozen=True)
class State:
    """A column of the board. `wip_limit` warns above that many cards, None never does."""

    id: str
    project_id: str
    name: str
    category: str
    position: int
    wip_limit: int | None
    archived: bool
    revision: int


@in_project("requirement.read")
def states(actor: Actor, project: str) -> list[State]:
    """The project's columns, left to right.

    Before anything was written down these are the ones it will get: a board is never without columns.
    Their ids are good for `requirements.create` and `configure_states`, which make them true.
    """
    found = db.all_of(State, "WHERE project_id = ? AND NOT archived ORDER BY position", [project])
    return found or [
        replace(state, id=_promised(state.position))
        for state in _defaults(project, db.value("SELECT language FROM project WHERE id = ?", [project]))
    ]


@in_project("requirement.read")
def names(actor: Actor, project: str) -> dict[str, str]:
    """Column id -> its name, left to right, removed ones included: archived cards may stand in them."""
    found = db.all_of(State, "WHERE project_id = ? ORDER BY archived, position", [project])
    return {state.id: state.name for state in found}


@in_project("requirement.configure")
def configure_states(
    actor: Actor, project: str, columns: Sequence[State], *, at: datetime | None = None
) -> list[State]:
    """Rename, add, order and remove columns: what is given is what stands, left to right.

    A column with an empty id is new. Raises Invalid without a name or with an unknown category or a
    limit below 1, Conflict when a column that holds cards is left out, Stale as every edit.
    """
    with db.write(actor, at=at) as tx:
        standing = {state.id: state for state in ensure_states(tx, project)}
        promised = {_promised(state.position): state.id for state in standing.values()}
        if not columns:
            raise Invalid(say("A board needs at least one column."))
        for position, column in enumerate(columns):
            if not column.name.strip():
                raise Invalid(say("A column needs a name."), field="name")
            if column.category not in CATEGORIES:
                raise Invalid(
                    say("A column's category is one of open, agreed, active, done, dropped."), field="category"
                )
            if column.wip_limit is not None and column.wip_limit < 1:
                raise Invalid(say("A limit is a number from 1 upwards, or empty."), field="wip_limit")
            known = standing.pop(promised.get(column.id, column.id), None)
            if known is None:
                tx.insert(
                    State(new_id(), project, column.name.strip(), column.category, position, column.wip_limit, False, 1)
                )
            else:
                tx.update(
                    known, revision=column.revision, name=column.name.strip(), category=column.category,
                    position=position, wip_limit=column.wip_limit,
                )  # fmt: skip
        for left_out in standing.values():
            held = tx.value("SELECT COUNT(*) FROM requirement WHERE state_id = ?", [left_out.id])
            if held:
                raise Conflict(
                    say("“{name}” still holds {count} cards. Move them first.", name=left_out.name, count=held)
                )
            tx.update(left_out, action="removed", archived=True)
        return tx.all_of(State, "WHERE project_id = ? AND NOT archived ORDER BY position", [project])


def ensure_states(tx: db.Transaction, project: str) -> list[State]:
    """The project's columns; a project without any gets DEFAULT_STATES in its language."""
    found = tx.all_of(State, "WHERE project_id = ? AND NOT archived ORDER BY position", [project])
    if found:
        return found
    language = tx.value("SELECT language FROM project WHERE id = ?", [project])
    return [tx.insert(state) for state in _defaults(project, language)]


def chosen(tx: db.Transaction, project: str, column: str | None) -> State | None:
    """The column with this id, also while it was only promised (`states`); the first one for None."""
    standing = ensure_states(tx, project)
    if column is None:
        return standing[0]
    return next((state for state in standing if column in (state.id, _promised(state.position))), None)


def _defaults(project: str, language: str) -> list[State]:
    return [
        State(new_id(), project, name.text(language), category, position, None, False, 1)
        for position, (name, category) in enumerate(DEFAULT_STATES)
    ]


def _promised(position: int) -> str:
    """The id of a column that nobody has written down yet."""
    return f"promised-{position}"

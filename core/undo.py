"""Undo: one's own last change in a project, as long as nothing was built on it.

What a change was stands in the ledger; undoing is a change like any other, with events of its own, and
asks for the permissions that making it by hand would. Undoing it in turn is doing it again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import access, db, entities, reading
from core.access import Actor, in_project
from core.errors import Conflict, NotFound, Refused
from core.language import say
from core.reading import Reader, Thing
from core.rows import ENTITIES
from core.telling import BRINGS

NEEDED = {
    "requirement": "requirement.edit",
    "requirement_link": "requirement.edit",
    "requirement_state": "requirement.configure",
    "label": "requirement.edit",
    "checklist": "requirement.edit",
    "checklist_item": "requirement.edit",
    "comment": "comment.write",
    "risk": "risk.edit",
    "risk_link": "risk.edit",
}
"""What can be undone: entity -> the permission to change it. A batch that touched anything else cannot."""

PLACE = frozenset({"state_id", "state_since", "position", "revision"})
"""Columns of a requirement that moving it changes."""

MISSING = say("There is nothing to undo (any more).")
BUILT_ON = say("Somebody has worked on this since. It can't be undone any more.")


@dataclass(frozen=True)
class Undoable:
    """A change that can be undone: when it was, what it did to what, and to how many things."""

    batch: str
    at: datetime
    entity: str
    action: str
    title: str
    count: int


@in_project("change.undo")
def last(actor: Actor, project: str) -> Undoable | None:
    """The actor's own last change of requirements and what belongs to them; None when it can't be undone."""
    reader = reading.reader(actor, project)
    entities.load()
    found = db.row(
        f"""
        SELECT batch, MAX(seq) AS newest
        FROM event
        WHERE project_id = ? AND actor_id = ? AND entity IN ({db.marks(list(NEEDED))})
          AND (before IS NOT NULL OR after IS NOT NULL)
        GROUP BY batch
        ORDER BY newest DESC
        LIMIT 1
        """,
        [project, actor.id, *NEEDED],
    )
    if found is None:
        return None
    with db.database().snapshot() as cursor:
        tx = db.Transaction(cursor, actor, None, None)
        try:
            steps = _steps(tx, actor, reader, project, found["batch"])
        except (Conflict, NotFound, Refused):
            return None
    first = steps[-1]
    title = db.value("SELECT title FROM subject WHERE id = ?", [first["subject_id"]]) or ""
    return Undoable(
        found["batch"], first["recorded_at"], first["entity"], first["action"], title,
        len({step["entity_id"] for step in steps}),
    )  # fmt: skip


@in_project("change.undo")
def undo(actor: Actor, project: str, batch: str) -> int:
    """Take back one's own change; how many rows are as before. All of it or nothing.

    Raises NotFound when there is no such change of the actor's, Conflict when something was built on
    it, Refused where the actor may not make the change that undoes it.
    """
    reader = reading.reader(actor, project)
    entities.load()
    with db.write(actor) as tx:
        steps = _steps(tx, actor, reader, project, batch)
        for step in steps:
            _reverse(tx, step)
        return len({step["entity_id"] for step in steps})


def _steps(tx: db.Transaction, actor: Actor, reader: Reader, project: str, batch: str) -> list[dict[str, Any]]:
    """The events to reverse, the newest first, after everything that speaks against it was asked."""
    events = tx.rows(
        """
        SELECT seq, recorded_at, actor_id, project_id, entity, entity_id, subject_id, action, before, after
        FROM event
        WHERE batch = ? AND (before IS NOT NULL OR after IS NOT NULL)
        ORDER BY seq DESC
        """,
        [batch],
    )
    if not events or any(e["project_id"] != project or e["actor_id"] != actor.id for e in events):
        raise NotFound(MISSING)
    # The first card of a project brings the columns, the first risk its categories; they stay.
    brought = {kind for e in events for kind in BRINGS.get(e["entity"], ())}
    events = [e for e in events if not (e["entity"] in brought and e["before"] is None)]
    if any(e["entity"] not in NEEDED for e in events):
        raise Conflict(say("This can't be undone here."))
    for event in events:
        for side in ("before", "after"):
            event[side] = None if event[side] is None else json.loads(event[side])
        _check_right(tx, actor, reader, project, event)
    _check_free(tx, events)
    return events


def _check_right(tx: db.Transaction, actor: Actor, reader: Reader, project: str, event: dict[str, Any]) -> None:
    """Raise where the actor could not make the change by hand, or where it does not exist for them."""
    entity, before, after = event["entity"], event["before"], event["after"]
    needed = NEEDED[entity]
    if entity == "requirement":
        if before is None:
            needed = "requirement.create"
        elif after is not None and set(after) <= PLACE:
            needed = "requirement.move"
    elif entity == "comment" and (_now(tx, event) or before or {}).get("internal"):
        needed = "note.write"
    access.require(actor, needed, project)
    own = reader.standing
    if not all(own.cleared(side["clearance"]) for side in (before, after) if side and "clearance" in side):
        raise NotFound(MISSING)
    touched = tx.rows(
        "SELECT id, clearance, class_id FROM subject WHERE id IN (?, ?)", [event["subject_id"], event["entity_id"]]
    )
    if not all(reader.sees(Thing(**line)) for line in touched):
        raise NotFound(MISSING)


def _check_free(tx: db.Transaction, events: Sequence[dict[str, Any]]) -> None:
    """Raise Conflict when a row has moved on since, or something hangs on a row that would go."""
    newest: dict[str, int] = {}
    for event in events:
        newest[event["entity_id"]] = max(event["seq"], newest.get(event["entity_id"], 0))
    ids = list(newest)
    for later in tx.rows(
        f"""
        SELECT entity_id, MAX(seq) AS seq
        FROM event
        WHERE entity_id IN ({db.marks(ids)}) AND (before IS NOT NULL OR after IS NOT NULL)
        GROUP BY entity_id
        """,
        ids,
    ):
        if later["seq"] > newest[later["entity_id"]]:
            raise Conflict(BUILT_ON)
    for event in events:
        if event["before"] is None and _held(tx, event, ids):
            raise Conflict(BUILT_ON)
        if event["after"] is None:
            _check_place(tx, event)
        elif event["before"] and "state_id" in event["before"]:
            _check_column(tx, event["before"]["state_id"])


HANGING = (
    ("comment", "subject_id"), ("checklist", "requirement_id"), ("checklist_item", "checklist_id"),
    ("attachment", "requirement_id"), ("requirement_link", "requirement_id"), ("requirement_link", "target_id"),
    ("requirement", "state_id"), ("risk_link", "risk_id"), ("risk_link", "target_id"),
)  # fmt: skip


def _held(tx: db.Transaction, event: dict[str, Any], together: Sequence[str]) -> bool:
    """Whether something that stays hangs on a row that would go."""
    return any(
        tx.value(
            f"SELECT COUNT(*) FROM {table} WHERE {column} = ? AND id NOT IN ({db.marks(together)})",
            [event["entity_id"], *together],
        )
        for table, column in HANGING
    )


def _check_place(tx: db.Transaction, event: dict[str, Any]) -> None:
    """Raise Conflict when what a removed row belonged to is gone, or the same stands there again."""
    row = event["before"]
    subjects = {row[c] for c in ("subject_id", "requirement_id", "risk_id", "target_id") if c in row}
    for subject in subjects:
        if not tx.value("SELECT COUNT(*) FROM subject WHERE id = ?", [subject]):
            raise Conflict(BUILT_ON)
    if "checklist_id" in row and not tx.value("SELECT COUNT(*) FROM checklist WHERE id = ?", [row["checklist_id"]]):
        raise Conflict(BUILT_ON)
    if "state_id" in row:
        _check_column(tx, row["state_id"])
    if event["entity"] == "requirement_link" and tx.value(
        "SELECT COUNT(*) FROM requirement_link WHERE requirement_id = ? AND target_id = ? AND kind = ?",
        [row["requirement_id"], row["target_id"], row["kind"]],
    ):
        raise Conflict(BUILT_ON)


def _check_column(tx: db.Transaction, state: str) -> None:
    if not tx.value("SELECT COUNT(*) FROM requirement_state WHERE id = ? AND NOT archived", [state]):
        raise Conflict(say("The column it came from is gone."))


def _reverse(tx: db.Transaction, event: dict[str, Any]) -> None:
    entity = ENTITIES[event["entity"]]
    before = event["before"]
    if before is not None and event["after"] is None:
        tx.insert(entity.loaded(entity.remembered(before)), action="undone")
        return
    row: Any = tx.get(entity.type, event["entity_id"])
    if before is None:
        tx.delete(row, action="undone")
        return
    was = entity.loaded(entity.values(row) | entity.remembered(before))
    tx.update(row, action="undone", **{name: getattr(was, name) for name in before if name != "revision"})


def _now(tx: db.Transaction, event: dict[str, Any]) -> dict[str, Any] | None:
    entity = ENTITIES[event["entity"]]
    found: list[Any] = tx.all_of(entity.type, "WHERE id = ?", [event["entity_id"]])
    return entity.values(found[0]) if found else None

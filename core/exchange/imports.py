"""Imports, whatever system they come from: which there were, what each did, how one is undone.

An importer works through `Intake` (core/exchange/intake.py), which remembers which thing of the other
system is which row here (`import_record`), so that a second run updates. These records are places, not
facts: what a run did to rows stands in the ledger, in the batch that has the run's id.
"""

from __future__ import annotations

import json
import typing
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import access, db
from core.access import Actor, Standing, in_project, open_to_all
from core.errors import Conflict, NotFound
from core.language import Message, say
from core.rows import ENTITIES, entity, entity_of

db.unledgered("import_record")


@dataclass(frozen=True)
class Noted:
    """One thing that a run names: dropped, kept or changed on the way. `name` is for people."""

    kind: str
    id: str
    reason: Message
    name: str = ""

    @property
    def stored(self) -> dict[str, Any]:
        """As JSON, the reason without a language."""
        return {"kind": self.kind, "id": self.id, "name": self.name, "reason": _kept_message(self.reason)}

    @classmethod
    def loaded(cls, found: Mapping[str, Any]) -> Noted:
        """From JSON."""
        return cls(found["kind"], found["id"], _read_message(found["reason"]), found["name"])


@entity("import_run")
@dataclass(frozen=True)
class Run:
    """One import that was done. Counts are kind -> number; `undone_at` when it was taken back."""

    id: str
    project_id: str
    system: str
    source_id: str
    source_name: str
    file_name: str
    sha256: str
    read: dict[str, int]
    created: dict[str, int]
    updated: dict[str, int]
    unchanged: dict[str, int]
    dropped: tuple[dict[str, Any], ...]
    remarks: tuple[dict[str, Any], ...]
    account_id: str | None
    account_name: str
    created_at: datetime
    undone_at: datetime | None
    revision: int

    @property
    def left_out(self) -> list[Noted]:
        """What was dropped, with its reasons."""
        return [Noted.loaded(one) for one in self.dropped]

    @property
    def told(self) -> list[Noted]:
        """What came in otherwise than it stood there."""
        return [Noted.loaded(one) for one in self.remarks]


@dataclass(frozen=True)
class Undone:
    """What taking back a run did: kind -> number, and what stays with the reason."""

    reversed: dict[str, int]
    kept: tuple[Noted, ...]


@dataclass(frozen=True)
class Record:
    """Which row a thing of another system is. `imported`: column -> digest of what came."""

    id: str
    kind: str
    source_id: str
    outcome: str
    entity: str | None
    entity_id: str | None
    imported: dict[str, str]


@open_to_all("it finds an import only where the actor may undo it")
def project_of(actor: Actor, import_id: str) -> str:
    """The project that an import went into. Raises NotFound."""
    project = db.value("SELECT project_id FROM import_run WHERE id = ?", [import_id])
    if project is None or not access.may(actor, "import.run", project):
        raise _no_import()
    return str(project)


@in_project("import.run")
def listed(actor: Actor, project: str) -> list[Run]:
    """The imports into the project, newest first."""
    return db.all_of(Run, "WHERE project_id = ? ORDER BY created_at DESC, id DESC", [project])


@in_project("import.run")
def undo(actor: Actor, project: str, import_id: str) -> Undone:
    """Take back everything that an import did: what it made goes, what it changed is as before.

    Kept and named is what a person has touched since (edited, moved, commented, linked), what a later
    import changed, and what something that stays needs: the column of a card, the parts of a card.
    Raises NotFound, Conflict when it was undone before.
    """
    own = access.standing(actor, project)
    # The events of undoing carry the run's id as their batch: together they are all that a run ever did.
    with db.write(actor, batch=import_id) as tx:
        found = tx.all_of(Run, "WHERE id = ? AND project_id = ?", [import_id, project])
        if not found:
            raise _no_import()
        if found[0].undone_at:
            raise Conflict(say("This import is undone already."))
        undone = _Undoing(tx, found[0], own).done()
        tx.update(found[0], action="undone", about={"team_only": True}, undone_at=tx.at)
        return undone


PARTS_FIRST = ("attachment", "comment", "checklist_item", "checklist", "requirement", "label", "requirement_state")
"""The order in which undoing looks at what it could remove: what hangs on something before that."""

HOLDERS = {"requirement_state": ("requirement", "state_id"), "checklist": ("checklist_item", "checklist_id")}
"""Entity -> the table and column that need it: it stays as long as something there does."""


class _Undoing:
    """Undoing of one run: what it made and changed, what was done since, what has to stay."""

    def __init__(self, tx: db.Transaction, run: Run, own: Standing) -> None:
        self.tx, self.run, self.own = tx, run, own
        self.reversed: Counter[str] = Counter()
        self.kept: list[Noted] = []
        self.reasons: dict[str, Message] = {}
        self.records = [r for r in records(tx, run.project_id, run.system, run.id) if r.outcome != "known"]
        self.before = self._before()
        self._find_touched()

    def done(self) -> Undone:
        """Undo, and say what was kept."""
        made: dict[str, dict[str, Any]] = {}
        # A member's account is who somebody is, nothing that a run made.
        for name in {r.entity for r in self.records if r.entity in ENTITIES and r.entity != "account"}:
            ids = {r.entity_id for r in self.records if r.entity == name}
            table = ENTITIES[str(name)]
            rows: list[Any] = self.tx.all_of(table.type, "WHERE project_id = ?", [self.run.project_id])
            made[table.name] = {row.id: row for row in rows if row.id in ids}
        self._keep_wholes(made)
        order = [name for name in PARTS_FIRST if name in made] + sorted(set(made) - set(PARTS_FIRST))
        for name in order:
            self._remove(name, made[name])
            self._set_back(made[name])
        self._sum_up({row_id for rows in made.values() for row_id in rows})
        return Undone({kind: self.reversed[kind] for kind in self.run.read}, tuple(self.kept))

    def _before(self) -> dict[str, dict[str, Any] | None]:
        """Row -> the columns as they were before this run, or None when the run made it."""
        found: dict[str, dict[str, Any] | None] = {}
        for event in self.tx.rows(
            "SELECT entity_id, before, after FROM event WHERE batch = ? AND entity <> 'import_run' ORDER BY seq",
            [self.run.id],
        ):
            if event["before"] is None:
                found.setdefault(event["entity_id"], None)
            elif (columns := found.setdefault(event["entity_id"], {})) is not None:
                for column, value in json.loads(event["before"]).items():
                    columns.setdefault(column, value)
        return found

    def _find_touched(self) -> None:
        """Rows that somebody, or a later import, changed or hung something on since."""
        last = self.tx.value("SELECT MAX(seq) FROM event WHERE batch = ?", [self.run.id]) or 0
        runs = {
            r["id"]: r["undone_at"] is not None
            for r in self.tx.rows("SELECT id, undone_at FROM import_run WHERE project_id = ?", [self.run.project_id])
        }
        self.touched: dict[str, Message] = {}
        self.hung: dict[str, Message] = {}
        for event in self.tx.rows(
            """
            SELECT DISTINCT batch, actor_name, entity_id, subject_id
            FROM event
            WHERE project_id = ? AND seq > ? AND (before IS NOT NULL OR after IS NOT NULL)
            """,
            [self.run.project_id, last],
        ):
            if runs.get(event["batch"]):
                continue
            if event["batch"] in runs:
                reason = say("A later import changed it. Undo that one first.")
            else:
                reason = say("{name} has worked on it since.", name=event["actor_name"])
            self.touched.setdefault(event["entity_id"], reason)
            if event["subject_id"]:
                self.hung.setdefault(event["subject_id"], reason)
        # Links hang on where they start; where they end counts as well.
        for link in self.tx.rows(
            """
            SELECT l.target_id, r.code
            FROM requirement_link l
            JOIN requirement r ON r.id = l.requirement_id
            WHERE l.project_id = ?
            """,
            [self.run.project_id],
        ):
            self.hung.setdefault(link["target_id"], say("{code} is linked with it.", code=link["code"]))

    def _keep_wholes(self, made: Mapping[str, Mapping[str, Any]]) -> None:
        """Decide what stays: touched rows; with a thing that stays, the parts that came with it."""
        for rows in made.values():
            for row_id, row in rows.items():
                reason = self.touched.get(row_id) or (self.hung.get(row_id) if self._is_made(row_id) else None)
                if reason is None and not self.own.cleared(getattr(row, "clearance", "public")):
                    reason = say("You are not cleared for it.")
                if reason is not None:
                    self.reasons[row_id] = reason
        for name, rows in made.items():
            hangs_on = ENTITIES[name].hangs_on
            for row_id, row in rows.items():
                whole = getattr(row, hangs_on) if hangs_on else None
                if whole in self.reasons and self._is_made(whole) and self._is_made(row_id):
                    self.reasons.setdefault(row_id, say("It belongs to something that is kept."))

    def _is_made(self, row_id: str) -> bool:
        return self.before.get(row_id, {}) is None

    def _remove(self, name: str, rows: Mapping[str, Any]) -> None:
        """Delete what the run made and nothing needs."""
        gone = [row for row_id, row in rows.items() if self._is_made(row_id) and row_id not in self.reasons]
        held: set[str] = set()
        if name in HOLDERS:
            table, column = HOLDERS[name]
            held = {r[column] for r in self.tx.rows(f"SELECT DISTINCT {column} FROM {table}")}
        if name == "label":
            used = {
                r["label"]
                for r in self.tx.rows(
                    """
                    SELECT DISTINCT UNNEST(from_json(labels, '["VARCHAR"]')) AS label
                    FROM requirement
                    WHERE project_id = ?
                    """,
                    [self.run.project_id],
                )
            }
            held = {row.id for row in gone if row.name in used}
        for row in gone:
            if row.id in held:
                self.reasons[row.id] = say("It is still in use.")
        self.tx.delete_many([row for row in gone if row.id not in held])

    def _set_back(self, rows: Mapping[str, Any]) -> None:
        """What the run changed is as before."""
        for row_id, row in rows.items():
            before = self.before.get(row_id)
            if not before or row_id in self.reasons:
                continue
            kind = entity_of(row)
            stored = kind.values(row) | _typed(row, before)
            was = kind.loaded(stored)
            changes = {column: getattr(was, column) for column in before if column != "revision"}
            if "state_id" in changes and not self._stands("requirement_state", changes["state_id"]):
                self.reasons[row_id] = say("The column it came from is gone.")
                continue
            self.tx.update(row, action="restored", **changes)

    def _stands(self, table: str, row_id: str) -> bool:
        return bool(self.tx.value(f"SELECT COUNT(*) FROM {table} WHERE id = ?", [row_id]))

    def _sum_up(self, standing: set[str]) -> None:
        """Count by kind; forget the records of what is gone, keep those of what stays."""
        forgotten = []
        for record in self.records:
            reason = self.reasons.get(record.entity_id or "")
            if reason is None or (record.entity_id not in standing and record.entity != "account"):
                self.reversed[record.kind] += 1
                forgotten.append(record)
                continue
            own_id = record.source_id if record.kind == "moves" else str(record.entity_id)
            self.kept.append(Noted(record.kind, own_id, reason, self._name(record)))
        stays = {record.id for record in self.records} - {record.id for record in forgotten}
        lines = self.tx.rows("SELECT id FROM import_record WHERE run_id = ?", [self.run.id])
        self.tx.clear("import_record", [line["id"] for line in lines if line["id"] not in stays])

    def _name(self, record: Record) -> str:
        found = self.tx.rows("SELECT code, title FROM subject WHERE id = ?", [record.entity_id])
        if found:
            return " ".join(filter(None, (found[0]["code"], found[0]["title"])))
        return ""


def _typed(row: object, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Values as an event holds them, as the database has them: moments and days were texts there."""
    hints = typing.get_type_hints(type(row))
    typed: dict[str, Any] = {}
    for column, value in recorded.items():
        kinds = {hints[column], *typing.get_args(hints[column])}
        if isinstance(value, str) and datetime in kinds:
            typed[column] = datetime.fromisoformat(value)
        elif isinstance(value, str) and date in kinds:
            typed[column] = date.fromisoformat(value)
        else:
            typed[column] = value
    return typed


# For importers, inside a transaction of their own.


def records(tx: db.Transaction, project: str, system: str, run_id: str | None = None) -> Iterable[Record]:
    """Records of a project, older runs first; of one run when it is named."""
    for r in tx.rows(
        """
        SELECT id, kind, source_id, outcome, entity, entity_id, imported
        FROM import_record
        WHERE project_id = ? AND system = ? AND (? IS NULL OR run_id = ?)
        ORDER BY id
        """,
        [project, system, run_id, run_id],
    ):
        yield Record(**r | {"imported": json.loads(r["imported"])})


def _kept_message(message: Message) -> dict[str, Any]:
    """A message as JSON: its language is decided when it is read."""
    values = {k: _kept_message(v) if isinstance(v, Message) else v for k, v in message.values.items()}
    return {"id": message.id, "values": values}


def _read_message(found: Mapping[str, Any]) -> Message:
    return Message(found["id"], {k: _read_message(v) if isinstance(v, dict) else v for k, v in found["values"].items()})


def _no_import() -> NotFound:
    return NotFound(say("There is no such import."))

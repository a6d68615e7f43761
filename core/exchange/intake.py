"""One run of an importer, inside a transaction: counts, remembers, and tells new from known.

What it does when both sides moved, as people who work on both sides expect it:

- what changed there and not here comes in; what changed here and not there stays;
- what changed on both sides stays as it is here, and the run tells it (a remark);
- what somebody removed here does not come back; what is gone there stays here.

A digest of each imported column tells the two sides apart.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from core import db
from core.access import Actor, Standing
from core.exchange.imports import Noted, Record, Run, records
from core.ids import new_id
from core.language import Message, say
from core.rows import canonical, entity_of

T = TypeVar("T")


class Intake:
    """One run of an importer: counts, remembers, and tells new from known."""

    def __init__(
        self, tx: db.Transaction, own: Standing, project: str, system: str, kinds: Sequence[str],
        progress: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self.tx, self.own, self.project, self.system, self.kinds = tx, own, project, system, kinds
        self.counts = {outcome: Counter[str]() for outcome in ("created", "updated", "unchanged", "dropped")}
        self.dropped: list[Noted] = []
        self.remarks: list[Noted] = []
        self.known = {(r.kind, r.source_id): r for r in records(tx, project, system)}
        self.fresh: dict[tuple[str, str], Record] = {}
        self._rows: dict[type, dict[str, Any]] = {}
        self._stories: list[Sequence[db.Form]] = []
        self._progress = progress or (lambda: None)

    def rows(self, kind: type[T]) -> dict[str, T]:
        """Every row of the project of one kind, by id; read once and kept up to date."""
        if kind not in self._rows:
            found = self.tx.all_of(kind, "WHERE project_id = ?", [self.project])
            self._rows[kind] = {row.id: row for row in found}  # type: ignore[attr-defined]
        return self._rows[kind]

    def row(self, kind: type[T], record: Record) -> T | None:
        """The row that a record names; None when it is gone, or does not exist for this actor."""
        found = self.rows(kind).get(record.entity_id or "")
        return found if found is not None and self.own.cleared(getattr(found, "clearance", "public")) else None

    def count(self, outcome: str, kind: str) -> None:
        """One more thing that was read, and what became of it."""
        self.counts[outcome][kind] += 1
        self._progress()

    def drop(self, kind: str, source_id: str, reason: Message, name: str = "") -> None:
        """Leave a thing out, and say why."""
        self.dropped.append(Noted(kind, source_id, reason, name))
        self.count("dropped", kind)

    def remark(self, kind: str, source_id: str, reason: Message, name: str = "") -> None:
        """Tell something of a thing that comes in."""
        self.remarks.append(Noted(kind, source_id, reason, name))

    def record(
        self, kind: str, source_id: str, outcome: str, entity_name: str | None, entity_id: str | None,
        imported: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Remember which row a thing is."""
        self.fresh[(kind, source_id)] = self.known[(kind, source_id)] = Record(
            new_id(), kind, source_id, outcome, entity_name, entity_id, imported or {}
        )

    def create(self, kind: str, source_id: str, story: Sequence[db.Form], imported: Mapping[str, Any]) -> Any:
        """Add a row with its story; the row as it stands."""
        row = story[-1][0]
        self._stories.append(story)
        if type(row) in self._rows:
            self._rows[type(row)][row.id] = row
        digests = {column: digest(value) for column, value in imported.items()}
        self.record(kind, source_id, "created", entity_of(row).name, row.id, digests)
        self.count("created", kind)
        return row

    def update(
        self, kind: str, source_id: str, row: T, values: Mapping[str, Any], *,
        changed: bool = False, name: str = "", keep: frozenset[str] = frozenset(),
    ) -> T:  # fmt: skip
        """Bring what changed there since the last run to a known row; what a person changed here stays.

        `changed`: something else of it was changed in this run already. `keep`: columns that stay as
        they are without a word.
        """
        last = self.known[(kind, source_id)].imported
        digests = {column: digest(value) for column, value in values.items()}
        changes = {}
        for column, value in values.items():
            if last.get(column) == digests[column] or column in keep:
                continue
            current = getattr(row, column)
            if current != value and column in last and digest(current) != last[column]:
                self.remark(kind, source_id, say(
                    "“{column}” was changed in Accord and in the other system; Accord's stays.",
                    column=COLUMNS.get(column, column)), name)  # fmt: skip
            elif current != value:
                changes[column] = value
        if changes:
            row = self.change(row, "ordered" if set(changes) == {"position"} else "changed", {}, **changes)
        if changes or changed:
            self.record(kind, source_id, "updated", entity_of(row).name, row.id, last | digests)  # type: ignore[attr-defined]
            self.count("updated", kind)
        else:
            if digests != {column: last.get(column) for column in digests}:
                self.record(kind, source_id, "known", entity_of(row).name, row.id, last | digests)  # type: ignore[attr-defined]
            self.count("unchanged", kind)
        return row

    def change(self, row: T, action: str, about: dict[str, Any], **changes: Any) -> T:
        """Change a row that stood before this run."""
        fresh = self.tx.update(row, action=action, about=about, **changes)
        if type(row) in self._rows:
            self._rows[type(row)][fresh.id] = fresh  # type: ignore[attr-defined]
        return fresh

    def flush(self) -> None:
        """Write the new rows; called after each kind, so that events stand in an order that reads well."""
        self.tx.insert_many(self._stories)
        self._stories.clear()

    def finish(
        self, actor: Actor, *, run_id: str, source_id: str, source_name: str, file_name: str, sha256: str
    ) -> Run:
        """Write the run and what it remembers."""
        self.flush()
        by_outcome = {outcome: {kind: counted[kind] for kind in self.kinds} for outcome, counted in self.counts.items()}
        read = {kind: sum(counted[kind] for counted in by_outcome.values()) for kind in self.kinds}
        self.tx.fill(
            "import_record",
            ("id", "run_id", "project_id", "system", "kind", "source_id", "outcome", "entity", "entity_id", "imported"),
            [
                (r.id, run_id, self.project, self.system, r.kind, r.source_id, r.outcome, r.entity, r.entity_id,
                 canonical(r.imported))
                for r in self.fresh.values()
            ],
        )  # fmt: skip
        run = Run(
            id=run_id, project_id=self.project, system=self.system, source_id=source_id, source_name=source_name,
            file_name=file_name, sha256=sha256, read=read, created=by_outcome["created"],
            updated=by_outcome["updated"], unchanged=by_outcome["unchanged"],
            dropped=tuple(one.stored for one in self.dropped), remarks=tuple(one.stored for one in self.remarks),
            account_id=actor.id if actor.kind == "person" else None, account_name=actor.name,
            created_at=self.tx.at, undone_at=None, revision=1,
        )  # fmt: skip
        # Its counts and names tell of cards that a client may not be cleared for.
        return self.tx.insert(run, action="imported", team_only=True)


COLUMNS: dict[str, Message] = {
    "title": say("Title"),
    "name": say("Name"),
    "statement": say("Statement"),
    "labels": say("Labels"),
    "due": say("Due"),
    "owner_id": say("Owner"),
    "priority": say("Priority"),
    "constraints": say("Constraints"),
    "archived": say("Archived"),
    "position": say("Order"),
    "state_id": say("Column"),
    "text": say("Text"),
    "done": say("Done"),
}
"""Columns by the words that people know them by."""


def digest(value: object) -> str:
    """A short sign of a value: equal values have equal ones."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]

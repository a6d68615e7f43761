"""`accord verify`: whether the file holds what its events say, and whether its events are whole.

Events are read once, in order: numbers without gaps, each hash made from the one before, the newest
signed by this installation and not older than the head that stands outside the file. On the way
every row is made anew from its events; at the end each table is compared with that, row by row,
column by column. What an attacker could still do, with which keys, is in docs/security.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core import chain, db, entities
from core.chain import Head
from core.rows import ENTITIES, Entity

MOST_PROBLEMS = 1000  # that are listed; a broken chain would otherwise name every event after it
BATCH = 2000

OWN = {
    "event": (*db.EVENT_COLUMNS, "hash", "signature"),
    "ledger_head": ("id", "seq", "hash", "signature"),
    "subject": db.SUBJECT_COLUMNS,
}
"""The tables that the ledger is made of, with their columns."""

KINDS = ("event", "chain", "head", "row", "subject", "table", "object")
"""What a problem is about."""


@dataclass(frozen=True)
class Problem:
    """Something that is not as the events say: of which kind, where, and what."""

    kind: str
    where: str
    what: str


@dataclass(frozen=True)
class Verified:
    """The outcome: how many events there are, the newest one's hash, what is wrong, how many documents."""

    ok: bool
    events: int
    head: str
    problems: tuple[Problem, ...]
    documents: int = 0


def checked(cursor: Any) -> Verified:
    """Compare the whole database, as the cursor's transaction sees it, with its ledger.

    Every kind of row has to be known by then (core/entities.py); vault/verifying.py, which asks for
    the permission, sees to that.
    """
    entities.load()
    check = _Check()
    if check.foundations(cursor):
        return Verified(False, 0, "", tuple(check.problems))
    head = check.events(cursor)
    check.heads(cursor, head)
    check.tables(cursor)
    check.subjects(cursor)
    return Verified(not check.problems, head.seq, head.hash, tuple(check.problems[:MOST_PROBLEMS]))


def head_fits(held: db.Database) -> bool:
    """Whether the head outside is signed by us and stands in the table: the quick look, for `/healthz`.

    It may be a moment behind the newest event, never ahead of it.
    """
    cursor = held.cursor()
    outside = held.seal.published()
    if outside is None:
        return cursor.execute("SELECT COUNT(*) FROM ledger_head").fetchone() == (0,) and not held.seal.is_there()
    return held.seal.holds(outside) and cursor.execute(
        "SELECT hash FROM event WHERE seq = ?", [outside.seq]
    ).fetchone() == (outside.hash,)


class _Check:
    """One pass: the rows as their events make them, and what was found wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}

    def say(self, kind: str, where: str, what: str) -> None:
        self.problems.append(Problem(kind, where, what))

    # what the ledger is made of

    def foundations(self, cursor: Any) -> list[str]:
        """The ledger's own tables; those that are missing, without which nothing can be compared."""
        present = _columns(cursor)
        missing = [name for name in OWN if name not in present]
        for name in missing:
            self.say("table", name, "is missing")
        for name, columns in OWN.items():
            if name in present and (wrong := present[name] ^ set(columns)):
                self.say("table", name, f"its columns are not Accord's: {', '.join(sorted(wrong))}")
                if set(columns) - present[name]:
                    missing.append(name)
        return missing

    # events

    def events(self, cursor: Any) -> Head:
        """Read the chain, and play it into rows; the newest head."""
        head, expected = chain.START, 1
        for record in read(cursor, f"SELECT {', '.join(db.EVENT_COLUMNS)}, hash, signature FROM event ORDER BY seq"):
            where = f"event {record['seq']}"
            if record["seq"] != expected:
                self.say("chain", where, f"expected event {expected}: events are missing or out of order")
            event = {name: record[name] for name in db.EVENT_COLUMNS}
            if not chain.form_of(head, event, record["hash"]):
                self.say("event", where, "does not match its hash: it was changed, or what came before it was")
            # Going on from the hash that stands there names one place, not every event after it.
            head, expected = Head(record["seq"], record["hash"], record["signature"] or ""), record["seq"] + 1
            if head.signature and not db.database().seal.holds(head):
                self.say("event", where, "its signature is not this installation's")
            self._play(where, record)
        return head

    def _play(self, where: str, record: dict[str, Any]) -> None:
        if record["entity"] not in ENTITIES:
            return
        try:
            before = json.loads(record["before"]) if record["before"] is not None else None
            after = json.loads(record["after"]) if record["after"] is not None else None
        except ValueError:
            self.say("event", where, "its content is not readable")
            return
        if not all(content is None or isinstance(content, dict) for content in (before, after)):
            self.say("event", where, "its content is not readable")
            return
        of_kind = self.rows.setdefault(record["entity"], {})
        standing = of_kind.get(record["entity_id"])
        if before is None and after is not None and "id" in after:
            if standing is not None:
                self.say("event", where, f"makes {record['entity']} {record['entity_id']} a second time")
            of_kind[record["entity_id"]] = after
        elif before is not None and after is not None:
            if standing is None or any(standing.get(name) != value for name, value in before.items()):
                self.say("event", where, f"does not follow from what {record['entity']} {record['entity_id']} was")
            of_kind[record["entity_id"]] = {**(standing or {}), **after}
        elif before is not None:
            of_kind.pop(record["entity_id"], None)

    # the newest head

    def heads(self, cursor: Any, head: Head) -> None:
        """The head in the file, its signature, and the one outside."""
        seal = db.database().seal
        if head.seq and not head.signature:
            self.say("head", f"event {head.seq}", "the newest event is not signed: the end was cut off or added to")
        stored = cursor.execute("SELECT id, seq, hash, signature FROM ledger_head").fetchall()
        if head.seq and stored != [(1, head.seq, head.hash, head.signature)]:
            self.say("head", "ledger_head", "is not the newest event: the end of the ledger was changed")
        if not head.seq and stored:
            self.say("head", "ledger_head", "names an event, but there is none")
        outside = seal.published()
        if outside is None:
            if head.seq:
                self.say("head", chain.HEAD_FILE, "is missing or unreadable")
        elif not seal.holds(outside):
            self.say("head", chain.HEAD_FILE, "is not signed by this installation")
        elif outside.seq > head.seq:
            self.say(
                "head", chain.HEAD_FILE, f"knows event {outside.seq}, the file ends at {head.seq}: the end was cut off"
            )
        elif outside.seq:
            found = cursor.execute("SELECT hash FROM event WHERE seq = ?", [outside.seq]).fetchone()
            if found is None or found[0] != outside.hash:
                self.say("head", f"event {outside.seq}", f"is not the one that {chain.HEAD_FILE} was signed for")

    # rows

    def tables(self, cursor: Any) -> None:
        """Each table against the rows that its events make."""
        present = _columns(cursor)
        for name in sorted(set(present) - db.unledgered_tables() - set(ENTITIES)):
            self.say("table", name, "is not one of Accord's")
        for name, entity in sorted(ENTITIES.items()):
            if name not in present:
                self.say("table", name, "is missing")
            elif wrong := present[name] ^ set(entity.columns):
                self.say("table", name, f"its columns are not Accord's: {', '.join(sorted(wrong))}")
            else:
                self._table(cursor, entity)

    def _table(self, cursor: Any, entity: Entity) -> None:
        expected = dict(self.rows.get(entity.name, {}))
        for record in read(cursor, f"SELECT {', '.join(entity.columns)} FROM {entity.table}"):
            where = f"{entity.name} {record['id']}"
            made = expected.pop(record["id"], None)
            if made is None:
                self.say("row", where, "was added behind Accord's back, or stands twice")
                continue
            stands = entity.recorded(record)
            wrong = sorted(name for name in stands if stands[name] != made.get(name))
            if wrong:
                self.say("row", where, f"was changed behind Accord's back: {', '.join(wrong)}")
        for row_id in expected:
            self.say("row", f"{entity.name} {row_id}", "was removed behind Accord's back")

    def subjects(self, cursor: Any) -> None:
        """The lines in `subject` against the rows that they name."""
        expected: dict[str, list[Any]] = {}
        for entity in ENTITIES.values():
            if entity.subject:
                for values in self.rows.get(entity.name, {}).values():
                    if "id" not in values:
                        continue  # its first event is gone, which has been told
                    expected[values["id"]] = db.subject_of(entity, values)
        for record in read(cursor, f"SELECT {', '.join(db.SUBJECT_COLUMNS)} FROM subject"):
            made = expected.pop(record["id"], None)
            if made != list(record.values()):
                self.say("subject", f"{record['entity']} {record['id']}", "is not what its row says")
        for row_id, made in expected.items():
            self.say("subject", f"{made[2]} {row_id}", "is missing")


def _columns(cursor: Any) -> dict[str, set[str]]:
    """Table -> its columns; one of another schema than ours with that before its name."""
    present: dict[str, set[str]] = {}
    for schema, table, column in cursor.execute(
        """
        SELECT table_schema, table_name, column_name
        FROM information_schema.columns
        WHERE table_catalog = current_database() AND table_schema NOT IN ('information_schema', 'pg_catalog')
        """
    ).fetchall():
        present.setdefault(table if schema == "main" else f"{schema}.{table}", set()).add(column)
    return present


def read(cursor: Any, sql: str, params: Any = ()) -> Iterator[dict[str, Any]]:
    """Records of a query, a batch at a time."""
    found = cursor.execute(sql, params)
    names = [column[0] for column in found.description]
    while batch := found.fetchmany(BATCH):
        for record in batch:
            yield dict(zip(names, record, strict=True))

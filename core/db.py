"""The database: one DuckDB file, opened once a process; reads by cursor, writes through `write`.

`write` is the one way to change anything: a row and its event in one transaction, chained by hash
(core/chain.py). Measured facts behind the shape (docs/decisions.md): a connection shared between
threads returns other threads' rows, so each read has a cursor of its own; a COMMIT after a failed
statement says OK and writes nothing, so an exception always leaves the block.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import duckdb

from core import chain
from core.chain import Head, Seal
from core.errors import NotFound, Stale, Unavailable
from core.ids import new_id, now
from core.language import say
from core.rows import ENTITIES, Entity, canonical, entity_of

if TYPE_CHECKING:
    from core.access import Actor

log = logging.getLogger(__name__)

FILE_NAME = "accord.duckdb"
SCHEMA = Path(__file__).parent / "schema"

# The file stays readable by DuckDB 1.5, a way back; and long text loads ten times faster than with
# the default compression of 2.0.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.0.0",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

EVENT_COLUMNS = (
    "seq", "id", "happened_at", "recorded_at", "actor_id", "actor_name", "on_behalf", "project_id", "batch",
    "entity", "entity_id", "subject_id", "team_only", "action", "note", "before", "after",
)  # fmt: skip
"""The columns of an event that its hash covers, in the order of the table."""

GONE = say("This does not exist (any more).")
"""The answer for an id that there is not, or that does not exist for the one who asks."""
SUBJECT_COLUMNS = ("id", "project_id", "entity", "code", "title", "clearance", "class_id")
SUBJECT_SOURCES = frozenset(SUBJECT_COLUMNS) | {"name", "internal"}
"""The columns of a row that its line in `subject` is made of (`subject_of`)."""

TEAM_ONLY = "team-only"
"""In `subject`, the class of what is internal: roles without note.read read nothing of it (core/reading.py)."""

MAY_HANG_ON_OWN = frozenset({"risk_id", "subject_id"})
"""Columns by which rows hang on something that may be the team's own."""

T = TypeVar("T")
Params = Sequence[Any]
Rows = Callable[[str, list[Any]], list[dict[str, Any]]]
"""`rows` of the database or of a transaction: how a read is given to what serves both."""
Form = tuple[Any, str, dict[str, Any]]
"""A row at one moment, the action that made it so, and what else the event says (see `Transaction.event`)."""


class Database:
    """The open file of one data folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.seal = Seal(home)
        self._root = _connect(home / FILE_NAME)
        self._writing = threading.RLock()
        self._commits = 0
        self._changes: Counter[str] = Counter()  # commits that changed rows of a kind
        self._known: dict[tuple[str, ...], tuple[tuple[int, ...], dict[Hashable, Any]]] = {}
        _migrate(self._root)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of one's own: its own transaction, 10 µs."""
        return self._root.cursor()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One writer at a time; commits at the end, rolls back on any exception.

        Raises Unavailable when the file can't be written (a full disk). After a fatal error DuckDB
        refuses everything until the file is opened anew, which is done here: what was committed
        stands, measured.
        """
        with self._writing:
            cursor = self.cursor()
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield cursor
                cursor.execute("COMMIT")
                self._commits += 1
            except duckdb.FatalException as error:
                self._root.close()
                self._root = _connect(self.home / FILE_NAME)
                self._known = {}  # whether that commit reached the disk is not known
                raise _unwritable(error) from error
            except (duckdb.IOException, duckdb.TransactionException) as error:
                _roll_back(cursor)
                raise _unwritable(error) from error
            except BaseException:
                _roll_back(cursor)
                raise
            finally:
                cursor.close()

    @contextmanager
    def snapshot(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Several reads of one moment; no writer waits for them, and they for none."""
        cursor = self.cursor()
        cursor.execute("BEGIN TRANSACTION")
        try:
            yield cursor
        finally:
            _roll_back(cursor)
            cursor.close()

    def changed(self, kinds: Iterable[str]) -> None:
        """Count a commit that changed rows of these kinds."""
        self._changes.update(kinds)

    def known(self, key: Hashable, read: Callable[[], T], *, of: tuple[str, ...] = ()) -> T:
        """What `read` answers, asked once between two commits: this process is the only one that writes.

        With `of`, the kinds of rows that the answer rests on alone, between two commits that change some of
        these; a change of columns that the ledger leaves out (`volatile`) does not count as one. The counts are taken before the question, so that an answer from before a commit is never
        given after it. None is not kept: who tries keys that there are not fills no memory.
        """
        counts = tuple(self._changes[kind] for kind in of) if of else (self._commits,)
        answers = self._known.get(of)
        if answers is None or answers[0] != counts:
            answers = self._known[of] = (counts, {})
        found = answers[1].get(key)
        if found is None and (found := read()) is not None:
            answers[1][key] = found
        return cast(T, found)

    def close(self) -> None:
        """Write everything into the file and let go of it."""
        with self._writing:
            self._root.close()


_open: Database | None = None


def open_home(home: Path) -> Database:
    """Open (or create) the database of the data folder `home` for this process.

    Raises Unavailable when another process holds it, or the folder can't be written.
    """
    global _open
    if _open is not None:
        raise RuntimeError(f"{_open.home} is open already")
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (home / FILE_NAME).exists():
            home.chmod(0o700)  # also one that was made by hand: what comes into it is nobody else's to read
        _open = Database(home)
    except PermissionError as error:
        raise Unavailable(
            say(
                "The data folder {home} can't be written. Give this account the right, or name another with --home.",
                home=str(home),
            )
        ) from error
    except OSError as error:
        raise unusable(home, error) from error
    except duckdb.Error as error:
        raise _unwritable(error) from error
    return _open


def unusable(home: Path, error: OSError) -> Unavailable:
    """What to say when the system refuses something in the data folder: full, read-only, not a folder."""
    return Unavailable(
        say(
            "The data folder {home} can't be used: {reason}. Mend that, or name another with --home.",
            home=str(home), reason=error.strerror or str(error),
        )
    )  # fmt: skip


def close() -> None:
    """Close this process's database, if one is open."""
    global _open
    if _open is not None:
        _open.close()
        _open = None


def is_open() -> bool:
    """Whether this process holds a data folder."""
    return _open is not None


def database() -> Database:
    """The open database. A programming error when there is none."""
    if _open is None:
        raise RuntimeError("no data folder is open")
    return _open


def rows(sql: str, params: Params = ()) -> list[dict[str, Any]]:
    """All records of a query, as dicts."""
    return _records(database().cursor(), sql, params)


def row(sql: str, params: Params = ()) -> dict[str, Any] | None:
    """The first record of a query, or None."""
    found = rows(sql, params)
    return found[0] if found else None


def value(sql: str, params: Params = ()) -> Any:
    """The first column of the first record, or None."""
    found = database().cursor().execute(sql, params).fetchone()
    return found[0] if found else None


def all_of(kind: type[T], where: str = "", params: Params = ()) -> list[T]:
    """Every row of a kind; `where` is the rest of the statement after FROM."""
    entity = entity_of(kind)
    return [entity.loaded(r) for r in rows(_select(entity, where), params)]


def one_of(kind: type[T], where: str, params: Params) -> T | None:
    """The first row of a kind that `where` finds, or None."""
    found = all_of(kind, where, params)
    return found[0] if found else None


class Transaction:
    """A transaction that pairs each change of a row with its event."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, actor: Actor, at: datetime | None, batch: str | None) -> None:
        self._cursor = cursor
        self._actor = actor
        self.at = at or now()
        self.batch = batch or new_id()
        self._events: list[dict[str, Any]] = []
        self._own: dict[str, bool] = {}  # subject -> whether it is the team's own

    # reads, inside the transaction

    def rows(self, sql: str, params: Params = ()) -> list[dict[str, Any]]:
        """All records of a query."""
        return _records(self._cursor, sql, params)

    def value(self, sql: str, params: Params = ()) -> Any:
        """The first column of the first record, or None."""
        found = self._cursor.execute(sql, params).fetchone()
        return found[0] if found else None

    def all_of(self, kind: type[T], where: str = "", params: Params = ()) -> list[T]:
        """Every row of a kind; `where` is the rest of the statement after FROM."""
        entity = entity_of(kind)
        return [entity.loaded(r) for r in self.rows(_select(entity, where), params)]

    def get(self, kind: type[T], row_id: str) -> T:
        """The row with this id. Raises NotFound."""
        found = self.all_of(kind, "WHERE id = ?", [row_id])
        if not found:
            raise NotFound(GONE)
        return found[0]

    # writes: row and event together

    def insert(self, fresh: T, *, action: str = "created", **about: Any) -> T:
        """Add a row. `about`: note, at, on_behalf, project, team_only (see `event`)."""
        entity = entity_of(fresh)
        values = entity.values(fresh)
        self._cursor.execute(
            f"INSERT INTO {entity.table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
            list(values.values()),
        )
        self._keep_subject(entity, values)
        self._append(entity, values, action, None, entity.recorded(values), about)
        return fresh

    def update(
        self,
        seen: T,
        *,
        revision: int | None = None,
        action: str = "changed",
        about: dict[str, Any] | None = None,
        **changes: Any,
    ) -> T:
        """Change columns of a row and count its `revision` up.

        `revision` is the one the writer saw; Stale is raised when the row has moved on since. A
        change that changes nothing writes nothing.
        """
        entity = entity_of(seen)
        current = self.get(type(seen), seen.id)  # type: ignore[attr-defined]
        versioned = "revision" in entity.columns
        changed = {name: new for name, new in changes.items() if getattr(current, name) != new}
        if versioned and revision is not None and current.revision != revision:  # type: ignore[attr-defined]
            if not changed:
                return current
            raise Stale(
                say("Somebody changed this while you were writing. Both texts are shown; yours is kept."),
                theirs={name: getattr(current, name) for name in changes},
                mine=changes,
                revision=current.revision,  # type: ignore[attr-defined]
            )
        if not changed:
            return current
        if versioned:
            changed["revision"] = current.revision + 1  # type: ignore[attr-defined]
        fresh = dataclasses.replace(current, **changed)  # type: ignore[type-var]
        values = {name: entity.stored(name, getattr(fresh, name)) for name in changed}
        before = {name: entity.stored(name, getattr(current, name)) for name in changed}
        self._cursor.execute(
            f"UPDATE {entity.table} SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?",
            [*values.values(), seen.id],  # type: ignore[attr-defined]
        )
        whole = entity.values(fresh)
        if SUBJECT_SOURCES & set(changed):
            self._keep_subject(entity, whole)
        recorded = entity.recorded(values)
        if recorded:
            self._append(entity, whole, action, entity.recorded(before), recorded, about or {})
        return fresh

    def delete(self, seen: Any, *, action: str = "deleted", **about: Any) -> None:
        """Remove a row; the event keeps what it was."""
        entity = entity_of(seen)
        values = entity.values(self.get(type(seen), seen.id))
        self._cursor.execute(f"DELETE FROM {entity.table} WHERE id = ?", [seen.id])
        if entity.subject:
            self._cursor.execute("DELETE FROM subject WHERE id = ?", [seen.id])
        self._append(entity, values, action, entity.recorded(values), None, about)

    def insert_many(self, stories: Iterable[Sequence[Form]]) -> None:
        """Add many rows at once; each story is what one row was, form by form, the last one as it stands.

        An import brings rows with a history: the first form becomes the "created" event, each later one
        an event of what it changed. Only the last form is written as a row. Forms count `revision` up.
        """
        lines: dict[str, list[list[Any]]] = {}
        subjects: list[list[Any]] = []
        for story in stories:
            entity = entity_of(story[0][0])
            previous: dict[str, Any] | None = None
            values: dict[str, Any] = {}
            for row, action, about in story:
                values = entity.values(row)
                if previous is None:
                    self._append(entity, values, action, None, entity.recorded(values), about)
                else:
                    changed = [name for name in values if values[name] != previous[name]]
                    before = entity.recorded({name: previous[name] for name in changed})
                    self._append(
                        entity, values, action, before, entity.recorded({name: values[name] for name in changed}), about
                    )
                previous = values
            lines.setdefault(entity.name, []).append(list(values.values()))
            if entity.subject:
                subjects.append(subject_of(entity, values))
        for name, records in lines.items():
            self.fill(ENTITIES[name].table, ENTITIES[name].columns, records)
        self.fill("subject", SUBJECT_COLUMNS, subjects)

    def delete_many(self, gone: Sequence[Any], *, action: str = "deleted", **about: Any) -> None:
        """Remove many rows that were read in this transaction; each has its event."""
        by_entity: dict[str, list[str]] = {}
        for row in gone:
            entity = entity_of(row)
            values = entity.values(row)
            by_entity.setdefault(entity.name, []).append(row.id)
            self._append(entity, values, action, entity.recorded(values), None, about)
        for name, ids in by_entity.items():
            self.clear(ENTITIES[name].table, ids)
            if ENTITIES[name].subject:
                self.clear("subject", ids)

    def fill(self, table: str, columns: Sequence[str], records: Sequence[Sequence[Any]]) -> None:
        """Add records to a table, many a statement; rows of the ledger come through `insert_many`."""
        for some in _groups(records):
            self._cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES " + ", ".join([f"({marks(columns)})"] * len(some)),
                [item for record in some for item in record],
            )

    def clear(self, table: str, ids: Sequence[str]) -> None:
        """Remove records by id, many a statement; rows of the ledger go through `delete_many`."""
        for some in _groups(ids):
            self._cursor.execute(f"DELETE FROM {table} WHERE id IN ({marks(some)})", some)

    def event(self, entity: str, entity_id: str, action: str, *, project: str | None = None, **about: Any) -> None:
        """Record something that changes no row: a download, a refusal, a sign-in.

        `about`: note (text), at (when it happened), on_behalf (a name in another system),
        subject (id it hangs on), team_only (never shown to the client), data (JSON).
        """
        self._record(entity, entity_id, action, project=project, before=None, after=about.pop("data", None), **about)

    # outside the ledger: counters and places that carry no meaning of their own

    def execute(self, sql: str, params: Params = ()) -> int:
        """Run a statement on a table that the ledger does not cover (UNLEDGERED); affected rows."""
        found = self._cursor.execute(sql, params).fetchone()
        return int(found[0]) if found and isinstance(found[0], int) else 0

    def _append(
        self, entity: Entity, values: dict[str, Any], action: str,
        before: dict[str, Any] | None, after: dict[str, Any] | None, about: dict[str, Any],
    ) -> None:  # fmt: skip
        about = dict(about)
        project = (
            about.pop("project", None)
            or values.get("project_id")
            or (values["id"] if entity.name == "project" else None)
        )
        subject = values["id"] if entity.subject else values.get(entity.hangs_on) if entity.hangs_on else None
        # Also what stops being the team's own with this change: what it was before is not the client's to know.
        own = values.get("internal", False) or (before or {}).get("internal", False)
        team_only = bool(about.pop("team_only", False) or own or self._hangs_on_own(entity, subject))
        self._record(entity.name, values["id"], action, project=project, subject=about.pop("subject", subject),
                     team_only=team_only, before=before, after=after, **about)  # fmt: skip

    def _hangs_on_own(self, entity: Entity, subject: str | None) -> bool:
        """Whether a row hangs on something that is the team's own now: what is done about it is told to nobody else,
        also once it is opened. Looked up once a subject."""
        if entity.subject or entity.hangs_on not in MAY_HANG_ON_OWN or subject is None:
            return False
        if subject not in self._own:
            found = self.value("SELECT class_id FROM subject WHERE id = ?", [subject])
            self._own[subject] = found == TEAM_ONLY
        return self._own[subject]

    def _record(
        self, entity: str, entity_id: str, action: str, *, project: str | None,
        before: Any, after: Any, note: str | None = None, at: datetime | None = None,
        on_behalf: str | None = None, subject: str | None = None, team_only: bool = False,
    ) -> None:  # fmt: skip
        self._events.append({
            "id": new_id(), "happened_at": at or self.at, "recorded_at": now(),
            "actor_id": self._actor.id, "actor_name": self._actor.name, "on_behalf": on_behalf,
            "project_id": project, "batch": self.batch, "entity": entity, "entity_id": entity_id,
            "subject_id": subject, "team_only": team_only, "action": action, "note": note,
            "before": None if before is None else canonical(before),
            "after": None if after is None else canonical(after),
        })  # fmt: skip

    def _keep_subject(self, entity: Entity, values: dict[str, Any]) -> None:
        if not entity.subject:
            return
        line = subject_of(entity, values)
        # Not DELETE and INSERT: within one transaction DuckDB takes the same key for a duplicate.
        settings = ", ".join(f"{column} = ?" for column in SUBJECT_COLUMNS[1:])
        if not self.execute(f"UPDATE subject SET {settings} WHERE id = ?", [*line[1:], line[0]]):
            self.fill("subject", SUBJECT_COLUMNS, [line])

    def _finish(self, seal: Seal) -> Head | None:
        """Chain and write the events of this transaction; the new head."""
        if not self._events:
            return None
        found = self._cursor.execute("SELECT seq, hash, signature FROM ledger_head WHERE id = 1").fetchone()
        head = Head(*found) if found else chain.START
        records = []
        for event in self._events:
            numbered = {"seq": head.seq + 1, **event}
            head = Head(head.seq + 1, chain.event_hash(head, numbered))
            records.append([numbered[c] for c in EVENT_COLUMNS] + [head.hash, None])
        head = dataclasses.replace(head, signature=seal.sign(head))
        records[-1][-1] = head.signature
        self.fill("event", (*EVENT_COLUMNS, "hash", "signature"), records)
        newest = [head.seq, head.hash, head.signature]
        if found:
            self._cursor.execute("UPDATE ledger_head SET seq = ?, hash = ?, signature = ? WHERE id = 1", newest)
        else:
            self._cursor.execute("INSERT INTO ledger_head (id, seq, hash, signature) VALUES (1, ?, ?, ?)", newest)
        return head


UNLEDGERED = frozenset({"event", "ledger_head", "subject", "schema_version"})
"""Tables that the ledger itself is made of. Modules add their counters (`unledgered`)."""

_counters: set[str] = set()


def unledgered(*tables: str) -> None:
    """Declare tables whose rows are counters or places (sign-in throttle, tickets): not in the ledger."""
    _counters.update(tables)


def unledgered_tables() -> frozenset[str]:
    """Every table that `accord verify` does not compare with events."""
    return UNLEDGERED | _counters


@contextmanager
def write(actor: Actor, *, at: datetime | None = None, batch: str | None = None) -> Iterator[Transaction]:
    """One transaction of `actor`: rows and their events, all or nothing.

    `at` is when it happened (now by default), `batch` ties several transactions together.
    """
    held = database()
    with held._writing:
        with held.transaction() as cursor:
            tx = Transaction(cursor, actor, at, batch)
            yield tx
            fresh = tx._finish(held.seal)
        held.changed({event["entity"] for event in tx._events})
        # After the commit: a crash in between leaves a head that is older than the table, never newer.
        if fresh:
            try:
                held.seal.publish(fresh)
            except OSError:
                # What was committed stands, and saying otherwise would be a lie; the next commit tries again.
                log.warning("The newest head could not be put beside the database.", exc_info=True)


def head_seq() -> int:
    """The number of the newest event: what a screen compares to see that something changed."""
    return int(value("SELECT seq FROM ledger_head WHERE id = 1") or 0)


def newest_events(projects: Sequence[str]) -> dict[str, int]:
    """The number of the newest event of each of these projects that has any."""
    found = rows(
        f"SELECT project_id, MAX(seq) AS seq FROM event WHERE project_id IN ({marks(projects)}) GROUP BY project_id",
        list(projects),
    )
    return {record["project_id"]: int(record["seq"]) for record in found}


def subject_of(entity: Entity, values: dict[str, Any]) -> list[Any]:
    """The line in `subject` of a row, in the order of SUBJECT_COLUMNS."""
    return [
        values["id"],
        values["id"] if entity.name == "project" else values.get("project_id"),
        entity.name,
        values.get("code"),
        values.get("title") or values.get("name") or "",
        values.get("clearance") or "public",
        TEAM_ONLY if values.get("internal") else values.get("class_id"),
    ]


def marks(values: Sequence[object]) -> str:
    """Placeholders for `IN (…)`: "?, ?, ?"."""
    return ", ".join("?" * len(values))


def _groups(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """At most 200 each: beyond that a statement's parameters cost more than they save."""
    return (items[start : start + 200] for start in range(0, len(items), 200))


def _select(entity: Entity, where: str) -> str:
    return f"SELECT {', '.join(entity.columns)} FROM {entity.table} {where}"


def _records(cursor: duckdb.DuckDBPyConnection, sql: str, params: Params) -> list[dict[str, Any]]:
    cursor.execute(sql, params)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, record, strict=True)) for record in cursor.fetchall()]


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        root = duckdb.connect(str(path), config=CONFIG)
        root.execute("SET TimeZone = 'UTC'")
        return root
    except duckdb.IOException as error:
        if "Could not set lock" in str(error):
            raise Unavailable(
                say(
                    "Another process holds the data folder {home}. Stop it, or name another with --home.",
                    home=str(path.parent),
                )
            ) from error
        raise Unavailable(
            say("The database {path} can't be opened: {reason}", path=str(path), reason=str(error).splitlines()[0])
        ) from error


def _unwritable(error: duckdb.Error) -> Unavailable:
    return Unavailable(
        say(
            "The database could not be written: {reason}. Free some space and try again; what was saved before is safe.",
            reason=str(error).splitlines()[0],
        )
    )


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    # The connection may be gone (a fatal error, a full disk): the reason that led here is the one to tell.
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error:
        return


def _migrate(root: duckdb.DuckDBPyConnection) -> None:
    """Apply core/schema/NNNN_….sql in order, each once."""
    root.execute("CREATE TABLE IF NOT EXISTS schema_version (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL)")
    done = {n for (n,) in root.execute("SELECT number FROM schema_version").fetchall()}
    fresh = False
    for path in sorted(SCHEMA.glob("[0-9]*.sql")):
        number = int(path.name[:4])
        if number in done:
            continue
        root.execute("BEGIN TRANSACTION")
        root.execute(path.read_text(encoding="utf-8"))
        root.execute("INSERT INTO schema_version VALUES (?, ?)", [number, path.stem])
        root.execute("COMMIT")
        fresh = True
    if fresh:
        root.execute("CHECKPOINT")


__all__ = [
    "Database", "Transaction", "all_of", "close", "database", "head_seq", "is_open", "marks", "newest_events", "one_of", "open_home",
    "row", "rows", "subject_of", "unledgered", "unledgered_tables", "unusable", "value", "write",
]  # fmt: skip

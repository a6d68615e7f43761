"""A project at one look: how far it is, what waits for whom, what got stuck, which documents are new.

Reads only, each for what exists for the reader: their clearance, and for the client nothing internal.
How it got there is in core/burnup.py, what happened in core/history.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core import access, burnup, db, language, reading
from core.access import CLEARANCES, PERMISSIONS, Actor, in_project, open_to_all, rank_of
from core.reading import Reader


@dataclass(frozen=True)
class Line:
    """The figures of one project, as far as they exist for the reader.

    Archived ones are in none; `total` leaves out what was rejected, `live` does not. `waiting` are those
    proposed, that is in an open column that is not the first; `oldest` is the code of the one that waits longest, since `oldest_since`. Weeks begin on Monday.
    """

    project: str
    code: str
    name: str
    client: str
    live: int
    total: int
    done: int
    done_this_week: int
    waiting: int
    oldest: str
    oldest_since: datetime | None
    overdue: int
    documents: int
    new_documents: int


@open_to_all("it counts in the actor's own projects, by their standing in each")
def lines(actor: Actor, *, now: datetime, only: str | None = None) -> list[Line]:
    """One line for each project of the actor's, newest first, in two statements for all; `only` that one.

    `now` is UTC; the day and the week are the reader's.
    """
    today = language.local(now).date()
    monday = language.midnight(today - timedelta(days=today.weekday()))
    mine = """
        SELECT m.project_id, m.role, m.clearance
        FROM membership m
        JOIN account a ON a.id = m.account_id
        WHERE m.account_id = ? AND a.active"""
    params: list[object] = [actor.id]
    if actor.unbound:
        # The operator has no account; an administrator must still hold the office.
        mine = """
        SELECT p.id AS project_id, 'admin' AS role, CAST(? AS VARCHAR) AS clearance
        FROM project p
        WHERE ? OR EXISTS (SELECT 1 FROM account a WHERE a.id = ? AND a.active AND a.administrator)"""
        params = [CLEARANCES[-1], actor.kind != "person", actor.id]
    records = db.rows(
        f"""
        WITH mine AS ({mine}), first AS (
            SELECT project_id, MIN(position) AS position
            FROM requirement_state
            WHERE NOT archived
            GROUP BY project_id
        ), card AS (
            SELECT r.project_id, r.code, r.due, r.state_since, s.category,
                   s.category = 'open' AND s.position > f.position AS waits
            FROM requirement r
            JOIN mine m ON m.project_id = r.project_id
            JOIN requirement_state s ON s.id = r.state_id
            JOIN first f ON f.project_id = r.project_id
            WHERE NOT r.archived AND {rank_of("r.clearance")} <= {rank_of("m.clearance")}
        ), counted AS (
            SELECT project_id,
                   COUNT(*) AS live,
                   COUNT(*) FILTER (category <> 'dropped') AS total,
                   COUNT(*) FILTER (category = 'done') AS done,
                   COUNT(*) FILTER (category = 'done' AND state_since >= ?) AS done_this_week,
                   COUNT(*) FILTER (waits) AS waiting,
                   ARG_MIN(code, state_since) FILTER (waits) AS oldest,
                   MIN(state_since) FILTER (waits) AS oldest_since,
                   COUNT(*) FILTER (due < ? AND category NOT IN ('done', 'dropped')) AS overdue
            FROM card
            GROUP BY project_id
        ), shelf AS (
            SELECT d.project_id, COUNT(*) AS documents, COUNT(*) FILTER (v.created_at >= ?) AS new_documents
            FROM document d
            JOIN mine m ON m.project_id = d.project_id
            JOIN document_version v ON v.document_id = d.id AND v.number = d.version
            WHERE NOT d.archived AND {reading.everywhere("d", "m")}
            GROUP BY d.project_id
        )
        SELECT p.id AS project, p.code, p.name, k.name AS client, COALESCE(c.live, 0) AS live,
               COALESCE(c.total, 0) AS total, COALESCE(c.done, 0) AS done,
               COALESCE(c.done_this_week, 0) AS done_this_week, COALESCE(c.waiting, 0) AS waiting,
               COALESCE(c.oldest, '') AS oldest, c.oldest_since, COALESCE(c.overdue, 0) AS overdue,
               COALESCE(d.documents, 0) AS documents, COALESCE(d.new_documents, 0) AS new_documents
        FROM mine m
        JOIN project p ON p.id = m.project_id
        JOIN client k ON k.id = p.client_id
        LEFT JOIN counted c ON c.project_id = p.id
        LEFT JOIN shelf d ON d.project_id = p.id
        WHERE p.discarded_at IS NULL AND (? IS NULL OR p.id = ?)
        ORDER BY p.created_at DESC, p.id DESC
        """,
        [*params, monday, today, monday, *reading.everywhere_params(actor.id, now), only, only],
    )
    return [Line(**record) for record in records]


@dataclass(frozen=True)
class Column:
    """A column of the board with how many stand in it."""

    id: str
    name: str
    category: str
    count: int


@in_project("requirement.read")
def states(actor: Actor, project: str) -> list[Column]:
    """How many requirements are in which column, left to right; archived ones are in none."""
    own = access.standing(actor, project)
    return [
        Column(**record)
        for record in db.rows(
            f"""
            SELECT s.id, s.name, s.category, COUNT(r.id) AS count
            FROM requirement_state s
            LEFT JOIN requirement r
              ON r.state_id = s.id AND NOT r.archived AND r.clearance IN ({db.marks(own.clearances)})
            WHERE s.project_id = ? AND NOT s.archived
            GROUP BY s.id, s.name, s.category, s.position
            ORDER BY s.position
            """,
            [*own.clearances, project],
        )
    ]


@dataclass(frozen=True)
class Waiting:
    """Something that stands still until somebody does something: `kind` is decide, finish or answer.

    `who` are their names (nobody's, where a requirement has no owner), `since` is when it began (UTC).
    """

    kind: str
    who: tuple[str, ...]
    mine: bool
    entity: str
    code: str
    title: str
    since: datetime


@in_project("requirement.read")
def waiting(actor: Actor, project: str) -> list[Waiting]:
    """What waits for whom, the oldest first: what is proposed for the client's people, what is in
    progress for its owner, and mentions for those who have not said anything there since.
    """
    reader = reading.reader(actor, project)
    own = reader.standing
    people = db.rows(
        """
        SELECT a.id, a.name, m.role, m.clearance
        FROM membership m
        JOIN account a ON a.id = m.account_id
        WHERE m.project_id = ? AND a.active
        ORDER BY a.name
        """,
        [project],
    )
    cards = db.rows(
        f"""
        SELECT r.code, r.title, r.clearance, r.owner_id, COALESCE(a.name, '') AS owner, r.state_since, s.category
        FROM requirement r
        JOIN requirement_state s ON s.id = r.state_id
        LEFT JOIN account a ON a.id = r.owner_id
        WHERE r.project_id = ? AND NOT r.archived AND r.clearance IN ({db.marks(own.clearances)})
          AND (s.category = 'active' OR (s.category = 'open' AND s.position > ({_FIRST})))
        """,
        [project, *own.clearances, project],
    )
    found = []
    for card in cards:
        if card["category"] == "active":
            ids, names = [card["owner_id"]], tuple(n for n in [card["owner"]] if n)
        else:
            clients = [p for p in people if p["role"] == "client" and _cleared(p["clearance"], card["clearance"])]
            ids, names = [p["id"] for p in clients], tuple(p["name"] for p in clients)
        kind = "finish" if card["category"] == "active" else "decide"
        found.append(
            Waiting(kind, names, actor.id in ids, "requirement", card["code"], card["title"], card["state_since"])
        )
    return sorted([*found, *_mentions(actor, reader, project, people)], key=lambda w: w.since)


def _mentions(actor: Actor, reader: Reader, project: str, people: Sequence[dict[str, str]]) -> list[Waiting]:
    """Mentions that nobody answered, on what is still open: the one mentioned said nothing there since, and could have."""
    notes = "" if reader.standing.may("note.read") else "AND NOT c.internal"
    exists, params = reader.condition("s")
    records = db.rows(
        f"""
        WITH said AS (
            SELECT c.id, c.subject_id, c.author_id, c.internal, c.created_at,
                   UNNEST(from_json(c.mentions, '["VARCHAR"]')) AS account
            FROM comment c
            WHERE c.project_id = ? AND c.mentions <> '[]' {notes}
        )
        SELECT c.account, c.internal, MIN(c.created_at) AS since, s.entity, s.code, s.title, s.clearance
        FROM said c
        JOIN subject s ON s.id = c.subject_id
        LEFT JOIN requirement r ON r.id = c.subject_id
        LEFT JOIN requirement_state z ON z.id = r.state_id
        LEFT JOIN document d ON d.id = c.subject_id
        WHERE COALESCE(z.category, '') NOT IN ('done', 'dropped') AND {exists} AND NOT COALESCE(r.archived, d.archived, FALSE)
          AND c.account IS DISTINCT FROM c.author_id
          AND NOT EXISTS (
              SELECT 1
              FROM comment a
              WHERE a.subject_id = c.subject_id AND a.author_id = c.account AND a.created_at > c.created_at
          )
        GROUP BY c.account, c.internal, s.id, s.entity, s.code, s.title, s.clearance
        """,
        [project, *params],
    )
    known = {person["id"]: person for person in people}
    found: dict[tuple[str, str], Waiting] = {}
    for record in sorted(records, key=lambda r: r["since"]):
        person = known.get(record["account"])
        if person is None or not _cleared(person["clearance"], record["clearance"]):
            continue
        if record["internal"] and person["role"] not in PERMISSIONS["note.read"]:
            continue
        found.setdefault(
            (record["account"], record["code"]),
            Waiting("answer", (person["name"],), record["account"] == actor.id, record["entity"], record["code"] or "",
                    record["title"], record["since"]),
        )  # fmt: skip
    return list(found.values())


def _cleared(own: str, needed: str) -> bool:
    return CLEARANCES.index(needed) <= CLEARANCES.index(own)


STUCK_AFTER = timedelta(days=7)  # nothing younger is called stuck
STUCK_TIMES = 2  # the usual time in a column, that many times


@dataclass(frozen=True)
class Stuck:
    """A requirement that has been in its column (`column`) since `since`; `usual` is how long others were."""

    code: str
    title: str
    column: str
    owner: str
    since: datetime
    usual: timedelta


@in_project("requirement.read")
def stuck(actor: Actor, project: str, *, now: datetime) -> list[Stuck]:
    """What has been in its column for more than twice as long as is usual in this project, the longest first.

    Usual is the median of the project's own stays in columns of that category, from the ledger
    (`burnup.usual`); where there is none yet, and within a week, nothing is stuck.
    """
    own = access.standing(actor, project)
    usual = burnup.usual(actor, project)
    cards = db.rows(
        f"""
        SELECT r.code, r.title, s.name AS column_name, s.category, COALESCE(a.name, '') AS owner, r.state_since
        FROM requirement r
        JOIN requirement_state s ON s.id = r.state_id
        LEFT JOIN account a ON a.id = r.owner_id
        WHERE r.project_id = ? AND NOT r.archived AND r.clearance IN ({db.marks(own.clearances)})
          AND (s.category IN ('agreed', 'active') OR (s.category = 'open' AND s.position > ({_FIRST})))
        ORDER BY r.state_since
        """,
        [project, *own.clearances, project],
    )
    return [
        Stuck(c["code"], c["title"], c["column_name"], c["owner"], c["state_since"], usual[c["category"]])
        for c in cards
        if c["category"] in usual and now - c["state_since"] > max(STUCK_AFTER, STUCK_TIMES * usual[c["category"]])
    ]


@dataclass(frozen=True)
class NewDocument:
    """A document whose current version came lately."""

    code: str
    title: str
    version: int
    author: str
    at: datetime


@in_project("document.read")
def new_documents(actor: Actor, project: str, *, since: datetime) -> list[NewDocument]:
    """The documents whose current version came after `since` (UTC), the newest first."""
    exists, params = reading.reader(actor, project).condition("d")
    return [
        NewDocument(r["code"], r["title"], r["version"], r["author"], r["created_at"])
        for r in db.rows(
            f"""
            SELECT d.code, d.title, d.version, v.author_name AS author, v.created_at
            FROM document d
            JOIN document_version v ON v.document_id = d.id AND v.number = d.version
            WHERE d.project_id = ? AND NOT d.archived AND {exists}
              AND v.created_at > ?
            ORDER BY v.created_at DESC, d.number DESC
            """,
            [project, *params, since],
        )
    ]


_FIRST = "SELECT MIN(position) FROM requirement_state WHERE project_id = ? AND NOT archived"


@open_to_all("it only computes with the moment it is given")
def this_week(now: datetime) -> datetime:
    """When the reader's week began (UTC)."""
    today: date = language.local(now).date()
    return language.midnight(today - timedelta(days=today.weekday()))

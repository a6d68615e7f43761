"""The board as one reads it: the cards that exist for a reader, filtered, with what is counted elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import access, db, reading
from core.access import Actor, in_project
from core.requirements import Requirement
from core.rows import entity_of


@dataclass(frozen=True)
class Filters:
    """What a reader wants to see of a board; empty means everything."""

    text: str = ""
    owners: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    mine: bool = False
    overdue: bool = False
    archived: bool = False
    today: date | None = None


@dataclass(frozen=True)
class Card:
    """A requirement as the board shows it, with what has to be counted elsewhere."""

    requirement: Requirement
    owner_name: str
    comments: int
    documents: int


@in_project("requirement.read")
def listed(
    actor: Actor, project: str, filters: Filters | None = None, *, only: Sequence[str] | None = None
) -> list[Card]:
    """The cards that exist for the actor and pass `filters`, in the order of their columns; `only` these ids."""
    reader = reading.reader(actor, project)
    own, (document_exists, cleared) = reader.standing, reader.condition("s")
    where, params = _where(actor, filters or Filters())
    if only is not None:
        where += f" AND r.id IN ({db.marks(only)})" if only else " AND FALSE"
        params += only
    notes = "TRUE" if own.may("note.read") else "NOT c.internal"
    records = db.rows(
        f"""
        SELECT r.*, COALESCE(a.name, '') AS owner_name,
               COALESCE(c.n, 0) AS comments, COALESCE(d.n, 0) AS documents
        FROM requirement r
        LEFT JOIN account a ON a.id = r.owner_id
        LEFT JOIN (
            SELECT c.subject_id, COUNT(*) AS n
            FROM comment c
            WHERE c.project_id = ? AND {notes}
            GROUP BY c.subject_id
        ) c ON c.subject_id = r.id
        LEFT JOIN (
            SELECT l.requirement_id, COUNT(*) AS n
            FROM requirement_link l
            JOIN subject s ON s.id = l.target_id
            WHERE l.project_id = ? AND l.kind = 'document' AND {document_exists}
            GROUP BY l.requirement_id
        ) d ON d.requirement_id = r.id
        WHERE r.project_id = ? AND r.clearance IN ({db.marks(own.clearances)}) {where}
        ORDER BY r.position, r.number
        """,
        [project, project, *cleared, project, *own.clearances, *params],
    )
    return [Card(_ENTITY.loaded(r), r["owner_name"], r["comments"], r["documents"]) for r in records]


@in_project("requirement.read")
def labels(actor: Actor, project: str) -> list[str]:
    """The words that requirements of the project are marked with, by name.

    A word that only stands on requirements which the actor is not cleared for is none of theirs; one
    that stands on no requirement (an import brought it) is the team's.
    """
    own = access.standing(actor, project)
    return [
        record["name"]
        for record in db.rows(
            f"""
            SELECT UNNEST(from_json(labels, '["VARCHAR"]')) AS name
            FROM requirement
            WHERE project_id = ? AND NOT archived AND clearance IN ({db.marks(own.clearances)})
            UNION
            SELECT name
            FROM label
            WHERE project_id = ? AND ? AND name NOT IN (
                SELECT UNNEST(from_json(labels, '["VARCHAR"]'))
                FROM requirement
                WHERE project_id = ? AND clearance NOT IN ({db.marks(own.clearances)})
            )
            ORDER BY 1
            """,
            [project, *own.clearances, project, own.may("note.read"), project, *own.clearances],
        )
    ]


@dataclass(frozen=True)
class Figures:
    """How many requirements there are for the actor: all, their own, overdue ones, by column.

    `waiting` are those that wait for the client's word: proposed, that is in an open column that is
    not the first (the first holds drafts). `owners` and `labels` are those that occur.
    """

    total: int
    mine: int
    overdue: int
    waiting: int
    archived: int
    by_state: dict[str, int]


@in_project("requirement.read")
def figures(actor: Actor, project: str, today: date) -> Figures:
    """The numbers above the board, as of the day `today` of the reader."""
    own = access.standing(actor, project)
    records = db.rows(
        f"""
        SELECT r.state_id, r.archived,
               COUNT(*) AS n,
               COUNT(*) FILTER (r.owner_id = ?) AS mine,
               COUNT(*) FILTER (r.due < ? AND s.category NOT IN ('done', 'dropped')) AS overdue,
               COUNT(*) FILTER (s.category = 'open' AND s.position > (
                   SELECT MIN(position) FROM requirement_state WHERE project_id = ? AND NOT archived
               )) AS waiting
        FROM requirement r
        JOIN requirement_state s ON s.id = r.state_id
        WHERE r.project_id = ? AND r.clearance IN ({db.marks(own.clearances)})
        GROUP BY r.state_id, r.archived
        """,
        [actor.id, today, project, project, *own.clearances],
    )
    live = [record for record in records if not record["archived"]]
    return Figures(
        total=sum(record["n"] for record in live),
        mine=sum(record["mine"] for record in live),
        overdue=sum(record["overdue"] for record in live),
        waiting=sum(record["waiting"] for record in live),
        archived=sum(record["n"] for record in records if record["archived"]),
        by_state={record["state_id"]: record["n"] for record in live},
    )


MANY = 3000
"""More events than this since one last looked: reading the board anew is cheaper than following them."""


@dataclass(frozen=True)
class Changes:
    """What became of a view since event `since`: cards as they stand, ids that left it.

    `anew` says that columns changed, or too much: read the whole board. `others` says that something
    else in the project changed (a name, a document).
    """

    seq: int
    cards: list[Card]
    gone: list[str]
    anew: bool
    others: bool


@in_project("requirement.read")
def changes(actor: Actor, project: str, since: int, filters: Filters | None = None) -> Changes:
    """What happened to the actor's view of the board after the event with the number `since`."""
    own = access.standing(actor, project)
    seq = db.head_seq()
    events = db.rows(
        """
        SELECT entity, entity_id, subject_id, json_extract_string(before, '$.clearance') AS clearance
        FROM event
        WHERE seq > ? AND seq <= ? AND project_id = ?
        LIMIT ?
        """,
        [since, seq, project, MANY + 1],
    )
    if len(events) > MANY or any(event["entity"] == "requirement_state" for event in events):
        return Changes(seq, [], [], anew=True, others=True)
    touched = list(dict.fromkeys(event["subject_id"] for event in events if event["subject_id"]))
    cards = listed(actor, project, filters, only=touched)
    still = {card.requirement.id for card in cards}
    cleared = {
        record["id"]
        for record in db.rows(
            f"""
            SELECT id FROM subject
            WHERE entity = 'requirement' AND clearance IN ({db.marks(own.clearances)}) AND id IN ({db.marks(touched)})
            """,
            [*own.clearances, *touched],
        )
    } if touched else set()  # fmt: skip
    # Deleted, or lifted above the reader's clearance: told only to whom it existed before.
    lost = {e["entity_id"] for e in events if e["entity"] == "requirement" and e["clearance"] in own.clearances}
    gone = [requirement for requirement in touched if requirement in (cleared | lost) - still]
    return Changes(seq, cards, gone, anew=False, others=bool(events) and not touched)


_ENTITY = entity_of(Requirement)


def _where(actor: Actor, filters: Filters) -> tuple[str, list[Any]]:
    """The rest of the WHERE clause of a filtered board."""
    clauses: list[str] = ["r.archived = ?"]
    params: list[Any] = [filters.archived]
    if filters.text.strip():
        clauses.append("(contains(lower(r.title || ' ' || r.statement || ' ' || r.code), lower(?)))")
        params.append(filters.text.strip())
    owners = (*filters.owners, actor.id) if filters.mine else filters.owners
    for column, chosen in (("r.owner_id", owners), ("r.priority", filters.priorities)):
        if chosen:
            clauses.append(f"{column} IN ({db.marks(chosen)})")
            params += chosen
    for label in filters.labels:
        clauses.append("list_contains(from_json(r.labels, '[\"VARCHAR\"]'), ?)")
        params.append(label)
    if filters.overdue and filters.today:
        clauses.append(
            "r.due < ? AND r.state_id IN (SELECT id FROM requirement_state WHERE category NOT IN ('done', 'dropped'))"
        )
        params.append(filters.today)
    return "".join(f" AND {clause}" for clause in clauses), params

"""The board as one reads it: the cards that exist for a reader, filtered, with what is counted elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core import access, db
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
def listed(actor: Actor, project: str, filters: Filters | None = None) -> list[Card]:
    """The cards that exist for the actor and pass `filters`, in the order of their columns."""
    own = access.standing(actor, project)
    where, params = _where(actor, filters or Filters())
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
            WHERE l.project_id = ? AND l.kind = 'document' AND s.clearance IN ({db.marks(own.clearances)})
            GROUP BY l.requirement_id
        ) d ON d.requirement_id = r.id
        WHERE r.project_id = ? AND r.clearance IN ({db.marks(own.clearances)}) {where}
        ORDER BY r.position, r.number
        """,
        [project, project, *own.clearances, project, *own.clearances, *params],
    )
    return [Card(_ENTITY.loaded(r), r["owner_name"], r["comments"], r["documents"]) for r in records]


@in_project("requirement.read")
def labels(actor: Actor, project: str) -> list[str]:
    """The words that requirements of the project are marked with, by name."""
    own = access.standing(actor, project)
    return [
        record["name"]
        for record in db.rows(
            f"""
            SELECT name FROM label WHERE project_id = ?
            UNION
            SELECT UNNEST(from_json(labels, '["VARCHAR"]'))
            FROM requirement
            WHERE project_id = ? AND NOT archived AND clearance IN ({db.marks(own.clearances)})
            ORDER BY 1
            """,
            [project, project, *own.clearances],
        )
    ]


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

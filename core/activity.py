"""The feed: what happened in a project, as far as it exists for the one who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import access, db
from core.access import CLEARANCES, Actor, in_project


@dataclass(frozen=True)
class Happened:
    """One event of a project. `at` is when it happened (UTC), `on_behalf` a name in another system."""

    seq: int
    id: str
    at: datetime
    actor: str
    on_behalf: str | None
    entity: str
    entity_id: str
    subject_id: str | None
    action: str
    note: str | None


@in_project("activity.read")
def listed(
    actor: Actor, project: str, *, limit: int | None = None, before: int | None = None, since: int = 0
) -> list[Happened]:
    """Events after number `since` and before number `before`, the newest first, `limit` at most.

    Left out is what hangs on something that the actor is not cleared for, and for the client what
    the team says among itself. What hung on something deleted is told to those who are cleared for all.
    """
    where, params = _visible(actor, project)
    return [
        Happened(**record)
        for record in db.rows(
            f"""
            SELECT e.seq, e.id, e.happened_at AS at, e.actor_name AS actor, e.on_behalf, e.entity, e.entity_id,
                   e.subject_id, e.action, e.note
            FROM event e
            LEFT JOIN subject s ON s.id = e.subject_id
            WHERE {where} AND e.seq > ? AND (? IS NULL OR e.seq < ?)
            ORDER BY e.seq DESC
            {"" if limit is None else f"LIMIT {int(limit)}"}
            """,
            [*params, since, before, before],
        )
    ]


@in_project("activity.read")
def count(actor: Actor, project: str) -> int:
    """How many events of the project there are for the actor."""
    where, params = _visible(actor, project)
    return int(
        db.value(f"SELECT COUNT(*) FROM event e LEFT JOIN subject s ON s.id = e.subject_id WHERE {where}", params)
    )


def _visible(actor: Actor, project: str) -> tuple[str, list[object]]:
    """The condition on `event e` and `subject s` that leaves what exists for the actor."""
    own = access.standing(actor, project)
    clauses = f"""e.project_id = ? AND (
        e.subject_id IS NULL
        OR s.clearance IN ({db.marks(own.clearances)})
        OR (s.id IS NULL AND ?)
    )"""
    # Other people's views are theirs, labels come with cards that may be secret; a link tells of both its ends.
    clauses += " AND (e.entity NOT IN ('saved_view', 'label') OR e.actor_id = ?)"
    params: list[object] = [project, *own.clearances, own.clearance == CLEARANCES[-1], actor.id]
    if own.clearance != CLEARANCES[-1]:
        clauses += f""" AND e.id NOT IN (
            SELECT l.id
            FROM event l
            LEFT JOIN subject t ON t.id = json_extract_string(COALESCE(l.after, l.before), '$.target_id')
            WHERE l.project_id = ? AND l.entity = 'requirement_link'
              AND (t.id IS NULL OR t.clearance NOT IN ({db.marks(own.clearances)}))
        )"""
        params += [project, *own.clearances]
    if not own.may("note.read"):
        clauses += " AND NOT e.team_only"
    return clauses, params

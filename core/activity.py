"""The feed: what happened in a project, as far as it exists for the one who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import db, reading
from core.access import CLEARANCES, Actor, in_project
from core.reading import Reader


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

    Left out is what does not exist for the actor (`visible`).
    """
    source, params = visible(reading.reader(actor, project), project, actor.id)
    return [
        Happened(**record)
        for record in db.rows(
            f"""
            SELECT e.seq, e.id, e.happened_at AS at, e.actor_name AS actor, e.on_behalf, e.entity, e.entity_id,
                   e.subject_id, e.action, e.note
            {source} AND e.seq > ? AND (? IS NULL OR e.seq < ?)
            ORDER BY e.seq DESC
            {"" if limit is None else f"LIMIT {int(limit)}"}
            """,
            [*params, since, before, before],
        )
    ]


@in_project("activity.read")
def count(actor: Actor, project: str) -> int:
    """How many events of the project there are for the actor."""
    source, params = visible(reading.reader(actor, project), project, actor.id)
    return int(db.value(f"SELECT COUNT(*) {source}", params))


# For other modules of core/ that read events.

ONLY_AUDIT = ("key renewed", "previewed", "proof made", "refused", "viewed")
"""Actions that change nothing for anybody who works: the audit shows them, the feed does not."""


def visible(
    reader: Reader, project: str, account: str, *, unsaid: Sequence[str] = ONLY_AUDIT
) -> tuple[str, list[object]]:
    """FROM and WHERE that leave of `event e` what exists for `reader`, whose account's id is `account`.

    `unsaid` are actions that the reader's screen does not tell.

    Left out is what hangs on something that they are not cleared for, or were not while it happened;
    other people's views and the project's labels, which may name such a thing; links with such a thing; for the client what the team says among itself; and other people's
    downloads without download.read. What hung on something deleted is told to those who are cleared for all.
    """
    own, levels = reader.standing, list(reader.standing.clearances)
    marks = db.marks(levels)
    above = own.clearance != CLEARANCES[-1] or reader.limited
    source = "FROM event e LEFT JOIN subject s ON s.id = e.subject_id"
    params: list[object] = []
    if above:
        # When a thing came down to the reader's clearance: what was before was not for them.
        source += f"""
            LEFT JOIN (
                SELECT entity_id, MAX(seq) AS seq
                FROM event
                WHERE project_id = ? AND entity_id = subject_id AND after IS NOT NULL
                  AND contains(before, '"clearance"') AND json_extract_string(before, '$.clearance') NOT IN ({marks})
                GROUP BY entity_id
            ) came ON came.entity_id = e.subject_id"""
        params += [project, *levels]
    source += " WHERE e.project_id = ?"
    params.append(project)
    if unsaid:
        source += f" AND e.action NOT IN ({db.marks(unsaid)})"
        params += unsaid
    if above:
        (exists, here), (target, there) = reader.condition("s"), reader.condition("t")
        source += f"""
            AND (e.subject_id IS NULL OR {exists})
            AND (came.seq IS NULL OR e.seq >= came.seq)
            AND e.id NOT IN (
                SELECT l.id
                FROM event l
                LEFT JOIN subject t ON t.id = json_extract_string(COALESCE(l.after, l.before), '$.target_id')
                WHERE l.project_id = ? AND l.entity IN ('requirement_link', 'risk_link')
                  AND (t.id IS NULL OR NOT {target})
            )"""
        params += [*here, project, *there]
    # Other people's views are theirs, and labels come with cards that may be secret.
    source += " AND (e.entity NOT IN ('saved_view', 'label') OR e.actor_id = ?)"
    params.append(account)
    if not own.may("note.read"):
        source += " AND NOT e.team_only"
    if not own.may("download.read"):
        source += " AND (e.action <> 'downloaded' OR e.actor_id = ?)"
        params.append(account)
    return source, params

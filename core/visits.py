"""When somebody last looked at a project's overview: what "since you were here" counts from.

A visit ends after half an hour in which it was not looked at. While it lasts, it counts from the end of
the one before: reading the list, or loading the page again, does not empty it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import db
from core.access import Actor, in_project
from core.ids import now

db.unledgered("visit")

ENDS_AFTER = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=1)  # writes; what happened within that minute is told again, never missed


@dataclass(frozen=True)
class Last:
    """The end of the visit before this one: when (UTC), and the number of the newest event then."""

    at: datetime
    seq: int


@in_project("project.read")
def note(actor: Actor, project: str, *, at: datetime | None = None) -> Last | None:
    """Note that the actor is here; the end of their visit before this one, None in the first."""
    moment = at or now()
    key = f"{project}:{actor.id}"
    found = db.row("SELECT seen_at, seen_seq, since_at, since_seq FROM visit WHERE id = ?", [key])
    if found is None:
        with db.write(actor) as tx:
            if not tx.value("SELECT COUNT(*) FROM visit WHERE id = ?", [key]):
                tx.execute("INSERT INTO visit VALUES (?, ?, ?, NULL, NULL)", [key, moment, db.head_seq()])
        return None
    if moment - found["seen_at"] > ENDS_AFTER:
        found |= {"since_at": found["seen_at"], "since_seq": found["seen_seq"]}
    elif moment - found["seen_at"] < NOTED_EVERY:
        return _last(found)
    with db.write(actor) as tx:
        tx.execute(
            "UPDATE visit SET seen_at = ?, seen_seq = ?, since_at = ?, since_seq = ? WHERE id = ?",
            [moment, db.head_seq(), found["since_at"], found["since_seq"], key],
        )
    return _last(found)


def _last(found: dict[str, object]) -> Last | None:
    at, seq = found["since_at"], found["since_seq"]
    return Last(at, seq) if isinstance(at, datetime) and isinstance(seq, int) else None

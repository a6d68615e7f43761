"""Refusals on record: who was told no, at what, when.

A crowd of them must not make the ledger grow without end, nor push out what matters. So the first
refusal of a person at an act and a thing within an hour is an event; the same again only counts up a
number beside it, and after MOST different ones in an hour the rest share one event. Nothing is told to
whoever is refused, and callers answer before this is written, so that its time tells nothing either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from core import db
from core.access import Actor, open_to_all
from core.errors import AccordError, NotFound, Refused
from core.ids import now

MOST = 20  # events a person and hour

db.unledgered("refusal")


@open_to_all("it only writes down that somebody was told no; nothing comes back")
def note(
    actor: Actor, act: str, error: AccordError, *, project: str | None = None, document: str | None = None
) -> None:
    """Record that `actor` was refused `act`; what is no refusal, or at nothing that exists, is left alone.

    `project` is an id or a code, so is `document` within it. A document that exists, but not for them, is on record too: only those who are cleared for it see that.
    """
    if actor.kind != "person" or not isinstance(error, Refused | NotFound):
        return
    place = db.value("SELECT id FROM project WHERE id = ? OR code = ?", [project, (project or "").upper()])
    found = None
    if document:
        found = db.row(
            "SELECT id, project_id FROM document WHERE id = ? OR (project_id = ? AND code = ?)",
            [document, place, document.upper()],
        )
    where = found["project_id"] if found else place
    if where is None or (document and found is None):
        return
    thing = found["id"] if found else where
    hour = now().replace(minute=0, second=0, microsecond=0)
    with db.write(actor) as tx:
        key = _key(actor.id, act, thing, hour.isoformat())
        if tx.execute("UPDATE refusal SET times = times + 1 WHERE id = ?", [key]):
            return
        different = int(tx.value("SELECT COUNT(*) FROM refusal WHERE actor_id = ? AND hour = ?", [actor.id, hour]))
        if different >= MOST:
            key = _key(actor.id, "more", hour.isoformat())
            if tx.execute("UPDATE refusal SET times = times + 1 WHERE id = ?", [key]):
                return
            act, found = "many others", None
        tx.execute("INSERT INTO refusal (id, actor_id, hour, times) VALUES (?, ?, ?, 1)", [key, actor.id, hour])
        tx.event(
            "document" if found else "project", thing if found else where, "refused", project=where,
            subject=thing if found else None, team_only=True,
            data={"act": act, "answer": error.kind, "count": key},
        )  # fmt: skip


@open_to_all("for the audit, which has asked; a number behind a key that only it knows")
def times(keys: list[str]) -> Mapping[str, int]:
    """How often each refusal happened, by the key that its event holds."""
    found = db.rows(f"SELECT id, times FROM refusal WHERE id IN ({db.marks(keys)})", keys) if keys else []
    return {r["id"]: int(r["times"]) for r in found}


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

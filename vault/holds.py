"""Legal holds: a document, or everything of a project, is kept whatever else says that it may go.

While a hold stands nothing that it covers gets into the trash or is disposed of. It is the team's own
affair: the client is told nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import db, reading
from core.access import Actor, in_project
from core.db import Rows
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.language import say
from core.rows import entity, entity_of
from vault import documents
from vault.documents import Document

TEAM_ONLY = {"team_only": True}


@entity("legal_hold", hangs_on="document_id")
@dataclass(frozen=True)
class Hold:
    """Why a document (or without one everything of the project) must be kept. `placed_by` and `ended_by` are names."""

    id: str
    project_id: str
    document_id: str | None
    reason: str
    placed_by: str
    created_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    revision: int


@dataclass(frozen=True)
class Held:
    """A hold that stands, with the document that it is on, or None for the project."""

    hold: Hold
    document: Document | None


@in_project("document.hold")
def place(actor: Actor, project: str, *, reason: str, document: str | None = None) -> Hold:
    """Place a hold on a document, also one in the trash, or on everything of the project.

    Raises Invalid without a reason, NotFound for a document that does not exist for the actor.
    """
    if not reason.strip():
        raise Invalid(say("Say why it must be kept."), field="reason")
    reader = reading.reader(actor, project)
    known = documents.kept(reader, project, document) if document else None
    with db.write(actor) as tx:
        if known and tx.get(Document, known.id).disposed_at:
            raise NotFound(documents.MISSING)
        return tx.insert(
            Hold(new_id(), project, known.id if known else None, reason.strip(), actor.name, tx.at, None, None, 1),
            action="held", note=reason.strip(), **TEAM_ONLY,
        )  # fmt: skip


@in_project("document.hold")
def release(actor: Actor, project: str, hold: str, *, reason: str) -> Hold:
    """Release a hold; one that is released stays so. Raises Invalid without a reason, NotFound."""
    if not reason.strip():
        raise Invalid(say("Say why it need not be kept any longer."), field="reason")
    reader = reading.reader(actor, project)
    with db.write(actor) as tx:
        found = tx.all_of(Hold, "WHERE id = ? AND project_id = ?", [hold, project])
        if not found or (
            found[0].document_id and not reader.sees(documents.thing(tx.get(Document, found[0].document_id)))
        ):
            raise NotFound(db.GONE)
        if found[0].ended_at is not None:
            return found[0]
        return tx.update(
            found[0],
            action="released",
            about={"note": reason.strip(), **TEAM_ONLY},
            ended_at=tx.at,
            ended_by=actor.name,
        )


@in_project("document.hold")
def release_from(actor: Actor, project: str, document: str, *, reason: str) -> int:
    """Release every hold on a document; how many. One on the whole project stays.

    Raises as `release`, Conflict when none is on the document itself.
    """
    found = documents.kept(reading.reader(actor, project), project, document)
    own = [one for one in _standing(db.rows, project, [found.id]) if one.document_id == found.id]
    if not own:
        raise Conflict(say("No legal hold is on {code} itself.", code=found.code))
    for one in own:
        release(actor, project, one.id, reason=reason)
    return len(own)


@in_project("note.read")
def listed(actor: Actor, project: str, *, document: str | None = None) -> list[Held]:
    """The holds that stand on what exists for the actor, the newest first; with `document` those that cover it."""
    reader = reading.reader(actor, project)
    only = documents.kept(reader, project, document).id if document else None
    found = _standing(db.rows, project, None if only is None else [only])
    ids = [one.document_id for one in found if one.document_id]
    some = db.all_of(Document, f"WHERE id IN ({db.marks(ids)})", ids) if ids else []
    of = {one.id: one for one in some if reader.sees(documents.thing(one))}
    return [
        Held(one, of.get(one.document_id or ""))
        for one in found
        if one.document_id is None or one.document_id in of
    ]  # fmt: skip


def held(rows: Rows, project: str, documents_: Sequence[Document]) -> dict[str, Hold]:
    """Document id -> a hold that covers it, of these documents."""
    found: dict[str, Hold] = {}
    for one in _standing(rows, project, [d.id for d in documents_]):
        found |= {d.id: one for d in documents_ if one.document_id in (None, d.id)}
    return found


def require_none(rows: Rows, document: Document) -> None:
    """Raise Conflict while a hold covers the document."""
    found = held(rows, document.project_id, [document]).get(document.id)
    if found is not None:
        raise Conflict(
            say(
                "{code} is under a legal hold by {name}: {reason}. It stays until the hold is released.",
                code=document.code, name=found.placed_by, reason=found.reason,
            )
        )  # fmt: skip


def require_none_in(rows: Rows, project: str) -> None:
    """Raise Conflict while a hold stands on anything of the project."""
    count = len(_standing(rows, project, None))
    if count:
        raise Conflict(
            say("Legal holds stand in this project: {count}. It stays until they are released.", count=count)
        )


def _standing(rows: Rows, project: str, documents_: Sequence[str] | None) -> list[Hold]:
    """The holds that stand in a project, the newest first; of some documents those on them and on the project."""
    of = "" if documents_ is None else f"AND (document_id IS NULL OR document_id IN ({db.marks(documents_) or 'NULL'}))"
    columns = entity_of(Hold).columns
    return [
        Hold(**record)
        for record in rows(
            f"""
            SELECT {", ".join(columns)}
            FROM legal_hold
            WHERE project_id = ? AND ended_at IS NULL {of}
            ORDER BY created_at DESC
            """,
            [project, *(documents_ or ())],
        )
    ]

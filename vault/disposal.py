"""Disposal: documents go for good, and it takes two people.

One proposes a list, another confirms exactly that list. What may go: what has been kept long enough
(vault/retention.py), and what is in the trash and was never approved. A legal hold beats everything, up to
the moment of the confirmation.

What is left is a tombstone: the row with its code, the versions with their hashes, sizes, dates and who
uploaded them. Title, names of files and notes leave the rows, each version's data key is overwritten and its
object is deleted; `accord verify` knows the difference. What the ledger said before, it still says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import db, language, projects, reading
from core.access import CLEARANCES, Actor, in_project
from core.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from core.ids import new_id, now
from core.language import say
from core.projects import Project
from core.reading import Reader
from core.rows import entity
from vault import documents, holds, retention, text
from vault.documents import Document, Version
from vault.retention import Kept

MOST = 500  # documents in one list


@entity("disposal")
@dataclass(frozen=True)
class Disposal:
    """A list of documents to be disposed of; `items` are {"document", "code", "version"} as they stood then."""

    id: str
    project_id: str
    items: tuple[dict[str, Any], ...]
    reason: str
    proposed_by: str
    proposed_name: str
    created_at: datetime
    outcome: str | None
    decided_name: str | None
    decided_at: datetime | None
    revision: int


@dataclass(frozen=True)
class Listed:
    """A list that waits, with its documents as they are now; `mine` when the actor proposed it, who can't confirm it."""

    disposal: Disposal
    documents: tuple[Document, ...]
    mine: bool


@dataclass(frozen=True)
class Tombstone:
    """What is left of a document: its code, when it came and went, who proposed and confirmed, and its versions."""

    document: Document
    proposed: str
    confirmed: str
    reason: str
    versions: tuple[Version, ...]


@in_project("document.dispose")
def propose(actor: Actor, project: str, some: Sequence[str], *, reason: str) -> Disposal:
    """Propose to dispose of documents, by id or code.

    Raises Invalid for an empty list or without a reason, NotFound for a document that does not exist for the
    actor, Refused for one that they read by a grant only and for who has no account, Conflict for one that has
    to be kept or stands in another list.
    """
    _require_person(actor)
    if not reason.strip():
        raise Invalid(say("Say why they can go."), field="reason")
    if not some:
        raise Invalid(say("Choose at least one document."))
    if len(some) > MOST:
        raise Invalid(say("A list takes {count} documents at most. Make several.", count=MOST))
    reader = reading.reader(actor, project)
    seen = {one.id: one for one in (documents.kept(reader, project, wanted) for wanted in some)}
    with db.write(actor) as tx:
        found = _may_go(tx, reader, project, list(seen))
        listed_ = {item["document"] for one in _open(tx.all_of, project) for item in one.items}
        for one in found:
            if one.id in listed_:
                raise Conflict(say("{code} stands in a list that waits already.", code=one.code))
        items = tuple({"document": one.id, "code": one.code, "version": one.version} for one in found)
        return tx.insert(
            Disposal(new_id(), project, items, reason.strip(), actor.id, actor.name, tx.at, None, None, None, 1),
            action="proposed", note=reason.strip(), **_about(found),
        )  # fmt: skip


@in_project("document.dispose")
def candidates(actor: Actor, project: str) -> list[Kept]:
    """The documents that the actor could propose now, those that have been kept long enough first."""
    reader = reading.reader(actor, project)
    exists, params = reader.condition("document")
    some = db.all_of(
        Document, f"WHERE project_id = ? AND disposed_at IS NULL AND {exists} ORDER BY number", [project, *params]
    )
    listed_ = {item["document"] for one in _open(db.all_of, project) for item in one.items}
    today = language.local(now()).date()
    found = [
        one
        for one in retention.kept(db.rows, projects.get(actor, project), some)
        if one.document.id not in listed_ and one.hold is None and reader.standing.cleared(one.document.clearance)
        and (one.is_due(today) or (one.document.archived and not one.record))
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.is_due(today), one.document.number))


@in_project("document.dispose")
def take_back(actor: Actor, project: str, disposal: str) -> None:
    """Take a list back: nothing goes. Who did not propose it declines it so. Raises NotFound, Conflict."""
    reader = reading.reader(actor, project)
    with db.write(actor) as tx:
        found, some = _waiting(tx, reader, project, disposal)
        tx.update(found, action="taken back", about=_about(some), outcome="taken back",
                  decided_name=actor.name, decided_at=tx.at)  # fmt: skip


@in_project("document.dispose")
def confirm(actor: Actor, project: str, disposal: str) -> tuple[Document, ...]:
    """Dispose of a list that somebody else has proposed; what is left of each document.

    Raises NotFound for a list with a document that does not exist for the actor, Refused for one's own, Conflict
    when one of them has to be kept by now or has a newer version; then nothing goes. What the store does not
    delete now its sweep deletes; without its key it is noise.
    """
    _require_person(actor)
    reader, gone = reading.reader(actor, project), list[Version]()
    documents.vault()
    with db.write(actor) as tx:
        found, _some = _waiting(tx, reader, project, disposal)
        if found.proposed_by == actor.id:
            raise Refused(say("It takes two: somebody else has to confirm what you have proposed."))
        some = _may_go(tx, reader, project, [item["document"] for item in found.items])
        shown = {item["document"]: item["version"] for item in found.items}
        for one in some:
            if one.version != shown[one.id]:
                raise Conflict(
                    say("{code} has a newer version than when it was proposed. Take the list back.", code=one.code)
                )
        left = tuple(_bury(tx, one, found.reason, gone) for one in some)
        tx.update(found, action="confirmed", about=_about(some), outcome="confirmed",
                  decided_name=actor.name, decided_at=tx.at)  # fmt: skip
    for version in gone:
        text.forget(version.id)
        try:
            documents.vault().store.delete(version.object_key)
        except (Unavailable, NotFound):
            continue
        with db.write(actor) as tx:
            tx.execute("DELETE FROM upload_intent WHERE object_key = ?", [version.object_key])
    return left


@in_project("document.dispose")
def waiting(actor: Actor, project: str) -> list[Listed]:
    """The lists that wait for somebody's word and whose documents all exist for the actor, the oldest first."""
    reader = reading.reader(actor, project)
    found = []
    for one in _open(db.all_of, project):
        some = _seen(db.all_of(Document, *_where(one)), reader)
        if some is not None:
            found.append(Listed(one, tuple(some), one.proposed_by == actor.id))
    return found


@in_project("document.dispose")
def tombstones(actor: Actor, project: str) -> list[Tombstone]:
    """What is left of the documents that were disposed of, the latest first."""
    exists, params = reading.reader(actor, project).condition("document")
    gone = db.all_of(
        Document,
        f"WHERE project_id = ? AND disposed_at IS NOT NULL AND {exists} ORDER BY disposed_at DESC, number",
        [project, *params],
    )
    lists = db.all_of(Disposal, "WHERE project_id = ? AND outcome = 'confirmed'", [project])
    by = {item["document"]: one for one in lists for item in one.items}
    ids = [one.id for one in gone]
    every = db.all_of(Version, f"WHERE document_id IN ({db.marks(ids)}) ORDER BY number", ids) if ids else []
    return [
        Tombstone(
            one, by[one.id].proposed_name, by[one.id].decided_name or "", by[one.id].reason,
            tuple(v for v in every if v.document_id == one.id),
        )
        for one in gone
    ]  # fmt: skip


def _bury(tx: db.Transaction, document: Document, reason: str, gone: list[Version]) -> Document:
    """Leave nothing of a document but its tombstone; its objects are noted for the sweep before they are deleted."""
    for version in tx.all_of(Version, "WHERE document_id = ?", [document.id]):
        gone.append(version)
        tx.update(version, action="disposed of", wrapped_key="", file_name="", note="")
        tx.execute("DELETE FROM document_findings WHERE id = ?", [version.id])
        tx.execute(
            "INSERT INTO upload_intent (object_key, started_at, passes) VALUES (?, ?, 1)", [version.object_key, now()]
        )
    return tx.update(
        document, action="disposed of", about={"note": reason}, title=document.code, archived=True, disposed_at=tx.at
    )


def _may_go(tx: db.Transaction, reader: Reader, project: str, ids: Sequence[str]) -> list[Document]:
    """The documents, when each of them may go now. Raises NotFound, Refused, Conflict."""
    some = tx.all_of(Document, f"WHERE id IN ({db.marks(ids)}) AND project_id = ? ORDER BY number", [*ids, project])
    if len(some) != len(ids) or any(one.disposed_at for one in some):
        raise NotFound(documents.MISSING)
    for one in some:
        documents.require_own(reader, one)
        holds.require_none(tx.rows, one)
    today = language.local(tx.at).date()
    for kept in retention.kept(tx.rows, tx.get(Project, project), some):
        if not kept.is_due(today):
            _require_never_approved(kept)
    return some


def _require_never_approved(kept: Kept) -> None:
    """Before its time only what is in the trash and was never approved may go. Raises Conflict."""
    code = kept.document.code
    if not kept.document.archived:
        raise Conflict(say("{code} has not been kept long enough, and it is not in the trash.", code=code))
    if not kept.record:
        return
    if kept.until is not None:
        raise Conflict(
            say("{code} was approved: it is kept until {day}.", code=code, day=language.day(kept.until))
        )  # fmt: skip
    if kept.years is None:
        raise Conflict(say("{code} was approved, and its class is kept for ever.", code=code))
    raise Conflict(
        say("{code} was approved: it is kept {years} years after the project's end, which is not set.",
            code=code, years=kept.years)
    )  # fmt: skip


def _about(some: Sequence[Document]) -> dict[str, Any]:
    """What the event of a list hangs on: the most secret of its documents, so that it is told to nobody below."""
    top = max(some, key=lambda one: CLEARANCES.index(one.clearance))
    return {"subject": top.id, **holds.TEAM_ONLY}


def _waiting(tx: db.Transaction, reader: Reader, project: str, disposal: str) -> tuple[Disposal, list[Document]]:
    """A list that waits and exists for the reader. Raises NotFound, Conflict when it does not wait any more."""
    found = tx.all_of(Disposal, "WHERE id = ? AND project_id = ?", [disposal, project])
    some = _seen(tx.all_of(Document, *_where(found[0])), reader) if found else None
    if not some:
        raise NotFound(db.GONE)
    if found[0].outcome is not None:
        raise Conflict(say("{name} has decided about this list already.", name=found[0].decided_name))
    return found[0], some


def _seen(some: list[Document], reader: Reader) -> list[Document] | None:
    """The documents of a list; None when one of them does not exist for the reader, and so the list does not."""
    return some if all(reader.sees(documents.thing(one)) for one in some) else None


def _where(disposal: Disposal) -> tuple[str, list[str]]:
    ids = [item["document"] for item in disposal.items]
    return f"WHERE id IN ({db.marks(ids)}) ORDER BY number", ids


def _open(all_of: Callable[..., list[Disposal]], project: str) -> list[Disposal]:
    """The lists that wait for somebody's word, the oldest first; `all_of` reads, inside a transaction or not."""
    return all_of(Disposal, "WHERE project_id = ? AND outcome IS NULL ORDER BY created_at", [project])


def _require_person(actor: Actor) -> None:
    if actor.kind != "person":
        raise Refused(say("Documents are disposed of by people with an account: two of them."))

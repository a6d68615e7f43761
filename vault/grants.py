"""Grants and denials: one document for one person, whatever their role and clearance say.

They are about reading alone. Nobody gives one to themselves, or for a document that they could not
read without a grant of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import db, reading
from core.access import Actor, in_project
from core.errors import Conflict, Invalid, NotFound, Refused
from core.ids import new_id, now
from core.language import say
from core.reading import KINDS, Grant
from vault import documents
from vault.documents import Document


@dataclass(frozen=True)
class Held:
    """A grant or denial that holds now, with the names of those it is about."""

    grant: Grant
    code: str
    title: str
    clearance: str
    person: str
    giver: str


@in_project("document.grant")
def give(
    actor: Actor, project: str, document: str, *,
    account: str, kind: str, reason: str, until: datetime | None = None, at: datetime | None = None,
) -> Grant:  # fmt: skip
    """Grant a document to a person of the project, or deny it to them; what held before of that kind ends.

    `until` is the first moment at which it holds no more. Raises Invalid without a reason or with a
    moment that has passed, NotFound for a document or a person that there is not, Refused for oneself
    and for a document that the actor reads by a grant only, Conflict for a grant to whom it is denied.
    """
    if kind not in KINDS:
        raise Invalid(say("It is either granted or denied."), field="kind")
    if not reason.strip():
        raise Invalid(say("Say why."), field="reason")
    if account == actor.id:
        raise Refused(say("Nobody grants or denies something to themselves."))
    known = documents.get(actor, project, document)
    with db.write(actor, at=at) as tx:
        found = tx.get(Document, known.id)
        documents.require_own(reading.reader(actor, project, rows=tx.rows), found)
        if until is not None and until <= tx.at:
            raise Invalid(say("Choose a day to come."), field="until")
        person = _person(tx, project, account)
        held = tx.all_of(
            Grant,
            "WHERE subject_id = ? AND account_id = ? AND ended_at IS NULL AND (until IS NULL OR until > ?)",
            [found.id, account, tx.at],
        )
        if kind == "grant" and any(one.kind == "denial" for one in held):
            raise Conflict(say("{code} is denied to {person}. End that first.", code=found.code, person=person))
        for one in held:
            if one.kind == kind:
                tx.update(one, action="ended", about={"team_only": True}, ended_at=tx.at)
        return tx.insert(
            Grant(new_id(), project, found.id, account, kind, reason.strip(), until, actor.id, tx.at, None, 1),
            action="granted" if kind == "grant" else "denied", note=reason.strip(), team_only=True,
        )  # fmt: skip


@in_project("document.grant")
def end(actor: Actor, project: str, grant: str) -> None:
    """End a grant or a denial now; one that has ended stays so. Raises NotFound, Refused for one's own."""
    with db.write(actor) as tx:
        found = tx.all_of(Grant, "WHERE id = ? AND project_id = ?", [grant, project])
        reader = reading.reader(actor, project, rows=tx.rows)
        of = tx.all_of(Document, "WHERE id = ? AND NOT archived", [found[0].subject_id]) if found else []
        if not of or not reader.sees(documents.thing(of[0])):
            raise NotFound(db.GONE)
        documents.require_own(reader, of[0])
        if found[0].ended_at is None:
            tx.update(found[0], action="ended", about={"team_only": True}, ended_at=tx.at)


@in_project("document.grant")
def listed(actor: Actor, project: str, *, document: str | None = None) -> list[Held]:
    """The grants and denials that hold now, of one document or of all that exist for the actor; soonest end first.

    Raises NotFound for a document that does not exist for them.
    """
    only = documents.get(actor, project, document).id if document else None
    exists, params = reading.reader(actor, project).condition("d")
    found = db.rows(
        f"""
        SELECT g.id, g.project_id, g.subject_id, g.account_id, g.kind, g.reason, g.until, g.given_by, g.created_at,
               g.ended_at, g.revision, d.code, d.title, d.clearance, a.name AS person,
               COALESCE(b.name, g.given_by) AS giver
        FROM reading_grant g
        JOIN document d ON d.id = g.subject_id
        JOIN account a ON a.id = g.account_id
        LEFT JOIN account b ON b.id = g.given_by
        WHERE g.project_id = ? AND g.ended_at IS NULL AND (g.until IS NULL OR g.until > ?) AND NOT d.archived
          AND (? IS NULL OR d.id = ?) AND {exists}
        ORDER BY g.until NULLS LAST, d.number, a.name
        """,
        [project, now(), only, only, *params],
    )
    return [
        Held(Grant(**{name: line[name] for name in Grant.__dataclass_fields__}),
             line["code"], line["title"], line["clearance"], line["person"], line["giver"])
        for line in found
    ]  # fmt: skip


def _person(tx: db.Transaction, project: str, account: str) -> str:
    """The name of somebody who belongs to the project. Raises NotFound."""
    for person in reading.circle(tx.rows, project).people:
        if person.account_id == account:
            return person.name
    raise NotFound(say("This person does not belong to the project. Add them first."))

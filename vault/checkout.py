"""Checking a document out, so that nobody else uploads meanwhile; a manager can end it, and the holder is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import db, language, mail, reading
from core.access import Actor, in_project
from core.errors import Conflict, Invalid, NotFound, Refused
from core.ids import new_id, now
from core.language import say
from core.settings import Settings
from vault import documents, holder
from vault.holder import CheckOut


@in_project("document.read")
def current(actor: Actor, project: str, document: str) -> CheckOut | None:
    """Who has the document checked out now, if anybody has."""
    return holder.held(db.all_of, documents.get(actor, project, document).id)


@in_project("document.write")
def take(
    actor: Actor, project: str, document: str, *, reason: str, until: datetime, at: datetime | None = None
) -> CheckOut:
    """Check a document out until a moment (UTC); one's own again changes reason and end.

    Raises Invalid without a reason or for a moment that is past, Conflict while somebody else has it,
    Refused for whoever is no person with an account, NotFound.
    """
    seen, reader = documents.get(actor, project, document), reading.reader(actor, project)
    if actor.kind != "person":
        raise Refused(say("A document is checked out by somebody with an account."))
    if not reason.strip():
        raise Invalid(say("Say what you need it for: others read it while they wait."), field="reason")
    if until <= now():
        raise Invalid(say("The end of the check-out is past."), field="until")
    with db.write(actor, at=at) as tx:
        documents.again(tx, reader, seen.id)
        holder.require_free(tx.all_of, actor, seen.id)
        own = holder.held(tx.all_of, seen.id)
        if own is not None:
            return tx.update(own, reason=reason.strip(), until=until)
        return tx.insert(
            CheckOut(new_id(), project, seen.id, actor.id, actor.name, reason.strip(), until, tx.at,
                     None, None, None, None, 1)
        )  # fmt: skip


@in_project("document.write")
def give_back(actor: Actor, project: str, document: str) -> None:
    """End one's own check-out. Raises Conflict when one has none, NotFound."""
    seen = documents.get(actor, project, document)
    with db.write(actor) as tx:
        own = holder.held(tx.all_of, seen.id)
        if own is None or own.account_id != actor.id:
            raise Conflict(say("You don't have this document checked out (any more)."))
        tx.update(own, action="given back", ended_at=tx.at)


@in_project("review.lead")
def break_open(actor: Actor, project: str, document: str, check_out: str, *, reason: str) -> CheckOut:
    """End somebody's check-out, the one that the screen showed. They are told at their next look.

    Raises Invalid without a reason, Conflict when it is over, NotFound.
    """
    seen = documents.get(actor, project, document)
    if not reason.strip():
        raise Invalid(say("Say why: the one who has it checked out is told."), field="reason")
    with db.write(actor) as tx:
        found = holder.held(tx.all_of, seen.id)
        if found is None or found.id != check_out:
            raise Conflict(say("This check-out is over already."))
        return tx.update(
            found, action="broken", ended_at=tx.at, broken_by=actor.name, broken_why=reason.strip()
        )  # fmt: skip


@in_project("review.lead")
def mail_broken(actor: Actor, project: str, check_out: str, settings: Settings) -> None:
    """Mail the holder that their check-out was ended, in their language. Raises NotFound, Unavailable."""
    found = db.one_of(CheckOut, "WHERE id = ? AND project_id = ?", [check_out, project])
    if found is None or found.broken_by is None:
        raise NotFound(db.GONE)
    document = documents.get(actor, project, found.document_id)
    who = db.row("SELECT mail, language FROM account WHERE id = ? AND active", [found.account_id])
    if who is None:
        return
    with language.speaking(who["language"]):
        mail.send(
            settings, who["mail"],
            language.text("Your check-out of {code} was ended", code=document.code),
            language.text("{name} has ended your check-out of {what}: {reason}", name=found.broken_by,
                          what=f"{document.code} {document.title}", reason=found.broken_why),
        )  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """A check-out of the reader's that a manager has ended: of which document, by whom and why."""

    id: str
    code: str
    title: str
    by: str
    why: str
    at: datetime


@in_project("document.read")
def broken(actor: Actor, project: str) -> list[Broken]:
    """The actor's own check-outs that somebody ended, until they take note of it."""
    exists, params = reading.reader(actor, project).condition("d")
    return [
        Broken(**record)
        for record in db.rows(
            f"""
            SELECT c.id, d.code, d.title, c.broken_by AS by, c.broken_why AS why, c.ended_at AS at
            FROM check_out c
            JOIN document d ON d.id = c.document_id
            WHERE c.project_id = ? AND c.account_id = ? AND c.broken_by IS NOT NULL AND c.told_at IS NULL
              AND NOT d.archived AND {exists}
            ORDER BY c.ended_at
            """,
            [project, actor.id, *params],
        )
    ]


@in_project("document.read")
def take_note(actor: Actor, project: str, check_out: str) -> None:
    """Say that one has read that one's check-out was ended. Raises NotFound for anybody else's."""
    with db.write(actor) as tx:
        found = tx.get(CheckOut, check_out)
        if found.project_id != project or found.account_id != actor.id or found.broken_by is None:
            raise NotFound(db.GONE)
        tx.update(found, action="noted", told_at=tx.at)

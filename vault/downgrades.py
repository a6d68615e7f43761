"""Scheduled downgrades: ordered with a reason, carried out when they are due, overtaken by a higher clearance.

Until the day the higher clearance holds, and of two for one day the higher. They are carried out when the vault is opened, when somebody
looks at a shelf, and by the sweep: late ones withhold, they never open anything too early.
"""

from __future__ import annotations

from datetime import datetime

from core import access, db, reading
from core.access import CLEARANCES, SYSTEM, Actor, in_project, open_to_all
from core.errors import Invalid, NotFound
from core.ids import new_id, now
from core.language import say
from vault import class_rules, documents
from vault.documents import Document
from vault.planned import Downgrade


@in_project("document.classify")
def order(
    actor: Actor, project: str, document: str, *, clearance: str, due: datetime, reason: str, at: datetime | None = None
) -> Downgrade:
    """Let a document come down to `clearance` from the moment `due`.

    Where its class asks for a higher one at least, it comes down to that. Raises Invalid for a clearance that is
    not below the document's, a moment that has passed or no reason; NotFound; Refused for a document that the actor reads by a grant only.
    """
    if clearance not in CLEARANCES:
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
    if not reason.strip():
        raise Invalid(say("Say why it gets another clearance."), field="reason")
    known = documents.get(actor, project, document)
    with db.write(actor, at=at) as tx:
        found = tx.get(Document, known.id)
        documents.require_own(reading.reader(actor, project, rows=tx.rows), found)
        if due <= tx.at:
            raise Invalid(say("Choose a day to come."), field="due")
        clearance = class_rules.higher(clearance, class_rules.of(found.class_id).least)
        if CLEARANCES.index(clearance) >= CLEARANCES.index(found.clearance):
            raise Invalid(
                say("{code} is {clearance} now. Choose a lower clearance.",
                    code=found.code, clearance=access.clearance_name(found.clearance)),
                field="clearance",
            )  # fmt: skip
        return tx.insert(
            Downgrade(new_id(), project, found.id, clearance, due, reason.strip(), actor.id, tx.at, None, 1),
            action="planned",
        )


@in_project("document.classify")
def take_back(actor: Actor, project: str, plan: str) -> None:
    """End a planned downgrade before its day; one that has ended stays so. Raises NotFound."""
    with db.write(actor) as tx:
        found = tx.all_of(Downgrade, "WHERE id = ? AND project_id = ?", [plan, project])
        reader = reading.reader(actor, project, rows=tx.rows)
        of = tx.all_of(Document, "WHERE id = ?", [found[0].document_id]) if found else []
        if not of or not reader.sees(documents.thing(of[0])):
            raise NotFound(db.GONE)  # the answer is that for a plan that there is not
        documents.require_own(reader, of[0])
        if found[0].ended_at is None:
            tx.update(found[0], action="taken back", ended_at=tx.at)


@in_project("document.read")
def planned(actor: Actor, project: str, document: str) -> list[Downgrade]:
    """What is planned for a document, the next first. Raises NotFound."""
    found = documents.get(actor, project, document)
    return db.all_of(Downgrade, "WHERE document_id = ? AND ended_at IS NULL ORDER BY due_at", [found.id])


@open_to_all("it does what those who may have ordered, on the day they named")
def settle(*, at: datetime | None = None) -> None:
    """Carry out, as Accord itself, what is due at the moment `at` (now)."""
    moment = at or now()
    due = "WHERE ended_at IS NULL AND due_at <= ? ORDER BY due_at, id"
    if not db.all_of(Downgrade, due, [moment]):
        return
    with db.write(SYSTEM) as tx:
        waiting = tx.all_of(Downgrade, "WHERE ended_at IS NULL ORDER BY due_at, id")
        for plan in [one for one in waiting if one.due_at <= moment]:
            same_day = [
                o for o in waiting if (o.document_id, o.due_at.date()) == (plan.document_id, plan.due_at.date())
            ]
            if plan is not max(same_day, key=lambda one: CLEARANCES.index(one.clearance)):
                tx.update(plan, action="overtaken", ended_at=tx.at)
                continue
            for other in same_day:
                if other.due_at > moment:
                    tx.update(other, action="overtaken", ended_at=tx.at)
            for found in tx.all_of(Document, "WHERE id = ?", [plan.document_id]):
                clearance = class_rules.higher(plan.clearance, class_rules.of(found.class_id).least)
                if CLEARANCES.index(clearance) < CLEARANCES.index(found.clearance):
                    tx.update(found, action="reclassified", about={"note": plan.reason}, clearance=clearance)
            tx.update(plan, action="carried out", ended_at=tx.at)

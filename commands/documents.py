"""What becomes of a document, and who sees it."""

from __future__ import annotations

from datetime import date

from commands.asked import Answer, Asked, project_of_document


def why(asked: Asked) -> Answer:
    """Whether a document exists for a person, and the chain of rules that says so."""
    from core import accounts
    from core.language import text
    from vault import rights

    project = project_of_document(asked)
    found = rights.why(asked.actor, project, account=accounts.by_mail(asked["mail"]).id, document=asked["document"])
    chain = [{"rule": step.rule, "opens": step.opens, "text": step.text.text()} for step in found.chain]
    outcome = (
        text("{person} sees it.", person=found.person) if found.sees
        else text("It does not exist for {person}.", person=found.person)
    )  # fmt: skip
    lines = [f"{'+' if step['opens'] else '-'} {step['text']}" for step in chain]
    return Answer({"sees": found.sees, "chain": chain}, "\n".join([*lines, outcome]))


def document_classify(asked: Asked) -> Answer:
    """Give a document another clearance or class, at once or from a day on."""
    from core import access, language
    from core.language import text
    from vault import documents, downgrades

    project = project_of_document(asked)
    known = documents.get(asked.actor, project, asked["document"])
    if asked["from"]:
        plan = downgrades.order(
            asked.actor, project, known.id, clearance=asked["clearance"], due=language.midnight(date.fromisoformat(asked["from"])),
            reason=asked["reason"],
        )  # fmt: skip
        said = text("{code} becomes {clearance} on {day}.", code=known.code, day=language.day(plan.due_at),
                    clearance=access.clearance_name(plan.clearance))  # fmt: skip
        return Answer({"document": known.id, "class": known.class_id, "clearance": known.clearance,
                       "planned": {"clearance": plan.clearance, "from": plan.due_at}}, said)  # fmt: skip
    found = documents.reclassify(
        asked.actor, project, known.id, revision=known.revision, class_=asked["class"], clearance=asked["clearance"],
        reason=asked["reason"],
    )  # fmt: skip
    said = text("{code} is {clearance}.", code=found.code, clearance=access.clearance_name(found.clearance))
    return Answer({"document": found.id, "class": found.class_id, "clearance": found.clearance, "planned": None}, said)


def document_discard(asked: Asked) -> Answer:
    """Put a document into the trash, or bring it back."""
    from core.language import text
    from vault import trash

    project = project_of_document(asked, trashed=asked["undo"])
    if asked["undo"]:
        found = trash.bring_back(asked.actor, project, asked["document"])
        said = text("{code} is back from the trash.", code=found.code)
    else:
        found = trash.discard(asked.actor, project, asked["document"], reason=asked["reason"])
        said = text("{code} is in the trash.", code=found.code)
    return Answer({"document": found.id, "discarded": found.archived}, said)


def document_hold(asked: Asked) -> Answer:
    """Place a legal hold on a document, or release those that are on it."""
    from core.language import text
    from vault import holds

    project, document = project_of_document(asked, trashed=True), asked["document"]
    if asked["release"]:
        count = holds.release_from(asked.actor, project, document, reason=asked["reason"])
        return Answer({"held": False, "hold": None, "released": count}, text("Released: {count}.", count=count))
    hold = holds.place(asked.actor, project, document=document, reason=asked["reason"])
    return Answer({"held": True, "hold": hold.id, "released": 0}, text("It is under a legal hold."))


def document_restore(asked: Asked) -> Answer:
    """Make an old version the newest one again, as a version of its own."""
    from core.language import text
    from vault import restoring

    project = project_of_document(asked)
    stored = restoring.restore(asked.actor, project, asked["document"], asked["version"], note=asked["note"])
    return Answer(
        {
            "document": stored.document, "version": stored.version, "restored_from": asked["version"],
            "sha256": stored.sha256, "size": stored.size,
        },
        text("Version {old} of {code} is back as version {number}.", old=asked["version"], code=stored.code,
             number=stored.version),
    )  # fmt: skip

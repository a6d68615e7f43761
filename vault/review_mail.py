"""The mail to those who are asked to review, where a mail server is set; the screen tells them all the same."""

from __future__ import annotations

from urllib.parse import urlencode

from core import access, db, language, mail, projects, reading
from core.access import Actor, in_project
from core.errors import NotFound
from core.settings import Settings
from vault import documents
from vault.review import Review, Seat


@in_project("review.ask")
def asked(actor: Actor, project: str, review: str, settings: Settings, *, site: str) -> list[str]:
    """Mail everybody who is asked in a running review, each in their language; whom, by name.

    Nothing goes to somebody for whom the document does not exist (any more), and nobody is told who else is
    asked. `site` is the address of this installation, without a slash at its end. Raises NotFound for a
    review that does not exist for the actor or is over, Unavailable when a mail could not be sent: those
    before it have been.
    """
    found = db.one_of(Review, "WHERE id = ? AND project_id = ?", [review, project])
    if found is None or found.outcome is not None:
        raise NotFound(db.GONE)
    document = documents.get(actor, project, found.document_id)
    place = projects.get(actor, project)
    query = urlencode({"project": place.code, "document": document.code})
    told = []
    for seat in db.all_of(Seat, "WHERE review_id = ? AND verdict IS NULL ORDER BY id", [found.id]):
        who = db.row(
            """
            SELECT a.id, a.name, a.mail, a.language, m.role, m.clearance
            FROM account a
            JOIN membership m ON m.account_id = a.id
            WHERE a.id = ? AND a.active AND m.project_id = ?
            """,
            [seat.account_id, project],
        )
        if who is None or who["id"] == actor.id:
            continue
        reader = reading.reader_of(access.Standing(who["role"], who["clearance"]), who["id"], project)
        if not reader.sees(documents.thing(document)):
            continue
        with language.speaking(who["language"]):
            what = " ".join(f"{document.code} {document.title}".split())  # a mail's subject is one line
            body = "\n\n".join([
                language.text("Hello {name},", name=who["name"]),
                language.text("{name} asks you to review version {number} of {what} until {day}.",
                              name=found.asked_name, number=found.version, what=what, day=language.day(found.due, "long")),
                *([found.message] if found.message else []),
                f"{site}/documents?{query}",
            ])  # fmt: skip
            mail.send(
                settings,
                who["mail"],
                language.text("Review until {day}: {what}", what=what, day=language.day(found.due)),
                body,
            )
        told.append(who["name"])
    return told

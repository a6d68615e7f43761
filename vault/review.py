"""Review of a version: named people are asked, and their word moves it from state to state (vault/states.py).

Everybody who was asked has to approve; the first who asks for changes or declines ends the review. A
verdict is about one version's bytes: their SHA-256 stands in its event. Nobody approves bytes that they
uploaded themselves. What is asked of whom is read in vault/reviews.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core import access, db, language, reading
from core.access import Actor, Standing, in_project, open_to_all, role_name
from core.db import Rows
from core.errors import Conflict, Invalid, NotFound, Refused
from core.ids import new_id, now
from core.language import Message, say
from core.reading import Person, Reader
from core.rows import entity
from vault import class_rules, documents, states
from vault.class_rules import Rules
from vault.documents import Document

VERDICTS = ("approve", "changes", "decline")
OUTCOMES = ("approved", "changes", "declined", "called off", "overtaken")


@entity("review", hangs_on="document_id")
@dataclass(frozen=True)
class Review:
    """People are asked for their word on one version until `due`; it runs until it has an `outcome`."""

    id: str
    project_id: str
    document_id: str
    version: int
    sha256: str
    message: str
    due: date
    review_by: date | None
    internal: bool
    asked_by: str | None
    asked_name: str
    outcome: str | None
    created_at: datetime
    ended_at: datetime | None
    revision: int


@entity("review_seat", hangs_on="document_id")
@dataclass(frozen=True)
class Seat:
    """One person's place in a review: their `verdict` (of VERDICTS), why, and the bytes that it is about."""

    id: str
    project_id: str
    document_id: str
    review_id: str
    account_id: str
    name: str
    internal: bool
    verdict: str | None
    reason: str
    sha256: str | None
    given_at: datetime | None
    revision: int


@entity("review_remark", hangs_on="document_id")
@dataclass(frozen=True)
class Remark:
    """What somebody says to a place of the version under review: a section, a page, words that are quoted."""

    id: str
    project_id: str
    document_id: str
    review_id: str
    author_id: str | None
    author_name: str
    internal: bool
    section: str
    page: int | None
    quote: str
    text: str
    settled: bool
    created_at: datetime
    revision: int


@dataclass(frozen=True)
class Candidate:
    """Somebody who can be asked to review a document."""

    id: str
    name: str
    role: str


@in_project("review.ask")
def candidates(actor: Actor, project: str, document: str, version: int) -> list[Candidate]:
    """Who can be asked for their word on a version: for whom it exists, and who has not uploaded the same bytes."""
    found = documents.get(actor, project, document)
    judged = next((v for v in documents.versions(actor, project, found.id) if v.number == version), None)
    return _candidates(db.rows, project, found, judged.sha256) if judged else []


@in_project("review.ask")
def ask(
    actor: Actor, project: str, document: str, version: int, *,
    people: Sequence[str], due: date, message: str = "", review_by: date | None = None, at: datetime | None = None,
) -> Review:  # fmt: skip
    """Ask people (accounts by id) for their word on a draft. When it is approved it comes up again on `review_by`.

    Raises Invalid for nobody, too few, somebody who can't be asked, or a day that is past; Conflict for a
    version that is no draft or older than the approved one; NotFound.
    """
    seen, reader = documents.get(actor, project, document), reading.reader(actor, project)
    today = language.local(at or now()).date()
    if due < today:
        raise Invalid(say("The day by which an answer is asked for is past."), field="due")
    if review_by is not None and review_by <= today:
        raise Invalid(say("The day on which it comes up again is past."), field="review_by")
    with db.write(actor, at=at) as tx:
        found = documents.again(tx, reader, seen.id)
        judged = states.version_of(tx, found, version)
        if found.approved_version is not None and version < found.approved_version:
            raise Conflict(
                say("Version {number} of {code} is approved already, which is newer. Restore this one to go back to it.",
                    number=found.approved_version, code=found.code)
            )  # fmt: skip
        able = {one.id: one for one in _candidates(tx.rows, project, found, judged.sha256)}
        asked = [able[who] for who in dict.fromkeys(people) if who in able]
        _enough(asked, people, class_rules.of(found.class_id))
        states.move(tx, found, version, "asked")
        internal = all(one.role != "client" for one in asked)
        review = tx.insert(
            Review(
                new_id(), project, found.id, version, judged.sha256, message.strip(), due, review_by, internal,
                actor.id if actor.kind == "person" else None, actor.name, None, tx.at, None, 1,
            ),
            action="asked",
        )  # fmt: skip
        for one in asked:
            tx.insert(
                Seat(new_id(), project, found.id, review.id, one.id, one.name, internal, None, "", None, None, 1),
                action="asked",
            )
        return review


@in_project("review.decide")
def decide(
    actor: Actor, project: str, review: str, verdict: str, *, reason: str = "", at: datetime | None = None
) -> Review:
    """Give one's word where one was asked: `approve`, `changes` (the version is a draft again) or `decline`
    (this version will not be approved). It can be changed while the review runs.

    Raises Invalid without a reason for anything but approval, Refused for somebody who was not asked or
    uploaded these bytes, Conflict when the review is over, NotFound.
    """
    reader = reading.reader(actor, project)
    if verdict not in VERDICTS:
        raise Invalid(say("A verdict is one of approve, changes, decline."), field="verdict")
    with db.write(actor, at=at) as tx:
        found, document = _running(tx, reader, project, review)
        seats = tx.all_of(Seat, "WHERE review_id = ? ORDER BY id", [found.id])
        own = next((seat for seat in seats if seat.account_id == actor.id), None)
        if own is None:
            raise Refused(say("You were not asked to review this."))
        if verdict == "approve" and actor.id in _uploaders(tx.rows, found.sha256):
            raise Refused(say("You have uploaded this file yourself: somebody else has to approve it."))
        if verdict != "approve" and not reason.strip():
            raise Invalid(say("Say why: the author has to know what to change."), field="reason")
        tx.update(
            own, action=verdict, verdict=verdict, reason=reason.strip(), sha256=found.sha256, given_at=tx.at
        )  # fmt: skip
        if verdict == "changes":
            states.move(tx, document, found.version, "changes")
            return _end(tx, found, "changes")
        if verdict == "decline":
            states.move(tx, document, found.version, "declined")
            return _end(tx, found, "declined")
        if all(seat.verdict == "approve" for seat in seats if seat.id != own.id):
            return _approve(tx, found, document)
        return found


@in_project("review.ask")
def call_off(actor: Actor, project: str, review: str, *, reason: str) -> Review:
    """End a review without an outcome: one's own, or with review.lead anybody's. The version is a draft again."""
    reader = reading.reader(actor, project)
    with db.write(actor) as tx:
        found, document = _running(tx, reader, project, review)
        if found.asked_by != actor.id and not reader.standing.may("review.lead"):
            raise Refused(say("A review is called off by the one who asked for it, or by a manager."))
        if not reason.strip():
            raise Invalid(say("Say why: those who were asked are told."), field="reason")
        states.move(tx, document, found.version, "called off")
        return _end(tx, found, "called off", reason.strip())


@in_project("review.decide")
def remark(
    actor: Actor, project: str, review: str, text: str, *,
    section: str = "", page: int | None = None, quote: str = "", at: datetime | None = None,
) -> Remark:  # fmt: skip
    """Say something to a place of the version under review. Raises Invalid for an empty text, Conflict, NotFound."""
    reader = reading.reader(actor, project)
    with db.write(actor, at=at) as tx:
        found, document = _running(tx, reader, project, review)
        if not text.strip():
            raise Invalid(say("A remark needs a text."), field="text")
        if page is not None and page < 1:
            raise Invalid(say("Pages are counted from 1."), field="page")
        return tx.insert(
            Remark(
                new_id(), project, document.id, found.id, actor.id if actor.kind == "person" else None, actor.name,
                found.internal, section.strip(), page, quote.strip(), text.strip(), False, tx.at, 1,
            )
        )  # fmt: skip


@in_project("review.decide")
def settle(actor: Actor, project: str, remark: str, *, settled: bool = True, at: datetime | None = None) -> Remark:
    """Mark a remark as dealt with, or open it again: the team, or the one who made it. Raises Refused, NotFound."""
    reader = reading.reader(actor, project)
    with db.write(actor, at=at) as tx:
        found = tx.get(Remark, remark)
        _visible(tx, reader, project, found)
        if found.author_id != actor.id and not reader.standing.may("review.ask"):
            raise Refused(say("A remark is settled by the team, or by the one who made it."))
        return tx.update(found, action="settled" if settled else "opened", settled=settled)


@in_project("review.lead")
def withdraw(actor: Actor, project: str, document: str, version: int, *, reason: str) -> Document:
    """Take back the approval of a version: readers get the newest one again. Raises Invalid, Conflict, NotFound."""
    seen, reader = documents.get(actor, project, document), reading.reader(actor, project)
    if not reason.strip():
        raise Invalid(say("Say why the approval is withdrawn."), field="reason")
    with db.write(actor) as tx:
        found = states.move(tx, documents.again(tx, reader, seen.id), version, "withdrawn")
        return tx.update(
            found, action="withdrawn", approved_version=None, review_by=None, about={"note": reason.strip()}
        )  # fmt: skip


@in_project("review.lead")
def renew(actor: Actor, project: str, document: str, version: int, *, review_by: date) -> Document:
    """Say that an approved version still holds, and when it comes up again.

    Raises Invalid for a day that is past, Refused for who uploaded it, Conflict when another is approved, NotFound.
    """
    seen, reader = documents.get(actor, project, document), reading.reader(actor, project)
    if review_by <= language.local(now()).date():
        raise Invalid(say("The day on which it comes up again is past."), field="review_by")
    with db.write(actor) as tx:
        found = documents.again(tx, reader, seen.id)
        judged = states.version_of(tx, found, version)
        if found.approved_version != version:
            raise Conflict(say("Version {number} of {code} is {state} now.", number=version, code=found.code,
                               state=states.name(states.of(judged))))  # fmt: skip
        if actor.id in _uploaders(tx.rows, judged.sha256):
            raise Refused(say("You have uploaded this file yourself: somebody else has to approve it."))
        return tx.update(found, action="renewed", review_by=review_by, about={"note": judged.sha256})


def _approve(tx: db.Transaction, review: Review, document: Document) -> Review:
    """Everybody has approved: readers get this version from now on."""
    before = document.approved_version
    document = states.move(tx, document, review.version, "approved")
    if before is not None:
        document = states.move(tx, document, before, "superseded")
    for older in tx.all_of(
        Review, "WHERE document_id = ? AND outcome IS NULL AND version < ?", [document.id, review.version]
    ):
        document = states.move(tx, document, older.version, "overtaken")
        _end(tx, older, "overtaken")
    tx.update(
        document, action="approved", approved_version=review.version, review_by=review.review_by,
        about={"note": review.sha256},
    )  # fmt: skip
    return _end(tx, review, "approved")


def _end(tx: db.Transaction, review: Review, outcome: str, note: str | None = None) -> Review:
    return tx.update(review, action=outcome, outcome=outcome, ended_at=tx.at, about={"note": note})


def _enough(asked: Sequence[Candidate], people: Sequence[str], rule: Rules) -> None:
    if len(asked) < len(set(people)):
        raise Invalid(
            say("Somebody of those can't be asked: the document does not exist for them, or they uploaded it."),
            field="people",
        )
    # The client's word counts where the class asks for it, or names the role.
    counting = [one for one in asked if one.role in rule.approver_roles or (rule.client_word and one.role == "client")]
    if len(counting) < rule.approvals:
        raise Invalid(
            say("Ask at least one person.") if not asked
            else say("{count} of these roles approve this class: {roles}. Ask as many.", count=rule.approvals,
                     roles=", ".join(role_name(role).text() for role in rule.approver_roles)),
            field="people",
        )  # fmt: skip
    if rule.client_word and all(one.role != "client" for one in asked):
        raise Invalid(say("This class asks for the client's word: ask one of the client's people."), field="people")


def _running(tx: db.Transaction, reader: Reader, project: str, review: str) -> tuple[Review, Document]:
    """A review that runs, and its document. Raises NotFound, Conflict when it is over."""
    found = tx.get(Review, review)
    document = _visible(tx, reader, project, found)
    if found.outcome is not None:
        raise Conflict(say("This review is over: {outcome}.", outcome=outcome_name(found.outcome)))
    return found, document


def _visible(tx: db.Transaction, reader: Reader, project: str, row: Review | Remark) -> Document:
    if row.project_id != project or (row.internal and not reader.standing.may("note.read")):
        raise NotFound(db.GONE)
    try:
        return documents.again(tx, reader, row.document_id)
    except NotFound:
        raise NotFound(db.GONE) from None


def _uploaders(rows: Rows, sha256: str, project: str | None = None) -> set[str]:
    """Who has uploaded these bytes, here or in any project."""
    found = rows(
        """
        SELECT DISTINCT author_id
        FROM document_version
        WHERE sha256 = ? AND author_id IS NOT NULL AND (? IS NULL OR project_id = ?)
        """,
        [sha256, project, project],
    )
    return {line["author_id"] for line in found}


def _candidates(rows: Rows, project: str, document: Document, sha256: str) -> list[Candidate]:
    people = rows(
        f"""
        SELECT a.id, a.name, m.role, m.clearance
        FROM membership m
        JOIN account a ON a.id = m.account_id
        WHERE m.project_id = ? AND a.active AND m.role IN ({db.marks(sorted(access.PERMISSIONS["review.decide"]))})
        ORDER BY a.name
        """,
        [project, *sorted(access.PERMISSIONS["review.decide"])],
    )
    # Those of other projects are told nothing here; they are refused when they approve.
    uploaded = _uploaders(rows, sha256, project)
    thing, circle = documents.thing(document), reading.circle(rows, project)
    return [
        Candidate(p["id"], p["name"], p["role"])
        for p in people
        if p["id"] not in uploaded
        and circle.reader(Person(p["id"], p["name"], Standing(p["role"], p["clearance"]))).sees(thing)
    ]


@open_to_all("it only gives words")
def outcome_name(outcome: str) -> Message:
    """How a review ended, as words for people."""
    return {
        "approved": say("approved"),
        "changes": say("changes were asked for"),
        "declined": say("declined"),
        "called off": say("called off"),
        "overtaken": say("a later version was approved"),
    }[outcome]


@open_to_all("it only gives words")
def verdict_name(verdict: str | None) -> Message:
    """A verdict as words for people."""
    return {
        None: say("not yet"),
        "approve": say("approves"),
        "changes": say("asks for changes"),
        "decline": say("declines"),
    }[verdict]

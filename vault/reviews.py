"""What reviews there are: of one document, what waits for whom, and what has to be looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core import db, language, reading
from core.access import Actor, in_project
from core.ids import now
from core.overview import Waiting
from core.reading import Reader
from vault import documents
from vault.review import Remark, Review, Seat


@dataclass(frozen=True)
class Shown:
    """A review with the people who were asked and what was remarked; `mine` is the reader's own seat."""

    review: Review
    seats: tuple[Seat, ...]
    remarks: tuple[Remark, ...]
    mine: Seat | None


@in_project("document.read")
def of_document(actor: Actor, project: str, document: str) -> list[Shown]:
    """The reviews of a document, the newest first; the client's people see those in which the client was asked."""
    reader = reading.reader(actor, project)
    found = documents.get(actor, project, document)
    inner = _inner(reader)
    where = f"WHERE document_id = ? {inner}"
    reviews = db.all_of(Review, f"{where} ORDER BY created_at DESC, id DESC", [found.id])
    seats = db.all_of(Seat, f"{where} ORDER BY name, id", [found.id])
    remarks = db.all_of(Remark, f"{where} ORDER BY created_at, id", [found.id])
    return [
        Shown(
            one,
            tuple(seat for seat in seats if seat.review_id == one.id),
            tuple(remark for remark in remarks if remark.review_id == one.id),
            next((s for s in seats if s.review_id == one.id and s.account_id == actor.id), None),
        )
        for one in reviews
    ]


@dataclass(frozen=True)
class Asked:
    """A review that waits for the reader's word."""

    review: str
    code: str
    title: str
    version: int
    asked_name: str
    since: datetime
    due: date


@in_project("document.read")
def mine(actor: Actor, project: str) -> list[Asked]:
    """What waits for the actor's word, the one that is due first at the top."""
    reader = reading.reader(actor, project)
    exists, params = reader.condition("d")
    return [
        Asked(**record)
        for record in db.rows(
            f"""
            SELECT r.id AS review, d.code, d.title, r.version, r.asked_name, r.created_at AS since, r.due
            FROM review r
            JOIN review_seat s ON s.review_id = r.id
            JOIN document d ON d.id = r.document_id
            WHERE r.project_id = ? AND r.outcome IS NULL AND s.account_id = ? AND s.verdict IS NULL
              AND NOT d.archived AND {exists} {_inner(reader, "r.")}
            ORDER BY r.due, r.created_at
            """,
            [project, actor.id, *params],
        )
    ]


@in_project("document.read")
def waiting(actor: Actor, project: str) -> list[Waiting]:
    """What stands still here until somebody gives their word (`review`) or looks at an approval again (`renew`)."""
    reader = reading.reader(actor, project)
    exists, params = reader.condition("d")
    asked = db.rows(
        f"""
        SELECT r.id, d.code, d.title, r.created_at AS since, s.account_id, s.name
        FROM review r
        JOIN review_seat s ON s.review_id = r.id
        JOIN document d ON d.id = r.document_id
        WHERE r.project_id = ? AND r.outcome IS NULL AND s.verdict IS NULL
          AND NOT d.archived AND {exists} {_inner(reader, "r.")}
        ORDER BY r.created_at, r.id, s.name
        """,
        [project, *params],
    )
    found = []
    for one in dict.fromkeys(line["id"] for line in asked):
        lines = [line for line in asked if line["id"] == one]
        first = lines[0]
        names = tuple(line["name"] for line in lines)
        own = actor.id in {line["account_id"] for line in lines}
        found.append(Waiting("review", names, own, "document", first["code"], first["title"], first["since"]))
    if not reader.standing.may("review.lead"):
        return found
    again = db.rows(
        f"""
        SELECT d.code, d.title, d.review_by
        FROM document d
        WHERE d.project_id = ? AND NOT d.archived AND d.review_by < ? AND {exists}
        """,
        [project, language.local(now()).date(), *params],
    )
    return found + [
        Waiting("renew", (), True, "document", line["code"], line["title"], language.midnight(line["review_by"]))
        for line in again
    ]


def _inner(reader: Reader, table: str = "") -> str:
    """What leaves out reviews among the team, for those who are not of it."""
    return "" if reader.standing.may("note.read") else f"AND NOT {table}internal"

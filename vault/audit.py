"""The audit: who saw, fetched, shared, changed, was refused. A read of the ledger for those who answer for it.

Managers read their project's, as far as they are cleared; administrators also what belongs to no project:
sign-ins, accounts, keys. Looking at it changes nothing; carrying it away is itself on record.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from core import access, activity, db, reading, refusals
from core.access import CLEARANCES, Actor, in_organisation, in_project, open_to_all
from core.ids import now
from core.language import Message, say
from vault import classes, documents, states

KINDS: dict[str, str] = {
    "seen": "e.action IN ('viewed', 'downloaded', 'previewed', 'proof made', 'audit exported')",
    "changed": "e.entity IN ('document', 'document_version', 'downgrade', 'reading_rule', 'review', 'review_seat', "
    "'review_remark', 'check_out', 'legal_hold', 'disposal') "
    "AND e.action NOT IN ('viewed', 'downloaded', 'previewed', 'proof made', 'refused', 'key renewed', 'state')",
    "shared": "(e.entity LIKE 'share%' OR e.entity = 'reading_grant' OR e.action LIKE 'share%')",
    "refused": "e.action IN ('refused', 'sign-in failed', 'malware found')",
    "people": "e.entity IN ('account', 'session', 'invitation', 'membership') AND e.action <> 'sign-in failed'",
    "keys": "(e.entity IN ('vault', 'ledger') OR e.action = 'key renewed')",
}
"""What one can ask for: kind -> its condition on `event e`."""

RELEVANT = "(" + " OR ".join(f"({condition})" for condition in KINDS.values()) + ")"

ACTIONS: dict[str, Message] = {
    "viewed": say("looked at"), "downloaded": say("fetched"), "previewed": say("previewed"),
    "proof made": say("made a proof of"), "audit exported": say("exported the audit"), "refused": say("was refused"),
    "sign-in failed": say("sign-in failed"), "signed in": say("signed in"), "signed out": say("signed out"),
    "uploaded": say("uploaded"), "created": say("made"), "changed": say("changed"), "deleted": say("removed"),
    "new version": say("gave a new version"), "reclassified": say("classified anew"),
    "asked": say("asked for a review of"), "approve": say("approves"), "changes": say("asks for changes"),
    "decline": say("declines"), "approved": say("approved"), "called off": say("called off"),
    "withdrawn": say("withdrawn"), "renewed": say("renewed"), "restored": say("restored"),
    "checked in": say("gave back"), "given back": say("gave back"), "broken": say("ended the check-out of"),
    "key renewed": say("data key wrapped anew"), "key change begun": say("began a new master key"),
    "key changed": say("ended the change of the master key"), "recovery sheet made": say("made the recovery sheet"),
    "master key restored": say("restored the master key"), "head of the day": say("signed the head of the day"),
    "granted": say("granted"), "denied": say("denied"), "ended": say("ended a grant or a denial of"),
    "planned": say("planned a lower clearance for"), "taken back": say("took back a planned clearance for"),
    "overtaken": say("ended, by a higher one, a planned clearance for"), "carried out": say("carried out a planned clearance for"),
    "shared": say("made a link to"), "share used": say("fetched by a link"), "share refused": say("wrong password at the link to"),
    "share ended": say("ended a link to"),
    "malware found": say("sent a file in which the virus scanner found something"),
    "discarded": say("put into the trash"), "brought back": say("brought back from the trash"),
    "held": say("placed a legal hold on"), "released": say("released the legal hold on"),
    "proposed": say("proposed to dispose of"), "confirmed": say("confirmed what was proposed"),
    "disposed of": say("disposed of"),
    "head sent": say("sent the head of the day"), "vault moved": say("moved the vault"),
}  # fmt: skip
"""Actions as words; one that is missing here stands as the ledger names it."""

LOOKED_AGAIN = timedelta(hours=1)  # the same person at the same version within it is one look


@dataclass(frozen=True)
class Asked:
    """What is asked for; what is empty leaves everything. Days are those of UTC, both inclusive."""

    kinds: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    document: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Line:
    """One event. `subject` is what it is about, as it is called now; `about` what else is known, field by
    field (a text without a name stands alone); `times` how often."""

    seq: int
    at: datetime
    who: str
    project: str
    entity: str
    action: str
    subject: str
    about: tuple[tuple[str, str], ...]
    times: int

    @property
    def words(self) -> str:
        """The action in the reader's language."""
        return ACTIONS[self.action].text() if self.action in ACTIONS else self.action

    @property
    def detail(self) -> str:
        """What else is known, for programs: each field by its name in the ledger."""
        return " · ".join(f"{name} {value}".strip() for name, value in self.about)

    @property
    def more(self) -> str:
        """What else is known, in the reader's language."""
        return " · ".join(_in_words(name, value) for name, value in self.about)


@dataclass(frozen=True)
class Page:
    """Some lines, and how many there are in all."""

    lines: tuple[Line, ...]
    total: int


@in_project("audit.read")
def listed(actor: Actor, project: str, asked: Asked = Asked(), *, limit: int = 50, page: int = 1) -> Page:
    """The audit of a project as far as the actor is cleared, the newest first."""
    return _page(*_in_project(actor, project), asked, limit, page)


@in_organisation("audit.read")
def everywhere(actor: Actor, asked: Asked = Asked(), *, limit: int = 50, page: int = 1) -> Page:
    """The audit of the whole installation, the newest first."""
    return _page(*_EVERYWHERE, asked, limit, page)


@in_project("audit.read")
def people(actor: Actor, project: str) -> dict[str, str]:
    """Who stands in a project's audit: id -> name, by name."""
    return _people(*_in_project(actor, project))


@in_organisation("audit.read")
def everybody(actor: Actor) -> dict[str, str]:
    """Who stands in the audit: id -> name, by name."""
    return _people(*_EVERYWHERE)


@in_project("audit.read")
def exported(actor: Actor, project: str, asked: Asked = Asked()) -> Iterator[str]:
    """A project's audit as lines of CSV (RFC 4180, UTF-8), the newest first; the export is on record."""
    with db.write(actor) as tx:
        tx.event("project", project, "audit exported", project=project, team_only=True)
    return _csv(*_in_project(actor, project), asked)


@in_organisation("audit.read")
def exported_everywhere(actor: Actor, asked: Asked = Asked()) -> Iterator[str]:
    """The whole audit as lines of CSV, the newest first; the export is on record."""
    with db.write(actor) as tx:
        tx.event("organisation", "organisation", "audit exported")
    return _csv(*_EVERYWHERE, asked)


@in_project("document.read")
def seen(actor: Actor, project: str, document: str, version: int) -> None:
    """Record that the actor looks at a document; again within the hour is the same look. Raises NotFound."""
    found = documents.get(actor, project, document)
    looked = db.value(
        """
        SELECT COUNT(*)
        FROM event
        WHERE entity_id = ? AND actor_id = ? AND action = 'viewed' AND recorded_at > ?
          AND CAST(json_extract_string(after, '$.version') AS INTEGER) = ?
        """,
        [found.id, actor.id, now() - LOOKED_AGAIN, version],
    )
    if not looked:
        with db.write(actor) as tx:
            tx.event("document", found.id, "viewed", project=project, subject=found.id, data={"version": version})


@open_to_all("it only looks at the text it is given")
def harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for text: one that would be a formula gets an apostrophe before it."""
    return (
        "'" + cell
        if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
        else cell
    )


_EVERYWHERE: tuple[str, list[object]] = ("FROM event e LEFT JOIN subject s ON s.id = e.subject_id WHERE TRUE", [])


def _in_project(actor: Actor, project: str) -> tuple[str, list[object]]:
    return activity.visible(reading.reader(actor, project), project, actor.id, unsaid=())


def _filtered(source: str, params: list[object], asked: Asked) -> tuple[str, list[object]]:
    clauses, params = f"{source} AND {RELEVANT}", list(params)
    chosen = [KINDS[kind] for kind in asked.kinds if kind in KINDS]
    if chosen:
        clauses += " AND (" + " OR ".join(f"({condition})" for condition in chosen) + ")"
    if asked.who:
        clauses += f" AND e.actor_id IN ({db.marks(asked.who)})"
        params += asked.who
    if asked.document.strip():
        clauses += " AND e.subject_id IN (SELECT id FROM subject WHERE entity = 'document' AND (id = ? OR upper(code) = ? OR contains(lower(title), ?)))"
        words = asked.document.strip()
        params += [words, words.upper(), words.lower()]
    if asked.since:
        clauses += " AND e.recorded_at >= ?"
        params.append(datetime.combine(asked.since, time()))
    if asked.until:
        clauses += " AND e.recorded_at < ?"
        params.append(datetime.combine(asked.until, time()) + timedelta(days=1))
    return clauses, params


def _people(source: str, params: list[object]) -> dict[str, str]:
    found = db.rows(
        f"SELECT e.actor_id AS id, MAX(e.actor_name) AS name {source} AND {RELEVANT} GROUP BY e.actor_id", params
    )
    return dict(sorted(((r["id"], r["name"]) for r in found), key=lambda pair: pair[1].casefold()))


def _page(source: str, params: list[object], asked: Asked, limit: int, page: int) -> Page:
    clauses, values = _filtered(source, params, asked)
    total = int(db.value(f"SELECT COUNT(*) {clauses}", values))
    return Page(tuple(_lines(clauses, values, limit, (page - 1) * limit)), total)


def _lines(clauses: str, params: list[object], limit: int, offset: int) -> list[Line]:
    found = db.rows(
        f"""
        SELECT e.seq, e.recorded_at AS at, e.actor_name AS who, e.project_id, e.entity, e.action, e.note, e.after,
               s.code, s.title
        {clauses}
        ORDER BY e.seq DESC
        LIMIT {int(limit)} OFFSET {int(offset)}
        """,
        params,
    )
    codes = {r["id"]: r["code"] for r in db.rows("SELECT id, code FROM project")}
    about = [_read(r["after"]) for r in found]
    times = refusals.times([a["count"] for a in about if isinstance(a.get("count"), str)])
    return [
        Line(
            r["seq"], r["at"], r["who"], codes.get(r["project_id"], ""), r["entity"], r["action"],
            " ".join(filter(None, (r["code"], r["title"]))), _about(r["note"], about[i], r["action"]),
            times.get(about[i].get("count", ""), 1) if r["action"] == "refused" else 1,
        )
        for i, r in enumerate(found)
    ]  # fmt: skip


def _read(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


TOLD = ("version", "address", "device", "clearance", "class_id", "title", "state", "role", "to", "versions")
"""Fields of an event that the audit tells, in this order."""


def _about(note: str | None, about: dict[str, Any], action: str) -> tuple[tuple[str, str], ...]:
    """What an event says beside who, when and what: version, act, address, file."""
    found: Sequence[tuple[str, Any]]
    if action == "refused":
        found = [("", about.get("act")), ("", about.get("answer"))]
    elif "number" in about and "file_name" in about:
        found = [("", f"v{about['number']}"), ("", about["file_name"]), ("", note)]
    elif action == "key renewed":
        found = []
    else:
        found = [*((name, about.get(name)) for name in TOLD), ("", note)]
    return tuple((name, str(value)) for name, value in found if value not in (None, ""))


def _in_words(name: str, value: str) -> str:
    match name:
        case "version":
            return f"v{value}"
        case "address":
            return say("from {address}", address=value).text()
        case "clearance" if value in CLEARANCES:
            return access.clearance_name(value).text()
        case "class_id":
            return classes.names().get(value, value)
        case "state" if any(value in step for step in states.TRANSITIONS.values()):
            return states.name(value).text()
        case "role" if value in access.ROLES:
            return access.role_name(value).text()
    return value


def _csv(source: str, params: list[object], asked: Asked) -> Iterator[str]:
    clauses, values = _filtered(source, params, asked)
    yield _row(["number", "at (UTC)", "who", "project", "kind", "action", "about", "detail", "times"])
    # What comes in meanwhile must not shift the pages: nothing newer than now.
    newest, offset = db.head_seq(), 0
    while lines := _lines(f"{clauses} AND e.seq <= ?", [*values, newest], 1000, offset):
        for one in lines:
            yield _row([
                str(one.seq), one.at.isoformat(timespec="seconds") + "Z", one.who, one.project, one.entity, one.action,
                one.subject, one.detail, str(one.times),
            ])  # fmt: skip
        offset += len(lines)


def _row(cells: Sequence[str]) -> str:
    into = io.StringIO()
    csv.writer(into).writerow([harmless(cell) for cell in cells])
    return into.getvalue()

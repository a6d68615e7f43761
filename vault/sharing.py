"""Links by which people without an account fetch one version of a document.

A link carries its maker's right and no more: at every use it is asked anew whether that person still
belongs to the project, may share, and is cleared for the document as it is now. It ends on its day, after
its number of downloads, or by a press. Whoever opens one that does not hold, for whatever reason, is told
the same as for one that there never was.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from core import access, db, passwords, projects, reading, throttle
from core.access import SYSTEM, Actor, in_project, open_to_all
from core.accounts import Account
from core.errors import Invalid, NotFound, Refused
from core.ids import new_id, now
from core.language import say
from core.rows import entity
from vault import documents
from vault.documents import Document, Fetched, Version

LONGEST = timedelta(days=366)
MOST_USES = 10_000
NO_LINK = say("This link does not exist, or it has ended. Ask the person who gave it to you for a new one.")


@entity("share_link", sealed=("token_hash", "password_hash"), volatile=("used",), hangs_on="document_id")
@dataclass(frozen=True)
class Link:
    """A link to one version until a moment (UTC), for `most` downloads; `made_by` is an account, the names are names."""

    id: str
    project_id: str
    document_id: str
    version: int
    token_hash: str
    password_hash: str | None
    made_by: str
    made_name: str
    until: datetime
    most: int | None
    used: int
    created_at: datetime
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True)
class Made:
    """A fresh link; `path` holds the token, which is kept nowhere and shown once."""

    link: Link
    path: str


@dataclass(frozen=True)
class Live:
    """A link that has not ended, with its document; `holds` is False when its maker has lost the right meanwhile."""

    link: Link
    document: Document
    holds: bool


@dataclass(frozen=True)
class Offer:
    """What the holder of a link is told: with a password nothing of the file before it is given."""

    organisation: str
    until: datetime
    locked: bool
    file_name: str
    size: int
    maker: str


# making and ending


@in_project("document.share")
def make(
    actor: Actor, project: str, document: str, version: int, *,
    until: datetime, password: str = "", most: int | None = None,
) -> Made:  # fmt: skip
    """Make a link to a version, the one that the screen showed.

    Raises Invalid for an end that is past or more than a year away, a number of downloads that is none, and a
    password that guessers try first; Refused above the organisation's limit, for a document that is read by
    a grant only and for who has no account; NotFound.
    """
    reader = reading.reader(actor, project)
    seen = documents.version_of(actor, project, document, version)
    if actor.kind != "person":
        raise Refused(say("A document is shared by somebody with an account: the link lives as long as their right."))
    if not now() < until <= now() + LONGEST:
        raise Invalid(say("The link ends on a day to come, within a year."), field="until")
    if most is not None and not 1 <= most <= MOST_USES:
        raise Invalid(say("The number of downloads is 1 to {most}.", most=MOST_USES), field="most")
    if password:
        passwords.check(password)
    hashed, token = passwords.hashed(password) if password else None, secrets.token_urlsafe(32)
    with db.write(actor) as tx:
        found = documents.again(tx, reader, seen.document_id)
        documents.require_own(reader, found)
        limit = projects.share_limit()
        if limit is None or not _within(found.clearance, limit):
            raise Refused(
                say("{code} is {clearance}: that is above what is shared by a link. An administrator sets the limit.",
                    code=found.code, clearance=access.clearance_name(found.clearance))
            )  # fmt: skip
        link = tx.insert(
            Link(new_id(), project, found.id, seen.number, _digest(token), hashed, actor.id, actor.name, until, most,
                 0, tx.at, None, None),
            action="shared", team_only=True,
        )  # fmt: skip
    return Made(link, f"/s/{token}")


@in_project("document.share")
def end(actor: Actor, project: str, link: str) -> None:
    """End a link now; one that has ended stays so. Raises NotFound, Refused for others' without document.grant."""
    reader = reading.reader(actor, project)
    with db.write(actor) as tx:
        found = tx.all_of(Link, "WHERE id = ? AND project_id = ?", [link, project])
        if not found or not reader.sees(documents.thing(tx.get(Document, found[0].document_id))):
            raise NotFound(db.GONE)
        if found[0].made_by != actor.id and not reader.standing.may("document.grant"):
            raise Refused(say("Only who has made a link, or a manager, ends it."))
        if found[0].ended_at is None:
            tx.update(
                found[0], action="share ended", about={"team_only": True}, ended_at=tx.at, ended_by=actor.name
            )  # fmt: skip


@in_project("document.share")
def listed(actor: Actor, project: str, *, document: str | None = None) -> list[Live]:
    """The links that have not ended, of one document or of all that exist for the actor; the soonest end first.

    Raises NotFound for a document that does not exist for them.
    """
    reader = reading.reader(actor, project)
    only = documents.get(actor, project, document).id if document else None
    found = [
        one
        for one in db.all_of(
            Link,
            "WHERE project_id = ? AND ended_at IS NULL AND until > ? AND (? IS NULL OR document_id = ?) ORDER BY until",
            [project, now(), only, only],
        )
        if one.most is None or one.used < one.most
    ]
    ids = list({one.document_id for one in found})
    some = db.all_of(Document, f"WHERE NOT archived AND id IN ({db.marks(ids)})", ids) if ids else []
    known = {one.id: one for one in some if reader.sees(documents.thing(one))}
    return [Live(one, known[one.document_id], _given(one) is not None) for one in found if one.document_id in known]


# using one: whoever holds it


@open_to_all("the link is the proof: only who was given it holds its token")
def offer(token: str) -> Offer:
    """What stands on the link's page. Raises NotFound, with the same words whatever the reason."""
    link, _document, version = _held(token)
    named = projects.organisation()
    locked = link.password_hash is not None
    return Offer(
        named.name if named else "Accord", link.until, locked,
        "" if locked else version.file_name, 0 if locked else version.size, "" if locked else link.made_name,
    )  # fmt: skip


@open_to_all("the link is the proof, and its password where it has one")
def use(token: str, *, password: str = "", address: str = "") -> Fetched:
    """The version's content; the use is an event with the address that asked.

    Raises NotFound as `offer`, Refused for a wrong password (throttle.TooSoon after too many), Unavailable
    when the store does not answer: then it does not count as a download.
    """
    link, document, version = _held(token)
    if link.password_hash is not None:
        _ask(link, password, address)
    chunks = documents.content(version)
    beginning = next(chunks)
    with db.write(_anybody(link)) as tx:
        again = tx.all_of(Link, "WHERE id = ?", [link.id])
        # Of many at once, as many as are left; and the right is asked once more, while nobody else writes.
        if not again or not _stands(again[0]) or _given(again[0]) is None:
            cast(Generator[bytes, None, None], chunks).close()
            raise NotFound(NO_LINK)
        tx.update(again[0], used=again[0].used + 1)
        tx.event(
            "share_link", link.id, "share used", project=link.project_id, subject=document.id, team_only=True,
            data={"version": version.number, "address": address},
        )  # fmt: skip
    return Fetched(
        document.id, version.file_name, version.media_type, version.number, version.size, version.sha256,
        version.created_at, documents.continued(beginning, chunks),
    )  # fmt: skip


def _ask(link: Link, password: str, address: str) -> None:
    """Raise Refused unless the password is right; wrong ones are slowed down and on record."""
    with passwords.ONE_BY_ONE:
        with db.write(SYSTEM) as tx:
            counted = throttle.keys(tx, account=f"share:{link.id}", address=address, browser="")
            throttle.take(tx, counted)
        right = passwords.matches(link.password_hash, password)
    with db.write(_anybody(link)) as tx:
        if right:
            throttle.give_back(tx, counted)
            return
        tx.event(
            "share_link", link.id, "share refused", project=link.project_id, subject=link.document_id, team_only=True,
            data={"address": address},
        )  # fmt: skip
    raise Refused(say("This is not the link's password. Try again."))


def _held(token: str) -> tuple[Link, Document, Version]:
    """What a token opens now. Raises NotFound."""
    found = db.one_of(Link, "WHERE token_hash = ?", [_digest(token)])
    given = _given(found) if found and _stands(found) else None
    if found is None or given is None:
        raise NotFound(NO_LINK)
    return found, *given


def _stands(link: Link) -> bool:
    """Whether it has neither ended nor been used up."""
    return link.ended_at is None and now() < link.until and (link.most is None or link.used < link.most)


def _given(link: Link) -> tuple[Document, Version] | None:
    """What the link gives by its maker's right as it is now; None when that gives nothing any more."""
    maker = db.one_of(Account, "WHERE id = ? AND active", [link.made_by])
    limit = projects.share_limit()
    if maker is None or limit is None:
        return None
    try:
        access.require(maker.actor, "document.share", link.project_id)
        reader = reading.reader(maker.actor, link.project_id)
        document = documents.get(maker.actor, link.project_id, link.document_id)
        documents.require_own(reader, document)
        version = documents.version_of(maker.actor, link.project_id, link.document_id, link.version)
    except (NotFound, Refused):
        return None
    return (document, version) if _within(document.clearance, limit) else None


def _within(clearance: str, limit: str) -> bool:
    return access.CLEARANCES.index(clearance) <= access.CLEARANCES.index(limit)


def _anybody(link: Link) -> Actor:
    """Who uses a link: nobody that one could name."""
    return Actor(id=f"link:{link.id}", name="Shared link", kind="system")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

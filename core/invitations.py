"""Links that let a person set a password: an invitation, or a reset. Good once, for seven days.

Administrators make them and pass them on; the link's secret is kept as a digest only, so that it
is shown once, and nobody but its holder ever chooses or sees the password.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from core import accounts, db, passwords, sessions, throttle
from core.access import CLEARANCES, ROLES, Actor, in_organisation, open_to_all
from core.accounts import Account
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id, now
from core.language import say
from core.projects import Membership
from core.rows import entity

LIFE = timedelta(days=7)


@entity("invitation", sealed=("token_hash",))
@dataclass(frozen=True)
class Invitation:
    """A link to set a password; `closed_at` when it was used or replaced by a newer one."""

    id: str
    account_id: str
    purpose: str
    token_hash: str
    memberships: tuple[dict[str, Any], ...]
    invited_by: str
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Place:
    """A membership that an invitation brings: project id, role, clearance."""

    project: str
    role: str
    clearance: str


@dataclass(frozen=True)
class Link:
    """A link that has just been made. The token is told here and never again."""

    token: str
    purpose: str
    account: Account
    expires_at: datetime

    @property
    def address(self) -> str:
        """Path and query of the page that takes it; the site's own address goes before it."""
        return f"/?invitation={self.token}"


@dataclass(frozen=True)
class Offer:
    """What the holder of a link is told before choosing a password."""

    purpose: str
    name: str
    mail: str
    language: str
    invited_by: str
    expires_at: datetime


@in_organisation("account.manage")
def invite(
    actor: Actor, *, mail: str, name: str, language: str = "en", administrator: bool = False,
    places: Sequence[Place] = (),
) -> Link:  # fmt: skip
    """Add a person and make the link by which they set a password and join `places`.

    Raises Invalid for an address that is none, an unknown role or clearance; Conflict when the
    address has an account; NotFound for an unknown project.
    """
    with db.write(actor) as tx:
        for place in places:
            _check_place(tx, place)
        account = accounts.add(tx, mail=mail, name=name, language=language, administrator=administrator)
        return _link(tx, actor, account, "invite", places)


@in_organisation("account.manage")
def link(actor: Actor, account: str) -> Link:
    """A new link for somebody who forgot the password, or who never took up the invitation.

    Earlier open links of the account close; the places of an invitation go over into the new one.
    Raises NotFound, and Conflict for a disabled person.
    """
    with db.write(actor) as tx:
        found = tx.get(Account, account)
        if not found.active:
            raise Conflict(say("{name} is disabled. Enable the account first.", name=found.name))
        waiting = tx.all_of(Invitation, "WHERE account_id = ? AND closed_at IS NULL ORDER BY id", [account])
        places = [Place(**place) for place in waiting[-1].memberships] if waiting else []
        return _link(tx, actor, found, "reset" if found.password_hash else "invite", places)


@open_to_all("whoever holds the link may know whom it is for")
def offer(token: str) -> Offer:
    """What a link is good for. Raises NotFound when it is unknown, used, replaced or too old."""
    invitation, account = _open(token)
    return Offer(
        invitation.purpose, account.name, account.mail, account.language, invitation.invited_by, invitation.expires_at
    )


@open_to_all("the link is the proof")
def accept(token: str, password: str, *, browser: str = "", path: str = "/") -> str:
    """Set the password, join the places of the invitation, and earn a ticket for this browser.

    Every session of the account ends. It works while tries at the account have to wait, so that
    nobody can keep a person out by guessing. Raises NotFound (see `offer`), Invalid by the rule.
    """
    _, account = _open(token)
    passwords.check(password, about=[account.mail, account.name])
    fresh = passwords.hashed(password)
    with db.write(account.actor) as tx:
        # Looked up again inside: the same link may be open in two browsers.
        invitation = _one(tx.all_of(Invitation, OPEN, [_digest(token), now()]))
        tx.update(invitation, action="accepted", about={"subject": account.id}, closed_at=tx.at)
        accounts.set_password(tx, account, fresh)
        for place in invitation.memberships:
            _join(tx, account, Place(**place), invitation.invited_by)
        throttle.remember(tx, account=account.mail, browser=browser)
        return sessions.issue(tx, account.id, browser=browser, path=path)


OPEN = """
    WHERE token_hash = ? AND closed_at IS NULL AND expires_at > ?
    AND account_id IN (SELECT id FROM account WHERE active)
"""


def _link(tx: db.Transaction, actor: Actor, account: Account, purpose: str, places: Sequence[Place]) -> Link:
    for earlier in tx.all_of(Invitation, "WHERE account_id = ? AND closed_at IS NULL", [account.id]):
        tx.update(earlier, action="replaced", about={"subject": account.id}, closed_at=tx.at)
    token = secrets.token_urlsafe(32)
    made = tx.insert(
        Invitation(
            id=new_id(), account_id=account.id, purpose=purpose, token_hash=_digest(token),
            memberships=tuple(asdict(place) for place in places), invited_by=actor.name,
            created_at=tx.at, expires_at=tx.at + LIFE, closed_at=None,
        ),
        action="invited" if purpose == "invite" else "reset link made", subject=account.id,
    )  # fmt: skip
    return Link(token, purpose, account, made.expires_at)


def _open(token: str) -> tuple[Invitation, Account]:
    invitation = _one(db.all_of(Invitation, OPEN, [_digest(token), now()]))
    account = db.one_of(Account, "WHERE id = ?", [invitation.account_id])
    if account is None:
        raise NotFound(GONE)
    return invitation, account


def _one(found: list[Invitation]) -> Invitation:
    if not found:
        raise NotFound(GONE)
    return found[0]


def _check_place(tx: db.Transaction, place: Place) -> None:
    if place.role not in ROLES or place.role == "admin":
        raise Invalid(say("A role is one of manager, member, client, viewer."), field="role")
    if place.clearance not in CLEARANCES:
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
    if not tx.value("SELECT COUNT(*) FROM project WHERE id = ?", [place.project]):
        raise NotFound(say("There is no such project."))


def _join(tx: db.Transaction, account: Account, place: Place, invited_by: str) -> None:
    there = tx.value("SELECT COUNT(*) FROM project WHERE id = ?", [place.project])
    member = tx.value(
        "SELECT COUNT(*) FROM membership WHERE project_id = ? AND account_id = ?", [place.project, account.id]
    )
    if there and not member:
        tx.insert(
            Membership(new_id(), place.project, account.id, place.role, place.clearance, tx.at, 1),
            on_behalf=invited_by,
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


GONE = say("This link has been used or is too old. Ask your administrator for a new one.")

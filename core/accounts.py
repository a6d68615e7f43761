"""People: accounts, and the actor that an account is when it asks for something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from email_validator import EmailNotValidError, validate_email

from core import db, passwords, sessions, throttle
from core.access import Actor, in_organisation, open_to_all
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id, now
from core.language import LANGUAGES, say
from core.rows import entity

THEMES = ("system", "light", "dark")


@entity("account", sealed=("password_hash",), subject=True)
@dataclass(frozen=True)
class Account:
    """A person who can be invited, sign in, own requirements. `mail` is unique, in lower case."""

    id: str
    mail: str
    name: str
    language: str
    theme: str
    administrator: bool
    active: bool
    password_hash: str | None
    password_changed_at: datetime | None
    created_at: datetime
    revision: int

    @property
    def actor(self) -> Actor:
        """The account as somebody who asks."""
        return Actor(self.id, self.name, self.mail, self.administrator, language=self.language)


@in_organisation("account.manage")
def create(
    actor: Actor, *, mail: str, name: str, language: str = "en", administrator: bool = False, at: datetime | None = None
) -> Account:
    """Add a person, who cannot sign in before they have set a password.

    Raises Invalid for a mail address that is none or an empty name, Conflict when it is taken.
    """
    with db.write(actor, at=at) as tx:
        return add(tx, mail=mail, name=name, language=language, administrator=administrator)


def add(
    tx: db.Transaction, *, mail: str, name: str, language: str, administrator: bool,
    account: str | None = None, password_hash: str | None = None,
) -> Account:  # fmt: skip
    """A new account, as a part of the change that asks for it. Raises as `create`."""
    address = checked_mail(mail)
    if tx.value("SELECT COUNT(*) FROM account WHERE mail = ?", [address]):
        raise Conflict(say("{mail} has an account already.", mail=address))
    return tx.insert(Account(
        id=account or new_id(), mail=address, name=checked_name(name), language=checked_language(language),
        theme="system", administrator=administrator, active=True, password_hash=password_hash,
        password_changed_at=tx.at if password_hash else None, created_at=tx.at, revision=1,
    ))  # fmt: skip


@dataclass(frozen=True)
class Person:
    """An account as administrators see it."""

    id: str
    mail: str
    name: str
    language: str
    administrator: bool
    active: bool
    has_password: bool
    projects: int
    seen_at: datetime | None
    invited_until: datetime | None
    revision: int

    @property
    def state(self) -> Literal["active", "invited", "lapsed", "disabled"]:
        """Whether they can sign in, or why not: still invited, or the invitation's time is over."""
        if not self.active:
            return "disabled"
        if self.has_password:
            return "active"
        return "invited" if self.invited_until and self.invited_until > now() else "lapsed"


@in_organisation("account.manage")
def listed(actor: Actor) -> list[Person]:
    """Everybody with an account, by name; `invited_until` while a link to set a password is open."""
    return [
        Person(**record)
        for record in db.rows(
            """
            SELECT a.id, a.mail, a.name, a.language, a.administrator, a.active,
                   a.password_hash IS NOT NULL AS has_password,
                   (SELECT COUNT(*) FROM membership m WHERE m.account_id = a.id) AS projects,
                   (SELECT MAX(s.seen_at) FROM session s WHERE s.account_id = a.id) AS seen_at,
                   (SELECT MAX(i.expires_at) FROM invitation i
                    WHERE i.account_id = a.id AND i.closed_at IS NULL) AS invited_until,
                   a.revision
            FROM account a
            ORDER BY LOWER(a.name), a.id
            """
        )
    ]


@in_organisation("account.manage")
def disable(actor: Actor, account: str) -> Account:
    """Close an account: its sessions end at once. Raises Conflict for the last administrator."""
    with db.write(actor) as tx:
        found = tx.get(Account, account)
        if found.administrator:
            _keep_an_administrator(tx, account)
        sessions.end_all(tx, account)
        return tx.update(found, action="disabled", active=False)


@in_organisation("account.manage")
def enable(actor: Actor, account: str) -> Account:
    """Open a disabled account again, with the password it had."""
    with db.write(actor) as tx:
        return tx.update(tx.get(Account, account), action="enabled", active=True)


@in_organisation("account.manage")
def rename(actor: Actor, account: str, name: str, *, revision: int | None = None) -> Account:
    """Change a person's name. Raises Invalid without one, Stale."""
    with db.write(actor) as tx:
        return tx.update(tx.get(Account, account), revision=revision, name=checked_name(name))


@in_organisation("account.manage")
def set_administrator(actor: Actor, account: str, administrator: bool) -> Account:
    """Make a person an administrator, or no longer one. Raises Conflict for the last one."""
    with db.write(actor) as tx:
        found = tx.get(Account, account)
        if not administrator and found.administrator:
            _keep_an_administrator(tx, account)
        return tx.update(found, administrator=administrator)


@open_to_all("it reads the actor's own account, nobody else's")
def own(actor: Actor) -> Account:
    """The actor's account. Raises NotFound for the operator, who has none."""
    found = db.one_of(Account, "WHERE id = ? AND active", [actor.id])
    if found is None:
        raise NotFound(say("There is no such account."))
    return found


@open_to_all("it changes the actor's own account, nobody else's")
def change_own(
    actor: Actor, *, name: str | None = None, language: str | None = None, theme: str | None = None
) -> Account:
    """Change one's own name, language or theme; what is None stays. Raises Invalid."""
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = checked_name(name)
    if language is not None:
        changes["language"] = checked_language(language)
    if theme is not None:
        if theme not in THEMES:
            raise Invalid(say("A theme is one of system, light, dark."), field="theme")
        changes["theme"] = theme
    with db.write(actor) as tx:
        return tx.update(own(actor), **changes)


@open_to_all("it changes the actor's own password, for which it asks")
def change_password(actor: Actor, *, old: str, new: str, browser: str = "", address: str = "", path: str = "/") -> str:
    """Set a new password of one's own: every session ends, and the ticket lets this browser go on.

    Raises Invalid with field="old" when the old one is wrong (counted like a wrong sign-in) or
    field="password" when the rule does not allow the new one, throttle.TooSoon.
    """
    account = own(actor)
    passwords.check(new, about=[account.mail, account.name])
    with passwords.ONE_BY_ONE:
        with db.write(actor) as tx:
            counted = throttle.keys(tx, account=account.mail, address=address, browser=browser)
            throttle.take(tx, counted)
        right = passwords.matches(account.password_hash, old)
    if not right:
        with db.write(actor) as tx:
            tx.event("account", account.id, "password change failed", subject=account.id, data={"address": address})
        raise Invalid(say("This is not your present password."), field="old")
    fresh = passwords.hashed(new)
    with db.write(actor) as tx:
        throttle.give_back(tx, counted)
        set_password(tx, account, fresh)
        return sessions.issue(tx, account.id, browser=browser, path=path)


def set_password(tx: db.Transaction, account: Account, password_hash: str) -> Account:
    """Keep a new password's hash and end all sessions, as a part of the change that asks for it."""
    sessions.end_all(tx, account.id)
    return tx.update(
        tx.get(Account, account.id), action="password set", password_hash=password_hash, password_changed_at=tx.at
    )


@in_organisation("account.manage")
def give_password(actor: Actor, account: str, password: str) -> Account:
    """Set a person's password from the command line; on screen the person sets it by a link.

    Raises Invalid when the rule does not allow it.
    """
    found = db.one_of(Account, "WHERE id = ?", [account])
    if found is None:
        raise NotFound(say("There is no such account."))
    passwords.check(password, about=[found.mail, found.name])
    fresh = passwords.hashed(password)
    with db.write(actor) as tx:
        return set_password(tx, found, fresh)


@open_to_all("it turns a mail address that the operator names into the person who asks")
def by_mail(mail: str) -> Account:
    """The active account with this address. Raises NotFound."""
    found = db.one_of(Account, "WHERE mail = ? AND active", [mail.strip().lower()])
    if found is None:
        raise NotFound(say("There is no account {mail}.", mail=mail))
    return found


@open_to_all("it only looks at the text it is given")
def checked_mail(mail: str) -> str:
    """The address in the form that is kept. Raises Invalid."""
    try:
        return validate_email(mail, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid(say("“{mail}” is not a mail address.", mail=mail), field="mail") from error


@open_to_all("it only looks at the text it is given")
def checked_name(name: str) -> str:
    """A person's name without spaces around it. Raises Invalid when nothing is left."""
    if not name.strip():
        raise Invalid(say("A person needs a name."), field="name")
    return name.strip()


@open_to_all("it only looks at the text it is given")
def checked_language(language: str) -> str:
    """A language that Accord speaks. Raises Invalid."""
    if language not in LANGUAGES:
        raise Invalid(say("Accord speaks {languages}.", languages=", ".join(LANGUAGES)), field="language")
    return language


@open_to_all("it only looks at the text it is given")
def initials(name: str) -> str:
    """The one or two letters that stand for a person: "Ana Keller" -> "AK", "李伟" -> "李伟"."""
    words = name.split()
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return name[:2].upper() if name.isascii() else name[-2:]


def _keep_an_administrator(tx: db.Transaction, account: str) -> None:
    others = tx.value("SELECT COUNT(*) FROM account WHERE administrator AND active AND id <> ?", [account])
    if not others:
        raise Conflict(say("There has to be an administrator. Make somebody else one first."))

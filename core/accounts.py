"""People: accounts, and the actor that an account is when it asks for something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from core import db
from core.access import Actor, in_organisation, open_to_all
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.language import say
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
        address = checked_mail(mail)
        if not name.strip():
            raise Invalid(say("A person needs a name."), field="name")
        if tx.value("SELECT COUNT(*) FROM account WHERE mail = ?", [address]):
            raise Conflict(say("{mail} has an account already.", mail=address))
        return tx.insert(Account(
            id=new_id(), mail=address, name=name.strip(), language=language, theme="system",
            administrator=administrator, active=True, password_hash=None, password_changed_at=None,
            created_at=tx.at, revision=1,
        ))  # fmt: skip


@open_to_all("it turns a mail address that the operator names into the person who asks")
def by_mail(mail: str) -> Account:
    """The active account with this address. Raises NotFound."""
    found = db.one_of(Account, "WHERE mail = ? AND active", [mail.strip().lower()])
    if found is None:
        raise NotFound(say("There is no account {mail}.", mail=mail))
    return found


def checked_mail(mail: str) -> str:
    """The address in the form that is kept. Raises Invalid."""
    try:
        return validate_email(mail, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid(say("“{mail}” is not a mail address.", mail=mail), field="mail") from error


def initials(name: str) -> str:
    """The one or two letters that stand for a person: "Ana Keller" -> "AK", "李伟" -> "李伟"."""
    words = name.split()
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return name[:2].upper() if name.isascii() else name[-2:]

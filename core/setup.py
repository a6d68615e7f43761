"""The first visit: the organisation and its first administrator. There is no default password."""

from __future__ import annotations

from core import accounts, db, passwords
from core.access import Actor, open_to_all
from core.accounts import Account
from core.errors import Conflict, Invalid
from core.ids import new_id
from core.language import say
from core.projects import Organisation


@open_to_all("it tells whether there is anybody to ask yet")
def needed() -> bool:
    """Whether nobody has an account here yet."""
    return not db.value("SELECT COUNT(*) FROM account")


@open_to_all("before it there is nobody to ask, after it it always refuses")
def setup(*, organisation: str, mail: str, name: str, password: str, language: str = "en") -> Account:
    """Name the organisation and make its first administrator.

    Raises Conflict when that has been done, Invalid with the field that needs mending.
    """
    if not needed():
        raise Conflict(ALREADY)
    if not organisation.strip():
        raise Invalid(say("The organisation needs a name."), field="organisation")
    address = accounts.checked_mail(mail)
    first = Actor(new_id(), accounts.checked_name(name), address, administrator=True)
    passwords.check(password, about=[address, name, organisation])
    fresh = passwords.hashed(password)
    with db.write(first) as tx:
        # Asked again inside: two browsers may have the first page open.
        if tx.value("SELECT COUNT(*) FROM account"):
            raise Conflict(ALREADY)
        tx.insert(
            Organisation(new_id(), organisation.strip(), accounts.checked_language(language), tx.at, 1),
            action="set up",
        )
        return accounts.add(
            tx, mail=address, name=name, language=language, administrator=True, account=first.id, password_hash=fresh
        )


ALREADY = say("Accord is set up already. Sign in, or ask your administrator for an account.")

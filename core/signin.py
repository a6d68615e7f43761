"""The way in with mail and password; sessions.begin goes on from the ticket that it earns."""

from __future__ import annotations

from core import db, passwords, sessions, throttle
from core.access import SYSTEM, open_to_all
from core.accounts import Account
from core.errors import Refused
from core.ids import now
from core.language import say

NO_MATCH = say("Mail and password do not match. Try again, or ask your administrator for a link.")


@open_to_all("it is how an actor comes to be; it tells nothing but yes or no")
def sign_in(mail: str, password: str, *, browser: str, address: str, path: str = "/") -> str:
    """A ticket for the account with this mail and password, good for `browser` alone.

    Raises Refused when they do not match (the answer and its cost are the same for an unknown
    name, a disabled person and a wrong password), throttle.TooSoon after too many wrong tries.
    """
    name = mail.strip().lower()
    # A crowd of tries at once waits here, so that none is counted long before it is looked at.
    with passwords.ONE_BY_ONE:
        with db.write(SYSTEM) as tx:
            counted = throttle.keys(tx, account=name, address=address, browser=browser)
            throttle.take(tx, counted)
        account = db.one_of(Account, "WHERE mail = ? AND active", [name])
        right = passwords.matches(account.password_hash if account else None, password)
    if account is None or not right:
        with db.write(SYSTEM) as tx:
            # Never what was typed: people type passwords into the wrong field.
            known = db.value("SELECT id FROM account WHERE mail = ?", [name])
            tx.event(
                "account", known or "unknown", "sign-in failed",
                subject=known, data={"address": address},
            )  # fmt: skip
        raise Refused(NO_MATCH)
    fresh = passwords.hashed(password) if passwords.outdated(account.password_hash or "") else None
    with db.write(account.actor) as tx:
        if tx.get(Account, account.id).password_hash != account.password_hash:
            raise Refused(NO_MATCH)
        throttle.give_back(tx, counted)
        throttle.sweep(tx, now() - throttle.FORGOTTEN)
        throttle.remember(tx, account=name, browser=browser)
        if fresh:
            tx.update(account, action="password stored anew", password_hash=fresh)
        return sessions.issue(tx, account.id, browser=browser, path=path)

"""What browser tests arrange: these run inside the app (`server.build`), through the domain."""

from __future__ import annotations

from typing import Any

from core import access, accounts, db, sessions, setup
from tests.commands import PASSWORD
from tests.conftest import build_engagement

ADMINISTRATOR = "ana@example.com"


def set_up() -> None:
    """An organisation with its administrator, who has a password."""
    setup.setup(organisation="Lanyard", mail=ADMINISTRATOR, name="Ana Keller", password=PASSWORD)


def engagement(code: str) -> dict[str, Any]:
    """A project with a person in each role, and a stranger who is in none."""
    built = build_engagement(code)
    people = {
        role: {"id": person.id, "mail": person.mail, "name": person.name}
        for role in (*access.ROLES, "stranger")
        for person in [built.by_role(role)]
    }
    return {"id": built.id, "code": code, "people": people}


def session(mail: str, browser: str, language: str | None) -> str:
    """A session of the person, as signing in makes one; the cookie's token."""
    account = accounts.by_mail(mail)
    if language is not None:
        accounts.change_own(account.actor, language=language)
    with db.write(account.actor) as tx:
        ticket = sessions.issue(tx, account.id, browser=browser)
    return sessions.begin(ticket, browser=browser, address="127.0.0.1", agent="Chromium test").token

"""Sessions on the server: a row that a cookie names, so that ending it works at once, everywhere.

The cookie's token and the ticket exist here only as SHA-256 (they are random and long, so a fast
hash is enough). The way in: the right password earns a *ticket*, good once, for 30 seconds, in the
browser that asked for it (its `browser` cookie); the ticket begins a session with a fresh token.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import db
from core.access import SYSTEM, Actor, open_to_all
from core.errors import NotFound, Refused
from core.ids import new_id, now
from core.language import say
from core.rows import entity

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=30)
TICKET_LIFE = timedelta(seconds=30)
SEEN_EVERY = timedelta(minutes=1)

OLD_TICKET = say("This way in has been used or is too old. Sign in again.")

db.unledgered("ticket")


@entity("session", sealed=("token_hash",), volatile=("seen_at",))
@dataclass(frozen=True)
class Session:
    """One browser in which a person is signed in. `seen_at` is true to the minute."""

    id: str
    account_id: str
    token_hash: str
    device: str
    address: str
    begun_at: datetime
    seen_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Begun:
    """A session that has just begun: the token for the cookie, where the browser goes next, and how
    its person wants to read, which the browser has to know before it asks anything."""

    token: str
    path: str
    language: str
    theme: str


@open_to_all("the token is the proof; an unknown, ended or worn-out one is nobody")
def actor_of(token: str | None) -> Actor | None:
    """Who the session's cookie stands for now, or None; notes the use once a minute."""
    if not token:
        return None
    digest, moment = _digest(token), now()
    found = db.database().known(("session", digest), lambda: _held(digest))
    if found is None or moment - found["seen_at"] >= IDLE or moment - found["begun_at"] >= LONGEST:
        return None
    if moment - found["seen_at"] > SEEN_EVERY:
        with db.write(SYSTEM) as tx:
            tx.update(tx.get(Session, found["session"]), seen_at=moment)
    return Actor(found["id"], found["name"], found["mail"], found["administrator"], language=found["language"])


def _held(digest: str) -> dict[str, Any] | None:
    """The session with this token and its person, as long as neither has been ended."""
    return db.row(
        """
        SELECT s.id AS session, s.seen_at, s.begun_at, a.id, a.name, a.mail, a.administrator, a.language
        FROM session s
        JOIN account a ON a.id = s.account_id
        WHERE s.token_hash = ? AND s.ended_at IS NULL AND a.active
        """,
        [digest],
    )


def issue(tx: db.Transaction, account: str, *, browser: str, path: str = "/") -> str:
    """A ticket for somebody who has just proved to be this account, for `browser` alone.

    `path` is where the browser goes afterwards: a place in Accord, anything else becomes "/".
    """
    ticket = secrets.token_urlsafe(32)
    tx.execute("DELETE FROM ticket WHERE issued_at < ?", [tx.at - TICKET_LIFE])
    tx.execute(
        "INSERT INTO ticket (token_hash, account_id, browser_hash, path, issued_at) VALUES (?, ?, ?, ?, ?)",
        [_digest(ticket), account, _digest(browser), own_path(path), tx.at],
    )
    return ticket


@open_to_all("the ticket is the proof of a password that was right a moment ago")
def begin(ticket: str, *, browser: str, address: str, agent: str = "", previous: str | None = None) -> Begun:
    """Begin a session with a ticket, which is gone after this, whatever comes of it.

    `browser` is the value of the browser's cookie, `agent` its User-Agent header; `previous`, the
    token that the browser came with, is ended. Raises Refused for a ticket that is unknown, used,
    older than 30 s or another browser's.
    """
    spent = None
    with db.write(SYSTEM) as tx:
        found = tx.rows("SELECT * FROM ticket WHERE token_hash = ?", [_digest(ticket)])
        tx.execute("DELETE FROM ticket WHERE token_hash = ?", [_digest(ticket)])
        if found and tx.at - found[0]["issued_at"] <= TICKET_LIFE and _same(found[0]["browser_hash"], _digest(browser)):
            spent = found[0]
    if spent is None:
        raise Refused(OLD_TICKET)
    account = db.row("SELECT id, name, mail, language, theme FROM account WHERE id = ?", [spent["account_id"]])
    if account is None:
        raise Refused(OLD_TICKET)
    token = secrets.token_urlsafe(32)
    with db.write(Actor(account["id"], account["name"], account["mail"])) as tx:
        if not tx.value("SELECT COUNT(*) FROM account WHERE id = ? AND active", [account["id"]]):
            raise Refused(OLD_TICKET)
        if previous:
            for earlier in tx.all_of(Session, "WHERE token_hash = ? AND ended_at IS NULL", [_digest(previous)]):
                tx.update(earlier, action="signed out", ended_at=tx.at)
        tx.insert(
            Session(new_id(), account["id"], _digest(token), device_of(agent), address, tx.at, tx.at, None),
            action="signed in", subject=account["id"],
        )  # fmt: skip
    return Begun(token, spent["path"], account["language"], account["theme"])


@open_to_all("the token is the proof; ending what it names takes nothing from anyone else")
def end(token: str | None) -> None:
    """Sign out here: end the session that this token names, if there is one."""
    if not token:
        return
    with db.write(_owner(token)) as tx:
        for session in tx.all_of(Session, "WHERE token_hash = ? AND ended_at IS NULL", [_digest(token)]):
            tx.update(session, action="signed out", about={"subject": session.account_id}, ended_at=tx.at)


@open_to_all("it ends the actor's own sessions, nobody else's")
def end_one(actor: Actor, session: str) -> None:
    """Sign out one of the actor's own browsers. Raises NotFound for anybody else's session."""
    with db.write(actor) as tx:
        found = tx.all_of(Session, "WHERE id = ? AND account_id = ? AND ended_at IS NULL", [session, actor.id])
        if not found:
            raise NotFound(say("This does not exist (any more)."))
        tx.update(found[0], action="signed out", about={"subject": actor.id}, ended_at=tx.at)


@open_to_all("it ends the actor's own sessions, nobody else's")
def end_everywhere(actor: Actor) -> int:
    """Sign out all of the actor's browsers; how many there were."""
    with db.write(actor) as tx:
        return end_all(tx, actor.id)


def end_all(tx: db.Transaction, account: str) -> int:
    """End every session and ticket of an account, as a part of the change that asks for it."""
    tx.execute("DELETE FROM ticket WHERE account_id = ?", [account])
    found = tx.all_of(Session, "WHERE account_id = ? AND ended_at IS NULL", [account])
    for session in found:
        tx.update(session, action="signed out", about={"subject": account}, ended_at=tx.at)
    return len(found)


@open_to_all("it lists the actor's own sessions, nobody else's")
def listed(actor: Actor) -> list[Session]:
    """The browsers in which the actor is signed in now, the latest used first."""
    moment = now()
    return db.all_of(
        Session,
        "WHERE account_id = ? AND ended_at IS NULL AND seen_at > ? AND begun_at > ? ORDER BY seen_at DESC, id DESC",
        [actor.id, moment - IDLE, moment - LONGEST],
    )


@open_to_all("it compares what the caller holds already")
def is_this(session: Session, token: str | None) -> bool:
    """Whether `session` is the one that `token` names: "this browser" in the list."""
    return bool(token) and _same(session.token_hash, _digest(token or ""))


@open_to_all("it only looks at the text it is given")
def own_path(path: str) -> str:
    """`path` when it is a place in Accord ("/board?project=HARBOUR"), else "/".

    A browser takes "//host" and "/\\host" for another site, and drops control characters first.
    """
    if not re.fullmatch(r"/(?![/\\])[^\x00-\x20\x7f\\]{0,2000}", path) or path.startswith("/session/"):
        return "/"
    return path


@open_to_all("it only looks at the text it is given")
def device_of(agent: str) -> str:
    """A User-Agent header in words that its owner recognises: "Firefox · Linux"."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part)


# In this order: each browser also names the ones it descends from.
BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("HeadlessChrome", "Chromium"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def _owner(token: str) -> Actor:
    return actor_of(token) or SYSTEM


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one, other)

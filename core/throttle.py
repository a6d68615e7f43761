"""Slowing down guesses: after five wrong tries an account and an address wait, longer each time.

Nobody can lock another out for good. Waits end; a try during a wait is not looked at and does not
prolong it; a browser that has signed in to the account before has a count of its own, which
strangers cannot raise; and a reset link from an administrator does not wait at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from core import db
from core.errors import Refused
from core.language import say

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=15)  # after the fifth wrong try; doubles with each further one
LONGEST_WAIT = {
    "account": timedelta(minutes=5),
    "browser": timedelta(minutes=5),
    "address": timedelta(minutes=15),
}
FORGOTTEN = timedelta(hours=12)  # without a wrong try the count starts again

db.unledgered("throttle", "known_browser")


class TooSoon(Refused):
    """A try that was not looked at because others have just failed. `wait` says for how long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(say("Too many wrong tries. Wait {seconds} seconds, then try again.", seconds=_seconds(wait)))
        self.wait = wait


def keys(tx: db.Transaction, *, account: str, address: str, browser: str) -> tuple[str, ...]:
    """Whose counts a try at `account` (an id, or the address that was typed) falls on."""
    if tx.value("SELECT COUNT(*) FROM known_browser WHERE id = ?", [_pair(browser, account)]):
        return (f"browser:{_pair(browser, account)}",)
    return (f"account:{_digest(account)}", f"address:{address}")


def take(tx: db.Transaction, counted: Sequence[str]) -> None:
    """Count a try before it is looked at, so that many at once are not all free. Raises TooSoon."""
    marks = ", ".join("?" * len(counted))
    found = {r["id"]: r for r in tx.rows(f"SELECT * FROM throttle WHERE id IN ({marks})", list(counted))}
    wait = max((r["open_at"] - tx.at for r in found.values()), default=timedelta())
    if wait > timedelta():
        raise TooSoon(wait)
    for key in counted:
        past = found.get(key)
        fresh = past is None or tx.at - past["failed_at"] > FORGOTTEN
        failures = 1 if fresh or past is None else past["failures"] + 1
        values = [failures, tx.at, tx.at + _wait(key, failures), key]
        if past:
            tx.execute("UPDATE throttle SET failures = ?, failed_at = ?, open_at = ? WHERE id = ?", values)
        else:
            tx.execute("INSERT INTO throttle (failures, failed_at, open_at, id) VALUES (?, ?, ?, ?)", values)


def give_back(tx: db.Transaction, counted: Sequence[str]) -> None:
    """The try was right: its account starts anew, its address is where it was before the try."""
    for key in counted:
        if key.startswith("address:"):
            tx.execute("UPDATE throttle SET failures = failures - 1, open_at = ? WHERE id = ?", [tx.at, key])
        else:
            tx.execute("DELETE FROM throttle WHERE id = ?", [key])


def remember(tx: db.Transaction, *, account: str, browser: str) -> None:
    """This browser has signed in to this account: strangers' failures do not slow it any more."""
    pair = _pair(browser, account)
    if not tx.execute("UPDATE known_browser SET signed_in_at = ? WHERE id = ?", [tx.at, pair]):
        tx.execute("INSERT INTO known_browser (id, signed_in_at) VALUES (?, ?)", [pair, tx.at])


def sweep(tx: db.Transaction, before: datetime) -> None:
    """Forget counts whose last failure is older than `before`."""
    tx.execute("DELETE FROM throttle WHERE failed_at < ?", [before])


def _wait(key: str, failures: int) -> timedelta:
    if failures < FREE_TRIES:
        return timedelta()
    longest: timedelta = LONGEST_WAIT[key.split(":")[0]]
    doublings = min(failures - FREE_TRIES, 20)
    return min(longest, FIRST_WAIT * (1 << doublings))


def _seconds(wait: timedelta) -> int:
    return max(1, -int(-wait.total_seconds() // 1))


def _pair(browser: str, account: str) -> str:
    return _digest(f"{browser}\n{account}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""A document that somebody has checked out: who holds it, and what that refuses to others.

The acts are in vault/checkout.py; here is what an upload has to ask (vault/documents.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import db, language
from core.access import Actor, open_to_all
from core.errors import Conflict
from core.ids import now
from core.language import say
from core.rows import entity


@entity("check_out", hangs_on="document_id")
@dataclass(frozen=True)
class CheckOut:
    """Somebody works on a document until `until` (UTC), and nobody else uploads meanwhile.

    `broken_by` names the manager who ended it for them, `told_at` is when the holder took note of that.
    """

    id: str
    project_id: str
    document_id: str
    account_id: str
    name: str
    reason: str
    until: datetime
    created_at: datetime
    ended_at: datetime | None
    broken_by: str | None
    broken_why: str | None
    told_at: datetime | None
    revision: int


Rows = Callable[[type[CheckOut], str, Sequence[Any]], list[CheckOut]]


@open_to_all("for those who have asked whether the document exists for them")
def held(rows: Rows, document: str) -> CheckOut | None:
    """The check-out that holds now, read by `db.all_of` or inside a transaction."""
    found = rows(CheckOut, "WHERE document_id = ? AND ended_at IS NULL AND until > ?", [document, now()])
    return found[0] if found else None


@open_to_all("for those who have asked whether the document exists for them")
def require_free(rows: Rows, actor: Actor, document: str) -> None:
    """Raise Conflict while somebody else has the document checked out."""
    found = held(rows, document)
    if found is not None and found.account_id != actor.id:
        raise Conflict(
            say(
                "{name} has this document checked out until {until}: {reason}. Wait, or ask a manager to end it.",
                name=found.name, until=language.moment(found.until), reason=found.reason,
            )
        )  # fmt: skip


def check_in(tx: db.Transaction, actor: Actor, document: str) -> None:
    """What an upload does to a check-out: one's own ends with it. Raises Conflict while another's holds."""
    require_free(tx.all_of, actor, document)
    found = held(tx.all_of, document)
    if found is not None:
        tx.update(found, action="checked in", ended_at=tx.at)

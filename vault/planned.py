"""Planned downgrades as rows: a document gets a lower clearance from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import db
from core.access import CLEARANCES
from core.rows import entity


@entity("downgrade", hangs_on="document_id")
@dataclass(frozen=True)
class Downgrade:
    """What a document comes down to, from which moment; open until it is carried out, taken back or overtaken."""

    id: str
    project_id: str
    document_id: str
    clearance: str
    due_at: datetime
    reason: str
    ordered_by: str
    created_at: datetime
    ended_at: datetime | None
    revision: int


def overtaken(tx: db.Transaction, document: str, before: str, after: str) -> None:
    """End what was planned for a document whose clearance has just been raised: the higher instruction wins."""
    if CLEARANCES.index(after) <= CLEARANCES.index(before):
        return
    for plan in tx.all_of(Downgrade, "WHERE document_id = ? AND ended_at IS NULL", [document]):
        tx.update(plan, action="overtaken", ended_at=tx.at)

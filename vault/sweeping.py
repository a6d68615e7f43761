"""Housekeeping of the store: objects that no row knows are removed, in two passes, a day later.

What was disposed of and could not be removed at once is among them: its row has no key (vault/disposal.py).
"""

from __future__ import annotations

from datetime import timedelta

from core import db
from core.access import SYSTEM, Actor, in_organisation
from core.ids import now
from vault import downgrades
from vault.documents import vault

AFTER = timedelta(hours=24)


@in_organisation("ledger.verify")
def sweep(actor: Actor, *, after: timedelta = AFTER) -> int:
    """Remove objects without a row that are older than `after`; how many went. What is due is carried out.

    An object is noted in the first pass and removed in a later one when it still has no row, so that
    an upload that finishes just now loses nothing. Multipart uploads of that age are given up.
    """
    held = vault()
    downgrades.settle()
    before = now() - after
    held.store.abort_unfinished(before)
    # The store first, the rows after: what arrives in between has its row.
    old = [o.key for o in held.store.listed("v1/") if o.written_at <= before]
    known = {r["object_key"] for r in db.rows("SELECT object_key FROM document_version WHERE wrapped_key <> ''")}
    noted = {r["object_key"]: r["passes"] for r in db.rows("SELECT object_key, passes FROM upload_intent")}
    orphans = [key for key in old if key not in known]
    due = [key for key in orphans if noted.get(key, 0) >= 1]
    for key in due:
        held.store.delete(key)
    with db.write(SYSTEM) as tx:
        for key in due:
            tx.execute("DELETE FROM upload_intent WHERE object_key = ?", [key])
        for key in set(orphans) - set(due):
            if key in noted:
                tx.execute("UPDATE upload_intent SET passes = passes + 1 WHERE object_key = ?", [key])
            else:
                tx.execute("INSERT INTO upload_intent (object_key, started_at, passes) VALUES (?, ?, 1)", [key, now()])
        # An intent of that age without an object: the upload never got that far.
        for key in set(noted) - set(orphans):
            tx.execute("DELETE FROM upload_intent WHERE object_key = ? AND started_at <= ?", [key, before])
    return len(due)

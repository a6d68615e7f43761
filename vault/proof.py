"""A proof to carry away: one file that shows, without Accord, that a version stands in the ledger.

It holds the version's event whole, the head before it, and for each event from there to a signed head
nothing but its digest: enough to compute that head, too little to learn what else happened. Wanted is
the head of the day (vault/heads.py), which others may have noted; before there is one, the end of the
version's own transaction. tools/verify_proof.py checks the file; docs/security.md says what that shows.
"""

from __future__ import annotations

import json
from typing import Any

from core import chain, db, ledger
from core.access import Actor, in_project
from core.chain import Head
from core.errors import NotFound, Unavailable
from core.ids import now
from core.language import say
from core.rows import canonical, plain
from vault import documents
from vault.documents import Version

FORMAT = "accord-proof:1"
FURTHEST = 50_000  # events up to the head of the day (7 MB of digests); beyond, the nearest head has to do


@in_project("document.read")
def proof(actor: Actor, project: str, document: str, version: int | None = None) -> dict[str, Any]:
    """The proof of a version, the current one unless `version` names another; making it is an event.

    Raises NotFound, also when not cleared; Unavailable when the ledger itself does not hold there.
    """
    found = _version(actor, project, document, version)
    born = db.row(
        f"""
        SELECT {", ".join(db.EVENT_COLUMNS)}, hash, signature
        FROM event
        WHERE entity = 'document_version' AND entity_id = ? AND before IS NULL AND after IS NOT NULL
        ORDER BY seq
        LIMIT 1
        """,
        [found.id],
    )
    if born is None:
        raise Unavailable(BROKEN)
    event = {name: plain(born[name]) for name in db.EVENT_COLUMNS}
    before = _head(born["seq"] - 1) if born["seq"] > 1 else chain.START
    form = chain.form_of(before, event, born["hash"])
    last = _goal(born["seq"], form)
    steps = _steps(Head(born["seq"], born["hash"], born["signature"] or ""), last)
    if not form or not db.database().seal.holds(last):
        raise Unavailable(BROKEN)
    with db.write(actor) as tx:
        tx.event("document", found.document_id, "proof made", project=project, subject=found.document_id,
                 data={"version": found.number})  # fmt: skip
    return {
        "format": FORMAT,
        "made_at": now().isoformat(timespec="seconds") + "Z",
        "record": json.loads(born["after"]),
        "event": event,
        "event_form": form,
        "before": {"hash": before.hash, "signature": before.signature},
        "signature": born["signature"] or "",
        "steps": steps,
        "head": {"seq": last.seq, "hash": last.hash, "signature": last.signature},
        "public_key": db.database().seal.public_key(),
    }


BROKEN = say("The ledger does not hold at this version. Run `accord verify`, which names what is wrong.")


def _version(actor: Actor, project: str, document: str, number: int | None) -> Version:
    wanted = number or documents.get(actor, project, document).version
    for one in documents.versions(actor, project, document):
        if one.number == wanted:
            return one
    raise NotFound(documents.MISSING)


def _goal(seq: int, form: int) -> Head:
    """The signed head that the proof leads to: an event of version 1 goes no further than its transaction."""
    noted = form == 2 and db.row(
        """
        SELECT seq, hash, signature
        FROM event
        WHERE entity = 'ledger' AND action = 'head of the day' AND seq > ? AND seq <= ? AND signature IS NOT NULL
        ORDER BY seq
        LIMIT 1
        """,
        [seq, seq + FURTHEST],
    )
    found = noted or db.row(
        "SELECT seq, hash, signature FROM event WHERE seq >= ? AND signature IS NOT NULL ORDER BY seq LIMIT 1", [seq]
    )
    if found is None:
        raise Unavailable(BROKEN)
    return Head(**found)


def _head(seq: int) -> Head:
    found = db.row("SELECT seq, hash, signature FROM event WHERE seq = ?", [seq])
    if found is None:
        raise Unavailable(BROKEN)
    return Head(found["seq"], found["hash"], found["signature"] or "")


def _steps(start: Head, last: Head) -> list[dict[str, str]]:
    """What leads from one event to a later one: each event's digest, and its signature where it has one."""
    steps, head = list[dict[str, str]](), start
    for record in ledger.read(
        db.database().cursor(),
        f"""
        SELECT {", ".join(db.EVENT_COLUMNS)}, hash, signature
        FROM event
        WHERE seq > ? AND seq <= ?
        ORDER BY seq
        """,
        [start.seq, last.seq],
    ):
        content = {name: record[name] for name in db.EVENT_COLUMNS}
        form = chain.form_of(head, content, record["hash"])
        if not form:
            raise Unavailable(BROKEN)
        # An event of version 1 stands in its hash itself; only its own transaction is ever shown so.
        shown = {"digest": chain.digest_of(content)} if form == 2 else {"content": canonical(content)}
        head = Head(record["seq"], record["hash"], record["signature"] or "")
        steps.append({**shown, "signature": head.signature})
    return steps


__all__ = ["FORMAT", "proof"]

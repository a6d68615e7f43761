"""The head of the day: once a day the newest head is signed, also on a quiet one, and sent to where it can't be changed.

Whoever keeps these can tell later that the ledger was not rewritten: a proof leads to the next of them
(vault/proof.py). It goes to a mail address (`heads.mail`) and to a bucket elsewhere (`heads.url`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from core import db, mail, projects
from core.access import Actor, in_organisation
from core.errors import AccordError
from core.ids import now
from core.settings import Settings
from vault import opening

FOLDER = "accord-heads"


@dataclass(frozen=True)
class Sent:
    """What came of a day: the head's number, where it went now, and what stood in the way."""

    seq: int
    to: tuple[str, ...]
    failed: tuple[AccordError, ...]


@in_organisation("ledger.verify")
def daily(actor: Actor, settings: Settings) -> Sent:
    """Sign today's head unless that is done, and send it where it has not arrived yet; called as often as one likes.

    Days are those of UTC. What can't be sent now is sent with the next call.
    """
    head = _today() or _sign(actor)
    ways = {
        settings.text("heads.mail"): _mail,
        settings.text("heads.url"): _store,
    }
    arrived = {
        json.loads(r["after"])["to"]
        for r in db.rows("SELECT after FROM event WHERE entity = 'ledger' AND action = 'head sent' AND seq > ?",
                         [head["seq"]])
    }  # fmt: skip
    sent, failed = list[str](), list[AccordError]()
    for to, way in ways.items():
        if not to or to in arrived:
            continue
        try:
            way(settings, to, head)
        except AccordError as error:
            failed.append(error)
            continue
        with db.write(actor) as tx:
            tx.event("ledger", "head", "head sent", data={"to": to, "seq": head["seq"]})
        sent.append(to)
    return Sent(head["seq"], tuple(sent), tuple(failed))


def _today() -> dict[str, Any] | None:
    return db.row(
        """
        SELECT seq, hash, signature, recorded_at
        FROM event
        WHERE entity = 'ledger' AND action = 'head of the day' AND recorded_at >= ?
        ORDER BY seq DESC
        LIMIT 1
        """,
        [datetime.combine(now().date(), time())],
    )


def _sign(actor: Actor) -> dict[str, Any]:
    with db.write(actor) as tx:
        tx.event("ledger", "head", "head of the day")
    found = _today()
    if found is None:  # midnight has just passed: then it is yesterday's, and today's comes with the next call
        found = db.row("SELECT seq, hash, signature, recorded_at FROM event ORDER BY seq DESC LIMIT 1") or {}
    return found


def _told(head: dict[str, Any]) -> dict[str, Any]:
    return {
        "seq": head["seq"], "hash": head["hash"], "signature": head["signature"],
        "at": head["recorded_at"].isoformat(timespec="seconds") + "Z",
        "fingerprint": db.database().seal.fingerprint(),
    }  # fmt: skip


def _mail(settings: Settings, to: str, head: dict[str, Any]) -> None:
    named = projects.organisation()
    mail.send_head(
        settings,
        to,
        _told(head),
        organisation=named.name if named else "Accord",
        language=named.language if named else "en",
    )


def _store(settings: Settings, to: str, head: dict[str, Any]) -> None:
    store = opening.store_at(to, settings.text("heads.access_key"), settings.text("heads.secret_key"))
    key = f"{FOLDER}/{head['recorded_at']:%Y-%m-%d}-{head['seq']}-{head['hash'][:12]}.json"
    if any(store.listed(key)):
        return  # it arrived, and what cut us off came before that was noted
    writer = store.writer(key)
    writer.write(json.dumps(_told(head), indent=1).encode() + b"\n")
    writer.commit()

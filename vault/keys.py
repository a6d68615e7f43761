"""The master key: changed while people work.

A change has three steps: the next key is made and both stand in the file; every data key is wrapped
anew, some hundred a transaction; then the old key leaves the file. Content is not touched. Whatever
stops it in between leaves both keys, and the change goes on at the next start or call. Uploads that
began before end under the new key (vault/documents.py), readers never notice (vault/envelope.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from core import db
from core.access import Actor, in_organisation
from core.errors import Unavailable
from core.language import say
from vault import documents, own_templates
from vault.documents import Version

AT_ONCE = 50  # versions a transaction: others wait for it no longer than a blink
BREATH = 0.02  # seconds between two: a lock that is taken again at once lets nobody else have it

Progress = Callable[[int, int], None] | None


@dataclass(frozen=True)
class Rotated:
    """What came of a change: the new key's number, and how many data keys were wrapped anew."""

    key: str
    renewed: int


@dataclass(frozen=True)
class Known:
    """What may be said of the keys: numbers and fingerprints, no key."""

    master: str
    changing: bool
    fingerprint: str
    public_key: str
    sheet: bool


@in_organisation("key.manage")
def known(actor: Actor) -> Known:
    """Which master key holds, whether it has a recovery sheet, and the key that checks the ledger."""
    sealed, seal = documents.vault().envelope, db.database().seal
    return Known(sealed.key, sealed.keys > 1, seal.fingerprint(), seal.public_key(), has_sheet(actor))


@in_organisation("key.manage")
def has_sheet(actor: Actor) -> bool:
    """Whether a recovery sheet was made for the master key that holds now."""
    return bool(
        db.value(
            """
            SELECT COUNT(*)
            FROM event
            WHERE entity = 'vault' AND entity_id = ? AND action = 'recovery sheet made'
            """,
            [documents.vault().envelope.key],
        )
    )


@in_organisation("key.manage")
def rotate(actor: Actor, progress: Progress = None) -> Rotated:
    """Change the master key, or end a change that was cut off; afterwards the old key opens nothing.

    `progress` hears how many versions are done, of how many. Raises Unavailable when a data key can't be
    opened: then both keys stay, and nothing is lost.
    """
    sealed = documents.vault().envelope
    old = sealed.key
    if sealed.keys == 1:
        sealed.begin_change()
        with db.write(actor) as tx:
            tx.event("vault", sealed.key, "key change begun", data={"from": old, "to": sealed.key})
    renewed = _renew_all(actor, progress)
    sealed.end_change()
    with db.write(actor) as tx:
        tx.event("vault", sealed.key, "key changed", data={"to": sealed.key, "versions": renewed})
    return Rotated(sealed.key, renewed)


@in_organisation("key.manage")
def resume(actor: Actor, progress: Progress = None) -> Rotated | None:
    """End a change that was cut off; None when there is none."""
    return rotate(actor, progress) if documents.vault().envelope.keys > 1 else None


def _renew_all(actor: Actor, progress: Progress) -> int:
    sealed = documents.vault().envelope
    done, failed, total = 0, 0, int(db.value("SELECT COUNT(*) FROM document_version WHERE wrapped_key <> ''") or 0)
    last = ""
    while True:
        with db.write(actor) as tx:
            some = tx.all_of(
                Version, "WHERE id > ? AND wrapped_key <> '' ORDER BY id LIMIT ?", [last, AT_ONCE]
            )  # fmt: skip
            for version in some:
                try:
                    fresh = sealed.renewed(version.wrapped_key, documents.bound_to(version))
                except Unavailable:
                    failed += 1
                    continue
                if fresh != version.wrapped_key:
                    tx.update(version, action="key renewed", wrapped_key=fresh)
                    done += 1
        if not some:
            break
        last = some[-1].id
        if progress:
            progress(done, total)
        time.sleep(BREATH)
    with db.write(actor) as tx:
        failed += own_templates.renew(tx)
    if failed:
        raise Unavailable(
            say(
                "The keys of {count} versions can't be opened, so the old master key is kept. `accord verify --contents` names them.",
                count=failed,
            )
        )
    return done

"""Carrying a vault from one store to another while people work.

Each version's object is copied as it lies there, encrypted, read back from the new store and compared by
length and SHA-256; what has been carried is noted, so that a move that is cut off goes on. When nothing is
missing the last ones go under the writers' lock, the settings name the new store, and from then on it holds.
The old store is left as it is: its contents are removed by whoever is sure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from core import db, settings
from core.access import SYSTEM, Actor, in_organisation
from core.errors import Conflict
from core.language import say
from core.settings import Settings
from vault import documents, opening, transfer
from vault.documents import Version
from vault.store import Store

AT_ONCE = 50  # objects a note; a move that is cut off carries at most these again

Progress = Callable[[int, int], None] | None


@dataclass(frozen=True)
class Moved:
    """What came of a move: objects carried now, of how many, and whether the settings name the new store."""

    carried: int
    objects: int
    switched: bool


@in_organisation("vault.move")
def move(
    actor: Actor, settings_: Settings, to: str, *, access_key: str = "", secret_key: str = "", progress: Progress = None
) -> Moved:
    """Carry every version's object to the store `to` (s3://bucket?endpoint=…&region=…, or `embedded`), and switch.

    Raises Invalid for an address that is none, Conflict for the store that holds already, Unavailable when
    a store does not answer or an object is not the same over there; the vault stays where it is then.
    """
    wanted = settings.with_values(
        settings_, {"vault.url": to, "vault.access_key": access_key, "vault.secret_key": secret_key}
    )
    held = documents.vault()
    target = opening.store_of(wanted)
    if target.place == held.store.place:
        raise Conflict(say("The vault lies in this store already."))
    carried, missing = 0, _missing(target)
    for some in _groups(missing):
        _carry(held.store, target, some)
        carried += len(some)
        if progress:
            progress(carried, len(missing))
    # Who writes waits from here on; what came meanwhile is little.
    with db.write(actor) as tx:
        last = _missing(target)
        _copy_all(held.store, target, last)
        carried += len(last)
        target.make_lasting()
        switched = settings.keep(wanted, ("vault.url", "vault.access_key", "vault.secret_key"))
        documents.attach(replace(held, store=target))
        count = int(tx.value("SELECT COUNT(*) FROM document_version WHERE wrapped_key <> ''") or 0)
        tx.event("vault", "store", "vault moved", data={"to": target.place, "versions": count})
        tx.execute("DELETE FROM vault_move WHERE target = ?", [target.place])
    return Moved(carried, count, switched)


def _missing(target: Store) -> list[Version]:
    """The versions whose object has not been carried to `target`."""
    return db.all_of(
        Version,
        """
        WHERE wrapped_key <> '' AND object_key NOT IN (SELECT object_key FROM vault_move WHERE target = ?)
        ORDER BY id
        """,
        [target.place],
    )


def _groups(versions: list[Version]) -> Iterator[list[Version]]:
    return (versions[start : start + AT_ONCE] for start in range(0, len(versions), AT_ONCE))


def _carry(source: Store, target: Store, versions: list[Version]) -> None:
    """Copy some objects, make them lasting, then note them."""
    digests = _copy_all(source, target, versions)
    target.make_lasting()
    with db.write(SYSTEM) as tx:
        tx.fill(
            "vault_move", ("id", "target", "object_key", "sha256"),
            [[_digest(f"{target.place}\n{v.object_key}"), target.place, v.object_key, d]
             for v, d in zip(versions, digests, strict=True)],
        )  # fmt: skip


def _copy_all(source: Store, target: Store, versions: list[Version]) -> list[str]:
    return [transfer.carry(source, target, v.object_key, v.stored_size) for v in versions]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

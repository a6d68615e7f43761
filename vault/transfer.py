"""A version's bytes on their way into the store and out of it: piece by piece, encrypted.

Memory stays constant however large the file: a piece is read, hashed, encrypted and handed to the
store, which keeps a few parts under way (vault/store.py).
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import tink

from core import db
from core.access import open_to_all
from core.errors import NotFound, Unavailable
from core.language import Message, number, say
from vault import antivirus, inspection
from vault.envelope import Envelope
from vault.inspection import FileRefused
from vault.store import Store

CHUNK = 1024 * 1024
LOOK_EVERY = 32 * CHUNK  # bytes, after which the disk is looked at again

db.unledgered("vault_move")

TOUCHED: Message = say(
    "The content of this version was changed in the store. Tell your administrator; `accord verify --contents` names what."
)
LOST: Message = say(
    "The content of this version is not in the store. Tell your administrator; `accord verify --contents` names what is missing."
)

Progress = Callable[[int], None] | None


@dataclass(frozen=True)
class Vault:
    """The open vault of a process. `limit` is the largest file in bytes, `reserve` what uploads leave free on the disk.

    Where `antivirus` names a scanner nothing is stored that it has not called clean (vault/antivirus.py).
    """

    store: Store
    envelope: Envelope
    limit: int
    reserve: int = 0
    antivirus: str = ""


@dataclass(frozen=True)
class Place:
    """Where a version lies: its object, its wrapped data key, and what its encryption is bound to."""

    key: str
    wrapped: str
    bound: str


@dataclass(frozen=True)
class Sent:
    """What has gone up: bytes in clear, bytes in the store, SHA-256 of the content in clear."""

    size: int
    stored_size: int
    sha256: str


@open_to_all("it reads what it is given")
def beginning(source: BinaryIO, limit: int, progress: Progress = None) -> tuple[deque[bytes], bool]:
    """The first pieces, just above `limit` bytes at most, and whether that is all there is."""
    pieces, taken = deque([source.read(CHUNK)]), 0
    while pieces[-1]:
        taken += len(pieces[-1])
        if progress:
            progress(taken)
        if taken > limit:
            return pieces, False
        pieces.append(source.read(CHUNK))
    return pieces, True


@open_to_all("it reads what it is given")
def digest(pieces: Iterable[bytes]) -> str:
    """The SHA-256 of the pieces, as hexadecimal text."""
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


@open_to_all("vault/documents.py asks who may; here are bytes only")
def send(held: Vault, place: Place, first: deque[bytes], source: BinaryIO, progress: Progress = None) -> Sent:
    """Encrypt `first` and the rest of `source` into the store, whole, measured and lasting.

    `first` is emptied on the way, so that a large file's beginning does not stay in memory. Raises
    FileRefused above the vault's limit and for what the virus scanner finds, Unavailable when the store or the
    scanner does not do its work; nothing stays.
    """
    hashed, size = hashlib.sha256(), 0
    told = sum(len(piece) for piece in first)
    scan = antivirus.Scan(held.antivirus) if held.antivirus else None
    writer = held.store.writer(place.key)
    try:
        encrypting = held.envelope.encrypting(place.wrapped, place.bound, cast(BinaryIO, _Open(writer)))
        while piece := first.popleft() if first else source.read(CHUNK):
            size += len(piece)
            _refuse_above(held.limit, size)
            if size // LOOK_EVERY > (size - len(piece)) // LOOK_EVERY:
                require_disk(held)
            hashed.update(piece)
            if scan:
                scan.pass_on(piece)
            encrypting.write(piece)
            if progress and size > told:
                progress(size)
        encrypting.close()
        if scan:
            scan.require_clean()
        writer.commit()
    except BaseException:
        writer.abandon()
        raise
    finally:
        if scan:
            scan.close()
    # A wrong branch for small objects once cut files short without a word: what is there is measured.
    if held.store.size(place.key) != writer.size:
        raise Unavailable(
            say("The document store kept less than it was given. Try again; tell your administrator if it stays.")
        )
    held.store.make_lasting()
    return Sent(size, writer.size, hashed.hexdigest())


@open_to_all("it only looks at the disk")
def require_disk(held: Vault, size: int = 0) -> None:
    """Raise Unavailable when the disk of the data folder has no room beside its reserve, for `size` bytes more.

    The database lies there in any case, the documents too where the store is the embedded one.
    """
    free = shutil.disk_usage(db.database().home).free
    if free - (size if held.store.is_local else 0) < held.reserve:
        raise Unavailable(
            say(
                "The disk of the data folder has {free} MB free, and {reserve} MB are kept free. Nothing was stored; tell your administrator, who can make room.",
                free=number(free / CHUNK, 0), reserve=number(held.reserve / CHUNK, 0),
            )
        )  # fmt: skip


@open_to_all("vault/documents.py asks who may; here are bytes only")
def content(held: Vault, place: Place, *, size: int, stored_size: int) -> Iterator[bytes]:
    """The `size` bytes in clear, piece by piece.

    Raises Unavailable when the content was touched or lost in the store, at the latest at its end.
    """
    with held.store.reader(place.key, stored_size) as source:
        given = 0
        try:
            clear = held.envelope.decrypting(place.wrapped, place.bound, cast(BinaryIO, source))
            while piece := clear.read(CHUNK):
                given += len(piece)
                yield piece
        except NotFound as error:
            raise Unavailable(LOST) from error
        except tink.TinkError as error:
            raise Unavailable(TOUCHED) from error
        if given != size:
            raise Unavailable(TOUCHED)


@open_to_all("vault/moving.py asks who may; here are bytes only")
def carry(source: Store, target: Store, key: str, size: int) -> str:
    """Copy an object as it lies there from one store to another, and read it back; its SHA-256.

    One that is over there already, from a copy that was cut off before it was noted, is compared only.
    Raises Unavailable when it is not the same over there, or not there at all.
    """
    with source.reader(key, size) as stream:
        there = _is_there(target, key)
        writer = target.writer(key)  # nothing is sent before its first full part
        sent, length = hashlib.sha256(), 0
        try:
            while piece := stream.read(CHUNK):
                sent.update(piece)
                length += len(piece)
                if not there:
                    writer.write(piece)
            if not there:
                writer.commit()
        except NotFound as error:
            raise Unavailable(LOST) from error
        except BaseException:
            if not there:
                writer.abandon()
            raise
    with target.reader(key, size) as back:
        found = digest(iter(lambda: back.read(CHUNK), b""))
    if length != size or target.size(key) != size or found != sent.hexdigest():
        raise Unavailable(
            say("The object {key} is not the same in the other store. Remove it there and try again.", key=key)
        )
    return found


def _is_there(store: Store, key: str) -> bool:
    try:
        store.size(key)
    except NotFound:
        return False
    return True


def _refuse_above(limit: int, size: int) -> None:
    if size > limit:
        raise FileRefused(inspection.too_large(limit))


class _Open(io.RawIOBase):
    """Lets the encrypting stream close itself without ending the object, which `commit` does."""

    def __init__(self, writer: io.RawIOBase) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._writer.write(data) or 0

"""Encryption of content: a data key for each version, wrapped by the master key.

Tink's streaming AEAD (AES256-GCM-HKDF, 1 MiB segments) does the work; nothing of the construction
is ours. What is bound to the ciphertext is the place it belongs to (project, document, version), so
that one object cannot be passed off as another.

The master key is a Tink keyset: one key, and while it is being changed (vault/keys.py) the next one
before it. What was sealed says by the number of which key it is.
"""

from __future__ import annotations

import base64
import io
import os
import threading
from pathlib import Path
from typing import Any, BinaryIO, cast

import tink
from tink import aead, secret_key_access, streaming_aead
from tink.proto import tink_pb2

from core.errors import Unavailable
from core.language import say
from vault import locks

KEY_FILE = "master.json"

aead.register()
streaming_aead.register()


class Envelope:
    """The master key of an installation; makes and opens data keys.

    `lock` says what the file is locked with (vault/locks.py). A key that was given up is out of the file,
    but this process still knows it: whoever began to read or to send before comes to the end.
    """

    def __init__(self, path: Path, lock: str = "") -> None:
        self._path, self._lock = path, lock
        self._changing = threading.Lock()
        self._former: list[aead.Aead] = []
        self._take(_master(path, lock))

    @property
    def key(self) -> str:
        """The number of the newest master key, as eight hexadecimal digits."""
        return f"{self._keyset.primary_key_id:08x}"

    @property
    def keys(self) -> int:
        """How many keys the file holds: two while the key is being changed."""
        return len(self._keyset.key)

    @property
    def secret(self) -> tink_pb2.Keyset:
        """The keyset itself, for the recovery sheet."""
        return self._keyset

    def fresh_key(self, place: str) -> str:
        """A new data key for `place`, wrapped, as text."""
        handle = tink.new_keyset_handle(streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB)
        return self._wrapped(handle, place)

    def is_current(self, wrapped: str) -> bool:
        """Whether a data key is wrapped by the newest master key."""
        sealed = tink_pb2.EncryptedKeyset.FromString(base64.b64decode(wrapped)).encrypted_keyset
        return bool(sealed[1:5] == self._keyset.primary_key_id.to_bytes(4, "big"))

    def renewed(self, wrapped: str, place: str) -> str:
        """The same data key wrapped by the newest master key. Raises Unavailable when none opens it."""
        return wrapped if self.is_current(wrapped) else self._wrapped(self._opened(wrapped, place), place)

    def encrypting(self, wrapped: str, place: str, into: BinaryIO) -> BinaryIO:
        """A stream that encrypts what is written to it into `into`, which it closes at its end."""
        return cast(BinaryIO, self._key(wrapped, place).new_encrypting_stream(into, place.encode()))

    def decrypting(self, wrapped: str, place: str, source: BinaryIO) -> BinaryIO:
        """A stream of what `source` holds in clear. Reading raises TinkError when it was touched."""
        return cast(BinaryIO, self._key(wrapped, place).new_decrypting_stream(source, place.encode()))

    def seal(self, wrapped: str, place: str, clear: bytes) -> bytes:
        """What is small, encrypted in one."""
        into = io.BytesIO()
        stream = self.encrypting(wrapped, place, cast(BinaryIO, _Open(into)))
        stream.write(clear)
        stream.close()
        return into.getvalue()

    def unseal(self, wrapped: str, place: str, sealed: bytes) -> bytes:
        """The opposite of `seal`. Raises TinkError when it was touched."""
        return bytes(self.decrypting(wrapped, place, io.BytesIO(sealed)).read())

    def begin_change(self) -> None:
        """Make the next master key: from here on it wraps, and both open. Once begun it is begun."""
        with self._changing:
            if self.keys == 1:
                fresh = _keyset(tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM))
                both = tink_pb2.Keyset(primary_key_id=fresh.primary_key_id, key=[*self._keyset.key, *fresh.key])
                _write(self._path, both, self._lock)
                self._take(both)

    def end_change(self) -> None:
        """Give up every key but the newest: the file that held them is written over and replaced."""
        with self._changing:
            newest = [key for key in self._keyset.key if key.key_id == self._keyset.primary_key_id]
            alone = tink_pb2.Keyset(primary_key_id=self._keyset.primary_key_id, key=newest)
            old = self._path.read_bytes()
            kept = self._path.with_name(self._path.name + ".old")
            kept.unlink(missing_ok=True)
            os.link(self._path, kept)
            _write(self._path, alone, self._lock)
            _overwrite(kept, len(old))
            self._former.append(self._master)
            self._take(alone)

    def _take(self, keyset: tink_pb2.Keyset) -> None:
        handle = tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
        self._master, self._keyset = handle.primitive(aead.Aead), keyset

    def _wrapped(self, handle: tink.KeysetHandle, place: str) -> str:
        wrapped = tink.proto_keyset_format.serialize_encrypted(handle, self._master, place.encode())
        return base64.b64encode(wrapped).decode()

    def _opened(self, wrapped: str, place: str) -> tink.KeysetHandle:
        for master in (self._master, *reversed(self._former)):
            try:
                return tink.proto_keyset_format.parse_encrypted(base64.b64decode(wrapped), master, place.encode())
            except tink.TinkError:
                continue
        raise Unavailable(
            say(
                "The key of this document can't be opened: it belongs to another master key. Bring back the one in keys/."
            )
        )

    def _key(self, wrapped: str, place: str) -> streaming_aead.StreamingAead:
        return self._opened(wrapped, place).primitive(streaming_aead.StreamingAead)


class _Open(io.RawIOBase):
    """Lets the encrypting stream close itself without losing what it wrote."""

    def __init__(self, into: io.BytesIO) -> None:
        self._into = into

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._into.write(data)


def restore(path: Path, keyset: tink_pb2.Keyset, lock: str = "") -> None:
    """Put a master key in place (vault/keys.py asks whether it is the right one)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, keyset, lock)


def _master(path: Path, lock: str) -> tink_pb2.Keyset:
    """The master key in `path`, made at the first start (0600); a plain one is locked when a lock is named."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, _keyset(tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)), lock)
    try:
        text = path.read_text()
        if locks.is_locked(text):
            return tink_pb2.Keyset.FromString(locks.opened(lock, text))
        keyset = _keyset(tink.json_proto_keyset_format.parse(text, secret_key_access.TOKEN))
    except (OSError, ValueError, tink.TinkError) as error:
        raise Unavailable(
            say("The master key {file} can't be read. Bring it back from the backup.", file=str(path))
        ) from error
    if lock:
        _write(path, keyset, lock)
    return keyset


def _keyset(handle: tink.KeysetHandle) -> tink_pb2.Keyset:
    return tink_pb2.Keyset.FromString(tink.proto_keyset_format.serialize(handle, secret_key_access.TOKEN))


def _write(path: Path, keyset: tink_pb2.Keyset, lock: str) -> None:
    """Replace the file: it is there whole and on the disk, or as it was before."""
    clear = keyset.SerializeToString()
    if lock:
        text = locks.locked(lock, clear)
    else:
        handle = tink.proto_keyset_format.parse(clear, secret_key_access.TOKEN)
        text = tink.json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN)
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync_folder(path.parent)


def _overwrite(path: Path, length: int) -> None:
    """Write zeros over a file that held a key, and remove it. A journal or a flash disk may keep a copy."""
    with path.open("r+b") as file:
        file.write(bytes(length))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    if os.name == "posix":
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

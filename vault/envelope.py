"""Encryption of content: a data key for each version, wrapped by the master key.

Tink's streaming AEAD (AES256-GCM-HKDF, 1 MiB segments) does the work; nothing of the construction
is ours. What is bound to the ciphertext is the place it belongs to (project, document, version), so
that one object cannot be passed off as another.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import BinaryIO, cast

import tink
from tink import aead, secret_key_access, streaming_aead

from core.errors import Unavailable
from core.language import say

KEY_FILE = "master.json"

aead.register()
streaming_aead.register()


class Envelope:
    """The master key of an installation; makes and opens data keys."""

    def __init__(self, path: Path) -> None:
        self._master = _master(path).primitive(aead.Aead)

    def fresh_key(self, place: str) -> str:
        """A new data key for `place`, wrapped, as text."""
        handle = tink.new_keyset_handle(streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB)
        wrapped = tink.proto_keyset_format.serialize_encrypted(handle, self._master, place.encode())
        return base64.b64encode(wrapped).decode()

    def encrypting(self, wrapped: str, place: str, into: BinaryIO) -> BinaryIO:
        """A stream that encrypts what is written to it into `into`, which it closes at its end."""
        return cast(BinaryIO, self._key(wrapped, place).new_encrypting_stream(into, place.encode()))

    def decrypting(self, wrapped: str, place: str, source: BinaryIO) -> BinaryIO:
        """A stream of what `source` holds in clear. Reading raises TinkError when it was touched."""
        return cast(BinaryIO, self._key(wrapped, place).new_decrypting_stream(source, place.encode()))

    def _key(self, wrapped: str, place: str) -> streaming_aead.StreamingAead:
        try:
            handle = tink.proto_keyset_format.parse_encrypted(base64.b64decode(wrapped), self._master, place.encode())
        except tink.TinkError as error:
            raise Unavailable(
                say(
                    "The key of this document can't be opened: it belongs to another master key. Bring back the one in keys/."
                )
            ) from error
        return handle.primitive(streaming_aead.StreamingAead)


def _master(path: Path) -> tink.KeysetHandle:
    """The master key in `path`, made at the first start (0600)."""
    if not path.exists():
        _make(path)
    try:
        return tink.json_proto_keyset_format.parse(path.read_text(), secret_key_access.TOKEN)
    except (OSError, ValueError, tink.TinkError) as error:
        raise Unavailable(
            say("The master key {file} can't be read. Bring it back from the backup.", file=str(path))
        ) from error


def _make(path: Path) -> None:
    """A fresh master key: the file is there whole and on the disk, or it is not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(tink.json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

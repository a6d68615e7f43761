"""The chain of events: how one is hashed, and how its newest head is signed and kept outside.

Format (version 2). An event's digest is SHA-256 (64 hex digits) over its columns, without `hash` and
`signature`, as canonical JSON (keys sorted, no spaces, UTF-8). Its hash is SHA-256 over the previous
event's hash (zeros for the first) and signature (base64, or nothing), followed by its own digest. So a
way from one event to a later one can be shown by the digests of what lies between, without telling
what that was (vault/proof.py). In version 1 the JSON itself stood where the digest stands; events that
were written then keep their hash, and no digest can be taken for such a JSON.

The last event of each transaction carries an Ed25519 signature of the text `accord-head:1:<seq>:<hash>`;
the newest one also stands in `ledger-head.json` beside the database, so that cutting off the end of the
table is found. What an attacker could still do, with which keys, is in docs/security.md.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.rows import canonical

GENESIS = "0" * 64
HEAD_FILE = "ledger-head.json"
KEY_FILE = "ledger.pem"


@dataclass(frozen=True)
class Head:
    """The newest event: its number (0 before the first), its hash, and its signature if it has one."""

    seq: int
    hash: str
    signature: str = ""


START = Head(0, GENESIS)


def event_hash(previous: Head, event: Mapping[str, Any]) -> str:
    """The hash of an event after `previous`; `event` maps its columns without hash and signature."""
    return following(previous, digest_of(event))


def digest_of(event: Mapping[str, Any]) -> str:
    """The digest that stands for an event in its hash: it tells nothing, an event holds random ids."""
    return hashlib.sha256(canonical(dict(event)).encode()).hexdigest()


def following(previous: Head, content: str) -> str:
    """The hash of an event after `previous` with this digest (in version 1: with this JSON)."""
    return hashlib.sha256((previous.hash + previous.signature + content).encode()).hexdigest()


def form_of(previous: Head, event: Mapping[str, Any], hash_: str) -> int:
    """The version of the format in which `hash_` is the event's hash after `previous`; 0 when in none."""
    if event_hash(previous, event) == hash_:
        return 2
    return 1 if following(previous, canonical(dict(event))) == hash_ else 0


class Seal:
    """Signs heads with the installation's key and keeps the newest one outside the database."""

    def __init__(self, home: Path) -> None:
        self._path = home / HEAD_FILE
        self._key = _key(home / "keys" / KEY_FILE)
        self._public = self._key.public_key()

    def sign(self, head: Head) -> str:
        """The signature of a head, as base64."""
        return base64.b64encode(self._key.sign(_signed_text(head))).decode()

    def holds(self, head: Head) -> bool:
        """Whether the head's signature is this installation's."""
        try:
            self._public.verify(base64.b64decode(head.signature, validate=True), _signed_text(head))
        except (InvalidSignature, ValueError):
            return False
        return True

    def public_key(self) -> str:
        """The key that checks signatures, as PEM: for whoever wants to check without Accord."""
        return self._public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    def fingerprint(self) -> str:
        """SHA-256 of the public key's 32 bytes, as hexadecimal text: short enough to be told by telephone."""
        raw = self._public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return hashlib.sha256(raw).hexdigest()

    def publish(self, head: Head) -> None:
        """Put the head outside the database, replacing the one before in one step."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"seq": head.seq, "hash": head.hash, "signature": head.signature}) + "\n")
        fresh.replace(self._path)

    def is_there(self) -> bool:
        """Whether anything stands outside, readable or not."""
        return self._path.exists()

    def published(self) -> Head | None:
        """The head that stands outside; None when there is none or it is unreadable."""
        try:
            found = json.loads(self._path.read_text())
            return Head(int(found["seq"]), str(found["hash"]), str(found["signature"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _signed_text(head: Head) -> bytes:
    return f"accord-head:1:{head.seq}:{head.hash}".encode()


def _key(path: Path) -> Ed25519PrivateKey:
    """The signing key, made at the first start (0600)."""
    if path.exists():
        loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(loaded, Ed25519PrivateKey):
            raise TypeError(f"{path} holds no Ed25519 key")
        return loaded
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return key

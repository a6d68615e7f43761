"""What the master key's file is locked with: nothing, a value of the environment, or a key of a KMS.

The file then holds ciphertext and is worth nothing alone. A KMS is asked once, at the start; data keys are
opened here, so that a slow network delays no reader. AWS's and Google's are spoken to by Tink's own clients.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from typing import Any

import tink
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from tink import aead

from core.errors import Unavailable
from core.language import say

ENVIRONMENT = "env:"
SHORTEST = 20  # characters of a value that locks
BOUND = b"accord master key"


def is_locked(text: str) -> bool:
    """Whether the file's text is locked."""
    return '"locked_with"' in text


def locked(setting: str, clear: bytes) -> str:
    """The file's text for a keyset, locked with what `setting` names. Raises Unavailable."""
    salt = secrets.token_bytes(16)
    sealed = _spoken(setting, lambda: _cipher(setting, salt).encrypt(clear, BOUND))
    return json.dumps({
        "locked_with": setting, "salt": base64.b64encode(salt).decode(), "sealed": base64.b64encode(sealed).decode(),
    }) + "\n"  # fmt: skip


def opened(setting: str, text: str) -> bytes:
    """The keyset in a locked file. Raises Unavailable when `setting` names another lock, or it does not open."""
    found = json.loads(text)
    if found["locked_with"] != setting:
        raise Unavailable(
            say(
                "The master key is locked with {lock}. Name it in the setting vault.lock.",
                lock=str(found["locked_with"]),
            )
        )
    salt, sealed = base64.b64decode(found["salt"]), base64.b64decode(found["sealed"])
    return _spoken(setting, lambda: _cipher(setting, salt).decrypt(sealed, BOUND))


def _spoken(setting: str, work: Callable[[], bytes]) -> bytes:
    try:
        return work()
    except Unavailable:
        raise
    except Exception as error:  # each KMS's client has errors of its own
        raise Unavailable(
            say(
                "The master key can't be locked or opened with {lock}: {reason}. See that the setting vault.lock is right and that it answers.",
                lock=setting,
                reason=str(error) or type(error).__name__,
            )
        ) from error


def _cipher(setting: str, salt: bytes) -> Any:
    if setting.startswith(ENVIRONMENT):
        return _Passphrase(setting.removeprefix(ENVIRONMENT), salt)
    if setting.startswith("aws-kms://"):
        from tink.integration import awskms

        return awskms.AwsKmsClient(setting, None).get_aead(setting)
    if setting.startswith("gcp-kms://"):
        try:
            from tink.integration import gcpkms
        except ImportError as error:
            raise Unavailable(
                say("Google's KMS needs a package that is not installed: run pip install 'tink[gcpkms]'.")
            ) from error
        return gcpkms.GcpKmsClient(setting, None).get_aead(setting)
    raise Unavailable(
        say("The setting vault.lock is env:NAME, aws-kms://… or gcp-kms://…, not “{lock}”.", lock=setting)
    )


class _Passphrase:
    """AES-256-GCM with a key that scrypt makes of a value of the environment."""

    def __init__(self, variable: str, salt: bytes) -> None:
        value = os.environ.get(variable, "")
        if len(value) < SHORTEST:
            raise Unavailable(
                say(
                    "The master key is locked with the environment variable {name}, which is missing or shorter than {count} characters.",
                    name=variable,
                    count=SHORTEST,
                )
            )
        self._key = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(value.encode())

    def encrypt(self, clear: bytes, bound: bytes) -> bytes:
        """The ciphertext, its nonce before it."""
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self._key).encrypt(nonce, clear, bound)

    def decrypt(self, sealed: bytes, bound: bytes) -> bytes:
        """What `encrypt` was given."""
        try:
            return AESGCM(self._key).decrypt(sealed[:12], sealed[12:], bound)
        except InvalidTag as error:
            raise tink.TinkError("the value is not the one that locked it") from error


aead.register()

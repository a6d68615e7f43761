"""Bringing the vault up for a process, and down again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import db
from core.errors import Unavailable
from core.language import say
from core.settings import Settings
from vault import documents, embedded, envelope, search_index
from vault.documents import Vault
from vault.store import Store

MEGABYTE = 1024 * 1024


@contextmanager
def open_vault(settings: Settings) -> Iterator[Vault]:
    """The vault of a data folder: the embedded store, or the S3 store that the settings name.

    Raises Unavailable when the store can't be started or does not answer.
    """
    named = settings.text("vault.master_key")
    key_file = Path(named) if named else settings.home / "keys" / envelope.KEY_FILE
    _refuse_new_key(key_file)
    sealed = envelope.Envelope(key_file)
    limit = settings.count("vault.file_limit_mb") * MEGABYTE
    child = None if settings.text("vault.endpoint") else embedded.start(settings.home)
    try:
        vault = Vault(_store(settings, child), sealed, limit)
        documents.attach(vault)
        yield vault
    finally:
        search_index.close()
        documents.attach(None)
        if child is not None:
            child.stop()


def _refuse_new_key(key_file: Path) -> None:
    """A master key is made for an empty vault only: over documents it would lock them for good."""
    if not key_file.exists() and db.is_open() and db.value("SELECT COUNT(*) FROM document_version"):
        raise Unavailable(
            say(
                "The master key {file} is missing, and there are documents. Bring it back from the backup.",
                file=str(key_file),
            )
        )


def _store(settings: Settings, child: embedded.Embedded | None) -> Store:
    region = settings.text("vault.region")
    if child is None:
        store = Store(
            endpoint=settings.text("vault.endpoint"), access_key=settings.text("vault.access_key"),
            secret_key=settings.text("vault.secret_key"), bucket=settings.text("vault.bucket"), region=region,
        )  # fmt: skip
        store.make_bucket()
        return store

    def known_as(who: embedded.Credentials) -> Store:
        return Store(
            endpoint=child.endpoint, access_key=who.access_key, secret_key=who.secret_key,
            bucket=embedded.BUCKET, region=region, local=child.folder,
        )  # fmt: skip

    known_as(child.steward).make_bucket()
    return known_as(child.credentials)

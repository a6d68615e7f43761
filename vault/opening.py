"""Bringing the vault up for a process, and down again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from core import db
from core.errors import Invalid, Unavailable
from core.language import say
from core.settings import Settings
from vault import documents, downgrades, embedded, envelope, recovery, search_index
from vault.documents import Vault
from vault.store import Store

MEGABYTE = 1024 * 1024
EMBEDDED = "embedded"

_children: dict[Path, embedded.Embedded] = {}


@contextmanager
def open_vault(settings: Settings) -> Iterator[Vault]:
    """The vault of a data folder: the embedded store, or the S3 store that the settings name.

    Raises Unavailable when the store can't be started or does not answer.
    """
    key_file = recovery.place(settings)
    _refuse_new_key(key_file)
    sealed = envelope.Envelope(key_file, settings.text("vault.lock"))
    limit = settings.count("vault.file_limit_mb") * MEGABYTE
    try:
        vault = Vault(
            store_of(settings), sealed, limit, settings.count("vault.reserve_mb") * MEGABYTE,
            settings.text("antivirus.socket"),
        )  # fmt: skip
        documents.attach(vault)
        if db.is_open():
            downgrades.settle()
        yield vault
    finally:
        search_index.close()
        documents.attach(None)
        if (child := _children.pop(settings.home, None)) is not None:
            child.stop()


def store_of(settings: Settings) -> Store:
    """The store that the settings name, with its bucket; the embedded one is started when it does not run yet.

    Raises Invalid for an address that is none, Unavailable when the store does not answer.
    """
    where = place(settings)
    if where is not None:
        store = Store(
            endpoint=where.endpoint, access_key=settings.text("vault.access_key"),
            secret_key=settings.text("vault.secret_key"), bucket=where.bucket, region=where.region,
        )  # fmt: skip
        store.make_bucket()
        return store
    child = _children.get(settings.home)
    if child is None:
        child = _children[settings.home] = embedded.start(settings.home)

    def known_as(who: embedded.Credentials) -> Store:
        return Store(
            endpoint=child.endpoint, access_key=who.access_key, secret_key=who.secret_key,
            bucket=embedded.BUCKET, region=settings.text("vault.region"), local=child.folder,
        )  # fmt: skip

    known_as(child.steward).make_bucket()
    return known_as(child.credentials)


def store_at(url: str, access_key: str, secret_key: str) -> Store:
    """A bucket elsewhere, made unless it is there. Raises as `store_of`."""
    where = _place(url)
    store = Store(
        endpoint=where.endpoint, access_key=access_key, secret_key=secret_key, bucket=where.bucket, region=where.region
    )
    store.make_bucket()
    return store


@dataclass(frozen=True)
class Place:
    """An S3 store elsewhere; an empty endpoint is AWS's own."""

    bucket: str
    endpoint: str
    region: str


def place(settings: Settings) -> Place | None:
    """Where the settings put the vault; None for the embedded store. Raises Invalid."""
    url = settings.text("vault.url")
    if not url:
        endpoint = settings.text("vault.endpoint")
        return Place(settings.text("vault.bucket"), endpoint, settings.text("vault.region")) if endpoint else None
    return None if url == EMBEDDED else _place(url)


def _place(url: str) -> Place:
    parts = urlsplit(url)
    asked = {name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=False).items()}
    endpoint = asked.get("endpoint", "")
    if (
        parts.scheme != "s3" or not parts.hostname or parts.path.strip("/") or parts.username
        or set(asked) - {"endpoint", "region"} or (endpoint and not endpoint.startswith(("http://", "https://")))
    ):  # fmt: skip
        raise Invalid(
            say("“{url}” is no place for a vault. It is s3://bucket?endpoint=https://…&region=…, or embedded.", url=url)
        )
    return Place(parts.netloc, endpoint, asked.get("region", ""))


def _refuse_new_key(key_file: Path) -> None:
    """A master key is made for an empty vault only: over documents it would lock them for good."""
    if not key_file.exists() and db.is_open() and db.value("SELECT COUNT(*) FROM document_version"):
        raise Unavailable(
            say(
                "The master key {file} is missing, and there are documents. Bring it back from the backup, or from the recovery sheet with `accord keys restore`.",
                file=str(key_file),
            )
        )

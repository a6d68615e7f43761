"""The real store, one for each test worker; each test has a data folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core import settings
from tests.conftest import build_engagement
from vault import documents, embedded, envelope, opening
from vault.documents import Vault
from vault.store import Store


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """A running embedded store with its bucket."""
    home = tmp_path_factory.mktemp("store")
    child = embedded.start(home)
    Store(
        endpoint=child.endpoint, access_key=child.steward.access_key, secret_key=child.steward.secret_key,
        bucket=embedded.BUCKET, region="us-east-1",
    ).make_bucket()  # fmt: skip
    yield child
    child.stop()


@pytest.fixture
def store(running):
    return store_of(running)


def store_of(running: embedded.Embedded) -> Store:
    """The bucket of a running store."""
    return Store(
        endpoint=running.endpoint, access_key=running.credentials.access_key,
        secret_key=running.credentials.secret_key, bucket=embedded.BUCKET, region="us-east-1", local=running.folder,
    )  # fmt: skip


@pytest.fixture
def vault(home, store):
    """The open vault of the test's data folder."""
    with vault_of(home, store) as held:
        yield held


@contextmanager
def vault_of(home: Path, store: Store) -> Iterator[Vault]:
    """The vault of a data folder, open meanwhile."""
    limit = settings.load(home, {}).count("vault.file_limit_mb") * opening.MEGABYTE
    held = Vault(store, envelope.Envelope(home / "keys" / envelope.KEY_FILE), limit)
    documents.attach(held)
    try:
        yield held
    finally:
        documents.attach(None)


@pytest.fixture
def shelf(vault):
    """A project whose people can put documents."""
    return build_engagement()

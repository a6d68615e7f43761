"""What the vault relies on in an S3 store; the embedded one here, any other by the same names."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from core import settings
from core.errors import NotFound, Unavailable
from core.ids import new_id, now
from tests.conftest import build_engagement
from vault import documents, embedded, opening
from vault.store import PART, Store

pytestmark = pytest.mark.store

RCLONE = Path(sys.executable).parents[1] / "rclone" / "bin" / "rclone"
"""Another S3 server, which checks credentials; `make test` installs it where there is one for the system."""


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """rclone serving a folder as S3; skips where it is not installed."""
    if not RCLONE.exists():
        pytest.skip(f"no second S3 server here: {RCLONE} is not installed (`make test` does it)")
    folder = tmp_path_factory.mktemp("rclone")
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port = some.getsockname()[1]
    process = subprocess.Popen(
        [RCLONE, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", "accord,a-secret-of-the-tests",
         "--config", os.devnull, folder],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


def at_rclone(endpoint, secret="a-secret-of-the-tests"):
    return Store(endpoint=endpoint, access_key="accord", secret_key=secret, bucket="vault", region="us-east-1")


@pytest.fixture(params=["seaweedfs", "rclone"])
def store(request):
    """Each store that the vault is known to work with."""
    if request.param == "seaweedfs":
        running = request.getfixturevalue("running")
        return Store(
            endpoint=running.endpoint, access_key=running.credentials.access_key,
            secret_key=running.credentials.secret_key, bucket=embedded.BUCKET, region="us-east-1", local=running.folder,
        )  # fmt: skip
    found = at_rclone(request.getfixturevalue("foreign"))
    found.make_bucket()
    return found


def test_a_wrong_secret_gets_nothing(foreign, running):
    at_rclone(foreign).make_bucket()
    key = written(at_rclone(foreign), b"x")
    for stranger in (
        at_rclone(foreign, secret="another"),
        Store(endpoint=running.endpoint, access_key=running.credentials.access_key, secret_key="another",
              bucket=embedded.BUCKET, region="us-east-1"),
    ):  # fmt: skip
        with pytest.raises(Unavailable):
            stranger.size(key)
        with pytest.raises(Unavailable):
            written(stranger, b"y")


def written(store, content, key=None):
    key = key or f"v1/test/{new_id()}"
    writer = store.writer(key)
    writer.write(content)
    writer.commit()
    return key


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 3 * PART + 7])
def test_what_goes_in_comes_out(store, size):
    content = (b"0123456789abcde\n" * (size // 16 + 1))[:size]
    key = written(store, content)
    assert store.size(key) == size
    assert store.reader(key, size).read() == content


@pytest.mark.parametrize("size", [1, PART + 1])
def test_an_object_is_never_replaced(store, size):
    key = written(store, b"1" * size)
    again = store.writer(key)
    again.write(b"2" * size)
    with pytest.raises(Unavailable):
        again.commit()
    again.abandon()
    assert store.reader(key, size).read() == b"1" * size


def test_nothing_is_there_before_it_is_whole(store):
    key = f"v1/test/{new_id()}"
    writer = store.writer(key)
    writer.write(b"x" * (2 * PART))
    with pytest.raises(NotFound):
        store.size(key)
    writer.abandon()
    assert store.abort_unfinished(now() + timedelta(hours=1)) == 0


def test_an_unfinished_upload_is_given_up_by_age(store):
    writer = store.writer(f"v1/test/{new_id()}")
    writer.write(b"x" * PART)
    assert store.abort_unfinished(now() - timedelta(hours=1)) == 0
    assert store.abort_unfinished(now() + timedelta(hours=1)) >= 1


def test_what_is_deleted_is_gone_and_may_be_deleted_again(store):
    key = written(store, b"x")
    store.delete(key)
    store.delete(key)
    with pytest.raises(NotFound):
        store.size(key)


def test_listing_tells_key_and_size(store):
    key = written(store, b"four")
    assert [(o.key, o.size) for o in store.listed(key)] == [(key, 4)]


def test_the_environment_names_the_store_and_holds_its_credentials(foreign, home, monkeypatch):
    """ACCORD_VAULT, and AWS's usual variables: nothing stands in a file of Accord's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "accord")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-tests")
    found = settings.load(home, {"ACCORD_VAULT": f"s3://engagement?endpoint={foreign}&region=eu-central-1"})
    with opening.open_vault(found) as held:
        shelf = build_engagement()
        stored = documents.put(shelf.member, shelf.id, io.BytesIO(b"far away"), file_name="a.txt", class_="design")
        assert b"".join(documents.fetch(shelf.member, shelf.id, stored.document).chunks) == b"far away"
        assert [o.key.split("/")[0] for o in held.store.listed()] == ["v1"]
        assert not (home / "vault").exists()

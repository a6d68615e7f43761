"""The master key's file locked with a key of a KMS, over the network: moto's server speaks AWS's protocol."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest

from core.errors import Unavailable
from tests.vault.test_documents import content, put
from vault import documents, envelope, keys
from vault.envelope import Envelope

pytestmark = pytest.mark.store

MOTO = Path(sys.executable).parents[1] / "moto" / "bin" / "moto_server"
"""`make test` installs it where there are wheels for the system."""


@pytest.fixture(scope="module")
def kms(tmp_path_factory):
    """A running KMS: its client, as an administrator of the KMS would use it."""
    if not MOTO.exists():
        pytest.skip(f"no KMS here: {MOTO} is not installed (`make test` does it)")
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port = some.getsockname()[1]
    kept = {name: os.environ.get(name) for name in SETTINGS}
    os.environ.update(SETTINGS | {"AWS_ENDPOINT_URL_KMS": f"http://127.0.0.1:{port}"})
    process = subprocess.Popen(
        [MOTO, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield boto3.client("kms", region_name="us-east-1")
    process.send_signal(signal.SIGTERM)
    process.wait()
    for name, value in kept.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


SETTINGS = {
    "AWS_ENDPOINT_URL_KMS": "", "AWS_ACCESS_KEY_ID": "accord", "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-tests",
    "AWS_MAX_ATTEMPTS": "1", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}  # fmt: skip


@pytest.fixture
def lock(kms):
    """A key of the KMS, as the setting vault.lock names it."""
    return "aws-kms://" + kms.create_key()["KeyMetadata"]["Arn"]


def test_the_file_opens_with_the_kms_and_is_worth_nothing_without(lock, tmp_path):
    path = tmp_path / "master.json"
    made = Envelope(path, lock)
    assert "AesGcmKey" not in path.read_text()
    wrapped = made.fresh_key("a place")
    assert Envelope(path, lock).renewed(wrapped, "a place") == wrapped
    with pytest.raises(Unavailable, match=r"Name it in the setting vault\.lock"):
        Envelope(path)


def test_another_key_of_the_kms_or_a_file_that_was_touched_does_not_open_it(kms, lock, tmp_path):
    path = tmp_path / "master.json"
    Envelope(path, lock)
    other = "aws-kms://" + kms.create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(Unavailable, match="is locked with"):
        Envelope(path, other)
    text = path.read_text()
    path.write_text(text.replace(lock, other))
    with pytest.raises(Unavailable):
        Envelope(path, other)
    at = text.index('"sealed"') + 60
    path.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    with pytest.raises(Unavailable):
        Envelope(path, lock)
    for wrong in ("aws-kms://arn:aws:kms:us-east-1:123456789012:key/none", "aws-kms://nonsense"):
        with pytest.raises(Unavailable):
            Envelope(tmp_path / "new.json", wrong)
    assert not (tmp_path / "new.json").exists()


def test_a_plain_file_is_locked_and_the_key_is_changed_under_the_lock(shelf, home, lock):
    stored = put(shelf.member, shelf, b"what was agreed")
    held, path = documents.vault(), home / "keys" / envelope.KEY_FILE
    assert "AesGcmKey" in path.read_text()
    documents.attach(documents.Vault(held.store, Envelope(path, lock), held.limit))
    assert "AesGcmKey" not in path.read_text()
    assert keys.rotate(shelf.admin).renewed == 1
    assert "AesGcmKey" not in path.read_text()
    documents.attach(documents.Vault(held.store, Envelope(path, lock), held.limit))
    assert content(shelf.member, shelf, stored.document) == b"what was agreed"


def test_a_kms_that_does_not_answer_is_said_at_the_start(lock, tmp_path, monkeypatch):
    path = tmp_path / "master.json"
    Envelope(path, lock)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with pytest.raises(Unavailable, match="it answers"):
            Envelope(path, lock)

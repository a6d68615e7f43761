from __future__ import annotations

import stat
import time

import psutil
import pytest

from core import settings
from core.errors import Unavailable
from vault import embedded, opening
from vault.store import Store

pytestmark = pytest.mark.store


def until(true, within=20.0):
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def store_of(running):
    return Store(
        endpoint=running.endpoint, access_key=running.credentials.access_key,
        secret_key=running.credentials.secret_key, bucket=embedded.BUCKET, region="us-east-1", local=running.folder,
    )  # fmt: skip


def read(store, key, size):
    try:
        return store.reader(key, size).read()
    except Unavailable:
        return None


def test_a_store_that_dies_is_started_again_with_what_it_held(home):
    with opening.open_vault(settings.load(home, {})) as held:
        writer = held.store.writer("v1/a")
        writer.write(b"kept")
        writer.commit()
        held.store.make_lasting()
        child = psutil.Process(int((home / "vault" / "store.pid").read_text()))
        child.kill()
        until(lambda: (home / "vault" / "store.pid").read_text() != str(child.pid) and held.store.answers())
        # It answers before its volumes are found again: a reader who comes in that moment is told to try again.
        until(lambda: read(held.store, "v1/a", 4) == b"kept")
        second = psutil.Process(int((home / "vault" / "store.pid").read_text()))
    until(lambda: not second.is_running())


def test_nothing_of_it_is_for_others_to_read(home):
    running = embedded.start(home)
    running.stop()
    for folder in ("vault", "keys", "log"):
        assert stat.S_IMODE((home / folder).stat().st_mode) == 0o700, folder
    for file in ("keys/store.json", "vault/s3.json", "vault/store.pid", "log/store.log"):
        assert stat.S_IMODE((home / file).stat().st_mode) == 0o600, file


def test_it_listens_to_this_machine_only(running):
    child = psutil.Process(running.process.pid)
    listening = [c.laddr.ip for c in child.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert set(listening) == {"127.0.0.1"}


def test_a_missing_program_is_a_sentence(home, monkeypatch):
    monkeypatch.setattr(embedded.sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unavailable, match="make install"):
        embedded.start(home)


def test_one_that_cannot_come_up_names_its_log(home, monkeypatch, tmp_path):
    program = tmp_path / "weed"
    program.write_text("#!/bin/sh\necho no room\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(embedded, "_program", lambda: str(program))
    with pytest.raises(Unavailable, match=r"store\.log"):
        embedded.start(home)
    assert "no room" in (home / "log" / "store.log").read_text()

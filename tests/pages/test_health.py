"""`/healthz` tells the truth: each thing that Accord needs, taken away in turn."""

from __future__ import annotations

import json
import shutil
import sys

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core import chain, db, projects
from core.access import SYSTEM
from core.ids import new_id, now
from pages.routes import health
from tests.serving import serving, until
from tests.vault.conftest import running, store  # noqa: F401  the real store
from vault import documents
from vault.documents import Vault
from vault.envelope import Envelope

pytestmark = [pytest.mark.store, pytest.mark.xdist_group("health")]


@pytest.fixture
def asked(home, store):  # noqa: F811
    documents.attach(Vault(store, Envelope(home / "keys" / "master.json"), 1))
    with db.write(SYSTEM) as tx:
        tx.insert(projects.Client(new_id(), "A", now(), 1))
    client = TestClient(Starlette(routes=health.routes()))
    yield lambda: (client.get("/healthz").status_code, client.get("/healthz").json())
    documents.attach(None)


WELL = {"ok": True, "database": True, "ledger": True, "disk": True, "store": True}


def without(name):
    return 503, WELL | {"ok": False, name: False}


def test_all_is_well(asked):
    assert asked() == (200, WELL)


def test_a_store_that_is_not_open_is_told(asked):
    documents.attach(None)
    assert asked() == without("store")


def test_a_store_that_does_not_answer_is_told(asked, monkeypatch):
    class Dead:
        class store:
            @staticmethod
            def answers():
                return False

    monkeypatch.setattr(documents, "vault", Dead)
    assert asked() == without("store")


def test_a_disk_that_is_nearly_full_is_told(asked, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE", shutil.disk_usage("/").total * 100)
    assert asked() == without("disk")


@pytest.mark.parametrize("how", ["gone", "garbled", "another's", "ahead"])
def test_a_head_that_does_not_fit_is_told(asked, home, how):
    path = home / chain.HEAD_FILE
    if how == "gone":
        path.unlink()
    elif how == "garbled":
        path.write_text("{")
    elif how == "another's":
        path.write_text(json.dumps(json.loads(path.read_text()) | {"signature": "AAAA"}))
    else:
        db.database().cursor().execute("DELETE FROM event WHERE seq = (SELECT MAX(seq) FROM event)")
        db.database().cursor().execute("UPDATE ledger_head SET seq = seq - 1")
    assert asked() == without("ledger")


def test_a_head_that_is_one_transaction_behind_is_well(asked, home):
    older = (home / chain.HEAD_FILE).read_text()
    with db.write(SYSTEM) as tx:
        tx.insert(projects.Client(new_id(), "B", now(), 1))
    (home / chain.HEAD_FILE).write_text(older)
    assert asked() == (200, WELL)


def test_a_database_that_does_not_answer_is_told(asked, monkeypatch):
    def broken(*_given):
        raise db.duckdb.FatalException("the database has been invalidated")

    monkeypatch.setattr(db.Database, "cursor", broken)
    status, told = asked()
    assert status == 503
    assert (told["ok"], told["database"], told["ledger"]) == (False, False, False)


def test_without_a_data_folder_nothing_is_well(asked):
    home = db.database().home
    db.close()
    try:
        assert asked() == (503, dict.fromkeys(WELL, False))
    finally:
        db.open_home(home)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_while_a_killed_store_is_away_it_says_so_and_then_that_it_is_back(tmp_path):
    with serving(tmp_path / "data") as served:
        assert served.ask("/healthz")[0] == 200
        store = served.children()[0]
        store.suspend()
        status, _headers, body = served.ask("/healthz")
        assert (status, json.loads(body)["store"]) == (503, False)
        store.kill()
        until(lambda: served.ask("/healthz")[0] == 200, 30)

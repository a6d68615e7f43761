"""The streaming routes, on a real server with the real store behind it."""

from __future__ import annotations

import io
import socket
import threading
import time
import zipfile
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from core import db
from vault import documents, routes

pytestmark = pytest.mark.store


@pytest.fixture
def served(shelf):
    """(client for a role's requests, shelf): the cookie is the name of the role."""
    known = {role: shelf.by_role(role) for role in ("manager", "member", "client", "viewer", "stranger")}
    listening = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=routes.routes(known.get))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    clients = []

    def asking(role: str | None) -> httpx.Client:
        clients.append(httpx.Client(base_url=address, cookies={routes.COOKIE: role} if role else {}, timeout=30))
        return clients[-1]

    yield asking
    for client in clients:
        client.close()
    server.should_exit = True
    thread.join(10)


def sent(client, shelf, content, name="note.txt", **about):
    asked = {"project": shelf.id, "name": name, "class": "design"} | about
    return client.put("/vault/upload", params=asked, content=content)


def test_what_goes_up_comes_down_under_its_own_name(served, shelf):
    content = bytes(range(256)) * 40_000
    name = "需求 “v1”\u202e;\r\n.bin"
    up = sent(served("member"), shelf, content, name)
    assert (up.status_code, up.json()["outcome"]) == (200, "stored")
    down = served("member").get(f"/vault/download/{up.json()['document']}/1")
    assert down.content == content
    assert down.headers["content-disposition"].endswith(f"filename*=UTF-8''{quote('需求 “v1”;.bin', safe='')}")
    assert down.headers["content-disposition"].startswith("attachment;")
    assert down.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in down.headers["content-security-policy"]
    assert "no-store" in down.headers["cache-control"]


def test_without_a_session_nothing_is_told(served, shelf):
    stored = sent(served("member"), shelf, b"text").json()
    for answer in (
        served(None).get(f"/vault/download/{stored['document']}/1"),
        served("nobody").get(f"/vault/download/{stored['document']}/1"),
        sent(served(None), shelf, b"other"),
    ):
        assert (answer.status_code, answer.content) == (401, b"")


def test_what_one_is_not_cleared_for_answers_like_what_does_not_exist(served, shelf):
    secret = sent(served("manager"), shelf, b"text", clearance="restricted").json()["document"]
    hidden = served("member").get(f"/vault/download/{secret}/1")
    missing = served("member").get("/vault/download/nothing/1")
    outside = served("stranger").get(f"/vault/download/{secret}/1")
    assert hidden.status_code == 404
    assert (hidden.content, hidden.status_code) == (missing.content, missing.status_code)
    assert (outside.content, outside.status_code) == (missing.content, missing.status_code)


@pytest.mark.parametrize(
    ("role", "content", "about", "status", "code"),
    [
        ("viewer", b"x", {}, 403, "refused"),
        ("stranger", b"x", {}, 404, "not_found"),
        ("client", b"x", {"clearance": "internal"}, 403, "refused"),
        ("member", b"", {}, 422, "empty"),
        ("member", b"x", {"class": "poem"}, 422, "invalid"),
        ("member", b"x", {"document": "nothing"}, 404, "not_found"),
    ],
)
def test_a_refusal_says_why(served, shelf, role, content, about, status, code):
    answer = sent(served(role), shelf, content, **about)
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (status, code)


def test_a_head_request_is_no_download(served, shelf):
    stored = sent(served("member"), shelf, b"text").json()["document"]
    assert served("member").head(f"/vault/download/{stored}/1").status_code == 405
    assert db.value("SELECT COUNT(*) FROM event WHERE action = 'downloaded'") == 0


def test_an_upload_that_is_cut_off_leaves_nothing(served, shelf, vault):
    before = {o.key for o in vault.store.listed()}

    def half():
        yield b"x" * (40 << 20)
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        sent(served("member"), shelf, half())
    deadline = time.monotonic() + 20
    while db.value("SELECT COUNT(*) FROM upload_intent") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert db.value("SELECT COUNT(*) FROM upload_intent") == 0
    assert {o.key for o in vault.store.listed()} == before
    assert documents.listed(shelf.member, shelf.id) == []


def test_a_look_says_whether_a_file_can_be_fetched_without_fetching_it(served, shelf):
    document = sent(served("member"), shelf, b"words").json()["document"]
    before = db.head_seq()
    answer = served("member").get(f"/vault/download/{document}/1", params={"look": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert db.head_seq() == before
    assert served("stranger").get(f"/vault/download/{document}/1", params={"look": "1"}).status_code == 404
    assert served(None).get(f"/vault/download/{document}/1", params={"look": "1"}).status_code == 401
    # Being told no is on record, a look is not.
    assert not db.value("SELECT COUNT(*) FROM event WHERE seq > ? AND action <> 'refused'", [before])


def test_several_come_down_as_one_zip(served, shelf):
    codes = [sent(served("member"), shelf, text, "note.txt").json()["code"] for text in (b"one", b"two")]
    asked = {"project": shelf.id, "file": [f"{code}:1" for code in codes]}
    look = served("member").get("/vault/download/zip", params=asked | {"look": "1"})
    assert (look.status_code, look.content) == (204, b"")
    assert db.value("SELECT COUNT(*) FROM event WHERE action = 'downloaded'") == 0
    answer = served("member").get("/vault/download/zip", params=asked)
    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist() == ["note.txt", "note (2).txt"]
    assert answer.headers["content-disposition"].startswith('attachment; filename="HARBOUR.zip"')


@pytest.mark.parametrize(
    ("role", "file", "status"),
    [(None, "DOC-01:1", 401), ("stranger", "DOC-01:1", 404), ("member", "DOC-01:1", 404), ("manager", "DOC-01", 422)],
)
def test_a_zip_is_refused_as_its_files_are(served, shelf, role, file, status):
    sent(served("manager"), shelf, b"text", clearance="restricted")
    asked = {"project": shelf.id, "file": file}
    assert served(role).get("/vault/download/zip", params=asked).status_code == status

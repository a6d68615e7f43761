"""The redline over the network: lines with progress, the Word file, and who gets neither."""

from __future__ import annotations

import io
import json
from urllib.parse import quote

import docx
import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.vault.test_inspection import word
from vault import documents, redline_routes, routes

pytestmark = pytest.mark.store


@pytest.fixture
def asking(shelf):
    """`asking(role)`: a client whose cookie is the name of the role."""
    known = {role: shelf.by_role(role) for role in ("manager", "member", "client", "viewer", "stranger")}
    app = Starlette(routes=redline_routes.routes(known.get))
    return lambda role: TestClient(app, cookies={routes.COOKIE: role} if role else {})


@pytest.fixture
def query(shelf):
    """What asks for two versions of a document of the name “需求 <b>.docx”."""
    stored = documents.put(
        shelf.manager, shelf.id, io.BytesIO(word("Gate opens in 400 ms")), file_name="需求 <b>.docx", class_="design"
    )
    documents.put(
        shelf.manager, shelf.id, io.BytesIO(word("Gate opens in 250 ms")), file_name="需求 <b>.docx", class_="design",
        document=stored.document,
    )  # fmt: skip
    return {"project": "HARBOUR", "a": f"{stored.code}:1", "b": f"{stored.code}:2"}


def lines(answer: httpx.Response) -> list[dict]:
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_comparison_comes_as_lines_with_its_progress(asking, query):
    *progress, last = lines(asking("viewer").get("/vault/redline", params=query))
    assert progress
    assert all(0 <= one["progress"] <= 1 for one in progress)
    assert last["redline"]["counts"] == {"insertions": 1, "deletions": 1, "moved": 0, "formatting": 0}


def test_the_word_file_comes_like_every_download(asking, query):
    answer = asking("viewer").get("/vault/redline.docx", params=query)
    assert answer.headers["content-disposition"].endswith(f"filename*=UTF-8''{quote('需求 <b> v1-v2.docx', safe='')}")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]
    assert docx.Document(io.BytesIO(answer.content)).paragraphs


def test_with_lines_the_file_follows_what_is_said_of_it(asking, query):
    answer = asking("viewer").get("/vault/redline.docx", params=query | {"lines": "1"})
    *_, last, content = answer.content.split(b"\n", answer.content[: answer.content.index(b'"ready"')].count(b"\n") + 1)
    said = json.loads(last)
    assert (said["ready"], said["bytes"]) == ("需求 <b> v1-v2.docx", len(content))
    assert docx.Document(io.BytesIO(content)).paragraphs


@pytest.mark.parametrize("path", ["/vault/redline", "/vault/redline.docx"])
def test_without_a_session_nothing_is_told(asking, query, path):
    for role in (None, "nobody"):
        answer = asking(role).get(path, params=query)
        assert (answer.status_code, answer.content) == (401, b"")


def test_who_is_not_cleared_hears_what_everybody_hears_of_what_is_not_there(asking, query):
    missing = query | {"a": "DOC-99:1", "b": "DOC-99:2"}
    for asked in (query, missing):
        assert lines(asking("client").get("/vault/redline", params=asked))[-1]["error"] == "There is no such document."
        assert asking("client").get("/vault/redline.docx", params=asked).status_code == 404
    assert "no project" in lines(asking("stranger").get("/vault/redline", params=query))[-1]["error"]


def test_an_address_that_makes_no_sense_is_a_sentence(asking, query):
    assert "names no version" in lines(asking("viewer").get("/vault/redline", params=query | {"a": "x:y"}))[-1]["error"]
    assert asking("viewer").get("/vault/redline.docx", params=query | {"b": ""}).status_code == 422

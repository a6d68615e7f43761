"""The palette's route: within the session's rights, and nothing without one."""

from __future__ import annotations

import io

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core import requirements
from core.requirements import Draft
from pages.routes import search as route
from vault import documents, search_index


@pytest.fixture
def ask(shelf):
    """Ask as one of the people, by role; None is nobody."""

    def asked(role, q, project="HARBOUR"):
        client = TestClient(Starlette(routes=route.routes(lambda _token: role and shelf.by_role(role))))
        return client.get("/vault/search", params={"project": project, "q": q})

    return asked


@pytest.fixture
def filed(shelf):
    for name, clearance in (("open.txt", "public"), ("secret.txt", "restricted")):
        documents.put(
            shelf.manager, shelf.id, io.BytesIO(f"tide {name}".encode()), file_name=name, class_="design",
            clearance=clearance,
        )  # fmt: skip
    requirements.create(shelf.manager, shelf.id, Draft(title="Tide tables", clearance="internal"))
    requirements.create(shelf.manager, shelf.id, Draft(title="The tide at night", clearance="public"))
    search_index.settle()


def test_it_finds_documents_and_requirements_with_their_addresses(ask, filed):
    found = ask("manager", "tide").json()
    assert [one["href"] for one in found["documents"]] == [
        "/documents?project=HARBOUR&document=DOC-02", "/documents?project=HARBOUR&document=DOC-01",
    ]  # fmt: skip
    assert [one["href"] for one in found["requirements"]] == [
        "/board?project=HARBOUR&card=REQ-01", "/board?project=HARBOUR&card=REQ-02",
    ]  # fmt: skip
    assert found["total"] == 2
    assert found["documents"][0]["snippet"][0] == ["tide", True]


def test_a_client_gets_what_is_theirs(ask, filed):
    found = ask("client", "tide").json()
    assert [one["code"] for one in found["documents"]] == ["DOC-01"]
    assert [one["code"] for one in found["requirements"]] == ["REQ-02"]
    assert found["total"] == 1


def test_without_a_session_it_says_nothing(ask, filed):
    answer = ask(None, "tide")
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_stranger_finds_no_project(ask, filed):
    assert ask("stranger", "tide").status_code == 404
    assert ask("manager", "tide", project="NOWHERE").status_code == 404


def test_an_answer_is_kept_by_nobody(ask, filed):
    assert ask("manager", "tide").headers["cache-control"] == "private, no-store"

"""The shelf at a glance, and whether a version can be fetched; what one is not cleared for is not counted."""

from __future__ import annotations

import dataclasses
import io

import pytest

from core.errors import NotFound, Unavailable
from vault import documents
from vault import shelf as at_a_glance
from vault.store import Store

pytestmark = pytest.mark.store


def put(shelf, name, **about):
    return documents.put(
        shelf.manager, shelf.id, io.BytesIO(name.encode()), file_name=name, **{"class_": "design"} | about
    )


def test_what_one_is_not_cleared_for_is_not_counted(shelf):
    put(shelf, "a.txt")
    put(shelf, "b.txt", class_="plan", clearance="restricted")
    assert counted(shelf, "manager") == (2, {"design": 1, "plan": 1}, {"draft": 2})
    assert counted(shelf, "viewer") == (1, {"design": 1}, {"draft": 1})


def counted(engagement, role):
    found = at_a_glance.counted(engagement.by_role(role), engagement.id)
    return found.total, dict(found.by_class), dict(found.by_state)


def test_a_minus_turns_the_order_round(shelf):
    for name in ("a.txt", "b.txt", "c.txt"):
        put(shelf, name)
    found = documents.listed(shelf.viewer, shelf.id, sort="-title")
    assert [one.document.title for one in found] == ["c", "b", "a"]


def test_a_look_is_no_download(shelf):
    stored = put(shelf, "a.txt")
    assert look(shelf, "viewer", stored.document) is None


def look(engagement, role, document, version=1):
    return at_a_glance.look(engagement.by_role(role), engagement.id, document, version)


def test_a_look_refuses_what_is_not_there_for_one(shelf):
    stored = put(shelf, "a.txt", clearance="restricted")
    for role, version in (("viewer", 1), ("manager", 2)):
        with pytest.raises(NotFound):
            look(shelf, role, stored.document, version)


def test_a_look_says_when_the_content_is_lost_or_the_store_is_gone(shelf, vault):
    stored = put(shelf, "a.txt")
    (version,) = documents.versions(shelf.manager, shelf.id, stored.document)
    nobody = Store(endpoint="http://127.0.0.1:9", access_key="a", secret_key="b", bucket="accord", region="us-east-1")
    documents.attach(dataclasses.replace(vault, store=nobody))
    with pytest.raises(Unavailable):
        look(shelf, "manager", stored.document)
    documents.attach(vault)
    vault.store.delete(version.object_key)
    with pytest.raises(Unavailable, match="not in the store"):
        look(shelf, "manager", stored.document)

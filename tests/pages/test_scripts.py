"""What is pressed in our own components."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pages.kit import scripts


@pytest.fixture
def state(monkeypatch):
    """The state of a visit, as a page has it."""
    kept: dict[str, object] = {}
    monkeypatch.setattr(scripts.st, "session_state", kept)
    return kept


def test_a_press_that_arrives_after_its_page_was_left_is_none(state):
    assert scripts.pressed("follow", "go") is None
    state["follow"] = SimpleNamespace(go={"query": "document=DOC-01"})
    assert scripts.pressed("follow", "go") == {"query": "document=DOC-01"}
    assert scripts.pressed("follow", "news") is None

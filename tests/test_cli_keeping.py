"""`accord document discard` and `document hold`."""

from __future__ import annotations

import pytest

from tests.commands import accord, set_up

pytestmark = pytest.mark.store


def test_a_document_is_held_discarded_and_brought_back(tmp_path):
    home, paper = tmp_path / "data", tmp_path / "plan.txt"
    set_up(home, tmp_path)
    paper.write_text("Gate opens.")
    stored = accord(home, "put", paper, "--project", "HARBOUR", "--class", "plan", "--json").data["items"][0][
        "document"
    ]

    held = accord(home, "document", "hold", stored, "--reason", "claim 12", "--json")
    assert (held.status, held.data["held"]) == (0, True)
    refused = accord(home, "document", "discard", "DOC-01", "--project", "HARBOUR", "--json")
    assert (refused.status, refused.data["error"]["kind"]) == (1, "conflict")
    assert "claim 12" in refused.err
    released = accord(home, "document", "hold", stored, "--reason", "settled", "--release", "--json")
    assert released.data == {"held": False, "hold": None, "released": 1}

    gone = accord(home, "document", "discard", stored, "--reason", "twice", "--json")
    assert gone.data == {"document": stored, "discarded": True}
    assert accord(home, "list", "documents", "--project", "HARBOUR", "--json").data["total"] == 0
    back = accord(home, "document", "discard", stored, "--undo", "--json")
    assert back.data == {"document": stored, "discarded": False}
    assert accord(home, "list", "documents", "--project", "HARBOUR", "--json").data["total"] == 1

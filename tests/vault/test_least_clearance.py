"""Of two instructions about a clearance the higher one holds."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from core.errors import Invalid, NotFound, Refused
from core.ids import now
from tests.conftest import build_engagement
from vault import class_rules, documents, downgrades, rights, search, search_index, templates, verifying

pytestmark = pytest.mark.store


def ask_for(shelf, least, class_id="plan"):
    revision = class_rules.of(class_id).revision
    return class_rules.change(shelf.admin, class_id, revision=revision, least=least)


def put(shelf, who="member", content=b"a plan", **about):
    given = {"file_name": "a.txt", "class_": "plan", "clearance": "internal"} | about
    return documents.put(shelf.by_role(who), shelf.id, io.BytesIO(content), **given)


def clearance(shelf, stored):
    return documents.get(shelf.admin, shelf.id, stored.document).clearance


@pytest.mark.parametrize(
    ("least", "chosen", "holds"),
    [(None, "public", "public"), ("internal", "public", "internal"), ("internal", "confidential", "confidential"),
     ("confidential", "internal", "confidential"), ("confidential", None, "confidential"), ("public", "internal", "internal")],
)  # fmt: skip
def test_what_is_filed_has_the_higher_of_what_was_chosen_and_what_the_class_asks_for(shelf, least, chosen, holds):
    ask_for(shelf, least)
    stored = put(shelf, clearance=chosen)
    assert clearance(shelf, stored) == stored.clearance == holds
    raised = [one.message.text() for one in stored.reasons if one.code == "least-clearance"]
    assert raised == ([f"It is {holds}: its class asks for that at least."] if chosen not in (None, holds) else [])
    assert stored.outcome == "stored"
    made = templates.make(shelf.member, shelf.id, "plan", clearance=chosen)
    assert made.clearance == holds


def test_who_is_not_cleared_for_it_is_told_before_anything_is_stored(shelf):
    ask_for(shelf, "confidential")
    with pytest.raises(Refused, match="are confidential at least, and you are cleared up to public"):
        put(shelf, "client", clearance=None)
    with pytest.raises(Refused):
        templates.make(shelf.client, shelf.id, "plan")
    assert documents.listed(shelf.admin, shelf.id) == []


def test_another_class_or_clearance_ends_at_the_higher_one(shelf):
    ask_for(shelf, "confidential")
    stored = put(shelf, class_="design")
    moved = documents.reclassify(shelf.member, shelf.id, stored.document, revision=1, class_="plan")
    assert (moved.class_id, moved.clearance) == ("plan", "confidential")
    lowered = documents.reclassify(shelf.member, shelf.id, stored.document, revision=2, clearance="public", reason="x")
    assert (lowered.clearance, lowered.revision) == ("confidential", 2)
    with pytest.raises(Invalid, match="Say why"):
        documents.reclassify(shelf.manager, shelf.id, stored.document, revision=2, clearance="restricted")
    effect = rights.if_classified(shelf.manager, shelf.id, put(shelf, content=b"x", class_="design").document, class_="plan")  # fmt: skip
    assert [one.person for one in effect.loses] == ["Viewer One"]
    back = documents.reclassify(shelf.member, shelf.id, stored.document, revision=2, class_="test")
    assert back.clearance == "confidential"  # leaving the class lowers nothing


def test_a_class_that_asks_for_more_raises_what_is_there_in_every_project(shelf):
    other = build_engagement("QUAY")
    mine, theirs, elsewhere = put(shelf), put(other), put(shelf, content=b"d", class_="design")
    search_index.settle()
    assert search.find(shelf.viewer, shelf.id, "plan").total == 1
    before = rights.if_least(shelf.admin, "plan", "confidential")
    assert [(c.person, c.documents) for c in before.loses] == [
        ("Viewer One", ("HARBOUR DOC-01",)), ("Viewer One", ("QUAY DOC-01",)),
    ]  # fmt: skip
    ask_for(shelf, "confidential")
    assert (clearance(shelf, mine), clearance(other, theirs)) == ("confidential", "confidential")
    assert clearance(shelf, elsewhere) == "internal"
    with pytest.raises(NotFound):
        documents.get(shelf.viewer, shelf.id, mine.document)
    assert search.find(shelf.viewer, shelf.id, "plan").total == 0
    ask_for(shelf, None)
    assert clearance(shelf, mine) == "confidential"
    assert rights.if_least(shelf.admin, "plan", None).loses == ()
    assert verifying.verify(shelf.admin).ok


def test_only_an_administrator_asks(shelf):
    for who in (shelf.manager, shelf.client, shelf.stranger):
        with pytest.raises(Refused):
            rights.if_least(who, "plan", "internal")
    with pytest.raises(Invalid):
        ask_for(shelf, "secret")


def planned(shelf, stored, level, due):
    return downgrades.order(shelf.manager, shelf.id, stored.document, clearance=level, due=due, reason="later")


def test_a_planned_downgrade_comes_down_to_what_the_class_asks_for(shelf):
    stored, due = put(shelf, "manager", clearance="restricted"), now() + timedelta(days=2)
    planned(shelf, stored, "public", due)
    ask_for(shelf, "internal")
    downgrades.settle(at=due)
    assert clearance(shelf, stored) == "internal"
    with pytest.raises(Invalid, match="Choose a lower"):
        planned(shelf, stored, "public", due)


@pytest.mark.parametrize("order", [("public", "internal"), ("internal", "public")])
@pytest.mark.parametrize("hours", [0, 5])
def test_of_two_downgrades_for_one_day_the_higher_holds(shelf, order, hours):
    stored = put(shelf, clearance="confidential")
    day = (now() + timedelta(days=3)).replace(hour=8)
    plans = [planned(shelf, stored, level, day + timedelta(hours=n * hours)) for n, level in enumerate(order)]
    for moment in (day, day + timedelta(hours=6)):
        downgrades.settle(at=moment)
    assert clearance(shelf, stored) == "internal"
    assert downgrades.planned(shelf.manager, shelf.id, stored.document) == []
    assert {p.clearance for p in plans} == {"public", "internal"}
    later = planned(shelf, stored, "public", day + timedelta(days=2))
    downgrades.settle(at=later.due_at)
    assert clearance(shelf, stored) == "public"

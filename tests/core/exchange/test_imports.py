from __future__ import annotations

import threading

import pytest

from core import board, checklists, comments, db, links, requirements
from core.errors import Conflict, NotFound
from core.exchange import imports
from tests.conftest import build_engagement
from tests.core.exchange.boards import harbour
from tests.core.exchange.test_trello import card, column, contents, take


def undo(engagement, result):
    return imports.undo(engagement.manager, engagement.id, result.id)


def test_undo_takes_everything_back(engagement):
    start = contents()
    result = take(engagement, harbour()[0])
    undone = undo(engagement, result)
    assert undone.reversed == result.created
    assert not undone.kept
    assert contents() == start


def test_what_a_person_has_edited_since_is_kept_whole_and_named(engagement):
    result = take(engagement, harbour()[0])
    ours = card(engagement, "Group tickets")
    requirements.edit(engagement.member, engagement.id, ours.id, revision=ours.revision, rationale="Because")
    undone = undo(engagement, result)
    kept = {one.kind: one for one in undone.kept}
    assert kept["cards"].id == ours.id
    assert "Member One" in str(kept["cards"].reason)
    assert set(kept) == {"cards", "comments", "checklists", "checklist_items", "moves", "lists", "labels"}
    assert [c.requirement.title for c in board.listed(engagement.manager, engagement.id)] == ["Group tickets"]
    assert len(comments.listed(engagement.member, engagement.id, ours.id)) == 1


def test_each_thing_is_either_reversed_or_kept(engagement):
    result = take(engagement, harbour()[0])
    ours = card(engagement, "Group tickets")
    requirements.edit(engagement.member, engagement.id, ours.id, revision=ours.revision, rationale="Because")
    undone = undo(engagement, result)
    kept = [one.kind for one in undone.kept]
    assert {kind: undone.reversed[kind] + kept.count(kind) for kind in result.created} == result.created


def test_a_comment_of_a_person_keeps_the_card(engagement):
    result = take(engagement, harbour()[0])
    ours = card(engagement, "Open the gate")
    comments.add(engagement.client, engagement.id, ours.id, "Mine") if ours.clearance == "public" else comments.add(
        engagement.member, engagement.id, ours.id, "Mine"
    )
    assert [one.id for one in undo(engagement, result).kept if one.kind == "cards"] == [ours.id]


def test_a_link_to_a_card_keeps_it(engagement):
    result = take(engagement, harbour()[0])
    own = requirements.create(engagement.member, engagement.id, requirements.Draft("Own"))
    ours = card(engagement, "Open the gate")
    links.link(engagement.member, engagement.id, own.id, kind="depends on", target=ours.id)
    assert [one.id for one in undo(engagement, result).kept if one.kind == "cards"] == [ours.id]


def test_a_column_that_holds_other_cards_stays(engagement):
    result = take(engagement, harbour()[0])
    state = column(engagement, "Doing")
    own = requirements.create(engagement.member, engagement.id, requirements.Draft("Own", state=state.id))
    undone = undo(engagement, result)
    assert [(one.kind, one.id) for one in undone.kept] == [("lists", state.id)]
    assert requirements.get(engagement.member, engagement.id, own.id).state_id == state.id


def test_undoing_an_update_sets_the_values_back(engagement):
    file, ids = harbour()
    take(engagement, file)
    before = contents()
    newer = file.copy()
    newer.one(ids["b"]) | {}
    newer.one(ids["b"]).update(name="New", due="2026-09-09T00:00:00.000Z", idLabels=[ids["gate"]])
    newer.move(ids["b"], ids["todo"], ids["done"], days=12)
    undone = undo(engagement, take(engagement, newer))
    assert (undone.reversed["cards"], undone.reversed["moves"]) == (1, 1)
    assert contents() == before


def test_a_later_import_is_undone_first(engagement):
    file, ids = harbour()
    first = take(engagement, file)
    newer = file.copy()
    newer.one(ids["b"])["name"] = "New"
    take(engagement, newer)
    undone = undo(engagement, first)
    assert [one.id for one in undone.kept if one.kind == "cards"] == [card(engagement, "New").id]


def test_an_import_is_undone_once(engagement):
    result = take(engagement, harbour()[0])
    undo(engagement, result)
    with pytest.raises(Conflict):
        undo(engagement, result)


def test_after_an_undo_the_same_file_comes_in_anew(engagement):
    result = take(engagement, harbour()[0])
    undo(engagement, result)
    assert take(engagement, harbour()[0]).created == result.created


def test_after_an_undo_what_was_kept_is_known_again(engagement):
    file, _ = harbour()
    result = take(engagement, file)
    ours = card(engagement, "Open the gate")
    requirements.edit(engagement.member, engagement.id, ours.id, revision=ours.revision, title="Ours")
    undo(engagement, result)
    again = take(engagement, file)
    assert (again.created["cards"], again.unchanged["cards"]) == (2, 1)


def test_an_import_is_found_only_by_those_who_may_undo_it(engagement):
    result = take(engagement, harbour()[0])
    assert imports.project_of(engagement.manager, result.id) == engagement.id
    for role in ("member", "client", "stranger"):
        with pytest.raises(NotFound):
            imports.project_of(engagement.by_role(role), result.id)
    other = build_engagement("OTHER")
    with pytest.raises(NotFound):
        imports.undo(other.manager, other.id, result.id)


def test_past_imports_are_listed_newest_first_with_what_became_of_them(engagement):
    first = take(engagement, harbour()[0])
    second = take(engagement, harbour()[0])
    undo(engagement, second)
    runs = imports.listed(engagement.manager, engagement.id)
    assert [(r.id, r.undone_at is not None) for r in runs] == [(second.id, True), (first.id, False)]
    assert runs[1].created == first.created


def test_edits_while_an_import_is_undone_are_either_kept_or_refused(engagement):
    """People keep on editing while the import is undone: no edit that was taken is lost."""
    file, _ = harbour()
    for number in range(30):
        file.card(f"Card {number}", file.raw["lists"][0]["id"], days=1)
    result = take(engagement, file)
    rows = [c.requirement for c in board.listed(engagement.member, engagement.id)]
    taken = []

    def edit():
        for row in rows:
            try:
                requirements.edit(engagement.member, engagement.id, row.id, revision=row.revision, rationale="x")
                taken.append(row.id)
            except NotFound:
                continue

    thread = threading.Thread(target=edit)
    thread.start()
    undone = undo(engagement, result)
    thread.join()
    stands = {r["id"] for r in db.rows("SELECT id FROM requirement WHERE rationale = 'x'")}
    assert stands == set(taken) == {one.id for one in undone.kept if one.kind == "cards"}


def test_a_failed_run_leaves_nothing(engagement, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("half way")

    monkeypatch.setattr(checklists.Attachment, "__init__", broken)
    start = contents()
    with pytest.raises(RuntimeError):
        take(engagement, harbour()[0])
    assert contents() == start
    assert db.value("SELECT COUNT(*) FROM import_record") == 0
    assert db.value("SELECT COUNT(*) FROM requirement_state") == 0

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import board, columns, comments, db, requirements
from core.access import CLEARANCES
from core.board import Filters
from core.errors import Invalid, NotFound, Refused
from core.exchange import imports, trello
from core.exchange.trello_board import KINDS
from core.exchange.trello_words import category_of
from core.ids import new_id
from tests.conftest import Engagement, build_engagement
from tests.core.exchange.boards import START, BoardFile, harbour

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "trello"
SAMPLES_ALSO = Path(__file__).parents[5] / "shared" / "samples" / "trello"


def naive(days: float) -> datetime:
    return (START + timedelta(days=days)).replace(tzinfo=None)


def take(engagement: Engagement, file: BoardFile, **more) -> trello.Imported:
    return trello.run(engagement.manager, engagement.id, file.data, file_name="board.json", **more)


def card(engagement: Engagement, title: str) -> requirements.Requirement:
    archived = [Filters(), Filters(archived=True)]
    found = [c.requirement for f in archived for c in board.listed(engagement.manager, engagement.id, f)]
    return next(r for r in found if r.title == title)


def column(engagement: Engagement, name: str) -> columns.State:
    return db.all_of(columns.State, "WHERE project_id = ? AND name = ?", [engagement.id, name])[0]


def balanced(result: trello.Imported) -> bool:
    dropped = [one.kind for one in result.dropped]
    return all(
        result.read[k] == result.created[k] + result.updated[k] + result.unchanged[k] + dropped.count(k) for k in KINDS
    )


def test_every_kind_comes_in_and_the_sums_agree(engagement):
    file, _ = harbour()
    result = take(engagement, file)
    assert result.created == {
        "lists": 4, "cards": 3, "checklists": 1, "checklist_items": 2, "comments": 1, "labels": 2, "members": 2,
        "attachments": 1, "moves": 2,
    }  # fmt: skip
    assert balanced(result)
    assert not result.dropped


def test_a_card_brings_its_fields(engagement):
    file, _ = harbour()
    take(engagement, file)
    found = card(engagement, "Group tickets")
    assert (found.statement, found.labels, found.due, found.priority, found.clearance, found.source_who) == (
        "For ten and more.", ("Must", "gate"), date(2026, 5, 1), "must", "internal", "Bo Gone",
    )  # fmt: skip
    assert found.owner_id == engagement.manager.id
    assert "Bo Gone" in found.constraints
    assert "complete" in found.constraints


def test_ages_and_cycle_times_are_those_of_the_board(engagement):
    file, _ = harbour()
    take(engagement, file)
    found = card(engagement, "Group tickets")
    assert (found.created_at, found.state_since) == (naive(0), naive(8))
    assert found.state_id == column(engagement, "Done").id
    moves = db.rows(
        "SELECT happened_at, on_behalf, note FROM event WHERE entity_id = ? AND action = 'moved' ORDER BY seq",
        [found.id],
    )
    assert [tuple(m.values()) for m in moves] == [
        (naive(3), "Bo Gone", "To do → Doing"),
        (naive(8), "Manager One", "Doing → Done"),
    ]


def test_the_events_of_a_card_lead_to_its_row(engagement):
    file, _ = harbour()
    take(engagement, file)
    found = card(engagement, "Group tickets")
    told: dict[str, object] = {}
    for event in db.rows("SELECT after FROM event WHERE entity_id = ? ORDER BY seq", [found.id]):
        told |= json.loads(event["after"])
    assert told["state_id"] == found.state_id
    assert told["revision"] == found.revision
    assert told["state_since"] == found.state_since.isoformat(timespec="microseconds")


def test_archived_cards_and_cards_of_archived_lists_are_archived(engagement):
    file, ids = harbour()
    file.one(ids["b"])["closed"] = True
    take(engagement, file)
    assert card(engagement, "Forgotten").archived
    assert card(engagement, "Open the gate").archived
    assert column(engagement, "Old").archived


def test_comments_keep_author_and_time(engagement):
    file, _ = harbour()
    take(engagement, file)
    said = comments.listed(engagement.member, engagement.id, card(engagement, "Group tickets").id)
    assert [(c.text, c.author_name, c.author_id, c.created_at) for c in said] == [
        ("Who pays?", "Bo Gone", None, naive(1))
    ]


def test_the_same_file_again_changes_nothing(engagement):
    file, _ = harbour()
    take(engagement, file)
    before = db.rows("SELECT * FROM requirement ORDER BY id")
    again = take(engagement, file)
    assert again.unchanged == again.read
    assert db.rows("SELECT * FROM requirement ORDER BY id") == before


def test_a_newer_export_updates(engagement):
    file, ids = harbour()
    take(engagement, file)
    newer = file.copy()
    newer.one(ids["b"])["name"] = "Open both gates"
    newer.move(ids["b"], ids["todo"], ids["doing"], days=9)
    newer.comment(ids["b"], "New", days=9)
    newer.card("Fresh", ids["todo"], days=9)
    newer.raw["checklists"][0]["checkItems"][1]["state"] = "complete"
    result = take(engagement, newer)
    assert (result.updated["cards"], result.created["cards"], result.created["moves"]) == (1, 1, 1)
    assert (result.created["comments"], result.updated["checklist_items"]) == (1, 1)
    assert card(engagement, "Open both gates").state_since == naive(9)
    assert balanced(result)


def test_what_a_person_changed_stays_and_what_trello_changed_comes(engagement):
    file, ids = harbour()
    take(engagement, file)
    ours = card(engagement, "Open the gate")
    requirements.edit(engagement.member, engagement.id, ours.id, revision=ours.revision, title="Ours")
    newer = file.copy()
    newer.one(ids["b"])["desc"] = "Theirs"
    result = take(engagement, newer)
    assert card(engagement, "Ours").statement == "Theirs"
    assert result.updated["cards"] == 1
    assert not result.remarks


def test_changed_on_both_sides_stays_as_it_is_here_and_is_told(engagement):
    file, ids = harbour()
    take(engagement, file)
    ours = card(engagement, "Open the gate")
    requirements.edit(engagement.member, engagement.id, ours.id, revision=ours.revision, title="Ours")
    newer = file.copy()
    newer.one(ids["b"])["name"] = "Theirs"
    result = take(engagement, newer)
    assert card(engagement, "Ours")
    assert [(r.kind, r.id) for r in result.remarks] == [("cards", ids["b"])]
    assert not take(engagement, newer).remarks


def test_a_card_moved_here_and_there_stays_here(engagement):
    file, ids = harbour()
    take(engagement, file)
    ours = card(engagement, "Open the gate")
    done = column(engagement, "Done")
    requirements.move(engagement.member, engagement.id, [ours.id], state=done.id)
    newer = file.copy()
    newer.move(ids["b"], ids["todo"], ids["doing"], days=9)
    result = take(engagement, newer)
    assert card(engagement, "Open the gate").state_id == done.id
    assert [one.kind for one in result.dropped] == ["moves"]
    assert balanced(result)


def test_lists_go_into_columns_of_the_same_name(engagement):
    requirements.create(engagement.member, engagement.id, requirements.Draft("Own"))
    file = BoardFile()
    file.card("Theirs", file.list("IN PROGRESS"))
    result = take(engagement, file)
    assert result.unchanged["lists"] == 1
    assert card(engagement, "Theirs").state_id == column(engagement, "In progress").id


def test_another_board_does_not_collide(engagement):
    take(engagement, harbour()[0])
    other = BoardFile("Other", number=2)
    other.card("Group tickets", other.list("To do"))
    result = take(engagement, other)
    assert (result.created["cards"], result.unchanged["lists"]) == (1, 1)
    codes = [c.requirement.code for c in board.listed(engagement.manager, engagement.id)]
    assert len(codes) == len(set(codes))


def test_chosen_people_and_columns_are_kept_for_the_next_time(engagement):
    file, ids = harbour()
    agreed = columns.ensure_states
    with db.write(engagement.manager) as tx:
        state = agreed(tx, engagement.id)[2]
    chosen = {"people": {ids["bo"]: engagement.member.id, ids["ana"]: None}, "columns": {ids["todo"]: state.id}}
    take(engagement, file, **chosen)
    assert card(engagement, "Group tickets").owner_id == engagement.member.id
    assert card(engagement, "Open the gate").state_id == state.id
    again = take(engagement, file)
    assert again.unchanged == again.read


def test_a_new_column_takes_the_category_that_was_chosen(engagement):
    file, ids = harbour()
    take(engagement, file, columns={ids["todo"]: "active"})
    assert column(engagement, "To do").category == "active"


@pytest.mark.parametrize(
    ("name", "category"),
    [("Backlog", "open"), ("To Do", "agreed"), ("Doing", "active"), ("Done ✅", "done"), ("Won't do", "dropped"),
     ("已完成", "done"), ("进行中", "active"), ("待办", "agreed"), ("Testing/Review", "active")],
)  # fmt: skip
def test_a_list_name_speaks_for_a_category(name, category):
    assert category_of(name) == category


def test_moves_that_lead_elsewhere_are_mended_and_told(engagement):
    file, ids = harbour()
    file.one(ids["b"])["idList"] = ids["done"]
    result = take(engagement, file)
    assert card(engagement, "Open the gate").state_id == column(engagement, "Done").id
    assert ("cards", ids["b"]) in [(r.kind, r.id) for r in result.remarks]


def test_what_belongs_to_cards_that_are_not_there_is_dropped_in_words(engagement):
    file, ids = harbour()
    gone = file.fresh()
    file.comment(gone, "lost")
    file.move(gone, ids["todo"], ids["done"], days=1)
    file.checklist(gone, "lost", ("lost", False))
    file.attachment(ids["a"], "bad", "javascript:alert(1)", None)
    file.label("", "yellow")
    result = take(engagement, file)
    assert sorted(one.kind for one in result.dropped) == [
        "attachments", "checklist_items", "checklists", "comments", "labels", "moves",
    ]  # fmt: skip
    assert all(str(one.reason) for one in result.dropped)
    assert balanced(result)


def test_old_exports_without_keys_come_in(engagement):
    file, ids = harbour()
    for key in ("labels", "checklists", "members"):
        del file.raw[key]
    for one in file.raw["cards"]:
        for key in ("attachments", "idLabels", "due", "desc", "pos"):
            one.pop(key)
    file.raw["labelNames"] = {"blue": "Feature", "red": ""}
    file.one(ids["a"])["labels"] = [{"color": "green", "name": "Must"}, {"color": "red", "name": ""}]
    result = take(engagement, file)
    assert card(engagement, "Group tickets").labels == ("Must", "red")
    assert result.created["labels"] == 3
    assert balanced(result)


def test_a_long_title_is_whole_in_the_statement(engagement):
    file = BoardFile()
    file.card("x" * 400, file.list("To do"), desc="more")
    result = take(engagement, file)
    found = board.listed(engagement.manager, engagement.id)[0].requirement
    assert len(found.title) == 300
    assert found.statement == "x" * 400 + "\n\nmore"
    assert [r.kind for r in result.remarks] == ["cards"]


def test_a_preview_is_the_run_and_writes_nothing(engagement):
    file, ids = harbour()
    before = db.head_seq()
    preview = trello.preview(engagement.manager, engagement.id, file.data)
    assert db.head_seq() == before
    assert not board.listed(engagement.manager, engagement.id)
    result = take(engagement, file)
    assert (preview.result.created, preview.result.dropped) == (result.created, result.dropped)
    assert {m.person.id: m.account for m in preview.people}[ids["ana"]] == engagement.manager.id
    assert next((c.name, c.state, c.cards) for c in preview.columns) == ("To do", None, 1)


def test_progress_reaches_its_end(engagement):
    steps = []
    take(engagement, harbour()[0], progress=lambda done, total: steps.append((done, total)))
    assert steps
    assert steps[-1][0] == steps[-1][1]


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"name;list\nA;B", b"[1, 2]", b'{"issues": []}', b'{"id": "x", "lists": [], "cards": []}',
     b"[" * 100_000, b'{"id": 1, "lists": [{}], "cards": [{}]}'],
)  # fmt: skip
def test_a_file_that_is_no_board_is_refused_in_words(engagement, data):
    with pytest.raises(Invalid) as refused:
        trello.run(engagement.manager, engagement.id, data, file_name="x")
    assert str(refused.value)
    assert db.value("SELECT COUNT(*) FROM import_run") == 0


def test_odd_entries_are_dropped_not_stumbled_over(engagement):
    file, ids = harbour()
    file.raw["cards"] += [None, {"id": 7}, {"id": file.fresh(), "name": "nowhere", "idList": "?"}, file.one(ids["a"])]
    file.raw["lists"] += ["x"]
    file.raw["actions"] += [
        None,
        {"type": "commentCard"},
        {"type": "updateCard", "data": {"listAfter": None, "listBefore": 3}},
    ]
    file.one(ids["b"]) | {"due": "soon", "labels": "?"}
    file.one(ids["b"])["desc"] = "half \ud800 and \0"
    assert balanced(take(engagement, file))


def test_only_those_who_lead_import_and_strangers_see_no_project(engagement):
    data = harbour()[0].data
    for role, error in {"member": Refused, "client": Refused, "viewer": Refused, "stranger": NotFound}.items():
        with pytest.raises(error):
            trello.run(engagement.by_role(role), engagement.id, data, file_name="x")
        with pytest.raises(error):
            trello.preview(engagement.by_role(role), engagement.id, data)
        with pytest.raises(error):
            imports.listed(engagement.by_role(role), engagement.id)


def test_a_client_sees_nothing_of_it_by_default_and_what_was_meant_for_clients(engagement):
    take(engagement, harbour()[0])
    assert not board.listed(engagement.client, engagement.id)
    other = BoardFile("Other", number=2)
    other.card("For all", other.list("To do"))
    take(engagement, other, clearance="public")
    assert [c.requirement.title for c in board.listed(engagement.client, engagement.id)] == ["For all"]


def test_nobody_imports_above_their_clearance(engagement):
    from core import projects

    membership = next(
        m for m in projects.members(engagement.admin, engagement.id) if m.account_id == engagement.manager.id
    )
    with db.write(engagement.admin) as tx:
        tx.update(tx.get(projects.Membership, membership.id), clearance="public")
    with pytest.raises(Refused):
        take(engagement, harbour()[0], clearance="internal")
    take(engagement, harbour()[0])
    assert card(engagement, "Group tickets").clearance == CLEARANCES[0]


@pytest.mark.parametrize("name", ["clipkit-board", "stonekw-board", "trello-cms-board"])
def test_real_boards_come_in_whole(engagement, name):
    folder = next((f for f in (SAMPLES, SAMPLES_ALSO) if f.exists()), None)
    if folder is None:
        pytest.skip("the real boards of ../shared/samples are not on this machine")
    data = (folder / f"{name}.json").read_bytes()
    raw = json.loads(data)
    result = trello.run(engagement.manager, engagement.id, data, file_name=name)
    assert balanced(result)
    assert result.created["cards"] == len(raw["cards"])
    assert result.created["moves"] == len([a for a in raw["actions"] if "listAfter" in a["data"]])
    assert not [one for one in result.dropped if one.kind != "labels"]
    again = trello.run(engagement.manager, engagement.id, data, file_name=name)
    assert sum(again.created.values()) == sum(again.updated.values()) == 0
    imports.undo(engagement.manager, engagement.id, again.id)
    undone = imports.undo(engagement.manager, engagement.id, result.id)
    assert undone.reversed == result.created
    assert db.value("SELECT COUNT(*) FROM requirement") == 0


TEXT = st.text(max_size=40)
SMALL = st.integers(0, 5)


@st.composite
def boards(draw) -> BoardFile:
    """Any board: with gaps, doubles, things of cards that are gone, in any order."""
    file = BoardFile()
    people = [file.member(draw(TEXT)) for _ in range(draw(SMALL))] or [""]
    lists = [file.list(draw(TEXT), closed=draw(st.booleans())) for _ in range(draw(st.integers(1, 4)))]
    labels = [file.label(draw(TEXT)) for _ in range(draw(SMALL))]
    pick = st.sampled_from
    cards = [
        file.card(
            draw(TEXT), draw(pick(lists)), days=draw(st.floats(0, 30)), by=draw(pick(people)), desc=draw(TEXT),
            made_in=draw(pick(lists)), closed=draw(st.booleans()),
            idLabels=draw(st.lists(pick(labels), max_size=3)) if labels else [],
            idMembers=draw(st.lists(pick(people), max_size=3)),
            due=draw(pick([None, "2026-05-01T00:00:00.000Z", "soon"])),
        )
        for _ in range(draw(SMALL))
    ]  # fmt: skip
    for one in draw(st.lists(pick([*cards, file.fresh()]), max_size=6)):
        what = draw(pick(["move", "comment", "checklist", "attachment", "delete"]))
        days = draw(st.floats(0, 60))
        if what == "move":
            file.move(one, draw(pick(lists)), draw(pick(lists)), days=days, by=draw(pick(people)))
        elif what == "comment":
            file.comment(one, draw(TEXT), days=days, by=draw(pick(people)))
        elif what == "checklist":
            file.checklist(one, draw(TEXT), (draw(TEXT), True), (draw(TEXT), False))
        elif one in [c["id"] for c in file.raw["cards"]]:
            if what == "attachment":
                file.attachment(one, draw(TEXT), draw(pick(["https://a.b/c", "ftp://a", ""])), draw(st.none() | SMALL))
            else:
                file.raw["cards"] = [c for c in file.raw["cards"] if c["id"] != one]
    return file


def contents() -> dict[str, list[dict]]:
    """Everything of the project that people see, without what counts writes."""
    tables = (
        "requirement_state",
        "requirement",
        "label",
        "checklist",
        "checklist_item",
        "attachment",
        "comment",
        "subject",
    )
    return {
        table: [
            {k: v for k, v in row.items() if k != "revision"} for row in db.rows(f"SELECT * FROM {table} ORDER BY id")
        ]
        for table in tables
    }


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(file=boards(), title=TEXT.filter(str.strip), data=st.data())
def test_any_board_adds_up_comes_once_and_goes_again(home, file, title, data):
    engagement = build_engagement(f"P{new_id()[-8:]}")
    start = contents()
    first = take(engagement, file)
    assert balanced(first)
    stood = contents()
    again = take(engagement, file)
    assert balanced(again)
    assert sum(again.created.values()) == sum(again.updated.values()) == 0
    assert contents() == stood
    newer = file.copy()
    for one in newer.raw["cards"]:
        one["name"] = data.draw(st.sampled_from([one["name"], title]))
        one["closed"] = data.draw(st.booleans())
        one["idList"] = data.draw(st.sampled_from([x["id"] for x in newer.raw["lists"]]))
    for one in newer.raw["lists"]:
        one["closed"] = data.draw(st.booleans())
    newer.card(title, newer.raw["lists"][0]["id"])
    second = take(engagement, newer)
    assert balanced(second)
    undone = imports.undo(engagement.manager, engagement.id, second.id)
    assert not undone.kept
    assert contents() == stood
    assert not imports.undo(engagement.manager, engagement.id, again.id).kept
    assert not imports.undo(engagement.manager, engagement.id, first.id).kept
    assert contents() == start

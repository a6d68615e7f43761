from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core import board, columns, comments, links, requirements
from core.board import Filters
from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from core.ids import now
from core.requirements import Draft


def titles(actor, project, filters=None):
    return [card.requirement.title for card in board.listed(actor, project, filters)]


def test_the_first_requirement_brings_the_columns(engagement):
    requirements.create(engagement.member, engagement.id, Draft("Group tickets"))
    names = [state.name for state in columns.states(engagement.member, engagement.id)]
    assert names == ["Draft", "Proposed", "Agreed", "In progress", "Done", "Rejected"]


def test_codes_count_up_in_a_project(engagement):
    codes = [requirements.create(engagement.member, engagement.id, Draft(t)).code for t in ("A", "B")]
    assert codes == ["REQ-01", "REQ-02"]


def test_a_move_says_from_where_to_where_and_starts_the_age_anew(engagement):
    fresh = requirements.create(engagement.member, engagement.id, Draft("A"), at=now() - timedelta(days=9))
    target = columns.states(engagement.member, engagement.id)[2]
    moved = requirements.move(engagement.member, engagement.id, [fresh.id], state=target.id)[0]
    assert moved.state_id == target.id
    assert moved.state_since - fresh.state_since > timedelta(days=8)


def test_cards_stand_where_they_were_dropped(engagement):
    a, b, c = (requirements.create(engagement.member, engagement.id, Draft(t)) for t in "ABC")
    requirements.move(engagement.member, engagement.id, [c.id], state=a.state_id, before=b.id)
    assert titles(engagement.member, engagement.id) == ["A", "C", "B"]
    requirements.move(engagement.member, engagement.id, [b.id, c.id], state=a.state_id, before=a.id)
    assert titles(engagement.member, engagement.id) == ["B", "C", "A"]


def test_a_stale_edit_keeps_what_was_typed(engagement):
    fresh = requirements.create(engagement.member, engagement.id, Draft("A"))
    requirements.edit(engagement.manager, engagement.id, fresh.id, revision=1, title="Theirs")
    with pytest.raises(Stale) as stale:
        requirements.edit(engagement.member, engagement.id, fresh.id, revision=1, title="Mine")
    assert (stale.value.theirs, stale.value.mine) == ({"title": "Theirs"}, {"title": "Mine"})


def test_what_one_is_not_cleared_for_does_not_exist(engagement):
    secret = requirements.create(engagement.manager, engagement.id, Draft("Secret", clearance="confidential"))
    assert titles(engagement.client, engagement.id) == []
    with pytest.raises(NotFound):
        requirements.get(engagement.client, engagement.id, secret.code)


def test_nobody_classifies_above_their_own_clearance(engagement):
    with pytest.raises(Refused):
        requirements.create(engagement.client, engagement.id, Draft("A", clearance="internal"))


def test_a_client_proposes_and_does_not_move(engagement):
    fresh = requirements.create(engagement.client, engagement.id, Draft("A"))
    with pytest.raises(Refused):
        requirements.move(engagement.client, engagement.id, [fresh.id], state=fresh.state_id)


def test_the_client_never_sees_internal_notes_nor_their_number(engagement):
    fresh = requirements.create(engagement.member, engagement.id, Draft("A"))
    comments.add(engagement.member, engagement.id, fresh.id, "for all")
    comments.add(engagement.member, engagement.id, fresh.id, "among us", internal=True)
    assert [c.text for c in comments.listed(engagement.client, engagement.id, fresh.id)] == ["for all"]
    assert board.listed(engagement.client, engagement.id)[0].comments == 1
    assert board.listed(engagement.viewer, engagement.id)[0].comments == 2


def test_a_mention_finds_the_member(engagement):
    fresh = requirements.create(engagement.member, engagement.id, Draft("A"))
    said = comments.add(engagement.member, engagement.id, fresh.id, "please look, @Manager One")
    assert said.mentions == (engagement.manager.id,)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(text="group"), ["Group tickets"]),
        (Filters(priorities=("must",)), ["Group tickets"]),
        (Filters(labels=("gate",)), ["Open the gate"]),
        (Filters(mine=True), ["Open the gate"]),
        (Filters(overdue=True, today=date(2026, 5, 2)), ["Group tickets"]),
    ],
)
def test_filters_leave_what_was_asked_for(engagement, filters, expected):
    requirements.create(engagement.member, engagement.id, Draft("Group tickets", priority="must", due=date(2026, 5, 1)))
    requirements.create(
        engagement.member, engagement.id, Draft("Open the gate", labels=("gate",), owner_id=engagement.member.id)
    )
    assert titles(engagement.member, engagement.id, filters) == expected


def test_a_column_with_cards_cannot_be_left_out(engagement):
    requirements.create(engagement.member, engagement.id, Draft("A"))
    standing = columns.states(engagement.manager, engagement.id)
    with pytest.raises(Conflict):
        columns.configure_states(engagement.manager, engagement.id, standing[1:])


def test_columns_can_be_renamed_added_and_ordered(engagement):
    requirements.create(engagement.member, engagement.id, Draft("A"))
    first, *rest = columns.states(engagement.manager, engagement.id)
    extra = columns.State("", engagement.id, "Tested", "active", 0, 3, False, 0)
    named = columns.configure_states(engagement.manager, engagement.id, [*rest[:3], extra, *rest[3:], first])
    assert [s.name for s in named] == ["Proposed", "Agreed", "In progress", "Tested", "Done", "Rejected", "Draft"]


def test_links_read_both_ways_and_hide_what_is_not_cleared(engagement):
    a = requirements.create(engagement.manager, engagement.id, Draft("A"))
    b = requirements.create(engagement.manager, engagement.id, Draft("B", clearance="internal"))
    links.link(engagement.manager, engagement.id, a.id, kind="depends on", target=b.id)
    assert [(x.code, x.outgoing) for x in links.links(engagement.member, engagement.id, b.id)] == [("REQ-01", False)]
    assert links.links(engagement.client, engagement.id, a.id) == []
    with pytest.raises(Conflict):
        links.link(engagement.manager, engagement.id, a.id, kind="depends on", target=b.id)


@pytest.mark.parametrize(
    "draft", [Draft(" "), Draft("A" * 301), Draft("A", priority="urgent"), Draft("A", effort_hours=-1)]
)
def test_bad_input_is_refused_in_words(engagement, draft):
    with pytest.raises(Invalid):
        requirements.create(engagement.member, engagement.id, draft)


def test_labels_are_listed_once(engagement):
    requirements.create(engagement.member, engagement.id, Draft("A", labels=("gate", "gate ", "app")))
    assert board.labels(engagement.member, engagement.id) == ["app", "gate"]


def test_an_empty_board_shows_the_columns_it_will_get_and_takes_a_card_in_any(engagement):
    promised = columns.states(engagement.member, engagement.id)
    assert [state.name for state in promised] == ["Draft", "Proposed", "Agreed", "In progress", "Done", "Rejected"]
    fresh = requirements.create(engagement.member, engagement.id, Draft("A", state=promised[2].id))
    standing = columns.states(engagement.member, engagement.id)
    assert next(state.name for state in standing if state.id == fresh.state_id) == "Agreed"


def test_columns_can_be_named_before_anything_was_written_down(engagement):
    promised = columns.states(engagement.manager, engagement.id)
    renamed = [replace(promised[0], name="Heard"), *promised[2:]]
    columns.configure_states(engagement.manager, engagement.id, renamed)
    standing = columns.states(engagement.manager, engagement.id)
    assert [state.name for state in standing] == ["Heard", "Agreed", "In progress", "Done", "Rejected"]
    assert standing[0].category == "open"

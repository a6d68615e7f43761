"""The board's reads, moves among neighbours, and what a reader is told of changes."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import board, columns, comments, db, requirements
from core.board import Filters
from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from core.requirements import NARROW, Draft, _between
from tests.conftest import OPERATOR

TODAY = date(2026, 5, 4)


def written(engagement, *titles, **fields):
    return [requirements.create(engagement.manager, engagement.id, Draft(title, **fields)) for title in titles]


def in_column(engagement, state):
    cards = board.listed(engagement.manager, engagement.id)
    return [card.requirement.title for card in cards if card.requirement.state_id == state]


def test_a_card_dropped_below_another_stands_there_though_hidden_ones_follow(engagement):
    a, hidden, b, c = written(engagement, "A", "hidden", "B", "C")
    requirements.move(engagement.member, engagement.id, [c.id], state=a.state_id, after=a.id, before=b.id)
    assert in_column(engagement, a.state_id) == ["A", "C", "hidden", "B"]
    assert hidden.position < b.position


def test_a_neighbour_that_left_the_column_is_passed_over(engagement):
    a, b, c = written(engagement, "A", "B", "C")
    other = columns.states(engagement.member, engagement.id)[1]
    requirements.move(engagement.member, engagement.id, [a.id], state=other.id)
    requirements.move(engagement.member, engagement.id, [c.id], state=a.state_id, after=a.id, before=b.id)
    assert in_column(engagement, b.state_id) == ["C", "B"]


def test_several_cards_keep_the_given_order_and_are_one_batch(engagement):
    a, b, c = written(engagement, "A", "B", "C")
    other = columns.states(engagement.member, engagement.id)[1]
    requirements.move(engagement.member, engagement.id, [c.id, a.id], state=other.id, batch="one")
    assert in_column(engagement, other.id) == ["C", "A"]
    assert db.value("SELECT COUNT(*) FROM event WHERE batch = 'one' AND action = 'moved'") == 2
    assert in_column(engagement, b.state_id) == ["B"]


def test_a_place_halved_too_often_is_numbered_anew_and_the_order_holds(engagement):
    a, b, c, d = written(engagement, "A", "B", "C", "D")
    order = ["A", "C", "B", "D"]
    for _step in range(40):
        moving = c if order[1] == "C" else b
        still = b if moving is c else c
        requirements.move(engagement.member, engagement.id, [still.id], state=a.state_id, after=a.id, before=moving.id)
        order = ["A", still.title, moving.title, "D"]
        assert in_column(engagement, a.state_id) == order
    places = [card.requirement.position for card in board.listed(engagement.member, engagement.id)]
    assert min(y - x for x, y in itertools.pairwise(places)) >= NARROW
    assert d.code == "REQ-04"


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=60))
def test_positions_always_say_the_order_that_was_meant(moves):
    order = list(range(6))
    at = {card: float(card + 1) for card in order}
    for taken, place in moves:
        card = order.pop(taken % len(order))
        place = place % (len(order) + 1)
        standing = [at[other] for other in order]
        found = _between(standing, place, 1)
        if found is None:
            for number, other in enumerate(order):
                at[other] = float(number + 1 + (number >= place))
            found = [float(place + 1)]
        order.insert(place, card)
        at[card] = found[0]
        assert sorted(at, key=lambda card: at[card]) == order


@settings(max_examples=40)
@given(st.lists(st.floats(-1e6, 1e6), max_size=8), st.integers(0, 8), st.integers(1, 5))
def test_new_places_rise_strictly_between_their_neighbours(standing, index, count):
    standing = sorted(standing)
    index = min(index, len(standing))
    found = _between(standing, index, count)
    if found is None:
        return
    line = [*standing[max(0, index - 1) : index], *found, *standing[index : index + 1]]
    assert all(low < high for low, high in itertools.pairwise(line))


def test_a_card_that_somebody_moved_meanwhile_stays_there(engagement):
    (a,) = written(engagement, "A")
    states = columns.states(engagement.member, engagement.id)
    requirements.move(engagement.manager, engagement.id, [a.id], state=states[4].id)
    with pytest.raises(Stale):
        requirements.move(engagement.member, engagement.id, [a.id], state=states[2].id, was={a.id: states[0].id})
    assert requirements.get(engagement.member, engagement.id, a.id).state_id == states[4].id


def test_a_card_that_somebody_edited_meanwhile_can_be_moved(engagement):
    (a,) = written(engagement, "A")
    states = columns.states(engagement.member, engagement.id)
    requirements.edit(engagement.manager, engagement.id, a.id, revision=1, title="B")
    moved = requirements.move(engagement.member, engagement.id, [a.id], state=states[2].id, was={a.id: states[0].id})
    assert (moved[0].title, moved[0].state_id) == ("B", states[2].id)


def test_nothing_moves_when_one_of_several_cannot(engagement):
    a, b = written(engagement, "A", "B")
    states = columns.states(engagement.member, engagement.id)
    requirements.edit(engagement.manager, engagement.id, b.id, revision=1, archived=True)
    with pytest.raises(Conflict):
        requirements.move(engagement.member, engagement.id, [a.id, b.id], state=states[1].id)
    assert requirements.get(engagement.member, engagement.id, a.id).state_id == states[0].id


def test_a_card_in_another_lane_takes_what_the_lane_stands_for(engagement):
    (a,) = written(engagement, "A")
    moved = requirements.move(
        engagement.member, engagement.id, [a.id], state=a.state_id, changes={a.id: {"priority": "must"}}
    )
    assert moved[0].priority == "must"
    with pytest.raises(Invalid):
        requirements.move(engagement.member, engagement.id, [a.id], state=a.state_id, changes={a.id: {"state_id": "x"}})


def test_two_people_mend_two_fields_without_a_conflict(engagement):
    (a,) = written(engagement, "A")
    requirements.edit(engagement.manager, engagement.id, a.id, revision=1, title="Theirs")
    mended = requirements.edit(
        engagement.member, engagement.id, a.id, revision=1, was={"rationale": ""}, rationale="because"
    )
    assert (mended.title, mended.rationale) == ("Theirs", "because")
    with pytest.raises(Stale):
        requirements.edit(engagement.member, engagement.id, a.id, revision=1, was={"title": "A"}, title="Mine")


def test_changes_tell_what_became_of_a_view(engagement):
    a, b = written(engagement, "A", "B", priority="must")
    since = db.head_seq()
    must = Filters(priorities=("must",))
    requirements.edit(engagement.member, engagement.id, a.id, revision=1, priority="could")
    comments.add(engagement.member, engagement.id, b.id, "look")
    found = board.changes(engagement.member, engagement.id, since, must)
    assert ([c.requirement.id for c in found.cards], found.gone) == ([b.id], [a.id])
    assert found.cards[0].comments == 1
    assert board.changes(engagement.member, engagement.id, found.seq, must).cards == []


def test_changes_are_silent_about_what_one_is_not_cleared_for(engagement):
    since = db.head_seq()
    (a,) = written(engagement, "A", clearance="confidential")
    requirements.edit(engagement.manager, engagement.id, a.id, revision=1, title="B")
    found = board.changes(engagement.client, engagement.id, since)
    assert (found.cards, found.gone) == ([], [])


def test_a_card_lifted_above_a_readers_clearance_leaves_their_board(engagement):
    (a,) = written(engagement, "A")
    since = db.head_seq()
    requirements.edit(engagement.manager, engagement.id, a.id, revision=1, clearance="confidential")
    assert board.changes(engagement.client, engagement.id, since).gone == [a.id]


def test_a_changed_column_asks_to_read_the_board_anew(engagement):
    written(engagement, "A")
    since = db.head_seq()
    states = columns.states(engagement.manager, engagement.id)
    columns.configure_states(engagement.manager, engagement.id, [*states[1:], states[0]])
    assert board.changes(engagement.viewer, engagement.id, since).anew


def test_figures_count_what_exists_for_the_reader(engagement):
    a, *_ = written(engagement, "A", "B", owner_id=engagement.member.id, due=date(2026, 5, 1))
    written(engagement, "secret", clearance="restricted")
    proposed = columns.states(engagement.member, engagement.id)[1]
    requirements.move(engagement.member, engagement.id, [a.id], state=proposed.id)
    found = board.figures(engagement.member, engagement.id, TODAY)
    assert (found.total, found.mine, found.overdue, found.waiting) == (2, 2, 2, 1)
    assert found.by_state[proposed.id] == 1


def test_a_stranger_reads_nothing(engagement):
    for read in (board.listed, board.labels):
        with pytest.raises(NotFound):
            read(engagement.stranger, engagement.id)
    with pytest.raises(NotFound):
        board.changes(engagement.stranger, engagement.id, 0)


def test_a_viewer_moves_nothing(engagement):
    (a,) = written(engagement, "A")
    with pytest.raises(Refused):
        requirements.move(engagement.viewer, engagement.id, [a.id], state=a.state_id)
    assert OPERATOR.unbound

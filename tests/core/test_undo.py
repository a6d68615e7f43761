from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import access, columns, comments, db, links, projects, requirements, undo
from core.errors import Conflict, NotFound, Refused
from core.requirements import Draft
from tests.conftest import OPERATOR
from vault import verifying


def undo_last(actor, project):
    return undo.undo(actor, project, undo.last(actor, project).batch)


@pytest.fixture
def card(engagement):
    return requirements.create(engagement.member, engagement.id, Draft("Tickets by phone", statement="as it was"))


def again(here, card):
    return requirements.get(here.manager, here.id, card.id)


def test_an_edit_is_undone_and_done_again(engagement, card):
    here = engagement
    requirements.edit(here.member, here.id, card.id, revision=1, title="Other", labels=("x",))
    change = undo.last(here.member, here.id)
    assert (change.entity, change.action, change.title, change.count) == ("requirement", "changed", "Other", 1)
    assert undo.undo(here.member, here.id, change.batch) == 1
    assert (again(here, card).title, again(here, card).labels) == (card.title, ())
    undo_last(here.member, here.id)
    assert (again(here, card).title, again(here, card).labels) == ("Other", ("x",))
    assert verifying.verify(OPERATOR).ok


def test_a_move_goes_back_to_its_place_and_age(engagement, card):
    here = engagement
    target = columns.states(here.member, here.id)[3]
    requirements.move(here.member, here.id, [card.id], state=target.id)
    undo_last(here.member, here.id)
    found = again(here, card)
    assert (found.state_id, found.position, found.state_since) == (card.state_id, card.position, card.state_since)


def test_a_new_requirement_goes_and_the_columns_stay(engagement, card):
    undo_last(engagement.member, engagement.id)
    with pytest.raises(NotFound):
        again(engagement, card)
    assert columns.states(engagement.member, engagement.id)
    undo_last(engagement.member, engagement.id)
    assert again(engagement, card).statement == "as it was"
    assert verifying.verify(OPERATOR).ok


def test_what_somebody_built_on_stays(engagement, card):
    here = engagement
    requirements.edit(here.member, here.id, card.id, revision=1, title="Mine")
    batch = undo.last(here.member, here.id).batch
    requirements.edit(here.manager, here.id, card.id, revision=2, title="Theirs")
    assert undo.last(here.member, here.id) is None
    with pytest.raises(Conflict):
        undo.undo(here.member, here.id, batch)
    assert again(here, card).title == "Theirs"


def test_a_requirement_that_was_commented_on_stays(engagement, card):
    comments.add(engagement.manager, engagement.id, card.id, "so be it")
    assert undo.last(engagement.member, engagement.id) is None


def test_a_comment_and_a_link_come_back(engagement, card):
    here = engagement
    said = comments.add(here.member, here.id, card.id, "so be it")
    comments.remove(here.member, here.id, said.id)
    undo_last(here.member, here.id)
    assert [c.text for c in comments.listed(here.member, here.id, card.id)] == ["so be it"]
    other = requirements.create(here.member, here.id, Draft("Other"))
    link = links.link(here.member, here.id, card.id, kind="refines", target=other.id)
    links.unlink(here.member, here.id, link.id)
    undo_last(here.member, here.id)
    assert len(links.links(here.member, here.id, card.id)) == 1


def test_nobody_undoes_anothers_change(engagement, card):
    batch = undo.last(engagement.member, engagement.id).batch
    with pytest.raises(NotFound):
        undo.undo(engagement.manager, engagement.id, batch)
    with pytest.raises(NotFound):
        undo.undo(engagement.stranger, engagement.id, batch)
    with pytest.raises(Refused):
        undo.undo(engagement.viewer, engagement.id, batch)


def test_who_lost_the_right_or_the_clearance_undoes_nothing(engagement, card):
    here = engagement
    requirements.edit(here.member, here.id, card.id, revision=1, title="Mine")
    batch = undo.last(here.member, here.id).batch
    member = next(m for m in projects.members(here.manager, here.id) if m.account_id == here.member.id)
    projects.change_member(here.manager, here.id, member.id, role="client", clearance="public")
    assert undo.last(here.member, here.id) is None
    with pytest.raises(Refused):
        undo.undo(here.member, here.id, batch)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_undoing_brings_every_row_back(engagement, data):
    here = engagement
    cards = [requirements.create(here.member, here.id, Draft(f"Card {n}")) for n in range(3)]
    states = columns.states(here.member, here.id)
    card = requirements.get(here.member, here.id, data.draw(st.sampled_from(cards)).id)
    before = db.rows("SELECT * EXCLUDE (revision) FROM requirement ORDER BY id")
    if data.draw(st.booleans()):
        requirements.move(here.member, here.id, [c.id for c in data.draw(st.permutations(cards))],
                          state=data.draw(st.sampled_from(states)).id)  # fmt: skip
    else:
        changes = data.draw(st.fixed_dictionaries({
            "statement": st.text(st.characters(codec="utf-8", exclude_characters="\x00")), "due": st.none() | st.dates(),
            "acceptance": st.lists(st.text("ab 中", min_size=1).filter(str.strip)).map(tuple),
            "effort_hours": st.none() | st.floats(0, 1e6), "priority": st.sampled_from(requirements.PRIORITIES),
            "clearance": st.sampled_from(access.CLEARANCES[:3]),
        }))  # fmt: skip
        requirements.edit(here.member, here.id, card.id, revision=card.revision, **changes)
    if db.rows("SELECT * EXCLUDE (revision) FROM requirement ORDER BY id") != before:
        undo_last(here.member, here.id)
    assert db.rows("SELECT * EXCLUDE (revision) FROM requirement ORDER BY id") == before

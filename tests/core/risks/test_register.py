"""The register: what is noted of a risk, who may know of it, and how it is judged."""

from __future__ import annotations

import pytest

from core import activity, comments, history, requirements, undo
from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from core.risks import categories, register, responses
from core.risks.register import Draft


def late(engagement, **more):
    """A risk that the team noted."""
    return register.create(engagement.member, engagement.id, Draft("Gates arrive late", **more))


def codes(actor, engagement):
    return [risk.code for risk in register.listed(actor, engagement.id)]


def test_codes_count_up_and_the_first_risk_brings_the_categories(engagement):
    promised = categories.listed(engagement.member, engagement.id)
    assert [late(engagement, category_id=promised[1].id).code, late(engagement).code] == ["R-1", "R-2"]
    standing = categories.listed(engagement.member, engagement.id)
    assert [category.name for category in standing] == ["Technical", "Management", "Market", "External"]
    assert register.get(engagement.member, engagement.id, "r-1").category_id == standing[1].id


def test_cause_event_and_effect_make_one_sentence():
    risk = {"cause": "the supplier changes chips.", "event": "the gates may be late", "effect": "a missed season"}
    fields = dict.fromkeys(register.Risk.__dataclass_fields__) | {"title": "Late gates", **risk}
    said = register.Risk(**fields).sentence
    assert (
        said.text()
        == "Because the supplier changes chips, the gates may be late may happen, which leads to a missed season."
    )
    assert (
        register.Risk(**fields | {"cause": "", "event": "", "effect": ""}).sentence.text() == "Late gates may happen."
    )


def test_what_the_team_notes_is_nowhere_for_the_client(engagement):
    risk = late(engagement, cause="their staff changes")
    other = requirements.create(engagement.member, engagement.id, requirements.Draft("Group tickets"))
    register.link(engagement.member, engagement.id, risk.id, target=other.id)
    register.rate(engagement.member, engagement.id, risk.id, stage="current", likelihood=4, impact=5,
                  revision=1, reason="no sample yet")  # fmt: skip
    comments.add(engagement.member, engagement.id, risk.id, "They won't like it")
    assert codes(engagement.client, engagement) == []
    assert register.touching(engagement.client, engagement.id, other.id) == []
    for ask in (
        lambda: register.get(engagement.client, engagement.id, risk.code),
        lambda: comments.listed(engagement.client, engagement.id, risk.id),
        lambda: comments.add(engagement.client, engagement.id, risk.id, "?"),
        lambda: register.links(engagement.client, engagement.id, risk.id),
    ):
        with pytest.raises(NotFound):
            ask()
    told = {event.entity for event in activity.listed(engagement.client, engagement.id)}
    assert not told & {"risk", "risk_link", "comment"}
    assert all(risk.title not in line.text for line in history.told(engagement.client, engagement.id).lines)
    assert codes(engagement.viewer, engagement) == [risk.code]


def test_marked_for_the_client_it_is_theirs_and_what_it_was_before_is_not(engagement):
    risk = late(engagement, event="the client decides late")
    register.edit(engagement.member, engagement.id, risk.id, revision=1, internal=False, event="the gates may be late")
    assert codes(engagement.client, engagement) == [risk.code]
    texts = [line.text for line in history.told(engagement.client, engagement.id, subject=risk.id).lines]
    assert texts == []
    register.edit(engagement.member, engagement.id, risk.id, revision=2, effect="a missed season")
    assert len(history.told(engagement.client, engagement.id, subject=risk.id).lines) == 1


def test_what_the_team_did_and_said_about_it_while_it_was_its_own_stays_the_teams(engagement):
    risk = late(engagement)
    responses.add_action(engagement.member, engagement.id, risk.id, title="Ask their rival for a quote")
    comments.add(engagement.member, engagement.id, risk.id, "They never decide")
    register.edit(engagement.member, engagement.id, risk.id, revision=1, internal=False)
    responses.add_action(engagement.member, engagement.id, risk.id, title="Second source")
    told = history.told(engagement.client, engagement.id, subject=risk.id).lines
    assert [line.text for line in told] == ["Member One added an action to R-1"]
    assert comments.listed(engagement.client, engagement.id, risk.id) == []
    assert len(comments.listed(engagement.member, engagement.id, risk.id)) == 1


def test_what_the_client_adds_is_open_to_both(engagement):
    risk = register.create(engagement.client, engagement.id, Draft("We get no staff"))
    assert (risk.internal, codes(engagement.member, engagement)) == (False, [risk.code])
    with pytest.raises(Refused):
        register.create(engagement.client, engagement.id, Draft("Secret", internal=True))


def test_a_rating_asks_for_its_reason_and_the_first_one_is_the_inherent_one_too(engagement):
    risk = late(engagement, current_likelihood=4, current_impact=3)
    assert risk.rating("inherent") == risk.rating("current") == (4, 3)
    assert risk.rating("residual") is None
    judged = {"stage": "current", "likelihood": 2, "impact": 3, "revision": 1}
    with pytest.raises(Invalid):
        register.rate(engagement.member, engagement.id, risk.id, reason=" ", **judged)
    rated = register.rate(engagement.member, engagement.id, risk.id, reason="second source found", **judged)
    assert (rated.rating("inherent"), rated.rating("current")) == ((4, 3), (2, 3))
    newest = history.told(engagement.member, engagement.id, subject=risk.id).lines[0].text
    assert newest == "Member One judged R-1 (current): likelihood from 4 to 2 (“second source found”)"


def test_two_who_judge_at_once_meet_the_stale_word(engagement):
    risk = late(engagement, current_likelihood=4, current_impact=3)
    judged = {"stage": "current", "impact": 3, "revision": 1, "reason": "as agreed"}
    register.rate(engagement.member, engagement.id, risk.id, likelihood=2, **judged)
    with pytest.raises(Stale):
        register.rate(engagement.manager, engagement.id, risk.id, likelihood=5, **judged)


def test_a_closed_risk_keeps_its_story_and_can_be_taken_up_again(engagement):
    risk = late(engagement, current_likelihood=4, current_impact=3)
    closed = register.close(engagement.member, engagement.id, risk.id, revision=1, reason="gates are here")
    with pytest.raises(Conflict):
        register.rate(engagement.member, engagement.id, risk.id, stage="current", likelihood=1, impact=1,
                      revision=2, reason="?")  # fmt: skip
    assert [r.state for r in register.listed(engagement.member, engagement.id)] == ["closed"]
    again = register.reopen(engagement.member, engagement.id, risk.id, revision=closed.revision, reason="one is broken")
    assert (again.state, again.closing) == ("open", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "  "},
        {"kind": "wish"},
        {"current_likelihood": 6, "current_impact": 1},
        {"current_likelihood": 3},
        {"probability": 1.2},
        {"cost": {"distribution": "triangular", "low": 9, "mode": 5, "high": 7}},
        {"found_by": "dream"},
        {"category_id": "none"},
        {"clearance": "secret"},
        {"owner_id": "nobody"},
    ],
)
def test_a_wrong_value_is_named(engagement, wrong):
    with pytest.raises(Invalid):
        register.create(engagement.member, engagement.id, Draft(**{"title": "A"} | wrong))


def test_the_own_last_change_is_undone(engagement):
    risk = late(engagement, current_likelihood=4, current_impact=3)
    register.rate(engagement.member, engagement.id, risk.id, stage="current", likelihood=1, impact=1, revision=1,
                  reason="hope")  # fmt: skip
    last = undo.last(engagement.member, engagement.id)
    assert undo.undo(engagement.member, engagement.id, last.batch) == 1
    assert register.get(engagement.member, engagement.id, risk.id).rating("current") == (4, 3)

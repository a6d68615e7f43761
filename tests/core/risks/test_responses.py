"""Responses and their actions: each kind with the fields that it needs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core import history
from core.errors import Conflict, Invalid, NotFound, Stale
from core.risks import register, responses
from core.risks.register import Draft


@pytest.fixture
def risk(engagement):
    return register.create(engagement.member, engagement.id, Draft("Late", current_likelihood=4, current_impact=5))


def planned(engagement, risk, **fields):
    return responses.plan(engagement.member, engagement.id, risk.id, **{"plan": "As agreed"} | fields)


def test_an_acceptance_names_who_bears_it_until_when(engagement, risk):
    for missing in ({}, {"accepted_by": engagement.manager.id}, {"accepted_until": date(2027, 3, 1)}):
        with pytest.raises(Invalid):
            planned(engagement, risk, kind="accept", **missing)
    whole = {"accepted_by": engagement.manager.id, "accepted_until": date(2027, 3, 1)}
    assert planned(engagement, risk, kind="accept", **whole).accepted_by == engagement.manager.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "exploit"},
        {"kind": "transfer"},
        {"kind": "reduce", "plan": " "},
        {"kind": "reduce", "cost": -1},
        {"kind": "reduce", "transferred_to": "the insurer"},
        {"kind": "accept", "accepted_by": "nobody", "accepted_until": date(2027, 3, 1)},
    ],
)
def test_what_does_not_fit_the_kind_is_refused(engagement, risk, wrong):
    with pytest.raises(Invalid):
        planned(engagement, risk, **wrong)


def test_a_second_writer_meets_the_stale_word(engagement, risk):
    first = planned(engagement, risk, kind="reduce")
    planned(engagement, risk, kind="avoid", revision=first.revision)
    with pytest.raises(Stale):
        planned(engagement, risk, kind="transfer", transferred_to="the insurer", revision=first.revision)


def test_open_actions_say_which_rating_is_expected_and_the_costs_add_up(engagement, risk):
    actor, project = engagement.member, engagement.id
    planned(engagement, risk, kind="reduce", cost=1000)
    due = date.today() + timedelta(days=3)
    done = responses.add_action(actor, project, risk.id, title="Sample", likelihood_effect=1, cost=500, due=due)
    responses.add_action(actor, project, risk.id, title="Second source", likelihood_effect=2, impact_effect=4)
    plan = responses.of(actor, project, risk.id)
    assert [action.title for action in plan.actions] == ["Sample", "Second source"]
    assert (plan.cost, plan.expected(risk)) == (1500, (1, 1))
    responses.finish_action(actor, project, done.id)
    assert responses.of(actor, project, risk.id).expected(risk) == (2, 1)
    assert responses.every(actor, project) == {risk.id: responses.of(actor, project, risk.id)}
    texts = [line.text for line in history.told(actor, project, subject=risk.id).lines]
    assert "Member One finished an action of R-1" in texts


def test_what_hangs_on_the_teams_own_risk_is_nowhere_for_the_client(engagement, risk):
    planned(engagement, risk, kind="reduce")
    action = responses.add_action(engagement.member, engagement.id, risk.id, title="Sample")
    assert responses.every(engagement.client, engagement.id) == {}
    with pytest.raises(NotFound):
        responses.of(engagement.client, engagement.id, risk.id)
    assert responses.edit_action(engagement.member, engagement.id, action.id, revision=1, title="Two").title == "Two"


def test_a_closed_risk_gets_no_new_plan(engagement, risk):
    action = responses.add_action(engagement.member, engagement.id, risk.id, title="Sample")
    register.close(engagement.member, engagement.id, risk.id, revision=1, reason="over")
    with pytest.raises(Conflict):
        planned(engagement, risk, kind="reduce")
    with pytest.raises(Conflict):
        responses.finish_action(engagement.member, engagement.id, action.id)

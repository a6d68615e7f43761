"""The heatmap of any day is what its history makes of it."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ids import now
from core.risks import matrix, register
from core.risks.register import STAGES, Draft
from tests.conftest import build_engagement


def test_the_day_before_shows_where_it_was(engagement):
    begin = now() - timedelta(days=10)
    risk = register.create(
        engagement.member, engagement.id, Draft("Late gates", current_likelihood=4, current_impact=5), at=begin
    )
    register.rate(engagement.member, engagement.id, risk.id, stage="current", likelihood=2, impact=5, revision=1,
                  reason="a second source", at=begin + timedelta(days=5))  # fmt: skip
    day = begin.date()
    ratings = [
        [place.rating for place in matrix.on(engagement.member, engagement.id, day + timedelta(days=d))]
        for d in (-1, 0, 4, 5, 10)
    ]
    assert ratings == [[], [(4, 5)], [(4, 5)], [(2, 5)], [(2, 5)]]
    assert [(step.rating, step.reason) for step in matrix.trail(engagement.member, engagement.id, risk.id)] == [
        ((4, 5), ""),
        ((2, 5), "a second source"),
    ]
    assert matrix.days(engagement.member, engagement.id) == [day, day + timedelta(days=5)]


def test_a_day_on_which_it_was_the_teams_own_does_not_show_it_to_the_client(engagement):
    begin = now() - timedelta(days=10)
    risk = register.create(
        engagement.member, engagement.id, Draft("Late gates", current_likelihood=4, current_impact=5), at=begin
    )
    register.edit(engagement.member, engagement.id, risk.id, revision=1, internal=False, at=begin + timedelta(days=5))
    seen = [matrix.on(engagement.client, engagement.id, begin.date() + timedelta(days=d)) for d in (1, 6)]
    assert [len(places) for places in seen] == [0, 1]
    assert matrix.days(engagement.client, engagement.id) == []


LEVELS = st.integers(1, 5)
ACTS = st.lists(
    st.tuples(st.sampled_from(["add", "rate", "rate", "close", "reopen"]), st.integers(0, 4), st.sampled_from(STAGES),
              LEVELS, LEVELS, st.integers(0, 3)),
    min_size=1, max_size=25,
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_for_any_history_the_matrix_of_each_day_is_the_one_computed_from_scratch(home, acts):
    engagement = build_engagement(code=f"P{now():%H%M%S%f}")
    actor, project, clock = engagement.member, engagement.id, now() - timedelta(days=200)
    risks: list[register.Risk] = []
    expected: dict[object, dict[str, dict[str, object]]] = {}
    for act, which, stage, likelihood, impact, wait in acts:
        clock += timedelta(days=wait)
        if act == "add" or not risks:
            draft = Draft("A risk", current_likelihood=likelihood, current_impact=impact)
            risks.append(register.create(actor, project, draft, at=clock))
        else:
            place = which % len(risks)
            risk = risks[place]
            about = {"revision": risk.revision, "reason": "because", "at": clock}
            if act == "close" and risk.state != "closed":
                risks[place] = register.close(actor, project, risk.id, **about)
            elif act == "reopen" and risk.state == "closed":
                risks[place] = register.reopen(actor, project, risk.id, **about)
            elif act == "rate" and risk.state != "closed":
                risks[place] = register.rate(
                    actor, project, risk.id, stage=stage, likelihood=likelihood, impact=impact, **about
                )
        expected[clock.date()] = {
            name: {risk.code: risk.rating(name) for risk in risks if risk.state != "closed"} for name in STAGES
        }
    for day, stages in expected.items():
        for stage, places in stages.items():
            found = matrix.on(actor, project, day, stage=stage)
            assert {place.code: place.rating for place in found} == places

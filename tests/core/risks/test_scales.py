"""Scales and categories: what may be set, and what would judge wrongly is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Conflict, Invalid, Refused, Stale
from core.risks import categories, register, scales


def ships(engagement):
    return scales.of(engagement.manager, engagement.id)


def test_the_shipped_table_is_complete_and_rises_both_ways(engagement):
    scale = ships(engagement)
    assert [scale.score(likelihood, 5) for likelihood in range(1, 6)] == [5, 10, 15, 20, 25]
    assert [[scale.band(score) for score in row] for row in scale.scores] == [
        [1, 1, 1, 2, 2],
        [1, 2, 2, 3, 3],
        [1, 2, 3, 4, 4],
        [2, 3, 4, 4, 5],
        [2, 3, 4, 5, 5],
    ]
    scales.configure(engagement.manager, engagement.id, scale)


def test_what_is_set_stands_and_a_second_writer_meets_the_stale_word(engagement):
    mine = replace(ships(engagement), appetite=9, currency="USD", budget=900_000.0)
    kept = scales.configure(engagement.manager, engagement.id, mine)
    assert replace(kept, revision=0) == mine
    assert ships(engagement) == kept
    scales.configure(engagement.manager, engagement.id, replace(kept, appetite=8))
    with pytest.raises(Stale):
        scales.configure(engagement.admin, engagement.id, replace(kept, appetite=7))
    with pytest.raises(Stale):
        scales.configure(engagement.admin, engagement.id, replace(mine, appetite=7))


def lowered(scale):
    rows = [list(row) for row in scale.scores]
    rows[2][3] = 1
    return replace(scale, scores=tuple(tuple(row) for row in rows))


@pytest.mark.parametrize(
    "spoil",
    [
        lowered,
        lambda s: replace(s, scores=s.scores[:4]),
        lambda s: replace(s, bands=(4, 8, 8, 20)),
        lambda s: replace(s, appetite=-1),
        lambda s: replace(s, currency=" "),
        lambda s: replace(s, budget=float("nan")),
        lambda s: replace(s, likelihoods=(replace(s.likelihoods[0], high=0.2), *s.likelihoods[1:])),
        lambda s: replace(s, likelihoods=(replace(s.likelihoods[0], name=""), *s.likelihoods[1:])),
        lambda s: replace(s, impacts=(replace(s.impacts[0], cost=60_000), *s.impacts[1:])),
    ],
)
def test_a_scale_that_would_judge_wrongly_is_refused(engagement, spoil):
    with pytest.raises(Invalid):
        scales.configure(engagement.manager, engagement.id, spoil(ships(engagement)))


def test_only_those_who_lead_set_it(engagement):
    with pytest.raises(Refused):
        scales.configure(engagement.member, engagement.id, ships(engagement))


def test_categories_make_a_tree_and_one_that_is_used_stays(engagement):
    technical, *others = categories.listed(engagement.manager, engagement.id)
    fresh = replace(technical, id="", name="Hardware", parent_id=technical.id)
    kept = categories.configure(engagement.manager, engagement.id, [technical, fresh, *others])
    assert [(c.name, c.parent_id == kept[0].id) for c in kept[:2]] == [("Technical", False), ("Hardware", True)]
    register.create(engagement.member, engagement.id, register.Draft("Gates", category_id=kept[1].id))
    with pytest.raises(Conflict):
        categories.configure(engagement.manager, engagement.id, [kept[0], *kept[2:]])
    circle = [replace(kept[0], parent_id=kept[1].id), *kept[1:]]
    with pytest.raises(Invalid):
        categories.configure(engagement.manager, engagement.id, circle)

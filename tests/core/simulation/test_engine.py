"""Simulations against what can be computed exactly."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.errors import Invalid
from core.simulation import correlation, engine
from core.simulation.model import stated

TRIALS = 100_000


def run(items, *, trials=TRIALS, seed=11, **about):
    return engine.simulated(stated({"items": items} | about), trials=trials, seed=seed)


def normal(name, mean, sd, **more):
    return {"name": name, "distribution": "normal", "mean": mean, "sd": sd} | more


def near(exact, deviation, trials=TRIALS):
    return pytest.approx(exact, abs=4 * deviation / np.sqrt(trials))


# sums


def test_a_sum_of_normals_is_the_normal_of_their_sums():
    found = run([normal("A", 10, 3), normal("B", 20, 4)], limits=[30, 35])
    exact = stats.norm(30, 5)
    assert found.mean == near(30, 5)
    assert found.sd == pytest.approx(5, rel=0.01)
    for share, told in ((0.1, found.p10), (0.5, found.p50), (0.8, found.p80), (0.9, found.p90)):
        assert told == near(exact.ppf(share), np.sqrt(share * (1 - share)) / exact.pdf(exact.ppf(share)))
    assert found.probability_within == {30.0: near(0.5, 0.5), 35.0: near(exact.cdf(35), 0.5)}


def test_a_sum_of_triangulars_has_the_sums_of_means_and_variances():
    items = [{"name": n, "distribution": "triangular", "low": 5, "mode": 8, "high": 15} for n in "ABCDE"]
    found, one = run(items), stats.triang(0.3, 5, 10)
    assert found.mean == near(5 * one.mean(), np.sqrt(5) * one.std())
    assert found.sd == pytest.approx(np.sqrt(5) * one.std(), rel=0.01)


def test_two_even_dice_make_a_triangle():
    """The sum of two uniforms on 0 to 1 lies below 0.5 in one case of eight."""
    items = [{"name": n, "distribution": "uniform", "low": 0, "high": 1} for n in "AB"]
    assert run(items, limits=[0.5]).probability_within[0.5] == near(0.125, 0.33)


def test_a_risk_with_a_fixed_amount_costs_its_probability_times_it():
    found = run([{"name": "Flood", "distribution": "constant", "value": 1000, "probability": 0.2}], limits=[0])
    assert found.mean == near(200, 400)
    assert found.sd == pytest.approx(400, rel=0.01)
    assert found.probability_within[0.0] == near(0.8, 0.4)
    assert found.items[0].swing == (0.0, 1000.0)


def test_a_pair_that_goes_together_spreads_more_and_keeps_its_mean():
    """Var(A+B) = σa² + σb² + 2ρσaσb, with Pearson's ρ = 2·sin(π·0.6/6) for a rank correlation of 0.6."""
    items = [normal("A", 10, 3), normal("B", 20, 4)]
    found = run(items, correlation=[["A", "B", 0.6]])
    together = np.sqrt(9 + 16 + 2 * 2 * np.sin(np.pi * 0.6 / 6) * 12)
    assert found.mean == near(30, together)
    assert found.sd == pytest.approx(together, rel=0.01)


# correlation


@pytest.mark.parametrize("wanted", [-0.9, -0.3, 0.0, 0.5, 0.95])
def test_the_rank_correlation_is_the_one_that_was_asked_for_and_no_value_changes(wanted):
    generator = np.random.default_rng(3)
    draws = [generator.lognormal(0, 1, 20_000), generator.triangular(1, 2, 9, 20_000)]
    first, second = correlation.ordered(draws, np.array([[1, wanted], [wanted, 1]]), generator)
    assert stats.spearmanr(first, second).statistic == pytest.approx(wanted, abs=0.02)
    assert (np.sort(first) == np.sort(draws[0])).all()
    assert (np.sort(second) == np.sort(draws[1])).all()


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
def test_any_stated_correlations_become_a_matrix_that_is_one(entries):
    asked = np.eye(4)
    asked[np.triu_indices(4, 1)] = entries
    asked = np.maximum(asked, asked.T) + np.minimum(asked, asked.T) - np.diag(np.diag(asked))
    found, moved = correlation.nearest(asked)
    assert np.linalg.eigvalsh(found).min() > 0
    assert np.diag(found) == pytest.approx(np.ones(4))
    assert moved == pytest.approx(np.abs(found - asked).max(), abs=1e-12)


def test_the_nearest_matrix_is_highams():
    """Higham 2002, section 4: the matrix of ones and a zero corner, and its nearest correlation matrix."""
    asked = np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
    found, _moved = correlation.nearest(asked)
    assert found == pytest.approx(np.array([[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]), abs=1e-3)


def test_correlations_that_do_not_fit_together_are_told():
    items = [normal(n, 1, 1) for n in "ABC"]
    pairs = [["A", "B", 0.9], ["B", "C", 0.9], ["A", "C", -0.9]]
    assert run(items, correlation=pairs, trials=1000).moved > 0.1
    assert run(items, correlation=pairs[:1], trials=1000).moved == 0


# the end of the last item


def steps(*ties, **amounts):
    return [
        {"name": name, "after": [a for a, b in ties if b == name]}
        | ({"distribution": "constant", "value": amount} if not isinstance(amount, dict) else amount)
        for name, amount in amounts.items()
    ]


def test_the_end_is_that_of_the_longest_way():
    items = steps(("A", "B"), ("A", "C"), ("B", "D"), ("C", "D"), A=3, B=5, C=4, D=2)
    found = run(items, measure="finish", trials=100)
    assert (found.mean, found.p90) == (10, 10)
    assert [part.criticality for part in found.items] == [1, 1, 0, 1]


def test_two_ways_at_once_are_late_more_often_than_one():
    """Merge bias: both have to be in time, so that the chance is the product."""
    way = {"distribution": "uniform", "low": 0, "high": 1}
    found = run(steps(A=way, B=way), measure="finish", limits=[0.8])
    assert found.probability_within[0.8] == near(0.64, 0.48)
    assert [part.criticality for part in found.items] == [near(0.5, 0.5), near(0.5, 0.5)]


def test_what_does_not_happen_takes_no_time_and_nothing_hangs_on_it():
    items = steps(("A", "B"), A=3, B={"distribution": "constant", "value": 7, "probability": 0.25})
    found = run(items, measure="finish", limits=[3])
    assert found.probability_within[3.0] == near(0.75, 0.43)
    assert found.items[1].criticality == near(0.25, 0.43)


# what it hangs on


def test_the_item_that_spreads_most_leads():
    found = run(
        [normal("Small", 10, 1), normal("Large", 10, 5), {"name": "Fixed", "distribution": "constant", "value": 4}]
    )
    small, large, fixed = found.items
    assert large.rank_correlation == pytest.approx(6 / np.pi * np.arcsin(5 / np.sqrt(26) / 2), abs=0.01)
    assert large.swing[1] - large.swing[0] == pytest.approx(2 * 5 * stats.norm.pdf(stats.norm.ppf(0.9)) / 0.1, rel=0.02)
    assert small.swing[1] - small.swing[0] < large.swing[1] - large.swing[0]
    assert (fixed.rank_correlation, fixed.swing[0]) == (None, fixed.swing[1])


@given(st.lists(st.integers(0, 4), min_size=100, max_size=200), st.randoms(use_true_random=False))
def test_rank_correlations_with_ties_are_those_of_scipy(values, chance):
    own, theirs = np.array(values, float), np.array([chance.random() for _one in values])
    places = np.argsort(own)
    if own[places[0]] == own[places[-1]] or len(set(theirs)) == 1:
        return
    told = engine._spearman(own[places], stats.rankdata(theirs)[places])
    assert told == pytest.approx(stats.spearmanr(own, theirs).statistic, abs=1e-9)


# how sure it is


def test_the_standard_error_of_the_p80_is_how_far_runs_differ():
    items = [{"name": "A", "distribution": "lognormal", "p10": 10, "p90": 40}]
    runs = [run(items, trials=5000, seed=seed) for seed in range(120)]
    differ = np.std([one.p80 for one in runs], ddof=1)
    assert np.mean([one.standard_error_p80 for one in runs]) == pytest.approx(differ, rel=0.25)


def test_the_same_seed_gives_the_same_figures_in_another_process(tmp_path):
    model = {"items": [normal("A", 10, 3), normal("B", 20, 4)], "correlation": [["A", "B", 0.4]]}
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model))
    told = subprocess.run(
        [sys.executable, "-m", "cli", "risk", "simulate-model", str(path), "--trials", "2000", "--seed", "5", "--json"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert json.loads(told) == engine.simulated(stated(model), trials=2000, seed=5).described()
    assert not (tmp_path / "data").exists()


def test_figures_stay_what_they_are():
    """Pinned: another version of a library that draws otherwise must not go unnoticed."""
    found = run(
        [normal("A", 10, 3), {"name": "B", "distribution": "triangular", "low": 1, "mode": 2, "high": 6}],
        trials=1000,
        seed=1,
    )
    assert (found.mean, found.p80) == PINNED


def test_progress_is_told_and_a_cancel_ends_the_run():
    class Cancelled(Exception):
        pass

    heard = []
    run([normal(f"A{n}", 1, 1) for n in range(60)], trials=500)
    model = stated({"items": [normal(f"A{n}", 1, 1) for n in range(60)]})
    engine.simulated(model, trials=500, seed=1, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[0] > 0

    def cancel(part):
        raise Cancelled

    with pytest.raises(Cancelled):
        engine.simulated(model, trials=500, seed=1, progress=cancel)


# what makes no model


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ([], "an object with measure and items"),
        ({"items": []}, "at least one item"),
        ({"measure": "average", "items": [normal("A", 1, 1)]}, "measure is “sum” or “finish”"),
        ({"items": [normal("A", 1, 1), normal("A", 1, 1)]}, "Two items are called “A”"),
        ({"items": [{"distribution": "normal"}]}, "Item 1: it needs a name"),
        ({"items": [normal("A", 1, 1, probability=1.5)]}, "Item 1 “A”: a probability lies between 0 and 1"),
        ({"items": [normal("A", 1, 1, colour="red")]}, "Item 1 “A”: colour is not known here"),
        ({"items": [normal("A", 1, 1, after=["B"])], "measure": "finish"}, "Item 1 “A”: there is no item “B”"),
        ({"items": [normal("A", 1, 1, after=["B"]), normal("B", 1, 1, after=["A"])], "measure": "finish"},
         "These wait for each other: A, B"),
        ({"items": [normal("A", 1, 1, after=["B"]), normal("B", 1, 1)]}, "With measure “sum” nothing waits"),
        ({"items": [normal("A", 1, 1)], "limits": ["soon"]}, "limits has to be a number"),
        ({"items": [normal("A", 1, 1), normal("B", 1, 1)], "correlation": [["A", "B", 2]]}, "a number from -1 to 1"),
        ({"items": [normal("A", 1, 1), normal("B", 1, 1)], "correlation": [["A", "C", 0.2]]}, "there is no item “C”"),
        ({"items": [normal("A", 1, 1), normal("B", 1, 1)], "correlation": [["A", "B", 0.2], ["B", "A", 0.3]]}, "stated twice"),
        ({"items": [normal("A", 1, 1), normal("B", 1, 0)], "correlation": [["A", "B", 0.2]]}, "“B” has but one value"),
    ],
)  # fmt: skip
def test_a_model_that_is_none_is_refused_with_the_place(model, says):
    with pytest.raises(Invalid) as refused:
        stated(model)
    assert says in str(refused.value)


@pytest.mark.parametrize(("trials", "seed"), [(10, 1), (10**9, 1), (1000, -1)])
def test_a_number_of_trials_or_a_seed_that_makes_no_sense_is_refused(trials, seed):
    with pytest.raises(Invalid):
        run([normal("A", 1, 1)], trials=trials, seed=seed)


PINNED = (12.8231257, 15.46279934)

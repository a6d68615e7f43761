"""Each distribution against scipy's exact moments and quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.errors import Invalid
from core.simulation.distributions import Z90, distribution

COUNT = 200_000
SIGMA = np.log(40 / 10) / (2 * Z90)


def pert(low, mode, high, weight=4.0):
    a, b = 1 + weight * (mode - low) / (high - low), 1 + weight * (high - mode) / (high - low)
    return stats.beta(a, b, low, high - low)


EXACT = [
    ({"distribution": "uniform", "low": 2, "high": 9}, stats.uniform(2, 7)),
    ({"distribution": "triangular", "low": 5, "mode": 8, "high": 15}, stats.triang(0.3, 5, 10)),
    ({"distribution": "triangular", "low": 5, "mode": 5, "high": 15}, stats.triang(0, 5, 10)),
    ({"distribution": "pert", "low": 5, "mode": 8, "high": 15}, pert(5, 8, 15)),
    ({"distribution": "pert", "low": 5, "mode": 8, "high": 15, "lambda": 2}, pert(5, 8, 15, 2)),
    ({"distribution": "normal", "mean": 100, "sd": 15}, stats.norm(100, 15)),
    ({"distribution": "lognormal", "p10": 10, "p90": 40}, stats.lognorm(SIGMA, scale=20)),
    ({"distribution": "poisson", "rate": 3.5}, stats.poisson(3.5)),
]


@pytest.mark.parametrize(("stated", "exact"), EXACT, ids=lambda v: v.get("distribution") if isinstance(v, dict) else "")
def test_moments_and_quantiles_are_those_of_scipy(stated, exact):
    made = distribution(stated, "Item 1")
    assert made.mean == pytest.approx(exact.mean(), rel=1e-9)
    assert made.sd == pytest.approx(exact.std(), rel=1e-9)
    drawn = made.draw(np.random.default_rng(7), COUNT)
    # Four standard errors: chance passes it once in 16,000 times, and the seed is fixed.
    assert drawn.mean() == pytest.approx(exact.mean(), abs=4 * exact.std() / np.sqrt(COUNT))
    for share in (0.1, 0.5, 0.8, 0.9):
        upto = np.mean(drawn <= exact.ppf(share))
        assert upto == pytest.approx(exact.cdf(exact.ppf(share)), abs=4 * np.sqrt(share * (1 - share) / COUNT))


def test_what_is_undercut_and_exceeded_in_one_of_ten_is_what_was_stated():
    drawn = distribution({"distribution": "lognormal", "p10": 10, "p90": 40}, "").draw(np.random.default_rng(1), COUNT)
    assert np.percentile(drawn, [10, 90]) == pytest.approx([10, 40], rel=0.01)


def test_single_values_come_by_their_weights():
    made = distribution({"distribution": "discrete", "values": [0, 10, 50], "weights": [5, 3, 2]}, "")
    assert (made.mean, made.sd) == (pytest.approx(13), pytest.approx(np.sqrt(0.5 * 169 + 0.3 * 9 + 0.2 * 37**2)))
    drawn = made.draw(np.random.default_rng(1), COUNT)
    assert [np.mean(drawn == value) for value in (0, 10, 50)] == pytest.approx([0.5, 0.3, 0.2], abs=0.005)


def test_the_spread_of_a_pert_is_the_betas_not_a_sixth_of_the_range():
    made = distribution({"distribution": "pert", "low": 0, "mode": 1, "high": 10}, "")
    assert made.sd == pytest.approx(np.sqrt((made.mean - 0) * (10 - made.mean) / 7))
    assert abs(made.sd - 10 / 6) > 0.05


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ({"distribution": "triangle"}, "no distribution “triangle”"),
        ({"distribution": "triangular", "low": 5, "mode": 3, "high": 9}, "low is 5.0 and mode is 3.0"),
        ({"distribution": "triangular", "low": 5, "mode": 7}, "high has to be a number"),
        ({"distribution": "normal", "mean": 5, "sd": -1}, "sd is -1; it can't be below 0"),
        ({"distribution": "normal", "mean": float("nan"), "sd": 1}, "mean has to be a number"),
        ({"distribution": "normal", "mean": True, "sd": 1}, "mean has to be a number"),
        ({"distribution": "lognormal", "p10": 0, "p90": 3}, "above 0"),
        ({"distribution": "discrete", "values": [1, 2], "weights": [1]}, "as many"),
        ({"distribution": "discrete", "values": [1], "weights": [0]}, "not all 0"),
        ({"distribution": "discrete", "values": "12", "weights": [1]}, "a list of numbers"),
        ({"distribution": "constant"}, "value has to be a number"),
    ],
)
def test_what_makes_no_distribution_is_refused_with_its_place(stated, says):
    with pytest.raises(Invalid) as refused:
        distribution(stated, "Item 3 “Build”")
    assert str(refused.value).startswith("Item 3 “Build”")
    assert says in str(refused.value)

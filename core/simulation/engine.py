"""Monte Carlo simulation of a stated model: what comes out, how sure that is, and what it hangs on.

All trials are drawn at once, item by item, by PCG64 with a stated seed: the same seed gives the same
figures on any machine (they are rounded to ten digits, below which machines may differ).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.access import open_to_all
from core.errors import Invalid
from core.language import say
from core.simulation.correlation import ordered
from core.simulation.distributions import Values
from core.simulation.model import Item, Model

FEWEST, MOST = 100, 2_000_000
MOST_DRAWS = 400_000_000  # trials x items that are held in memory: 3.2 GB
DIGITS = 10
TENTH = 10  # a swing is told between the lowest and the highest tenth of an item's draws

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Part:
    """What one item has to do with the result.

    `mean` is of what it adds (0 where it doesn't happen), `criticality` the share of trials in which the end
    hangs on it (None for a sum), `rank_correlation` Spearman's between item and result (None for an item
    with but one value), `swing` the result's mean where the item is in its lowest and in its highest tenth.
    """

    name: str
    mean: float
    criticality: float | None
    rank_correlation: float | None
    swing: tuple[float, float]


@dataclass(frozen=True)
class Result:
    """The figures of a simulation; `outcomes` are the results of all trials, sorted.

    Percentiles by linear interpolation between order statistics (NumPy's default, type 7 of Hyndman and
    Fan 1996). `standard_error_p80` is half the width between the order statistics one binomial deviation
    below and above the 80 % rank, which needs no density. `moved` is by how much the stated correlations
    had to be moved to fit together.
    """

    trials: int
    seed: int
    mean: float
    sd: float
    p10: float
    p50: float
    p80: float
    p90: float
    standard_error_p80: float
    probability_within: dict[float, float]
    items: tuple[Part, ...]
    moved: float
    outcomes: NDArray[np.float64]

    def described(self) -> dict[str, Any]:
        """As `accord risk simulate-model --json` prints it."""
        return {
            "trials": self.trials, "seed": self.seed, "mean": self.mean, "sd": self.sd, "p10": self.p10, "p50": self.p50,
            "p80": self.p80, "p90": self.p90, "standard_error_p80": self.standard_error_p80,
            "probability_within": {_plain(limit): share for limit, share in self.probability_within.items()},
            "items": [
                {"name": one.name, "mean": one.mean, "criticality": one.criticality,
                 "rank_correlation": one.rank_correlation, "swing": list(one.swing)}
                for one in self.items
            ],
            "correlation_moved": self.moved,
        }  # fmt: skip


@open_to_all("it only computes with the model it is given")
def simulated(model: Model, *, trials: int, seed: int, progress: Progress | None = None) -> Result:
    """Simulate a model. `progress` hears what part is done, 0 to 1; what it raises ends the run.

    Raises Invalid for fewer trials than 100 or more than fit.
    """
    if not FEWEST <= trials <= MOST or trials * len(model.items) > MOST_DRAWS:
        raise Invalid(
            say("The number of trials is {fewest} to {most}, and less where items are many.", fewest=FEWEST, most=MOST),
            field="trials",
        )
    if seed < 0:
        raise Invalid(say("The seed is a whole number from 0 on."), field="seed")
    tell = progress or (lambda _part: None)
    generator = np.random.Generator(np.random.PCG64(seed))
    draws = _drawn(model, trials, generator, tell)
    totals, critical = _summed(draws) if model.measure == "sum" else _finished(model, draws)
    tell(0.7)
    places = np.argsort(totals)
    outcomes = totals[places]
    ranks = np.empty(trials)
    ranks[places] = _ranks(outcomes)
    parts = []
    for number, (item, values) in enumerate(zip(model.items, draws, strict=True), 1):
        parts.append(_part(item, values, totals, ranks, None if critical is None else critical[number - 1]))
        if number % 20 == 0:
            tell(0.7 + 0.3 * number / len(draws))
    p10, p50, p80, p90 = (_rounded(float(p)) for p in np.percentile(outcomes, (10, 50, 80, 90)))
    within = {limit: _rounded(float(np.searchsorted(outcomes, limit, side="right")) / trials) for limit in model.limits}
    return Result(
        trials, seed, _rounded(float(totals.mean())), _rounded(float(totals.std(ddof=1))), p10, p50, p80, p90,
        _rounded(standard_error(outcomes, 0.8)), within, tuple(parts), _rounded(model.moved), outcomes,
    )  # fmt: skip


@open_to_all("it only computes with numbers")
def standard_error(outcomes: NDArray[np.float64], quantile: float) -> float:
    """The standard error of a quantile of sorted outcomes, from the binomial distribution of its rank."""
    count = len(outcomes)
    spread = math.sqrt(count * quantile * (1 - quantile))
    low = max(0, math.floor(count * quantile - spread))
    high = min(count - 1, math.ceil(count * quantile + spread))
    return float(outcomes[high] - outcomes[low]) / 2


@open_to_all("it only computes with what it is given")
def histogram(outcomes: NDArray[np.float64], bars: int = 40) -> list[tuple[float, float, float, float]]:
    """Bars of equal width: from, to, share of the trials in it, share up to its end (the S-curve)."""
    counts, edges = np.histogram(outcomes, bars)
    upto = np.cumsum(counts) / len(outcomes)
    return [
        (float(edges[n]), float(edges[n + 1]), float(counts[n]) / len(outcomes), float(upto[n])) for n in range(bars)
    ]


def _drawn(model: Model, trials: int, generator: np.random.Generator, tell: Progress) -> list[Values]:
    """What each item adds in each trial: amounts first, in their correlated order, then whether they happen."""
    amounts = []
    for number, item in enumerate(model.items, 1):
        amounts.append(item.amount.draw(generator, trials))
        if number % 20 == 0:
            tell(0.5 * number / len(model.items))
    if model.correlated:
        for number, values in zip(
            model.correlated,
            ordered([amounts[n] for n in model.correlated], model.ranks, generator),
            strict=True,
        ):
            amounts[number] = values
    tell(0.6)
    return [
        values if item.probability >= 1 else values * (generator.random(trials) < item.probability)
        for item, values in zip(model.items, amounts, strict=True)
    ]


def _summed(draws: Sequence[Values]) -> tuple[Values, None]:
    totals = np.zeros_like(draws[0])
    for values in draws:
        totals += values
    return totals, None


def _finished(model: Model, draws: Sequence[Values]) -> tuple[Values, list[float]]:
    """The end of the last item, and in what share of the trials it hangs on each.

    An item is critical in a trial when it lies on a longest path: the time before it, its own, and the
    longest that follows make up the whole. Several can be at once.
    """
    ends: list[Values] = [np.empty(0)] * len(draws)
    for number in model.order:
        begins = _latest([ends[before] for before in model.items[number].after])
        ends[number] = begins + draws[number]
    totals = _latest(ends)
    follows: list[list[int]] = [[] for _one in draws]
    for number, item in enumerate(model.items):
        for before in item.after:
            follows[before].append(number)
    tails: list[Values] = [np.empty(0)] * len(draws)
    critical = [0.0] * len(draws)
    for number in reversed(model.order):
        tails[number] = _latest([tails[after] + draws[after] for after in follows[number]])
        slack = totals - ends[number] - tails[number]
        held = slack <= 1e-9 * np.maximum(np.abs(totals), 1)
        if model.items[number].probability < 1:
            held &= draws[number] != 0
        critical[number] = float(held.mean())
    return totals, critical


def _latest(moments: Sequence[Values]) -> Values | Any:
    """The latest of some moments; 0 of none."""
    if not moments:
        return 0.0
    latest = moments[0]
    for one in moments[1:]:
        latest = np.maximum(latest, one)
    return latest


def _part(item: Item, values: Values, totals: Values, ranks: Values, critical: float | None) -> Part:
    rounded_critical = None if critical is None else _rounded(critical)
    mean = _rounded(float(values.mean()))
    places = np.argsort(values)
    in_order = values[places]
    if in_order[0] == in_order[-1]:
        steady = _rounded(float(totals.mean()))
        return Part(item.name, mean, rounded_critical, None, (steady, steady))
    return Part(item.name, mean, rounded_critical, _spearman(in_order, ranks[places]), _swing(values, in_order, totals))


def _swing(values: Values, in_order: Values, totals: Values) -> tuple[float, float]:
    """The mean result where the item is in its lowest and in its highest tenth; of a risk that seldom happens,
    where it does not and where it does."""
    tenth = max(1, len(values) // TENTH)
    low, high = in_order[tenth - 1], in_order[-tenth]
    lowest, highest = values <= low, values >= high if high > low else values > low
    if not highest.any():  # nearly always the same, and seldom less
        lowest, highest = values < high, values >= high
    return _rounded(float(totals[lowest].mean())), _rounded(float(totals[highest].mean()))


def _spearman(in_order: Values, theirs: Values) -> float:
    """Spearman's rank correlation of an item's values in their order with the ranks of the results beside them."""
    own = _ranks(in_order)
    first, second = own - own.mean(), theirs - theirs.mean()
    # Not `@`: BLAS adds up in an order of its own on each machine, and its threads wait for each other.
    scale = math.sqrt(float(np.square(first).sum()) * float(np.square(second).sum()))
    return _rounded(float((first * second).sum()) / scale) if scale else 0.0


def _ranks(in_order: Values) -> Values:
    """The ranks of sorted values; equal ones share the mean of theirs."""
    fresh = in_order[1:] != in_order[:-1]
    if fresh.all():
        return np.arange(len(in_order), dtype=np.float64)
    starts = np.flatnonzero(np.concatenate(([True], fresh)))
    lengths = np.diff(np.append(starts, len(in_order)))
    return np.repeat(starts + (lengths - 1) / 2, lengths)


def _plain(limit: float) -> str:
    """A limit as it was most likely written."""
    return str(int(limit)) if limit.is_integer() else repr(limit)


def _rounded(value: float) -> float:
    """To DIGITS significant digits."""
    return float(f"{value:.{DIGITS}g}")

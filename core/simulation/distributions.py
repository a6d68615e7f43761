"""The distributions of estimates: what each needs, and how it is drawn.

Every one draws many values at once with NumPy's generator; correlation is put on the values afterwards
(core/simulation/correlation.py), so that no distribution is bent by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.language import say

Values = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Values]

LAMBDA = 4.0  # weight of the mode in a PERT estimate (Malcolm et al. 1959)
Z90 = 1.2815515655446004  # the standard normal's 90 % quantile


@dataclass(frozen=True)
class Distribution:
    """How an amount is spread: `mean` and `sd` exact, `draw(generator, count)` gives that many values."""

    name: str
    mean: float
    sd: float
    draw: Draw

    @property
    def certain(self) -> bool:
        """Whether there is but one value."""
        return self.sd == 0


def distribution(stated: Mapping[str, Any], where: str) -> Distribution:
    """The distribution that an item of a model states. Raises Invalid with `where` and what has to be mended.

    `constant` value; `uniform` low, high; `triangular` and `pert` low, mode, high (pert: lambda, 4 unless
    stated); `normal` mean, sd; `lognormal` p10, p90; `discrete` values, weights; `poisson` rate.
    """
    name = stated.get("distribution", "constant")
    if not isinstance(name, str) or name not in MAKERS:
        raise Invalid(
            say("{where}: there is no distribution “{name}”. There are: {known}.",
                where=where, name=name, known=", ".join(MAKERS)), field="distribution",
        )  # fmt: skip
    return MAKERS[name](stated, where)


def number(stated: Mapping[str, Any], name: str, where: str, *, least: float | None = None) -> float:
    """A finite number of the model. Raises Invalid where there is none, or it is below `least`."""
    found = stated.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise Invalid(say("{where}: {name} has to be a number.", where=where, name=name), field=name)
    if least is not None and found < least:
        raise Invalid(
            say("{where}: {name} is {found}; it can't be below {least}.", where=where, name=name, found=found, least=least),
            field=name,
        )  # fmt: skip
    return float(found)


def _ordered(stated: Mapping[str, Any], where: str, *names: str) -> tuple[float, ...]:
    """Numbers that must not fall."""
    found = tuple(number(stated, name, where) for name in names)
    for first, second, low, high in zip(names, names[1:], found, found[1:], strict=False):
        if low > high:
            raise Invalid(
                say("{where}: {first} is {low} and {second} is {high}. It has to be {order}.",
                    where=where, first=first, second=second, low=low, high=high, order=" <= ".join(names)),
                field=second,
            )  # fmt: skip
    return found


def _constant(stated: Mapping[str, Any], where: str) -> Distribution:
    value = number(stated, "value", where)
    return Distribution("constant", value, 0.0, lambda _generator, count: np.full(count, value))


def _uniform(stated: Mapping[str, Any], where: str) -> Distribution:
    low, high = _ordered(stated, where, "low", "high")
    return Distribution(
        "uniform", (low + high) / 2, (high - low) / math.sqrt(12),
        lambda generator, count: generator.uniform(low, high, count),
    )  # fmt: skip


def _triangular(stated: Mapping[str, Any], where: str) -> Distribution:
    low, mode, high = _ordered(stated, where, "low", "mode", "high")
    if low == high:
        return _constant({"value": low}, where)
    spread = low * low + mode * mode + high * high - low * mode - low * high - mode * high
    return Distribution(
        "triangular", (low + mode + high) / 3, math.sqrt(max(spread, 0) / 18),
        lambda generator, count: generator.triangular(low, mode, high, count),
    )  # fmt: skip


def _pert(stated: Mapping[str, Any], where: str) -> Distribution:
    """Beta with a = 1 + λ(mode-low)/(high-low), b = 1 + λ(high-mode)/(high-low) (Vose, Risk Analysis).

    Its variance is (mean-low)(high-mean)/(λ+3): not the /6 of the paper method, which is an approximation.
    """
    low, mode, high = _ordered(stated, where, "low", "mode", "high")
    weight = number(stated, "lambda", where, least=0) if "lambda" in stated else LAMBDA
    if low == high:
        return _constant({"value": low}, where)
    a, b = 1 + weight * (mode - low) / (high - low), 1 + weight * (high - mode) / (high - low)
    mean = (low + weight * mode + high) / (weight + 2)
    return Distribution(
        "pert", mean, math.sqrt((mean - low) * (high - mean) / (weight + 3)),
        lambda generator, count: low + (high - low) * generator.beta(a, b, count),
    )  # fmt: skip


def _normal(stated: Mapping[str, Any], where: str) -> Distribution:
    mean, sd = number(stated, "mean", where), number(stated, "sd", where, least=0)
    return Distribution("normal", mean, sd, lambda generator, count: generator.normal(mean, sd, count))


def _lognormal(stated: Mapping[str, Any], where: str) -> Distribution:
    """By what is undercut in one case of ten and exceeded in one of ten; both above 0."""
    p10, p90 = _ordered(stated, where, "p10", "p90")
    if p10 <= 0:
        raise Invalid(say("{where}: {name} of a lognormal has to be above 0.", where=where, name="p10"), field="p10")
    mu, sigma = (math.log(p10) + math.log(p90)) / 2, (math.log(p90) - math.log(p10)) / (2 * Z90)
    mean = math.exp(mu + sigma * sigma / 2)
    return Distribution(
        "lognormal", mean, mean * math.sqrt(math.expm1(sigma * sigma)),
        lambda generator, count: generator.lognormal(mu, sigma, count),
    )  # fmt: skip


def _discrete(stated: Mapping[str, Any], where: str) -> Distribution:
    values, weights = _row(stated, "values", where), _row(stated, "weights", where)
    if len(values) != len(weights) or not values:
        raise Invalid(
            say("{where}: values and weights have to be as many, at least one ({values} and {weights}).",
                where=where, values=len(values), weights=len(weights)), field="weights",
        )  # fmt: skip
    if min(weights) < 0 or sum(weights) <= 0:
        raise Invalid(say("{where}: weights can't be below 0, and not all 0.", where=where), field="weights")
    points, shares = np.array(values), np.array(weights) / sum(weights)
    mean = float(shares @ points)
    return Distribution(
        "discrete", mean, math.sqrt(max(float(shares @ (points - mean) ** 2), 0.0)),
        lambda generator, count: generator.choice(points, count, p=shares),
    )  # fmt: skip


def _poisson(stated: Mapping[str, Any], where: str) -> Distribution:
    """How often something happens."""
    rate = number(stated, "rate", where, least=0)
    return Distribution(
        "poisson", rate, math.sqrt(rate), lambda generator, count: generator.poisson(rate, count).astype(np.float64)
    )


def _row(stated: Mapping[str, Any], name: str, where: str) -> list[float]:
    found = stated.get(name)
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise Invalid(say("{where}: {name} has to be a list of numbers.", where=where, name=name), field=name)
    return [number({name: one}, name, where) for one in found]


MAKERS: dict[str, Callable[[Mapping[str, Any], str], Distribution]] = {
    "constant": _constant, "uniform": _uniform, "triangular": _triangular, "pert": _pert, "normal": _normal,
    "lognormal": _lognormal, "discrete": _discrete, "poisson": _poisson,
}  # fmt: skip
"""Name -> how the distribution is made of what is stated."""

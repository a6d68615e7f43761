"""A stated model: items with their distributions, what waits for what, and which go together.

The same words as in a file for `accord risk simulate-model`; each mistake is told with its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.access import open_to_all
from core.errors import Invalid
from core.language import say
from core.simulation.correlation import Matrix, nearest, pearson
from core.simulation.distributions import Distribution, distribution, number

MEASURES = ("sum", "finish")
MOST_ITEMS = 2000
KNOWN = {
    "name", "distribution", "low", "mode", "high", "lambda", "mean", "sd", "p10", "p90", "values", "weights", "value",
    "rate", "probability", "after",
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A cost, a duration or a risk: it happens with `probability`, then its amount is drawn; `after` are numbers of items."""

    name: str
    amount: Distribution
    probability: float
    after: tuple[int, ...]


@dataclass(frozen=True)
class Model:
    """What is simulated. `measure` is "sum" or "finish"; `order` lists items so that each comes after what it waits for.

    `correlated` are numbers of items, `ranks` their matrix of rank correlations; `moved` is by how much an
    entry had to be moved to make it one (0 where it was one).
    """

    measure: str
    items: tuple[Item, ...]
    limits: tuple[float, ...]
    order: tuple[int, ...]
    correlated: tuple[int, ...]
    ranks: Matrix
    moved: float


@open_to_all("it only looks at what it is given")
def stated(model: object) -> Model:
    """The model that is stated. Raises Invalid with the place of the first mistake and how to mend it."""
    if not isinstance(model, Mapping):
        raise Invalid(say("The model has to be an object with measure and items."), field="model")
    measure = model.get("measure", "sum")
    if measure not in MEASURES:
        raise Invalid(say("measure is “sum” or “finish”, not “{found}”.", found=measure), field="measure")
    stated_items = model.get("items")
    if not isinstance(stated_items, Sequence) or isinstance(stated_items, str) or not stated_items:
        raise Invalid(say("items has to be a list with at least one item."), field="items")
    if len(stated_items) > MOST_ITEMS:
        raise Invalid(say("A model has {most} items at most.", most=MOST_ITEMS), field="items")
    numbers = _numbered(stated_items)
    items = tuple(_item(one, place, numbers) for place, one in enumerate(stated_items, 1))
    if measure == "sum" and any(item.after for item in items):
        raise Invalid(say("With measure “sum” nothing waits: leave out after, or take “finish”."), field="after")
    limits = model.get("limits", [])
    if not isinstance(limits, Sequence) or isinstance(limits, str):
        raise Invalid(say("limits has to be a list of numbers."), field="limits")
    correlated, ranks, moved = _correlation(model.get("correlation", []), items, numbers)
    return Model(
        measure, items, tuple(number({"limits": one}, "limits", "limits") for one in limits), _order(items), correlated,
        ranks, moved,
    )  # fmt: skip


def _numbered(items: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, one in enumerate(items, 1):
        name = one.get("name") if isinstance(one, Mapping) else None
        if not isinstance(name, str) or not name.strip():
            raise Invalid(say("Item {place}: it needs a name.", place=place), field="name")
        if name in found:
            raise Invalid(say("Two items are called “{name}”. Give each a name of its own.", name=name), field="name")
        found[name] = place - 1
    return found


def _item(one: Mapping[str, Any], place: int, numbers: Mapping[str, int]) -> Item:
    where = say("Item {place} “{name}”", place=place, name=one["name"]).text()
    unknown = sorted(set(one) - KNOWN)
    if unknown:
        raise Invalid(
            say("{where}: {names} is not known here. There are: {known}.",
                where=where, names=", ".join(unknown), known=", ".join(sorted(KNOWN))), field=unknown[0],
        )  # fmt: skip
    probability = number(one, "probability", where, least=0) if "probability" in one else 1.0
    if probability > 1:
        raise Invalid(say("{where}: a probability lies between 0 and 1.", where=where), field="probability")
    after = one.get("after", [])
    if not isinstance(after, Sequence) or isinstance(after, str):
        raise Invalid(say("{where}: after has to be a list of names.", where=where), field="after")
    for name in after:
        if name not in numbers:
            raise Invalid(say("{where}: there is no item “{name}” to wait for.", where=where, name=name), field="after")
    return Item(
        one["name"], distribution(one, where), probability, tuple(dict.fromkeys(numbers[name] for name in after))
    )


def _order(items: Sequence[Item]) -> tuple[int, ...]:
    """Each after what it waits for. Raises Invalid where some wait for each other."""
    found: list[int] = []
    done: set[int] = set()
    left = list(range(len(items)))
    while left:
        ready = [n for n in left if all(before in done for before in items[n].after)]
        if not ready:
            names = ", ".join(items[n].name for n in left[:5])
            raise Invalid(
                say("These wait for each other: {names}. Take one of the ties away.", names=names), field="after"
            )
        found += ready
        done.update(ready)
        left = [n for n in left if n not in done]
    return tuple(found)


def _correlation(
    pairs: Any, items: Sequence[Item], numbers: Mapping[str, int]
) -> tuple[tuple[int, ...], Matrix, float]:
    if not isinstance(pairs, Sequence) or isinstance(pairs, str):
        raise Invalid(say("correlation has to be a list of [name, name, number]."), field="correlation")
    known: dict[tuple[int, int], float] = {}
    for pair in pairs:
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 3:
            raise Invalid(say("correlation has to be a list of [name, name, number]."), field="correlation")
        first, second, stated_one = pair
        for name in (first, second):
            if name not in numbers:
                raise Invalid(say("correlation: there is no item “{name}”.", name=name), field="correlation")
            if items[numbers[name]].amount.certain:
                raise Invalid(
                    say("correlation: “{name}” has but one value; nothing can go with it.", name=name),
                    field="correlation",
                )
        value = number({"correlation": stated_one}, "correlation", f"{first}, {second}")
        low, high = sorted((numbers[first], numbers[second]))
        if not -1 <= value <= 1 or low == high:
            raise Invalid(
                say("correlation of {first} and {second}: a number from -1 to 1 between two different items.",
                    first=first, second=second), field="correlation",
            )  # fmt: skip
        if known.setdefault((low, high), value) != value:
            raise Invalid(
                say("correlation of {first} and {second} is stated twice, differently.", first=first, second=second),
                field="correlation",
            )
    among = tuple(sorted({n for pair in known for n in pair}))
    at = {n: place for place, n in enumerate(among)}
    ranks = np.eye(len(among))
    for (low, high), value in known.items():
        ranks[at[low], at[high]] = ranks[at[high], at[low]] = value
    moved = nearest(pearson(ranks))[1] if among else 0.0
    return among, ranks, moved

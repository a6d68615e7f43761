"""Trees of decisions: what each alternative is worth on average, and which is worth most.

Expected monetary value (PMBOK; Raiffa, Decision Analysis, 1968): chances are weighed by their probability,
at a decision the best alternative is taken; gains count up, losses down, the cost of an alternative is
taken off. It is an average over many such decisions, not what will come, and not a level of confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.access import open_to_all
from core.errors import Invalid
from core.language import say
from core.simulation.distributions import number

DEEPEST = 50
CLOSE = 1e-6  # probabilities that add up to 1 but for rounding


@dataclass(frozen=True)
class Chosen:
    """The alternative that is worth most, and what each is worth."""

    best: str
    values: dict[str, float]


@open_to_all("it only computes with the tree it is given")
def expected(tree: object) -> Chosen:
    """What the alternatives of the first decision are worth. Raises Invalid with the place of a mistake.

    A node is {"value": …}, {"chance": [{"probability": …, node…}, …]} or {"decision": [{"name": …, "cost": …, node…}, …]}.
    """
    if not isinstance(tree, Mapping) or "decision" not in tree:
        raise Invalid(say("The tree has to begin with a decision."), field="decision")
    values = _alternatives(tree["decision"], "decision", 0)
    return Chosen(max(values, key=lambda name: values[name]), values)


def _alternatives(stated: Any, where: str, depth: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for place, one in enumerate(_several(stated, where), 1):
        name = one.get("name", f"{place}")
        at = f"{where} › {name}"
        if not isinstance(name, str) or name in found:
            raise Invalid(say("{where}: each alternative needs a name of its own.", where=at), field="name")
        cost = number(one, "cost", at) if "cost" in one else 0.0
        found[name] = _worth(one, at, depth + 1) - cost
    return found


def _worth(node: Mapping[str, Any], where: str, depth: int) -> float:
    if depth > DEEPEST:
        raise Invalid(say("{where}: the tree is deeper than {most} steps.", where=where, most=DEEPEST))
    kinds = [kind for kind in ("value", "chance", "decision") if kind in node]
    if len(kinds) != 1:
        raise Invalid(say("{where}: it needs one of value, chance and decision.", where=where), field="value")
    if kinds == ["value"]:
        return number(node, "value", where)
    if kinds == ["decision"]:
        return max(_alternatives(node["decision"], where, depth).values())
    total, worth = 0.0, 0.0
    for place, one in enumerate(_several(node["chance"], where), 1):
        at = f"{where} › {one.get('name', place)}"
        probability = number(one, "probability", at, least=0)
        total += probability
        worth += probability * _worth(one, at, depth + 1)
    if abs(total - 1) > CLOSE:
        raise Invalid(
            say(
                "{where}: the probabilities add up to {total}, they have to add up to 1.",
                where=where,
                total=f"{total:g}",
            ),
            field="probability",
        )
    return worth


def _several(stated: Any, where: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(stated, Sequence) or isinstance(stated, str) or not stated:
        raise Invalid(say("{where}: it has to be a list with at least one entry.", where=where))
    for one in stated:
        if not isinstance(one, Mapping):
            raise Invalid(say("{where}: each entry has to be an object.", where=where))
    return stated

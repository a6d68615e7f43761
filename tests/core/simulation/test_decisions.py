"""Trees of decisions, against examples that can be computed by hand."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.simulation.decisions import expected


def chances(*pairs):
    return [{"probability": probability, "value": value} for probability, value in pairs]


def test_the_better_plant_is_built():
    """The example of the PMBOK Guide: a new plant (120 M) or an upgrade (50 M), strong demand in 60 % of cases."""
    found = expected({
        "decision": [
            {"name": "Build new plant", "cost": 120, "chance": chances((0.6, 200), (0.4, 90))},
            {"name": "Upgrade plant", "cost": 50, "chance": chances((0.6, 120), (0.4, 60))},
        ]
    })  # fmt: skip
    assert found.values == {"Build new plant": pytest.approx(36), "Upgrade plant": pytest.approx(46)}
    assert found.best == "Upgrade plant"


def test_a_later_decision_takes_its_best_alternative():
    found = expected({
        "decision": [
            {"name": "Test first", "cost": 5, "chance": [
                {"probability": 0.5, "decision": [{"name": "Go", "value": 100}, {"name": "Stop", "value": 0}]},
                {"probability": 0.5, "decision": [{"name": "Go", "value": -80}, {"name": "Stop", "value": 0}]},
            ]},
            {"name": "Go at once", "chance": chances((0.5, 100), (0.5, -80))},
        ]
    })  # fmt: skip
    assert (found.best, found.values["Test first"], found.values["Go at once"]) == ("Test first", 45, 10)


def test_of_losses_the_smallest_is_best():
    found = expected(
        {"decision": [{"name": "Insure", "value": -10}, {"name": "Bear it", "chance": chances((0.1, -200), (0.9, 0))}]}
    )
    assert (found.best, found.values["Bear it"]) == ("Insure", pytest.approx(-20))


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ({}, "begin with a decision"),
        ({"decision": []}, "at least one entry"),
        ({"decision": [{"name": "A"}]}, "decision › A: it needs one of value, chance and decision"),
        ({"decision": [{"name": "A", "value": 1, "chance": []}]}, "it needs one of"),
        ({"decision": [{"name": "A", "value": 1}, {"name": "A", "value": 2}]}, "a name of its own"),
        ({"decision": [{"name": "A", "chance": chances((0.5, 1), (0.4, 2))}]}, "add up to 0.9"),
        ({"decision": [{"name": "A", "chance": chances((-0.5, 1), (1.5, 2))}]}, "can't be below 0"),
        ({"decision": [{"name": "A", "chance": [{"probability": 1, "value": "much"}]}]}, "decision › A › 1: value has to be a number"),
    ],
)  # fmt: skip
def test_a_tree_that_is_none_is_refused_with_the_place(tree, says):
    with pytest.raises(Invalid) as refused:
        expected(tree)
    assert says in str(refused.value)


def test_a_tree_that_never_ends_is_refused():
    tree = {"name": "A", "value": 1}
    for _level in range(80):
        tree = {"name": "A", "decision": [tree]}
    with pytest.raises(Invalid, match="deeper than 50"):
        expected({"decision": [tree]})

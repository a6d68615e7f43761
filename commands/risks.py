"""Risks: the register of a project, and models that a file states, which need no data folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from commands.asked import Answer, Asked, listing, opened


def list_risks(asked: Asked) -> Answer:
    """The risks that exist for the one who asks, by number."""
    from core import projects
    from core.risks import categories, register, scales

    project = asked.project
    scale = scales.of(asked.actor, project)
    names = {category.id: category.name for category in categories.listed(asked.actor, project)}
    people = {member.account_id: member.name for member in projects.members(asked.actor, project)}
    items = []
    for risk in register.listed(asked.actor, project):
        rating = risk.rating("current")
        items.append({
            "id": risk.id, "code": risk.code, "title": risk.title, "kind": risk.kind, "state": risk.state,
            "category": names.get(risk.category_id or ""), "owner": people.get(risk.owner_id or ""),
            "likelihood": rating and rating[0], "impact": rating and rating[1],
            "score": rating and scale.score(*rating), "internal": risk.internal, "revision": risk.revision,
        })  # fmt: skip
    return listing(items, ("code", "score", "state", "title"))


def risk_simulate_model(options: dict[str, Any]) -> Answer:
    """Simulate the model of a file."""
    from core.language import number, text
    from core.simulation import engine, model

    found = engine.simulated(
        model.stated(_stated(Path(options["file"]))), trials=options["trials"], seed=options["seed"]
    )
    lines = [
        text("{trials} trials, seed {seed}", trials=number(found.trials), seed=found.seed),
        text("mean {mean}, deviation {sd}", mean=number(found.mean), sd=number(found.sd)),
        f"P10 {number(found.p10)}  P50 {number(found.p50)}  P80 {number(found.p80)} ± {number(found.standard_error_p80)}"
        f"  P90 {number(found.p90)}",
        *(text("within {limit}: {share} %", limit=number(limit), share=number(100 * share, 1))
          for limit, share in found.probability_within.items()),
    ]  # fmt: skip
    if found.moved:
        lines.append(text("The correlations did not fit together; the nearest that do differ by {moved} at most.",
                          moved=number(found.moved, 3)))  # fmt: skip
    return Answer(found.described(), "\n".join(lines))


def risk_emv(options: dict[str, Any]) -> Answer:
    """What the alternatives of a decision are worth on average."""
    from core.language import number
    from core.simulation import decisions

    found = decisions.expected(_stated(Path(options["file"])))
    lines = [f"{'→' if name == found.best else ' '} {name}  {number(value)}" for name, value in found.values.items()]
    return Answer({"best": found.best, "values": found.values}, "\n".join(lines))


def _stated(path: Path) -> Any:
    """The JSON of a file. Raises Invalid with the place where it is none."""
    from core.errors import Invalid
    from core.language import say

    with opened(path) as file:
        content = file.read()
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise Invalid(
            say(
                "{file} is no JSON: line {line}, column {column}.",
                file=path.name,
                line=error.lineno,
                column=error.colno,
            )
        ) from error
    except UnicodeDecodeError as error:
        raise Invalid(say("{file} is no JSON: it is not UTF-8.", file=path.name)) from error

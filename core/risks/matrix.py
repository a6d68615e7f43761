"""The heatmap: which risks stand in which cell, now and on any day, and how they came there.

The matrix of a day is read from the ledger, event by event; nothing keeps a second history.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core import activity, db, language, reading
from core.access import Actor, in_project
from core.reading import Thing
from core.risks import register
from core.risks.register import STAGES


@dataclass(frozen=True)
class Place:
    """Where a risk stood: likelihood and impact (1 to 5) of one stage, None where not judged."""

    risk_id: str
    code: str
    title: str
    kind: str
    state: str
    rating: tuple[int, int] | None


@dataclass(frozen=True)
class Step:
    """A risk came to a cell at a moment (UTC), by whom and why."""

    at: datetime
    rating: tuple[int, int]
    who: str
    reason: str


@in_project("risk.read")
def on(actor: Actor, project: str, day: date, *, stage: str = "current") -> list[Place]:
    """Where each risk stood at the end of a day of the reader: as the ledger has it, for whom it exists now.

    Titles and codes are today's; risks that had not been found yet are left out, closed ones too.
    """
    until = language.midnight(day + timedelta(days=1))
    reader = reading.reader(actor, project)
    known = {risk.id: risk for risk in register.listed(actor, project)}
    found = []
    for risk_id, was in _replayed(project, until).items():
        risk = known.get(risk_id)
        # What was the team's own on that day, or above the reader's clearance, is not told now either.
        then = Thing(risk_id, was["clearance"], db.TEAM_ONLY if was["internal"] else None)
        if risk is None or was["state"] == "closed" or not reader.sees(then):
            continue
        rating = (was[f"{stage}_likelihood"], was[f"{stage}_impact"])
        found.append(Place(risk.id, risk.code, risk.title, risk.kind, was["state"], None if None in rating else rating))
    return sorted(found, key=lambda place: known[place.risk_id].number)


@in_project("risk.read")
def trail(actor: Actor, project: str, risk: str, *, stage: str = "current") -> list[Step]:
    """The cells that a risk has been in, the first one first."""
    seen = register.get(actor, project, risk)
    source, params = activity.visible(reading.reader(actor, project), project, actor.id)
    steps: list[Step] = []
    rating: dict[str, Any] = {"likelihood": None, "impact": None}
    for event in db.rows(
        f"""
        SELECT e.happened_at, e.actor_name, e.note, e.after
        {source} AND e.entity = 'risk' AND e.entity_id = ? AND e.after IS NOT NULL
        ORDER BY e.seq
        """,
        [*params, seen.id],
    ):
        after = json.loads(event["after"])
        changed = {what: after[f"{stage}_{what}"] for what in rating if f"{stage}_{what}" in after}
        rating |= changed
        if changed and None not in rating.values():
            steps.append(
                Step(event["happened_at"], (rating["likelihood"], rating["impact"]), event["actor_name"],
                     event["note"] or "")
            )  # fmt: skip
    return steps


@in_project("risk.read")
def days(actor: Actor, project: str) -> list[date]:
    """The days (of the reader) on which the matrix changed for the actor, the first one first."""
    source, params = activity.visible(reading.reader(actor, project), project, actor.id)
    moments = db.rows(
        f"SELECT DISTINCT e.happened_at AS at {source} AND e.entity = 'risk' ORDER BY 1",
        params,
    )
    return sorted({language.local(record["at"]).date() for record in moments})


_COLUMNS = (
    "state",
    "clearance",
    "internal",
    *(f"{stage}_{what}" for stage in STAGES for what in ("likelihood", "impact")),
)


def _replayed(project: str, until: datetime) -> dict[str, dict[str, Any]]:
    """What the events before a moment make of each risk: state, who may know it, ratings."""
    found: dict[str, dict[str, Any]] = {}
    for event in db.rows(
        """
        SELECT entity_id, after
        FROM event
        WHERE project_id = ? AND entity = 'risk' AND after IS NOT NULL AND happened_at < ?
        ORDER BY happened_at, seq
        """,
        [project, until],
    ):
        after = json.loads(event["after"])
        found.setdefault(event["entity_id"], {}).update({name: after[name] for name in _COLUMNS if name in after})
    return found

"""The register: each risk as cause, event and effect, who owns it, how it was judged, who may know of it.

A risk is the team's own (`internal`) until it is marked for the client as well: for the client an internal
one is nowhere, which `subject` sees to for whatever hangs on it. Neighbours: core/risks/scales.py (what the
levels mean), core/risks/matrix.py (the heatmap, now and on any day), core/risks/categories.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import access, db, projects, reading
from core.access import Actor, in_project
from core.errors import Conflict, Invalid, NotFound, Refused
from core.ids import new_id
from core.language import Message, say
from core.links import known
from core.reading import Reader
from core.risks import categories
from core.risks.scales import LEVELS
from core.rows import entity, entity_of
from core.simulation.distributions import distribution

KINDS = ("threat", "opportunity")
STATES = ("open", "happened", "closed")
STAGES = ("inherent", "current", "residual", "target")
"""Inherent: before any response. Current: as it stands. Residual: once the response is carried out. Target: as it should be."""

STAGE_NAMES: dict[str, Message] = {
    "inherent": say("inherent"), "current": say("current"), "residual": say("residual"), "target": say("target"),
}  # fmt: skip
"""Stage -> its word."""

FOUND_BY: dict[str, Message] = {
    "kick-off": say("kick-off"), "review": say("review"), "interview": say("expert interview"),
    "brainstorming": say("brainstorming"), "delphi": say("Delphi"), "checklist": say("checklist"),
    "pre-mortem": say("pre-mortem"), "assumption": say("an assumption that failed"), "signal": say("a signal"),
    "import": say("import"), "work": say("at work"),
}  # fmt: skip
"""How a risk was found."""


@entity("risk", subject=True)
@dataclass(frozen=True)
class Risk:
    """One risk. Levels count 1 to 5, None where nobody judged; probabilities are 0 to 1.

    `cost` (in the scale's currency) and `days` (of delay) are distributions as in core/simulation/model.py
    (`{"distribution": "triangular", "low": …}`), of what comes when it happens; for an opportunity what is
    gained. Those that end in `_after` hold once the response is carried out. `rated_at` is when the current
    likelihood and impact were last judged.
    """

    id: str
    project_id: str
    number: int
    code: str
    title: str
    kind: str
    cause: str
    event: str
    effect: str
    category_id: str | None
    owner_id: str | None
    proximity: date | None
    found_by: str
    state: str
    inherent_likelihood: int | None
    inherent_impact: int | None
    current_likelihood: int | None
    current_impact: int | None
    residual_likelihood: int | None
    residual_impact: int | None
    target_likelihood: int | None
    target_impact: int | None
    rated_at: datetime | None
    probability: float | None
    cost: dict[str, Any] | None
    days: dict[str, Any] | None
    probability_after: float | None
    cost_after: dict[str, Any] | None
    days_after: dict[str, Any] | None
    secondary_to: str | None
    review_on: date | None
    closed_at: datetime | None
    closing: str
    lessons: str
    clearance: str
    internal: bool
    created_at: datetime
    revision: int

    def rating(self, stage: str) -> tuple[int, int] | None:
        """Likelihood and impact of a stage; None where it was not judged."""
        likelihood, impact = (getattr(self, f"{stage}_{what}") for what in ("likelihood", "impact"))
        return None if likelihood is None or impact is None else (likelihood, impact)

    @property
    def sentence(self) -> Message:
        """Cause, event and effect as one sentence; what is missing is left out."""
        cause, event, effect = (part.strip().rstrip(".。") for part in (self.cause, self.event, self.effect))
        event = event or self.title
        if cause and effect:
            return say("Because {cause}, {event} may happen, which leads to {effect}.",
                       cause=cause, event=event, effect=effect)  # fmt: skip
        if cause:
            return say("Because {cause}, {event} may happen.", cause=cause, event=event)
        if effect:
            return say("{event} may happen, which leads to {effect}.", event=event, effect=effect)
        return say("{event} may happen.", event=event)


@entity("risk_link", hangs_on="risk_id")
@dataclass(frozen=True)
class RiskLink:
    """From a risk to a requirement or a document of the project."""

    id: str
    project_id: str
    risk_id: str
    target_id: str


@dataclass(frozen=True)
class Draft:
    """What is known of a new risk; only the title has to be. `internal` None: as the role allows."""

    title: str
    kind: str = "threat"
    cause: str = ""
    event: str = ""
    effect: str = ""
    category_id: str | None = None
    owner_id: str | None = None
    proximity: date | None = None
    found_by: str = "work"
    inherent_likelihood: int | None = None
    inherent_impact: int | None = None
    current_likelihood: int | None = None
    current_impact: int | None = None
    residual_likelihood: int | None = None
    residual_impact: int | None = None
    target_likelihood: int | None = None
    target_impact: int | None = None
    probability: float | None = None
    cost: dict[str, Any] | None = None
    days: dict[str, Any] | None = None
    probability_after: float | None = None
    cost_after: dict[str, Any] | None = None
    days_after: dict[str, Any] | None = None
    secondary_to: str | None = None
    review_on: date | None = None
    clearance: str = "public"
    internal: bool | None = None
    links: tuple[str, ...] = ()


RATINGS = frozenset(f"{stage}_{what}" for stage in STAGES for what in ("likelihood", "impact"))
FIELDS = frozenset(Draft.__dataclass_fields__) - {"links"}
EDITABLE = (FIELDS | {"lessons"}) - RATINGS
"""What `edit` changes; ratings are changed by `rate`, which asks for a reason, and the state by `close` and `reopen`."""

LINKED = ("requirement", "document")
"""What a risk is linked with."""

ESTIMATES = ("cost", "days", "cost_after", "days_after")


@in_project("risk.read")
def get(actor: Actor, project: str, risk: str) -> Risk:
    """One risk by its id or its code (R-7). Raises NotFound, also when it does not exist for the actor."""
    return found(db.rows, reading.reader(actor, project), project, risk)


@in_project("risk.read")
def listed(actor: Actor, project: str, *, states: tuple[str, ...] = STATES) -> list[Risk]:
    """The risks that exist for the actor, by number."""
    exists, params = reading.reader(actor, project).condition("s")
    return _loaded(
        db.rows(
            f"""
            SELECT r.*
            FROM risk r
            JOIN subject s ON s.id = r.id
            WHERE r.project_id = ? AND r.state IN ({db.marks(states)}) AND {exists}
            ORDER BY r.number
            """,
            [project, *states, *params],
        )
    )


@in_project("risk.create")
def create(actor: Actor, project: str, draft: Draft, *, at: datetime | None = None, batch: str | None = None) -> Risk:
    """Add a risk to the register.

    It is the team's own unless the draft says otherwise; what somebody adds who reads no internal notes
    (the client) is open to both. A risk that is judged as it stands and not as it was before any response
    counts as judged alike. Raises Invalid for an empty title or unknown values, Refused for a clearance above
    the actor's or an internal one without note.write, NotFound for a link that does not exist for the actor.
    """
    reader = reading.reader(actor, project)
    values = {name: getattr(draft, name) for name in FIELDS}
    if values["internal"] is None:
        values["internal"] = reader.standing.may("note.write")
    if values["inherent_likelihood"] is None and values["inherent_impact"] is None:
        values["inherent_likelihood"], values["inherent_impact"] = draft.current_likelihood, draft.current_impact
    with db.write(actor, at=at, batch=batch) as tx:
        values = _checked(tx, reader, project, values)
        number = int(tx.value("SELECT COALESCE(MAX(number), 0) FROM risk WHERE project_id = ?", [project])) + 1
        rated = tx.at if draft.current_likelihood is not None else None
        fresh = tx.insert(
            Risk(
                id=new_id(), project_id=project, number=number, code=f"R-{number}", state="open", rated_at=rated,
                closed_at=None, closing="", lessons="", created_at=tx.at, revision=1, **values,
            )
        )  # fmt: skip
        for target in dict.fromkeys(draft.links):
            _connect(tx, reader, project, fresh.id, target)
        return fresh


@in_project("risk.edit")
def edit(
    actor: Actor, project: str, risk: str, /, *, revision: int, at: datetime | None = None,
    batch: str | None = None, **changes: Any,
) -> Risk:  # fmt: skip
    """Change fields of a risk (EDITABLE). Raises Stale when it moved on since `revision`, else as `create`."""
    reader = reading.reader(actor, project)
    unknown = set(changes) - EDITABLE
    if unknown:
        raise Invalid(say("A risk has no field {field}.", field=", ".join(sorted(unknown))))
    with db.write(actor, at=at, batch=batch) as tx:
        seen = found(tx.rows, reader, project, risk)
        return tx.update(seen, revision=revision, **_checked(tx, reader, project, changes, seen))


@in_project("risk.edit")
def rate(
    actor: Actor, project: str, risk: str, *, stage: str, likelihood: int, impact: int, revision: int,
    reason: str, at: datetime | None = None, batch: str | None = None,
) -> Risk:  # fmt: skip
    """Judge a risk anew at one stage; the reason stands in its history.

    Raises Invalid without a reason, for an unknown stage or a level outside 1 to 5, Conflict for a risk
    that is closed, Stale when somebody changed it since `revision`.
    """
    reader = reading.reader(actor, project)
    if stage not in STAGES:
        raise Invalid(say("A stage is one of inherent, current, residual, target."), field="stage")
    if not reason.strip():
        raise Invalid(say("Say in a few words why it is judged so now."), field="reason")
    _check_levels({"likelihood": likelihood, "impact": impact})
    changes: dict[str, Any] = {f"{stage}_likelihood": likelihood, f"{stage}_impact": impact}
    with db.write(actor, at=at, batch=batch) as tx:
        seen = found(tx.rows, reader, project, risk)
        if seen.state == "closed":
            raise Conflict(say("{code} is closed. Open it again first.", code=seen.code))
        if stage == "current":
            changes["rated_at"] = tx.at
        return tx.update(seen, revision=revision, action="rated", about={"note": reason.strip()}, **changes)


@in_project("risk.edit")
def close(
    actor: Actor, project: str, risk: str, *, revision: int, reason: str, lessons: str | None = None,
    at: datetime | None = None,
) -> Risk:  # fmt: skip
    """Close a risk that can't happen any more; it keeps its story. Raises Invalid without a reason, Conflict when it is closed, Stale."""
    reader = reading.reader(actor, project)
    if not reason.strip():
        raise Invalid(say("Say in a few words why it is closed."), field="reason")
    with db.write(actor, at=at) as tx:
        seen = found(tx.rows, reader, project, risk)
        if seen.state == "closed":
            raise Conflict(say("{code} is closed already.", code=seen.code))
        return tx.update(
            seen, revision=revision, action="closed", about={"note": reason.strip()}, state="closed", closed_at=tx.at,
            closing=reason.strip(), lessons=seen.lessons if lessons is None else lessons.strip(),
        )  # fmt: skip


@in_project("risk.edit")
def reopen(actor: Actor, project: str, risk: str, *, revision: int, reason: str, at: datetime | None = None) -> Risk:
    """Take a closed risk up again. Raises Invalid without a reason, Conflict when it is not closed, Stale."""
    reader = reading.reader(actor, project)
    if not reason.strip():
        raise Invalid(say("Say in a few words why it is taken up again."), field="reason")
    with db.write(actor, at=at) as tx:
        seen = found(tx.rows, reader, project, risk)
        if seen.state != "closed":
            raise Conflict(say("{code} is not closed.", code=seen.code))
        return tx.update(
            seen, revision=revision, action="reopened", about={"note": reason.strip()}, state="open", closed_at=None,
            closing="",
        )  # fmt: skip


@in_project("risk.edit")
def link(actor: Actor, project: str, risk: str, *, target: str, at: datetime | None = None) -> RiskLink:
    """Connect a risk with a requirement or a document. Raises NotFound for what does not exist for the actor, Conflict twice."""
    reader = reading.reader(actor, project)
    with db.write(actor, at=at) as tx:
        return _connect(tx, reader, project, found(tx.rows, reader, project, risk).id, target)


@in_project("risk.edit")
def unlink(actor: Actor, project: str, risk: str, *, target: str, at: datetime | None = None) -> None:
    """Remove a connection. Raises NotFound when there is none for the actor."""
    reader = reading.reader(actor, project)
    with db.write(actor, at=at) as tx:
        seen = found(tx.rows, reader, project, risk)
        known(tx, reader, project, target, LINKED)
        links = tx.all_of(RiskLink, "WHERE risk_id = ? AND target_id = ?", [seen.id, target])
        if not links:
            raise NotFound(db.GONE)
        tx.delete(links[0], action="unlinked")


@dataclass(frozen=True)
class Linked:
    """What a risk is connected with."""

    id: str
    entity: str
    code: str
    title: str


@in_project("risk.read")
def links(actor: Actor, project: str, risk: str) -> list[Linked]:
    """The requirements and documents of a risk, as far as they exist for the actor."""
    reader = reading.reader(actor, project)
    seen = found(db.rows, reader, project, risk)
    exists, params = reader.condition("s")
    return [
        Linked(**record)
        for record in db.rows(
            f"""
            SELECT s.id, s.entity, COALESCE(s.code, '') AS code, s.title
            FROM risk_link l
            JOIN subject s ON s.id = l.target_id
            WHERE l.risk_id = ? AND {exists} AND s.id NOT IN (SELECT id FROM document WHERE archived)
            ORDER BY s.entity DESC, s.code
            """,
            [seen.id, *params],
        )
    ]


@in_project("risk.read")
def touching(actor: Actor, project: str, target: str) -> list[Risk]:
    """The risks that are connected with a requirement or a document (by id), as far as both exist for the actor."""
    reader = reading.reader(actor, project)
    (exists, params), (there, further) = reader.condition("s"), reader.condition("t")
    return _loaded(
        db.rows(
            f"""
            SELECT r.*
            FROM risk_link l
            JOIN risk r ON r.id = l.risk_id
            JOIN subject s ON s.id = r.id
            JOIN subject t ON t.id = l.target_id
            WHERE l.target_id = ? AND l.project_id = ? AND {exists} AND {there}
            ORDER BY r.number
            """,
            [target, project, *params, *further],
        )
    )


# For other modules that read or write risks with a way to read of their own.


def found(rows: db.Rows, reader: Reader, project: str, risk: str) -> Risk:
    """A risk by id or code, read by `rows`. Raises NotFound when it does not exist for `reader`."""
    exists, params = reader.condition("s")
    records = rows(
        f"""
        SELECT r.*
        FROM risk r
        JOIN subject s ON s.id = r.id
        WHERE r.project_id = ? AND (r.id = ? OR r.code = ?) AND {exists}
        """,
        [project, risk, risk.upper(), *params],
    )
    if not records:
        raise NotFound(say("There is no such risk."))
    return _loaded(records)[0]


def _loaded(records: list[dict[str, Any]]) -> list[Risk]:
    kind = entity_of(Risk)
    return [kind.loaded(record) for record in records]


def _connect(tx: db.Transaction, reader: Reader, project: str, risk: str, target: str) -> RiskLink:
    known(tx, reader, project, target, LINKED)
    if tx.value("SELECT COUNT(*) FROM risk_link WHERE risk_id = ? AND target_id = ?", [risk, target]):
        raise Conflict(say("These are linked already."))
    return tx.insert(RiskLink(new_id(), project, risk, target), action="linked")


def _check_levels(values: Mapping[str, int | None]) -> None:
    for name, level in values.items():
        if level is not None and not 1 <= level <= LEVELS:
            raise Invalid(say("Likelihood and impact are levels from 1 to 5."), field=name)


def _checked(
    tx: db.Transaction, reader: Reader, project: str, values: Mapping[str, Any], seen: Risk | None = None
) -> dict[str, Any]:
    """The values, cleaned. Raises what `create` says."""
    own, clean = reader.standing, dict(values)
    for name in ("title", "cause", "event", "effect", "lessons"):
        if name in clean:
            clean[name] = clean[name].strip() if name == "lessons" else " ".join(clean[name].split())
    if "title" in clean and not 0 < len(clean["title"]) <= 300:
        raise Invalid(say("A risk needs a title of 300 characters at most."), field="title")
    if clean.get("kind", "threat") not in KINDS:
        raise Invalid(say("A risk is a threat or an opportunity."), field="kind")
    if clean.get("found_by", "work") not in FOUND_BY:
        raise Invalid(say("There is no such way of finding risks."), field="found_by")
    levels = {name: clean[name] for name in RATINGS if name in clean}
    _check_levels(levels)
    for stage in STAGES:
        if (levels.get(f"{stage}_likelihood") is None) != (levels.get(f"{stage}_impact") is None):
            raise Invalid(say("Judge likelihood and impact together."), field=f"{stage}_impact")
    for name in ("probability", "probability_after"):
        if clean.get(name) is not None and not 0 <= clean[name] <= 1:
            raise Invalid(say("A probability lies between 0 and 100 %."), field=name)
    for name in ESTIMATES:
        if clean.get(name) is not None:
            distribution(clean[name], name)
    if "category_id" in clean:
        clean["category_id"] = categories.chosen(tx, project, clean["category_id"])
    if clean.get("secondary_to"):
        clean["secondary_to"] = found(tx.rows, reader, project, clean["secondary_to"]).id
        if seen is not None and clean["secondary_to"] == seen.id:
            raise Invalid(say("A risk can't come from its own response."), field="secondary_to")
    if "clearance" in clean:
        if clean["clearance"] not in access.CLEARANCES:
            raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
        access.require_clearance(own, clean["clearance"])
    if clean.get("internal") and not own.may("note.write"):
        raise Refused(say("What the team keeps to itself is written by the team. Leave it open to both."))
    if clean.get("owner_id"):
        projects.require_member(tx, project, clean["owner_id"], field="owner_id")
    return clean

"""What is done about a risk: a response with the fields that its kind needs, and the actions that carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from core import db, links, projects, reading
from core.access import Actor, in_project
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.language import Message, say
from core.reading import Reader
from core.risks import register
from core.risks.register import Risk
from core.risks.scales import LEVELS
from core.rows import entity, entity_of

KINDS: dict[str, tuple[str, ...]] = {
    "threat": ("avoid", "reduce", "transfer", "accept"),
    "opportunity": ("exploit", "enhance", "share", "accept"),
}
"""Kind of risk -> the responses there are to it."""

KIND_NAMES: dict[str, Message] = {
    "avoid": say("avoid"), "reduce": say("reduce"), "transfer": say("transfer"), "accept": say("accept"),
    "exploit": say("exploit"), "enhance": say("enhance"), "share": say("share"),
}  # fmt: skip
"""Response -> its word."""

NEEDED: dict[str, tuple[str, ...]] = {
    "accept": ("accepted_by", "accepted_until"), "transfer": ("transferred_to",), "share": ("transferred_to",),
}  # fmt: skip
"""Response -> the fields that it can't be without, beside the plan."""

ALLOWED: dict[str, tuple[str, ...]] = NEEDED | {
    "transfer": ("transferred_to", "document_id"), "share": ("transferred_to", "document_id"),
}  # fmt: skip
T = TypeVar("T")
FIELDS = ("accepted_by", "accepted_until", "transferred_to", "document_id")


@entity("risk_response", hangs_on="risk_id")
@dataclass(frozen=True)
class Response:
    """The response to a risk, one at a time. `cost` in the scale's currency, beside that of the actions.

    `accepted_by` is an account that bears the risk until the day `accepted_until`; `transferred_to` names who
    bears it instead (or shares the gain), `document_id` is what was agreed with them.
    """

    id: str
    project_id: str
    risk_id: str
    kind: str
    plan: str
    cost: float | None
    accepted_by: str | None
    accepted_until: date | None
    transferred_to: str
    document_id: str | None
    created_at: datetime
    revision: int


@entity("risk_action", hangs_on="risk_id")
@dataclass(frozen=True)
class Action:
    """Something to be done for a response. The effects are levels (0 to 4) by which it should lower likelihood and
    impact (of an opportunity: raise) once it is done; `cost` in the scale's currency."""

    id: str
    project_id: str
    risk_id: str
    title: str
    owner_id: str | None
    due: date | None
    cost: float | None
    likelihood_effect: int
    impact_effect: int
    done_at: datetime | None
    created_at: datetime
    revision: int


ACTION_FIELDS = frozenset({"title", "owner_id", "due", "cost", "likelihood_effect", "impact_effect"})


@dataclass(frozen=True)
class Planned:
    """What is planned for a risk; `cost` is of all of it, None where none is stated."""

    response: Response | None
    actions: tuple[Action, ...]

    @property
    def cost(self) -> float | None:
        """Response and actions together."""
        costs = [one.cost for one in (self.response, *self.actions) if one is not None and one.cost is not None]
        return sum(costs) if costs else None

    def expected(self, risk: Risk) -> tuple[int, int] | None:
        """The rating that should stand once all open actions are done; None where the risk was not judged.

        From the current one, by the effects of what is still open: what is done shows in the current rating.
        """
        rating = risk.rating("current")
        if rating is None:
            return None
        way = -1 if risk.kind == "threat" else 1
        still = [action for action in self.actions if action.done_at is None]
        effects = (sum(a.likelihood_effect for a in still), sum(a.impact_effect for a in still))
        likelihood, impact = (
            min(LEVELS, max(1, level + way * effect)) for level, effect in zip(rating, effects, strict=True)
        )
        return likelihood, impact


@in_project("risk.read")
def of(actor: Actor, project: str, risk: str) -> Planned:
    """What is planned for one risk. Raises NotFound when it does not exist for the actor."""
    seen = register.get(actor, project, risk)
    responses = db.all_of(Response, "WHERE risk_id = ?", [seen.id])
    return Planned(responses[0] if responses else None, tuple(db.all_of(Action, _IN_ORDER, [seen.id])))


@in_project("risk.read")
def every(actor: Actor, project: str) -> dict[str, Planned]:
    """What is planned for each risk that exists for the actor and has a plan, by its id."""
    exists, params = reading.reader(actor, project).condition("s")

    def those(kind: type[T], order: str) -> list[T]:
        entity = entity_of(kind)
        records = db.rows(
            f"""
            SELECT o.*
            FROM {entity.table} o
            JOIN subject s ON s.id = o.risk_id
            WHERE o.project_id = ? AND {exists}
            ORDER BY {order}
            """,
            [project, *params],
        )
        return [entity.loaded(record) for record in records]

    actions = those(Action, "o.due NULLS LAST, o.created_at, o.id")
    answered = {response.risk_id: response for response in those(Response, "o.id")}
    risks = dict.fromkeys([*answered, *(action.risk_id for action in actions)])
    return {
        risk: Planned(answered.get(risk), tuple(action for action in actions if action.risk_id == risk))
        for risk in risks
    }


@in_project("risk.edit")
def plan(
    actor: Actor, project: str, risk: str, *, kind: str, plan: str, cost: float | None = None,
    accepted_by: str | None = None, accepted_until: date | None = None, transferred_to: str = "",
    document_id: str | None = None, revision: int | None = None, at: datetime | None = None,
) -> Response:  # fmt: skip
    """Set the response to a risk; `revision` is that of the response that was read, None where there was none.

    Raises Invalid for a response that the kind of risk does not have, without a plan, without what its kind
    needs (who accepts and until when; to whom it is transferred) or with what belongs to another; NotFound for
    a document that does not exist for the actor; Conflict for a closed risk; Stale.
    """
    reader = reading.reader(actor, project)
    further = {"accepted_by": accepted_by, "accepted_until": accepted_until, "transferred_to": transferred_to.strip(),
               "document_id": document_id}  # fmt: skip
    values: dict[str, Any] = {"kind": kind, "plan": plan.strip(), "cost": cost, **further}
    with db.write(actor, at=at) as tx:
        seen = _open(tx, reader, project, risk)
        _check(tx, reader, project, seen, values)
        held = tx.all_of(Response, "WHERE risk_id = ?", [seen.id])
        if held:
            return tx.update(held[0], revision=0 if revision is None else revision, action="planned", **values)
        return tx.insert(Response(new_id(), project, seen.id, created_at=tx.at, revision=1, **values), action="planned")


@in_project("risk.edit")
def add_action(
    actor: Actor, project: str, risk: str, /, *, title: str, at: datetime | None = None, **more: Any
) -> Action:
    """Add something to be done (ACTION_FIELDS). Raises Invalid for an empty title or a wrong value, Conflict for a closed risk."""
    reader = reading.reader(actor, project)
    with db.write(actor, at=at) as tx:
        seen = _open(tx, reader, project, risk)
        blank = {"owner_id": None, "due": None, "cost": None, "likelihood_effect": 0, "impact_effect": 0}
        values = _checked_action(tx, project, blank | {"title": title} | more)
        return tx.insert(Action(new_id(), project, seen.id, done_at=None, created_at=tx.at, revision=1, **values))


@in_project("risk.edit")
def edit_action(
    actor: Actor, project: str, action: str, /, *, revision: int, at: datetime | None = None, **changes: Any
) -> Action:
    """Change something to be done (ACTION_FIELDS). Raises Stale, else as `add_action`."""
    reader = reading.reader(actor, project)
    with db.write(actor, at=at) as tx:
        held = _action(tx, reader, project, action)
        return tx.update(held, revision=revision, **_checked_action(tx, project, changes))


@in_project("risk.edit")
def finish_action(actor: Actor, project: str, action: str, *, done: bool = True, at: datetime | None = None) -> Action:
    """Say that something is done, or that it is not after all."""
    reader = reading.reader(actor, project)
    with db.write(actor, at=at) as tx:
        held = _action(tx, reader, project, action)
        return tx.update(
            held, action="finished" if done else "opened", done_at=(held.done_at or tx.at) if done else None
        )


@in_project("risk.edit")
def remove_action(actor: Actor, project: str, action: str) -> None:
    """Take something to be done off the list; the ledger keeps it."""
    reader = reading.reader(actor, project)
    with db.write(actor) as tx:
        tx.delete(_action(tx, reader, project, action))


_IN_ORDER = "WHERE risk_id = ? ORDER BY due NULLS LAST, created_at, id"


def _open(tx: db.Transaction, reader: Reader, project: str, risk: str) -> Risk:
    seen = register.found(tx.rows, reader, project, risk)
    if seen.state == "closed":
        raise Conflict(say("{code} is closed. Open it again first.", code=seen.code))
    return seen


def _action(tx: db.Transaction, reader: Reader, project: str, action: str) -> Action:
    """The action inside a transaction. Raises NotFound when its risk does not exist for `reader`, Conflict when that is closed."""
    held = tx.all_of(Action, "WHERE id = ? AND project_id = ?", [action, project])
    if not held:
        raise NotFound(db.GONE)
    try:
        _open(tx, reader, project, held[0].risk_id)
    except NotFound as error:
        raise NotFound(db.GONE) from error
    return held[0]


def _check(tx: db.Transaction, reader: Reader, project: str, risk: Risk, values: Mapping[str, Any]) -> None:
    kind = values["kind"]
    if kind not in KINDS[risk.kind]:
        raise Invalid(
            say("The responses to a threat are avoid, reduce, transfer, accept.") if risk.kind == "threat"
            else say("The responses to an opportunity are exploit, enhance, share, accept."), field="kind",
        )  # fmt: skip
    if not values["plan"]:
        raise Invalid(say("Say in words what the response is."), field="plan")
    _check_cost(values["cost"])
    missing = [name for name in NEEDED.get(kind, ()) if not values[name]]
    if missing:
        raise Invalid(
            say("An acceptance names who bears the risk and until when.") if kind == "accept"
            else say("Say to whom it is transferred or with whom it is shared."), field=missing[0],
        )  # fmt: skip
    if any(values[name] for name in FIELDS if name not in ALLOWED.get(kind, ())):
        raise Invalid(say("Some of this belongs to another kind of response. Empty those fields."), field="kind")
    if values["accepted_by"]:
        projects.require_member(tx, project, values["accepted_by"], field="accepted_by")
    if values["document_id"]:
        links.known(tx, reader, project, values["document_id"], ("document",))


def _checked_action(tx: db.Transaction, project: str, values: Mapping[str, Any]) -> dict[str, Any]:
    clean, unknown = dict(values), set(values) - ACTION_FIELDS
    if unknown:
        raise Invalid(say("An action has no field {field}.", field=", ".join(sorted(unknown))))
    if "title" in clean:
        clean["title"] = " ".join(clean["title"].split())
        if not clean["title"]:
            raise Invalid(say("Say what is to be done."), field="title")
    if "cost" in clean:
        _check_cost(clean["cost"])
    for name in ("likelihood_effect", "impact_effect"):
        if not 0 <= clean.get(name, 0) < LEVELS:
            raise Invalid(say("An effect is 0 to 4 levels."), field=name)
    if clean.get("owner_id"):
        projects.require_member(tx, project, clean["owner_id"], field="owner_id")
    return clean


def _check_cost(cost: float | None) -> None:
    if cost is not None and not 0 <= cost < float("inf"):
        raise Invalid(say("An amount of money is a number from 0 on, or empty."), field="cost")

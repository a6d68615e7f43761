"""Requirements: what was asked for, by whom, how urgently, and in which state it stands.

Neighbours: core/columns.py (the states), core/board.py (the filtered read), core/links.py,
core/checklists.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core import access, columns, db, links, projects, reading
from core.access import Actor, Standing, in_project
from core.columns import State
from core.errors import Conflict, Invalid, NotFound, Stale
from core.ids import new_id
from core.language import say
from core.rows import entity

PRIORITIES = ("must", "should", "could", "wont")


@entity("requirement", subject=True)
@dataclass(frozen=True)
class Requirement:
    """One thing that was asked for. `effort_hours` in hours; `state_since` is when it came into its column."""

    id: str
    project_id: str
    number: int
    code: str
    title: str
    statement: str
    rationale: str
    acceptance: tuple[str, ...]
    source_who: str
    source_when: date | None
    source_where: str
    priority: str
    constraints: str
    effort_hours: float | None
    owner_id: str | None
    labels: tuple[str, ...]
    due: date | None
    state_id: str
    state_since: datetime
    position: float
    clearance: str
    archived: bool
    created_at: datetime
    revision: int


@entity("label")
@dataclass(frozen=True)
class Label:
    """A word that requirements of a project are marked with; `colour` is a name, may be empty."""

    id: str
    project_id: str
    name: str
    colour: str
    revision: int


@dataclass(frozen=True)
class Draft:
    """What is known of a new requirement; only the title has to be."""

    title: str
    state: str | None = None
    statement: str = ""
    rationale: str = ""
    acceptance: tuple[str, ...] = ()
    source_who: str = ""
    source_when: date | None = None
    source_where: str = ""
    priority: str = "should"
    constraints: str = ""
    effort_hours: float | None = None
    owner_id: str | None = None
    labels: tuple[str, ...] = ()
    due: date | None = None
    clearance: str = "public"
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


EDITABLE = frozenset(Draft.__dataclass_fields__) - {"state", "links"} | {"archived"}


@in_project("requirement.read")
def get(actor: Actor, project: str, requirement: str) -> Requirement:
    """One requirement by its id or its code (REQ-12). Raises NotFound, also when not cleared for it."""
    own = access.standing(actor, project)
    found = db.one_of(
        Requirement,
        f"WHERE project_id = ? AND (id = ? OR code = ?) AND clearance IN ({db.marks(own.clearances)})",
        [project, requirement, requirement.upper(), *own.clearances],
    )
    if found is None:
        raise NotFound(say("There is no such requirement."))
    return found


@in_project("requirement.create")
def create(
    actor: Actor, project: str, draft: Draft, *, at: datetime | None = None, batch: str | None = None
) -> Requirement:
    """Add a requirement at the end of its column (the first one unless `draft.state` names another).

    Raises Invalid for an empty title or unknown values, Refused for a clearance above the actor's.
    """
    reader = reading.reader(actor, project)
    with db.write(actor, at=at, batch=batch) as tx:
        _check(tx, project, reader.standing, {name: getattr(draft, name) for name in EDITABLE - {"archived"}})
        state = columns.chosen(tx, project, draft.state)
        if state is None:
            raise Invalid(say("There is no such column."), field="state")
        fields = {name: getattr(draft, name) for name in EDITABLE - {"archived"}}
        fresh = tx.insert(fresh_requirement(tx, project, state, **fields))
        for kind, targets in draft.links.items():
            for target in targets:
                links.connect(tx, reader, fresh.id, project=project, kind=kind, target=target)
        return fresh


@in_project("requirement.edit")
def edit(
    actor: Actor,
    project: str,
    requirement: str,
    /,
    *,
    revision: int,
    was: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    batch: str | None = None,
    **changes: Any,
) -> Requirement:
    """Change fields of a requirement (EDITABLE).

    Raises Stale when it moved on since `revision`. With `was`, the values that the writer started
    from, only a field that somebody else changed too is stale: two people may mend two things.
    """
    own = access.standing(actor, project)
    with db.write(actor, at=at, batch=batch) as tx:
        found = seen(tx, own, project, requirement)
        unknown = set(changes) - EDITABLE
        if unknown:
            raise Invalid(say("A requirement has no field {field}.", field=", ".join(sorted(unknown))))
        _check(tx, project, own, changes)
        if was is not None and all(name in was and getattr(found, name) == was[name] for name in changes):
            revision = found.revision
        return tx.update(found, revision=revision, **_clean(changes))


@in_project("requirement.move")
def move(
    actor: Actor,
    project: str,
    requirements: Sequence[str],
    *,
    state: str,
    before: str | None = None,
    after: str | None = None,
    was: Mapping[str, str] | None = None,
    revisions: Mapping[str, int] | None = None,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    at: datetime | None = None,
    batch: str | None = None,
) -> list[Requirement]:
    """Put cards into a column in the given order: below the card `after`, else above `before`, else at its end.

    A neighbour that is no longer in the column is passed over. `was` holds the column in which the
    mover saw each card; Stale is raised when somebody took it elsewhere meanwhile. (`revisions` is
    the strict form: any change since is stale.) `changes` are fields that a lane stands for, by card;
    they ask for requirement.edit. All of it is one batch.
    """
    own = access.standing(actor, project)
    if changes:
        access.require(actor, "requirement.edit", project)
    with db.write(actor, at=at, batch=batch) as tx:
        target = tx.get(State, state)
        if target.project_id != project or target.archived:
            raise NotFound(say("There is no such column."))
        cards = [seen(tx, own, project, requirement) for requirement in dict.fromkeys(requirements)]
        for card in cards:
            _check_movable(tx, card, target, (was or {}).get(card.id, card.state_id))
        moved = []
        for card, position in zip(cards, _places(tx, target, cards, before, after), strict=True):
            fields = _clean((changes or {}).get(card.id, {}))
            if set(fields) - EDITABLE:
                raise Invalid(
                    say("A requirement has no field {field}.", field=", ".join(sorted(set(fields) - EDITABLE)))
                )
            _check(tx, project, own, fields)
            # With the column goes the age; the order alone leaves it.
            new_column = {"state_id": target.id, "state_since": tx.at} if card.state_id != target.id else {}
            moved.append(
                tx.update(
                    card,
                    revision=(revisions or {}).get(card.id),
                    action="moved" if new_column else "changed" if fields else "ordered",
                    about=_from_to(tx, card, target),
                    position=position,
                    **new_column,
                    **fields,
                )
            )
        return moved


# For other modules of core/ that write requirements inside a transaction of their own (imports, undo).


def fresh_requirement(tx: db.Transaction, project: str, state: State, **fields: Any) -> Requirement:
    """A requirement with the project's next code at the end of `state`, not yet inserted."""
    number = int(tx.value("SELECT COALESCE(MAX(number), 0) FROM requirement WHERE project_id = ?", [project])) + 1
    last = tx.value("SELECT MAX(position) FROM requirement WHERE state_id = ?", [state.id])
    defaults = {name: getattr(_BLANK, name) for name in EDITABLE - {"archived"}}
    values = defaults | {
        "id": new_id(), "project_id": project, "number": number, "code": f"REQ-{number:02d}",
        "state_id": state.id, "state_since": tx.at, "position": (last or 0.0) + 1.0, "archived": False,
        "created_at": tx.at, "revision": 1,
    } | _clean(fields)  # fmt: skip
    return Requirement(**values)


def seen(tx: db.Transaction, own: Standing, project: str, requirement: str) -> Requirement:
    """The requirement inside a transaction. Raises NotFound when it does not exist for `own`."""
    found = tx.all_of(Requirement, "WHERE id = ? AND project_id = ?", [requirement, project])
    if not found or not own.cleared(found[0].clearance):
        raise NotFound(say("There is no such requirement."))
    return found[0]


_BLANK = Draft(title="")


def _clean(changes: Mapping[str, Any]) -> dict[str, Any]:
    """A title on one line; labels once each; criteria without empty lines."""
    cleaned = dict(changes)
    if "title" in cleaned:
        cleaned["title"] = " ".join(cleaned["title"].split())
    if "labels" in cleaned:
        cleaned["labels"] = tuple(dict.fromkeys(label.strip() for label in cleaned["labels"] if label.strip()))
    if "acceptance" in cleaned:
        cleaned["acceptance"] = tuple(line.strip() for line in cleaned["acceptance"] if line.strip())
    return cleaned


def _check(tx: db.Transaction, project: str, own: Standing, values: Mapping[str, Any]) -> None:
    if "title" in values and not values["title"].strip():
        raise Invalid(say("A requirement needs a title."), field="title")
    if "title" in values and len(values["title"]) > 300:
        raise Invalid(say("A title has 300 characters at most; the rest belongs into the statement."), field="title")
    if values.get("priority", "must") not in PRIORITIES:
        raise Invalid(say("A priority is one of must, should, could, wont."), field="priority")
    if not 0 <= (values.get("effort_hours") or 0) < float("inf"):
        raise Invalid(say("An effort is a number of hours from 0 upwards."), field="effort_hours")
    if "clearance" in values:
        if values["clearance"] not in access.CLEARANCES:
            raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
        access.require_clearance(own, values["clearance"])
    if values.get("owner_id"):
        projects.require_member(tx, project, values["owner_id"], field="owner_id")


NARROW = 1e-6
"""Two positions nearer than this get no card between them: the column is numbered anew first."""


def _check_movable(tx: db.Transaction, card: Requirement, target: State, was: str) -> None:
    if card.archived:
        raise Conflict(say("{code} is archived. Bring it back first.", code=card.code))
    if card.state_id not in (was, target.id):
        name = tx.value("SELECT name FROM requirement_state WHERE id = ?", [card.state_id])
        raise Stale(
            say("Somebody moved {code} to “{column}” meanwhile. It stays there.", code=card.code, column=name),
            theirs={"state_id": card.state_id},
            mine={"state_id": target.id},
            revision=card.revision,
        )


def _places(
    tx: db.Transaction, state: State, moving: Sequence[Requirement], before: str | None, after: str | None
) -> list[float]:
    """A position for each moving card, between its new neighbours."""
    ids = {card.id for card in moving}
    # Not the cards themselves: a column of hundreds would cost more than all the rest of a drop.
    standing = {
        record["id"]: record["position"]
        for record in tx.rows(
            "SELECT id, position FROM requirement WHERE state_id = ? ORDER BY position, number", [state.id]
        )
        if record["id"] not in ids
    }
    index = _index(list(standing), before, after)
    places = _between(list(standing.values()), index, len(moving))
    if places is None:
        # Halved too often, or several at one place (imports): whole numbers again, in the same batch.
        for number, card in enumerate(standing):
            tx.update(
                tx.get(Requirement, card), action="ordered",
                position=float(number + 1 + (len(moving) if number >= index else 0)),
            )  # fmt: skip
        return [float(index + 1 + step) for step in range(len(moving))]
    return places


def _index(standing: Sequence[str], before: str | None, after: str | None) -> int:
    """Where in the column, among the cards with these ids, the moving ones go in."""
    places = {card: index for index, card in enumerate(standing)}
    if after in places:
        return places[after] + 1
    return places.get(before or "", len(standing))


def _between(standing: Sequence[float], index: int, count: int) -> list[float] | None:
    """`count` rising positions before `standing[index]`, or None when there is no room.

    >>> _between([1.0, 2.0], 1, 1)
    [1.5]
    >>> _between([1.0], 1, 2)
    [2.0, 3.0]
    """
    if index == len(standing):
        low = standing[-1] if standing else 0.0
        return [low + 1.0 + step for step in range(count)]
    high = standing[index]
    low = standing[index - 1] if index else high - count - 1.0
    step = (high - low) / (count + 1)
    return [low + step * (number + 1) for number in range(count)] if step >= NARROW else None


def _from_to(tx: db.Transaction, found: Requirement, target: State) -> dict[str, Any]:
    """The names of both columns, kept with the event: a column may be renamed later."""
    if found.state_id == target.id:
        return {}
    return {"note": f"{tx.value('SELECT name FROM requirement_state WHERE id = ?', [found.state_id])} → {target.name}"}

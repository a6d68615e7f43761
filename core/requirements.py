"""Requirements: what was asked for, by whom, how urgently, and in which state it stands.

A state is a column of the board. A project names and orders its own; each maps to one of five
categories, so that figures mean the same in every project (open, agreed, active, done, dropped).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core import access, db
from core.access import Actor, Standing, in_project
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.language import Message, say
from core.rows import entity, entity_of

CATEGORIES = ("open", "agreed", "active", "done", "dropped")
PRIORITIES = ("must", "should", "could", "wont")
LINK_KINDS = ("depends on", "refines", "conflicts with", "document")

DEFAULT_STATES: tuple[tuple[Message, str], ...] = (
    (say("Draft"), "open"),
    (say("Proposed"), "open"),
    (say("Agreed"), "agreed"),
    (say("In progress"), "active"),
    (say("Done"), "done"),
    (say("Rejected"), "dropped"),
)
"""The columns of a new project, in its language."""


@entity("requirement_state")
@dataclass(frozen=True)
class State:
    """A column of the board. `wip_limit` warns above that many cards, None never does."""

    id: str
    project_id: str
    name: str
    category: str
    position: int
    wip_limit: int | None
    archived: bool
    revision: int


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


@entity("requirement_link", hangs_on="requirement_id")
@dataclass(frozen=True)
class Link:
    """From a requirement to another one or to a document."""

    id: str
    project_id: str
    requirement_id: str
    kind: str
    target_id: str


@entity("label")
@dataclass(frozen=True)
class Label:
    """A word that requirements of a project are marked with; `colour` is a name, may be empty."""

    id: str
    project_id: str
    name: str
    colour: str
    revision: int


@entity("checklist", hangs_on="requirement_id")
@dataclass(frozen=True)
class Checklist:
    """A list of small things to do for a requirement."""

    id: str
    project_id: str
    requirement_id: str
    title: str
    position: float
    revision: int


@entity("checklist_item", hangs_on="requirement_id")
@dataclass(frozen=True)
class ChecklistItem:
    """One thing of a checklist."""

    id: str
    project_id: str
    requirement_id: str
    checklist_id: str
    title: str
    done: bool
    position: float
    revision: int


@entity("attachment", hangs_on="requirement_id")
@dataclass(frozen=True)
class Attachment:
    """A file that stayed elsewhere: name, address and size in bytes where known."""

    id: str
    project_id: str
    requirement_id: str
    name: str
    url: str
    size: int | None
    created_at: datetime
    revision: int


@dataclass(frozen=True)
class Filters:
    """What a reader wants to see of a board; empty means everything."""

    text: str = ""
    owners: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    mine: bool = False
    overdue: bool = False
    archived: bool = False
    today: date | None = None


@dataclass(frozen=True)
class Card:
    """A requirement as the board shows it, with what has to be counted elsewhere."""

    requirement: Requirement
    owner_name: str
    comments: int
    documents: int


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
def states(actor: Actor, project: str) -> list[State]:
    """The project's columns, left to right."""
    return db.all_of(State, "WHERE project_id = ? AND NOT archived ORDER BY position", [project])


@in_project("requirement.read")
def listed(actor: Actor, project: str, filters: Filters | None = None) -> list[Card]:
    """The cards that exist for the actor and pass `filters`, in the order of their columns."""
    own = access.standing(actor, project)
    where, params = _where(actor, filters or Filters())
    notes = "TRUE" if own.may("note.read") else "NOT c.internal"
    records = db.rows(
        f"""
        SELECT r.*, COALESCE(a.name, '') AS owner_name,
               COALESCE(c.n, 0) AS comments, COALESCE(d.n, 0) AS documents
        FROM requirement r
        LEFT JOIN account a ON a.id = r.owner_id
        LEFT JOIN (
            SELECT c.subject_id, COUNT(*) AS n
            FROM comment c
            WHERE c.project_id = ? AND {notes}
            GROUP BY c.subject_id
        ) c ON c.subject_id = r.id
        LEFT JOIN (
            SELECT l.requirement_id, COUNT(*) AS n
            FROM requirement_link l
            JOIN subject s ON s.id = l.target_id
            WHERE l.project_id = ? AND l.kind = 'document' AND s.clearance IN ({db.marks(own.clearances)})
            GROUP BY l.requirement_id
        ) d ON d.requirement_id = r.id
        WHERE r.project_id = ? AND r.clearance IN ({db.marks(own.clearances)}) {where}
        ORDER BY r.position, r.number
        """,
        [project, project, *own.clearances, project, *own.clearances, *params],
    )
    kind = _ENTITY
    return [Card(kind.loaded(r), r["owner_name"], r["comments"], r["documents"]) for r in records]


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
def create(actor: Actor, project: str, draft: Draft, *, at: datetime | None = None) -> Requirement:
    """Add a requirement at the end of its column (the first one unless `draft.state` names another).

    Raises Invalid for an empty title or unknown values, Refused for a clearance above the actor's.
    """
    own = access.standing(actor, project)
    with db.write(actor, at=at) as tx:
        _check(tx, project, own, {name: getattr(draft, name) for name in EDITABLE - {"archived"}})
        columns = ensure_states(tx, project)
        state = next((s for s in columns if s.id == draft.state), None) if draft.state else columns[0]
        if state is None:
            raise Invalid(say("There is no such column."), field="state")
        fields = {name: getattr(draft, name) for name in EDITABLE - {"archived"}}
        fresh = tx.insert(fresh_requirement(tx, project, state, **fields))
        for kind, targets in draft.links.items():
            for target in targets:
                _link(tx, own, fresh, kind, target)
        return fresh


@in_project("requirement.edit")
def edit(
    actor: Actor, project: str, requirement: str, /, *, revision: int, at: datetime | None = None, **changes: Any
) -> Requirement:
    """Change fields of a requirement (EDITABLE). Raises Stale when it moved on since `revision`."""
    own = access.standing(actor, project)
    with db.write(actor, at=at) as tx:
        found = seen(tx, own, project, requirement)
        unknown = set(changes) - EDITABLE
        if unknown:
            raise Invalid(say("A requirement has no field {field}.", field=", ".join(sorted(unknown))))
        _check(tx, project, own, changes)
        return tx.update(found, revision=revision, **_clean(changes))


@in_project("requirement.move")
def move(
    actor: Actor,
    project: str,
    requirements: Sequence[str],
    *,
    state: str,
    before: str | None = None,
    revisions: Mapping[str, int] | None = None,
    at: datetime | None = None,
) -> list[Requirement]:
    """Put cards into a column, above the card `before` or at its end, in the given order.

    `revisions` are the ones the mover saw, by id; Stale is raised when a card has moved on since.
    """
    own = access.standing(actor, project)
    with db.write(actor, at=at) as tx:
        target = tx.get(State, state)
        if target.project_id != project or target.archived:
            raise NotFound(say("There is no such column."))
        moved = []
        for requirement, position in zip(requirements, _gaps(tx, target, requirements, before), strict=True):
            found = seen(tx, own, project, requirement)
            changes: dict[str, Any] = {"position": position}
            if found.state_id != target.id:
                changes |= {"state_id": target.id, "state_since": tx.at}
            action = "moved" if "state_id" in changes else "ordered"
            moved.append(
                tx.update(
                    found,
                    revision=(revisions or {}).get(requirement),
                    action=action,
                    about=_from_to(tx, found, target),
                    **changes,
                )
            )
        return moved


@in_project("requirement.edit")
def link(actor: Actor, project: str, requirement: str, *, kind: str, target: str) -> Link:
    """Connect a requirement with another one or a document of the project.

    Raises Invalid for an unknown kind or itself, NotFound for a target that does not exist for the
    actor, Conflict when it is linked already.
    """
    own = access.standing(actor, project)
    with db.write(actor) as tx:
        return _link(tx, own, seen(tx, own, project, requirement), kind, target)


@in_project("requirement.edit")
def unlink(actor: Actor, project: str, link_id: str) -> None:
    """Remove a link."""
    own = access.standing(actor, project)
    with db.write(actor) as tx:
        found = tx.get(Link, link_id)
        seen(tx, own, project, found.requirement_id)
        tx.delete(found)


@dataclass(frozen=True)
class Linked:
    """A link as read from one of its ends: `outgoing` when it starts here."""

    id: str
    kind: str
    outgoing: bool
    target_id: str
    entity: str
    code: str
    title: str


@in_project("requirement.read")
def links(actor: Actor, project: str, requirement: str) -> list[Linked]:
    """What a requirement is connected with, both ways, as far as it exists for the actor."""
    own = access.standing(actor, project)
    found = get(actor, project, requirement)
    return [
        Linked(**record)
        for record in db.rows(
            f"""
            SELECT l.id, l.kind, l.requirement_id = ? AS outgoing, s.id AS target_id, s.entity,
                   COALESCE(s.code, '') AS code, s.title
            FROM requirement_link l
            JOIN subject s ON s.id = CASE WHEN l.requirement_id = ? THEN l.target_id ELSE l.requirement_id END
            WHERE (l.requirement_id = ? OR l.target_id = ?) AND s.clearance IN ({db.marks(own.clearances)})
            ORDER BY l.kind, s.code
            """,
            [found.id, found.id, found.id, found.id, *own.clearances],
        )
    ]


@in_project("requirement.configure")
def configure_states(actor: Actor, project: str, columns: Sequence[State]) -> list[State]:
    """Rename, add, order and remove columns: what is given is what stands, left to right.

    A column with an empty id is new. Raises Invalid without a name or with an unknown category or a
    limit below 1, Conflict when a column that holds cards is left out, Stale as every edit.
    """
    with db.write(actor) as tx:
        standing = {state.id: state for state in ensure_states(tx, project)}
        if not columns:
            raise Invalid(say("A board needs at least one column."))
        for position, column in enumerate(columns):
            if not column.name.strip():
                raise Invalid(say("A column needs a name."), field="name")
            if column.category not in CATEGORIES:
                raise Invalid(
                    say("A column's category is one of open, agreed, active, done, dropped."), field="category"
                )
            if column.wip_limit is not None and column.wip_limit < 1:
                raise Invalid(say("A limit is a number from 1 upwards, or empty."), field="wip_limit")
            known = standing.pop(column.id, None)
            if known is None:
                tx.insert(
                    State(new_id(), project, column.name.strip(), column.category, position, column.wip_limit, False, 1)
                )
            else:
                tx.update(
                    known, revision=column.revision, name=column.name.strip(), category=column.category,
                    position=position, wip_limit=column.wip_limit,
                )  # fmt: skip
        for left_out in standing.values():
            held = tx.value("SELECT COUNT(*) FROM requirement WHERE state_id = ?", [left_out.id])
            if held:
                raise Conflict(
                    say("“{name}” still holds {count} cards. Move them first.", name=left_out.name, count=held)
                )
            tx.update(left_out, action="removed", archived=True)
        return tx.all_of(State, "WHERE project_id = ? AND NOT archived ORDER BY position", [project])


@in_project("requirement.read")
def labels(actor: Actor, project: str) -> list[str]:
    """The words that requirements of the project are marked with, by name."""
    own = access.standing(actor, project)
    return [
        record["name"]
        for record in db.rows(
            f"""
            SELECT name FROM label WHERE project_id = ?
            UNION
            SELECT UNNEST(from_json(labels, '["VARCHAR"]'))
            FROM requirement
            WHERE project_id = ? AND NOT archived AND clearance IN ({db.marks(own.clearances)})
            ORDER BY 1
            """,
            [project, project, *own.clearances],
        )
    ]


# For other modules of core/ that write requirements inside a transaction of their own (imports, undo).


def ensure_states(tx: db.Transaction, project: str) -> list[State]:
    """The project's columns; a project without any gets DEFAULT_STATES in its language."""
    found = tx.all_of(State, "WHERE project_id = ? AND NOT archived ORDER BY position", [project])
    if found:
        return found
    language = tx.value("SELECT language FROM project WHERE id = ?", [project])
    return [
        tx.insert(State(new_id(), project, name.text(language), category, position, None, False, 1))
        for position, (name, category) in enumerate(DEFAULT_STATES)
    ]


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
_ENTITY = entity_of(Requirement)


def _clean(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Text without space around it; labels once each."""
    cleaned = dict(changes)
    if "title" in cleaned:
        cleaned["title"] = cleaned["title"].strip()
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
    if (values.get("effort_hours") or 0) < 0:
        raise Invalid(say("An effort is a number of hours from 0 upwards."), field="effort_hours")
    if "clearance" in values:
        if values["clearance"] not in access.CLEARANCES:
            raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
        access.require_clearance(own, values["clearance"])
    owner = values.get("owner_id")
    if owner and not tx.value(
        """
        SELECT COUNT(*)
        FROM account a
        LEFT JOIN membership m ON m.account_id = a.id AND m.project_id = ?
        WHERE a.id = ? AND (m.id IS NOT NULL OR a.administrator)
        """,
        [project, owner],
    ):
        raise Invalid(say("An owner is a member of the project."), field="owner_id")


def _link(tx: db.Transaction, own: Standing, source: Requirement, kind: str, target: str) -> Link:
    if kind not in LINK_KINDS:
        raise Invalid(say("There is no such kind of link."), field="kind")
    if target == source.id:
        raise Invalid(say("A requirement can't be linked with itself."), field="target")
    found = tx.rows(
        f"""
        SELECT entity FROM subject
        WHERE id = ? AND project_id = ? AND clearance IN ({db.marks(own.clearances)})
        """,
        [target, source.project_id, *own.clearances],
    )
    expected = "document" if kind == "document" else "requirement"
    if not found or found[0]["entity"] != expected:
        raise NotFound(say("What you want to link does not exist."))
    if tx.value(
        "SELECT COUNT(*) FROM requirement_link WHERE requirement_id = ? AND target_id = ? AND kind = ?",
        [source.id, target, kind],
    ):
        raise Conflict(say("These are linked already."))
    return tx.insert(Link(new_id(), source.project_id, source.id, kind, target), action="linked")


def _gaps(tx: db.Transaction, state: State, moving: Sequence[str], before: str | None) -> list[float]:
    """Positions for the moving cards: above `before`, or after the last card of the column."""
    standing = [
        r for r in tx.rows("SELECT id, position FROM requirement WHERE state_id = ? ORDER BY position, number", [state.id])
        if r["id"] not in moving
    ]  # fmt: skip
    index = next((i for i, r in enumerate(standing) if r["id"] == before), len(standing))
    low = standing[index - 1]["position"] if index else (standing[0]["position"] - len(moving) - 1 if standing else 0.0)
    if index == len(standing):
        return [low + 1.0 + step for step in range(len(moving))]
    high = standing[index]["position"]
    return [low + (high - low) * (step + 1) / (len(moving) + 1) for step in range(len(moving))]


def _from_to(tx: db.Transaction, found: Requirement, target: State) -> dict[str, Any]:
    """The names of both columns, kept with the event: a column may be renamed later."""
    if found.state_id == target.id:
        return {}
    return {"note": f"{tx.value('SELECT name FROM requirement_state WHERE id = ?', [found.state_id])} → {target.name}"}


def _where(actor: Actor, filters: Filters) -> tuple[str, list[Any]]:
    """The rest of the WHERE clause of a filtered board."""
    clauses: list[str] = ["r.archived = ?"]
    params: list[Any] = [filters.archived]
    if filters.text.strip():
        clauses.append("(contains(lower(r.title || ' ' || r.statement || ' ' || r.code), lower(?)))")
        params.append(filters.text.strip())
    owners = (*filters.owners, actor.id) if filters.mine else filters.owners
    for column, chosen in (("r.owner_id", owners), ("r.priority", filters.priorities)):
        if chosen:
            clauses.append(f"{column} IN ({db.marks(chosen)})")
            params += chosen
    for label in filters.labels:
        clauses.append("list_contains(from_json(r.labels, '[\"VARCHAR\"]'), ?)")
        params.append(label)
    if filters.overdue and filters.today:
        clauses.append(
            "r.due < ? AND r.state_id IN (SELECT id FROM requirement_state WHERE category NOT IN ('done', 'dropped'))"
        )
        params.append(filters.today)
    return "".join(f" AND {clause}" for clause in clauses), params

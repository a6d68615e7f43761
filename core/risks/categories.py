"""Where risks come from: a tree of categories, the guide's four to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core import db
from core.access import Actor, in_project
from core.errors import Conflict, Invalid
from core.ids import new_id
from core.language import Message, say
from core.rows import entity

SHIPPED: tuple[Message, ...] = (say("Technical"), say("Management"), say("Market"), say("External"))
"""The categories of a new project, in its language."""


@entity("risk_category")
@dataclass(frozen=True)
class Category:
    """One source of risks; `parent_id` is None at the top."""

    id: str
    project_id: str
    name: str
    parent_id: str | None
    position: int
    archived: bool
    revision: int


@in_project("risk.read")
def listed(actor: Actor, project: str) -> list[Category]:
    """The categories in their order, parents before children.

    Before anything was written down these are the ones that ship; their ids are good for `configure` and
    for a new risk, which make them true.
    """
    return _in_order(standing(db.rows, project))


@in_project("risk.configure")
def configure(actor: Actor, project: str, wanted: Sequence[Category], *, at: datetime | None = None) -> list[Category]:
    """Name, add, order, nest and remove categories: what is given is what stands, in this order.

    One with an empty id is new; a child names its parent by id. Raises Invalid without a name, twice the
    same name under one parent, or for a parent that is missing or its own descendant; Conflict when one
    that risks are filed under is left out; Stale as every edit.
    """
    with db.write(actor, at=at) as tx:
        known = {category.id: category for category in ensure(tx, project)}
        promised = {_promised(category.position): category.id for category in known.values()}
        fresh = [replace(c, id=promised.get(c.id, c.id) or new_id(),
                         parent_id=promised.get(c.parent_id or "", c.parent_id)) for c in wanted]  # fmt: skip
        _check(fresh)
        for position, category in enumerate(fresh):
            name = " ".join(category.name.split())
            held = known.pop(category.id, None)
            if held is None:
                tx.insert(Category(category.id, project, name, category.parent_id, position, False, 1))
            else:
                tx.update(held, revision=category.revision, name=name, parent_id=category.parent_id, position=position)
        for left_out in known.values():
            if tx.value("SELECT COUNT(*) FROM risk WHERE category_id = ?", [left_out.id]):
                raise Conflict(say("Risks are filed under “{name}”. File them elsewhere first.", name=left_out.name))
            tx.update(left_out, action="removed", archived=True)
        return _in_order(standing(tx.rows, project))


# For other modules of core/risks, inside a transaction of theirs.


def ensure(tx: db.Transaction, project: str) -> list[Category]:
    """The project's categories; a project without any gets SHIPPED in its language."""
    found = tx.all_of(Category, "WHERE project_id = ? AND NOT archived ORDER BY position", [project])
    if found:
        return found
    return [tx.insert(replace(category, id=new_id())) for category in standing(tx.rows, project)]


def chosen(tx: db.Transaction, project: str, category: str | None) -> str | None:
    """The id of a category, also while it was only promised. Raises Invalid for one that there is not."""
    if category is None:
        return None
    for held in ensure(tx, project):
        if category in (held.id, _promised(held.position)):
            return held.id
    raise Invalid(say("There is no such category."), field="category_id")


def standing(rows: db.Rows, project: str) -> list[Category]:
    """The project's categories, or the promised ones; for callers that have asked."""
    found = rows("SELECT * FROM risk_category WHERE project_id = ? AND NOT archived ORDER BY position", [project])
    if found:
        return [Category(**record) for record in found]
    language = rows("SELECT language FROM project WHERE id = ?", [project])[0]["language"]
    return [
        Category(_promised(position), project, name.text(language), None, position, False, 1)
        for position, name in enumerate(SHIPPED)
    ]


def _check(wanted: Sequence[Category]) -> None:
    ids = {category.id: category for category in wanted}
    if len({(c.parent_id, c.name.strip().casefold()) for c in wanted}) < len(wanted):
        raise Invalid(say("Two categories have the same name. Give each its own."), field="name")
    for category in wanted:
        if not category.name.strip():
            raise Invalid(say("A category needs a name."), field="name")
        above, seen = category.parent_id, {category.id}
        while above is not None:
            if above not in ids or above in seen:
                raise Invalid(say("“{name}” can't stand there.", name=category.name), field="parent_id")
            seen.add(above)
            above = ids[above].parent_id


def _in_order(found: Sequence[Category]) -> list[Category]:
    def under(parent: str | None) -> list[Category]:
        return [one for c in found if c.parent_id == parent for one in (c, *under(c.id))]

    return under(None)


def _promised(position: int) -> str:
    """The id of a category that nobody has written down yet."""
    return f"promised-{position}"

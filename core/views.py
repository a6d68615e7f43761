"""Views of the board that somebody named, for themselves or for the project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import access, db
from core.access import Actor, in_project
from core.errors import Conflict, Invalid, NotFound, Refused
from core.ids import new_id
from core.language import say
from core.rows import entity


@entity("saved_view")
@dataclass(frozen=True)
class SavedView:
    """A name for a query of the board's address; `shared` shows it to everybody in the project."""

    id: str
    project_id: str
    owner_id: str
    name: str
    query: str
    shared: bool
    created_at: datetime
    revision: int


@in_project("requirement.read")
def listed(actor: Actor, project: str) -> list[SavedView]:
    """The actor's own views and the shared ones, by name."""
    return db.all_of(SavedView, "WHERE project_id = ? AND (shared OR owner_id = ?) ORDER BY name", [project, actor.id])


@in_project("view.save")
def save(
    actor: Actor, project: str, *, name: str, query: str, shared: bool = False, at: datetime | None = None
) -> SavedView:
    """Name a view; one's own view of the same name is replaced.

    Raises Invalid without a name or for a query that is none, Refused for a shared one without
    requirement.edit, Conflict when somebody else shares a view of that name.
    """
    name = name.strip()
    if not name or len(name) > 80:
        raise Invalid(say("A view needs a name of 80 characters at most."), field="name")
    if len(query) > 2000:
        raise Invalid(say("This view is too long to be saved."), field="query")
    if shared:
        access.require(actor, "requirement.edit", project)
    with db.write(actor, at=at) as tx:
        same = tx.all_of(SavedView, "WHERE project_id = ? AND name = ? AND (shared OR owner_id = ?)",
                         [project, name, actor.id])  # fmt: skip
        own = next((view for view in same if view.owner_id == actor.id), None)
        if shared and any(view.shared and view.owner_id != actor.id for view in same):
            raise Conflict(say("There is a shared view “{name}” already.", name=name))
        if own:
            return tx.update(own, query=query.lstrip("?"), shared=shared)
        return tx.insert(SavedView(new_id(), project, actor.id, name, query.lstrip("?"), shared, tx.at, 1))


@in_project("view.save")
def remove(actor: Actor, project: str, view: str) -> None:
    """Remove one's own view, or, as a manager of the project, a shared one."""
    own = access.standing(actor, project)
    with db.write(actor) as tx:
        found = tx.get(SavedView, view)
        if found.project_id != project or not (found.shared or found.owner_id == actor.id):
            raise NotFound(db.GONE)
        if found.owner_id != actor.id and not own.may("requirement.configure"):
            raise Refused(say("A shared view is removed by the one who saved it, or by a manager."))
        tx.delete(found)

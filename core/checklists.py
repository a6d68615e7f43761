"""Small things to do for a requirement, and files that stayed elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import access, db, requirements
from core.access import Actor, in_project
from core.rows import entity


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
class Listed:
    """A checklist with its items, in their order."""

    checklist: Checklist
    items: tuple[ChecklistItem, ...]


@in_project("requirement.read")
def listed(actor: Actor, project: str, requirement: str) -> list[Listed]:
    """The checklists of a requirement. Raises NotFound, also when not cleared for it."""
    found = requirements.get(actor, project, requirement)
    items = db.all_of(ChecklistItem, "WHERE requirement_id = ? ORDER BY position, id", [found.id])
    return [
        Listed(checklist, tuple(item for item in items if item.checklist_id == checklist.id))
        for checklist in db.all_of(Checklist, "WHERE requirement_id = ? ORDER BY position, id", [found.id])
    ]


@in_project("requirement.edit")
def tick(actor: Actor, project: str, item: str, *, done: bool) -> ChecklistItem:
    """Say that an item is done, or that it is not after all."""
    own = access.standing(actor, project)
    with db.write(actor) as tx:
        found = tx.get(ChecklistItem, item)
        requirements.seen(tx, own, project, found.requirement_id)
        return tx.update(found, action="ticked" if done else "unticked", done=done)


@in_project("requirement.read")
def attachments(actor: Actor, project: str, requirement: str) -> list[Attachment]:
    """Files of a requirement that stayed elsewhere, oldest first."""
    found = requirements.get(actor, project, requirement)
    return db.all_of(Attachment, "WHERE requirement_id = ? ORDER BY created_at, id", [found.id])

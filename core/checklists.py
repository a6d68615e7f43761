"""Small things to do for a requirement, and files that stayed elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import access, db, requirements
from core.access import Actor, in_project
from core.errors import Invalid
from core.ids import new_id
from core.language import say
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
def add(
    actor: Actor, project: str, requirement: str, *, title: str, items: Sequence[str], at: datetime | None = None
) -> Listed:
    """Give a requirement one more checklist with its items, none of them done.

    Raises Invalid for an empty title or item, NotFound for a requirement that does not exist for the actor.
    """
    own = access.standing(actor, project)
    if not all(words.strip() for words in (title, *items)):
        raise Invalid(say("A checklist and each of its items need words."), field="title")
    with db.write(actor, at=at) as tx:
        found = requirements.seen(tx, own, project, requirement)
        last = tx.value("SELECT MAX(position) FROM checklist WHERE requirement_id = ?", [found.id])
        fresh = tx.insert(Checklist(new_id(), project, found.id, title.strip(), (last or 0.0) + 1.0, 1))
        return Listed(fresh, tuple(
            tx.insert(ChecklistItem(new_id(), project, found.id, fresh.id, words.strip(), False, place + 1.0, 1))
            for place, words in enumerate(items)
        ))  # fmt: skip


@in_project("requirement.edit")
def tick(actor: Actor, project: str, item: str, *, done: bool, at: datetime | None = None) -> ChecklistItem:
    """Say that an item is done, or that it is not after all."""
    own = access.standing(actor, project)
    with db.write(actor, at=at) as tx:
        found = tx.get(ChecklistItem, item)
        requirements.seen(tx, own, project, found.requirement_id)
        return tx.update(found, action="ticked" if done else "unticked", done=done)


@in_project("requirement.read")
def attachments(actor: Actor, project: str, requirement: str) -> list[Attachment]:
    """Files of a requirement that stayed elsewhere, oldest first."""
    found = requirements.get(actor, project, requirement)
    return db.all_of(Attachment, "WHERE requirement_id = ? ORDER BY created_at, id", [found.id])

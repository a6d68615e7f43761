"""Small things to do for a requirement, and files that stayed elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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

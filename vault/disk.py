"""The room on the disk of the data folder, for those who look after it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from core import db
from core.access import Actor, in_organisation
from vault import documents


@dataclass(frozen=True)
class Disk:
    """The disk of the data folder, in bytes; below `reserve` nothing more is taken."""

    free: int
    total: int
    reserve: int

    @property
    def low(self) -> bool:
        """Whether it is time to do something: twice the reserve is left, or less."""
        return self.free < 2 * self.reserve


@in_organisation("quota.manage")
def state(actor: Actor) -> Disk:
    """What is left there. Raises Unavailable without a vault."""
    found = shutil.disk_usage(db.database().home)
    return Disk(found.free, found.total, documents.vault().reserve)

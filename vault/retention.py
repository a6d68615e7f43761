"""How long documents are kept: as many years after the end of the project as their class says (vault/class_rules.py).

What has ever been approved is a record: it is kept until then. What never was may go before, from the
trash (vault/disposal.py). A legal hold keeps both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core import db, projects, reading
from core.access import Actor, in_project, open_to_all
from core.db import Rows
from core.projects import Project
from vault import class_rules, documents, holds
from vault.documents import Document
from vault.holds import Hold


@dataclass(frozen=True)
class Kept:
    """How long a document is kept.

    `until` is the first day on which it may go; None when the class keeps it for ever, or when the project's
    end is not known (`ended` is None). `record` says that it was approved once.
    """

    document: Document
    years: int | None
    ended: date | None
    until: date | None
    record: bool
    hold: Hold | None

    def is_due(self, today: date) -> bool:
        """Whether it has been kept long enough; a hold is another matter."""
        return self.until is not None and self.until <= today


@open_to_all("it only counts years")
def years_after(day: date, years: int) -> date:
    """The same day so many years later; of a 29th of February the 1st of March.

    >>> years_after(date(2024, 2, 29), 10)
    datetime.date(2034, 3, 1)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def kept(rows: Rows, project: Project, some: Sequence[Document]) -> list[Kept]:
    """How long each of these documents of a project is kept."""
    ids = [one.id for one in some]
    records = {
        line["entity_id"]
        for line in (
            rows(
                f"""
                SELECT DISTINCT entity_id
                FROM event
                WHERE entity = 'document' AND action = 'approved' AND entity_id IN ({db.marks(ids)})
                """,
                ids,
            )
            if ids
            else ()
        )
    }
    held = holds.held(rows, project.id, some)
    years = {one.class_id: class_rules.of(one.class_id).retention_years for one in some}
    found = []
    for one in some:
        count = years[one.class_id]
        until = years_after(project.ended_on, count) if project.ended_on and count is not None else None
        found.append(Kept(one, count, project.ended_on, until, one.id in records, held.get(one.id)))
    return found


@in_project("document.discard")
def of(actor: Actor, project: str, document: str) -> Kept:
    """How long a document is kept, also one in the trash. Raises NotFound."""
    found = documents.kept(reading.reader(actor, project), project, document)
    return kept(db.rows, projects.get(actor, project), [found])[0]

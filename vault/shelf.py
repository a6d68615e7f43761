"""What a project's shelf of documents says at a glance, and whether a version can be fetched now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core import db, language, reading
from core.access import Actor, in_project
from core.errors import NotFound, Unavailable
from core.ids import now
from core.language import say
from vault import documents, downgrades, transfer


@dataclass(frozen=True)
class Counts:
    """How many documents there are for somebody, and how many of each class and state.

    The state is that of the version that they get by default; `overdue` are those to be looked at again.
    """

    total: int
    by_class: Mapping[str, int]
    by_state: Mapping[str, int]
    overdue: int = 0


@in_project("document.read")
def counted(actor: Actor, project: str) -> Counts:
    """The documents that exist for the actor, counted."""
    downgrades.settle()
    reader = reading.reader(actor, project)
    exists, params = reader.condition("d")
    found = db.rows(
        f"""
        SELECT d.class_id, {documents.STATE} AS state, COUNT(*) AS documents,
               COUNT(*) FILTER (d.review_by < ?) AS overdue
        FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number = {documents.shown(reader, "d")}
        WHERE d.project_id = ? AND NOT d.archived AND {exists}
        GROUP BY d.class_id, {documents.STATE}
        """,
        [language.local(now()).date(), project, *params],
    )
    by_class, by_state = Counter[str](), Counter[str]()
    for line in found:
        by_class[line["class_id"]] += line["documents"]
        by_state[line["state"]] += line["documents"]
    return Counts(by_class.total(), by_class, by_state, sum(line["overdue"] for line in found))


@in_project("document.read")
def look(actor: Actor, project: str, document: str, version: int) -> None:
    """See that a version is there to be fetched; nothing is fetched and nothing recorded.

    Raises NotFound, Unavailable when the store does not answer or its content is not there.
    """
    held = documents.vault()
    for one in documents.versions(actor, project, document):
        if one.number == version:
            try:
                held.store.size(one.object_key)
            except NotFound as error:
                raise Unavailable(transfer.LOST) from error
            return
    raise NotFound(say("There is no such document."))

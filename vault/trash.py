"""The trash: documents and whole projects that are set aside, and come back as they were.

What is in the trash exists for nobody but those who may bring it back. Nothing leaves it by itself;
what is to go for good is disposed of by two people (vault/disposal.py).
"""

from __future__ import annotations

from core import db, reading
from core.access import Actor, in_organisation, in_project
from core.errors import Conflict, NotFound
from core.language import say
from core.projects import Project
from vault import documents, holder, holds
from vault.documents import Document


@in_project("document.discard")
def discard(actor: Actor, project: str, document: str, *, version: int | None = None, reason: str = "") -> Document:
    """Put a document into the trash, with `version` the one whose newest version the screen showed.

    Raises NotFound, Refused for one that is read by a grant only, Conflict under a legal hold, while somebody
    else has it checked out, and when a newer version has come meanwhile.
    """
    reader = reading.reader(actor, project)
    seen = documents.get(actor, project, document)
    with db.write(actor) as tx:
        found = documents.again(tx, reader, seen.id)
        documents.require_own(reader, found)
        holds.require_none(tx.rows, found)
        holder.require_free(tx.all_of, actor, found.id)
        if version not in (None, found.version):
            raise Conflict(
                say("Version {number} of {code} has come meanwhile. Look at it first.",
                    number=found.version, code=found.code)
            )  # fmt: skip
        return tx.update(
            found, action="discarded", about={"note": reason.strip() or None},
            archived=True, discarded_at=tx.at, discarded_by=actor.name,
        )  # fmt: skip


@in_project("document.discard")
def bring_back(actor: Actor, project: str, document: str) -> Document:
    """Bring a document back from the trash as it was. Raises NotFound, Refused, Conflict when it is not in there."""
    reader = reading.reader(actor, project)
    seen = documents.kept(reader, project, document)
    with db.write(actor) as tx:
        found = tx.get(Document, seen.id)
        if found.disposed_at or not reader.sees(documents.thing(found)):
            raise NotFound(documents.MISSING)
        documents.require_own(reader, found)
        if not found.archived:
            raise Conflict(say("{code} is not in the trash.", code=found.code))
        return tx.update(found, action="brought back", archived=False, discarded_at=None, discarded_by=None)


@in_project("document.discard")
def listed(actor: Actor, project: str) -> list[Document]:
    """What is in the trash, as far as it exists for the actor, the latest first."""
    exists, params = reading.reader(actor, project).condition("document")
    return db.all_of(
        Document,
        f"WHERE project_id = ? AND archived AND disposed_at IS NULL AND {exists} ORDER BY discarded_at DESC, number DESC",
        [project, *params],
    )


@in_organisation("project.discard")
def discard_project(actor: Actor, project: str, *, reason: str = "") -> Project:
    """Put a whole project into the trash: it exists for nobody until it is brought back.

    Raises NotFound, Conflict while a legal hold stands on anything of it.
    """
    with db.write(actor) as tx:
        found = tx.get(Project, project)
        if found.discarded_at is not None:
            raise NotFound(say("There is no such project."))
        holds.require_none_in(tx.rows, project)
        return tx.update(
            found, action="discarded", about={"note": reason.strip() or None},
            discarded_at=tx.at, discarded_by=actor.name,
        )  # fmt: skip


@in_organisation("project.discard")
def bring_back_project(actor: Actor, project: str) -> Project:
    """Bring a project back from the trash, with everybody who belonged to it. Raises NotFound."""
    with db.write(actor) as tx:
        found = tx.get(Project, project)
        return tx.update(found, action="brought back", discarded_at=None, discarded_by=None)


@in_organisation("project.discard")
def projects(actor: Actor) -> list[Project]:
    """The projects in the trash, the latest first."""
    return db.all_of(Project, "WHERE discarded_at IS NOT NULL ORDER BY discarded_at DESC")

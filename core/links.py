"""What a requirement is connected with: other requirements and documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import db, reading
from core.access import Actor, in_project
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.language import say
from core.reading import Reader
from core.rows import entity

LINK_KINDS = ("depends on", "refines", "conflicts with", "document")
_IN_TRASH = "SELECT id FROM document WHERE archived"


@entity("requirement_link", hangs_on="requirement_id")
@dataclass(frozen=True)
class Link:
    """From a requirement to another one or to a document."""

    id: str
    project_id: str
    requirement_id: str
    kind: str
    target_id: str


@in_project("requirement.edit")
def link(actor: Actor, project: str, requirement: str, *, kind: str, target: str, at: datetime | None = None) -> Link:
    """Connect a requirement with another one or a document of the project.

    Raises Invalid for an unknown kind or itself, NotFound for a target that does not exist for the
    actor, Conflict when it is linked already.
    """
    reader = reading.reader(actor, project)
    with db.write(actor, at=at) as tx:
        return connect(tx, reader, known(tx, reader, project, requirement), project=project, kind=kind, target=target)


@in_project("requirement.edit")
def unlink(actor: Actor, project: str, link_id: str) -> None:
    """Remove a link. Raises NotFound when one of its ends does not exist for the actor."""
    reader = reading.reader(actor, project)
    with db.write(actor) as tx:
        found = tx.get(Link, link_id)
        try:
            known(tx, reader, project, found.requirement_id)
            known(tx, reader, project, found.target_id, ("requirement", "document"))
        except NotFound as error:
            # In the words for a link that there is not: that this one is there is not told either.
            raise NotFound(db.GONE) from error
        tx.delete(found, action="unlinked")


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
    reader = reading.reader(actor, project)
    exists, params = reader.condition("subject")
    if not db.value(
        f"SELECT COUNT(*) FROM subject WHERE id = ? AND project_id = ? AND {exists}", [requirement, project, *params]
    ):
        raise NotFound(say("There is no such requirement."))
    exists, params = reader.condition("s")
    return [
        Linked(**record)
        for record in db.rows(
            f"""
            SELECT l.id, l.kind, l.requirement_id = ? AS outgoing, s.id AS target_id, s.entity,
                   COALESCE(s.code, '') AS code, s.title
            FROM requirement_link l
            JOIN subject s ON s.id = CASE WHEN l.requirement_id = ? THEN l.target_id ELSE l.requirement_id END
            WHERE (l.requirement_id = ? OR l.target_id = ?) AND {exists} AND s.id NOT IN ({_IN_TRASH})
            ORDER BY l.kind, s.code
            """,
            [requirement, requirement, requirement, requirement, *params],
        )
    ]


@dataclass(frozen=True)
class Target:
    """Something that a requirement can be linked with."""

    id: str
    entity: str
    code: str
    title: str


@in_project("requirement.read")
def targets(actor: Actor, project: str) -> list[Target]:
    """Every requirement and document of the project that exists for the actor, by code and title."""
    reader = reading.reader(actor, project)
    exists, params = reader.condition("subject")
    return [
        Target(**record)
        for record in db.rows(
            f"""
            SELECT id, entity, COALESCE(code, '') AS code, title
            FROM subject
            WHERE project_id = ? AND entity IN ('requirement', 'document') AND {exists} AND id NOT IN ({_IN_TRASH})
            ORDER BY entity DESC, code, title
            """,
            [project, *params],
        )
    ]


# For other modules of core/ that link inside a transaction of their own.


def connect(tx: db.Transaction, reader: Reader, source: str, *, project: str, kind: str, target: str) -> Link:
    """Link the requirement with the id `source`, which the caller has seen, with a target. Raises as `link`."""
    if kind not in LINK_KINDS:
        raise Invalid(say("There is no such kind of link."), field="kind")
    if target == source:
        raise Invalid(say("A requirement can't be linked with itself."), field="target")
    known(tx, reader, project, target, ("document",) if kind == "document" else ("requirement",))
    if tx.value(
        "SELECT COUNT(*) FROM requirement_link WHERE requirement_id = ? AND target_id = ? AND kind = ?",
        [source, target, kind],
    ):
        raise Conflict(say("These are linked already."))
    return tx.insert(Link(new_id(), project, source, kind, target), action="linked")


def known(
    tx: db.Transaction, reader: Reader, project: str, subject: str, kinds: tuple[str, ...] = ("requirement",)
) -> str:
    """The id, when such a thing of one of these kinds exists in the project for `reader`. Raises NotFound."""
    exists, params = reader.condition("subject")
    if not tx.rows(
        f"SELECT id FROM subject WHERE id = ? AND project_id = ? AND entity IN ({db.marks(kinds)}) AND {exists}",
        [subject, project, *kinds, *params],
    ):
        raise NotFound(say("What you want to link does not exist."))
    return subject

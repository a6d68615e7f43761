"""What people say to a requirement or a document, and internal notes that clients never see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import access, db, reading
from core.access import Actor, in_project
from core.errors import Invalid, NotFound, Refused
from core.ids import new_id
from core.language import say
from core.reading import Reader
from core.rows import entity


@entity("comment", hangs_on="subject_id")
@dataclass(frozen=True)
class Comment:
    """One comment. `internal` makes it a note of the team; `author_id` is None for imported names."""

    id: str
    project_id: str
    subject_id: str
    author_id: str | None
    author_name: str
    text: str
    internal: bool
    mentions: tuple[str, ...]
    created_at: datetime
    revision: int


@in_project("comment.read")
def listed(actor: Actor, project: str, subject: str) -> list[Comment]:
    """The comments on a requirement or document, oldest first; notes only for those who may read them."""
    reader = reading.reader(actor, project)
    _require_subject(reader, project, subject)
    notes = "" if reader.standing.may("note.read") else "AND NOT internal"
    return db.all_of(
        Comment, f"WHERE project_id = ? AND subject_id = ? {notes} ORDER BY created_at, id", [project, subject]
    )


@in_project("comment.write")
def add(
    actor: Actor, project: str, subject: str, text: str, *, internal: bool = False, at: datetime | None = None
) -> Comment:
    """Say something to a requirement or document; `@Name` mentions a member of the project.

    On what is the team's own it is an internal note in any case: it was said among the team, also once that
    is opened. Raises Invalid for an empty text, Refused for an internal note without note.write, NotFound for
    a subject that does not exist for the actor.
    """
    reader = reading.reader(actor, project)
    if internal:
        access.require(actor, "note.write", project)
    class_id = _require_subject(reader, project, subject)
    if not text.strip():
        raise Invalid(say("A comment needs a text."), field="text")
    internal = internal or class_id == db.TEAM_ONLY
    with db.write(actor, at=at) as tx:
        author = actor.id if actor.kind == "person" else None
        return tx.insert(
            Comment(new_id(), project, subject, author, actor.name, text.strip(), internal,
                    mentioned(tx, project, text), tx.at, 1)
        )  # fmt: skip


@in_project("comment.write")
def edit(actor: Actor, project: str, comment: str, text: str, *, revision: int) -> Comment:
    """Change one's own comment. Raises Refused for another's, Stale, Invalid for an empty text."""
    reader = reading.reader(actor, project)
    if not text.strip():
        raise Invalid(say("A comment needs a text."), field="text")
    with db.write(actor) as tx:
        found = _own(tx, reader, actor, project, comment)
        return tx.update(found, revision=revision, text=text.strip(), mentions=mentioned(tx, project, text))


@in_project("comment.write")
def remove(actor: Actor, project: str, comment: str) -> None:
    """Take back one's own comment; the ledger keeps it."""
    reader = reading.reader(actor, project)
    with db.write(actor) as tx:
        tx.delete(_own(tx, reader, actor, project, comment))


def mentioned(tx: db.Transaction, project: str, text: str) -> tuple[str, ...]:
    """The accounts of the project whose name stands behind an @ in `text`."""
    if "@" not in text:
        return ()
    people = tx.rows(
        "SELECT a.id, a.name FROM membership m JOIN account a ON a.id = m.account_id WHERE m.project_id = ?", [project]
    )
    return tuple(sorted(p["id"] for p in people if f"@{p['name']}".casefold() in text.casefold()))


def _require_subject(reader: Reader, project: str, subject: str) -> str | None:
    """The class of what is spoken of. Raises NotFound when it does not exist for `reader`."""
    exists, params = reader.condition("subject")
    found = db.row(
        f"SELECT class_id FROM subject WHERE id = ? AND project_id = ? AND {exists}", [subject, project, *params]
    )
    if found is None:
        raise NotFound(say("This does not exist (any more)."))
    class_id: str | None = found["class_id"]
    return class_id


def _own(tx: db.Transaction, reader: Reader, actor: Actor, project: str, comment: str) -> Comment:
    found = tx.get(Comment, comment)
    if found.project_id != project or (found.internal and not reader.standing.may("note.read")):
        raise NotFound(say("This does not exist (any more)."))
    _require_subject(reader, project, found.subject_id)
    if found.author_id != actor.id:
        raise Refused(say("A comment is changed by the one who wrote it."))
    return found

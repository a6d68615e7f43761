"""The classes of documents: six that ship, and what an administrator adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import db
from core.access import Actor, in_organisation, open_to_all
from core.errors import Conflict, Invalid
from core.ids import new_id
from core.language import Message, say
from core.rows import entity

SHIPPED: dict[str, Message] = {
    "requirements": say("Requirements"),
    "design": say("Design"),
    "test": say("Test"),
    "plan": say("Plan"),
    "progress": say("Progress"),
    "summary": say("Summary"),
}


@entity("document_class")
@dataclass(frozen=True)
class DocumentClass:
    """A class that an administrator has added."""

    id: str
    name: str
    archived: bool
    created_at: datetime
    revision: int


@open_to_all("the names of classes tell nothing of any project")
def names() -> dict[str, str]:
    """Class id -> its name in the reader's language, shipped ones first."""
    added = db.all_of(DocumentClass, "WHERE NOT archived ORDER BY name")
    return {key: name.text() for key, name in SHIPPED.items()} | {c.id: c.name for c in added}


@open_to_all("the names of classes tell nothing of any project")
def named(word: str) -> str:
    """The id of the class with this id or name. Raises Invalid, naming those that there are."""
    known = names()
    for key, name in known.items():
        if word.strip().casefold() in (key.casefold(), name.casefold()):
            return key
    raise Invalid(
        say("There is no class “{name}”. There are: {known}.", name=word, known=", ".join(known.values())),
        field="class",
    )


@in_organisation("account.manage")
def add(actor: Actor, name: str) -> DocumentClass:
    """Add a class. Raises Invalid without a name, Conflict when it is taken."""
    with db.write(actor) as tx:
        if not name.strip():
            raise Invalid(say("A class needs a name."), field="name")
        _refuse_taken(tx, name.strip())
        return tx.insert(DocumentClass(new_id(), name.strip(), False, tx.at, 1))


@in_organisation("account.manage")
def added(actor: Actor) -> list[DocumentClass]:
    """The classes that were added, archived ones last."""
    return db.all_of(DocumentClass, "ORDER BY archived, name")


@in_organisation("account.manage")
def change(
    actor: Actor, class_id: str, *, revision: int, name: str | None = None, archived: bool | None = None
) -> DocumentClass:
    """Rename an added class, or set it aside: its documents stay, new ones can't have it.

    Raises NotFound for a shipped one or none, Invalid without a name, Conflict when it is taken, Stale.
    """
    with db.write(actor) as tx:
        found = tx.get(DocumentClass, class_id)
        changes: dict[str, Any] = {} if archived is None else {"archived": archived}
        if name is not None and name.strip() != found.name:
            if not name.strip():
                raise Invalid(say("A class needs a name."), field="name")
            _refuse_taken(tx, name.strip())
            changes["name"] = name.strip()
        return tx.update(found, revision=revision, **changes)


def _refuse_taken(tx: db.Transaction, name: str) -> None:
    """The name of a class that was set aside is taken too."""
    taken = {c.name.casefold() for c in tx.all_of(DocumentClass)} | {m.text().casefold() for m in SHIPPED.values()}
    if name.casefold() in taken | set(SHIPPED):
        raise Conflict(say("There is a class “{name}” already.", name=name))

"""The classes of documents: six that ship, and what an administrator adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
        if name.strip().casefold() in {n.casefold() for n in names().values()}:
            raise Conflict(say("There is a class “{name}” already.", name=name.strip()))
        return tx.insert(DocumentClass(new_id(), name.strip(), False, tx.at, 1))

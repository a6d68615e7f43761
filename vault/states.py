"""Where a version of a document stands, and the only ways from one state to another.

A state belongs to a version. The document carries that of its newest version, and the number of the
one that is approved.
"""

from __future__ import annotations

from core import db
from core.access import open_to_all
from core.errors import Conflict
from core.language import Message, say
from vault.documents import Document, Version

TRANSITIONS: dict[str, tuple[str, str]] = {
    "asked": ("draft", "in_review"),
    "called off": ("in_review", "draft"),
    "changes": ("in_review", "draft"),
    "declined": ("in_review", "withdrawn"),
    "approved": ("in_review", "approved"),
    "overtaken": ("in_review", "superseded"),  # a later version was approved meanwhile
    "superseded": ("approved", "superseded"),
    "withdrawn": ("approved", "withdrawn"),
}
"""What happens to a version -> from which state, to which. A new version begins as a draft."""


@open_to_all("it only gives words")
def name(state: str) -> Message:
    """A state as a word for people."""
    return {
        "draft": say("draft"),
        "in_review": say("in review"),
        "approved": say("approved"),
        "superseded": say("superseded"),
        "withdrawn": say("withdrawn"),
    }[state]


@open_to_all("it only looks at what it is given")
def of(version: Version) -> str:
    """The state of a version."""
    return version.state or "draft"


def version_of(tx: db.Transaction, document: Document, number: int) -> Version:
    """A version by its number, inside the change. Raises Conflict where there is none."""
    found = tx.all_of(Version, "WHERE document_id = ? AND number = ?", [document.id, number])
    if not found:
        raise Conflict(say("{code} has no version {number}.", code=document.code, number=number))
    return found[0]


def move(tx: db.Transaction, document: Document, number: int, what: str) -> Document:
    """Let `what` (of TRANSITIONS) happen to a version. Raises Conflict where its state does not allow it."""
    start, end = TRANSITIONS[what]
    version = version_of(tx, document, number)
    if of(version) != start:
        raise Conflict(
            say(
                "Version {number} of {code} is {state} now.", number=number, code=document.code, state=name(of(version))
            )
        )
    tx.update(version, action="state", state=end)
    return tx.update(document, action="state", state=end) if number == document.version else document

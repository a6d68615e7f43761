"""The few ways in which the domain says no.

Each carries a sentence as a message, so that it is spoken in the reader's language, and a `kind`,
the word that other programs read (`accord … --json`). Screens and the command line turn them into
words; anything else is a fault of ours and gets a reference number and a log line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from core.language import Message


class AccordError(Exception):
    """A sentence for the reader: what, where, and how to mend it."""

    kind: ClassVar[str] = "invalid"

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message.text()


class Refused(AccordError):
    """The person is known and the thing is theirs to see, but not theirs to do."""

    kind = "refused"


class NotFound(AccordError):
    """There is no such thing, or it does not exist for this person: the answer is the same."""

    kind = "not_found"


class Invalid(AccordError):
    """What was given cannot be used. `field` names the input that needs mending."""

    kind = "invalid"

    def __init__(self, message: Message, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Stale(AccordError):
    """Somebody changed the row since it was read.

    `theirs` holds the columns as they stand now, `mine` what was about to be written, so that a
    screen can show both texts and keep what was typed.
    """

    kind = "stale"

    def __init__(
        self, message: Message, *, theirs: Mapping[str, object], mine: Mapping[str, object], revision: int
    ) -> None:
        super().__init__(message)
        self.theirs = dict(theirs)
        self.mine = dict(mine)
        self.revision = revision


class Conflict(AccordError):
    """It would contradict what already stands (a code that is taken, a second setup)."""

    kind = "conflict"


class Unavailable(AccordError):
    """Something that Accord needs does not answer now: the store, the disk, the data folder."""

    kind = "unavailable"

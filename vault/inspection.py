"""What is said of each file that arrives: taken, taken with a warning, or refused with the reason.

Files are opened only in a child process (vault/inspection_child.py) without network and with limits
of time and memory (vault/children.py). A child that dies or takes too long makes a warning, never an
error.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from core.errors import Invalid
from core.language import Message, number, say
from vault.children import Children, Gone

CHILD = Path(__file__).with_name("inspection_child.py")
TIME_LIMIT = 10.0  # seconds a file; the slowest real one of 1,127 took 4.6
FILES_A_CHILD = 50  # then a fresh one takes over, so that nothing a file did lasts

log = logging.getLogger("accord.inspection")


@dataclass(frozen=True)
class Reason:
    """Why a file was refused or warned about; `code` is stable, `message` for people."""

    code: str
    message: Message


WARNINGS: dict[str, Message] = {
    "password-protected": say("Password-protected: stored, but nobody can search or preview it here."),
    "macros": say("Contains macros: open it with care."),
    "external-links": say("Refers to files elsewhere: opening it may fetch them."),
    "image-only": say("Images only: there is no text that could be searched."),
    "unlike-name": say("The content is of another kind than the name says."),
    "unreadable": say("Could not be read: it may be damaged. It is stored as it is."),
    "timeout": say("Took too long to open. It is stored as it is."),
}
BRIEFLY: dict[str, Message] = {
    "password-protected": say("password"),
    "macros": say("macros"),
    "external-links": say("refers elsewhere"),
    "image-only": say("images only"),
    "unlike-name": say("not what its name says"),
    "unreadable": say("may be damaged"),
    "timeout": say("not looked into"),
}
"""Warnings in a word or two, for lists."""

REFUSALS: dict[str, Message] = {
    "empty": say("The file is empty."),
    "dtd": say("Its XML defines a document type (DTD), which can pull in other files. Save it anew without one."),
    "zip-bomb": say("It would unpack to far more than it should hold."),
    "zip-overlap": say("Entries of the archive lie over each other, as in an attack. Pack it anew."),
    "zip-duplicate": say("The archive holds the same name twice. Pack it anew."),
}


@dataclass(frozen=True)
class Findings:
    """What was found: the media type by content, warnings, and the refusal if there is one."""

    media_type: str
    warnings: tuple[Reason, ...] = ()
    refusal: Reason | None = None


class FileRefused(Invalid):
    """A file that is not taken, with the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message, field="file")
        self.reason = reason


def too_large(limit: int) -> Reason:
    """The refusal of a file above `limit` bytes."""
    return Reason(
        "too-large",
        say("The file is larger than {limit} MB, the most that is taken here.", limit=number(limit // (1024 * 1024))),
    )


def reason(code: str) -> Reason:
    """A code with its sentence. Raises Invalid for one that there is not."""
    message = WARNINGS.get(code) or REFUSALS.get(code)
    if message is None:
        raise Invalid(say("There is no reason {code}.", code=code))
    return Reason(code, message)


def inspect(content: bytes, *, file_name: str, whole: bool = True) -> Findings:
    """Look at a file's bytes; with `whole` False only its beginning is there and it is not opened."""
    if not content:
        return Findings("application/octet-stream", refusal=reason("empty"))
    try:
        answer, _ = _CHILDREN.ask({"name": file_name, "whole": whole}, content)
    except Gone as gone:
        log.warning("the child that looked at a file is gone: %s", gone.why)
        answer = {"warnings": ["timeout" if gone.why == "timeout" else "unreadable"]}
    refusal = answer.get("refusal")
    return Findings(
        answer.get("media_type", "application/octet-stream"),
        tuple(reason(code) for code in answer.get("warnings", ())),
        reason(refusal) if refusal else None,
    )


_CHILDREN = Children(CHILD, count=2, seconds=TIME_LIMIT, files=FILES_A_CHILD)

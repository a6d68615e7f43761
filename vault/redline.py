"""What changed between two versions: on the screen at once, and as a .docx with real tracked changes.

Files are opened only in a child process (vault/redline_child.py, vault/children.py) without network
and with limits of time and memory. A child that dies or takes too long is a sentence, never a crash.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core import access, db
from core.access import Actor, in_project, open_to_all
from core.errors import AccordError, Conflict, Invalid, Unavailable
from core.language import Message, number, say
from vault import documents, inspection
from vault.children import Children, Gone
from vault.documents import Document, Version

CHILD = Path(__file__).with_name("redline_child.py")
LARGEST = 32 * 1024 * 1024  # bytes of one file; a larger one is not text that people compare
COMPARED_WITHIN = 30.0  # seconds
MADE_WITHIN = 120.0
FILES_A_CHILD = 40
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Side:
    """One of the two versions."""

    document: Document
    version: Version

    @property
    def name(self) -> str:
        """As people write it: DOC-03:2."""
        return f"{self.document.code}:{self.version.number}"


@dataclass(frozen=True)
class Counts:
    """The figures of a redline."""

    insertions: int = 0
    deletions: int = 0
    moved: int = 0
    formatting: int = 0


@dataclass(frozen=True)
class Redline:
    """What became of the blocks of the old version; see vault/redlining/blocks.py for one block."""

    old: Side
    new: Side
    counts: Counts
    blocks: tuple[dict[str, Any], ...]
    notes: tuple[Message, ...]

    @property
    def identical(self) -> bool:
        """Whether both are the same bytes."""
        return self.old.version.sha256 == self.new.version.sha256


@dataclass(frozen=True)
class Tracked:
    """A document with tracked changes, checked: accepting all gives the new text, rejecting all the old one."""

    file_name: str
    content: bytes
    counts: Counts
    notes: tuple[Message, ...]


UNREADABLE: dict[str, Message] = {
    "too-long": say("{file} holds more text than can be compared."),
    "no-text": say("{file} holds no text that could be compared."),
    "image-only": say("{file} holds images only: there is no text that could be compared."),
    "password-protected": say("{file} is password-protected. Store it without a password to compare it."),
    "unreadable": say("{file} could not be read: it may be damaged."),
}
LEFT_OUT: dict[str, Message] = {
    "header": say("Headers of the old version that the new one has no place for are not in the file: {count}."),
    "footer": say("Footers of the old version that the new one has no place for are not in the file: {count}."),
    "footnotes": say("Footnotes of deleted text are not in the file: {count}."),
    "endnotes": say("Endnotes of deleted text are not in the file: {count}."),
}


@open_to_all("it only looks at the text it is given")
def named(words: str) -> tuple[str, int | None]:
    """A document and its version from "DOC-03:2"; without a number the one that the reader gets by default. Raises Invalid.

    >>> named("DOC-03:2"), named("DOC-03")
    (('DOC-03', 2), ('DOC-03', None))
    """
    document, colon, version = words.strip().rpartition(":")
    if not colon:
        document, version = version, ""
    if not document or (colon and not re.fullmatch(r"[1-9]\d{0,8}", version)):
        raise Invalid(say("“{words}” names no version. Write it as DOC-03:2.", words=words))
    return document, int(version) if version else None


@in_project("document.read")
def side(actor: Actor, project: str, document: str, version: int | None = None) -> Side:
    """One of two versions to compare. Raises NotFound, also when not cleared for it."""
    found = documents.get(actor, project, document)
    wanted = documents.default_version(access.standing(actor, project), found) if version is None else version
    for one in documents.versions(actor, project, found.id):
        if one.number == wanted:
            return Side(found, one)
    raise documents.no_version(found, wanted)


@in_project("document.read")
def compare(
    actor: Actor, project: str, old: tuple[str, int | None], new: tuple[str, int | None], *,
    progress: Progress | None = None, cancelled: threading.Event | None = None,
) -> Redline:  # fmt: skip
    """Compare two versions, of one document or of two. `cancelled` ends it; that it was done is an event.

    Raises NotFound, Invalid for what holds no text, Unavailable when the store does not answer, it took
    too long or was cancelled.
    """
    before, after = side(actor, project, *old), side(actor, project, *new)
    if before.version.sha256 == after.version.sha256:
        return Redline(before, after, Counts(), (), (say("Both are the same file, byte for byte."),))
    answer, _ = _asked(
        actor, project, before, after, {"do": "compare"}, COMPARED_WITHIN, progress=progress, cancelled=cancelled
    )
    blocks = tuple(answer["blocks"])
    counts = Counts(**answer["counts"])
    notes = _notes(answer, before, after)
    if counts == Counts():
        notes = (say("The files differ, but not in their text or its formatting."), *notes)
    return Redline(before, after, counts, blocks, notes)


@in_project("document.read")
def tracked(
    actor: Actor, project: str, old: tuple[str, int | None], new: tuple[str, int | None], *,
    progress: Progress | None = None, cancelled: threading.Event | None = None,
) -> Tracked:  # fmt: skip
    """The new version as a Word file with the changes tracked, by its uploader at the time of the upload.

    It is checked before it is handed out. Raises Conflict when accepting all would not give the new text
    or rejecting all the old one, with the places; also when there is nothing to track; else as `compare`.
    """
    before, after = side(actor, project, *old), side(actor, project, *new)
    if before.version.sha256 == after.version.sha256:
        raise Conflict(say("Both are the same file: there are no changes to track."))
    about = {"do": "track", "author": after.version.author_name, "date": _moment(after.version.created_at)}
    answer, content = _asked(
        actor, project, before, after, about, MADE_WITHIN, progress=progress, cancelled=cancelled
    )  # fmt: skip
    if answer["wrong"]:
        raise Conflict(_wrong(answer["wrong"]))
    left_out = [LEFT_OUT[what] for what in answer["left_out"] if what in LEFT_OUT]
    counted = [
        Message(m.id, {"count": number(count)}) for m, count in zip(left_out, answer["left_out"].values(), strict=True)
    ]
    return Tracked(
        _file_name(before, after), content, Counts(**answer["counts"]), (*_notes(answer, before, after), *counted)
    )


def _asked(
    actor: Actor, project: str, before: Side, after: Side, about: dict[str, Any], seconds: float, *,
    progress: Progress | None, cancelled: threading.Event | None,
) -> tuple[dict[str, Any], bytes]:  # fmt: skip
    """What the child says of the two; that somebody compared them is recorded first."""
    for one in (before, after):
        if one.version.size > LARGEST:
            limit = number(LARGEST // (1024 * 1024))
            raise Invalid(
                say("{file} is larger than {limit} MB, the most that is compared.", file=one.name, limit=limit)
            )
    contents = [b"".join(documents.content(one.version)) for one in (before, after)]
    with db.write(actor) as tx:
        for one, other in ((before, after), (after, before)):
            if one is after and before.document.id == after.document.id:
                continue
            tx.event(
                "document", one.document.id, "compared", project=project, subject=one.document.id,
                data={"version": one.version.number, "with": f"{other.document.id}:{other.version.number}"},
            )  # fmt: skip
    names = {"old": before.version.file_name, "new": after.version.file_name}
    try:
        answer, made = _CHILDREN.ask(
            {**about, **names}, *contents, seconds=seconds, progress=progress, cancelled=cancelled
        )  # fmt: skip
    except Gone as gone:
        raise _gone(gone.why) from gone
    if "error" in answer:
        which = {"old": before, "new": after}.get(answer["which"])
        raise Invalid(_unreadable(answer["error"], f"{before.name}, {after.name}" if which is None else which.name))
    return answer, made


def _gone(why: str) -> AccordError:
    if why == "cancelled":
        return Unavailable(say("Cancelled."))
    if why == "timeout":
        return Unavailable(say("Comparing these two took too long and was ended. Nothing was changed."))
    return Unavailable(say("Comparing these two failed: they need more memory than is given to it, or are damaged."))


def _unreadable(code: str, file: str) -> Message:
    found = UNREADABLE.get(code)
    if found is None:
        found = say("{file} is not opened: {reason}")
        return Message(found.id, {"file": file, "reason": inspection.reason(code).message})
    return Message(found.id, {"file": file})


def _notes(answer: dict[str, Any], before: Side, after: Side) -> tuple[Message, ...]:
    """What has to be known to read it: other kinds of files, changes that stood tracked in them."""
    found = []
    if answer["kinds"][0] != answer["kinds"][1]:
        found.append(say("These are different kinds of files: only their text is compared."))
    for which, one in (("old", before), ("new", after)):
        inside = answer["tracked"].get(which)
        if inside:
            found.append(
                say(
                    "{file} holds {count} tracked changes by {authors}; they count as accepted here.",
                    file=one.name, count=number(inside["count"]), authors=", ".join(inside["authors"]) or "–",
                )
            )  # fmt: skip
    return tuple(found)


def _wrong(found: list[list[str]]) -> Message:
    which, wanted, got = found[0]
    start = (
        say("The file with tracked changes was made but is not handed out: accepting all would not give the new text.")
        if which == "new"
        else say(
            "The file with tracked changes was made but is not handed out: rejecting all would not give the old text."
        )
    )
    return say("{what} Expected “{wanted}”, found “{got}”.", what=start, wanted=wanted[:120], got=got[:120])


def _file_name(before: Side, after: Side) -> str:
    stem = after.version.file_name.rsplit(".", 1)[0]
    if before.document.id == after.document.id:
        return f"{stem} v{before.version.number}-v{after.version.number}.docx"
    return f"{stem} v{after.version.number} ({before.document.code} v{before.version.number}).docx"


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


_CHILDREN = Children(CHILD, count=2, seconds=COMPARED_WITHIN, files=FILES_A_CHILD)

"""What the screen shows of a version: its own bytes, or what a child process has read out of them.

PDF, Word and images go out as they are and are drawn in a frame without an origin (pages/kit/preview);
tables, mails and texts are opened here, in a child without network (vault/preview_child.py), and only
plain text leaves it. Whoever may read the version may look at it; each look is an event of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core import db, language
from core.access import Actor, in_project, open_to_all
from core.errors import Invalid
from core.language import Message, say
from vault import documents
from vault.children import Children, Gone
from vault.documents import INSPECTED_UP_TO, Version

CHILD = Path(__file__).with_name("preview_child.py")
TIME_LIMIT = 20.0  # seconds a file; the child itself stops reading after 12
FILES_A_CHILD = 50

MEGABYTE = 1024 * 1024
LIMITS: dict[str, int] = {"pdf": 64 * MEGABYTE}
"""Bytes up to which a kind is shown; what is not here, up to what is looked into when it arrives."""

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OLE = "application/x-ole-storage"

KINDS: dict[str, str] = {
    "application/pdf": "pdf", WORD: "word",
    "image/png": "image", "image/jpeg": "image", "image/gif": "image", "image/webp": "image",
    EXCEL: "table", "text/csv": "table", "message/rfc822": "mail", "text/markdown": "markdown",
    "application/json": "text", "application/xml": "text", "image/svg+xml": "text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "places",
    "application/rtf": "places", "application/zip": "places",
}  # fmt: skip
"""Media type, as the content tells it -> how it is shown; any other text is shown as text."""

AS_IT_IS = frozenset({"pdf", "word", "image"})
"""Kinds whose bytes go to the frame; the others are read by the child."""

NOT_SHOWN: dict[str, Message] = {
    "none": say("There is no preview of this kind of file. Fetch it and open it with the program it was made with."),
    "password-protected": say("It is password-protected: nothing of it can be shown here. Fetch it and open it with its password."),
    "unreadable": say("It can't be shown: it may be damaged. It is stored as it came; fetch it to see what can be saved."),
    "timeout": say("Opening it takes too long to be shown here. Fetch it and open it with the program it was made with."),
}  # fmt: skip
"""Why there is no preview, with the way out."""

NOTES: dict[str, Message] = {
    "cut": say("Only its beginning is shown here: there is more in the file."),
    "source": say("Shown as it is written, as text: nothing in it is carried out."),
    "text-only": say("Only its text is shown here. Fetch it to see how it looks."),
}
"""What is said beside a preview."""

log = logging.getLogger("accord.preview")


@dataclass(frozen=True)
class Preview:
    """What is shown of a version: a kind, `chunks` of `size` bytes, and the sentences that stand beside it.

    The bytes are the file's for AS_IT_IS, JSON for the other kinds (vault/preview_child.py says which).
    """

    kind: str
    size: int
    chunks: Iterator[bytes]
    notes: tuple[Message, ...] = ()


@in_project("document.read")
def previewed(actor: Actor, project: str, document: str, version: int) -> Preview:
    """What is shown of a version; that it was looked at is an event.

    Raises NotFound, Invalid with the sentence why it can't be shown, Unavailable when the store does not answer.
    """
    found = documents.version_of(actor, project, document, version)
    kind, why = shown_as(found)
    if why is not None:
        raise Invalid(why)
    chunks, size, outcome = documents.content(found), found.size, ""
    # The first piece comes before the answer begins: what is missing or touched is an error, not half a file.
    if kind in AS_IT_IS:
        chunks = documents.continued(next(chunks), chunks)
    else:
        outcome, content = read(b"".join(chunks), found.file_name, kind)
        if outcome in NOT_SHOWN:
            raise Invalid(NOT_SHOWN[outcome])
        chunks, size = iter([content]), len(content)
    with db.write(actor) as tx:
        tx.event(
            "document", found.document_id, "previewed", project=project, subject=found.document_id,
            data={"version": found.number},
        )  # fmt: skip
    return Preview(kind, size, chunks, _notes(found, kind, outcome))


@open_to_all("it only looks at what it is given")
def shown_as(version: Version) -> tuple[str, Message | None]:
    """How a version is shown, and the sentence why it is not, if it can be told without opening it.

    >>> shown_as(Version("", "", "", 1, "a.pdf", "application/pdf", 9, 9, "", "", "", "", (), None, "", None))
    ('pdf', None)
    """
    kind = KINDS.get(version.media_type, "")
    if not kind and version.media_type.startswith("text/"):
        kind = "text"
    if "password-protected" in version.warnings:
        return kind, NOT_SHOWN["password-protected"]
    if version.media_type == OLE and version.file_name.lower().endswith(".msg"):
        kind = "mail"
    if kind == "text" and version.file_name.lower().endswith((".html", ".htm", ".xhtml")):
        kind = "places"
    if not kind:
        return kind, NOT_SHOWN["none"]
    limit = LIMITS.get(kind, INSPECTED_UP_TO)
    if version.size > limit:
        return kind, say(
            "It is larger than {limit} MB, the most that is shown here. Fetch it and open it with the program it was made with.",
            limit=language.number(limit // MEGABYTE),
        )  # fmt: skip
    return kind, None


@open_to_all("it reads what it is given")
def read(content: bytes, file_name: str, kind: str) -> tuple[str, bytes]:
    """What a child has read out of a file for `kind`, as JSON, and how it ended: whole, cut, or one of NOT_SHOWN.

    Whatever the file does to the reader ends as an outcome, never as an error.
    """
    try:
        answer, made = _CHILDREN.ask({"name": file_name, "kind": kind}, content)
    except Gone as gone:
        log.warning("the child that opened a file for a preview is gone: %s", gone.why)
        return ("timeout" if gone.why == "timeout" else "unreadable"), b""
    return str(answer["outcome"]), made


def _notes(version: Version, kind: str, outcome: str) -> tuple[Message, ...]:
    said = []
    if outcome == "cut":
        said.append(NOTES["cut"])
    if kind == "places":
        said.append(NOTES["text-only"])
    if version.media_type in ("image/svg+xml", "application/xml"):
        said.append(NOTES["source"])
    return tuple(said)


_CHILDREN = Children(CHILD, count=2, seconds=TIME_LIMIT, files=FILES_A_CHILD)

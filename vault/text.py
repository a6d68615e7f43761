"""The text of documents: taken out of the file in a child process, kept encrypted under the document's own key.

What is kept lies in index/ of the data folder, one file a version, and opens with the version's data
key only: whoever destroys that key destroys the text with it, and a new master key changes nothing
here. Everything can be made anew from the documents.
"""

from __future__ import annotations

import json
import logging
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import tink

from core import db
from core.access import SYSTEM, open_to_all
from core.errors import AccordError
from core.ids import now
from core.language import Message, say
from vault import documents
from vault.children import Children, Gone
from vault.documents import INSPECTED_UP_TO, Version

CHILD = Path(__file__).with_name("text_child.py")
TIME_LIMIT = 60.0  # seconds a file; the child itself stops reading after 45
FILES_A_CHILD = 50
FORMAT = 1  # counts up when the child reads better than before: texts are then taken out anew
COLUMNS = ("version_id", "document_id", "outcome", "characters", "format", "read_at")
MAGIC = b"accord text 1\n"

db.unledgered("document_text")
log = logging.getLogger("accord.text")

OUTCOMES: dict[str, Message] = {
    "text": say("Its text can be searched."),
    "cut": say("Its first part can be searched; it holds more than is read."),
    "image-only": say("Images only: there is no text that could be searched."),
    "none": say("A kind of file without text: only its title can be searched."),
    "password-protected": say("Password-protected: only its title can be searched."),
    "unreadable": say("Its text could not be read: only its title can be searched."),
    "timeout": say("Reading its text took too long: only its title can be searched."),
    "too-large": say("Too large to be read: only its title can be searched."),
}
READING: Message = say("Its text is being read; until then only its title can be searched.")


@dataclass(frozen=True)
class Place:
    """A part of a document with its text. `kind` is page, slide, sheet, heading, mail, part, listing or empty."""

    kind: str
    label: str
    text: str


@dataclass(frozen=True)
class Text:
    """What came of reading a file: one of OUTCOMES, and the text by place."""

    outcome: str
    places: tuple[Place, ...] = ()

    @property
    def characters(self) -> int:
        """How much there is."""
        return sum(len(place.text) for place in self.places)


@open_to_all("it reads what it is given")
def taken(content: bytes, file_name: str) -> Text:
    """The text of a file; whatever the file does to the reader ends as an outcome, never as an error."""
    try:
        answer, text = _CHILDREN.ask({"name": file_name}, content)
        return Text(str(answer["outcome"]), tuple(Place(*place) for place in json.loads(text)))
    except Gone as gone:
        log.warning("the child that read a file is gone: %s", gone.why)
        return Text("timeout" if gone.why == "timeout" else "unreadable")


@open_to_all("for the index, which asks for each reader what exists for them")
def read(version: Version) -> Text:
    """Take the text out of a version and keep it. Raises Unavailable when its content can't be had now."""
    if version.size > INSPECTED_UP_TO:
        found = Text("too-large")
    else:
        found = taken(b"".join(documents.content(version)), version.file_name)
    _keep(version, found)
    return found


@open_to_all("for the index, which asks for each reader what exists for them")
def kept(version: Version, outcome: str) -> Text | None:
    """The text that was taken out of a version with this outcome; None when it has to be taken out anew."""
    try:
        with _file(version.id).open("rb") as source:
            clear = documents.vault().envelope.decrypting(
                version.wrapped_key, documents.bound_to(version), cast(BinaryIO, source)
            )
            whole = clear.read()
        if not whole.startswith(MAGIC):
            return None
        places = json.loads(zlib.decompress(whole[len(MAGIC) :]))
        return Text(outcome, tuple(Place(*place) for place in places))
    except (OSError, ValueError, zlib.error, tink.TinkError, AccordError):
        return None


@open_to_all("it tells nothing")
def forget(version_id: str) -> None:
    """Let go of what was kept of a version; it is no longer the current one, or is read anew."""
    _file(version_id).unlink(missing_ok=True)
    with db.write(SYSTEM) as tx:
        tx.execute("DELETE FROM document_text WHERE version_id = ?", [version_id])


@open_to_all("it tells nothing")
def forget_all() -> None:
    """Let go of everything: each document is read anew."""
    for path in folder().glob("*.text*"):
        path.unlink(missing_ok=True)
    with db.write(SYSTEM) as tx:
        tx.execute("DELETE FROM document_text")


@open_to_all("the place of the folder is no secret")
def folder() -> Path:
    """Where texts are kept."""
    return db.database().home / "index"


def _keep(version: Version, found: Text) -> None:
    """The file first, whole and encrypted, the row after: what is cut off in between is read anew."""
    write(version, found)
    with db.write(SYSTEM) as tx:
        tx.execute("DELETE FROM document_text WHERE version_id = ?", [version.id])
        tx.fill(
            "document_text", COLUMNS,
            [[version.id, version.document_id, found.outcome, found.characters, FORMAT, now()]],
        )  # fmt: skip


@open_to_all("it writes what it is given, where only the version's key opens it")
def write(version: Version, found: Text) -> None:
    """Put a text into its file, encrypted; the row in document_text makes it count."""
    path = _file(version.id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    beside = path.with_suffix(".text.new")
    packed = zlib.compress(json.dumps([[p.kind, p.label, p.text] for p in found.places], ensure_ascii=False).encode())
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        sealed = documents.vault().envelope.encrypting(
            version.wrapped_key, documents.bound_to(version), cast(BinaryIO, file)
        )
        sealed.write(MAGIC + packed)
        sealed.close()
    beside.replace(path)


def _file(version_id: str) -> Path:
    return folder() / f"{version_id}.text"


_CHILDREN = Children(CHILD, count=1, seconds=TIME_LIMIT, files=FILES_A_CHILD)

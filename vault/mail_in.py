"""A mail that was filed: its attachments become documents beside it, of the same class and clearance.

The mail itself stays as it came. A mail within the mail is a document too, and its attachments stand
beside that one. Mails are opened in a child process (vault/mail_child.py); each attachment is looked at as
any upload is, and one that is refused is told with its reason while the others are stored.
"""

from __future__ import annotations

import io
import logging
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from core import db, reading
from core.access import Actor, in_project, open_to_all
from core.errors import AccordError
from core.language import Message, say
from vault import documents
from vault.children import Children, Gone
from vault.documents import INSPECTED_UP_TO, Document, Stored

CHILD = Path(__file__).with_name("mail_child.py")
TIME_LIMIT = 20.0  # seconds a mail
FILES_A_CHILD = 50
ENDINGS = (".eml", ".msg")
DEPTH = 3  # mails within mails
MOST = 100  # attachments of one mail, those of mails within it counted in

log = logging.getLogger("accord.mail_in")


@dataclass(frozen=True)
class Beside:
    """What came of an attachment: the document that it became (None when it did not), and that in words."""

    name: str
    stored: Stored | None
    message: Message


@dataclass(frozen=True)
class Family:
    """The mail that a document came with, and what came with it, as far as it exists for the reader."""

    parent: Document | None
    children: tuple[Document, ...]


@open_to_all("it only looks at the name it is given")
def is_mail(file_name: str) -> bool:
    """Whether a file counts as a mail: by its name's ending."""
    return file_name.lower().endswith(ENDINGS)


@in_project("document.write")
def beside(actor: Actor, project: str, document: str) -> list[Beside]:
    """File the attachments of a mail that has just become a document; nothing for any other document.

    What can't be taken is told, never raised. Raises NotFound for a document that does not exist for the actor.
    """
    found, waiting = list[Beside](), deque([(documents.get(actor, project, document), DEPTH)])
    while waiting:
        mail, depth = waiting.popleft()
        version = documents.version_of(actor, project, mail.id, 1)
        if not is_mail(version.file_name):
            continue
        if version.size > INSPECTED_UP_TO or not depth:
            found.append(Beside(version.file_name, None, NOT_OPENED))
            continue
        parts, left = _taken(b"".join(documents.content(version)), version.file_name)
        room = max(0, MOST - len(found))
        if left or len(parts) > room:
            count = left + max(0, len(parts) - room)
            found.append(
                Beside(version.file_name, None, say("Attachments that could not be taken out: {count}.", count=count))
            )
        for name, content in parts[:room]:
            one = _file(actor, project, mail, name, content)
            found.append(one)
            if one.stored and is_mail(documents.plain_name(name)):
                waiting.append((documents.get(actor, project, one.stored.document), depth - 1))
    return found


@in_project("document.read")
def family(actor: Actor, project: str, document: str) -> Family:
    """The mail that a document came with, and what came with it. Raises NotFound."""
    reader, found = reading.reader(actor, project), documents.get(actor, project, document)
    some = db.all_of(
        Document,
        "WHERE project_id = ? AND NOT archived AND (id = ? OR came_with = ?) ORDER BY number",
        [project, found.came_with, found.id],
    )
    seen = [one for one in some if reader.sees(documents.thing(one))]
    parent = next((one for one in seen if one.id == found.came_with), None)
    return Family(parent, tuple(one for one in seen if one.came_with == found.id))


NOT_OPENED: Message = say("This mail is too large, or lies too deep in others, to be opened. It is stored as it is.")


def _file(actor: Actor, project: str, mail: Document, name: str, content: bytes) -> Beside:
    shown = documents.plain_name(name)
    try:
        stored = documents.put(
            actor, project, io.BytesIO(content), file_name=name, class_=mail.class_id, clearance=mail.clearance,
            came_with=mail.id,
        )  # fmt: skip
    except AccordError as error:
        return Beside(shown, None, say("{name} was not taken: {reason}", name=shown, reason=error.message))
    return Beside(shown, stored, say("{name} is {code}.", name=shown, code=stored.code))


def _taken(content: bytes, file_name: str) -> tuple[list[tuple[str, bytes]], int]:
    """Name and bytes of each attachment, and how many are not among them."""
    try:
        answer, whole = _CHILDREN.ask({"name": file_name}, content)
    except Gone as gone:
        log.warning("the child that opened a mail is gone: %s", gone.why)
        return [], 1
    if not answer["readable"]:
        return [], 1
    parts, start = [], 0
    for name, length in answer["parts"]:
        parts.append((str(name), whole[start : start + length]))
        start += length
    return parts, int(answer["left"])


_CHILDREN = Children(CHILD, count=1, seconds=TIME_LIMIT, files=FILES_A_CHILD)

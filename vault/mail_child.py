"""Takes the attachments out of mails that may be hostile. Run by vault/mail_in.py as `python -I`, never imported.

Takes requests as vault/children.py sends them; answers with a line of JSON, the name and length of each
attachment and how many could not be taken out, and then their bytes one after the other.
"""

from __future__ import annotations

import email
import email.policy
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # -I leaves out the script's own folder

from vault import child

MEMORY = 1024 * 1024 * 1024  # bytes of address space
CPU = 900  # seconds over its whole life
MOST = 100  # attachments of one mail
LARGEST = 64 * 1024 * 1024  # bytes of all of them together
DEPTH = 20  # parts within parts

Part = tuple[str, bytes]


def taken(content: bytes, name: str) -> tuple[list[Part], int]:
    """The attachments as (name, bytes), and how many there are that are not among them."""
    parts = _outlook(content) if name.lower().endswith(".msg") else _mail(content)
    found, left, size = list[Part](), 0, 0
    for part in parts:
        if part is None or len(found) >= MOST or size + len(part[1]) > LARGEST:
            left += 1
            continue
        size += len(part[1])
        found.append(part)
    return found, left


def _mail(content: bytes) -> Iterator[Part | None]:
    message = email.message_from_bytes(content, policy=email.policy.default)
    yield from _walk(message, True, DEPTH)


def _walk(part: Any, top: bool, depth: int) -> Iterator[Part | None]:
    """What is attached below a part; a mail within the mail is one attachment, whole."""
    if not top and part.get_content_type() == "message/rfc822":
        yield _inner(part)
        return
    if part.is_multipart():
        if depth:
            for inner in part.iter_parts():
                yield from _walk(inner, False, depth - 1)
        return
    name, disposition = _name(part), part.get_content_disposition()
    if disposition == "attachment" or (name and not (disposition == "inline" and part.get("content-id"))):
        try:
            whole = part.get_payload(decode=True)
        except Exception:  # encodings that the standard library can't read are many
            yield None
            return
        yield (name or "attachment", whole) if isinstance(whole, bytes) and whole else None


def _inner(part: Any) -> Part | None:
    try:
        message = part.get_payload(0)
        subject = str(message.get("subject") or "").strip()
        whole = message.as_bytes(policy=email.policy.compat32)
    except Exception:  # as above
        return None
    return (_name(part) or f"{subject or 'message'}.eml").removesuffix(".eml") + ".eml", whole


def _name(part: EmailMessage) -> str:
    try:
        return str(part.get_filename() or "").strip()
    except Exception:  # as above
        return ""


def _outlook(content: bytes) -> Iterator[Part | None]:
    import oxmsg

    for attachment in oxmsg.Message.load(content).attachments:
        try:
            # A message within the message is a storage of its own there, not a file that one could keep.
            whole = attachment.file_bytes if attachment.attached_by_value else None
            name = str(attachment.file_name or "").strip()
        except Exception:
            whole = None
        yield (name or "attachment", bytes(whole)) if whole else None


def main() -> None:
    """Answer until the parent goes."""
    import oxmsg  # noqa: F401  imported while files may still be opened by nobody but us

    child.give_up_rights(MEMORY, CPU)
    for about, content in child.requests():
        found: list[Part] = []
        left, readable = 0, True
        try:
            found, left = taken(content, about["name"])
        except Exception:  # whatever the file does: it is told, and the next one is read
            readable = False
        names = [[name, len(whole)] for name, whole in found]
        child.tell({"readable": readable, "left": left, "parts": names}, b"".join(whole for _name, whole in found))


if __name__ == "__main__":
    main()

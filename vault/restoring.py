"""An old version comes back as a new one: nothing that stands is rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, cast

from core.access import Actor, in_project
from core.errors import NotFound
from core.language import say
from vault import documents
from vault.documents import Stored


@in_project("document.write")
def restore(actor: Actor, project: str, document: str, version: int, *, note: str = "") -> Stored:
    """Make the content of `version` the next version of its document, encrypted anew under a key of its own.

    The bytes are looked at as any upload is. Raises NotFound, Conflict for the newest version (it is the
    current one) and while somebody else has the document checked out, FileRefused, Unavailable.
    """
    every = documents.versions(actor, project, document)
    old = next((one for one in every if one.number == version), None)
    if old is None:
        raise NotFound(say("There is no version {number} of this document.", number=version))
    return documents.put(
        actor, project, cast(BinaryIO, _Pieces(documents.content(old))), file_name=old.file_name, class_="",
        document=old.document_id, note=note.strip() or say("Restored from version {number}", number=version).text(),
        restored_from=version,
    )  # fmt: skip


class _Pieces:
    """Pieces as a file that can be read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all that are left when it is negative; empty at the end only."""
        parts, length = [self._left], len(self._left)
        while size < 0 or length < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            parts.append(piece)
            length += len(piece)
        whole = b"".join(parts)
        cut = length if size < 0 else size
        self._left = whole[cut:]
        return whole[:cut]

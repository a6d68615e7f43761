"""Chosen versions as one zip, streamed: memory stays constant however many and large they are."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Generator, Iterator, Sequence
from typing import IO, Any, cast

from core import language
from core.access import Actor, in_project
from core.errors import Invalid
from core.language import say
from vault import documents, shelf
from vault.documents import Fetched

MOST = 500  # files in one zip


@in_project("document.read")
def look(actor: Actor, project: str, wanted: Sequence[tuple[str, int]]) -> None:
    """See that each (document, version) is there to be fetched; nothing is fetched and nothing recorded.

    Raises Invalid for none or more than MOST, NotFound, Unavailable.
    """
    if not wanted:
        raise Invalid(say("Choose at least one document."))
    if len(wanted) > MOST:
        raise Invalid(say("A zip takes {count} files at most. Choose fewer.", count=MOST))
    for document, version in wanted:
        shelf.look(actor, project, document, version)


@in_project("document.read")
def zipped(actor: Actor, project: str, wanted: Sequence[tuple[str, int]]) -> Iterator[bytes]:
    """The versions as the bytes of a zip; each is asked for, and is an event, when its turn comes.

    Raises as `look` before the first byte. What goes wrong later breaks the zip off, so that nobody takes
    half of it for the whole.
    """
    look(actor, project, wanted)
    # The first one begins before the answer does: what is touched in the store is an error, not a torn file.
    first = documents.fetch(actor, project, *wanted[0])
    return _pieces(actor, project, first, wanted[1:])


def _pieces(actor: Actor, project: str, first: Fetched, rest: Sequence[tuple[str, int]]) -> Iterator[bytes]:
    out, names = _Out(), set[str]()
    with zipfile.ZipFile(cast(IO[bytes], out), "w", zipfile.ZIP_STORED) as archive:
        for fetched in _each(actor, project, first, rest):
            info = zipfile.ZipInfo(_free(fetched.file_name, names), language.local(fetched.at).timetuple()[:6])
            info.file_size = fetched.size
            info.external_attr = 0o644 << 16
            chunks = cast(Generator[bytes, None, None], fetched.chunks)
            try:
                with archive.open(info, "w", force_zip64=fetched.size > zipfile.ZIP64_LIMIT) as target:
                    for chunk in chunks:
                        target.write(chunk)
                        yield out.taken()
            finally:
                chunks.close()
            yield out.taken()
    yield out.taken()


def _each(actor: Actor, project: str, first: Fetched, rest: Sequence[tuple[str, int]]) -> Iterator[Fetched]:
    yield first
    for document, version in rest:
        yield documents.fetch(actor, project, document, version)


def _free(name: str, names: set[str]) -> str:
    """A name that no file has yet, also where case makes no difference: "note.txt", "note (2).txt"."""
    stem, dot, ending = name.rpartition(".") if "." in name[1:] else (name, "", "")
    found, count = name, 1
    while (known := unicodedata.normalize("NFC", found).casefold()) in names:
        count += 1
        found = f"{stem} ({count}){dot}{ending}"
    names.add(known)
    return found


class _Out:
    """Where the zip is written to: what has been written is taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._told = 0

    def write(self, piece: Any) -> int:
        """Keep a piece until it is taken."""
        self._pieces.append(bytes(piece))
        self._told += len(piece)
        return len(piece)

    def tell(self) -> int:
        """How much has been written."""
        return self._told

    def flush(self) -> None:
        """There is nothing to flush."""

    def taken(self) -> bytes:
        """What has been written since the last time."""
        found = b"".join(self._pieces)
        self._pieces.clear()
        return found

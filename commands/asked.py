"""What a command is given, what it answers, and how files are read and written for it.

What is imported late is imported late so that `accord --help` answers at once.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from core.access import Actor

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """A command on its way: who asks, what was typed, and where files are looked for."""

    actor: Actor
    options: dict[str, Any]
    folder: Path
    tell: Tell = lambda words: None  # where progress is told

    def progress(self, done: int, total: int) -> None:
        """Tell how far something long has come."""
        self.tell(f"{done} / {total}\n")

    def __getitem__(self, name: str) -> Any:
        return self.options[name]

    def path(self, name: str) -> Path:
        """A file as the asker named it."""
        return self.folder / name

    @property
    def project(self) -> str:
        """The id of the project that --project names. Raises NotFound."""
        from core import projects

        return projects.by_code(self.actor, self["project"]).id


@dataclass(frozen=True)
class Answer:
    """What a command prints: `data` with --json, else `text`. `ok` is False when the domain said no."""

    data: dict[str, Any]
    text: str
    ok: bool = True


def listing(items: list[dict[str, Any]], columns: Sequence[str], total: int | None = None) -> Answer:
    """Items as JSON, or as a table of some of their columns."""
    lines = [[cell(item[name]) for name in columns] for item in items]
    widths = [max((len(line[i]) for line in lines), default=0) for i in range(len(columns))]
    table = "\n".join(
        "  ".join(shown.ljust(width) for shown, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
    return Answer({"items": items, "total": len(items) if total is None else total}, table)


def cell(value: object) -> str:
    """A value in a table."""
    if value is None:
        return "-"
    return plain(value) if isinstance(value, date) else str(value)


def encoded(data: dict[str, Any]) -> str:
    """What --json prints."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=plain) + "\n"


def plain(value: object) -> str:
    """Moments as ISO 8601 with Z, days as ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def opened(path: Path) -> BinaryIO:
    """A file to read. Raises Invalid where it can't be."""
    from core.errors import Invalid
    from core.language import say

    try:
        return path.open("rb")
    except OSError as error:
        raise Invalid(
            say("{file} can't be read: {reason}.", file=str(path), reason=error.strerror or str(error))
        ) from error


def file_to_be(asked: Asked) -> Path:
    """The file that --out names."""
    from core.errors import Invalid
    from core.language import say

    out = asked.path(asked["out"])
    if out.is_dir():
        raise Invalid(say("{file} is a folder. Name a file.", file=str(out)))
    return out


def write(out: Path, pieces: Iterable[bytes], *, mode: int = 0o666) -> None:
    """The file stands whole under its name or not at all."""
    from core.errors import Invalid
    from core.language import say

    fresh = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        made = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with os.fdopen(made, "wb") as target:
            for piece in pieces:
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(out)
    except OSError as error:
        raise Invalid(
            say("{file} can't be written: {reason}.", file=str(out), reason=error.strerror or str(error))
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


def project_of_document(asked: Asked, *, trashed: bool = False) -> str:
    """The project of the document that is named, or the one that --project names. Raises NotFound."""
    from vault import documents

    if asked["project"]:
        return asked.project
    return documents.project_of(asked.actor, asked["document"], trashed=trashed)

"""Trello comes in: a board's export becomes requirements, with the true history of its cards.

| there | here |
|---|---|
| list | column, matched by name or new with a category guessed from its name; archived ones archived |
| card | requirement: title, description as statement, labels, due day (UTC), owner = the first member with an account; who made it, when and where as its source; further members and a ticked due date as a line in constraints; a priority where a label says one |
| checklist, item | checklist, item |
| comment | comment with its author's name and time; never a note of the team, never a mention |
| label | label; nameless ones by their colour |
| member | an account of the project, or a name |
| attachment | name, address and size; the file stays at Trello |
| change of list | the move, at its own time and in its mover's name |

A title of more than 300 characters is cut; the whole then starts the statement. A card in an archived
list is archived itself, as Trello hides it too. New requirements are `internal` unless told otherwise:
a client in the project would see them at once. What happens when a newer export comes is said in
core/exchange/imports.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core import db
from core.access import Actor, in_project
from core.exchange import trello_board
from core.exchange.imports import Noted, Run
from core.exchange.trello_intake import Column, Match, Taking
from core.ids import new_id


@dataclass(frozen=True)
class Imported:
    """What a run did. For each kind read = created + updated + unchanged + dropped."""

    id: str
    read: dict[str, int]
    created: dict[str, int]
    updated: dict[str, int]
    unchanged: dict[str, int]
    dropped: tuple[Noted, ...]
    remarks: tuple[Noted, ...]


@dataclass(frozen=True)
class Preview:
    """What a run would do; nothing of it is written."""

    board: str
    result: Imported
    columns: tuple[Column, ...]
    people: tuple[Match, ...]
    clearance: str


class _Rollback(Exception):
    """No error: a preview leaves its transaction by it."""


@in_project("import.run")
def preview(
    actor: Actor, project: str, data: bytes, *,
    people: Mapping[str, str | None] | None = None, columns: Mapping[str, str] | None = None,
    clearance: str | None = None, progress: Callable[[int, int], None] | None = None,
) -> Preview:  # fmt: skip
    """What `run` would do with the same arguments: it is the real run, taken back before it is written."""
    board = trello_board.read(data)
    try:
        with db.write(actor) as tx:
            taking = Taking(tx, actor, project, board, people or {}, columns or {}, clearance, progress)
            run_ = taking.take(data, file_name="")
            raise _Rollback  # noqa: TRY301
    except _Rollback:
        return Preview(board.name, _imported(run_), taking.columns_taken(), taking.people_taken(), taking.clearance)


@in_project("import.run")
def run(
    actor: Actor, project: str, data: bytes, *, file_name: str,
    people: Mapping[str, str | None] | None = None, columns: Mapping[str, str] | None = None,
    clearance: str | None = None, progress: Callable[[int, int], None] | None = None,
) -> Imported:  # fmt: skip
    """Take a board's export in, all of it or nothing.

    `people`: member's id -> account's id, or None to keep the name; the others are matched by name.
    `columns`: list's id -> a column's id, or a category for a new column. `clearance` of new
    requirements: internal, or the actor's own when that is lower. `progress(done, all)` is called
    now and then. Raises Invalid for a file that is no Trello export and for unknown accounts and
    columns, Refused for a clearance above the actor's.
    """
    board = trello_board.read(data)
    batch = new_id()
    with db.write(actor, batch=batch) as tx:
        taking = Taking(tx, actor, project, board, people or {}, columns or {}, clearance, progress)
        return _imported(taking.take(data, file_name=file_name))


def _imported(run_: Run) -> Imported:
    return Imported(
        run_.id, run_.read, run_.created, run_.updated, run_.unchanged, tuple(run_.left_out), tuple(run_.told)
    )

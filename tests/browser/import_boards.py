"""What browser tests of the import ask and do inside the app."""

from __future__ import annotations

from core import accounts, board, columns, projects, requirements
from core.board import Filters
from tests.conftest import OPERATOR


def cards(project: str) -> list[str]:
    """The titles of every requirement, archived ones among them."""
    every = [*board.listed(OPERATOR, project), *board.listed(OPERATOR, project, Filters(archived=True))]
    return sorted({card.requirement.title for card in every})


def owners(project: str) -> dict[str, str | None]:
    """Title of a requirement -> its owner's name."""
    names = {m.account_id: m.name for m in projects.members(OPERATOR, project)}
    return {c.requirement.title: names.get(c.requirement.owner_id or "") for c in board.listed(OPERATOR, project)}


def categories(project: str) -> dict[str, str]:
    """Name of a column -> its category."""
    return {state.name: state.category for state in columns.states(OPERATOR, project)}


def edited(project: str, mail: str, title: str) -> None:
    """Somebody works on a requirement."""
    found = next(c.requirement for c in board.listed(OPERATOR, project) if c.requirement.title == title)
    requirements.edit(
        accounts.by_mail(mail).actor, project, found.id, revision=found.revision, rationale="Because we said so"
    )

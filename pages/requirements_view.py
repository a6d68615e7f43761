"""What of the requirements one looks at, as it stands in the address: a view can be sent as a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qsl, urlencode

from core.board import Filters
from core.requirements import PRIORITIES

LANES = ("none", "priority", "owner", "label")
FORMS = ("board", "table")

KEYS = ("q", "mine", "overdue", "archived", "priority", "owner", "label", "lanes", "form", "fold")
"""The parts of the address that make a view; `card`, the open one, is not one of them."""


@dataclass(frozen=True)
class View:
    """Filters, lanes, form and folded columns of the board."""

    text: str = ""
    mine: bool = False
    overdue: bool = False
    archived: bool = False
    priorities: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    lanes: str = "none"
    form: str = "board"
    folded: tuple[str, ...] = ()

    @property
    def filtered(self) -> bool:
        """Whether anything is left out (archived cards always are)."""
        return replace(self, lanes="none", form="board", folded=()) != View()

    @property
    def query(self) -> str:
        """The view as a part of an address."""
        return urlencode(list(_pairs(self)))

    def filters(self, today: date) -> Filters:
        """What core/board.py reads by; `today` is the reader's."""
        return Filters(
            text=self.text, owners=self.owners, priorities=self.priorities, labels=self.labels,
            mine=self.mine, overdue=self.overdue, archived=self.archived, today=today,
        )  # fmt: skip


def of_pairs(pairs: Iterable[tuple[str, str]]) -> View:
    """The view that an address asks for; what makes no sense in it is passed over.

    >>> of_pairs([("priority", "must"), ("priority", "urgent"), ("mine", "1")]).query
    'mine=1&priority=must'
    """
    given: dict[str, list[str]] = {}
    for key, value in pairs:
        if value:
            given.setdefault(key, []).append(value)
    one = {key: values[-1] for key, values in given.items()}
    return View(
        text=one.get("q", ""),
        mine=one.get("mine") == "1",
        overdue=one.get("overdue") == "1",
        archived=one.get("archived") == "1",
        priorities=tuple(p for p in PRIORITIES if p in given.get("priority", ())),
        owners=tuple(given.get("owner", ())),
        labels=tuple(given.get("label", ())),
        lanes=one.get("lanes", "none") if one.get("lanes") in LANES else "none",
        form=one.get("form", "board") if one.get("form") in FORMS else "board",
        folded=tuple(given.get("fold", ())),
    )


def of_query(query: str) -> View:
    """The view of a saved query."""
    return of_pairs(parse_qsl(query))


def as_params(view: View, others: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The whole address for `view`; what else stands in it (`others`: project, card) is kept."""
    params = {key: list(values) for key, values in others.items() if key not in KEYS}
    for key, value in _pairs(view):
        params.setdefault(key, []).append(value)
    return params


def _pairs(view: View) -> Iterable[tuple[str, str]]:
    """What differs from the plain board."""
    if view.text:
        yield "q", view.text
    for key in ("mine", "overdue", "archived"):
        if getattr(view, key):
            yield key, "1"
    for key, values in (("priority", view.priorities), ("owner", view.owners), ("label", view.labels)):
        for value in values:
            yield key, value
    if view.lanes != "none":
        yield "lanes", view.lanes
    if view.form != "board":
        yield "form", view.form
    for state in view.folded:
        yield "fold", state

"""The board of requirements as a part of the screen: what it is given, what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.access import CLEARANCES, clearance_name
from core.accounts import initials
from core.board import Card
from core.columns import State
from core.language import local
from core.language import text as _
from core.requirements import PRIORITIES
from pages.kit import parts, scripts

FIELDS = (
    "id", "number", "code", "title", "priority", "owner", "labels", "due", "age", "comments", "documents",
    "state", "position", "clearance",
)  # fmt: skip
"""A card goes to the browser as a row of these: 2,000 cards are a third of the size with names in each."""


@dataclass(frozen=True)
class Shown:
    """What a board shows: the cards of one view of one project."""

    project: str
    seq: int
    view: str
    states: Sequence[State]
    totals: Mapping[str, int]
    cards: Sequence[Card]
    people: Mapping[str, str]
    lanes: str
    folded: Sequence[str]
    opened: str | None
    filtered: bool
    may: Mapping[str, bool]
    today: date
    language: str
    zone: str


def board(
    shown: Shown,
    *,
    key: str,
    on_open: Callable[[], None],
    on_fold: Callable[[], None],
    on_clear: Callable[[], None],
) -> Any:
    """Draw the board. The result holds what was pressed: `open` {code}, `fold` [state ids], `clear`, `changed`."""
    return scripts.component("board", "board/board.js", "board/board.css")(
        key=key,
        data=described(shown),
        on_open_change=on_open,
        on_fold_change=on_fold,
        on_clear_change=on_clear,
        on_changed_change=lambda: None,
    )


def described(shown: Shown) -> dict[str, Any]:
    """A view as the script takes it."""
    return {
        "project": shown.project,
        "seq": shown.seq,
        "view": shown.view,
        "fields": FIELDS,
        "cards": [row(card, shown.today) for card in shown.cards],
        "columns": [
            {
                "id": state.id,
                "name": state.name,
                "category": state.category,
                "limit": state.wip_limit,
                "total": shown.totals.get(state.id, 0),
            }
            for state in shown.states
        ],
        "people": {account: {"name": name, "initials": initials(name)} for account, name in shown.people.items()},
        "priorities": {name: parts.priority_name(name) for name in PRIORITIES},
        "clearances": {name: clearance_name(name).text() for name in CLEARANCES},
        "lanes": shown.lanes,
        "folded": list(shown.folded),
        "open": shown.opened,
        "filtered": shown.filtered,
        "may": dict(shown.may),
        "today": shown.today.isoformat(),
        "zone": shown.zone,
        "language": shown.language.replace("_", "-"),
        "words": words(),
    }


def row(card: Card, today: date) -> list[Any]:
    """A card as the values of FIELDS; `age` in days of the reader's calendar."""
    it = card.requirement
    return [
        it.id, it.number, it.code, it.title, it.priority, it.owner_id or "", it.labels, it.due and it.due.isoformat(),
        age(it.state_since, today), card.comments, card.documents, it.state_id, it.position,
        "" if it.clearance == "public" else it.clearance,
    ]  # fmt: skip


def age(since: datetime, today: date) -> int:
    """How many days a card has been in its column."""
    return max(0, (today - local(since).date()).days)


def words() -> dict[str, str]:
    """The sentences of the script in the reader's language; what stands in braces is filled in there."""
    return {
        "board": _("Board of requirements"),
        "card": _("card"),
        "add": _("Add"),
        "addTo": _("Add to {column}", column="{column}"),
        "whatIsAsked": _("What is asked for?"),
        "enterAdds": _("Enter adds, Esc closes"),
        "nobody": _("Nobody"),
        "nolabel": _("Without label"),
        "over": _("over {limit}", limit="{limit}"),
        "of": _("{shown} of {total}", shown="{shown}", total="{total}"),
        "column": _("{column}, {count} cards", column="{column}", count="{count}"),
        "columnOver": _("{column}, {count} cards, more than the limit of {limit}",
                        column="{column}", count="{count}", limit="{limit}"),
        "fold": _("Fold {column}", column="{column}"),
        "unfold": _("Unfold {column}", column="{column}"),
        "days": _("{count} d", count="{count}"),
        "forDays": _("in this column for {count} days", count="{count}"),
        "ownedBy": _("owner {name}", name="{name}"),
        "dueOn": _("due {day}", day="{day}"),
        "overdueSince": _("overdue since {day}", day="{day}"),
        "comments": _("{count} comments", count="{count}"),
        "documents": _("{count} documents", count="{count}"),
        "comma": _(", "),
        "chosen": _("{count} chosen", count="{count}"),
        "chooseNone": _("Choose none"),
        "moveTo": _("Move to …"),
        "picked": _("{code} picked up. {column}, place {place} of {count}.",
                    code="{code}", column="{column}", place="{place}", count="{count}"),
        "howTo": _("Arrows walk from card to card, Enter opens one, Space picks it up, X chooses several."),
        "howToCarry": _("Arrows carry it, Space puts it down, Escape brings it back."),
        "carried": _("{column}, place {place} of {count}.", column="{column}", place="{place}", count="{count}"),
        "dropped": _("{code} put down. {column}, place {place} of {count}.",
                     code="{code}", column="{column}", place="{place}", count="{count}"),
        "cancelled": _("{code} is back where it was.", code="{code}"),
        "noAnswer": _("The server does not answer. The board is as it was; when the server is back, it shows how things stand."),
        "nothingFits": _("No requirement fits these filters."),
        "nothing": _("No requirement yet."),
        "nothingYet": _("No requirement yet. Write down the first one in a column below."),
        "showAll": _("Show all"),
        "undo": _("Undo"),
    }  # fmt: skip

"""A Trello export as plain things: what stands in the file, read once and checked.

Read in the files of ten years: old exports lack `labels`, `attachments` or `checklists`, newer ones
have more keys than anybody needs. What can't be used is listed with its reason, never passed over.
Trello writes the newest 1000 actions at most, so comments and moves before them are not in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from core.access import open_to_all
from core.errors import Invalid
from core.exchange.imports import Noted
from core.language import Message, say

LARGEST = 100 * 1024 * 1024
"""Bytes. The largest boards that people report are about 50 MB."""

ACTIONS_AT_MOST = 1000

KINDS = ("lists", "cards", "checklists", "checklist_items", "comments", "labels", "members", "attachments", "moves")


@dataclass(frozen=True)
class Person:
    """Somebody on the board, or somebody who once was."""

    id: str
    name: str
    username: str


@dataclass(frozen=True)
class BoardList:
    """A list; `place` is its order, `limit` its own limit of cards."""

    id: str
    name: str
    archived: bool
    archived_at: datetime | None
    place: float
    limit: int | None


@dataclass(frozen=True)
class Card:
    """A card. `first_list` is where it was made, when the file says; `created_at` None when nothing tells."""

    id: str
    list_id: str
    first_list: str | None
    title: str
    text: str
    url: str
    archived: bool
    archived_at: datetime | None
    due: date | None
    due_complete: bool
    place: float
    labels: tuple[str, ...]
    members: tuple[str, ...]
    author: str
    created_at: datetime | None
    last_activity: datetime | None


@dataclass(frozen=True)
class Label:
    """A label; nameless ones have their colour only."""

    id: str
    name: str
    colour: str


@dataclass(frozen=True)
class Checklist:
    """A checklist of a card."""

    id: str
    card_id: str
    title: str
    place: float


@dataclass(frozen=True)
class CheckItem:
    """An item of a checklist; its own due date and member stand behind the title."""

    id: str
    checklist_id: str
    card_id: str
    title: str
    done: bool
    place: float


@dataclass(frozen=True)
class Comment:
    """What somebody said on a card."""

    id: str
    card_id: str
    text: str
    author_id: str
    author: str
    at: datetime | None


@dataclass(frozen=True)
class Attachment:
    """A file or address on a card; `size` in bytes, None for addresses."""

    id: str
    card_id: str
    name: str
    url: str
    size: int | None
    at: datetime | None


@dataclass(frozen=True)
class Move:
    """A card went into the list `after`, on this board or (without `before`) from another one."""

    id: str
    card_id: str
    before: str | None
    after: str
    by: str
    at: datetime


@dataclass
class Board:
    """Everything of an export that Accord takes in. `dropped` can't be used, `remarks` are told."""

    id: str
    name: str
    url: str
    people: dict[str, Person] = field(default_factory=dict)
    members: list[Person] = field(default_factory=list)
    lists: list[BoardList] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    checklists: list[Checklist] = field(default_factory=list)
    items: list[CheckItem] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    dropped: list[Noted] = field(default_factory=list)
    remarks: list[Noted] = field(default_factory=list)


@open_to_all("it reads the bytes it is given and touches nothing")
def read(data: bytes) -> Board:
    """The board of an exported file.

    Raises Invalid, in words, for a file that is too large, no JSON, no Trello export or an empty board.
    """
    if len(data) > LARGEST:
        raise Invalid(say("This file is larger than {limit} MB.", limit=LARGEST // 1024 // 1024), field="file")
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Invalid(
            say(
                "This is no Trello export: the file is not JSON. In Trello: Menu, Print, export and share, Export as JSON."
            ),
            field="file",
        ) from error
    if not _is_board(raw):
        raise Invalid(
            say("This is JSON, but no Trello export: it has no board with lists and cards. Export the board itself, as JSON."),
            field="file",
        )  # fmt: skip
    if not raw["lists"] and not raw["cards"]:
        raise Invalid(say("This Trello board is empty: it has no lists and no cards."), field="file")
    return _Reading(raw).board


def _is_board(raw: object) -> bool:
    return (
        isinstance(raw, dict)
        and isinstance(raw.get("id"), str)
        and bool(raw["id"])
        and isinstance(raw.get("lists"), list)
        and isinstance(raw.get("cards"), list)
    )


class _Reading:
    """One pass over a file: actions first, because they tell how cards came to be."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.seen: dict[str, set[str]] = {}
        self.board = Board(_line(raw["id"]), _line(raw.get("name")) or "Trello", _line(raw.get("url")))
        self.actions = [
            a for a in _sequence(raw.get("actions")) if isinstance(a, dict) and isinstance(a.get("data"), dict)
        ]
        self.actions.sort(key=lambda a: (_line(a.get("date")), _line(a.get("id"))))
        self._people()
        self._lists()
        self._labels()
        self._cards()
        self._checklists()
        self._comments()
        self._moves()
        if len(self.actions) >= ACTIONS_AT_MOST:
            oldest = _moment(self.actions[0].get("date"))
            self.board.remarks.append(Noted("cards", self.board.id, say(
                "Trello exports the newest {count} actions only: comments and moves before {day} are not in the file.",
                count=ACTIONS_AT_MOST, day=oldest.date().isoformat() if oldest else "?",
            ), self.board.name))  # fmt: skip

    def entries(self, kind: str, found: object) -> Iterator[tuple[str, dict[str, Any]]]:
        """The usable entries of a list in the file, by id; the others are dropped with their reason."""
        seen = self.seen.setdefault(kind, set())
        for entry in _sequence(found):
            if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not _line(entry["id"]):
                self.drop(kind, "", say("It has no id."))
            elif _line(entry["id"]) in seen:
                self.drop(kind, _line(entry["id"]), say("The same id stands twice in the file."))
            else:
                seen.add(_line(entry["id"]))
                yield _line(entry["id"]), entry

    def drop(self, kind: str, source_id: str, reason: Message, name: str = "") -> None:
        self.board.dropped.append(Noted(kind, source_id, reason, name))

    def by(self, action: dict[str, Any]) -> str:
        """The name of who did it."""
        creator = _mapping(action.get("memberCreator"))
        known = self.board.people.get(_line(action.get("idMemberCreator")) or _line(creator.get("id")))
        return known.name if known else _line(creator.get("fullName")) or _line(creator.get("username"))

    def _people(self) -> None:
        board = self.board
        for found_id, m in self.entries("members", self.raw.get("members")):
            name = _line(m.get("fullName")) or _line(m.get("username")) or found_id
            board.members.append(Person(found_id, name, _line(m.get("username"))))
        board.people = {p.id: p for p in board.members}
        for action in self.actions:
            for m in (_mapping(action.get("memberCreator")), _mapping(action.get("member"))):
                found_id, name = _line(m.get("id")), _line(m.get("fullName")) or _line(m.get("username"))
                if found_id and name and found_id not in board.people:
                    board.people[found_id] = Person(found_id, name, _line(m.get("username")))
        if "members" not in self.raw:
            board.members = list(board.people.values())

    def _lists(self) -> None:
        closed: dict[str, datetime | None] = {}
        for action in self.actions:
            about = _mapping(action["data"].get("list"))
            if action.get("type") == "updateList" and about.get("closed") is True:
                closed[_line(about.get("id"))] = _moment(action.get("date"))
        for found_id, entry in self.entries("lists", self.raw["lists"]):
            limit = entry.get("softLimit")
            self.board.lists.append(BoardList(
                found_id, _line(entry.get("name")) or "—", entry.get("closed") is True, closed.get(found_id),
                _number(entry.get("pos")), limit if isinstance(limit, int) and 0 < limit < 1_000_000 else None,
            ))  # fmt: skip
        self.board.lists.sort(key=lambda one: one.place)

    def _labels(self) -> None:
        """From `labels`; in files without it from the cards' own labels and the names of the colours."""
        if "labels" in self.raw:
            found = _sequence(self.raw["labels"])
        else:
            by_id: dict[str, dict[str, Any]] = {}
            for card in _sequence(self.raw["cards"]):
                for label in _sequence(_mapping(card).get("labels")):
                    one = _mapping(label)
                    by_id.setdefault(self.label_id(one), one | {"id": self.label_id(one)})
            named = {(one.get("color"), _line(one.get("name"))) for one in by_id.values()}
            for colour, name in _mapping(self.raw.get("labelNames")).items():
                if _line(name) and (colour, _line(name)) not in named:
                    one = {"color": colour, "name": name}
                    by_id[self.label_id(one)] = one | {"id": self.label_id(one)}
            found = list(by_id.values())
        used = {
            label for _, card in _pairs(self.raw["cards"])
            for label in (*(_line(i) for i in _sequence(card.get("idLabels"))),
                          *(self.label_id(_mapping(one)) for one in _sequence(card.get("labels"))))
        }  # fmt: skip
        for found_id, entry in self.entries("labels", found):
            name, colour = _line(entry.get("name")), _line(entry.get("color"))
            if name or found_id in used:
                self.board.labels.append(Label(found_id, name or colour or "—", colour))
            else:
                self.drop("labels", found_id, say("It has no name and no card carries it."), colour)

    def label_id(self, label: dict[str, Any]) -> str:
        """Its id; the oldest exports know labels by colour and name only, which count within the board."""
        return _line(label.get("id")) or f"{self.board.id}:{_line(label.get('color'))}:{_line(label.get('name'))}"

    def _cards(self) -> None:
        board = self.board
        lists = {one.id: one for one in board.lists}
        names = {one.id: one.name for one in board.labels}
        made: dict[str, dict[str, Any]] = {}
        closed: dict[str, datetime | None] = {}
        for action in self.actions:
            card = _mapping(action["data"].get("card"))
            if action.get("type") in ("createCard", "copyCard", "convertToCardFromCheckItem", "emailCard"):
                made.setdefault(_line(card.get("id")), action)
            if (
                action.get("type") == "updateCard"
                and card.get("closed") is True
                and "closed" in _mapping(action["data"].get("old"))
            ):
                closed[_line(card.get("id"))] = _moment(action.get("date"))
        for found_id, entry in self.entries("cards", self.raw["cards"]):
            title, text = _line(entry.get("name")), _text(entry.get("desc")).strip()
            inside = lists.get(_line(entry.get("idList")))
            if inside is None:
                self.drop("cards", found_id, say("Its list is not in the file."), title)
                continue
            due = _moment(entry.get("due"))
            if entry.get("due") and due is None:
                board.remarks.append(Noted("cards", found_id, say(
                    "The due date “{due}” could not be read and was left out.", due=_line(entry["due"])), title))  # fmt: skip
            creation = made.get(found_id, {})
            labels = [_line(i) for i in _sequence(entry.get("idLabels"))] or [
                self.label_id(_mapping(one)) for one in _sequence(entry.get("labels"))
            ]
            board.cards.append(Card(
                id=found_id, list_id=inside.id,
                first_list=_line(_mapping(_mapping(creation.get("data")).get("list")).get("id")) or None,
                title=title, text=text, url=_address(entry.get("shortUrl")) or _address(entry.get("url")),
                archived=entry.get("closed") is True or inside.archived,
                archived_at=closed.get(found_id) if entry.get("closed") is True else inside.archived_at,
                due=due.date() if due else None, due_complete=entry.get("dueComplete") is True,
                place=_number(entry.get("pos")),
                labels=tuple(dict.fromkeys(names[i] for i in labels if i in names)),
                members=tuple(dict.fromkeys(_line(i) for i in _sequence(entry.get("idMembers")) if _line(i))),
                author=self.by(creation) if creation else "",
                created_at=_born(found_id) or _moment(creation.get("date")) or _moment(entry.get("dateLastActivity")),
                last_activity=_moment(entry.get("dateLastActivity")),
            ))  # fmt: skip
            self._attachments(found_id, entry)
        board.cards.sort(key=lambda one: (one.created_at or datetime.max, one.id))  # noqa: DTZ901 - only sorted by

    def _attachments(self, card: str, entry: dict[str, Any]) -> None:
        for found_id, one in self.entries("attachments", entry.get("attachments")):
            url, name = _address(one.get("url")), _line(one.get("name"))
            if not url:
                self.drop("attachments", found_id, say("Its address is not a web address."), name)
                continue
            size = one.get("bytes")
            known = isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**62
            at = _moment(one.get("date")) or _born(found_id)
            self.board.attachments.append(Attachment(found_id, card, name or url, url, size if known else None, at))

    def _checklists(self) -> None:
        """Of the board; some tools write them inside the cards."""
        found = self.raw.get("checklists")
        if found is None:
            found = [
                _mapping(one) | {"idCard": card_id}
                for card_id, card in _pairs(self.raw["cards"]) for one in _sequence(card.get("checklists"))
            ]  # fmt: skip
        cards = {one.id for one in self.board.cards}
        ticked = {
            _line(_mapping(state).get("idCheckItem"))
            for _, card in _pairs(self.raw["cards"]) for state in _sequence(card.get("checkItemStates"))
            if _mapping(state).get("state") == "complete"
        }  # fmt: skip
        for found_id, entry in self.entries("checklists", found):
            card, title = _line(entry.get("idCard")), _line(entry.get("name"))
            there = card in cards
            if there:
                self.board.checklists.append(Checklist(found_id, card, title or "—", _number(entry.get("pos"))))
            else:
                self.drop("checklists", found_id, _NO_CARD, title)
            for item_id, item in self.entries("checklist_items", entry.get("checkItems")):
                words = _line(item.get("name"))
                if not there:
                    self.drop("checklist_items", item_id, _NO_CARD, words)
                elif not words:
                    self.drop("checklist_items", item_id, say("It has no text."))
                else:
                    due, person = _moment(item.get("due")), self.board.people.get(_line(item.get("idMember")))
                    more = ", ".join(
                        x for x in (person.name if person else "", due.date().isoformat() if due else "") if x
                    )
                    self.board.items.append(CheckItem(
                        item_id, found_id, card, f"{words} ({more})" if more else words,
                        item.get("state") == "complete" or ("state" not in item and item_id in ticked),
                        _number(item.get("pos")),
                    ))  # fmt: skip

    def _comments(self) -> None:
        cards = {one.id for one in self.board.cards}
        said = [a for a in self.actions if a.get("type") in ("commentCard", "copyCommentCard")]
        for found_id, action in self.entries("comments", said):
            about = action["data"]
            words = (_text(about.get("text")) or _text(_mapping(about.get("textData")).get("text"))).strip()
            card = _mapping(about.get("card"))
            author = _line(about.get("idOriginalCommenter")) or _line(action.get("idMemberCreator"))
            known = self.board.people.get(author)
            if _line(card.get("id")) not in cards:
                self.drop("comments", found_id, _NO_CARD, words[:80])
            elif not words:
                self.drop("comments", found_id, say("It has no text."), _line(card.get("name")))
            else:
                self.board.comments.append(Comment(
                    found_id, _line(card["id"]), words, author, (known.name if known else self.by(action)) or "Trello",
                    _moment(action.get("date")) or _born(found_id),
                ))  # fmt: skip

    def _moves(self) -> None:
        """Changes of list, in the order of time."""
        cards, lists = {one.id for one in self.board.cards}, {one.id for one in self.board.lists}
        moved = [
            a for a in self.actions
            if (a.get("type") == "updateCard" and "listAfter" in a["data"] and "listBefore" in a["data"])
            or a.get("type") in ("moveCardToBoard", "moveCardFromBoard")
        ]  # fmt: skip
        for found_id, action in self.entries("moves", moved):
            about = action["data"]
            card = _mapping(about.get("card"))
            arrived = action.get("type") == "moveCardToBoard"
            after = _line(_mapping(about.get("list" if arrived else "listAfter")).get("id"))
            at, name = _moment(action.get("date")) or _born(found_id), _line(card.get("name"))
            if _line(card.get("id")) not in cards:
                self.drop("moves", found_id, _NO_CARD, name)
            elif action.get("type") == "moveCardFromBoard":
                self.drop("moves", found_id, say("The card left the board here and came back later."), name)
            elif after not in lists:
                self.drop("moves", found_id, say("The list it went into is not in the file."), name)
            elif at is None:
                self.drop("moves", found_id, say("The file does not say when."), name)
            else:
                before = None if arrived else _line(_mapping(about["listBefore"]).get("id")) or None
                self.board.moves.append(Move(found_id, _line(card["id"]), before, after, self.by(action), at))


_NO_CARD = say("The card is not in the file.")


def _pairs(found: object) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in _sequence(found):
        if isinstance(entry, dict):
            yield _line(entry.get("id")), entry


def _sequence(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def _mapping(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _text(found: object) -> str:
    """Text that the database takes: without NUL, and without halves of surrogate pairs, which JSON allows."""
    if not isinstance(found, str):
        return ""
    return found.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _line(found: object) -> str:
    """Text in one line."""
    return " ".join(_text(found).split())


def _number(found: object) -> float:
    """A place in an order. Trello's steps are 2^16; Accord's are 1."""
    if isinstance(found, bool) or not isinstance(found, int | float) or not -1e15 < found < 1e15:
        return 0.0
    return float(found) / 65536


def _moment(found: object) -> datetime | None:
    """A moment as naive UTC; None for what is none."""
    if not isinstance(found, str):
        return None
    try:
        at = datetime.fromisoformat(found)
        return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    except (ValueError, OverflowError):
        return None


def _born(object_id: str) -> datetime | None:
    """When a thing was made: the first eight hex digits of a Trello id are its second since 1970."""
    try:
        seconds = int(object_id[:8], 16) if len(object_id) == 24 else 0
    except ValueError:
        return None
    # Trello opened in 2011: an earlier "second" is an id from elsewhere.
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) if seconds > 1_293_840_000 else None


def _address(found: object) -> str:
    url = _line(found)
    return url if url.lower().startswith(("https://", "http://")) else ""

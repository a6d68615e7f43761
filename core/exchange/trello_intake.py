"""One board going into one project: kind after kind, inside one transaction (see core/exchange/trello.py)."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import access, db
from core.access import Actor, Standing
from core.checklists import Attachment, Checklist, ChecklistItem
from core.columns import CATEGORIES, State
from core.comments import Comment
from core.errors import Invalid
from core.exchange import trello_board
from core.exchange.imports import Run
from core.exchange.intake import Intake, digest
from core.exchange.trello_board import KINDS, Board, BoardList, Card, Person
from core.exchange.trello_words import category_of, priority_of
from core.ids import new_id
from core.language import say, speaking
from core.requirements import Label, Requirement
from core.rows import ENTITIES

SYSTEM = "trello"
LONGEST_TITLE = 300


@dataclass(frozen=True)
class Column:
    """What a list becomes: a column that stands (`state`), or a new one of a category."""

    list_id: str
    list_name: str
    archived: bool
    cards: int
    state: str | None
    name: str
    category: str


@dataclass(frozen=True)
class Match:
    """Who somebody on the board is: an account of the project, or None for a name."""

    person: Person
    account: str | None
    on_cards: int


class Taking:
    """One board going into one project, kind after kind."""

    def __init__(
        self, tx: db.Transaction, actor: Actor, project: str, board: Board, people: Mapping[str, str | None],
        chosen: Mapping[str, str], clearance: str | None, progress: Callable[[int, int], None] | None,
    ) -> None:  # fmt: skip
        self.tx, self.actor, self.project, self.board = tx, actor, project, board
        self.own: Standing = access.standing(actor, project)
        self.clearance = clearance or min("internal", self.own.clearance, key=access.CLEARANCES.index)
        if self.clearance not in access.CLEARANCES:
            raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
        access.require_clearance(self.own, self.clearance)
        self.chosen = chosen
        self.language = str(tx.value("SELECT language FROM project WHERE id = ?", [project]))
        self.intake = Intake(tx, self.own, project, SYSTEM, KINDS, _steps(board, progress))
        self.accounts = self._accounts(people)
        self.states: dict[str, State] = {}
        self.below: dict[str, float] = {}
        self.cards: dict[str, Requirement] = {}
        self.moves: dict[str, list[trello_board.Move]] = {}
        for move in board.moves:
            self.moves.setdefault(move.card_id, []).append(move)

    def take(self, data: bytes, *, file_name: str) -> Run:
        """Everything, in an order in which each finds what it hangs on."""
        for one in self.board.dropped:
            self.intake.drop(one.kind, one.id, one.reason, one.name)
        for one in self.board.remarks:
            self.intake.remark(one.kind, one.id, one.reason, one.name)
        for part in (self._members, self._lists, self._labels, self._cards, self._checklists, self._comments,
                     self._attachments):  # fmt: skip
            part()
            self.intake.flush()
        return self.intake.finish(
            self.actor, run_id=self.tx.batch, source_id=self.board.id, source_name=self.board.name,
            file_name=file_name, sha256=hashlib.sha256(data).hexdigest(),
        )  # fmt: skip

    # people

    def _accounts(self, chosen: Mapping[str, str | None]) -> dict[str, str]:
        """Person on the board -> account: as chosen, as the last time, or the one with the same name."""
        members = self.tx.rows(
            """
            SELECT a.id, a.name, a.mail
            FROM account a
            LEFT JOIN membership m ON m.account_id = a.id AND m.project_id = ?
            WHERE a.active AND (m.id IS NOT NULL OR a.administrator)
            """,
            [self.project],
        )
        possible = {m["id"] for m in members}
        unknown = {account for account in chosen.values() if account} - possible
        if unknown:
            raise Invalid(say("An import matches people with members of the project only."), field="people")
        by_word: dict[str, set[str]] = {}
        for m in members:
            for word in (m["name"], m["mail"], m["mail"].partition("@")[0]):
                by_word.setdefault(word.casefold(), set()).add(m["id"])
        found: dict[str, str] = {}
        for person in self.board.people.values():
            record = self.intake.known.get(("members", person.id))
            if person.id in chosen:
                account = chosen[person.id]
            elif record:
                account = record.entity_id if record.entity_id in possible else None
            else:
                named = by_word.get(person.name.casefold(), set()) or by_word.get(person.username.casefold(), set())
                account = next(iter(named)) if len(named) == 1 else None
            if account:
                found[person.id] = account
        return found

    def _members(self) -> None:
        for person in self.board.members:
            account, record = self.accounts.get(person.id), self.intake.known.get(("members", person.id))
            if record and record.entity_id == account:
                self.intake.count("unchanged", "members")
                continue
            outcome = "updated" if record else "created"
            self.intake.record("members", person.id, outcome, "account" if account else None, account)
            self.intake.count(outcome, "members")

    def people_taken(self) -> tuple[Match, ...]:
        """Who is who, members of the board first."""
        on_cards = [member for card in self.board.cards for member in card.members]
        return tuple(Match(p, self.accounts.get(p.id), on_cards.count(p.id)) for p in self.board.people.values())

    # columns

    def _lists(self) -> None:
        standing = self.intake.rows(State)
        unknown = {state for state in self.chosen.values() if state not in CATEGORIES} - set(standing)
        if unknown:
            raise Invalid(say("There is no such column."), field="columns")
        for one in self.board.lists:
            record = self.intake.known.get(("lists", one.id))
            state = self.intake.row(State, record) if record else None
            choice = self.chosen.get(one.id)
            if choice in standing:
                self._place(one, standing[choice], state)
            elif record is None or state is None or self._closed_here(one, state, record.imported):
                same = (s for s in standing.values() if _word(s.name) == _word(one.name) and s.archived == one.archived)
                self._place(one, None if choice else next(same, None), None)
            elif "name" not in record.imported:
                self.states[one.id] = state
                self.intake.count("unchanged", "lists")
            else:
                self.states[one.id] = self._follow(one, state)
            if below := self.intake.known[("lists", one.id)].imported.get("below"):
                self.below[one.id] = float(below)

    def _place(self, one: BoardList, found: State | None, before: State | None) -> None:
        """The column of a list: `found`, or a new one at the right. `before`: where it went the last time."""
        if found is None:
            position = max((s.position for s in self.intake.rows(State).values()), default=-1) + 1
            choice = self.chosen.get(one.id, "")
            category = choice if choice in CATEGORIES else category_of(one.name)
            fresh = State(new_id(), self.project, one.name, category, position, one.limit, one.archived, 1)
            self.states[one.id] = self.intake.create("lists", one.id, [(fresh, "created", {})], _list_values(one))
            return
        self.states[one.id] = found
        if before and before.id == found.id:
            self.intake.count("unchanged", "lists")
            return
        # Its cards come below those that stand in the column already, now and at the next import.
        last = max((r.position for r in self.intake.rows(Requirement).values() if r.state_id == found.id), default=0.0)
        outcome = "updated" if before else "known"
        self.intake.record("lists", one.id, outcome, "requirement_state", found.id, {"below": repr(last)})
        self.intake.count("updated" if before else "unchanged", "lists")

    def _closed_here(self, one: BoardList, state: State, imported: Mapping[str, str]) -> bool:
        """Whether somebody took the column of an open list off the board: its cards need another."""
        return state.archived and not one.archived and imported.get("archived", digest(False)) == digest(False)

    def _follow(self, one: BoardList, state: State) -> State:
        """A column that came with an import follows its list; it is not hidden while it holds other cards."""
        keep = set()
        if one.archived and not state.archived:
            ours = {
                record.entity_id for card in self.board.cards if (record := self.intake.known.get(("cards", card.id)))
            }
            held = [
                r for r in self.intake.rows(Requirement).values()
                if r.state_id == state.id and not r.archived and r.id not in ours
            ]  # fmt: skip
            if held:
                keep.add("archived")
                self.intake.remark("lists", one.id, say(
                    "It is archived in Trello; its column stays, because it holds {count} cards.", count=len(held),
                ), one.name)  # fmt: skip
        return self.intake.update("lists", one.id, state, _list_values(one), name=one.name, keep=frozenset(keep))

    def columns_taken(self) -> tuple[Column, ...]:
        """What each list becomes, left to right."""
        fresh = {
            r.entity_id for (kind, _), r in self.intake.fresh.items() if kind == "lists" and r.outcome == "created"
        }
        count = [card.list_id for card in self.board.cards].count
        return tuple(
            Column(one.id, one.name, one.archived, count(one.id), None if state.id in fresh else state.id, state.name, state.category)
            for one in self.board.lists if (state := self.states[one.id])
        )  # fmt: skip

    # labels

    def _labels(self) -> None:
        standing = self.intake.rows(Label)
        for one in self.board.labels:
            record = self.intake.known.get(("labels", one.id))
            if record is None:
                same = next((s for s in standing.values() if _word(s.name) == _word(one.name)), None)
                if same:
                    self.intake.record("labels", one.id, "known", "label", same.id)
                    self.intake.count("unchanged", "labels")
                    continue
                fresh = Label(new_id(), self.project, one.name, one.colour, 1)
                values = {"name": one.name, "colour": one.colour}
                self.intake.create("labels", one.id, [(fresh, "created", {})], values)
                continue
            label = self.intake.row(Label, record)
            if label is None:
                self.intake.drop("labels", one.id, _REMOVED, one.name)
            elif record.imported:
                values = {"name": one.name, "colour": one.colour}
                self.intake.update("labels", one.id, label, values, name=one.name)
            else:
                self.intake.count("unchanged", "labels")

    # cards and their moves

    def _cards(self) -> None:
        number = max((r.number for r in self.intake.rows(Requirement).values()), default=0)
        for card in self.board.cards:
            record, moves = self.intake.known.get(("cards", card.id)), self.moves.get(card.id, [])
            if record is None:
                number += 1
                self._new_card(card, moves, number)
                continue
            row = self.intake.row(Requirement, record)
            if row is not None:
                self.cards[card.id] = self._known_card(card, moves, row)
                continue
            self.intake.drop("cards", card.id, _REMOVED, card.title)
            for move in moves:
                self.intake.drop("moves", move.id, _REMOVED, card.title)

    def _values(self, card: Card) -> dict[str, Any]:
        """The columns that a card's own fields become."""
        with speaking(self.language):
            title = card.title or card.text.partition("\n")[0].strip() or str(say("Card without a title"))
            statement = card.text
            if len(title) > LONGEST_TITLE:
                statement = f"{title}\n\n{card.text}".strip()
                title = title[: LONGEST_TITLE - 1] + "…"
            owner = next((self.accounts[m] for m in card.members if m in self.accounts), None)
            names = [
                self.board.people[m].name if m in self.board.people else m
                for m in card.members if self.accounts.get(m) != owner or owner is None
            ]  # fmt: skip
            lines = [str(say("On the card in Trello: {names}.", names=", ".join(names)))] if names else []
            if card.due and card.due_complete:
                lines.append(str(say("The due date was ticked as complete in Trello.")))
        return {
            "title": title, "statement": statement, "labels": card.labels, "priority": priority_of(card.labels),
            "due": card.due, "owner_id": owner, "constraints": "\n".join(lines), "archived": card.archived,
            "position": self.below.get(card.list_id, 0.0) + card.place, "state_id": self.states[card.list_id].id,
        }  # fmt: skip

    def _new_card(self, card: Card, moves: list[trello_board.Move], number: int) -> None:
        values = self._values(card)
        created = min(card.created_at or self.tx.at, self.tx.at)
        start = card.first_list if card.first_list in self.states else None
        if start is None and moves and moves[0].before in self.states:
            start = moves[0].before
        first = self.states[start or (moves[0].after if moves else card.list_id)]
        row = Requirement(**values | {
            "id": new_id(), "project_id": self.project, "number": number, "code": f"REQ-{number:02d}",
            "rationale": "", "acceptance": (), "effort_hours": None,
            "source_who": card.author, "source_when": created.date(),
            "source_where": f"Trello: {self.board.name} {card.url}".strip(),
            "state_id": first.id, "state_since": created, "clearance": self.clearance, "archived": False,
            "created_at": created, "revision": 1,
        })  # fmt: skip
        story: list[db.Form] = [(row, "created", {"at": created, "on_behalf": card.author or None})]
        steps: list[tuple[datetime, State | None, str]] = [*self._steps(card, moves, first)]
        if card.archived:
            steps.append((card.archived_at or max([card.last_activity or created, *(s[0] for s in steps)]), None, ""))
            steps.sort(key=lambda step: step[0])
        for at, state, by in steps:
            changes: dict[str, Any] = {"archived": True} if state is None else {"state_id": state.id, "state_since": at}
            about: dict[str, Any] = {"at": at, "on_behalf": by or None}
            if state:
                about["note"] = self._from_to(row.state_id, state)
            row = dataclasses.replace(row, revision=row.revision + 1, **changes)
            story.append((row, "moved" if state else "changed", about))
        for move in moves:
            self.intake.record("moves", move.id, "created", "requirement", row.id)
            self.intake.count("created", "moves")
        self.cards[card.id] = self.intake.create("cards", card.id, story, values)
        if card.title and len(card.title) > LONGEST_TITLE:
            self.intake.remark("cards", card.id, say(
                "Its title has {count} characters; the whole of it starts the statement.", count=len(card.title),
            ), values["title"])  # fmt: skip

    def _steps(self, card: Card, moves: list[trello_board.Move], standing: State) -> list[tuple[datetime, State, str]]:
        """The moves that change the column, in order; a last one where the file's moves end elsewhere."""
        steps: list[tuple[datetime, State, str]] = []
        for move in moves:
            state = self.states[move.after]
            if state.id != standing.id:
                steps.append((move.at, state, move.by))
                standing = state
        target = self.states[card.list_id]
        if target.id != standing.id:
            # The last sign of life is the latest moment at which it can have happened.
            known = [s[0] for s in steps] + [m for m in (card.last_activity, card.created_at) if m]
            steps.append((max(known, default=self.tx.at), target, ""))
            self.intake.remark("cards", card.id, say(
                "The file's moves do not lead to “{list}”, where the card stands. It was moved there at its last activity.",
                list=target.name,
            ), card.title)  # fmt: skip
        return steps

    def _known_card(self, card: Card, moves: list[trello_board.Move], row: Requirement) -> Requirement:
        """A card that came before: its new moves, unless somebody moved it here, and what else is new."""
        values, last = self._values(card), self.intake.known[("cards", card.id)].imported
        moved_here = digest(row.state_id) != last["state_id"]
        fresh = [move for move in moves if ("moves", move.id) not in self.intake.known]
        for _ in range(len(moves) - len(fresh)):
            self.intake.count("unchanged", "moves")
        before = row
        for move in fresh:
            if moved_here:
                self.intake.drop(
                    "moves", move.id, say("Somebody moved the card in Accord; it stays there."), card.title
                )
            else:
                self.intake.record("moves", move.id, "created", "requirement", row.id)
                self.intake.count("created", "moves")
        if not moved_here and (fresh or last["state_id"] != digest(values["state_id"])):
            for at, state, by in self._steps(card, fresh, self._state(row.state_id)):
                about = {"at": at, "on_behalf": by or None, "note": self._from_to(row.state_id, state)}
                row = self.intake.change(row, "moved", about, state_id=state.id, state_since=at)
        return self.intake.update(
            "cards", card.id, row, values, changed=row is not before, name=card.title,
            keep=frozenset({"position"}) if moved_here else frozenset(),
        )  # fmt: skip

    def _state(self, state_id: str) -> State:
        return self.intake.rows(State)[state_id]

    def _from_to(self, before: str, after: State) -> str:
        """The names of both columns, kept with the event as core/requirements.py keeps them."""
        return f"{self._state(before).name} → {after.name}"

    # what hangs on cards

    def _part(
        self, kind: str, source_id: str, card_id: str, build: Callable[[Requirement], Any], values: dict[str, Any],
        name: str, at: datetime | None = None, by: str = "",
    ) -> Any:  # fmt: skip
        """A part of a card, new or known; None where it does not come in."""
        record, card = self.intake.known.get((kind, source_id)), self.cards.get(card_id)
        if card is None:
            self.intake.drop(kind, source_id, _CARD_REMOVED, name)
            return None
        if record is None:
            about = {"at": at or card.created_at, "on_behalf": by or None}
            return self.intake.create(kind, source_id, [(build(card), "created", about)], values)
        row = self.intake.row(ENTITIES[record.entity or ""].type, record)
        if row is None:
            self.intake.drop(kind, source_id, _REMOVED, name)
            return None
        return self.intake.update(kind, source_id, row, values, name=name)

    def _checklists(self) -> None:
        lists: dict[str, Checklist | None] = {}
        for one in self.board.checklists:
            values: dict[str, Any] = {"title": one.title, "position": one.place}
            build = _builder(Checklist, self.project, values)
            lists[one.id] = self._part("checklists", one.id, one.card_id, build, values, one.title)
        self.intake.flush()
        for item in self.board.items:
            inside = lists[item.checklist_id]
            if inside is None:
                self.intake.drop("checklist_items", item.id, say("Its checklist is not here any more."), item.title)
                continue
            values = {"title": item.title, "done": item.done, "position": item.place}
            build = _builder(ChecklistItem, self.project, {**values, "checklist_id": inside.id})
            self._part("checklist_items", item.id, item.card_id, build, values, item.title)

    def _comments(self) -> None:
        for one in self.board.comments:
            author, at = self.accounts.get(one.author_id), one.at or self.tx.at

            def build(
                card: Requirement, one: trello_board.Comment = one, author: str | None = author, at: datetime = at
            ) -> Comment:
                return Comment(
                    new_id(),
                    self.project,
                    card.id,
                    author,
                    one.author,
                    one.text,
                    False,
                    (),
                    max(at, card.created_at),
                    1,
                )

            self._part("comments", one.id, one.card_id, build, {"text": one.text}, one.text[:80], at, one.author)

    def _attachments(self) -> None:
        for one in self.board.attachments:
            values: dict[str, Any] = {"name": one.name, "url": one.url, "size": one.size}
            build = _builder(Attachment, self.project, {**values, "created_at": one.at or self.tx.at})
            self._part("attachments", one.id, one.card_id, build, values, one.name, one.at)


_REMOVED = say("It came with an earlier import and is not here any more.")
_CARD_REMOVED = say("Its card is not here any more.")


def _builder(kind: type, project: str, values: Mapping[str, Any]) -> Callable[[Requirement], Any]:
    """How a part is made once its card is known."""
    return lambda card: kind(id=new_id(), project_id=project, requirement_id=card.id, revision=1, **values)


def _list_values(one: BoardList) -> dict[str, Any]:
    return {"name": one.name, "wip_limit": one.limit, "archived": one.archived}


def _word(name: str) -> str:
    """A name for comparing: without case, space and punctuation."""
    return re.sub(r"[\W_]+", "", name.casefold()) or name.strip()


def _steps(board: Board, progress: Callable[[int, int], None] | None) -> Callable[[], None] | None:
    """Count up to all that the file holds, and tell `progress` now and then."""
    if progress is None:
        return None
    parts: tuple[Sized, ...] = (
        board.members, board.lists, board.labels, board.cards, board.checklists, board.items, board.comments,
        board.attachments, board.moves, board.dropped,
    )  # fmt: skip
    total, done = sum(len(part) for part in parts), 0

    def step() -> None:
        nonlocal done
        done += 1
        if done % 50 == 0 or done == total:
            progress(done, total)

    return step

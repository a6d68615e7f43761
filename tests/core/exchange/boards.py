"""Trello boards made for tests, in the words of a board: lists, cards, what happened to them."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def trello_id(number: int, at: datetime = START) -> str:
    """An id as Trello makes them: its second, then a counter."""
    return f"{int(at.timestamp()):08x}{number:016x}"


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class BoardFile:
    """A board under construction; `data` is the file as Trello exports it."""

    def __init__(self, name: str = "Harbour", number: int = 1) -> None:
        self.count = number * 1_000_000
        self.raw: dict[str, Any] = {
            "id": self.fresh(), "name": name, "url": "https://trello.com/b/x", "lists": [], "cards": [],
            "checklists": [], "members": [], "labels": [], "actions": [],
        }  # fmt: skip

    @property
    def data(self) -> bytes:
        return json.dumps(self.raw).encode()

    def copy(self) -> BoardFile:
        other = BoardFile.__new__(BoardFile)
        other.count, other.raw = self.count + 5000, copy.deepcopy(self.raw)
        return other

    def fresh(self, at: datetime = START) -> str:
        self.count += 1
        return trello_id(self.count, at)

    def member(self, name: str, username: str = "") -> str:
        found = self.fresh()
        self.raw["members"].append(
            {"id": found, "fullName": name, "username": username or name.lower().replace(" ", "")}
        )
        return found

    def list(self, name: str, *, closed: bool = False, **more: Any) -> str:
        found = self.fresh()
        self.raw["lists"].append(
            {"id": found, "name": name, "closed": closed, "pos": 65536 * (len(self.raw["lists"]) + 1), **more}
        )
        return found

    def label(self, name: str, colour: str = "green") -> str:
        found = self.fresh()
        self.raw["labels"].append({"id": found, "name": name, "color": colour})
        return found

    def card(
        self, name: str, in_list: str, *, days: float = 0, made_in: str | None = None, by: str = "", **more: Any
    ) -> str:
        """A card made `days` after the start; `made_in` is the list that createCard tells, the same by default."""
        at = START + timedelta(days=days)
        found = self.fresh(at)
        self.raw["cards"].append({
            "id": found, "name": name, "desc": "", "closed": False, "idList": in_list, "due": None, "idLabels": [],
            "idMembers": [], "pos": 65536 * (len(self.raw["cards"]) + 1), "attachments": [],
            "shortUrl": f"https://trello.com/c/{found[-6:]}", "dateLastActivity": iso(at), **more,
        })  # fmt: skip
        self.action("createCard", found, at, by, list={"id": made_in or in_list})
        return found

    def one(self, card: str) -> dict[str, Any]:
        return next(c for c in self.raw["cards"] if c["id"] == card)

    def action(self, type_: str, card: str, at: datetime, by: str = "", **data: Any) -> str:
        found = self.fresh(at)
        about = data.pop("card", {})
        self.raw["actions"].insert(0, {
            "id": found, "type": type_, "date": iso(at), "idMemberCreator": by,
            "data": {"card": {"id": card, **about}, **data},
        })  # fmt: skip
        return found

    def move(self, card: str, before: str, after: str, *, days: float, by: str = "") -> str:
        at = START + timedelta(days=days)
        for one in self.raw["cards"]:
            if one["id"] == card:
                one |= {"idList": after, "dateLastActivity": iso(at)}
        return self.action("updateCard", card, at, by, listBefore={"id": before}, listAfter={"id": after})

    def comment(self, card: str, text: str, *, days: float = 1, by: str = "") -> str:
        return self.action("commentCard", card, START + timedelta(days=days), by, text=text)

    def checklist(self, card: str, name: str, *items: tuple[str, bool]) -> str:
        found = self.fresh()
        self.raw["checklists"].append({"id": found, "idCard": card, "name": name, "pos": 1, "checkItems": [
            {"id": self.fresh(), "name": words, "state": "complete" if done else "incomplete", "pos": place}
            for place, (words, done) in enumerate(items)
        ]})  # fmt: skip
        return found

    def attachment(self, card: str, name: str, url: str, size: int | None) -> str:
        found = self.fresh()
        self.one(card)["attachments"].append({"id": found, "name": name, "url": url, "bytes": size, "date": iso(START)})
        return found


def harbour() -> tuple[BoardFile, dict[str, str]]:
    """A board with one of everything, and the ids by a word each."""
    b = BoardFile()
    ids = {"ana": b.member("Manager One", "ana"), "bo": b.member("Bo Gone", "bo")}
    ids |= {
        "todo": b.list("To do"),
        "doing": b.list("Doing"),
        "done": b.list("Done"),
        "old": b.list("Old", closed=True),
    }
    ids |= {"must": b.label("Must"), "gate": b.label("gate", "red")}
    ids["a"] = b.card("Group tickets", ids["todo"], by=ids["bo"], desc="For ten and more.", idLabels=[ids["must"], ids["gate"]],
                      idMembers=[ids["bo"], ids["ana"]], due="2026-05-01T12:00:00.000Z", dueComplete=True)  # fmt: skip
    ids["b"] = b.card("Open the gate", ids["todo"], days=1)
    ids["c"] = b.card("Forgotten", ids["old"], days=2)
    ids["m1"] = b.move(ids["a"], ids["todo"], ids["doing"], days=3, by=ids["bo"])
    ids["m2"] = b.move(ids["a"], ids["doing"], ids["done"], days=8, by=ids["ana"])
    ids["said"] = b.comment(ids["a"], "Who pays?", by=ids["bo"])
    ids["list"] = b.checklist(ids["a"], "Steps", ("Ask", True), ("Build", False))
    ids["file"] = b.attachment(ids["b"], "plan.pdf", "https://trello.com/plan.pdf", 1234)
    return b, ids

"""The words of the sample engagement in one language: story.toml and documents.toml of its folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Remark:
    """Something said to a requirement or a document, so many days ago."""

    days: int
    by: str
    text: str
    internal: bool


@dataclass(frozen=True)
class Margin:
    """What was said to a place of a version under review, and when that was settled."""

    version: int
    days: int
    settled: int | None
    by: str
    section: str
    quote: str
    text: str


@dataclass(frozen=True)
class Story:
    """`people`: name and mail; `requirements` and `papers`: their words, by the keys of the plot."""

    client: str
    project: str
    zone: str
    font: str
    steps: str
    people: dict[str, dict[str, str]]
    labels: dict[str, str]
    places: list[tuple[int, str]]
    versions: list[str]
    clearances: dict[str, str]
    rights: dict[str, str]
    needs: dict[str, str]
    views: list[dict[str, Any]]
    requirements: dict[str, dict[str, Any]]
    papers: dict[str, dict[str, Any]]

    def where(self, days: int) -> str:
        """The meeting in which something came up that many days ago."""
        return next(name for since, name in self.places if days >= since)

    def talk(self, words: dict[str, Any]) -> list[Remark]:
        """What was said: lines of "days who text"; a star behind who makes it a note of the team."""
        at_names = {key: f"@{person['name']}" for key, person in self.people.items()}
        found = []
        for line in words.get("talk", ()):
            days, by, text = line.split(" ", 2)
            found.append(Remark(int(days), by.rstrip("*"), text.format(**at_names), by.endswith("*")))
        return found

    def words(self, paper: str, version: int, who: str) -> str:
        """What somebody said in the review of a version; empty for nothing."""
        for line in self.papers[paper].get("reviews", ()):
            number, by, text = line.split(" ", 2)
            if (int(number), by) == (version, who):
                return str(text)
        return ""

    def margins(self, paper: str) -> list[Margin]:
        """The remarks to places of a document: lines of "said-settled version who | section | words | text"."""
        found = []
        for line in self.papers[paper].get("remarks", ()):
            head, section, quote, text = (part.strip() for part in line.split("|"))
            days, version, by = head.split()
            said, _dash, settled = days.partition("-")
            found.append(Margin(int(version), int(said), int(settled) if settled else None, by, section, quote, text))
        return found


@cache
def told(language: str) -> Story:
    """The story in `language`."""
    parts: dict[str, Any] = {}
    for name in ("story.toml", "documents.toml"):
        with (FOLDER / language / name).open("rb") as source:
            parts |= tomllib.load(source)
    return Story(**parts)

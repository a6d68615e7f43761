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


@cache
def told(language: str) -> Story:
    """The story in `language`."""
    parts: dict[str, Any] = {}
    for name in ("story.toml", "documents.toml"):
        with (FOLDER / language / name).open("rb") as source:
            parts |= tomllib.load(source)
    return Story(**parts)

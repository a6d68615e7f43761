"""The story on its way: who plays it, what has come to be, and at which hour a step is done."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.access import Actor
from core.columns import State
from core.projects import Project
from vault.sample.story import Story

OPENS = time(9, 10)
MINUTES = 490  # of a working day, from OPENS
BETWEEN = timedelta(minutes=7)  # two steps on the same thing, at least

Act = Callable[[datetime], Any]
"""What somebody does, at the time it is given."""


@dataclass
class Play:
    """Who plays, and what has come to be under which key."""

    story: Story
    language: str
    project: Project
    people: dict[str, Actor]
    states: list[State]
    now: datetime
    ids: dict[str, str] = field(default_factory=dict)
    born: dict[str, datetime] = field(default_factory=dict)

    def day(self, days: int) -> date:
        """The working day that many days ago, or the last one before it."""
        found = self._today() - timedelta(days=days)
        return found - timedelta(days=max(0, found.weekday() - 4))

    def midnight(self, days: int) -> datetime:
        """When that day begins, as naive UTC."""
        return datetime.combine(self.day(days), time(), self._zone()).astimezone(UTC).replace(tzinfo=None)

    def moment(self, days: int, chance: random.Random) -> datetime:
        """Some minute of that working day, as naive UTC."""
        return self.at(self.day(days), chance.randrange(MINUTES))

    def at(self, day_: date, minute: int) -> datetime:
        """That many minutes after the office opens."""
        local = datetime.combine(day_, OPENS, self._zone()) + timedelta(minutes=minute)
        return local.astimezone(UTC).replace(tzinfo=None)

    def in_time(
        self, key: str, steps: Sequence[tuple[int, Act]], first: datetime | None = None
    ) -> Iterator[tuple[datetime, Act]]:
        """Times for the steps on one thing: each on its day, and after the one before it."""
        chance = random.Random(key)  # noqa: S311 - the same hours each time
        latest: datetime | None = None
        for days, step in sorted(steps, key=lambda one: -one[0]):
            at = first if latest is None and first else self.moment(days, chance)
            latest = at if latest is None else max(at, latest + BETWEEN)
            self.born.setdefault(key, latest)
            yield latest, step

    def _today(self) -> date:
        return self.now.replace(tzinfo=UTC).astimezone(self._zone()).date()

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.story.zone)

"""What the manager of the sample engagement does for all of it: phases and what they need, and who reads what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from vault import downgrades, grants, phases, rules
from vault.sample import plot
from vault.sample.play import Act, Play
from vault.sample.plot import Stretch

STEERS = "ana"
DAY = timedelta(days=1)


def steps(play: Play) -> Iterator[tuple[datetime, Act]]:
    """Every step with its time."""
    found: list[tuple[int, Act]] = []
    for stretch in plot.stretches():
        found += _phase(play, stretch)
    yield from play.in_time("phases", found)
    yield from play.in_time("rights", _rights(play))


def _phase(play: Play, stretch: Stretch) -> list[tuple[int, Act]]:
    """A phase: dated, told what it needs, closed."""
    ana, project = play.people[STEERS], play.project.id
    papers = {paper.key: paper.class_ for paper in plot.papers()} | dict(plot.AHEAD)

    def planned(at: datetime) -> None:
        seen = next(one for one in phases.listed(ana, project) if one.code == stretch.code)
        phases.change(
            ana, project, seen.id, revision=seen.revision, name="", begins=play.day(stretch.begins),
            ends=play.day(stretch.ends), gated=stretch.gated, at=at,
        )  # fmt: skip
        for place, (key, state, days) in enumerate(stretch.needs):
            about: dict[str, Any] = {
                "state": state, "due": None if days is None else play.day(days), "at": at + timedelta(minutes=place + 1),
                "title": play.story.papers[key]["title"] if key in play.story.papers else play.story.needs[key],
            }  # fmt: skip
            if place == 0:  # a shipped phase needs one document already
                phases.change_need(ana, project, f"{stretch.code}:{papers[key]}", revision=1, **about)
            else:
                phases.need(ana, project, stretch.code, papers[key], **about)

    found: list[tuple[int, Act]] = [(plot.PLANNED, planned)]
    if stretch.closed is not None:
        found.append((stretch.closed, lambda at: phases.close(ana, project, stretch.code, at=at)))
    return found


def _rights(play: Play) -> list[tuple[int, Act]]:
    """Grants and denials, planned downgrades, limits of a role."""
    ana, project, words = play.people[STEERS], play.project.id, play.story.rights
    found: list[tuple[int, Act]] = []

    def given(key: str, who: str, kind: str, last: int | None) -> Act:
        return lambda at: grants.give(
            ana, project, play.ids[key], account=play.people[who].id, kind=kind, reason=words[kind],
            until=None if last is None else play.midnight(last) + DAY, at=at,
        )  # fmt: skip

    def ordered(key: str, clearance: str, due: int) -> Act:
        return lambda at: downgrades.order(
            ana, project, play.ids[key], clearance=clearance, due=play.midnight(due), reason=words["downgrade"], at=at
        )

    def limited(role: str, class_: str, clearance: str) -> Act:
        return lambda at: rules.limit(ana, project, role=role, class_=class_, clearance=clearance, at=at)

    found += [(days, given(key, who, kind, last)) for key, who, kind, days, last in plot.GRANTS]
    found += [(days, ordered(key, clearance, due)) for key, clearance, days, due in plot.DOWNGRADES]
    return found + [(days, limited(role, class_, level)) for role, class_, level, days in plot.LIMITS]

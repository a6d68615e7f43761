"""The documents of the sample engagement: their versions, what is filed about them, their reviews, what was said."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from core import comments
from core.language import day, speaking
from vault import checkout, documents, metadata, review
from vault.class_rules import RESPONSIBLE
from vault.sample import plot, writing
from vault.sample.play import Act, Play
from vault.sample.plot import Paper, Round

DAYS = ("valid_from", "agreed_on", "period_end")
"""Fields that hold a day."""


def life(play: Play, paper: Paper) -> list[tuple[int, Act]]:
    """What happens to a document, each step with its day."""
    found = _versions(play, paper)
    for key, days, entries in plot.FILED:
        if key == paper.key:
            found.append((days, _filed(play, paper, entries)))
    for round_ in plot.rounds(paper.key):
        found += _reviewed(play, round_)
    found += talk(play, paper.key, play.story.papers[paper.key])
    for key, who, since, until in plot.CHECKED_OUT:
        if key == paper.key:
            found.append((since, _checked_out(play, key, who, until)))
    return found


def talk(play: Play, key: str, words: dict[str, Any]) -> list[tuple[int, Act]]:
    """What was said to a requirement or a document."""

    def said(by: str, text: str, internal: bool) -> Act:
        return lambda at: comments.add(play.people[by], play.project.id, play.ids[key], text, internal=internal, at=at)

    return [(one.days, said(one.by, one.text, one.internal)) for one in play.story.talk(words)]


def _versions(play: Play, paper: Paper) -> list[tuple[int, Act]]:
    """Each version, a Word file of its own."""
    words, told, author = play.story.papers[paper.key], play.story, play.people[paper.author]
    with speaking(play.language):
        rows = tuple(
            (f"v{number}", day(datetime.combine(play.day(days), time(12))), author.name, note)
            for number, (days, note) in enumerate(zip(paper.days, words["notes"], strict=True), 1)
        )
    cover = writing.Cover(
        words["title"], f"{told.project} · {told.client} · {told.clearances[paper.clearance]}", author.name,
        play.language.replace("_", "-"), told.font, (tuple(told.versions), *rows),
    )  # fmt: skip

    def stored(number: int, note: str) -> Act:
        def put(at: datetime) -> None:
            play.ids[paper.key] = documents.put(
                author, play.project.id, writing.written(cover, words["body"], version=number, at=at),
                file_name=words["file"], class_=paper.class_, clearance=paper.clearance, title=words["title"],
                document=play.ids.get(paper.key), note=note if number > 1 else "", at=at,
            ).document  # fmt: skip

        return put

    return [(days, stored(n, note)) for n, (days, note) in enumerate(zip(paper.days, words["notes"], strict=True), 1)]


def _filed(play: Play, paper: Paper, entries: dict[str, str | int]) -> Act:
    """What is filed: days by the plot's count, words as the story has them. The client's papers are filed by the team."""
    known = {key: play.day(int(value)) if key in DAYS else value for key, value in entries.items()}
    about = {RESPONSIBLE.key: play.people[paper.author].id, **play.story.papers[paper.key].get("filed", {}), **known}
    who = play.people["ana" if paper.author == "liwei" else paper.author]

    def file(at: datetime) -> None:
        document = play.ids[paper.key]
        seen = metadata.of(who, play.project.id, document)
        metadata.file(who, play.project.id, document, about, revision=seen.revision, at=at)

    return file


def _reviewed(play: Play, round_: Round) -> list[tuple[int, Act]]:
    """A review: asked for, what was said to places of it, and each one's word."""
    project, key = play.project.id, f"{round_.paper} {round_.version}"

    def words(who: str) -> str:
        return play.story.words(round_.paper, round_.version, who)

    def asked(at: datetime) -> None:
        play.ids[key] = review.ask(
            play.people[round_.asks], project, play.ids[round_.paper], round_.version,
            people=[play.people[who].id for who, _verdict, _days in round_.answers], due=play.day(round_.due),
            message=words(round_.asks), review_by=None if round_.again is None else play.day(round_.again), at=at,
        ).id  # fmt: skip

    def decided(who: str, verdict: str) -> Act:
        return lambda at: review.decide(play.people[who], project, play.ids[key], verdict, reason=words(who), at=at)

    steps: list[tuple[int, Act]] = [(round_.on, asked)]
    for place, one in enumerate(play.story.margins(round_.paper)):
        if one.version == round_.version:
            steps += _margin(play, key, f"{key} {place}", one)
    return steps + [(days, decided(who, verdict)) for who, verdict, days in round_.answers if verdict and days]


def _margin(play: Play, round_: str, key: str, one: Any) -> list[tuple[int, Act]]:
    """A remark to a place of the version, and its settling by the manager."""
    project = play.project.id

    def said(at: datetime) -> None:
        play.ids[key] = review.remark(
            play.people[one.by], project, play.ids[round_], one.text, section=one.section, quote=one.quote, at=at
        ).id

    steps: list[tuple[int, Act]] = [(one.days, said)]
    if one.settled is not None:
        steps.append((one.settled, lambda at: review.settle(play.people["ana"], project, play.ids[key], at=at)))
    return steps


def _checked_out(play: Play, key: str, who: str, until: int) -> Act:
    return lambda at: checkout.take(
        play.people[who], play.project.id, play.ids[key], reason=play.story.rights["out"],
        until=play.midnight(until) + timedelta(days=1), at=at,
    )  # fmt: skip

"""Playing the sample engagement: every step is a call of the domain by the person who does it, at its time.

Plan first, then play in the order of time, so that the ledger reads as it would have been written.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core import accounts, checklists, columns, comments, db, links, projects, requirements, views
from core.access import Actor, in_organisation
from core.columns import State
from core.errors import Conflict
from core.ids import now
from core.language import day, say, speaking
from core.projects import Project
from core.requirements import Draft
from vault import documents
from vault.sample import plot, story, writing
from vault.sample.plot import Paper, Wish
from vault.sample.story import Story

OPENS = time(9, 10)
MINUTES = 490  # of a working day, from OPENS
BETWEEN = timedelta(minutes=7)  # two steps on the same thing, at least

Progress = Callable[[float], None]


@in_organisation("project.create")
def add(actor: Actor, *, language: str = "en", progress: Progress | None = None) -> Project:
    """Add the sample engagement in `language`; `progress` hears what part of it is done, 0 to 1.

    Raises Conflict when a project has its code or an account one of its addresses, Unavailable
    without the document store; nothing has been written then.
    """
    told = story.told(accounts.checked_language(language))
    _refuse_twice(told)
    documents.vault()
    play = _begin(actor, told, language)
    steps = sorted(_plan(play), key=lambda step: step[0])
    for done, (at, step) in enumerate(steps, 1):
        step(at)
        if progress:
            progress(done / len(steps))
    return play.project


@in_organisation("project.create")
def addable(actor: Actor) -> bool:
    """Whether the sample engagement is not there yet."""
    return not db.value("SELECT COUNT(*) FROM project WHERE code = ?", [plot.CODE])


@dataclass
class _Play:
    """The story on its way: who plays, and what has come to be under which key."""

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

    def moment(self, days: int, chance: random.Random) -> datetime:
        """Some minute of that working day, as naive UTC."""
        return self.at(self.day(days), chance.randrange(MINUTES))

    def at(self, day_: date, minute: int) -> datetime:
        """That many minutes after the office opens."""
        local = datetime.combine(day_, OPENS, ZoneInfo(self.story.zone)) + timedelta(minutes=minute)
        return local.astimezone(UTC).replace(tzinfo=None)

    def _today(self) -> date:
        return self.now.replace(tzinfo=UTC).astimezone(ZoneInfo(self.story.zone)).date()


Step = tuple[datetime, Callable[[datetime], Any]]


def _refuse_twice(told: Story) -> None:
    if db.value("SELECT COUNT(*) FROM project WHERE code = ?", [plot.CODE]):
        raise Conflict(
            say("The sample engagement is here already, or another project has its code {code}.", code=plot.CODE)
        )
    mails = [person["mail"] for person in told.people.values()]
    taken = db.value(f"SELECT MIN(mail) FROM account WHERE mail IN ({db.marks(mails)})", mails)
    if taken:
        raise Conflict(say("{mail} has an account already.", mail=taken))


def _begin(actor: Actor, told: Story, language: str) -> _Play:
    """The client, the project, its people and its columns, as the administrator makes them."""
    play = _Play(told, language, None, {}, [], now())  # type: ignore[arg-type]
    minutes = iter(range(0, MINUTES, 6))

    def at() -> datetime:
        return play.at(play.day(plot.BEGINNING), next(minutes))

    if not any(client.name == told.client for client in projects.clients(actor)):
        projects.add_client(actor, name=told.client, at=at())
    play.project = projects.add_project(
        actor, code=plot.CODE, name=told.project, client=told.client, language=language, at=at()
    )
    for key, role, clearance in plot.PEOPLE:
        who = told.people[key]
        account = accounts.create(actor, mail=who["mail"], name=who["name"], language=language, at=at())
        projects.add_member(actor, play.project.id, account=account.id, role=role, clearance=clearance, at=at())
        play.people[key] = account.actor
    ana = play.people["ana"]
    with db.write(ana, at=at()) as tx:
        standing = columns.ensure_states(tx, play.project.id)
    limited = [replace(s, wip_limit=plot.WIP_LIMIT) if s.category == "active" else s for s in standing]
    play.states = columns.configure_states(ana, play.project.id, limited, at=at())
    return play


# planning


def _plan(play: _Play) -> Iterator[Step]:
    """Every step with its time, in no order."""
    asked: dict[date, int] = {}
    for wish in plot.wishes():
        first = play.day(wish.days[0])
        # Down on paper one after the other, as a workshop goes.
        asked[first] = asked.get(first, -1) + 1
        yield from _in_time(play, wish.key, play.at(first, 20 + 19 * asked[first]), _wish(play, wish))
    for paper in plot.papers():
        yield from _in_time(play, paper.key, None, _paper(play, paper))
    for number, (source, kind, target) in enumerate(plot.LINKS):
        at = max(play.born[source], play.born[target]) + BETWEEN * 3 + timedelta(minutes=number)
        yield at, _link(play, source, kind, target)
    for view in play.story.views:
        yield play.moment(view["days"], random.Random(view["name"])), _view(play, view)  # noqa: S311 - a story's chance


def _in_time(
    play: _Play, key: str, first: datetime | None, steps: list[tuple[int, Callable[[datetime], Any]]]
) -> Iterator[Step]:
    """Times for the steps on one thing: each on its day, and after the one before it."""
    chance = random.Random(key)  # noqa: S311 - the same hours each time
    latest: datetime | None = None
    for days, step in sorted(steps, key=lambda one: -one[0]):
        at = first if latest is None and first else play.moment(days, chance)
        latest = at if latest is None else max(at, latest + BETWEEN)
        play.born.setdefault(key, latest)
        yield latest, step


def _wish(play: _Play, wish: Wish) -> list[tuple[int, Callable[[datetime], Any]]]:
    """A requirement's life: asked for, talked about, moved from column to column."""
    words, project = play.story.requirements[wish.key], play.project.id
    team = [key for key, role, _clearance in plot.PEOPLE if role in ("manager", "member")]
    doer = wish.owner if wish.owner in team else "ana"
    draft = Draft(
        title=words["title"], statement=words.get("first", words["says"]), rationale=words.get("why", ""),
        acceptance=tuple(words.get("accept", ())), source_who=play.people[wish.asked_by].name,
        source_when=play.day(wish.days[0]), source_where=play.story.where(wish.days[0]), priority=wish.priority,
        constraints=words.get("limits", ""), effort_hours=wish.hours,
        owner_id=play.people[wish.owner].id if wish.owner else None,
        labels=tuple(play.story.labels[label] for label in wish.labels), clearance=wish.clearance,
    )  # fmt: skip
    due = dict(plot.DUE).get(wish.key)

    def asked(at: datetime) -> None:
        writer = play.people[wish.asked_by if wish.clearance == "public" else doer]
        play.ids[wish.key] = requirements.create(writer, project, draft, at=at).id

    def moved(who: str, state: State) -> Callable[[datetime], Any]:
        return lambda at: requirements.move(play.people[who], project, [play.ids[wish.key]], state=state.id, at=at)

    def agreed(at: datetime) -> None:
        moved("ana", play.states[2])(at)
        changes: dict[str, Any] = {}
        if "first" in words:
            changes["statement"] = words["says"]
        if due is not None:
            changes["due"] = play.day(due)
        if changes:
            seen = requirements.get(play.people["ana"], project, play.ids[wish.key])
            requirements.edit(play.people["ana"], project, seen.id, revision=seen.revision, at=at, **changes)

    steps: list[tuple[int, Callable[[datetime], Any]]] = [(wish.days[0], asked)]
    for place, days in enumerate(wish.days[1:], 1):
        steps.append((days, agreed if place == 2 else moved("ana" if place == 1 else doer, play.states[place])))
    if words.get("steps"):
        steps.append((wish.days[-1], _checklist(play, wish.key, doer, words["steps"])))
    steps += _talk(play, wish.key, words)
    if wish.rejected is not None:
        steps.append((wish.rejected, moved("ana", play.states[5])))
    return steps


def _checklist(play: _Play, key: str, who: str, items: list[str]) -> Callable[[datetime], Any]:
    """A checklist; an item that begins with "x " is done a little later."""

    def listed(at: datetime) -> None:
        person, project = play.people[who], play.project.id
        made = checklists.add(
            person,
            project,
            play.ids[key],
            title=play.story.steps,
            items=[item.removeprefix("x ") for item in items],
            at=at,
        )
        for number, (words, item) in enumerate(zip(items, made.items, strict=True), 1):
            if words.startswith("x "):
                checklists.tick(person, project, item.id, done=True, at=at + timedelta(minutes=number))

    return listed


def _talk(play: _Play, key: str, words: dict[str, Any]) -> list[tuple[int, Callable[[datetime], Any]]]:
    def said(by: str, text: str, internal: bool) -> Callable[[datetime], Any]:
        return lambda at: comments.add(play.people[by], play.project.id, play.ids[key], text, internal=internal, at=at)

    return [(one.days, said(one.by, one.text, one.internal)) for one in play.story.talk(words)]


def _paper(play: _Play, paper: Paper) -> list[tuple[int, Callable[[datetime], Any]]]:
    """A document's versions, each a Word file of its own, and what was said to it."""
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

    def stored(number: int, note: str) -> Callable[[datetime], Any]:
        def put(at: datetime) -> None:
            play.ids[paper.key] = documents.put(
                author, play.project.id, writing.written(cover, words["body"], version=number, at=at),
                file_name=words["file"], class_=paper.class_, clearance=paper.clearance, title=words["title"],
                document=play.ids.get(paper.key), note=note if number > 1 else "", at=at,
            ).document  # fmt: skip

        return put

    versions = [
        (days, stored(n, note)) for n, (days, note) in enumerate(zip(paper.days, words["notes"], strict=True), 1)
    ]
    return versions + _talk(play, paper.key, words)


def _link(play: _Play, source: str, kind: str, target: str) -> Callable[[datetime], Any]:
    return lambda at: links.link(
        play.people["ana"], play.project.id, play.ids[source], kind=kind, target=play.ids[target], at=at
    )


def _view(play: _Play, view: dict[str, Any]) -> Callable[[datetime], Any]:
    return lambda at: views.save(
        play.people[view["by"]], play.project.id, name=view["name"], query=view["query"], shared=view["shared"], at=at
    )

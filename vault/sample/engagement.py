"""Playing the sample engagement: every step is a call of the domain by the person who does it, at its time.

Plan first, then play in the order of time, so that the ledger reads as it would have been written.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from core import accounts, checklists, columns, db, links, projects, requirements, views
from core.access import Actor, in_organisation
from core.errors import Conflict
from core.ids import now
from core.language import say
from core.projects import Project
from core.requirements import Draft
from vault import documents
from vault.sample import papers, plot, steering, story
from vault.sample.play import BETWEEN, MINUTES, Act, Play
from vault.sample.plot import Wish
from vault.sample.story import Story

AGREED, REJECTED = 2, 5  # places of columns on the board

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


def _refuse_twice(told: Story) -> None:
    if db.value("SELECT COUNT(*) FROM project WHERE code = ?", [plot.CODE]):
        raise Conflict(
            say("The sample engagement is here already, or another project has its code {code}.", code=plot.CODE)
        )
    mails = [person["mail"] for person in told.people.values()]
    taken = db.value(f"SELECT MIN(mail) FROM account WHERE mail IN ({db.marks(mails)})", mails)
    if taken:
        raise Conflict(say("{mail} has an account already.", mail=taken))


def _begin(actor: Actor, told: Story, language: str) -> Play:
    """The client, the project, its people and its columns, as the administrator makes them."""
    play = Play(told, language, None, {}, [], now())  # type: ignore[arg-type]
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


def _plan(play: Play) -> Iterator[tuple[datetime, Act]]:
    """Every step with its time, in no order."""
    asked: dict[date, int] = {}
    lives: list[list[tuple[datetime, Act]]] = []
    for wish in plot.wishes():
        first = play.day(wish.days[0])
        # Down on paper one after the other, as a workshop goes.
        asked[first] = asked.get(first, -1) + 1
        lives.append(list(play.in_time(wish.key, _wish(play, wish), play.at(first, 20 + 19 * asked[first]))))
    yield from _together(lives)
    for paper in plot.papers():
        yield from play.in_time(paper.key, papers.life(play, paper))
    yield from steering.steps(play)
    for number, (source, kind, target) in enumerate(plot.LINKS):
        at = max(play.born[source], play.born[target]) + BETWEEN * 3 + timedelta(minutes=number)
        yield at, _link(play, source, kind, target)
    for view in play.story.views:
        yield play.moment(view["days"], random.Random(view["name"])), _view(play, view)  # noqa: S311 - a story's chance


def _wish(play: Play, wish: Wish) -> list[tuple[int, Act]]:
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

    changes: dict[str, Any] = {} if due is None else {"due": play.day(due)}
    if "first" in words:
        changes["statement"] = words["says"]

    def settled(at: datetime) -> None:
        seen = requirements.get(play.people["ana"], project, play.ids[wish.key])
        requirements.edit(play.people["ana"], project, seen.id, revision=seen.revision, at=at, **changes)

    steps: list[tuple[int, Act]] = [(wish.days[0], asked)]
    for place, days in enumerate(wish.days[1:], 1):
        steps.append((days, _Move(play, wish.key, "ana" if place <= AGREED else doer, place)))
        if place == AGREED and changes:
            steps.append((days, settled))
    if words.get("steps"):
        steps.append((wish.days[-1], _checklist(play, wish.key, doer, words["steps"])))
    steps += papers.talk(play, wish.key, words)
    if wish.rejected is not None:
        steps.append((wish.rejected, _Move(play, wish.key, "ana", REJECTED)))
    return steps


@dataclass(frozen=True)
class _Move:
    """Somebody takes a card to a column, by its place on the board."""

    play: Play
    key: str
    who: str
    column: int

    def __call__(self, at: datetime) -> None:
        self.with_others([self], at)

    def with_others(self, moves: list[_Move], at: datetime) -> None:
        """Take several cards there at once."""
        play, cards = self.play, [self.play.ids[one.key] for one in moves]
        state = play.states[self.column].id
        requirements.move(play.people[self.who], play.project.id, cards, state=state, at=at)


def _together(lives: list[list[tuple[datetime, Act]]]) -> Iterator[tuple[datetime, Act]]:
    """The steps on every card; what one person takes to the same column on a day they take at once, as after a meeting."""
    apart: dict[tuple[date, str, int], list[tuple[datetime, datetime, _Move]]] = {}
    for life in lives:
        for place, (at, step) in enumerate(life):
            if isinstance(step, _Move):
                apart.setdefault((at.date(), step.who, step.column), []).append((at, life[place - 1][0], step))
            else:
                yield at, step
    for some in apart.values():
        left = sorted(some, key=lambda one: one[0])
        while left:
            at = left[0][0]
            moves = [step for _at, before, step in left if before < at]
            yield at, partial(moves[0].with_others, moves)
            left = [one for one in left if one[2] not in moves]


def _checklist(play: Play, key: str, who: str, items: list[str]) -> Act:
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


def _link(play: Play, source: str, kind: str, target: str) -> Act:
    return lambda at: links.link(
        play.people["ana"], play.project.id, play.ids[source], kind=kind, target=play.ids[target], at=at
    )


def _view(play: Play, view: dict[str, Any]) -> Act:
    return lambda at: views.save(
        play.people[view["by"]], play.project.id, name=view["name"], query=view["query"], shared=view["shared"], at=at
    )

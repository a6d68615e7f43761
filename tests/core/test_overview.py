"""A project at one look: figures, what waits, what is stuck, how it moved, and what was new."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from time import perf_counter
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import burnup, columns, comments, db, history, language, overview, projects, requirements, undo, visits
from core.access import CLEARANCES
from core.burnup import Week
from core.errors import NotFound
from core.ids import new_id
from core.requirements import Draft, Requirement
from tests.conftest import build_engagement
from tests.core.test_history import document

NOW = datetime(2026, 5, 7, 15, 0)  # a Thursday
MONDAY = date(2026, 5, 4)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def written(engagement, title="Group tickets", *, at=NOW, **fields):
    return requirements.create(engagement.manager, engagement.id, Draft(title, **fields), at=at)


def moved(engagement, found, name, at=NOW):
    state = next(s.id for s in columns.states(engagement.manager, engagement.id) if s.name == name)
    requirements.move(engagement.manager, engagement.id, [found.id], state=state, at=at)


def line(engagement, actor=None):
    return overview.lines(actor or engagement.manager, now=NOW, only=engagement.id)[0]


# figures


def test_the_figures_of_a_project(engagement):
    done, late, proposed, rejected, archived = (written(engagement, t, at=ago(20)) for t in "ABCDE")
    moved(engagement, done, "Done", ago(1))
    moved(engagement, proposed, "Proposed", ago(9))
    moved(engagement, rejected, "Rejected")
    requirements.edit(engagement.manager, engagement.id, late.id, revision=1, due=date(2026, 5, 6))
    requirements.edit(engagement.manager, engagement.id, archived.id, revision=1, archived=True)
    document(engagement, at=ago(30))
    document(engagement, "Test plan", number=2, at=ago(1))
    found = line(engagement)
    assert (found.done, found.total, found.live, found.done_this_week) == (1, 3, 4, 1)
    assert (found.waiting, found.oldest, found.oldest_since, found.overdue) == (1, "REQ-03", ago(9), 1)
    assert (found.documents, found.new_documents) == (2, 1)
    assert [(c.name, c.count) for c in overview.states(engagement.manager, engagement.id)][:2] == [
        ("Draft", 1),
        ("Proposed", 1),
    ]


def test_each_project_is_counted_by_ones_standing_in_it(home):
    first, second = build_engagement("ONE"), build_engagement("TWO")
    projects.add_member(second.manager, second.id, account=first.client.id, role="member", clearance="confidential")
    for engagement in (first, second):
        written(engagement, "open")
        written(engagement, "secret", clearance="confidential")
        written(engagement, "closed", clearance="restricted")
    found = {l.code: l.live for l in overview.lines(first.client, now=NOW)}  # noqa: E741
    assert found == {"ONE": 1, "TWO": 2}
    assert overview.lines(first.stranger, now=NOW) == []
    assert {l.code: l.live for l in overview.lines(first.admin, now=NOW)} == {"ONE": 3, "TWO": 3}  # noqa: E741
    assert overview.lines(first.manager, now=NOW, only=second.id) == []


@pytest.mark.parametrize("clearance", CLEARANCES[1:])
def test_nothing_above_the_clearance_is_counted_or_named(engagement, clearance):
    secret = written(engagement, "Secret", at=ago(40), clearance=clearance, due=date(2026, 1, 1))
    moved(engagement, secret, "Proposed", ago(30))
    comments.add(engagement.manager, engagement.id, secret.id, "@Client One please", at=ago(3))
    document(engagement, clearance=clearance, at=ago(1))
    reader = engagement.client
    assert line(engagement, engagement.admin).waiting == 1
    found = line(engagement, reader)
    assert (found.live, found.waiting, found.oldest, found.overdue, found.documents) == (0, 0, "", 0, 0)
    assert overview.waiting(reader, engagement.id) == []
    assert overview.stuck(reader, engagement.id, now=NOW) == []
    assert burnup.weeks(reader, engagement.id, now=NOW) == []
    assert burnup.usual(reader, engagement.id) == {}
    assert overview.new_documents(reader, engagement.id, since=ago(90)) == []
    assert all(c.count == 0 for c in overview.states(reader, engagement.id))


def test_a_stranger_reads_nothing(engagement):
    for read in (overview.states, overview.waiting, burnup.usual):
        with pytest.raises(NotFound):
            read(engagement.stranger, engagement.id)
    for read in (overview.stuck, burnup.weeks):
        with pytest.raises(NotFound):
            read(engagement.stranger, engagement.id, now=NOW)
    with pytest.raises(NotFound):
        overview.new_documents(engagement.stranger, engagement.id, since=NOW)
    with pytest.raises(NotFound):
        visits.note(engagement.stranger, engagement.id)


# what waits


def test_what_waits_for_whom_the_oldest_first(engagement):
    proposed = written(engagement, "Refunds", at=ago(20))
    active = written(engagement, "Gates", at=ago(20), owner_id=engagement.member.id)
    moved(engagement, proposed, "Proposed", ago(9))
    moved(engagement, active, "In progress", ago(2))
    comments.add(engagement.manager, engagement.id, active.id, "@Viewer One, is this so?", at=ago(5))
    found = overview.waiting(engagement.member, engagement.id)
    assert [(w.kind, w.who, w.code, w.since) for w in found] == [
        ("decide", ("Client One",), "REQ-01", ago(9)),
        ("answer", ("Viewer One",), "REQ-02", ago(5)),
        ("finish", ("Member One",), "REQ-02", ago(2)),
    ]
    assert [w.mine for w in found] == [False, False, True]


def test_a_mention_is_answered_by_saying_something_there(engagement):
    found = written(engagement)
    comments.add(engagement.manager, engagement.id, found.id, "@Client One?", at=ago(3))
    assert [w.kind for w in overview.waiting(engagement.client, engagement.id)] == ["answer"]
    comments.add(engagement.client, engagement.id, found.id, "Yes.", at=ago(1))
    assert overview.waiting(engagement.client, engagement.id) == []


def test_a_mention_in_an_internal_note_waits_for_nobody_who_cannot_read_it(engagement):
    found = written(engagement)
    comments.add(engagement.manager, engagement.id, found.id, "@Client One will complain, @Viewer One", internal=True)
    assert [w.who for w in overview.waiting(engagement.member, engagement.id)] == [("Viewer One",)]
    assert overview.waiting(engagement.client, engagement.id) == []


# what is stuck


def test_stuck_is_what_stands_twice_as_long_as_is_usual(engagement):
    for n in range(5):
        card = written(engagement, f"Done {n}", at=ago(60))
        moved(engagement, card, "In progress", ago(50))
        moved(engagement, card, "Done", ago(50 - 5))
    for name, days in (("Long", 11), ("Near", 9)):
        card = written(engagement, name, at=ago(60))
        moved(engagement, card, "In progress", ago(days))
    found = overview.stuck(engagement.manager, engagement.id, now=NOW)
    assert [(s.title, s.column, s.usual) for s in found] == [("Long", "In progress", timedelta(days=5))]


def test_nothing_is_stuck_where_nothing_is_usual_yet(engagement):
    card = written(engagement, at=ago(300))
    moved(engagement, card, "In progress", ago(200))
    assert overview.stuck(engagement.manager, engagement.id, now=NOW) == []


# how it moved


def test_the_weeks_of_a_project(engagement):
    a, b = written(engagement, "A", at=ago(21)), written(engagement, "B", at=ago(21))
    moved(engagement, a, "Agreed", ago(14))
    moved(engagement, b, "Agreed", ago(7))
    moved(engagement, a, "Done", ago(7))
    requirements.edit(engagement.manager, engagement.id, b.id, revision=2, archived=True, at=ago(1))
    assert [(w.start, w.open, w.agreed, w.done) for w in burnup.weeks(engagement.manager, engagement.id, now=NOW)] == [
        (MONDAY - timedelta(weeks=3), 2, 0, 0),
        (MONDAY - timedelta(weeks=2), 1, 1, 0),
        (MONDAY - timedelta(weeks=1), 0, 2, 1),
        (MONDAY, 0, 1, 1),
    ]


def test_a_renamed_column_and_a_corrected_category_hold_for_the_past(engagement):
    card = written(engagement, at=ago(14))
    states = columns.states(engagement.manager, engagement.id)
    tested = columns.State("", engagement.id, "Tested", "active", 0, None, False, 1)
    states = columns.configure_states(engagement.manager, engagement.id, [*states, tested])
    moved(engagement, card, "Tested", ago(7))
    assert burnup.weeks(engagement.manager, engagement.id, now=NOW)[1].done == 0
    columns.configure_states(
        engagement.manager, engagement.id, [*states[:-1], replace(states[-1], name="Proven", category="done")]
    )
    assert [w.done for w in burnup.weeks(engagement.manager, engagement.id, now=NOW)] == [0, 1, 1]


def test_weeks_begin_at_midnight_of_the_reader(engagement):
    card = written(engagement, at=datetime(2026, 4, 20))
    moved(engagement, card, "Done", datetime(2026, 5, 3, 17, 0))  # Monday already in Shanghai
    weeks = {}
    for zone in ("UTC", "Asia/Shanghai"):
        language.use("en", zone)
        weeks[zone] = [w.done for w in burnup.weeks(engagement.manager, engagement.id, now=NOW)]
    language.use("en", "UTC")
    assert weeks["UTC"][-2:] == [1, 1]
    assert weeks["Asia/Shanghai"][-2:] == [0, 1]


def replayed(engagement, now: datetime) -> list[Week]:
    """The slow way: every event, one by one, and a look at what stands at the end of each week."""
    categories = {s.id: s.category for s in db.all_of(columns.State, "WHERE project_id = ?", [engagement.id])}
    cleared = {r.id for r in db.all_of(Requirement, "WHERE project_id = ?", [engagement.id])}
    events = [
        e
        for e in db.rows("SELECT * FROM event WHERE entity = 'requirement' ORDER BY happened_at, seq")
        if e["entity_id"] in cleared
    ]
    if not events:
        return []
    start = events[0]["happened_at"].date()
    start -= timedelta(days=start.weekday())
    found = []
    while start <= now.date():
        end = min(datetime.combine(start + timedelta(weeks=1), datetime.min.time()) - timedelta(microseconds=1), now)
        rows: dict[str, dict] = {}
        for event in events:
            if event["happened_at"] > end:
                break
            if event["after"] is None:
                rows.pop(event["entity_id"], None)
            else:
                rows.setdefault(event["entity_id"], {}).update(json.loads(event["after"]))
        standing = [categories[r["state_id"]] for r in rows.values() if not r["archived"]]
        found.append(
            Week(
                start, standing.count("open"), sum(c in ("agreed", "active", "done") for c in standing),
                standing.count("done"), standing.count("dropped"),
            )
        )  # fmt: skip
        start += timedelta(weeks=1)
    return found


STEP = st.tuples(
    st.sampled_from(["create", "move", "move", "move", "archive", "undo", "column"]),
    st.integers(0, 5), st.integers(0, 5), st.floats(0, 6, allow_nan=False),
)  # fmt: skip


@contextmanager
def fresh_home(folder) -> Iterator[None]:
    db.open_home(folder)
    try:
        yield
    finally:
        db.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, min_size=1, max_size=25))
def test_the_weeks_are_what_replaying_the_ledger_says(tmp_path, steps):
    with fresh_home(tmp_path / new_id()):
        engagement = build_engagement()
        at = ago(100)
        for action, which, where, days in steps:
            at = min(at + timedelta(days=days), NOW)
            cards = db.all_of(Requirement, "WHERE project_id = ? ORDER BY number", [engagement.id])
            if action == "create" or not cards:
                written(engagement, f"Card {at}", at=at)
                continue
            card = cards[which % len(cards)]
            states = columns.states(engagement.manager, engagement.id)
            if action == "move" and not card.archived:
                requirements.move(
                    engagement.manager, engagement.id, [card.id], state=states[where % len(states)].id, at=at
                )
            elif action == "archive":
                requirements.edit(
                    engagement.manager,
                    engagement.id,
                    card.id,
                    revision=card.revision,
                    archived=not card.archived,
                    at=at,
                )
            elif action == "undo":
                last = undo.last(engagement.manager, engagement.id)
                # It has no date of its own to give: it happens when it is done.
                if last:
                    with patch("core.db.now", lambda at=at: at):
                        undo.undo(engagement.manager, engagement.id, last.batch)
            elif action == "column":
                states[where % len(states)] = replace(
                    states[where % len(states)], name=f"Column {at}", category=columns.CATEGORIES[which % 5]
                )
                columns.configure_states(engagement.manager, engagement.id, states)
        now = max(NOW, db.value("SELECT MAX(happened_at) FROM event"))
        expected = replayed(engagement, now)[-burnup.MOST_WEEKS :]
        assert burnup.weeks(engagement.manager, engagement.id, now=now) == expected
        current = expected[-1] if expected else Week(MONDAY, 0, 0, 0, 0)
        figures = overview.lines(engagement.manager, now=now, only=engagement.id)[0]
        assert (figures.done, figures.live) == (current.done, current.open + current.agreed + current.dropped)


# the pace


def weeks_of(done, agreed=None):
    return [Week(MONDAY + timedelta(weeks=n), 0, agreed or 40, d, 0) for n, d in enumerate(done)]


def test_an_even_pace_says_one_number_and_an_uneven_one_a_range():
    even = burnup.pace(weeks_of([0, 5, 10, 15, 20, 25, 30, 30]))
    assert even == burnup.Pace(2, 2)
    uneven = burnup.pace(weeks_of([0, 4, 5, 12, 14, 20, 25, 25], agreed=60))
    assert uneven is not None
    assert uneven.soonest < 35 / (25 / 6) < uneven.latest


def test_too_little_says_nothing_of_the_pace():
    assert burnup.pace([]) is None
    assert burnup.pace(weeks_of([0, 5, 10, 15])) is None
    assert burnup.pace(weeks_of([3, 3, 3, 3, 3, 3, 3])) is None
    assert burnup.pace(weeks_of([0, 0, 0, 30, 30, 30, 30, 30])) is None  # one good week is no pace
    assert burnup.pace(weeks_of([0, 10, 20, 30, 40, 40])) is None  # nothing is left


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), min_size=6, max_size=10), st.integers(0, 60))
def test_the_earliest_is_never_after_the_latest(steps, rest):
    done = [sum(steps[:n]) for n in range(len(steps) + 1)]
    found = burnup.pace(weeks_of(done, agreed=done[-1] + rest))
    assert found is None or 1 <= found.soonest <= found.latest


def test_growth_is_that_of_four_weeks():
    weeks = [Week(MONDAY, 0, agreed, 0, 0) for agreed in (10, 20, 21, 22, 23, 24)]
    assert burnup.growth(weeks) == 4
    assert burnup.growth(weeks[:4]) is None


# since one was here


def test_a_visit_counts_from_the_end_of_the_one_before_and_a_reload_keeps_it(engagement):
    assert visits.note(engagement.member, engagement.id, at=ago(3)) is None
    written(engagement, "news")
    last = visits.note(engagement.member, engagement.id, at=ago(1))
    assert last.at == ago(3)
    for minutes in (0.5, 5, 29, 50):
        assert visits.note(engagement.member, engagement.id, at=ago(1) + timedelta(minutes=minutes)) == last
    lines = history.told(engagement.member, engagement.id, since=last.seq, but=engagement.member.id).lines
    assert [told.text for told in lines] == ["Manager One added REQ-01"]
    later = visits.note(engagement.member, engagement.id, at=ago(1) + timedelta(minutes=50 + 31))
    assert later.seq > last.seq


def test_a_visit_is_ones_own_in_one_project(home):
    first, second = build_engagement("ONE"), build_engagement("TWO")
    visits.note(first.admin, first.id, at=ago(3))
    assert visits.note(first.admin, second.id, at=ago(1)) is None
    assert visits.note(first.manager, first.id, at=ago(1)) is None
    assert visits.note(first.admin, first.id, at=ago(1)).at == ago(3)


# at size


def fill(engagement, cards: int, moves: int) -> None:
    """Requirements with a history, at once."""
    written(engagement, "first", at=ago(100))
    states = columns.states(engagement.manager, engagement.id)
    stories = []
    with db.write(engagement.manager) as tx:
        template = tx.all_of(Requirement)[0]
        for number in range(2, cards + 1):
            at = ago(98 - number % 60)
            row = replace(
                template, id=new_id(), number=number, code=f"REQ-{number}", state_id=states[0].id, state_since=at,
                created_at=at, position=float(number), clearance=CLEARANCES[number % 4], revision=1,
            )  # fmt: skip
            story = [(row, "created", {"at": at})]
            for step in range(moves):
                at += timedelta(days=4)
                target = states[(number + step) % len(states)]
                row = replace(row, state_id=target.id, state_since=at, revision=row.revision + 1)
                story.append((row, "moved", {"at": at, "note": "a → b"}))
            stories.append(story)
        tx.insert_many(stories)


def best(read, times=5) -> float:
    found = []
    for _ in range(times):
        begun = perf_counter()
        read()
        found.append(perf_counter() - begun)
    return min(found)


@pytest.mark.slow
def test_the_reads_stay_quick_at_two_thousand_requirements_and_twenty_thousand_events(engagement):
    fill(engagement, 2000, 9)
    assert db.head_seq() > 19_000
    actor, project, seq = engagement.member, engagement.id, db.head_seq()
    taken = {
        "lines": best(lambda: overview.lines(actor, now=NOW)),
        "states": best(lambda: overview.states(actor, project)),
        "weeks": best(lambda: burnup.weeks(actor, project, now=NOW)),
        "waiting": best(lambda: overview.waiting(actor, project)),
        "stuck": best(lambda: overview.stuck(actor, project, now=NOW)),
        "since": best(lambda: history.told(actor, project, since=seq - 500, limit=8)),
        "documents": best(lambda: overview.new_documents(actor, project, since=ago(7))),
        "visit": best(lambda: visits.note(actor, project)),
    }
    print({name: f"{seconds * 1000:.1f} ms" for name, seconds in taken.items()}, sum(taken.values()) * 1000)
    assert sum(taken.values()) < 1.0
    assert all(x.start < y.start for x, y in pairwise(burnup.weeks(actor, project, now=NOW)))

"""How a project moved, week by week, from the ledger: what was agreed, what was done, at which pace.

Counted are requirements that exist for the reader now, in the state that they were in then by their
events, in the order in which these happened (an import brings the moves of before). An archived one
counts from its archiving on no more. A column means what it means now: who corrects its category,
or renames it, corrects the past with it, instead of making forty things done in one afternoon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil, sqrt
from statistics import mean, variance

from core import access, db, language
from core.access import Actor, in_project, open_to_all

MOST_WEEKS = 52
"""A chart goes back this far."""


@dataclass(frozen=True)
class Week:
    """The end of a week that began on `start` (a Monday of the reader's), or now for the running one.

    `agreed` counts what is agreed, in progress or done; `done` is part of it.
    """

    start: date
    open: int
    agreed: int
    done: int
    dropped: int


@in_project("requirement.read")
def weeks(actor: Actor, project: str, *, now: datetime) -> list[Week]:
    """Each week from the first requirement's on, the running one last; empty without requirements."""
    own = access.standing(actor, project)
    forms, params = _forms(own, project)
    first = db.value(f"{forms} SELECT MIN(moment) FROM form", params)
    if first is None:
        return []
    today = language.local(now).date()
    this = today - timedelta(days=today.weekday())
    begun = language.local(min(first, now)).date()
    earliest = max(begun - timedelta(days=begun.weekday()), this - timedelta(weeks=MOST_WEEKS - 1))
    starts = [earliest + timedelta(weeks=n) for n in range((this - earliest).days // 7 + 1)]
    # Up to and without the midnight in which the next one begins.
    ends = [language.midnight(s + timedelta(weeks=1)) - timedelta(microseconds=1) for s in starts[:-1]] + [now]
    counted = db.rows(
        f"""
        {forms}, week AS (
            SELECT * FROM (VALUES {", ".join(["(CAST(? AS INTEGER), CAST(? AS TIMESTAMP))"] * len(ends))}) w(number, ends)
        ), stood AS (
            SELECT state_id, moment, here AND NOT archived AS stands,
                   COALESCE(LEAD(moment) OVER (PARTITION BY id ORDER BY moment), TIMESTAMP 'infinity') AS until
            FROM form
        )
        SELECT w.number,
               COUNT(*) FILTER (s.category = 'open') AS open,
               COUNT(*) FILTER (s.category IN ('agreed', 'active', 'done')) AS agreed,
               COUNT(*) FILTER (s.category = 'done') AS done,
               COUNT(*) FILTER (s.category = 'dropped') AS dropped
        FROM stood t
        JOIN requirement_state s ON s.id = t.state_id
        JOIN week w ON t.moment <= w.ends AND t.until > w.ends
        WHERE t.stands
        GROUP BY w.number
        """,
        [*params, *(item for pair in enumerate(ends) for item in pair)],
    )
    by_number = {record.pop("number"): record for record in counted}
    nothing = {"open": 0, "agreed": 0, "done": 0, "dropped": 0}
    return [Week(start, **by_number.get(number, nothing)) for number, start in enumerate(starts)]


USUAL_FROM = 5  # stays in columns of a category; fewer say nothing of what is usual


@in_project("requirement.read")
def usual(actor: Actor, project: str) -> dict[str, timedelta]:
    """How long requirements usually stay in a column, by its category (open, agreed, active).

    The median of all stays that have ended, of requirements that exist for the actor; the first column of
    a board, which holds drafts, left out. A category with fewer than five of them is left out.
    """
    own = access.standing(actor, project)
    return {
        record["category"]: timedelta(seconds=record["seconds"])
        for record in db.rows(
            f"""
            WITH stay AS (
                SELECT json_extract_string(e.after, '$.state_id') AS state_id, e.happened_at AS moment,
                       LEAD(e.happened_at) OVER (PARTITION BY e.entity_id ORDER BY e.happened_at, e.seq) AS until
                FROM event e
                JOIN requirement r ON r.id = e.entity_id
                WHERE e.project_id = ? AND e.entity = 'requirement' AND r.clearance IN ({db.marks(own.clearances)})
                  AND contains(e.after, '"state_id"')
            )
            SELECT s.category, MEDIAN(epoch(t.until) - epoch(t.moment)) AS seconds
            FROM stay t
            JOIN requirement_state s ON s.id = t.state_id
            WHERE t.until IS NOT NULL AND s.category IN ('open', 'agreed', 'active')
              AND (s.category <> 'open' OR s.position > (
                  SELECT MIN(position) FROM requirement_state WHERE project_id = ? AND NOT archived
              ))
            GROUP BY s.category
            HAVING COUNT(*) >= ?
            """,
            [project, *own.clearances, project, USUAL_FROM],
        )
    }


PACE_WEEKS = 6
FEWEST_WEEKS = 4
FURTHEST = 104  # weeks; beyond that a forecast says nothing


@dataclass(frozen=True)
class Pace:
    """How many weeks the rest takes, in two cases of three: at least, at most."""

    soonest: int
    latest: int


@open_to_all("it only computes with the weeks it is given")
def pace(found: Sequence[Week]) -> Pace | None:
    """How long the rest takes if the coming weeks are like the last six whole ones; None where that says nothing.

    With m and s² the mean and the variance of what was done in each of the last k weeks (k at most 6),
    what n coming weeks bring lies in n·m ± s·√(n + n²/k) in two cases of three: the prediction interval
    for a sum of n further draws from a normal distribution whose mean is known from k draws (z = 1;
    Hahn and Meeker, Statistical Intervals). The rest takes as long as the upper and the lower end need to
    reach it. None is said with fewer than four whole weeks, with nothing left, with no mean above 0, and when
    the lower end doesn't get there in two years.
    """
    whole = found[-PACE_WEEKS - 2 : -1]
    done = [after.done - before.done for before, after in pairwise(whole)]
    rest = found[-1].agreed - found[-1].done if found else 0
    if len(done) < FEWEST_WEEKS or rest <= 0 or mean(done) <= 0:
        return None
    m, s = mean(done), sqrt(variance(done))

    def weeks_until(sign: int) -> int | None:
        for n in range(1, FURTHEST + 1):
            if n * m + sign * s * sqrt(n + n * n / len(done)) >= rest - 1e-9:
                return n
        return None

    soonest, latest = weeks_until(1), weeks_until(-1)
    return Pace(soonest, latest) if soonest and latest else None


GROWTH_WEEKS = 4


@open_to_all("it only computes with the weeks it is given")
def growth(found: Sequence[Week]) -> int | None:
    """By how many the agreed scope grew within the last four weeks (below 0: shrank); None when too young."""
    if len(found) <= GROWTH_WEEKS:
        return None
    return found[-1].agreed - found[-1 - GROWTH_WEEKS].agreed


@open_to_all("it only computes with numbers")
def ticks(highest: int, most: int = 4) -> list[int]:
    """Round numbers from 0 up to `highest` for an axis, about `most` of them.

    >>> ticks(62), ticks(3), ticks(0)
    ([0, 20, 40, 60], [0, 1, 2, 3], [0, 1])
    """
    step = max(1, ceil(highest / most))
    scale = 10 ** (len(str(step)) - 1)
    step = next(scale * nice for nice in (1, 2, 5, 10) if scale * nice >= step)
    return list(range(0, max(highest, 1) + 1, step))


def _forms(own: access.Standing, project: str) -> tuple[str, list[object]]:
    """A WITH clause that names `form`: what each requirement was from `moment` on, by its events.

    `here` is false between its removal and its coming back (undo). Of several at one moment the last holds.
    """
    return (
        f"""
        WITH step AS (
            SELECT e.entity_id AS id, e.happened_at AS moment, e.seq,
                   e.after IS NOT NULL AS here,
                   json_extract_string(e.after, '$.state_id') AS state_id,
                   CAST(json_extract(e.after, '$.archived') AS BOOLEAN) AS archived
            FROM event e
            JOIN requirement r ON r.id = e.entity_id
            WHERE e.project_id = ? AND e.entity = 'requirement' AND r.clearance IN ({db.marks(own.clearances)})
              AND (e.after IS NULL OR e.before IS NULL OR contains(e.after, '"state_id"') OR contains(e.after, '"archived"'))
        ), form AS (
            SELECT id, moment, seq, here,
                   LAST_VALUE(state_id IGNORE NULLS) OVER so_far AS state_id,
                   COALESCE(LAST_VALUE(archived IGNORE NULLS) OVER so_far, FALSE) AS archived
            FROM step
            WINDOW so_far AS (PARTITION BY id ORDER BY moment, seq ROWS UNBOUNDED PRECEDING)
            QUALIFY ROW_NUMBER() OVER (PARTITION BY id, moment ORDER BY seq DESC) = 1
        )
        """,
        [project, *own.clearances],
    )

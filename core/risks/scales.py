"""What "likely" and "severe" mean in a project, how they make a score, and how much is borne.

The score of a likelihood and an impact is read from a table, not multiplied: a project may say that a
rare catastrophe weighs more than a frequent trifle. Such tables have limits that no table can mend
(Cox, "What's Wrong with Risk Matrices?", Risk Analysis 28(2), 2008): they give one score to risks that
differ a hundredfold, they can rank two risks against their expected loss, and scores can't be added.
docs/risks.md tells them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core import db
from core.access import Actor, in_project, open_to_all
from core.errors import Invalid
from core.language import Message, say
from core.rows import entity, entity_of

LEVELS = 5


@dataclass(frozen=True)
class Likelihood:
    """One level: its word, and the probabilities (0 to 1) that it stands for."""

    name: str
    low: float
    high: float

    @property
    def middle(self) -> float:
        """The probability that is computed with where none is stated."""
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class Impact:
    """One level: its word, and what it means. `cost` in the project's currency and `days` of delay are its
    upper ends (None in the last level: whatever is more), `quality` and `reputation` words."""

    name: str
    cost: float | None
    days: float | None
    quality: str
    reputation: str


@entity("risk_scale")
@dataclass(frozen=True)
class _Kept:
    """The row; levels are JSON objects in it."""

    id: str
    project_id: str
    likelihoods: tuple[dict[str, Any], ...]
    impacts: tuple[dict[str, Any], ...]
    scores: tuple[list[int], ...]
    bands: tuple[int, ...]
    appetite: int
    currency: str
    budget: float | None
    reserve: float | None
    revision: int


@dataclass(frozen=True)
class Scale:
    """How a project judges. Levels count from 1; `revision` is 0 while nobody changed what ships.

    `scores[l - 1][i - 1]` is the score of likelihood l and impact i. `bands` are the scores at which the
    second to fifth colour begin. `appetite` is the highest score that is borne without a response.
    `budget` and `reserve` are money in `currency`; the reserve is the part kept for what may happen.
    """

    likelihoods: tuple[Likelihood, ...]
    impacts: tuple[Impact, ...]
    scores: tuple[tuple[int, ...], ...]
    bands: tuple[int, ...]
    appetite: int
    currency: str
    budget: float | None = None
    reserve: float | None = None
    revision: int = 0

    def score(self, likelihood: int, impact: int) -> int:
        """The score of a cell."""
        return self.scores[likelihood - 1][impact - 1]

    def band(self, score: int) -> int:
        """The colour of a score: 1 (least) to 5."""
        return 1 + sum(score >= begins for begins in self.bands)


LIKELIHOODS: tuple[tuple[Message, float, float], ...] = (
    (say("Rare"), 0.0, 0.10), (say("Unlikely"), 0.10, 0.30), (say("Possible"), 0.30, 0.50),
    (say("Likely"), 0.50, 0.70), (say("Almost certain"), 0.70, 1.0),
)  # fmt: skip
IMPACTS: tuple[tuple[Message, float | None, float | None, Message, Message], ...] = (
    (say("Slight"), 10_000, 2, say("hardly noticed"), say("nobody speaks of it")),
    (say("Minor"), 50_000, 5, say("small faults, mended by the way"), say("the client asks")),
    (say("Moderate"), 200_000, 15, say("a requirement is met in part"), say("the client complains")),
    (say("Severe"), 500_000, 40, say("an important requirement is missed"), say("the client's management steps in")),
    (say("Catastrophic"), None, None, say("the result can't be used"), say("the relationship ends")),
)
SCORES = tuple(tuple(likelihood * impact for impact in range(1, LEVELS + 1)) for likelihood in range(1, LEVELS + 1))
BANDS = (4, 8, 12, 20)
APPETITE = 11


@in_project("risk.read")
def of(actor: Actor, project: str) -> Scale:
    """How the project judges: what somebody set, else what ships, in the project's language."""
    return scale(db.rows, project)


@in_project("risk.configure")
def configure(actor: Actor, project: str, wanted: Scale, *, at: datetime | None = None) -> Scale:
    """Set how the project judges; `wanted.revision` is the one that was read.

    Raises Invalid for levels without a name, ranges that overlap or leave a gap, thresholds that fall, a
    table that is not complete or in which more likelihood or impact lowers the score, bands that do not
    rise, an unknown amount; Stale as every edit.
    """
    _check(wanted)
    values = _values(wanted)
    with db.write(actor, at=at) as tx:
        found = tx.all_of(_Kept, "WHERE id = ?", [project])
        if found:
            tx.update(found[0], revision=wanted.revision, **values)
        else:
            tx.insert(_Kept(project, project, revision=1, **values))
        return scale(tx.rows, project)


def scale(rows: db.Rows, project: str) -> Scale:
    """The scale, read by `rows` (of the database or of a transaction); for callers that have asked."""
    found = rows("SELECT * FROM risk_scale WHERE id = ?", [project])
    if not found:
        return shipped(rows("SELECT language FROM project WHERE id = ?", [project])[0]["language"])
    kept: _Kept = entity_of(_Kept).loaded(found[0])
    return Scale(
        tuple(Likelihood(**level) for level in kept.likelihoods),
        tuple(Impact(**level) for level in kept.impacts),
        tuple(tuple(row) for row in kept.scores),
        kept.bands, kept.appetite, kept.currency, kept.budget, kept.reserve, kept.revision,
    )  # fmt: skip


@open_to_all("it only says what ships")
def shipped(language: str) -> Scale:
    """The scale that ships, in a language."""
    return Scale(
        tuple(Likelihood(name.text(language), low, high) for name, low, high in LIKELIHOODS),
        tuple(
            Impact(name.text(language), cost, days, quality.text(language), reputation.text(language))
            for name, cost, days, quality, reputation in IMPACTS
        ),
        SCORES, BANDS, APPETITE, "CNY" if language == "zh_CN" else "EUR",
    )  # fmt: skip


def _values(wanted: Scale) -> dict[str, Any]:
    return {
        "likelihoods": tuple(asdict(level) for level in wanted.likelihoods),
        "impacts": tuple(asdict(level) for level in wanted.impacts),
        "scores": tuple(list(row) for row in wanted.scores),
        **{name: getattr(wanted, name) for name in ("bands", "appetite", "currency", "budget", "reserve")},
    }


def _check(wanted: Scale) -> None:
    likelihoods, impacts = wanted.likelihoods, wanted.impacts
    if len(likelihoods) != LEVELS or len(impacts) != LEVELS:
        raise Invalid(say("A scale has five levels of likelihood and five of impact."), field="likelihoods")
    if not all(name.strip() for name in [level.name for level in likelihoods] + [level.name for level in impacts]):
        raise Invalid(say("Each level needs a name."), field="name")
    edges = [0.0, *(level.high for level in likelihoods)]
    if [level.low for level in likelihoods] != edges[:-1] or edges[-1] != 1 or sorted(set(edges)) != edges:
        raise Invalid(
            say("The probabilities run from 0 to 100 % without a gap, each level above the one before."),
            field="likelihoods",
        )
    for name, word in (("cost", say("costs")), ("days", say("days"))):
        ends = [getattr(level, name) for level in impacts[:-1]]
        if any(end is None or end <= 0 for end in ends) or sorted(set(ends)) != ends:
            raise Invalid(say("The thresholds for {what} rise from level to level.", what=word), field=name)
    _check_scores(wanted.scores)
    if len(wanted.bands) != LEVELS - 1 or sorted(set(wanted.bands)) != list(wanted.bands):
        raise Invalid(say("The four scores at which the colours change rise one after the other."), field="bands")
    if wanted.appetite < 0:
        raise Invalid(say("The appetite is a score from 0 on."), field="appetite")
    if not wanted.currency.strip():
        raise Invalid(say("Name the currency, for example EUR."), field="currency")
    for amount, name in ((wanted.budget, "budget"), (wanted.reserve, "reserve")):
        if amount is not None and not 0 <= amount < float("inf"):
            raise Invalid(say("An amount of money is a number from 0 on, or empty."), field=name)


def _check_scores(scores: Sequence[Sequence[int]]) -> None:
    if len(scores) != LEVELS or any(len(row) != LEVELS or min(row) < 1 for row in scores):
        raise Invalid(say("The table needs a score from 1 on in each of its 25 cells."), field="scores")
    columns = list(zip(*scores, strict=True))
    if any(list(line) != sorted(line) for line in (*scores, *columns)):
        raise Invalid(say("More likelihood or more impact can't lower the score."), field="scores")

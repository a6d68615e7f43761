"""Whether something exists for somebody: one chain of rules, for one thing in Python, for lists in SQL.

In this order, the first that decides wins: a denial for this person and this thing; a grant for them;
a rule that limits what their role reads of the thing's class; their clearance. Before it stands what
core/access.py asks: an active account with a role here that may read at all. `Reader.decide` and
`Reader.condition` are the same rule; a test compares them over 100,000 random cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core import access, db
from core.access import CLEARANCES, Actor, Standing, clearance_name, open_to_all, rank_of, role_name
from core.db import TEAM_ONLY
from core.ids import now
from core.language import Message, say
from core.rows import entity

KINDS = ("grant", "denial")
NOTHING = -1  # the rank of a rule that lets a role read nothing of a class


@entity("reading_grant", hangs_on="subject_id")
@dataclass(frozen=True)
class Grant:
    """A grant or a denial (`kind`) of one thing for one person, until a moment or until it is ended."""

    id: str
    project_id: str
    subject_id: str
    account_id: str
    kind: str
    reason: str
    until: datetime | None
    given_by: str
    created_at: datetime
    ended_at: datetime | None
    revision: int


@entity("reading_rule")
@dataclass(frozen=True)
class Rule:
    """The highest clearance that a role reads of a class (None: nothing); without a project everywhere."""

    id: str
    project_id: str | None
    role: str
    class_id: str
    clearance: str | None
    created_at: datetime
    revision: int


@dataclass(frozen=True)
class Thing:
    """What is to be read: the part of its line in `subject` that decides."""

    id: str
    clearance: str
    class_id: str | None = None


@dataclass(frozen=True)
class Step:
    """One rule of the chain: which (`rule`), whether it lets the thing be read, and that in words."""

    rule: str
    opens: bool
    text: Message


@dataclass(frozen=True)
class Decision:
    """Whether the thing exists for the reader, and the rules that were asked; the last one decided."""

    sees: bool
    chain: tuple[Step, ...]


@dataclass(frozen=True)
class Reader:
    """Somebody in a project, with everything that decides what exists for them."""

    standing: Standing
    granted: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    limits: Mapping[str, int] = field(default_factory=dict)  # class -> the highest rank that the role reads

    @property
    def limited(self) -> bool:
        """Whether something within the clearance does not exist for the reader all the same."""
        return bool(self.denied or self.limits)

    def decide(self, thing: Thing) -> Decision:
        """Whether `thing` exists for the reader, and why."""
        own, chain = self.standing, [_role_step(self.standing)]
        if thing.id in self.denied:
            return _decided(chain, Step("denial", False, say("It is denied to this person.")))
        if thing.id in self.granted:
            return _decided(chain, Step("grant", True, say("It is granted to this person.")))
        limit = self.limits.get(thing.class_id or "")
        rank = CLEARANCES.index(thing.clearance)
        if limit is not None:
            step = Step("rule", rank <= limit, _limit_text(own.role, limit, thing.class_id))
            if not step.opens:
                return _decided(chain, step)
            chain.append(step)
        text = say("It is {clearance}; this person is cleared up to {own}.",
                   clearance=clearance_name(thing.clearance), own=clearance_name(own.clearance))  # fmt: skip
        return _decided(chain, Step("clearance", rank <= own.rank, text))

    def sees(self, thing: Thing) -> bool:
        """Whether `thing` exists for the reader."""
        return self.decide(thing).sees

    def condition(self, table: str) -> tuple[str, list[Any]]:
        """`decide` as a condition on `table`, which has id, clearance and class_id (`subject`, `document`)."""
        own = self.standing.clearances
        clause, params = f"{table}.clearance IN ({db.marks(own)})", list[Any](own)
        for class_id, rank in self.limits.items():
            within = CLEARANCES[: rank + 1]
            # COALESCE: what has no class is under no rule, and NULL would leave it out.
            clause += f" AND (COALESCE({table}.class_id, '') <> ?"
            clause += f" OR {table}.clearance IN ({db.marks(within)}))" if within else ")"
            params += [class_id, *within]
        if self.granted:
            clause = f"({clause} OR {table}.id IN ({db.marks(list(self.granted))}))"
            params += self.granted
        if self.denied:
            clause += f" AND {table}.id NOT IN ({db.marks(list(self.denied))})"
            params += self.denied
        return f"({clause})", params


@open_to_all("it only writes a condition")
def everywhere(table: str, standing: str) -> str:
    """`Reader.condition` for statements over several projects: the row `standing` has project_id, role, clearance.

    Its parameters are `everywhere_params`.
    """
    held = f"g.subject_id = {table}.id AND g.account_id = ? AND g.ended_at IS NULL AND (g.until IS NULL OR g.until > ?)"
    within = f"{rank_of(f'{table}.clearance')} <= {rank_of(f'{standing}.clearance')}"
    insiders = ", ".join(f"'{role}'" for role in sorted(access.PERMISSIONS["note.read"]))
    return f"""(
        NOT EXISTS (SELECT 1 FROM reading_grant g WHERE g.kind = 'denial' AND {held})
        AND (
            EXISTS (SELECT 1 FROM reading_grant g WHERE g.kind = 'grant' AND {held})
            OR ({within} AND ({table}.class_id IS DISTINCT FROM '{TEAM_ONLY}' OR {standing}.role IN ({insiders}))
            AND NOT EXISTS (
                SELECT 1
                FROM reading_rule u
                WHERE u.role = {standing}.role AND u.class_id = {table}.class_id
                  AND (u.project_id IS NULL OR u.project_id = {standing}.project_id)
                  AND {rank_of(f"{table}.clearance")} > COALESCE({rank_of("u.clearance")}, {NOTHING})
            ))
        )
    )"""


@open_to_all("it only looks at what it is given")
def everywhere_params(account: str, moment: datetime) -> list[Any]:
    """The parameters of `everywhere`, for the account that reads."""
    return [account, moment, account, moment]


@open_to_all("it asks for the standing, and reads what is granted or denied to the actor")
def reader(actor: Actor, project: str, *, rows: db.Rows = db.rows, at: datetime | None = None) -> Reader:
    """The actor as a reader in `project`; `rows` reads inside a transaction. Raises NotFound outside it."""
    return reader_of(access.standing(actor, project), actor.id, project, rows=rows, at=at)


def reader_of(
    own: Standing, account: str, project: str, *, rows: db.Rows = db.rows, at: datetime | None = None
) -> Reader:
    """The account with the standing `own` as a reader, as the grants and rules are at the moment `at`."""
    return _assembled(own, _lines(rows, project, at, (account, own.role)))


@dataclass(frozen=True)
class Person:
    """Somebody who belongs to a project, or an administrator."""

    account_id: str
    name: str
    standing: Standing


@dataclass(frozen=True)
class Line:
    """A grant or denial of the thing `name`, or a limit for the class `name`; `who` is an account or a role."""

    what: str
    name: str
    who: str
    clearance: str | None = None


@dataclass(frozen=True)
class Circle:
    """Everybody for whom something may exist in a project, with the grants, denials and rules there."""

    people: tuple[Person, ...]
    lines: tuple[Line, ...]

    def reader(self, person: Person) -> Reader:
        """One of the people as a reader."""
        asked = (person.account_id, person.standing.role)
        return _assembled(person.standing, [line for line in self.lines if line.who in asked])

    def seeing(self, thing: Thing) -> list[Person]:
        """Those for whom `thing` exists."""
        return [person for person in self.people if self.reader(person).sees(thing)]

    def with_line(self, line: Line) -> Circle:
        """The circle as it would be with one more grant, denial or limit."""
        return replace(self, lines=(*self.lines, line))

    def without_line(self, line: Line) -> Circle:
        """The circle as it would be with one grant, denial or limit less."""
        place = self.lines.index(line) if line in self.lines else len(self.lines)
        return replace(self, lines=self.lines[:place] + self.lines[place + 1 :])


def circle(rows: db.Rows, project: str, *, at: datetime | None = None) -> Circle:
    """Everybody in the project, by name; for callers that have asked whether the actor may know."""
    people = rows(
        """
        SELECT a.id, a.name, CASE WHEN a.administrator THEN 'admin' ELSE m.role END AS role,
               CASE WHEN a.administrator THEN ? ELSE m.clearance END AS clearance
        FROM account a
        LEFT JOIN membership m ON m.account_id = a.id AND m.project_id = ?
        WHERE a.active AND (a.administrator OR m.id IS NOT NULL)
        ORDER BY a.name, a.id
        """,
        [CLEARANCES[-1], project],
    )
    return Circle(
        tuple(Person(p["id"], p["name"], Standing(p["role"], p["clearance"])) for p in people),
        tuple(_lines(rows, project, at)),
    )


def _lines(rows: db.Rows, project: str, at: datetime | None, who: tuple[str, ...] = ()) -> list[Line]:
    """What decides in a project beside role and clearance, of everybody or of an account and its role."""
    moment = at or now()

    def read() -> list[dict[str, Any]]:
        return rows(
            f"""
            SELECT what, name, who, clearance, until
            FROM (
                SELECT kind AS what, subject_id AS name, account_id AS who, CAST(NULL AS VARCHAR) AS clearance, until
                FROM reading_grant
                WHERE project_id = ? AND ended_at IS NULL
                UNION ALL
                SELECT 'limit', class_id, role, clearance, NULL
                FROM reading_rule
                WHERE project_id IS NULL OR project_id = ?
            )
            {f"WHERE who IN ({db.marks(who)})" if who else ""}
            """,
            [project, project, *who],
        )

    if rows is db.rows:
        found = db.database().known(("lines", project, who), read, of=("reading_grant", "reading_rule"))
    else:
        found = read()
    return [
        Line(line["what"], line["name"], line["who"], line["clearance"])
        for line in found
        if line["until"] is None or line["until"] > moment
    ]


def _assembled(own: Standing, lines: Iterable[Line]) -> Reader:
    """A reader of their standing and of the lines that are theirs."""
    held: dict[str, set[str]] = {kind: set() for kind in KINDS}
    limits: dict[str, int] = {} if own.may("note.read") else {TEAM_ONLY: NOTHING}
    for line in lines:
        if line.what == "limit":
            rank = CLEARANCES.index(line.clearance) if line.clearance else NOTHING
            limits[line.name] = min(rank, limits.get(line.name, rank))  # of two rules the stricter one
        else:
            held[line.what].add(line.name)
    return Reader(own, frozenset(held["grant"]), frozenset(held["denial"]), limits)


def _role_step(own: Standing) -> Step:
    return Step("role", True, say("This person is here as {role}.", role=role_name(own.role)))


def _limit_text(role: str, limit: int, class_id: str | None) -> Message:
    if class_id == TEAM_ONLY:
        return say("It is kept within the team.")
    if limit == NOTHING:
        return say("A rule lets {role} read nothing of this class.", role=role_name(role))
    return say("A rule lets {role} read this class up to {clearance}.",
               role=role_name(role), clearance=clearance_name(CLEARANCES[limit]))  # fmt: skip


def _decided(chain: list[Step], last: Step) -> Decision:
    return Decision(last.opens, (*chain, last))

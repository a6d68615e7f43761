"""Why somebody sees a document, and who would see more or less after a change.

The answer is the decision that is enforced (`Reader.decide`), asked for somebody else or with one line
more or less; nothing of it is computed a second way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core import access, db, language, projects, reading
from core.access import Actor, Standing, in_organisation, in_project, open_to_all
from core.accounts import Account
from core.errors import Invalid, NotFound
from core.language import say
from core.reading import Circle, Line, Person, Rule, Step, Thing
from vault import class_rules, classes, documents, grants, rules
from vault.documents import Document, Readers


@dataclass(frozen=True)
class Explained:
    """Whether a document exists for a person, and the rules that were asked; the last one decided."""

    account_id: str
    person: str
    sees: bool
    chain: tuple[Step, ...]


@dataclass(frozen=True)
class Change:
    """What a change would give to a person, or take from them: codes of documents."""

    account_id: str
    person: str
    documents: tuple[str, ...]


@dataclass(frozen=True)
class Effect:
    """Who would gain and who would lose by a change."""

    gains: tuple[Change, ...]
    loses: tuple[Change, ...]


@in_project("document.read")
def why(actor: Actor, project: str, *, account: str, document: str) -> Explained:
    """The chain of rules for a person and a document that exists for the actor; of others with document.grant.

    Raises NotFound for a document or an account that there is not.
    """
    if account != actor.id:
        access.require(actor, "document.grant", project)
    found = documents.get(actor, project, document)
    person = db.one_of(Account, "WHERE id = ?", [account])
    if person is None:
        raise NotFound(say("There is no such account."))
    try:
        reader = reading.reader(person.actor, project)
    except NotFound:
        text = (
            say("{person} does not belong to this project.", person=person.name) if person.active
            else say("The account of {person} is disabled.", person=person.name)
        )  # fmt: skip
        return Explained(account, person.name, False, (Step("membership", False, text),))
    decision = reader.decide(documents.thing(found))
    belongs = Step("membership", True, _belonging(person))
    return Explained(
        account, person.name, decision.sees,
        (belongs, *(_with_ground(step, project, found, account) for step in decision.chain)),
    )  # fmt: skip


@in_project("document.grant")
def everybody(actor: Actor, project: str, document: str) -> list[Explained]:
    """Everybody who belongs to the project, and administrators, with the step that decides. Raises NotFound."""
    found = documents.get(actor, project, document)
    circle = reading.circle(db.rows, project)
    return [
        Explained(person.account_id, person.name, decision.sees, decision.chain[-1:])
        for person in circle.people
        for decision in [circle.reader(person).decide(documents.thing(found))]
    ]


@in_project("document.write")
def audiences(actor: Actor, project: str) -> dict[tuple[str, str], Readers]:
    """Who would read a new document, by (class, clearance), for every clearance that the actor may give it.

    The class is "" for all those that no rule here names.
    """
    reader, circle = reading.reader(actor, project), reading.circle(db.rows, project)
    named = sorted({line.name for line in circle.lines if line.what == "limit"})
    return {
        (class_, clearance): documents.sides(reader, circle, Thing("", clearance, class_ or None))
        for class_ in ("", *named)
        for clearance in reader.standing.clearances
    }


@in_project("document.classify")
def if_classified(
    actor: Actor, project: str, document: str, *, clearance: str | None = None, class_: str | None = None
) -> Effect:
    """Who would gain and lose by another clearance or class of a document.

    Raises NotFound, Invalid, Refused for a clearance above the actor's own.
    """
    found = documents.get(actor, project, document)
    _check_clearance(clearance)
    documents.require_own(reading.reader(actor, project), found)
    own, class_id = access.standing(actor, project), classes.named(class_) if class_ else found.class_id
    if clearance is not None:
        access.require_clearance(own, clearance)
    after = replace(
        found, clearance=class_rules.at_least(own, class_id, clearance or found.clearance), class_id=class_id
    )
    circle = reading.circle(db.rows, project)
    return _effect([found], circle, circle, after=[after])


@in_organisation("account.manage")
def if_least(actor: Actor, class_id: str, least: str | None) -> Effect:
    """Who would lose by a higher least clearance of a class, in every project: codes are of project and document.

    Nothing comes of a lower one, since what is filed keeps its clearance. Raises Invalid.
    """
    _check_clearance(least)
    below = access.CLEARANCES[: access.CLEARANCES.index(least)] if least else ()
    some = db.all_of(
        Document,
        f"WHERE class_id = ? AND NOT archived AND clearance IN ({db.marks(below)}) ORDER BY number",
        [classes.named(class_id), *below],
    ) if below else []  # fmt: skip
    loses: dict[str, Change] = {}
    for project in projects.mine(actor):
        before = [one for one in some if one.project_id == project.id]
        if not before:
            continue
        circle = reading.circle(db.rows, project.id)
        found = _effect(
            before, circle, circle, after=[replace(one, clearance=least or one.clearance) for one in before]
        )
        for change in found.loses:
            codes = tuple(f"{project.code} {code}" for code in change.documents)
            kept = loses.get(change.account_id, replace(change, documents=()))
            loses[change.account_id] = replace(kept, documents=(*kept.documents, *codes))
    return Effect((), tuple(sorted(loses.values(), key=lambda one: (one.person, one.documents))))


@in_project("document.grant")
def if_given(actor: Actor, project: str, document: str, *, account: str, kind: str) -> Effect:
    """Who would gain and lose by a grant or a denial. Raises NotFound."""
    found = documents.get(actor, project, document)
    circle = reading.circle(db.rows, project)
    return _effect([found], circle, circle.with_line(Line(kind, found.id, account)))


@in_project("document.grant")
def if_ended(actor: Actor, project: str, grant: str) -> Effect:
    """Who would gain and lose by the end of a grant or a denial. Raises NotFound."""
    held = next((one.grant for one in grants.listed(actor, project) if one.grant.id == grant), None)
    if held is None:
        raise NotFound(db.GONE)
    found = documents.get(actor, project, held.subject_id)
    circle = reading.circle(db.rows, project)
    return _effect([found], circle, circle.without_line(Line(held.kind, found.id, held.account_id)))


@in_project("document.rule")
def if_limited(
    actor: Actor, project: str, *, role: str, class_: str, clearance: str | None, everywhere: bool = False
) -> Effect:
    """Who would gain and lose in the documents that exist for the actor by a limit for a role and a class.

    It replaces the one that the project (or the organisation: `everywhere`) has for them. Raises Invalid
    for a class or clearance that there is not.
    """
    class_id = classes.named(class_)
    _check_clearance(clearance)
    circle = reading.circle(db.rows, project)
    after = circle
    for rule in rules.listed(actor, project):
        if (rule.role, rule.class_id, rule.project_id) == (role, class_id, None if everywhere else project):
            after = after.without_line(_line(rule))
    return _effect(_all(actor, project), circle, after.with_line(Line("limit", class_id, role, clearance)))


@in_project("document.rule")
def if_lifted(actor: Actor, project: str, rule: str) -> Effect:
    """Who would gain in the documents that exist for the actor without a rule. Raises NotFound."""
    found = next((one for one in rules.listed(actor, project) if one.id == rule), None)
    if found is None:
        raise NotFound(db.GONE)
    circle = reading.circle(db.rows, project)
    return _effect(_all(actor, project), circle, circle.without_line(_line(found)))


@in_project("member.manage")
def if_placed(actor: Actor, project: str, *, account: str, role: str | None, clearance: str) -> Effect:
    """What somebody would gain and lose by another role and clearance in the project, or by leaving it (no role).

    Counted are documents that exist for the actor. Raises Invalid, Refused above the actor's own clearance.
    """
    _check_clearance(clearance)
    access.require_clearance(access.standing(actor, project), clearance)
    circle = reading.circle(db.rows, project)
    others = tuple(person for person in circle.people if person.account_id != account)
    person = db.one_of(Account, "WHERE id = ? AND active", [account])
    if person is None or person.administrator:
        return Effect((), ())
    placed = (Person(account, person.name, Standing(role, clearance)),) if role else ()
    return _effect(_all(actor, project), circle, replace(circle, people=(*others, *placed)))


def _line(rule: Rule) -> Line:
    return Line("limit", rule.class_id, rule.role, rule.clearance)


def _all(actor: Actor, project: str) -> list[Document]:
    return [one.document for one in documents.listed(actor, project, sort="code")]


def _effect(
    before: Sequence[Document], circle: Circle, changed: Circle, *, after: Sequence[Document] | None = None
) -> Effect:
    """The difference between two circles, or two forms of some documents, in what exists for whom."""
    had = _seen(circle, before)
    has = _seen(changed, after or before)
    names = {person.account_id: person.name for person in (*circle.people, *changed.people)}

    def more(some: dict[str, list[str]], than: dict[str, list[str]]) -> tuple[Change, ...]:
        found = []
        for account, name in sorted(names.items(), key=lambda item: item[1]):
            codes = [code for code in some.get(account, []) if code not in set(than.get(account, []))]
            if codes:
                found.append(Change(account, name, tuple(codes)))
        return tuple(found)

    return Effect(more(has, had), more(had, has))


def _seen(circle: Circle, some: Sequence[Document]) -> dict[str, list[str]]:
    """Account -> the codes of those documents that exist for them."""
    things: list[tuple[str, Thing]] = [(one.code, documents.thing(one)) for one in some]
    found = {}
    for person in circle.people:
        reader = circle.reader(person)
        found[person.account_id] = [code for code, thing in things if reader.sees(thing)]
    return found


def _belonging(person: Account) -> language.Message:
    if person.administrator:
        return say("{person} is an administrator, whose account is active.", person=person.name)
    return say("{person} belongs to this project, and the account is active.", person=person.name)


def _with_ground(step: Step, project: str, document: Document, account: str) -> Step:
    """A step in words that name what it rests on: who granted it, until when and why; which class is limited."""
    if step.rule == "rule":
        name = classes.names().get(document.class_id, document.class_id)
        return replace(step, text=say("{text} Its class is {name}.", text=step.text, name=name))
    if step.rule not in reading.KINDS:
        return step
    held = db.row(
        """
        SELECT g.reason, g.until, COALESCE(a.name, g.given_by) AS giver
        FROM reading_grant g
        LEFT JOIN account a ON a.id = g.given_by
        WHERE g.project_id = ? AND g.subject_id = ? AND g.account_id = ? AND g.kind = ? AND g.ended_at IS NULL
        ORDER BY g.created_at DESC
        """,
        [project, document.id, account, step.rule],
    )
    if held is None:  # it has ended a moment ago
        return step
    about = {"giver": held["giver"], "reason": held["reason"]}
    if step.opens and held["until"]:
        text = say("{giver} granted it to this person until {day}: {reason}", day=last_day(held["until"]), **about)
    elif step.opens:
        text = say("{giver} granted it to this person: {reason}", **about)
    elif held["until"]:
        text = say("{giver} denied it to this person until {day}: {reason}", day=last_day(held["until"]), **about)
    else:
        text = say("{giver} denied it to this person: {reason}", **about)
    return replace(step, text=text)


@open_to_all("it only looks at the moment it is given")
def last_day(until: datetime) -> str:
    """The last day on which something holds that ends at a moment, in the reader's words."""
    return language.day(until - timedelta(seconds=1))


def _check_clearance(clearance: str | None) -> None:
    if clearance is not None and clearance not in access.CLEARANCES:
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")

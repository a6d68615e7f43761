"""What events say, as sentences in the reader's language: "Ana moved REQ-12 from Draft to Agreed".

A sentence is a message whose values may be things: a page puts their codes in bold and links them, the
command line prints them. Names of what is mentioned come in `Names`, read by core/history.py as far as
they exist for the reader.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from typing import Any

from core import access
from core.language import Message, catalogue, current, day, number, say
from core.risks.register import STAGE_NAMES, STAGES


@dataclass(frozen=True)
class Thing:
    """A requirement or a document that a sentence speaks of."""

    id: str
    entity: str
    code: str
    title: str


@dataclass(frozen=True)
class Part:
    """A piece of a sentence; `thing` when it names one, `person` when it names who did it."""

    text: str
    thing: Thing | None = None
    person: bool = False


@dataclass(frozen=True)
class Several:
    """Values that stand side by side in a sentence."""

    values: tuple[object, ...]


@dataclass(frozen=True)
class Person:
    """Who did something."""

    name: str


@dataclass(frozen=True)
class Event:
    """One event of a line, its JSON read. `before` and `after` are the columns that changed."""

    seq: int
    entity: str
    entity_id: str
    subject_id: str | None
    action: str
    note: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """What things, people and columns are called now, by id, for those who may know it."""

    things: Mapping[str, Thing] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


MOST_NAMED = 3
"""More things than this in one sentence are counted, not named."""

PRIORITY = {"must": say("Must"), "should": say("Should"), "could": say("Could"), "wont": say("Won't")}

FIELDS: dict[str, Message] = {
    "title": say("title"), "statement": say("statement"), "rationale": say("rationale"),
    "acceptance": say("acceptance criteria"), "source_who": say("who said it"), "source_when": say("when it was said"),
    "source_where": say("where it was said"), "priority": say("priority"), "constraints": say("constraints"),
    "effort_hours": say("effort"), "owner_id": say("owner"), "labels": say("labels"), "due": say("due date"),
    "clearance": say("who may read it"), "class_id": say("class"), "role": say("role"), "name": say("name"),
    "text": say("text"), "ended_on": say("end"), "cause": say("cause"), "event": say("event"), "effect": say("effect"),
    "category_id": say("category"), "proximity": say("when it may happen"), "probability": say("probability"),
    "internal": say("who may know of it"), "lessons": say("lessons"), "review_on": say("next review"),
}  # fmt: skip
"""Columns that are told, by the words that people know them by. Others (places, numbers) are not."""

LONG = frozenset({
    "statement", "rationale", "acceptance", "constraints", "class_id", "text", "cause", "event", "effect", "category_id",
    "internal", "lessons",
})  # fmt: skip
"""Fields that are told without their values."""


def parts(sentence: object) -> list[Part]:
    """A sentence in pieces, in the reader's language; things and people stand alone."""
    if isinstance(sentence, Thing):
        return [Part(sentence.code or sentence.title, thing=sentence)]
    if isinstance(sentence, Person):
        return [Part(sentence.name, person=True)]
    if isinstance(sentence, Several):
        between = [Part(say(", ").text())]
        return [p for index, v in enumerate(sentence.values) for p in (between if index else []) + parts(v)]
    if not isinstance(sentence, Message):
        return [Part(str(sentence))]
    found: list[Part] = []
    for literal, name, _spec, _conversion in Formatter().parse(catalogue(current()).get(sentence.id, sentence.id)):
        if literal:
            found.append(Part(literal))
        if name is not None:
            found += parts(sentence.values[name])
    return found


def plain(sentence: object) -> str:
    """A sentence as text."""
    return "".join(part.text for part in parts(sentence))


def told(events: Sequence[Event], who: str, names: Names) -> list[tuple[Event, Message]]:
    """Sentences for what one person did in one go, each with the event that it is about."""
    fresh = {e.entity_id for e in events if e.entity in BRINGS and not e.before}
    if fresh:
        # The first card of a project brings the columns, a new one its links: one thing was done.
        brought = {kind for e in events if e.entity_id in fresh for kind in BRINGS[e.entity]}
        events = [
            e
            for e in events
            if e.entity not in brought and not (e.entity in ("requirement_link", "risk_link") and e.subject_id in fresh)
        ]
    events = [e for e in events if (e.entity, e.action) not in SILENT]
    if any(e.entity == "document_version" for e in events):
        events = [e for e in events if e.entity != "document" or e.action not in ("created", "new version")]
    groups: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        family = "column" if event.entity == "requirement_state" else event.entity
        groups.setdefault((family, event.action if family != "column" else ""), []).append(event)
    return [(group[0], _sentence(group, Person(who), names)) for group in groups.values()]


def imported(who: str, counts: Mapping[str, int], *, undone: bool) -> Message:
    """An import in one sentence: what came, as far as it exists for the reader."""
    if undone:
        return say("{who} took back an import", who=Person(who))
    kinds = (("requirement", many_requirements), ("comment", many_comments))
    brought = tuple(word(counts[kind]) for kind, word in kinds if counts.get(kind))
    if not brought:
        return say("{who} ran an import", who=Person(who))
    return say("{who} imported {what}", who=Person(who), what=Several(brought))


def many_requirements(count: int) -> Message:
    """A number of requirements."""
    return say("1 requirement") if count == 1 else say("{count} requirements", count=number(count))


def many_comments(count: int) -> Message:
    """A number of comments."""
    return say("1 comment") if count == 1 else say("{count} comments", count=number(count))


def many_risks(count: int) -> Message:
    """A number of risks."""
    return say("1 risk") if count == 1 else say("{count} risks", count=number(count))


def many_documents(count: int) -> Message:
    """A number of documents."""
    return say("1 document") if count == 1 else say("{count} documents", count=number(count))


def _sentence(group: Sequence[Event], who: Person, names: Names) -> Message:
    first = group[0]
    family = "column" if first.entity == "requirement_state" else first.entity
    special = _SPECIAL.get((family, first.action)) or _SPECIAL.get((family, ""))
    if special:
        return special(group, who, names)
    pattern = PATTERNS.get((first.entity, first.action))
    what = _what(group, names)
    if pattern:
        return Message(pattern.id, {"who": who, "what": what})
    if what is None:
        return say("{who} changed something in the project", who=who)
    if first.action == "undone":
        return say("{who} took back a change of {what}", who=who, what=what)
    return say("{who} changed {what}", who=who, what=what)


PATTERNS: dict[tuple[str, str], Message] = {
    ("requirement", "created"): say("{who} added {what}"),
    ("requirement", "deleted"): say("{who} removed {what}"),
    ("risk", "created"): say("{who} added {what}"),
    ("risk", "closed"): say("{who} closed {what}"),
    ("risk", "reopened"): say("{who} took {what} up again"),
    ("risk_response", "planned"): say("{who} planned the response to {what}"),
    ("risk_action", "created"): say("{who} added an action to {what}"),
    ("risk_action", "changed"): say("{who} changed an action of {what}"),
    ("risk_action", "finished"): say("{who} finished an action of {what}"),
    ("risk_action", "opened"): say("{who} opened an action of {what} again"),
    ("risk_action", "deleted"): say("{who} removed an action of {what}"),
    ("risk_scale", "created"): say("{who} set how risks are judged"),
    ("risk_scale", "changed"): say("{who} changed how risks are judged"),
    ("checklist", "created"): say("{who} added a checklist to {what}"),
    ("checklist", "deleted"): say("{who} removed a checklist from {what}"),
    ("checklist_item", "created"): say("{who} added to a checklist of {what}"),
    ("attachment", "created"): say("{who} noted a file with {what}"),
    ("comment", "changed"): say("{who} changed a comment on {what}"),
    ("comment", "deleted"): say("{who} took back a comment on {what}"),
    ("label", "created"): say("{who} added a label"),
    ("label", "changed"): say("{who} changed a label"),
    ("label", "deleted"): say("{who} removed a label"),
    ("project", "created"): say("{who} opened the project"),
    ("project", "discarded"): say("{who} put the project into the trash"),
    ("project", "brought back"): say("{who} brought the project back from the trash"),
    ("document", "deleted"): say("{who} removed {what}"),
    ("document", "discarded"): say("{who} put {what} into the trash"),
    ("document", "brought back"): say("{who} brought {what} back from the trash"),
    ("document", "disposed of"): say("With the word of {who}, {what} was disposed of"),
    ("share_link", "shared"): say("{who} shared {what} by a link"),
    ("share_link", "share ended"): say("{who} ended a link to {what}"),
    ("share_link", "share used"): say("Somebody without an account fetched {what} by a link"),
    ("share_link", "share refused"): say("Somebody gave a wrong password at the link to {what}"),
    ("project", "malware found"): say("{who} sent a file in which the virus scanner found something"),
    ("disposal", "proposed"): say("{who} proposed documents to be disposed of"),
    ("disposal", "taken back"): say("{who} took back a list of documents to be disposed of"),
    ("reading_grant", "granted"): say("{who} granted {what} to somebody"),
    ("reading_grant", "denied"): say("{who} denied {what} to somebody"),
    ("reading_grant", "ended"): say("{who} ended a grant or a denial for {what}"),
    ("reading_rule", "created"): say("{who} limited what a role reads of a class of documents"),
    ("reading_rule", "changed"): say("{who} changed what a role reads of a class of documents"),
    ("reading_rule", "deleted"): say("{who} lifted a limit on what a role reads of a class of documents"),
    ("downgrade", "planned"): say("{who} planned a lower clearance for {what}"),
    ("downgrade", "taken back"): say("{who} took back a planned lower clearance for {what}"),
    ("downgrade", "overtaken"): say("{who} raised the clearance of {what}, which ends a planned lower one"),
    ("downgrade", "carried out"): say("{who} carried out a planned lower clearance for {what}"),
    ("document", "approved"): say("With the word of {who}, {what} is approved"),
    ("document", "withdrawn"): say("{who} withdrew the approval of {what}"),
    ("document", "renewed"): say("{who} renewed the approval of {what}"),
    ("review", "asked"): say("{who} asked for a review of {what}"),
    ("review", "called off"): say("{who} called off the review of {what}"),
    ("review_seat", "approve"): say("{who} approves {what}"),
    ("review_seat", "changes"): say("{who} asked for changes to {what}"),
    ("review_seat", "decline"): say("{who} declined {what}"),
    ("review_remark", "created"): say("{who} remarked on {what}"),
    ("review_remark", "settled"): say("{who} settled a remark on {what}"),
    ("review_remark", "opened"): say("{who} opened a remark on {what} again"),
    ("check_out", "created"): say("{who} checked out {what}"),
    ("check_out", "checked in"): say("{who} gave {what} back"),
    ("check_out", "given back"): say("{who} gave {what} back"),
    ("check_out", "broken"): say("{who} ended the check-out of {what}"),
    ("check_out", "noted"): say("{who} took note that the check-out of {what} was ended"),
    ("import_run", "imported"): say("{who} ran an import"),
    ("import_run", "undone"): say("{who} took back an import"),
}
"""What needs no more than who and what: (entity, action) -> sentence."""


BRINGS = {"requirement": ("requirement_state",), "risk": ("risk_category",)}
"""What the first of a kind in a project brings with it."""

SILENT = frozenset({
    ("document", "state"), ("document_version", "state"), ("review_seat", "asked"),
    ("document_version", "disposed of"), ("disposal", "confirmed"),
    ("review", "approved"), ("review", "changes"), ("review", "declined"), ("review", "overtaken"),
})  # fmt: skip
"""What only follows from what is told beside it: (entity, action)."""


def _what(group: Sequence[Event], names: Names) -> object:
    """The things that a group is about: named when they are few, else counted. None without any."""
    things = {}
    for event in group:
        if event.subject_id:
            things[event.subject_id] = names.things.get(event.subject_id) or _of_event(event)
    if not things:
        return None
    if len(things) <= MOST_NAMED:
        return Several(tuple(things.values()))
    many = {"document": many_documents, "risk": many_risks}.get(next(iter(things.values())).entity, many_requirements)
    return many(len(things))


def _of_event(event: Event) -> Thing:
    """Something that is gone, as its event remembers it."""
    row = {**event.before, **event.after}
    entity = (
        "document" if event.entity.startswith(("document", "review", "check_out"))
        else "risk" if event.entity.startswith("risk")
        else "requirement"
    )  # fmt: skip
    return Thing("", entity, str(row.get("code") or ""), str(row.get("title") or say("something removed").text()))


def _moved(group: Sequence[Event], who: Person, names: Names) -> Message:
    steps = {_step(event, names) for event in group}
    what = _what(group, names)
    olds, news = {old for old, _new in steps}, {new for _old, new in steps}
    if len(news) > 1 or not all(news):
        return say("{who} moved {what}", who=who, what=what)
    new = next(iter(news))
    if len(olds) > 1 or not all(olds):
        return say("{who} moved {what} to {new}", who=who, what=what, new=new)
    changes = _changes(group[0], names) if len(group) == 1 else ()
    if changes:
        return say("{who} moved {what} from {old} to {new}; {changes}", who=who, what=what, old=next(iter(olds)),
                   new=new, changes=Several(changes))  # fmt: skip
    return say("{who} moved {what} from {old} to {new}", who=who, what=what, old=next(iter(olds)), new=new)


def _step(event: Event, names: Names) -> tuple[str, str]:
    """From which column to which, by the names that they had then."""
    then = (event.note or "").split(" → ")
    if len(then) == 2:
        return then[0], then[1]
    return tuple(names.columns.get(side.get("state_id", ""), "") for side in (event.before, event.after))  # type: ignore[return-value]


def _changed(group: Sequence[Event], who: Person, names: Names) -> Message:
    what = _what(group, names)
    archived = {event.after.get("archived") for event in group}
    if archived == {True}:
        return say("{who} archived {what}", who=who, what=what)
    if archived == {False}:
        return say("{who} brought back {what}", who=who, what=what)
    changes = _changes(group[0], names)
    if not changes or any(_changes(event, names) != changes for event in group):
        return say("{who} changed {what}", who=who, what=what)
    reason = group[0].note if group[0].action == "reclassified" else None
    if reason:
        return say(
            "{who} changed {what}: {changes} (“{reason}”)", who=who, what=what, changes=Several(changes), reason=reason
        )
    return say("{who} changed {what}: {changes}", who=who, what=what, changes=Several(changes))


def _changes(event: Event, names: Names) -> tuple[Message, ...]:
    """What became of each field, in words."""
    found = []
    for column, word in FIELDS.items():
        if column not in event.after:
            continue
        old, new = (_value(column, side.get(column), names) for side in (event.before, event.after))
        if column in LONG:
            found.append(say("{field} rewritten", field=word))
        elif column == "labels":
            found += _labels(event, word)
        elif not new:
            found.append(
                say("{field} {old} removed", field=word, old=old) if old else say("{field} removed", field=word)
            )
        elif not old:
            found.append(say("{field} set to {new}", field=word, new=new))
        else:
            found.append(say("{field} from {old} to {new}", field=word, old=old, new=new))
    return tuple(found)


def _labels(event: Event, word: Message) -> list[Message]:
    sides = [side.get("labels") or () for side in (event.before, event.after)]
    old, new = ([*json.loads(side)] if isinstance(side, str) else [*side] for side in sides)
    came, went = [n for n in new if n not in old], [n for n in old if n not in new]
    found = []
    if came:
        found.append(say("{field} added: {new}", field=word, new=Several(tuple(came))))
    if went:
        found.append(say("{field} taken off: {old}", field=word, old=Several(tuple(went))))
    return found


def _value(column: str, value: Any, names: Names) -> object:
    """A value as people write it; empty when there is none."""
    if value in (None, "", [], ()):
        return ""
    readers: dict[str, Callable[[Any], object]] = {
        "priority": lambda v: PRIORITY.get(v, v),
        "owner_id": lambda v: names.people.get(v, say("somebody").text()),
        "due": lambda v: day(date.fromisoformat(v)),
        "ended_on": lambda v: day(date.fromisoformat(v)),
        "source_when": lambda v: day(date.fromisoformat(v)),
        "proximity": lambda v: day(date.fromisoformat(v)),
        "review_on": lambda v: day(date.fromisoformat(v)),
        "probability": lambda v: say("{share} %", share=number(100 * v)),
        "effort_hours": lambda v: say("{hours} h", hours=number(v)),
        "clearance": access.clearance_name,
        "role": access.role_name,
    }
    return readers[column](value) if column in readers else f"“{value}”"


def _linked(group: Sequence[Event], who: Person, names: Names) -> Message:
    what, event = _what(group, names), group[0]
    row = event.after or event.before
    others = tuple(names.things[i] for e in group if (i := (e.after or e.before).get("target_id", "")) in names.things)
    if event.action == "undone" or len({(e.after or e.before).get("kind") for e in group}) > 1 or not others:
        return say("{who} changed the links of {what}", who=who, what=what)
    other = Several(others)
    if event.action == "unlinked":
        return say("{who} unlinked {what} and {other}", who=who, what=what, other=other)
    kinds = {
        "depends on": say("{who} noted that {what} depends on {other}", who=who, what=what, other=other),
        "refines": say("{who} noted that {what} refines {other}", who=who, what=what, other=other),
        "conflicts with": say("{who} noted that {what} conflicts with {other}", who=who, what=what, other=other),
    }
    return kinds.get(str(row.get("kind")), say("{who} linked {what} with {other}", who=who, what=what, other=other))


def _rated(group: Sequence[Event], who: Person, names: Names) -> Message:
    what, event = _what(group, names), group[0]
    stage = next((name for name in STAGES if any(column.startswith(f"{name}_") for column in event.after)), None)
    if len(group) > 1 or stage is None:
        return say("{who} judged {what}", who=who, what=what)
    # A level that stayed stands in neither side of the event: the one that moved is told.
    word, changes = STAGE_NAMES[stage], []
    for column, name in ((f"{stage}_likelihood", say("likelihood")), (f"{stage}_impact", say("impact"))):
        if column in event.after:
            old, new = event.before.get(column), event.after[column]
            changes.append(
                say("{field} {new}", field=name, new=new) if old is None
                else say("{field} from {old} to {new}", field=name, old=old, new=new)
            )  # fmt: skip
    return say("{who} judged {what} ({stage}): {changes} (“{reason}”)", who=who, what=what, stage=word,
               changes=Several(tuple(changes)), reason=event.note or "")  # fmt: skip


def _risk_categories(group: Sequence[Event], who: Person, names: Names) -> Message:
    return say("{who} changed the categories of risks", who=who)


def _commented(group: Sequence[Event], who: Person, names: Names) -> Message:
    what = _what(group, names)
    if group[0].after.get("internal"):
        return say("{who} left an internal note on {what}", who=who, what=what)
    return say("{who} commented on {what}", who=who, what=what)


def _ticked(group: Sequence[Event], who: Person, names: Names) -> Message:
    what = _what(group, names)
    if group[0].action == "ticked":
        return say("{who} ticked off something in {what}", who=who, what=what)
    return say("{who} opened something ticked off in {what} again", who=who, what=what)


def _columns(group: Sequence[Event], who: Person, names: Names) -> Message:
    event = group[0]
    if len(group) == 1 and "name" in event.before and "name" in event.after:
        return say(
            "{who} renamed the column {old} to {new}", who=who, old=event.before["name"], new=event.after["name"]
        )
    fresh = tuple(e.after["name"] for e in group if not e.before)
    removed = tuple(names.columns.get(e.entity_id, "") for e in group if e.action == "removed")
    if fresh and not removed and len(fresh) < MOST_NAMED:
        return say("{who} added the column {names}", who=who, names=Several(fresh))
    if removed and not fresh:
        return say("{who} removed the column {names}", who=who, names=Several(removed))
    return say("{who} changed the columns of the board", who=who)


def _member(group: Sequence[Event], who: Person, names: Names) -> Message:
    event = group[0]
    row = {**event.before, **event.after}
    person = names.people.get(str(row.get("account_id") or event.entity_id), "")
    if not person or len(group) > 1:
        return say("{who} changed who belongs to the project", who=who)
    if not event.before:
        return say("{who} added {person} as {role}", who=who, person=person, role=access.role_name(row["role"]))
    if not event.after:
        return say("{who} ended the membership of {person}", who=who, person=person)
    return say("{who} changed what {person} may do: {changes}", who=who, person=person,
               changes=Several(_changes(event, names)))  # fmt: skip


def _uploaded(group: Sequence[Event], who: Person, names: Names) -> Message:
    what, version = _what(group, names), group[0].after.get("number", 1)
    if version == 1 or len(group) > 1:
        return say("{who} uploaded {what}", who=who, what=what)
    return say("{who} uploaded version {number} of {what}", who=who, number=version, what=what)


def _restored(group: Sequence[Event], who: Person, names: Names) -> Message:
    version = group[0].after
    return say("{who} restored version {old} of {what} as version {number}", who=who, old=version.get("restored_from"),
               number=version.get("number"), what=_what(group, names))  # fmt: skip


def _fetched(group: Sequence[Event], who: Person, names: Names) -> Message:
    version = group[0].after.get("version", 1)
    return say("{who} fetched version {number} of {what}", who=who, number=version, what=_what(group, names))


def _project(group: Sequence[Event], who: Person, names: Names) -> Message:
    changes = _changes(group[0], names)
    if not changes:
        return say("{who} changed the project", who=who)
    return say("{who} changed the project: {changes}", who=who, changes=Several(changes))


def _held(group: Sequence[Event], who: Person, names: Names) -> Message:
    what, released = _what(group, names), group[0].action == "released"
    if what is None:
        return (
            say("{who} released the legal hold on the project", who=who) if released
            else say("{who} placed a legal hold on everything of the project", who=who)
        )  # fmt: skip
    if released:
        return say("{who} released the legal hold on {what}", who=who, what=what)
    return say("{who} placed a legal hold on {what}", who=who, what=what)


Teller = Callable[[Sequence[Event], Person, Names], Message]

_SPECIAL: dict[tuple[str, str], Teller] = {
    ("requirement", "moved"): _moved,
    ("requirement", "changed"): _changed,
    ("requirement", "restored"): _changed,
    ("requirement_link", ""): _linked,
    ("risk", "changed"): _changed,
    ("risk", "rated"): _rated,
    ("risk_link", ""): _linked,
    ("risk_category", ""): _risk_categories,
    ("comment", "created"): _commented,
    ("checklist_item", "ticked"): _ticked,
    ("checklist_item", "unticked"): _ticked,
    ("column", ""): _columns,
    ("membership", ""): _member,
    ("document", "reclassified"): _changed,
    ("document", "changed"): _changed,
    ("document", "downloaded"): _fetched,
    ("document_version", "uploaded"): _uploaded,
    ("document_version", "restored"): _restored,
    ("project", "changed"): _project,
    ("legal_hold", ""): _held,
}
"""What needs a look at the values: (entity, action) or (entity, any) -> who tells it."""


def mentioned_ids(events: Iterable[Event]) -> tuple[set[str], set[str]]:
    """The things, and the accounts and memberships, whose names sentences about these events need."""
    things: set[str] = set()
    people: set[str] = set()
    for event in events:
        things.add(event.subject_id or "")
        for side in (event.before, event.after):
            things.add(str(side.get("target_id") or ""))
            people |= {str(side.get(column) or "") for column in ("owner_id", "account_id")}
        if event.entity == "membership":
            people.add(event.entity_id)
    return things - {""}, people - {""}

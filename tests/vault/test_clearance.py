"""What one is not cleared for does not exist: every public function, asked by those who should know nothing.

Secrets are planted in a project; then each function of the generated list (tests/rules.py) is called
by people of each role below their clearance. Nothing that comes back holds a word of them, nothing
differs from how it was before they were there, and asking for them is answered like asking for nothing.
"""

from __future__ import annotations

import dataclasses
import inspect
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core import accounts, columns, comments, db, links, projects, requirements, views
from core.access import CLEARANCES
from core.errors import AccordError
from core.ids import new_id, now
from core.requirements import Draft, Label
from tests.conftest import OPERATOR
from tests.rules import functions
from vault import checkout, disposal, documents, downgrades, grants, holds, review, rules, sharing, trash

pytestmark = pytest.mark.store

WORD = "quetzalcoatl"
"""Stands in everything that is secret."""

UNASKED = "takes what one has to hold already"
"""The answer of a function that wants a row or a board and gets nothing."""

BELOW = [("manager", "public"), ("member", "internal"), ("client", "internal"), ("viewer", "public")]
PUBLIC = [one for one in functions() if one.rule is not None and not one.within]
PROBED = {
    "requirement", "subject", "document", "comment", "view", "link_id", "item", "target", "batch", "code",
    "import_id", "requirements", "only", "row_id", "entity_id", "event", "grant", "plan", "review", "remark", "check_out",
    "hold", "disposal", "link", "some",
}  # fmt: skip
"""Parameters that name a thing: each secret's id and code is tried, beside one that there is not."""

PASSED_OVER = re.compile(
    r"accounts\.(by_mail|checked_|initials|change_password)|vault\.transfer|passwords|trello_board\.read|sessions\.(begin|end$|actor_of|is_this)"
    r"|invitations\.(offer|accept)|signin\.|setup\.|mail\.|reading\.reader$|search_index\.index$|search_query\.|vault\.words\.|completeness\.heading$"
)
"""Before anybody is signed in, or about what is given alone; and the rule of reading and the index themselves, which
the domain asks with (no screen does: tests/test_access.py)."""
ASKED = [one for one in PUBLIC if not PASSED_OVER.search(one.name)]


class Undone(Exception):
    """Thrown at the end of each change, so that no call leaves a trace."""


@dataclasses.dataclass
class World:
    """The project, those who may not know, what is planted, and what everybody sees."""

    project: str
    people: dict[tuple[str, str], Any]
    state: str
    seen: dict[str, str]
    account: str
    reviewer: str
    secrets: dict[str, str] = dataclasses.field(default_factory=dict)


@pytest.fixture
def world(shelf) -> World:
    people = {}
    for role, clearance in BELOW:
        account = accounts.create(OPERATOR, mail=f"{role}.{clearance}@example.com", name=f"{role} {clearance}")
        projects.add_member(OPERATOR, shelf.id, account=account.id, role=role, clearance=clearance)
        people[role, clearance] = account.actor
    reviewer = accounts.create(OPERATOR, mail="reviewer@example.com", name="Reviewer")
    projects.add_member(OPERATOR, shelf.id, account=reviewer.id, role="manager", clearance="restricted")
    card = requirements.create(shelf.manager, shelf.id, Draft("Tickets by phone", labels=("web",)))
    other = requirements.create(shelf.manager, shelf.id, Draft("Tickets on paper"))
    link = links.link(shelf.manager, shelf.id, card.id, kind="depends on", target=other.id)
    said = comments.add(shelf.manager, shelf.id, card.id, "by phone, agreed")
    paper = documents.put(
        shelf.manager, shelf.id, io.BytesIO(b"what was agreed"), file_name="a.txt", class_="design", clearance="public"
    )
    state = columns.states(shelf.manager, shelf.id)[1].id
    for role in rules.LIMITED:
        rules.limit(shelf.manager, shelf.id, role=role, class_="plan", clearance=None)
    return World(shelf.id, people, state,
                 {"requirement": card.id, "document": paper.document, "comment": said.id, "link": link.id},
                 shelf.viewer.id, reviewer.id)  # fmt: skip


def plant(world: World, shelf) -> None:
    """Secrets of every kind, confidential and restricted, beside what everybody sees."""
    who, here = shelf.manager, shelf.id
    for clearance in CLEARANCES[2:]:
        card = requirements.create(
            who, here,
            Draft(f"{WORD} title", statement=f"{WORD} statement", rationale=WORD, acceptance=(WORD,), source_who=WORD,
                  constraints=WORD, labels=(f"{WORD} {clearance}",), clearance=clearance, owner_id=who.id,
                  due=date(2020, 1, 1)),
        )  # fmt: skip
        said = comments.add(who, here, card.id, f"{WORD} said, @client public")
        note = comments.add(who, here, card.id, f"{WORD} noted", internal=True)
        paper = documents.put(
            who, here, io.BytesIO(f"{WORD} {clearance}".encode()), file_name=f"{WORD}.txt", class_="design",
            clearance=clearance, title=f"{WORD} paper", note=WORD,
        )  # fmt: skip
        documents.put(who, here, io.BytesIO(f"{WORD} again {clearance}".encode()), file_name=f"{WORD}.txt",
                      class_="design", document=paper.document)  # fmt: skip
        b"".join(documents.fetch(who, here, paper.document).chunks)
        asked = review.ask(
            shelf.admin, here, paper.document, 2, people=[world.reviewer], due=date(2999, 1, 1), message=WORD
        )
        remarked = review.remark(shelf.admin, here, asked.id, WORD, section=WORD, quote=WORD)
        taken = checkout.take(who, here, paper.document, reason=WORD, until=datetime(2999, 1, 1))
        on_paper = comments.add(who, here, paper.document, WORD)
        between = links.link(who, here, card.id, kind="document", target=paper.document)
        to_secret = links.link(who, here, world.seen["requirement"], kind="refines", target=card.id)
        from_secret = links.link(who, here, card.id, kind="conflicts with", target=world.seen["requirement"])
        attached = links.link(who, here, world.seen["requirement"], kind="document", target=paper.document)
        granted = grants.give(who, here, paper.document, account=shelf.client.id, kind="grant", reason=WORD)
        for other in world.people.values():
            ended = grants.give(who, here, paper.document, account=other.id, kind="grant", reason=WORD)
            grants.end(who, here, ended.id)
            denied = grants.give(who, here, paper.document, account=other.id, kind="denial", reason=WORD)
        planned = downgrades.order(
            who, here, paper.document, clearance="public", due=now() + timedelta(days=9), reason=WORD
        )
        binned = documents.put(who, here, io.BytesIO(f"{WORD} bin {clearance}".encode()), file_name=f"{WORD}.txt",
                               class_="design", clearance=clearance, came_with=world.seen["document"])  # fmt: skip
        trash.discard(who, here, binned.document, reason=WORD)
        proposed = disposal.propose(who, here, [binned.document], reason=WORD)
        held = holds.place(who, here, document=paper.document, reason=WORD)
        with db.write(who) as tx:
            shared = tx.insert(
                sharing.Link(new_id(), here, paper.document, 1, new_id(), None, who.id, WORD, datetime(2999, 1, 1), None, 0,
                             now(), None, None)
            )  # fmt: skip
        buried = documents.put(who, here, io.BytesIO(f"{WORD} gone {clearance}".encode()), file_name=f"{WORD}.txt",
                               class_="design", clearance=clearance)  # fmt: skip
        trash.discard(who, here, buried.document)
        disposal.confirm(shelf.admin, here, disposal.propose(who, here, [buried.document], reason=WORD).id)
        view = views.save(who, here, name=f"{WORD} {clearance}", query=f"text={WORD}")
        moved = requirements.move(who, here, [card.id], state=world.state)
        with db.write(who) as tx:
            tx.insert(Label(new_id(), here, f"{WORD} {clearance}", "red", 1))
        world.secrets |= {
            f"{clearance} {name}": value
            for name, value in {
                "requirement": card.id, "code": card.code, "comment": said.id, "note": note.id, "paper": paper.document,
                "paper code": paper.code, "on paper": on_paper.id, "link": between.id, "link to": to_secret.id,
                "link from": from_secret.id, "attached": attached.id, "view": view.id, "review": asked.id,
                "grant": granted.id, "ended grant": ended.id, "denial": denied.id, "downgrade": planned.id,
                "remark": remarked.id, "check-out": taken.id, "in the trash": binned.document,
                "in the trash code": binned.code, "disposal": proposed.id, "hold": held.id, "share": shared.id,
                "disposed of": buried.document,
                "batch": db.value("SELECT batch FROM event WHERE entity_id = ? ORDER BY seq DESC", [moved[0].id]),
            }.items()
        }  # fmt: skip
    withhold(world, shelf)


def withhold(world: World, shelf) -> None:
    """Public documents that those who are asked may not read all the same: denied to them, or of a limited class."""
    who, here = shelf.admin, shelf.id
    for class_ in ("design", "plan"):
        paper = documents.put(who, here, io.BytesIO(f"{WORD} {class_}".encode()), file_name=f"{WORD}.txt",
                              class_=class_, clearance="public", title=f"{WORD} {class_}", note=WORD)  # fmt: skip
        if class_ == "design":
            for person in world.people.values():
                grants.give(who, here, paper.document, account=person.id, kind="denial", reason=WORD)
        b"".join(documents.fetch(who, here, paper.document).chunks)
        said = comments.add(who, here, paper.document, WORD)
        attached = links.link(who, here, world.seen["requirement"], kind="document", target=paper.document)
        world.secrets |= {
            f"withheld {class_}": paper.document, f"withheld {class_} code": paper.code,
            f"withheld {class_} comment": said.id, f"withheld {class_} link": attached.id,
        }  # fmt: skip


@contextmanager
def without_trace() -> Iterator[None]:
    """Changes are made and taken back, so that each function can be called with anything."""
    write = db.write

    @contextmanager
    def taken_back(*given, **about) -> Iterator[Any]:
        with write(*given, **about) as tx:
            yield tx
            raise Undone

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "write", taken_back)
        yield


def value_for(parameter: inspect.Parameter, probe: str, world: World) -> Any:
    """An argument that gets past what comes before the thing itself."""
    known = {
        "project": world.project, "state": world.state, "kind": "depends on", "clearance": "public", "role": "viewer",
        "class_": "design", "file_name": "a.txt", "query": "", "name": "a name", "text": "a text", "language": "en",
        "revision": 1, "sort": "title", "due": date(2999, 1, 1), "review_by": date(2999, 1, 1), "verdict": "approve",
        "until": datetime(2999, 1, 1), "version": 1, "today": date(2026, 11, 24), "account": world.account,
    }  # fmt: skip
    hint = str(parameter.annotation)
    if parameter.name in PROBED:
        return [probe] if "Sequence" in hint or "list" in hint or "tuple" in hint else probe
    if parameter.name in known:
        return known[parameter.name]
    if "BinaryIO" in hint:
        return io.BytesIO(b"a text of its own " + probe.encode())
    for kind, made in (
        ("datetime", datetime(2026, 11, 24)), ("date", date(2026, 11, 24)), ("bool", False), ("int", 1), ("float", 1.0),
        ("bytes", b"{}"), ("Sequence", []), ("list", []), ("tuple", ()), ("Mapping", {}), ("dict", {}), ("Draft", Draft("New")),
    ):  # fmt: skip
        if re.search(rf"\b{kind}\b", hint):
            return made
    return probe if "str" in hint else None


def outcome(one, actor, probe: str, world: World) -> Any:
    """What a call gives, as a comparable: a value, or the error with its words."""
    positional, given = arguments(one, actor, probe, world)
    try:
        found = one.call(*positional, **given)
        if isinstance(found, Iterator):
            found = list(found)
    except AccordError as error:
        found = (type(error).__name__, str(error))
    except Undone:
        found = "done"
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        found = (UNASKED, type(error).__name__)
    return plain(found)


def arguments(one, actor, probe: str, world: World) -> tuple[list[Any], dict[str, Any]]:
    """What a function is called with to ask for `probe`."""
    given, positional = {}, []
    for parameter in one.parameters:
        if parameter.name == "actor":
            positional.append(actor)
        elif parameter.name == "project":
            positional.append(world.project)
        elif parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        elif parameter.default is parameter.empty or parameter.name in PROBED:
            value = value_for(parameter, probe, world)
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(value)
            else:
                given[parameter.name] = value
    if one.name in ("vault.grants.give", "vault.rights.if_given"):
        given["kind"] = "grant"
    return positional, given


def asks_for(one, actor, world: World) -> bool:
    """Whether a function is asked for something: the others answer every probe alike."""
    first, second = (repr([*map(read, everything_in(arguments(one, actor, probe, world)))]) for probe in ("one", "two"))
    return first != second


def everything_in(called: tuple[list[Any], dict[str, Any]]) -> list[Any]:
    """The arguments of a call in one row."""
    return [*called[0], *called[1].values()]


def read(value: Any) -> Any:
    """An argument as something that can be compared."""
    return value.getvalue() if isinstance(value, io.BytesIO) else value


def plain(found: Any) -> Any:
    """Without what is new at each call: iterators, files that are made, the number of the newest event of all projects."""
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        return type(found).__name__, {
            f.name: plain(getattr(found, f.name))
            for f in dataclasses.fields(found)
            if f.name not in ("seq", "chunks", "content")
        }
    if isinstance(found, dict):
        return {key if isinstance(key, tuple) else plain(key): plain(value) for key, value in found.items()}
    if isinstance(found, list | tuple | set | frozenset):
        return [plain(item) for item in found]
    return found


def everything(world: World, actor, probe: str, functions=ASKED) -> dict[str, Any]:
    """What each function answers about `probe`."""
    with without_trace():
        return {one.name: outcome(one, actor, probe, world) for one in functions}


def test_those_who_are_cleared_are_told(world, shelf):
    plant(world, shelf)
    found = everything(world, shelf.manager, world.secrets["restricted requirement"])
    telling = {name for name, value in found.items() if WORD in repr(value)}
    assert {"core.board.listed", "core.requirements.get", "core.comments.listed", "core.links.targets",
            "core.board.labels", "core.views.listed", "vault.documents.listed"} <= telling  # fmt: skip


@pytest.mark.parametrize("below", BELOW, ids=" ".join)
def test_for_others_nothing_is_there_and_nothing_changes(world, shelf, below):
    actor = world.people[below]
    asked = [one for one in ASKED if asks_for(one, actor, world)]
    probes = [(new_id(), ASKED), *((probe, asked) for probe in world.seen.values())]
    before = [everything(world, actor, *one) for one in probes]
    plant(world, shelf)
    after = [everything(world, actor, *one) for one in probes]
    for was, told in zip(before, after, strict=True):
        assert [name for name, value in told.items() if WORD in repr(value)] == []
        assert [(name, was[name], told[name]) for name in was if repr(was[name]) != repr(told[name])] == []


@pytest.mark.parametrize("below", BELOW, ids=" ".join)
def test_asking_for_a_secret_is_answered_like_asking_for_nothing(world, shelf, below):
    plant(world, shelf)
    actor, nothing = world.people[below], new_id()
    asked = [one for one in ASKED if asks_for(one, actor, world)]
    blank = everything(world, actor, nothing, asked)
    different = []
    for what, probe in world.secrets.items():
        found = everything(world, actor, probe, asked)
        different += [
            (what, n, found[n], blank[n]) for n in found if repr(found[n]).replace(probe, nothing) != repr(blank[n])
        ]
    assert different == []

"""Boards to look at, arranged through the domain in one transaction: run inside the app (`server.build`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from core import accounts, columns, comments, db, projects, requirements, sessions
from core.access import SYSTEM, Actor
from core.ids import new_id, now
from core.requirements import PRIORITIES, Requirement, fresh_requirement

OPERATOR = Actor(id="operator", name="operator", kind="operator")

TITLES = (
    "Seat reservation during strikes", "Refund to the original payment method within 5 days",
    "Discount rules the client can edit", "Gate opens within 400 ms of a valid ticket",
    "Tickets are readable offline for 24 hours", "Export of daily takings for accounting",
    "Screen reader names every button", "Group tickets for 10 to 30 people",
    "Timetable changes reach phones in 60 s", "Staff see the queue length by hall",
    "Single ticket bought in at most four taps", "Prices in yuan and euro",
)  # fmt: skip
LABELS = ("gates", "tickets", "accounting")


def many_cards(code: str, count: int, labels: bool = True) -> dict[str, str]:
    """`count` cards over all columns, owners, priorities and labels; code -> id."""
    project = projects.by_code(OPERATOR, code)
    owners = [None, *(m.account_id for m in projects.members(OPERATOR, project.id))]
    with db.write(SYSTEM) as tx:
        states = columns.ensure_states(tx, project.id)
        first = fresh_requirement(tx, project.id, states[0], title="-")
        cards = []
        for index in range(count):
            number = first.number + index
            moment = tx.at - timedelta(days=index % 23)
            cards.append(replace(
                first, id=new_id(), number=number, code=f"REQ-{number:02d}", title=TITLES[index % len(TITLES)],
                priority=PRIORITIES[index % 3], state_id=states[index % len(states)].id, state_since=moment,
                created_at=moment, position=float(index + 1), owner_id=owners[index % len(owners)],
                labels=(LABELS[index % 3],) if labels and index % 4 == 0 else (),
                due=(now() + timedelta(days=index % 40 - 8)).date() if index % 9 == 0 else None,
            ))  # fmt: skip
        tx.insert_many([[(card, "created", {})] for card in cards])
    return {card.code: card.id for card in cards}


def cards(code: str, described: list[dict[str, Any]]) -> dict[str, str]:
    """These cards, each a few fields and the name of its `column` (the first one by default); code -> id."""
    project = projects.by_code(OPERATOR, code)
    people = {m.name: m.account_id for m in projects.members(OPERATOR, project.id)}
    made: dict[str, str] = {}
    with db.write(SYSTEM) as tx:
        states = columns.ensure_states(tx, project.id)
        for fields in described:
            given = dict(fields)
            column = given.pop("column", states[0].name)
            owner = given.pop("owner", None)
            age = given.pop("age", 0)
            if "due" in given:
                given["due"] = date.fromisoformat(given["due"])
            state = next(s for s in states if s.name == column)
            fresh = fresh_requirement(
                tx, project.id, state, owner_id=people[owner] if owner else None, **given,
            )  # fmt: skip
            fresh = replace(fresh, state_since=tx.at - timedelta(days=age))
            tx.insert(fresh)
            made[fresh.code] = fresh.id
    return made


def card(code: str, requirement: str) -> dict[str, Any]:
    """A requirement as it stands in the database, with the name of its column."""
    project = projects.by_code(OPERATOR, code)
    found = db.one_of(Requirement, "WHERE project_id = ? AND code = ?", [project.id, requirement])
    assert found is not None
    return {
        "title": found.title, "priority": found.priority, "owner": found.owner_id, "labels": list(found.labels),
        "column": columns.names(OPERATOR, project.id)[found.state_id], "statement": found.statement,
        "archived": found.archived, "revision": found.revision, "due": str(found.due) if found.due else None,
    }  # fmt: skip


def order(code: str, column: str) -> list[str]:
    """The codes in a column, top to bottom."""
    project = projects.by_code(OPERATOR, code)
    return [
        record["code"]
        for record in db.rows(
            """
            SELECT r.code
            FROM requirement r
            JOIN requirement_state s ON s.id = r.state_id
            WHERE r.project_id = ? AND s.name = ? AND NOT r.archived
            ORDER BY r.position, r.number
            """,
            [project.id, column],
        )
    ]


def limit(code: str, column: str, cards_at_most: int) -> None:
    """A limit for a column."""
    project = projects.by_code(OPERATOR, code)
    states = columns.states(OPERATOR, project.id)
    columns.configure_states(
        OPERATOR, project.id, [replace(s, wip_limit=cards_at_most) if s.name == column else s for s in states]
    )


def comment(code: str, requirement: str, text: str, internal: bool = False) -> None:
    """A comment of the operator."""
    project = projects.by_code(OPERATOR, code)
    subject = db.value("SELECT id FROM requirement WHERE project_id = ? AND code = ?", [project.id, requirement])
    comments.add(OPERATOR, project.id, subject, text, internal=internal)


def demote(code: str, account: str, role: str) -> None:
    """Another role for a member."""
    project = projects.by_code(OPERATOR, code)
    member = next(m for m in projects.members(OPERATOR, project.id) if m.account_id == account)
    projects.change_member(OPERATOR, project.id, member.id, role=role, clearance=member.clearance)


def edit(code: str, requirement: str, changes: dict[str, Any]) -> None:
    """Somebody else changes fields of a requirement."""
    project = projects.by_code(OPERATOR, code)
    found = requirements.get(OPERATOR, project.id, requirement)
    requirements.edit(OPERATOR, project.id, found.id, revision=found.revision, **changes)


def move(code: str, requirement: str, to: str) -> None:
    """Somebody else moves a card."""
    project = projects.by_code(OPERATOR, code)
    found = requirements.get(OPERATOR, project.id, requirement)
    state = next(s for s in columns.states(OPERATOR, project.id) if s.name == to)
    requirements.move(OPERATOR, project.id, [found.id], state=state.id)


def sign_out(mail: str) -> None:
    """End every session of a person, as they do elsewhere."""
    sessions.end_everywhere(accounts.by_mail(mail).actor)

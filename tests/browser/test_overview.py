"""The overview, the activity and the history of one thing, as people see them."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core import accounts, columns, comments, db, projects, requirements, visits
from core.access import Actor
from core.ids import new_id, now
from core.requirements import Draft
from tests.browser.conftest import PHONE, WIDE, accessible, calm, picture
from vault.documents import Document, Version

pytestmark = pytest.mark.browser

TITLES = ("Group tickets", "Refund without receipt", "Gate opens in one second", "Season ticket on the phone",
          "Fare table by the operator", "Receipt by mail", "Offline validation", "Night tariff")  # fmt: skip


def _people(project: str) -> dict[str, Actor]:
    by_role = {m.role: m.account_id for m in db.all_of(projects.Membership, "WHERE project_id = ?", [project])}
    return {role: db.one_of(accounts.Account, "WHERE id = ?", [account]).actor for role, account in by_role.items()}


def twelve_weeks(project: str) -> None:
    """Requirements that went their way within twelve weeks, a secret one, comments and documents."""
    people = _people(project)
    manager, member = people["manager"], people["member"]
    begin = now() - timedelta(weeks=12)
    first = None
    for number in range(36):
        at = begin + timedelta(days=number * 1.4, hours=number % 5)
        title = f"{TITLES[number % len(TITLES)]} {number // len(TITLES) + 1}"
        found = requirements.create(
            manager, project, Draft(title, owner_id=member.id if number % 2 else manager.id), at=at
        )
        first = first or found
        states = columns.states(manager, project)
        for step in range(1, 5):
            at += timedelta(days=2 + number % 6 + step)
            if at > now() - timedelta(hours=3) or (number % 11 == 3 and step == 4) or (number % 9 == 4 and step == 2):
                break
            requirements.move(member, project, [found.id], state=states[step].id, at=at)
    secret = requirements.create(manager, project, Draft("Price ceiling", clearance="restricted"))
    requirements.edit(
        manager, project, first.id, revision=first_revision(project, first.id), due=(now() - timedelta(days=2)).date()
    )
    comments.add(member, project, found.id, "@Client One, is this the summer timetable?", at=now() - timedelta(days=4))
    comments.add(manager, project, secret.id, "Not for them.")
    for number, title in enumerate(("Interface design", "Test plan"), 1):
        with db.write(member, at=now() - timedelta(days=3 - number)) as tx:
            row = tx.insert(Document(new_id(), project, number, f"DOC-{number:02d}", title, "design", "public", "draft",
                                     1, False, tx.at, 1))  # fmt: skip
            tx.insert(Version(new_id(), project, row.id, 1, "a.docx", "application/pdf", 1, 1, "0", new_id(), "key", "",
                              (), member.id, member.name, tx.at), action="uploaded")  # fmt: skip


def first_revision(project: str, requirement: str) -> int:
    """The revision of a requirement now."""
    return int(db.value("SELECT revision FROM requirement WHERE id = ?", [requirement]))


def been_here(project: str, role: str, days: float) -> None:
    """As if the person had been there so many days ago."""
    account = _people(project)[role]
    visits.note(account, project, at=now() - timedelta(days=days))
    with db.write(account) as tx:
        tx.execute("UPDATE visit SET seen_seq = seen_seq - 5 WHERE id = ?", [f"{project}:{account.id}"])


def second_project(account: str, code: str) -> None:
    """A project more, with the account in it."""
    operator = Actor(id="operator", name="operator", kind="operator")
    client = projects.add_client(operator, name=f"Second {code}")
    made = projects.add_project(operator, code=code, name="Depot renewal", client=client.name)
    projects.add_member(operator, made.id, account=account, role="manager", clearance="restricted")


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [("en", "light", WIDE), ("zh_CN", "dark", WIDE), ("en", "dark", PHONE)],
    ids=lambda v: str(v),
)
def test_the_overview_answers_in_one_look_and_is_accessible(server, open_as, project, language, theme, size):
    server.build(twelve_weeks, project=project.id)
    server.build(been_here, project=project.id, role="manager", days=3)
    page = open_as("manager", "/", language=language, theme=theme, size=size)
    words = {"en": ("Requirements done", "Agreed and done"), "zh_CN": ("已完成需求", "已确认与已完成")}[language]
    for shown in words:
        expect(page.get_by_text(shown, exact=True).first).to_be_visible()
    page.wait_for_selector("svg, canvas")
    calm(page)
    picture(page, f"overview-{language}-{theme}-{'phone' if size == PHONE else 'wide'}")
    accessible(page)


def test_the_chart_can_be_read_as_a_table_by_keyboard(server, open_as, project):
    server.build(twelve_weeks, project=project.id)
    page = open_as("manager", "/")
    folded = page.locator("summary", has_text="As a table")
    folded.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Week from")).to_be_visible()


def test_what_was_new_stays_new_when_the_page_is_loaded_again(server, open_as, project):
    server.build(twelve_weeks, project=project.id)
    server.build(been_here, project=project.id, role="viewer", days=3)
    page = open_as("viewer", "/")
    expect(page.get_by_role("heading", name="Since you were here")).to_be_visible()
    before = page.get_by_text("· since you were here").inner_text()
    page.reload()
    calm(page)
    assert page.get_by_text("· since you were here").inner_text() == before


def test_the_client_sees_nothing_internal(server, open_as, project):
    server.build(twelve_weeks, project=project.id)
    page = open_as("client", "/")
    expect(page.get_by_text("Requirements done")).to_be_visible()
    expect(page.get_by_text("You: answer in")).to_be_visible()
    expect(page.get_by_text("REQ-37")).to_have_count(0)
    page = open_as("client", "/activity")
    expect(page.get_by_text("REQ-36").first).to_be_visible()
    expect(page.get_by_text("REQ-37")).to_have_count(0)


def test_somebody_in_several_projects_sees_a_line_for_each(server, open_as, project):
    server.build(twelve_weeks, project=project.id)
    code = f"S{secrets.token_hex(4).upper()}"
    server.build(second_project, account=project.people["manager"]["id"], code=code)
    page = open_as("manager", "/")
    expect(page.get_by_role("heading", name="Your projects")).to_be_visible()
    picture(page, "overview-several")
    page.get_by_role("link", name="Depot renewal").click()
    expect(page.get_by_role("link", name="Write down the first requirement")).to_be_visible()
    picture(page, "overview-empty")
    accessible(page)


@pytest.mark.parametrize(("language", "size"), [("en", WIDE), ("zh_CN", PHONE)], ids=lambda v: str(v))
def test_the_activity_is_told_by_day_and_its_filters_stand_in_the_address(server, open_as, project, language, size):
    server.build(twelve_weeks, project=project.id)
    page = open_as("manager", "/activity", language=language, size=size)
    expect(page.get_by_text("REQ-36").first).to_be_visible()
    picture(page, f"activity-{language}")
    accessible(page)
    page.get_by_role("button", name="Comments" if language == "en" else "评论").click()
    page.wait_for_url("**kind=comments**")
    expect(page.get_by_text("summer timetable")).to_be_visible()
    page.reload()
    calm(page)
    expect(page.get_by_text("summer timetable")).to_be_visible()


def test_older_lines_are_a_link_away(server, open_as, project):
    server.build(twelve_weeks, project=project.id)
    page = open_as("manager", "/activity")
    page.get_by_role("link", name="Older").click()
    page.wait_for_url("**page=2**")
    expect(page.get_by_role("link", name="Newer")).to_be_visible()


def test_a_requirement_tells_its_history(server, open_as, project):
    server.build(twelve_weeks, project=project.id)
    page = open_as("viewer", "/board?card=REQ-01")
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(page.get_by_text("moved REQ-01 from Draft to Proposed")).to_be_visible()
    picture(page, "history")

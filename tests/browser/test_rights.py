"""Who sees a document and why: granted, explained, ended; and what rules do, seen before they are set."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser import document_files
from tests.browser.conftest import PHONE, WIDE, accessible, calm, pick, picture

pytestmark = pytest.mark.browser


def file_it(server, project, clearance="restricted", class_="plan"):
    (paper,) = server.build(
        document_files.filed, project=project.id, mail=project.people["manager"]["mail"],
        files=[{"name": "Price list.txt", "class_": class_, "clearance": clearance}],
    )  # fmt: skip
    return paper


def ask_why(page: Page) -> None:
    page.get_by_role("button", name="Who sees this and why").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    calm(page)


def test_a_granted_document_is_there_explained_and_gone_when_the_grant_has_ended(open_as, server, project):
    paper = file_it(server, project)
    theirs = open_as("viewer", "/documents")
    expect(theirs.get_by_text("No documents yet")).to_be_visible()

    page = open_as("manager", f"/documents?document={paper}")
    ask_why(page)
    pick(page.get_by_role("dialog"), "Person", "Viewer One")
    expect(page.get_by_text("Will see it from then on: Viewer One.")).to_be_visible()
    page.get_by_role("dialog").get_by_role("spinbutton").first.click()
    page.keyboard.type(f"{date.today() + timedelta(days=9):%Y%m%d}")
    page.keyboard.press("Enter")
    calm(page)
    page.get_by_role("dialog").get_by_role("textbox", name="Why").fill("for the tender")
    picture(page, "rights-grant")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Viewer One may read it now.")).to_be_visible()
    calm(page)

    theirs.reload()
    theirs.get_by_role("table").get_by_role("link", name="Price list", exact=True).click()
    expect(theirs.get_by_role("heading", name="Price list")).to_be_visible()
    calm(theirs)
    expect(theirs.get_by_role("button", name="Edit")).to_have_count(0)

    ask_why(page)
    page.get_by_role("dialog").get_by_role("button", name="Why").last.click()
    expect(
        page.get_by_text(re.compile("Manager One granted it to this person until .*: for the tender"))
    ).to_be_visible()
    calm(page)
    picture(page, "rights-why")
    accessible(page)
    page.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text("Will no longer see it: Viewer One.")).to_be_visible()
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("It has ended.")).to_be_visible()

    theirs.get_by_role("button", name="Close").click()
    expect(theirs.get_by_text("No documents yet")).to_be_visible()


def test_a_lower_clearance_is_planned_for_a_day_and_taken_back(open_as, server, project):
    paper = file_it(server, project, "confidential")
    page = open_as("manager", f"/documents?document={paper}")
    page.get_by_role("button", name="Edit").click()
    pick(page.locator(".st-key-detail"), "Who may read it", "internal")
    expect(page.get_by_text("Will see it from then on: Viewer One.")).to_be_visible()
    page.get_by_role("textbox", name="Why another clearance").fill("the tender is over")
    page.locator(".st-key-detail").get_by_role("spinbutton").first.click()
    page.keyboard.type(f"{date.today() + timedelta(days=9):%Y%m%d}")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # the calendar
    calm(page)
    picture(page, "rights-classify")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(re.compile("It becomes internal on .* the tender is over"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Price list"))).to_contain_text("confidential")
    calm(page)
    picture(page, "rights-planned")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text(re.compile("It becomes internal on .* the tender is over"))).to_have_count(0)


def test_a_limit_says_who_loses_before_it_is_set_and_can_be_lifted(open_as, server, project):
    file_it(server, project, "internal")
    page = open_as("manager", "/rules")
    page.get_by_role("button", name="Set a limit").click()
    pick(page.get_by_role("dialog"), "Class", "Plan")
    expect(page.get_by_text("Will see less: Viewer One (1 document).")).to_be_visible()
    picture(page, "rules-set")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("viewer: nothing of Plan")).to_be_visible()
    page.reload()  # without the toast, whose name is Streamlit's
    expect(page.get_by_text("viewer: nothing of Plan")).to_be_visible()
    calm(page)
    picture(page, "rules")
    accessible(page)
    page.get_by_role("button", name="Lift", exact=True).click()
    expect(page.get_by_text("Will see more: Viewer One (1 document).")).to_be_visible()
    page.get_by_role("button", name="Lift it now").click()
    expect(page.get_by_text("viewer: nothing of Plan")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "theme", "size"), [("en", "dark", WIDE), ("zh_CN", "light", PHONE)], ids=["wide", "phone"]
)
def test_the_list_of_grants_shows_who_gave_what_until_when(open_as, server, project, language, theme, size):
    paper = file_it(server, project)
    server.build(
        document_files.granted, project=project.id, mail=project.people["manager"]["mail"], document=paper,
        to=project.people["client"]["id"], reason="for the tender",
    )  # fmt: skip
    page = open_as("manager", "/grants", language=language, theme=theme, size=size)
    expect(page.get_by_text(re.compile("Manager One.*for the tender"))).to_be_visible()
    picture(page, f"grants-{language}-{theme}")
    accessible(page)

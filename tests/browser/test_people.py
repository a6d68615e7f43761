"""Who belongs to a project: adding, changing, removing, and what those see who may not."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, accessible, pick, picture

pytestmark = pytest.mark.browser

FACES = [("en", "light", WIDE), ("zh_CN", "dark", PHONE)]


@pytest.mark.parametrize(("language", "theme", "size"), FACES, ids=lambda v: str(v))
@pytest.mark.parametrize("path", ["people", "roles", "profile"])
def test_every_screen_about_people_is_accessible(open_as, project, path, language, theme, size):
    page = open_as("manager", f"/{path}", language=language, theme=theme, size=size)
    picture(page, f"{path}-{language}-{theme}-{'phone' if size == PHONE else 'wide'}")
    accessible(page)


def test_a_manager_adds_somebody_whose_mail_they_know(open_as, project):
    page = open_as("manager", "/people")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("textbox", name="Mail").fill(project.people["stranger"]["mail"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_text("Stranger One", exact=True)).to_be_visible()
    pick(page, "Role", "viewer")
    picture(page, "people-add")
    accessible(page)
    page.get_by_role("button", name="Add to the project").click()
    expect(page.get_by_text("Stranger One belongs to the project now.")).to_be_visible()
    expect(page.get_by_text("5 members")).to_be_visible()


def test_a_manager_cannot_leaf_through_the_accounts(open_as, project):
    page = open_as("manager", "/people")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("textbox", name="Mail").fill("stranger")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody has an account with the mail stranger.")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("Stranger One")).to_have_count(0)


def test_a_client_chosen_as_role_brings_the_lowest_clearance(open_as, project):
    page = open_as("manager", "/people")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("textbox", name="Mail").fill(project.people["stranger"]["mail"])
    page.keyboard.press("Enter")
    pick(page, "Role", "client")
    expect(page.get_by_role("combobox", name="Clearance")).to_have_value("public")


def test_a_manager_changes_and_removes_a_member(open_as, server, project):
    page = open_as("manager", "/people")
    page.get_by_role("button", name="Change").last.click()  # by name: the viewer is last
    expect(page.get_by_role("dialog", name="Viewer One")).to_be_visible()
    pick(page, "Clearance", "confidential")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("confidential", exact=True)).to_have_count(2)
    page.get_by_role("button", name="Change").last.click()
    page.get_by_role("button", name="Remove from the project").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("Viewer One no longer belongs to the project.")).to_be_visible()
    expect(page.get_by_text("3 members")).to_be_visible()


@pytest.mark.parametrize("role", ["member", "client", "viewer"])
def test_others_read_the_list_and_change_nothing(open_as, project, role):
    page = open_as(role, "/people")
    expect(page.get_by_text("Manager One", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Add a person")).to_have_count(0)
    expect(page.get_by_role("button", name="Change")).to_have_count(0)


def test_the_table_of_roles_is_the_one_that_is_asked(open_as, project):
    from core.access import PERMISSIONS

    page = open_as("viewer", "/roles")
    for permission, roles in PERMISSIONS.items():
        line = page.get_by_role("row").filter(has=page.get_by_text(permission, exact=True))
        expect(line.get_by_role("img", name="yes")).to_have_count(len(roles))

"""Coming in: the form, its refusals, the address that was asked for, and what ends a session."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page, expect

from core import accounts
from tests.browser.builders import ADMINISTRATOR
from tests.browser.conftest import PHONE, accessible, calm, pick, picture
from tests.commands import PASSWORD
from tests.conftest import OPERATOR

pytestmark = pytest.mark.browser

OTHER_PASSWORD = "lanterns over the far harbour 8"


def give_password(account: str, password: str) -> None:
    """Runs in the server: somebody who can sign in by the form."""
    accounts.give_password(OPERATOR, account, password)


def disable(account: str) -> None:
    """Runs in the server."""
    accounts.disable(OPERATOR, account)


@pytest.fixture
def member(server, project):
    """The project's member, with a password."""
    person = project.people["member"]
    server.build(give_password, account=person["id"], password=PASSWORD)
    return person


def sign_in(page: Page, mail: str, password: str = PASSWORD) -> None:
    page.get_by_label("Mail").fill(mail)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def inside(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
    calm(page)


def outside(page: Page) -> None:
    expect(page.get_by_label("Mail")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_have_count(0)
    expect(page.get_by_text("reference")).to_have_count(0)


def test_a_wrong_password_is_said_and_the_mail_stays(server, windows):
    page = windows.open(server.url)
    mail = f"{secrets.token_hex(4)}@example.com"
    sign_in(page, mail, "not this one at all")
    expect(page.get_by_text("Mail and password do not match.")).to_be_visible()
    expect(page.get_by_label("Mail")).to_have_value(mail)
    calm(page)
    picture(page, "sign-in-refused")
    accessible(page)


def test_an_empty_form_asks_for_what_is_missing(server, windows):
    page = windows.open(server.url)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Type your mail and your password.")).to_be_visible()


def test_the_form_lets_a_password_manager_help(server, windows):
    page = windows.open(server.url)
    expect(page.get_by_label("Mail")).to_have_attribute("autocomplete", "username")
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("autocomplete", "current-password")


def test_five_wrong_tries_have_to_wait(new_server, windows):
    from tests.browser import builders

    new_server.build(builders.set_up)  # a server of its own: the wait falls on the address, which tests share
    page = windows.open(new_server.url)
    for attempt in range(5):
        sign_in(page, ADMINISTRATOR, f"wrong {attempt}")
        expect(page.get_by_text("Mail and password do not match.")).to_be_visible()
        calm(page)
    sign_in(page, ADMINISTRATOR)
    expect(page.get_by_text("Too many wrong tries. Wait")).to_be_visible()
    outside(page)


def test_one_comes_back_to_the_address_that_was_asked_for(server, windows, project, member):
    page = windows.open(f"{server.url}/board?project={project.code}&priority=must")
    sign_in(page, member["mail"])
    inside(page)
    expect(page).to_have_url(f"{server.url}/board?project={project.code}&priority=must")


def test_the_page_speaks_the_other_language_and_remembers_it(server, windows):
    page = windows.open(server.url, theme="dark", size=PHONE)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    calm(page)
    picture(page, "sign-in-zh_CN-dark-phone")
    accessible(page)
    page.reload()
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_no_cookie_of_the_sign_in_form_can_be_read_by_scripts(server, windows, member):
    page = windows.open(server.url)
    sign_in(page, member["mail"])
    inside(page)
    assert {c["name"] for c in page.context.cookies() if not c["httpOnly"]} - {"_streamlit_xsrf"} == {
        "accord_language",
        "accord_theme",
    }


def test_a_disabled_person_is_out_at_the_next_click_in_every_tab(server, open_as, project):
    first = open_as("member", "/people")
    second = first.context.new_page()
    second.goto(f"{server.url}/people?project={project.code}")
    calm(second)
    server.build(disable, account=project.people["member"]["id"])
    first.get_by_role("link", name="Requirements").click()
    outside(first)
    second.get_by_role("link", name="Documents").click()
    outside(second)


def test_signing_out_leads_to_the_form(open_as, project):
    page = open_as("member", "/people")
    page.get_by_role("button", name="Sign out", exact=True).click()
    outside(page)
    page.reload()
    outside(page)


def test_a_new_password_ends_the_other_browsers_and_keeps_this_one(server, windows, member):
    here, there = windows.open(f"{server.url}/profile"), windows.open(f"{server.url}/profile")
    for page in (here, there):
        sign_in(page, member["mail"])
        inside(page)
    here.get_by_label("Present password").fill("not this one at all")
    here.get_by_role("textbox", name="New password").fill(OTHER_PASSWORD)
    here.get_by_role("button", name="Change password").click()
    expect(here.get_by_text("This is not your present password.")).to_be_visible()
    expect(here.get_by_role("textbox", name="New password")).to_have_value(OTHER_PASSWORD)
    here.get_by_label("Present password").fill(PASSWORD)
    with here.expect_navigation():
        here.get_by_role("button", name="Change password").click()
    inside(here)
    there.get_by_role("link", name="Roles").click()
    outside(there)
    sign_in(there, member["mail"], OTHER_PASSWORD)
    inside(there)


def test_one_signs_out_another_browser_and_then_everywhere(open_as, project):
    here, there = open_as("member", "/profile"), open_as("member", "/profile")
    here.reload()
    calm(here)
    here.get_by_role("button", name="Sign out there").click()
    expect(here.get_by_text("That browser is signed out.")).to_be_visible()
    there.get_by_role("link", name="Roles").click()
    outside(there)
    third = open_as("member", "/profile")
    here.get_by_role("button", name="Sign out everywhere").click()
    outside(here)
    third.get_by_role("link", name="Roles").click()
    outside(third)


def test_the_language_changes_and_the_place_stays(open_as, project):
    page = open_as("member", "/board?priority=must")
    address = page.url
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    calm(page)
    assert page.url == address
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_a_theme_works_at_once_and_lasts(open_as, project):
    page = open_as("member", "/profile")
    pick(page, "Theme", "Dark")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    calm(page)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    picture(page, "profile-dark")
    accessible(page)
    page.get_by_role("link", name="Roles").click()
    page.reload()
    calm(page)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_ones_badge_leads_to_the_profile(server, open_as, project):
    page = open_as("member", "/people")
    page.get_by_role("link", name="Member One").click()
    expect(page.get_by_label("Your name")).to_have_value("Member One")
    assert len(page.context.pages) == 1

"""Inviting, links, disabling, clients and projects: what only administrators do."""

from __future__ import annotations

import secrets
import socket
import threading
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Page, expect

from tests.browser import builders
from tests.browser.builders import ADMINISTRATOR
from tests.browser.conftest import PHONE, WIDE, accessible, calm, free_port, picture

pytestmark = pytest.mark.browser

PASSWORD = "a lantern for each harbour 31"
FACES = [("en", "light", WIDE), ("zh_CN", "dark", PHONE)]


class Mailbox:
    """What a real SMTP server on this machine was handed."""

    def __init__(self) -> None:
        self.messages = []
        self.arrived = threading.Event()

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.arrived.set()
        return "250 OK"


def invite(page: Page, mail: str, name: str, project: str = "") -> None:
    page.get_by_role("button", name="Invite a person").click()
    window = page.get_by_role("dialog")
    window.get_by_label("Mail").fill(mail)
    window.get_by_label("Name").fill(name)
    if project:
        window.get_by_role("combobox", name="Projects").fill(project)
        page.get_by_role("option").filter(has_text=project).last.click()
        page.keyboard.press("Escape")
        calm(page)
    window.get_by_role("button", name="Make the link").click()
    expect(window.get_by_role("button", name="Done")).to_be_visible()


def link_in(page: Page) -> str:
    return page.get_by_role("dialog").locator("code").inner_text().strip()


def account(page: Page, name: str):
    """The window of the one account that the search finds."""
    page.get_by_label("Search people").fill(name)
    page.keyboard.press("Enter")
    calm(page)
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_role("dialog", name=name)).to_be_visible()
    calm(page)
    return page.get_by_role("dialog", name=name)


@pytest.fixture
def name() -> str:
    """A name that nobody else in the shared server has."""
    return f"Noor {secrets.token_hex(4)}"


@pytest.mark.parametrize(("language", "theme", "size"), FACES, ids=lambda v: str(v))
@pytest.mark.parametrize("part", ["people", "projects", "documents", "organisation"])
def test_every_part_is_accessible(open_as, project, part, language, theme, size):
    page = open_as("admin", f"/administration?part={part}", language=language, theme=theme, size=size)
    picture(page, f"administration-{part}-{language}-{theme}-{'phone' if size == PHONE else 'wide'}")
    accessible(page)


def test_only_administrators_find_it(open_as, project):
    page = open_as("manager", "/people")
    expect(page.get_by_role("link", name="Administration")).to_have_count(0)


def test_an_invitation_leads_in_once(server, open_as, windows, project, name):
    mail = f"{secrets.token_hex(4)}@example.com"
    page = open_as("admin", "/administration")
    invite(page, mail, name, project.code)
    picture(page, "invitation-made")
    accessible(page)
    link = link_in(page)
    assert link.startswith(f"{server.url}/?invitation=")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text(link)).to_have_count(0)

    guest = windows.open(link)
    expect(guest.get_by_text(f"Welcome, {name}")).to_be_visible()
    accessible(guest)
    guest.get_by_role("textbox", name="New password").fill("password1234")
    guest.get_by_role("button", name="Begin").click()
    expect(guest.get_by_text("among the first that a guesser tries")).to_be_visible()
    guest.get_by_role("textbox", name="New password").fill(PASSWORD)
    guest.get_by_role("button", name="Begin").click()
    expect(guest.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
    expect(guest.get_by_text("Harbour Line ticketing").first).to_be_visible()

    late = windows.open(link)
    expect(late.get_by_text("This link has been used or is too old.")).to_be_visible()
    expect(late.get_by_role("button", name="Begin")).to_have_count(0)
    page.reload()
    calm(page)
    page.get_by_label("Search people").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_text("last here")).to_be_visible()


def test_a_refused_invitation_keeps_what_was_typed(open_as, project, name):
    page = open_as("admin", "/administration")
    page.get_by_role("button", name="Invite a person").click()
    window = page.get_by_role("dialog")
    window.get_by_label("Mail").fill(project.people["member"]["mail"])
    window.get_by_label("Name").fill(name)
    window.get_by_role("button", name="Make the link").click()
    expect(window.get_by_text("has an account already.")).to_be_visible()
    expect(window.get_by_label("Name")).to_have_value(name)


def test_the_invitation_is_mailed_where_a_server_is_set(new_server, windows, name):
    new_server.build(builders.set_up)
    port = free_port()
    (new_server.home / "accord.toml").write_text(
        f'public_url = "https://accord.example.com/"\n[mail]\nhost = "127.0.0.1"\nport = {port}\n'
        'security = "none"\nsender = "accord@example.com"\n'
    )
    token = new_server.build(builders.session, mail=ADMINISTRATOR, browser="b", language="en")
    page = windows.open(
        f"{new_server.url}/administration", cookies={"accord_session": token, "accord_language": "en"}
    )  # fmt: skip
    invite(page, "first@example.com", "First")
    expect(page.get_by_text("The mail to first@example.com could not be sent")).to_be_visible()
    assert link_in(page).startswith("https://accord.example.com/?invitation=")
    page.get_by_role("button", name="Done").click()

    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, ready_timeout=30)
    controller.start()
    try:
        invite(page, "second@example.com", "Second")
        expect(page.get_by_text("Mailed to second@example.com.")).to_be_visible()
        assert mailbox.arrived.wait(10)
    finally:
        controller.stop()
    assert mailbox.messages[0]["to"] == "second@example.com"
    assert "Lanyard invites you to Accord" in mailbox.messages[0].get_content()
    assert link_in(page) in mailbox.messages[0].get_content()
    assert socket.gethostname() not in mailbox.messages[0]["from"]


def test_a_reset_link_replaces_the_one_before(open_as, windows, project, name):
    page = open_as("admin", "/administration")
    invite(page, f"{secrets.token_hex(4)}@example.com", name)
    first = link_in(page)
    page.get_by_role("button", name="Done").click()
    account(page, name).get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("button", name="Done")).to_be_visible()
    second = link_in(page)
    expect(windows.open(first).get_by_text("This link has been used or is too old.")).to_be_visible()
    expect(windows.open(second).get_by_text(f"Welcome, {name}")).to_be_visible()


def test_an_account_is_renamed_disabled_and_enabled(open_as, project, name):
    page = open_as("admin", "/administration")
    invite(page, f"{secrets.token_hex(4)}@example.com", f"{name} before")
    page.get_by_role("button", name="Done").click()
    window = account(page, f"{name} before")
    picture(page, "account")
    accessible(page)
    window.get_by_label("Name").fill(name)
    window.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    account(page, name).get_by_role("button", name="Disable").click()
    expect(page.get_by_text(f"{name} can no longer sign in.")).to_be_visible()
    expect(page.get_by_text("disabled", exact=True)).to_be_visible()
    account(page, name).get_by_role("button", name="Enable").click()
    expect(page.get_by_text(f"{name} can sign in again.")).to_be_visible()


def test_the_last_administrator_stays_one(new_server, windows):
    new_server.build(builders.set_up)
    token = new_server.build(builders.session, mail=ADMINISTRATOR, browser="b", language="en")
    page = windows.open(f"{new_server.url}/administration", cookies={"accord_session": token})
    window = account(page, "Ana Keller")
    window.get_by_role("button", name="Take the office away").click()
    expect(window.get_by_text("There has to be an administrator.")).to_be_visible()
    window.get_by_role("button", name="Disable").click()
    expect(window.get_by_text("There has to be an administrator.")).to_be_visible()


def test_a_client_and_its_project_are_added_and_renamed(new_server, windows):
    new_server.build(builders.set_up)
    token = new_server.build(builders.session, mail=ADMINISTRATOR, browser="b", language="en")
    page = windows.open(f"{new_server.url}/administration?part=projects", cookies={"accord_session": token})
    expect(page.get_by_text("There is no client yet")).to_be_visible()
    picture(page, "administration-empty")
    accessible(page)
    page.get_by_role("button", name="Add a client").click()
    window = page.get_by_role("dialog")
    window.get_by_label("Name").fill("Meridian Rail")
    window.get_by_role("button", name="Add a client").click()
    expect(page.get_by_text("Meridian Rail is a client now.")).to_be_visible()
    page.get_by_role("button", name="Add a project").click()
    window.get_by_role("textbox", name="Name").fill("Harbour Line")
    window.get_by_role("textbox", name="Code").fill("not a code")
    window.get_by_role("button", name="Add a project").click()
    expect(window.get_by_text("A project's code is letters, digits and hyphens")).to_be_visible()
    window.get_by_role("textbox", name="Code").fill("harbour")
    window.get_by_role("button", name="Add a project").click()
    expect(page.get_by_text("Harbour Line is open.")).to_be_visible()
    page.get_by_role("button", name="Change").click()
    window.get_by_role("textbox", name="Name").fill("Harbour Line ticketing")
    window.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Harbour Line ticketing", exact=True).first).to_be_visible()
    expect(page.get_by_text("HARBOUR", exact=True)).to_be_visible()


def test_a_class_of_documents_and_the_organisation(new_server, windows):
    new_server.build(builders.set_up)
    token = new_server.build(builders.session, mail=ADMINISTRATOR, browser="b", language="en")
    page = windows.open(f"{new_server.url}/administration?part=documents", cookies={"accord_session": token})
    page.get_by_label("New class").fill("Minutes")
    page.get_by_role("button", name="Add class").click()
    expect(page.get_by_text("Minutes", exact=True)).to_be_visible()
    page.get_by_role("radio", name="Organisation").click()
    calm(page)
    assert "part=organisation" in page.url
    page.get_by_role("textbox", name="Organisation").fill("Northwind Delivery")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(windows.open(new_server.url).get_by_text("Northwind Delivery")).to_be_visible()

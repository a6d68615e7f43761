"""The ground under every screen: nothing from outside, nothing refused, nobody unsigned, both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.builders import ADMINISTRATOR
from tests.browser.conftest import PHONE, WIDE, accessible, calm, picture
from tests.commands import PASSWORD

pytestmark = pytest.mark.browser


def test_a_stranger_is_asked_to_sign_in(server, windows):
    page = windows.open(server.url)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_the_right_password_leads_in_and_a_reload_stays_in(server, windows):
    page = windows.open(server.url)
    page.get_by_label("Mail").fill(ADMINISTRATOR)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    cookie = next(c for c in page.context.cookies() if c["name"] == "accord_session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    page.reload()
    calm(page)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


SCREENS = ("/", "/board", "/documents")


FACES = [("en", "light", WIDE), ("zh_CN", "dark", WIDE), ("en", "dark", PHONE), ("zh_CN", "light", PHONE)]


@pytest.mark.parametrize(("language", "theme", "size"), FACES, ids=lambda v: str(v))
@pytest.mark.parametrize("path", SCREENS)
def test_every_screen_is_accessible_when_empty(open_as, project, path, language, theme, size):
    page = open_as("manager", path, language=language, theme=theme, size=size)
    name = path.strip("/") or "first"
    picture(page, f"empty-{name}-{language}-{theme}-{'phone' if size == PHONE else 'wide'}")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    accessible(page)

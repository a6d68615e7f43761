"""The recovery sheet on screen: an administrator is reminded until it is made; nobody else sees a word of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import builders
from tests.browser.conftest import PHONE, accessible, calm, picture

pytestmark = pytest.mark.browser


def test_an_administrator_is_reminded_until_the_sheet_is_made(new_server, windows):
    new_server.build(builders.set_up)
    token = new_server.build(builders.session, mail=builders.ADMINISTRATOR, browser="b" * 32, language="en")
    cookies = {"accord_session": token, "accord_browser": "b" * 32, "accord_language": "en"}
    page = windows.open(new_server.url + "/roles", cookies=cookies)
    page.get_by_role("link", name="Make the recovery sheet").click()
    calm(page)
    expect(page.get_by_role("heading", name="Recovery sheet")).to_be_visible()
    accessible(page)
    picture(page, "recovery-en")
    sheet = page.request.get(new_server.url + page.get_by_role("link", name="Show the sheet").get_attribute("href"))
    assert sheet.ok
    assert "<svg" in sheet.text()
    page.set_content(sheet.text())
    picture(page, "recovery-sheet")
    page.goto(new_server.url + "/roles")
    calm(page)
    expect(page.get_by_role("link", name="Make the recovery sheet")).to_have_count(0)
    page.goto(new_server.url + "/recovery")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    calm(page)
    picture(page, "recovery-phone")


def test_nobody_else_gets_it(server, project, open_as):
    page = open_as("manager", "/documents")
    expect(page.get_by_text("Make the recovery sheet")).to_have_count(0)
    assert page.request.get(server.url + "/vault/recovery-sheet").status == 403

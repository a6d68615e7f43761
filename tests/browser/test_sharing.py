"""A version is shared by a link, fetched by somebody without an account, and the link ended by a manager."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import document_files
from tests.browser.conftest import PHONE, WIDE, accessible, calm, picture

pytestmark = pytest.mark.browser

PASSWORD = "lanterns over the harbour 7"


def test_a_link_is_made_used_and_ended(server, project, open_as, windows):
    (paper,) = server.build(
        document_files.filed, project=project.id, mail=project.people["member"]["mail"],
        files=[{"name": "Timetable 时刻表.txt", "clearance": "public", "text": "First train 05:12"}],
    )  # fmt: skip
    page = open_as("member", f"/documents?document={paper}")
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Password (may stay empty)").fill(PASSWORD)
    calm(page)
    picture(page, "sharing-window")
    accessible(page)
    dialog.get_by_role("button", name="Make the link").click()
    expect(dialog.get_by_text("It is shown this once.")).to_be_visible()
    path = "/s/" + dialog.locator("code").first.inner_text().rsplit("/s/")[1].strip()

    for language, theme, size in (("zh_CN", "dark", PHONE), ("en", "light", WIDE)):
        # The way in is what stands there for whoever has no session.
        shared = windows.open(server.url, language=language, theme=theme, size=size)
        shared.goto(server.url + path)
        picture(shared, f"sharing-page-{language}")
        accessible(shared)
    shared.get_by_label("Password").fill("wrong")
    shared.get_by_role("button", name="Fetch the file").click()
    expect(shared.get_by_role("alert")).to_have_text("This is not the link's password. Try again.")
    shared.get_by_label("Password").fill(PASSWORD)
    with shared.expect_download() as coming:
        shared.get_by_role("button", name="Fetch the file").click()
    assert coming.value.suggested_filename == "Timetable 时刻表.txt"
    assert Path(coming.value.path()).read_text() == "First train 05:12"

    lead = open_as("manager", "/grants")
    expect(lead.get_by_text("1 download")).to_be_visible()
    picture(lead, "sharing-live")
    accessible(lead)
    lead.get_by_role("button", name="End it", exact=True).click()
    expect(lead.get_by_text("Nothing is shared by a link")).to_be_visible()
    shared.reload()
    expect(shared.get_by_text("This link does not exist, or it has ended.")).to_be_visible()
    picture(shared, "sharing-ended")

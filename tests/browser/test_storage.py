"""Who keeps how much, and a limit that is set."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import document_files
from tests.browser.builders import ADMINISTRATOR
from tests.browser.conftest import accessible, calm, picture

pytestmark = pytest.mark.browser


def test_an_administrator_sets_how_much_a_person_may_keep_and_they_are_told(server, project, open_as):
    person = project.people["member"]
    server.build(document_files.filed, project=project.id, mail=person["mail"],
                 files=[{"name": "Plan.txt", "text": "x" * 900_000}])  # fmt: skip
    page = open_as(ADMINISTRATOR, f"/administration?part=storage&project={project.code}")
    picture(page, "storage")
    accessible(page)
    row = (
        page.locator('[class*="st-key-row-quota"]')
        .filter(has_text=re.compile("900.0 KB"))
        .filter(has_text="Member One")
    )
    row.get_by_role("button", name="Limit").first.click()
    page.get_by_role("dialog").get_by_role("spinbutton").fill("1")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("of 1.0 MB").first).to_be_visible()
    theirs = open_as("member", "/documents")
    calm(theirs)
    expect(theirs.get_by_text("You keep 1 of your 1 MB.")).to_be_visible()

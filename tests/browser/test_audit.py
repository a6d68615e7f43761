"""The audit on screen: a manager looks for what happened to a document, and takes it away as a file."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import document_files
from tests.browser.conftest import PHONE, WIDE, accessible, calm, picture

pytestmark = pytest.mark.browser

FACES = [("en", "light", WIDE), ("zh_CN", "dark", WIDE), ("en", "dark", PHONE)]


@pytest.mark.parametrize(("language", "theme", "size"), FACES)
def test_a_manager_finds_what_happened_to_a_document_and_takes_it_away(server, project, open_as, language, theme, size):
    mail = project.people["manager"]["mail"]
    server.build(document_files.filed, project=project.id, mail=mail,
                 files=[{"name": "Gate design.txt"}, {"name": "Plan of the pilot.txt", "class_": "plan"}])  # fmt: skip
    open_as("viewer", "/documents?document=DOC-01")
    page = open_as("manager", "/audit", language=language, theme=theme, size=size)
    expect(page.get_by_role("heading", name="Audit" if language == "en" else "审计")).to_be_visible()
    expect(page.get_by_text("DOC-02 Plan of the pilot").first).to_be_visible()
    page.get_by_text("Seen and fetched" if language == "en" else "查看与下载").click()
    calm(page)
    assert "kind=seen" in page.url
    expect(page.get_by_text("DOC-02 Plan of the pilot")).to_have_count(0)
    expect(page.get_by_text("DOC-01 Gate design")).to_have_count(1)
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)  # the chip's colour has settled
    accessible(page)
    picture(page, f"audit-{language}-{theme}-{'phone' if size == PHONE else 'wide'}")
    link = page.get_by_role("link", name="Export as CSV" if language == "en" else "导出 CSV")
    answer = page.request.get(server.url + link.get_attribute("href"))
    assert answer.ok
    assert "DOC-01 Gate design" in answer.text()
    assert "DOC-02" not in answer.text()


def test_whoever_does_not_answer_for_it_does_not_find_it(project, open_as):
    page = open_as("member", "/documents")
    expect(page.get_by_role("link", name="Documents")).to_have_count(1)
    expect(page.get_by_role("link", name="Audit")).to_have_count(0)

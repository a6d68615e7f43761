"""Comparing two versions on the screen."""

from __future__ import annotations

import io
import re
from pathlib import Path

import docx
import pytest
from playwright.sync_api import expect

from core import accounts, projects
from tests.browser.conftest import PHONE, WIDE, accessible, pick, picture
from tests.vault.test_redline import SAMPLES
from vault import documents

pytestmark = pytest.mark.browser


def saved(paragraphs: list[str], cells: list[list[str]], bold: bool = False) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    document.add_heading("Interface design", 1)
    for text in paragraphs[:2]:
        document.add_paragraph(text)
    document.add_heading("Timing", 2)
    for text in paragraphs[2:]:
        document.add_paragraph(text)
    document.add_paragraph().add_run("Emphasis changed here").bold = bold
    table = document.add_table(0, 3)
    for line in cells:
        for cell, text in zip(table.add_row().cells, line, strict=True):
            cell.text = text
    document.save(file)
    return file.getvalue()


FILLER = [f"Paragraph {n} says what stays as it is in both versions, about {n * n} tickets." for n in range(12)]


def shelve(mail: str, code: str) -> str:
    """A document with two versions, the second changed in all the ways there are; its code."""
    actor = accounts.by_mail(mail).actor
    project = projects.by_code(actor, code).id
    old = saved(
        ["This paragraph moves down to the end of it all.", "A valid ticket opens the gate within 400 ms <b>always</b>.",
         *FILLER, "This sentence goes: the turnstile logs to paper."],
        [["REQ-1", "Open within 400 ms", "must"], ["REQ-2", "Print a receipt", "could"]],
    )  # fmt: skip
    new = saved(
        ["A valid ticket opens the gate within 250 ms <b>always</b>.", "票务闸机在三百毫秒内打开。",
         *FILLER, "This paragraph moves down to the end of it all."],
        [["REQ-1", "Open within 250 ms", "must"], ["REQ-7", "Speak Chinese and English", "should"], ["REQ-2", "Print a receipt", "could"]],
        bold=True,
    )  # fmt: skip
    stored = documents.put(actor, project, io.BytesIO(old), file_name="Interface design.docx", class_="design")
    documents.put(
        actor, project, io.BytesIO(new), file_name="Interface design.docx", class_="design", document=stored.document
    )
    return stored.code


@pytest.fixture
def code(server, project):
    return server.build(shelve, mail=project.people["manager"]["mail"], code=project.code)


FACES = [("en", "light", WIDE), ("zh_CN", "dark", WIDE), ("en", "dark", PHONE), ("zh_CN", "light", PHONE)]


@pytest.mark.parametrize(("language", "theme", "size"), FACES, ids=lambda v: str(v))
def test_a_redline_is_drawn_and_accessible_in_every_face(open_as, code, language, theme, size):
    page = open_as("manager", f"/redline?a={code}:1&b={code}:2", language=language, theme=theme, size=size)
    expect(page.locator("ins", has_text="250").first).to_be_visible()
    expect(page.locator("del", has_text="400").first).to_be_visible()
    picture(page, f"redline-{language}-{theme}-{'phone' if size == PHONE else 'wide'}")
    accessible(page)


def test_what_was_typed_is_text_and_never_markup(open_as, code):
    page = open_as("viewer", f"/redline?a={code}:1&b={code}:2")
    expect(page.get_by_text("<b>always</b>").first).to_be_visible()


def test_the_changes_are_walked_by_buttons_and_by_keys(open_as, code):
    page = open_as("viewer", f"/redline?a={code}:1&b={code}:2")
    where = page.get_by_role("region", name="Comparison").get_by_role("status")
    expect(where).to_have_text(re.compile(r"^0 of \d+$"))
    page.get_by_role("button", name="Next change (n)").click()
    expect(where).to_have_text(re.compile("^1 of"))
    page.keyboard.press("n")
    expect(where).to_have_text(re.compile("^2 of"))
    page.keyboard.press("p")
    expect(where).to_have_text(re.compile("^1 of"))


def test_a_moved_paragraph_says_where_from_and_leads_there(open_as, code):
    page = open_as("viewer", f"/redline?a={code}:1&b={code}:2")
    page.get_by_role("button", name="moved to Interface design › Timing").click()
    expect(page.get_by_role("button", name="moved from Interface design")).to_be_in_viewport()


def test_unchanged_text_is_folded_until_asked_for(open_as, code):
    page = open_as("viewer", f"/redline?a={code}:1&b={code}:2")
    middle = page.get_by_text("Paragraph 6 says")
    expect(middle).to_have_count(0)
    page.get_by_role("button", name="Everything").click()
    expect(middle.first).to_be_visible()
    page.get_by_role("button", name="Changes only").click()
    page.get_by_role("button", name=re.compile("unchanged – show")).first.click()
    expect(middle.first).to_be_visible()


def test_formatting_is_shown_when_asked_for(open_as, code):
    page = open_as("viewer", f"/redline?a={code}:1&b={code}:2")
    expect(page.get_by_text("bold: “Emphasis changed here”")).to_have_count(0)
    page.get_by_role("button", name="1 formatting").click()
    expect(page.get_by_text("bold: “Emphasis changed here”").first).to_be_visible()


def test_the_word_file_is_fetched_and_said_to_be_checked(open_as, code):
    page = open_as("viewer", f"/redline?a={code}:1&b={code}:2", accept_downloads=True)
    with page.expect_download() as waited:
        page.get_by_role("button", name="Word file with tracked changes").click()
    assert waited.value.suggested_filename == "Interface design v1-v2.docx"
    assert docx.Document(waited.value.path()).paragraphs
    expect(page.get_by_text("Checked: accepting all gives the new text")).to_be_visible()


def test_another_version_is_chosen_and_stands_in_the_address(open_as, code):
    page = open_as("viewer", f"/redline?a={code}:1&b={code}:2")
    pick(page, "New: version", re.compile("^v1"))
    expect(page.get_by_text("Both are the same file, byte for byte.")).to_be_visible()
    assert "b=" in page.url
    assert page.url.replace("%3A", ":").count(f"{code}:1") == 2
    picture(page, "redline-same")


def test_who_is_not_cleared_sees_that_there_is_none(open_as, code):
    page = open_as("client", f"/redline?a={code}:1&b={code}:2")
    expect(page.get_by_text("Nothing to compare yet")).to_be_visible()
    expect(page.get_by_text("Interface design")).to_have_count(0)


def shelve_neighbours(mail: str, code: str, folder: str) -> str:
    """The two real versions; the document's code."""
    actor = accounts.by_mail(mail).actor
    project = projects.by_code(actor, code).id
    document = None
    for number in (2, 3):
        with Path(folder, f"asvs-4.0.{number}-de.docx").open("rb") as source:
            stored = documents.put(
                actor, project, source, file_name="asvs.docx", class_="design", document=document, title="ASVS"
            )
        document = stored.document
    return stored.code


@pytest.mark.skipif(
    not SAMPLES.exists(), reason="../shared/samples is not there: the real files are not in the project"
)
def test_two_real_versions_of_half_a_megabyte_are_walked_through(server, project, open_as):
    code = server.build(
        shelve_neighbours, mail=project.people["manager"]["mail"], code=project.code, folder=str(SAMPLES)
    )
    page = open_as("manager", f"/redline?a={code}:1&b={code}:2")
    expect(page.locator("ins").first).to_be_visible()
    for _ in range(30):
        page.keyboard.press("n")
    expect(page.get_by_role("region", name="Comparison").get_by_role("status")).to_have_text(re.compile("^30 of"))
    picture(page, "redline-real")
    page.get_by_role("button", name="In one text").click()
    picture(page, "redline-real-inline")
    accessible(page)

"""Finding things: the palette, and the page of results."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import search_files
from tests.browser.conftest import PHONE, WIDE, accessible, calm, picture

pytestmark = pytest.mark.browser


@pytest.fixture
def shelf(server, project):
    return server.build(search_files.shelf, project=project.id, mail=project.people["manager"]["mail"])


@pytest.mark.parametrize(
    ("language", "theme", "size", "typed"), [("en", "light", WIDE, "barrier"), ("zh_CN", "dark", PHONE, "需求變更")]
)
def test_the_palette_answers_as_one_types_and_leads_there(open_as, project, shelf, language, theme, size, typed):
    page = open_as("manager", "/documents", language=language, theme=theme, size=size)
    if size == WIDE:
        page.keyboard.press("Control+k")
    else:
        page.get_by_role("button", name="搜索").click()
    page.get_by_role("combobox").type(typed, delay=20)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    picture(page, f"search-palette-{language}-{theme}")
    accessible(page)
    if typed == "barrier":
        expect(options.first).to_contain_text("REQ-")
        expect(options).to_have_count(4)
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents?*document=*")


def test_the_result_page_shows_pieces_places_and_counts(open_as, project, shelf):
    page = open_as("manager", "/search?q=barrier")
    expect(page.get_by_text("3 documents")).to_be_visible()
    assert page.locator(".ac-hits h2").all_inner_texts() == ["Price of the barrier", "Barrier test plan", "Gate design"]
    expect(page.locator(".ac-hits li").last).to_contain_text("Timing")
    expect(page.locator(".ac-hits mark").last).to_have_text("barrier")
    picture(page, "search-results-en-light")
    accessible(page)
    page.get_by_role("button", name="Class").click()
    page.get_by_label("Test (1)").click()
    expect(page.locator(".ac-hits h2")).to_have_text(["Barrier test plan"])
    assert "class=test" in page.url
    page.get_by_placeholder("Words, “phrase”, -word").fill("barrier class:nonsense")
    expect(page.get_by_text("There is no class “nonsense”.")).to_be_visible()


def test_a_client_finds_what_is_theirs_and_the_counts_say_nothing_else(open_as, server, project, shelf):
    page = open_as("client", "/search?q=barrier")
    expect(page.get_by_text("1 document", exact=True)).to_be_visible()
    expect(page.locator(".ac-hits h2")).to_have_text(["Gate design"])
    server.build(search_files.hide, project=project.id, mail=project.people["manager"]["mail"], document=shelf[0])
    page.reload()
    calm(page)
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.goto(page.url.replace("barrier", "lantern"))
    expect(page.get_by_text("Nothing found.")).to_be_visible()


def test_the_result_page_in_chinese_on_a_phone(open_as, project, shelf):
    page = open_as("manager", "/search?q=需求变更", language="zh_CN", theme="dark", size=PHONE)
    expect(page.locator(".ac-hits h2")).to_have_text(["需求变更流程"])
    picture(page, "search-results-zh-dark-phone")
    accessible(page)


def test_an_empty_question_says_what_can_be_asked(open_as, project):
    page = open_as("member", "/search")
    expect(page.get_by_text("What are you looking for?")).to_be_visible()
    picture(page, "search-empty")
    accessible(page)


def test_the_list_of_documents_leads_to_what_stands_in_their_text(open_as, project, shelf):
    page = open_as("manager", "/documents?q=barrier")
    page.get_by_role("link", name="3 documents hold it, in title or text").click()
    page.wait_for_url("**/search?*q=barrier*")
    expect(page.locator(".ac-hits h2")).to_have_count(3)


def test_what_is_not_read_or_has_no_text_is_said_beside_the_document(open_as, server, project):
    mail = project.people["manager"]["mail"]
    server.build(search_files.scan, project=project.id, mail=mail)
    page = open_as("manager", "/documents?document=DOC-01")
    expect(page.get_by_text("Images only: there is no text that could be searched.").first).to_be_visible()

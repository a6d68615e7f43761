"""One requirement beside the board: every field, links, comments, notes the client never sees; and the table."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import board_cards
from tests.browser.board_screen import board, card, detail, undo
from tests.browser.conftest import PHONE, accessible, calm, pick, picture

pytestmark = pytest.mark.browser


@pytest.fixture
def cards(server, project):
    """Put cards on the test's board."""
    return lambda *described: server.build(board_cards.cards, code=project.code, described=list(described))


@pytest.fixture
def stands(server, project):
    """A requirement as the database has it."""
    return lambda code: server.build(board_cards.card, code=project.code, requirement=code)


FULL = {
    "title": "Gate opens within 400 ms", "statement": "A gate opens within 400 ms of a valid ticket.",
    "rationale": "Queues at the harbour.", "acceptance": ["Measured at ten gates.", "In rain too."],
    "source_who": "Lin Wei", "source_where": "Workshop 3", "source_when": "2026-09-01", "priority": "must",
    "constraints": "No new gates.", "effort_hours": 12.0, "due": "2026-12-24", "labels": ["gates"],
}  # fmt: skip


def test_everything_that_is_known_of_a_requirement_stands_beside_the_board(open_as, project, cards):
    cards({**FULL, "owner": project.people["member"]["name"]}, {"title": "B"})
    page = open_as("viewer", "/board")
    before = card(page, "REQ-02").bounding_box(), board(page).bounding_box()["y"]
    card(page, "REQ-01").click()
    for words in (
        "REQ-01", "A gate opens within 400 ms of a valid ticket.", "Queues at the harbour.", "Measured at ten gates.",
        "In rain too.", "Lin Wei", "Workshop 3", "Sep 1, 2026", "Must", "No new gates.", "12 h", "Member One",
        "Dec 24, 2026", "gates",
    ):  # fmt: skip
        expect(detail(page)).to_contain_text(words)
    calm(page)
    picture(page, "board-detail")
    after = card(page, "REQ-02").bounding_box(), board(page).bounding_box()["y"]
    assert before == after, "nothing jumps"
    box = detail(page).bounding_box()
    assert box["y"] + box["height"] <= 900
    accessible(page)
    page.reload()
    expect(detail(page)).to_contain_text("Queues at the harbour.")
    detail(page).get_by_role("button", name="Close").click()
    expect(detail(page)).to_have_count(0)


def test_on_a_phone_the_requirement_takes_the_screen(open_as, cards):
    cards(FULL)
    page = open_as("member", "/board?card=REQ-01", size=PHONE, theme="dark", language="zh_CN")
    expect(detail(page)).to_contain_text("Queues at the harbour.")
    picture(page, "board-detail-phone")
    assert detail(page).bounding_box()["width"] == 390
    accessible(page)


def test_a_requirement_is_edited_in_a_form(open_as, cards, stands):
    cards({"title": "A"})
    page = open_as("member", "/board?card=REQ-01")
    detail(page).get_by_role("button", name="Edit").click()
    detail(page).get_by_role("textbox", name="Title").fill("Gate opens at once")
    detail(page).get_by_role("textbox", name="Statement").fill("Within 400 ms.")
    calm(page)
    picture(page, "board-edit")
    accessible(page)
    detail(page).get_by_role("button", name="Save").click()
    expect(card(page, "REQ-01")).to_contain_text("Gate opens at once")
    assert stands("REQ-01")["statement"] == "Within 400 ms."


def test_a_client_reads_and_does_not_edit(open_as, cards):
    cards({"title": "A"})
    page = open_as("client", "/board?card=REQ-01")
    expect(detail(page).get_by_role("button", name="Close")).to_be_visible()
    for name in ("Edit", "Archive", "Link"):
        expect(detail(page).get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(detail(page).get_by_role("combobox")).to_have_count(0)


def test_requirements_are_linked_and_the_link_leads_there_and_back(open_as, cards):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board?card=REQ-01")
    detail(page).get_by_role("button", name="Link", exact=True).click()
    pick(detail(page), "With", "REQ-02 B")
    detail(page).get_by_role("button", name="Link them").click()
    detail(page).get_by_role("button", name="REQ-02 B").click()
    expect(page).to_have_url(re.compile("card=REQ-02"))
    expect(detail(page)).to_contain_text("is needed by")
    calm(page)
    detail(page).get_by_role("button", name="Remove the link").click()
    expect(detail(page).get_by_text("is needed by")).to_have_count(0)


def test_a_mention_is_suggested_and_a_note_stays_among_the_team(open_as, cards):
    cards({"title": "A"})
    page = open_as("member", "/board?card=REQ-01")
    box = detail(page).get_by_role("textbox", name="Comment")
    box.press_sequentially("Please look, @Man")
    page.get_by_role("option", name="Manager One").click()
    expect(box).to_have_value(re.compile("@Manager One"))
    detail(page).get_by_role("button", name="Send").click()
    expect(detail(page).get_by_text("@Manager One", exact=True)).to_be_visible()
    box.fill("The client must not know")
    detail(page).get_by_text("Internal note").click()
    expect(detail(page).get_by_text("The client will not see this.")).to_be_visible()
    detail(page).get_by_role("button", name="Send").click()
    expect(detail(page).get_by_role("paragraph").filter(has_text="The client must not know")).to_be_visible()
    expect(card(page, "REQ-01").locator(".said")).to_have_text("2")
    other = open_as("client", "/board?card=REQ-01")
    expect(detail(other).get_by_role("paragraph").filter(has_text="Please look,")).to_be_visible()
    expect(other.get_by_text("The client must not know")).to_have_count(0)
    expect(card(other, "REQ-01").locator(".said")).to_have_text("1")


def test_a_new_requirement_is_asked_for_and_opened(open_as, stands):
    page = open_as("client", "/board")
    page.get_by_role("button", name="New requirement").click()
    window = page.get_by_role("dialog")
    window.get_by_role("textbox", name="Title").fill("Group tickets")
    window.get_by_role("textbox", name="Title").press("Tab")
    accessible(page)
    window.get_by_role("button", name="Add requirement").click()
    expect(detail(page)).to_contain_text("Group tickets")
    expect(card(page, "REQ-01")).to_be_visible()
    assert stands("REQ-01")["title"] == "Group tickets"


def test_the_table_is_edited_in_place_and_the_edit_undone(open_as, cards, stands):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board?form=table")
    put(page, row=0, text="Group tickets")
    until(page, lambda: stands("REQ-01")["title"] == "Group tickets")
    calm(page)
    picture(page, "board-table")
    accessible(page)
    undo(page)
    assert stands("REQ-01")["title"] == "A"


def test_a_stale_edit_in_the_table_shows_both_texts(server, open_as, project, cards, stands):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board?form=table")
    server.build(board_cards.edit, code=project.code, requirement="REQ-01", changes={"title": "Theirs"})
    put(page, row=0, text="Mine")
    expect(page.get_by_text("REQ-01, Title. Theirs: Theirs. Yours: Mine.")).to_be_visible()
    picture(page, "board-table-stale")
    assert stands("REQ-01")["title"] == "Theirs"
    page.get_by_role("button", name="Take yours").click()
    until(page, lambda: stands("REQ-01")["title"] == "Mine")


def test_switching_between_board_and_table_keeps_the_filters(open_as, cards):
    cards({"title": "A", "priority": "must"}, {"title": "B"})
    page = open_as("viewer", "/board?priority=must")
    page.get_by_role("radio", name="Table").or_(page.get_by_role("button", name="Table")).first.click()
    expect(page).to_have_url(re.compile("form=table"))
    expect(page).to_have_url(re.compile("priority=must"))
    calm(page)
    page.get_by_role("radio", name="Board").or_(page.get_by_role("button", name="Board")).first.click()
    expect(card(page, "REQ-01")).to_be_visible()
    expect(card(page, "REQ-02")).to_have_count(0)


def put(page, row: int, text: str) -> None:
    """Type into the title's cell of a row. The table is a canvas: it is gone to as a reader's hand does."""
    canvas = page.get_by_test_id("data-grid-canvas")
    expect(canvas).to_be_visible()
    calm(page)
    box = canvas.bounding_box()
    page.mouse.dblclick(box["x"] + 200, box["y"] + 35 + 35 * row + 17)
    cell = page.locator("#portal").get_by_role("textbox")
    cell.fill(text)
    cell.press("Enter")


def until(page, holds) -> None:
    """Wait until something holds in the database."""
    for _try in range(60):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to hold")

"""Two people at one board, a server that goes away, a session that ends."""

from __future__ import annotations

import re
import signal
import time

import pytest
from playwright.sync_api import expect

from tests.browser import board_cards, builders
from tests.browser.board_screen import board, card, codes, column, detail
from tests.browser.conftest import calm, free_port, picture, serving
from tests.browser.test_board_hands import drag, middle

pytestmark = pytest.mark.browser


@pytest.fixture
def cards(server, project):
    """Put cards on the test's board."""
    return lambda *described: server.build(board_cards.cards, code=project.code, described=list(described))


def test_what_one_moves_the_other_sees_while_typing_and_loses_nothing(open_as, cards):
    cards({"title": "A"}, {"title": "B"})
    one, other = open_as("member", "/board"), open_as("manager", "/board")
    other.get_by_role("button", name="Add to Draft").click()
    line = other.get_by_role("textbox", name="Add to Draft")
    line.press_sequentially("Half a ")
    drag(one, card(one, "REQ-01"), middle(column(one, "Agreed"), 0.3))
    dropped = time.monotonic()
    line.press_sequentially("thought")
    expect(column(other, "Agreed").locator("li")).to_have_count(1)
    print(f"seen by the other after {time.monotonic() - dropped:.2f} s")
    other.wait_for_timeout(1500)
    expect(line).to_have_value("Half a thought")
    expect(line).to_be_focused()
    line.press("Enter")
    expect(column(other, "Draft").get_by_text("Half a thought")).to_be_visible()
    expect(column(one, "Draft").get_by_text("Half a thought")).to_be_visible()


def test_a_comment_of_the_other_shows_up_in_the_open_requirement(open_as, cards):
    cards({"title": "A"})
    one, other = open_as("member", "/board?card=REQ-01"), open_as("client", "/board?card=REQ-01")
    box = detail(one).get_by_role("textbox", name="Comment")
    box.fill("Is this what you meant?")
    detail(one).get_by_role("button", name="Send").click()
    expect(detail(other).get_by_role("paragraph").filter(has_text="Is this what you meant?")).to_be_visible()


def test_a_form_keeps_what_is_typed_while_the_other_moves_and_edits(server, open_as, project, cards):
    cards({"title": "A", "statement": "Old."}, {"title": "B"})
    one = open_as("member", "/board?card=REQ-01")
    detail(one).get_by_role("button", name="Edit").click()
    statement = detail(one).get_by_role("textbox", name="Statement")
    statement.fill("My own words")
    server.build(
        board_cards.edit,
        code=project.code,
        requirement="REQ-01",
        changes={"title": "Theirs", "statement": "Their words"},
    )
    server.build(board_cards.move, code=project.code, requirement="REQ-02", to="Agreed")
    expect(column(one, "Agreed").locator("li")).to_have_count(1)
    expect(detail(one).get_by_text("Somebody changed this while you write")).to_be_visible()
    expect(statement).to_have_value("My own words")
    detail(one).get_by_role("button", name="Save").click()
    expect(detail(one).get_by_label("Statement: theirs")).to_have_value("Their words")
    mine = detail(one).get_by_label("Statement: yours (this is saved)")
    expect(mine).to_have_value("My own words")
    picture(one, "board-stale-edit")
    detail(one).get_by_role("button", name="Save").click()
    expect(detail(one).get_by_role("button", name="Edit")).to_be_visible()
    expect(detail(one).get_by_text("My own words")).to_be_visible()
    stood = server.build(board_cards.card, code=project.code, requirement="REQ-01")
    assert (stood["title"], stood["statement"]) == ("Theirs", "My own words")


def test_a_card_that_the_other_took_elsewhere_stays_there(server, open_as, project, cards):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board")
    x, y = middle(card(page, "REQ-01"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 8, steps=3)
    page.mouse.move(*middle(column(page, "Agreed"), 0.3), steps=10)
    server.build(board_cards.move, code=project.code, requirement="REQ-01", to="Done")
    page.wait_for_timeout(900)
    page.mouse.up()
    expect(page.get_by_role("alert").filter(has_text="Somebody moved REQ-01 to “Done” meanwhile")).to_be_visible()
    assert codes(page, "Done") == ["REQ-01"]
    assert codes(page, "Agreed") == []


def test_a_server_that_goes_away_is_said_and_the_card_goes_back(tmp_path, windows):
    port = free_port()
    home = tmp_path / "data"
    with serving(home, port) as first:
        first.build(builders.set_up)
        people = first.build(builders.engagement, code="HARBOUR")["people"]
        first.build(board_cards.cards, code="HARBOUR", described=[{"title": "A"}, {"title": "B"}])
        token = first.build(builders.session, mail=people["member"]["mail"], browser="b" * 32, language="en")
        page = windows.open(
            f"{first.url}/board?project=HARBOUR", cookies={"accord_session": token, "accord_browser": "b" * 32}
        )
        expect(card(page, "REQ-01")).to_be_visible()
        first.stop(signal.SIGKILL)
    drag(page, card(page, "REQ-01"), middle(column(page, "Agreed"), 0.3))
    expect(page.get_by_role("alert").filter(has_text="The server does not answer.")).to_be_visible()
    assert codes(page, "Draft") == ["REQ-01", "REQ-02"]
    picture(page, "board-server-away")
    with serving(home, port) as second:
        second.build(board_cards.move, code="HARBOUR", requirement="REQ-02", to="Done")
        expect(column(page, "Done").locator("li")).to_have_count(1, timeout=60_000)
        calm(page)
        drag(page, card(page, "REQ-01"), middle(column(page, "Agreed"), 0.3))
        expect(column(page, "Agreed").locator("li:not(.waiting)")).to_have_count(1)
        page.wait_for_timeout(500)
        assert second.build(board_cards.card, code="HARBOUR", requirement="REQ-01")["column"] == "Agreed"


def test_a_session_that_ended_elsewhere_leads_to_the_sign_in(server, open_as, project, cards):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board")
    expect(card(page, "REQ-01")).to_be_visible()
    server.build(board_cards.sign_out, mail=project.people["member"]["mail"])
    drag(page, card(page, "REQ-01"), middle(column(page, "Agreed"), 0.3))
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert server.build(board_cards.card, code=project.code, requirement="REQ-01")["column"] == "Draft"


def test_two_thousand_cards_can_be_used(server, open_as, project):
    server.build(board_cards.many_cards, code=project.code, count=2000)
    page = open_as("member", "/board")
    begun = time.monotonic()
    page.reload()
    expect(card(page, "REQ-01")).to_be_visible()
    print(f"2,000 cards painted after {time.monotonic() - begun:.2f} s")
    assert board(page).locator("li").count() == 2000
    calm(page)
    drag(page, card(page, "REQ-01"), middle(column(page, "Agreed"), 0.1))
    expect(column(page, "Agreed").locator('li[data-code="REQ-01"]:not(.waiting)')).to_have_count(1)
    page.get_by_role("searchbox", name="Search in text").fill("REQ-1999")
    expect(board(page).locator("li")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=REQ-1999"))

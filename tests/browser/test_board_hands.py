"""Moving cards: with the mouse, with a finger, with the keyboard, several at once, between lanes; and what forbids it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import board_cards
from tests.browser.board_screen import board, card, codes, column
from tests.browser.conftest import PHONE, calm, picture

pytestmark = pytest.mark.browser


@pytest.fixture
def cards(server, project):
    """Put cards on the test's board."""
    return lambda *described: server.build(board_cards.cards, code=project.code, described=list(described))


@pytest.fixture
def stands(server, project):
    """A requirement as the database has it."""
    return lambda code: server.build(board_cards.card, code=project.code, requirement=code)


def middle(place: Locator, down: float = 0.5) -> tuple[float, float]:
    box = place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * down


def drag(page: Page, what: Locator, to: tuple[float, float]) -> None:
    """With the mouse, as a hand does it: in small steps, resting before it lets go."""
    x, y = middle(what)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 6, y + 6, steps=3)
    page.mouse.move(*to, steps=15)
    page.wait_for_timeout(200)
    page.mouse.up()


def answered(page: Page) -> None:
    """The server has said yes or no to what was done."""
    expect(page.locator("li.waiting")).to_have_count(0)


def test_a_card_is_dragged_to_another_column_with_the_mouse(open_as, cards, stands):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board")
    drag(page, card(page, "REQ-01"), middle(column(page, "Agreed"), 0.3))
    expect(column(page, "Agreed").locator("li")).to_have_count(1)
    answered(page)
    assert codes(page, "Agreed") == ["REQ-01"]
    assert stands("REQ-01")["column"] == "Agreed"
    expect(page.get_by_text("REQ-01 is in “Agreed” now.")).to_be_visible()


def test_a_drop_can_be_undone_on_the_spot(open_as, cards, stands):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board")
    drag(page, card(page, "REQ-01"), middle(column(page, "Agreed"), 0.3))
    board(page).get_by_role("button", name="Undo").or_(
        page.get_by_role("alert").get_by_role("button", name="Undo")
    ).click()
    expect(column(page, "Draft").locator("li")).to_have_count(2)
    answered(page)
    assert stands("REQ-01")["column"] == "Draft"


def test_a_card_is_put_between_two_others_and_stays_there(server, open_as, project, cards):
    cards({"title": "A"}, {"title": "B"}, {"title": "C"})
    page = open_as("member", "/board")
    drag(page, card(page, "REQ-03"), middle(card(page, "REQ-01"), 0.9))
    answered(page)
    assert codes(page, "Draft") == server.build(board_cards.order, code=project.code, column="Draft")
    assert codes(page, "Draft").index("REQ-03") < 2
    page.reload()
    expect(card(page, "REQ-03")).to_be_visible()
    assert codes(page, "Draft").index("REQ-03") < 2


def test_a_click_opens_a_card_and_a_drag_does_not(open_as, cards):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board")
    drag(page, card(page, "REQ-01"), middle(column(page, "Agreed"), 0.3))
    answered(page)
    expect(page).not_to_have_url(re.compile("card="))
    card(page, "REQ-02").click()
    expect(page).to_have_url(re.compile("card=REQ-02"))


def test_a_finger_that_rests_takes_the_card_and_one_that_swipes_scrolls(open_as, cards, stands):
    cards({"title": "A"}, {"title": "B"}, {"title": "C"})
    page = open_as("member", "/board", size=PHONE, has_touch=True)
    line = page.context.new_cdp_session(page)

    def touch(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def finger(start: tuple[float, float], end: tuple[float, float], rest: int) -> None:
        touch("touchStart", *start)
        page.wait_for_timeout(rest)
        for step in range(1, 13):
            touch("touchMove", *(a + (b - a) * step / 12 for a, b in zip(start, end, strict=True)))
            page.wait_for_timeout(16)
        page.wait_for_timeout(250)
        touch("touchEnd", *end)

    x, y = middle(card(page, "REQ-01"))
    finger((x, y), (x - 200, y), rest=0)
    page.wait_for_timeout(600)
    assert stands("REQ-01")["column"] == "Draft"
    assert page.evaluate("""() => {
        const find = (root) => root.querySelector(".board") ?? [...root.querySelectorAll("*")].map((n) => n.shadowRoot && find(n.shadowRoot)).find(Boolean);
        const grid = find(document); const at = grid.scrollLeft; grid.scrollLeft = 0; return at > 50;
    }""")
    page.wait_for_timeout(300)
    x, y = middle(card(page, "REQ-01"))
    finger((x, y), middle(card(page, "REQ-03"), 0.9), rest=350)
    expect(column(page, "Draft").locator("li").first).to_have_attribute("data-code", "REQ-02")
    answered(page)


def test_a_card_is_carried_with_the_keyboard_and_every_step_is_said(open_as, cards, stands):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board")
    said = page.get_by_role("status").filter(has_text=re.compile("."))
    card(page, "REQ-01").focus()
    page.keyboard.press(" ")
    expect(said.filter(has_text="REQ-01 picked up. Draft, place 1 of 2.")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(said.filter(has_text="Draft, place 2 of 2.")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(said.filter(has_text="Proposed, place 1 of 1.")).to_have_count(1)
    page.keyboard.press(" ")
    expect(said.filter(has_text="REQ-01 put down. Proposed, place 1 of 1.")).to_have_count(1)
    answered(page)
    assert stands("REQ-01")["column"] == "Proposed"
    expect(card(page, "REQ-01")).to_be_focused()


def test_escape_brings_a_carried_card_back(open_as, cards, stands):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board")
    card(page, "REQ-01").focus()
    for key in (" ", "ArrowRight", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    assert codes(page, "Draft") == ["REQ-01", "REQ-02"]
    expect(page.get_by_role("status").filter(has_text="REQ-01 is back where it was.")).to_have_count(1)
    expect(card(page, "REQ-01")).to_be_focused()
    assert stands("REQ-01")["column"] == "Draft"


def test_arrows_walk_over_the_cards_enter_opens_and_focus_is_seen(open_as, cards):
    cards({"title": "A"}, {"title": "B"}, {"title": "C", "column": "Done"})
    page = open_as("viewer", "/board")
    card(page, "REQ-01").focus()
    page.keyboard.press("ArrowDown")
    expect(card(page, "REQ-02")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(card(page, "REQ-03")).to_be_focused()
    assert card(page, "REQ-03").evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("card=REQ-03"))


def test_several_cards_are_chosen_and_moved_together_in_their_order(server, open_as, project, cards):
    cards(*({"title": t} for t in "ABCD"))
    page = open_as("member", "/board")
    card(page, "REQ-01").click(modifiers=["Control"])
    card(page, "REQ-03").click(modifiers=["Shift"])
    expect(page.get_by_text("3 chosen").first).to_be_visible()
    drag(page, card(page, "REQ-02"), middle(column(page, "Agreed"), 0.3))
    expect(column(page, "Agreed").locator("li")).to_have_count(3)
    answered(page)
    assert codes(page, "Agreed") == ["REQ-01", "REQ-02", "REQ-03"]
    assert server.build(board_cards.order, code=project.code, column="Agreed") == ["REQ-01", "REQ-02", "REQ-03"]
    expect(page.get_by_text("3 requirements are in “Agreed” now.")).to_be_visible()


def test_chosen_cards_go_to_a_column_from_the_bar(server, open_as, project, cards):
    cards(*({"title": t} for t in "ABC"))
    page = open_as("member", "/board")
    card(page, "REQ-01").focus()
    page.keyboard.press("x")
    card(page, "REQ-03").click(modifiers=["Control"])
    page.get_by_role("combobox", name="Move to …").select_option("Done")
    expect(column(page, "Done").locator("li")).to_have_count(2)
    answered(page)
    assert server.build(board_cards.order, code=project.code, column="Done") == ["REQ-01", "REQ-03"]


@pytest.mark.parametrize(
    ("by", "lane", "field", "wanted"),
    [
        ("priority", "Could", "priority", "could"),
        ("owner", "Client One", "owner", "client"),
        ("label", "gates", "labels", ["gates"]),
    ],
)
def test_a_drop_into_another_lane_changes_what_the_lane_stands_for(
    open_as, project, cards, stands, by, lane, field, wanted
):
    cards(
        {"title": "A", "priority": "must", "owner": project.people["member"]["name"]},
        {"title": "B", "priority": "could", "owner": project.people["client"]["name"], "labels": ["gates"]},
    )
    page = open_as("member", f"/board?lanes={by}")
    drag(page, card(page, "REQ-01"), middle(column(page, "Agreed", lane)))
    expect(column(page, "Agreed", lane).locator("li")).to_have_count(1)
    answered(page)
    picture(page, f"board-lanes-{by}")
    now_ = stands("REQ-01")
    assert now_["column"] == "Agreed"
    assert now_[field] == (project.people["client"]["id"] if by == "owner" else wanted)


def test_lanes_never_lie_on_each_other(server, open_as, project):
    server.build(board_cards.many_cards, code=project.code, count=60)
    page = open_as("member", "/board?lanes=priority")
    expect(card(page, "REQ-01")).to_be_visible()
    below = page.get_by_text("Should", exact=True).first.bounding_box()
    last = column(page, "Draft", "Must").locator("li").last
    above = last.evaluate("node => node.getBoundingClientRect().bottom")
    lane = column(page, "Proposed", "Should").evaluate("node => node.getBoundingClientRect().top")
    assert above <= lane, below


@pytest.mark.parametrize(("who", "adds"), [("viewer", False), ("client", True)])
def test_who_may_not_move_cannot_drag(open_as, cards, stands, who, adds):
    cards({"title": "A"}, {"title": "B"})
    page = open_as(who, "/board")
    drag(page, card(page, "REQ-01"), middle(column(page, "Agreed"), 0.3))
    page.wait_for_timeout(400)
    assert codes(page, "Draft") == ["REQ-01", "REQ-02"]
    card(page, "REQ-01").focus()
    page.keyboard.press(" ")
    page.keyboard.press("ArrowRight")
    assert codes(page, "Draft") == ["REQ-01", "REQ-02"]
    assert stands("REQ-01")["column"] == "Draft"
    expect(page.get_by_role("button", name="Add to Draft")).to_have_count(1 if adds else 0)


def test_a_move_that_is_refused_springs_back_with_words(server, open_as, project, cards, stands):
    cards({"title": "A"}, {"title": "B"})
    page = open_as("member", "/board")
    # Nobody tells this window: it still offers what the server will refuse.
    page.context.route("**/live**", lambda route: route.abort())
    page.reload()
    calm(page)
    expect(card(page, "REQ-01")).to_be_visible()
    server.build(board_cards.demote, code=project.code, account=project.people["member"]["id"], role="viewer")
    drag(page, card(page, "REQ-01"), middle(column(page, "Agreed"), 0.3))
    expect(page.get_by_role("alert").filter(has_text="Your role does not allow this")).to_be_visible()
    expect(column(page, "Draft").locator("li")).to_have_count(2)
    assert stands("REQ-01")["column"] == "Draft"
    expect(page.get_by_role("heading", name="Draft, 2 cards")).to_be_visible()

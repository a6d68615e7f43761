"""The board as one goes about it: what it shows, adding, filtering, folding, lanes, views, columns, undo."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core.ids import now
from tests.browser import board_cards
from tests.browser.board_screen import add, board, card, chip, codes, column, detail, undo
from tests.browser.conftest import LARGE, PHONE, WIDE, accessible, calm, picture

pytestmark = pytest.mark.browser


@pytest.fixture
def cards(server, project):
    """Put cards on the test's board."""
    return lambda *described: server.build(board_cards.cards, code=project.code, described=list(described))


@pytest.fixture
def stands(server, project):
    """A requirement as the database has it."""
    return lambda code: server.build(board_cards.card, code=project.code, requirement=code)


def test_a_card_carries_code_age_title_priority_owner_and_what_hangs_on_it(server, open_as, project, cards):
    overdue = (now() - timedelta(days=3)).date().isoformat()
    cards(
        {"title": "Gate opens within 400 ms", "priority": "must", "owner": project.people["member"]["name"],
         "labels": ["gates"], "due": overdue, "age": 5},
        {"title": "Receipt by mail", "column": "Done", "age": 2},
    )  # fmt: skip
    server.build(board_cards.comment, code=project.code, requirement="REQ-01", text="When?")
    page = open_as("member", "/board")
    one = card(page, "REQ-01")
    for words in ("REQ-01", "5 d", "Gate opens within 400 ms", "Must", "gates", "MO", "1"):
        expect(one).to_contain_text(words)
    expect(one).to_have_accessible_name(
        re.compile("REQ-01, Gate opens within 400 ms, Must, owner Member One, in this column for 5 days, overdue since")
    )
    expect(card(page, "REQ-02")).to_contain_text("✓")
    expect(card(page, "REQ-02")).not_to_contain_text("2 d")


def test_an_empty_board_has_its_columns_and_takes_the_first_card(open_as, stands):
    page = open_as("member", "/board")
    expect(page.get_by_text("No requirement yet. Write down the first one in a column below.")).to_be_visible()
    add(page, "Agreed", "Group tickets")
    expect(column(page, "Agreed").get_by_text("Group tickets")).to_be_visible()
    assert stands("REQ-01")["column"] == "Agreed"


def test_quick_add_stays_open_and_adds_one_after_the_other(server, open_as, project, cards):
    cards({"title": "First"})
    page = open_as("client", "/board")
    add(page, "Draft", "Second")
    line = page.get_by_role("textbox", name="Add to Draft")
    line.fill("Third")
    line.press("Enter")
    expect(column(page, "Draft").get_by_text("Third")).to_be_visible()
    assert codes(page, "Draft") == ["REQ-01", "REQ-02", "REQ-03"]
    assert server.build(board_cards.order, code=project.code, column="Draft") == ["REQ-01", "REQ-02", "REQ-03"]


def test_what_is_typed_in_quick_add_outlives_a_reload(open_as, cards):
    cards({"title": "First"})
    page = open_as("member", "/board")
    page.get_by_role("button", name="Add to Proposed").click()
    page.get_by_role("textbox", name="Add to Proposed").fill("Half a thought")
    page.reload()
    expect(page.get_by_role("textbox", name="Add to Proposed")).to_have_value("Half a thought")


def test_a_limit_warns_and_does_not_forbid(server, open_as, project, cards):
    cards({"title": "A", "column": "In progress"}, {"title": "B", "column": "In progress"})
    server.build(board_cards.limit, code=project.code, column="In progress", cards_at_most=1)
    page = open_as("member", "/board")
    expect(page.get_by_role("heading", name="In progress, 2 cards, more than the limit of 1")).to_contain_text("over 1")
    add(page, "In progress", "C")
    expect(page.get_by_role("heading", name="In progress, 3 cards, more than the limit of 1")).to_be_visible()


def test_a_folded_column_keeps_its_count_stays_folded_and_unfolds(open_as, cards):
    cards({"title": "A", "column": "Done"})
    page = open_as("member", "/board")
    page.get_by_role("button", name="Fold Done").click()
    expect(card(page, "REQ-01")).to_have_count(0)
    expect(page).to_have_url(re.compile("fold="))
    page.reload()
    calm(page)
    unfold = page.get_by_role("button", name="Unfold Done")
    expect(unfold).to_have_attribute("data-count", "1")
    unfold.click()
    expect(card(page, "REQ-01")).to_be_visible()


def some(project) -> list[dict[str, object]]:
    past = (now() - timedelta(days=3)).date().isoformat()
    return [
        {"title": "Group tickets", "priority": "must", "owner": project.people["member"]["name"], "labels": ["gates"]},
        {"title": "Receipt by mail", "priority": "could", "owner": project.people["client"]["name"], "due": past},
        {"title": "Prices in yuan", "priority": "should", "statement": "Also for the gates."},
    ]


def all_shown(page: Page) -> list[str]:
    return [c for c in ("REQ-01", "REQ-02", "REQ-03") if card(page, c).count()]


def choose(page: Page, name: str, option: str) -> None:
    chip(page, name).click()
    page.get_by_role("group", name="Filters").get_by_text(option, exact=True).click()
    page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("how", "left", "stands_in_address"),
    [
        ("text", ["REQ-01", "REQ-03"], "q=gates|q=tickets"),
        ("mine", ["REQ-01"], "mine=1"),
        ("overdue", ["REQ-02"], "overdue=1"),
        ("owner", ["REQ-02"], "owner="),
        ("priority", ["REQ-01"], "priority=must"),
        ("label", ["REQ-01"], "label=gates"),
    ],
)
def test_a_filter_leaves_what_it_names_stands_in_the_address_and_survives_a_reload(
    open_as, project, cards, how, left, stands_in_address
):
    cards(*some(project))
    page = open_as("member", "/board")
    if how == "text":
        # "tickets" stands in a title, "gates" in a statement.
        page.get_by_role("searchbox", name="Search in text").fill("tickets")
        expect(card(page, "REQ-02")).to_have_count(0)
        left = ["REQ-01"]
    elif how in ("mine", "overdue"):
        chip(page, how.title()).click()
    else:
        option = {"owner": project.people["client"]["name"], "priority": "Must", "label": "gates"}[how]
        choose(page, how.title(), option)
    gone = next(c for c in ("REQ-01", "REQ-02", "REQ-03") if c not in left)
    expect(card(page, gone)).to_have_count(0)
    expect(page).to_have_url(re.compile(stands_in_address))
    assert all_shown(page) == left
    page.reload()
    calm(page)
    expect(card(page, left[0])).to_be_visible()
    assert all_shown(page) == left
    chip(page, "All").click()
    expect(card(page, gone)).to_be_visible()


def test_the_text_filter_reads_statements_too_and_says_when_nothing_fits(open_as, project, cards):
    cards(*some(project))
    page = open_as("viewer", "/board?q=the+gates")
    assert all_shown(page) == ["REQ-03"]
    page.get_by_role("searchbox", name="Search in text").fill("zeppelin")
    expect(page.get_by_text("No requirement fits these filters.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(card(page, "REQ-01")).to_be_visible()


def test_a_view_is_kept_under_a_name_and_shared(open_as, project, cards):
    cards(*some(project))
    page = open_as("manager", "/board?priority=must&lanes=owner")
    chip(page, "Views").click()
    filters = page.get_by_role("group", name="Filters")
    filters.get_by_placeholder("Name of the view").fill("Musts by owner")
    filters.get_by_text("for everybody in the project").click()
    filters.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The view is kept.")).to_be_visible()
    other = open_as("client", "/board")
    expect(card(other, "REQ-03")).to_be_visible()
    assert len(all_shown(other)) == 3
    chip(other, "Views").click()
    other.get_by_role("group", name="Filters").get_by_role("button", name="Musts by owner").click()
    expect(card(other, "REQ-02")).to_have_count(0)
    expect(other).to_have_url(re.compile("lanes=owner.*priority=must|priority=must.*lanes=owner"))
    expect(other.get_by_text("Member One").first).to_be_visible()


def test_columns_are_renamed_added_ordered_and_one_with_cards_is_not_removed(open_as, cards, stands):
    cards({"title": "A"})
    page = open_as("manager", "/board")
    page.get_by_role("button", name="Columns").click()
    window = page.get_by_role("dialog")
    window.get_by_role("button", name="Remove").first.click()
    calm(page)
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_text("“Draft” still holds 1 cards. Move them first.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Columns").click()
    names = window.get_by_role("textbox", name="Name")
    expect(names).to_have_count(6)
    names.nth(0).fill("Heard")
    names.nth(0).press("Tab")
    window.get_by_role("button", name="Add column").click()
    expect(names).to_have_count(7)
    names.nth(6).fill("On the shelf")
    names.nth(6).press("Tab")
    window.get_by_role("button", name="Up").nth(6).click()
    expect(names.nth(5)).to_have_value("On the shelf")
    window.get_by_role("button", name="Save").click()
    expect(window).to_have_count(0)
    expect(page.get_by_role("heading", name="Heard, 1 cards")).to_be_visible()
    headings = [h.inner_text().split("\n")[0] for h in board(page).get_by_role("heading", level=3).all()]
    assert headings == ["Heard", "Proposed", "Agreed", "In progress", "Done", "On the shelf", "Rejected"]
    assert stands("REQ-01")["column"] == "Heard"


def test_only_who_may_configures_columns(open_as, cards):
    cards({"title": "A"})
    page = open_as("member", "/board")
    expect(card(page, "REQ-01")).to_be_visible()
    expect(page.get_by_role("button", name="Columns")).to_have_count(0)


def test_ones_own_last_change_is_undone_from_the_header(open_as, cards, stands):
    cards({"title": "A"})
    page = open_as("member", "/board?card=REQ-01")
    detail(page).get_by_role("button", name="Archive").click()
    expect(card(page, "REQ-01")).to_have_count(0)
    undo(page)
    expect(card(page, "REQ-01")).to_be_visible()
    assert stands("REQ-01")["archived"] is False


LONG = "Eine Fahrkartenautomatenbedienungsanleitungsübersetzung " * 5
CHINESE = "检票口须在读到有效车票后四百毫秒内开启，并向站务员显示乘客所持的优惠类别"


@pytest.mark.parametrize("size", [WIDE, PHONE, LARGE], ids=["wide", "phone", "large"])
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh_CN", "dark")])
def test_a_full_board_is_accessible_and_nothing_runs_over(server, open_as, project, cards, language, theme, size):
    cards({"title": LONG, "priority": "must", "labels": ["a label that is rather long", "gates"]}, {"title": CHINESE})
    server.build(board_cards.many_cards, code=project.code, count=60)
    server.build(board_cards.limit, code=project.code, column="In progress", cards_at_most=5)
    page = open_as("manager", "/board", language=language, theme=theme, size=size)
    expect(card(page, "REQ-02")).to_contain_text(CHINESE)
    picture(page, f"board-{language}-{theme}-{size[0]}")
    accessible(page)
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0
    wide = card(page, "REQ-01").evaluate("node => node.scrollWidth - node.clientWidth")
    assert wide <= 0


def test_the_first_paint_of_the_cards_is_the_last_one(server, open_as, project):
    server.build(board_cards.many_cards, code=project.code, count=60)
    page = open_as("member", "/board")
    page.add_init_script("""
        window.shifts = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (window.painted) window.shifts += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
    """)
    page.reload()
    expect(card(page, "REQ-01")).to_be_visible()
    first = card(page, "REQ-01").bounding_box()
    page.evaluate("window.painted = true")
    calm(page)
    page.wait_for_timeout(1500)
    assert card(page, "REQ-01").bounding_box() == first
    assert page.evaluate("window.shifts") < 0.01

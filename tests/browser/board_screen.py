"""Where things are on the board's screen, by role and name."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=20_000)


def board(page: Page) -> Locator:
    """The board itself."""
    return page.get_by_role("group", name="Board of requirements").or_(page.get_by_role("group", name="需求看板"))


def card(page: Page, code: str) -> Locator:
    """A card by its code."""
    return page.locator(f'li[data-code="{code}"]')


def column(page: Page, name: str, lane: str = "") -> Locator:
    """The list of cards of a column, in a lane where there are lanes."""
    return page.get_by_role("list", name=f"{name}, {lane}" if lane else name, exact=True)


def codes(page: Page, name: str, lane: str = "") -> list[str]:
    """The codes in a column, top to bottom."""
    return column(page, name, lane).locator("li").evaluate_all("some => some.map((node) => node.dataset.code)")


def chip(page: Page, name: str) -> Locator:
    """A filter by the beginning of its name."""
    return page.get_by_role("group", name="Filters").get_by_role("button", name=name).first


def detail(page: Page) -> Locator:
    """The requirement that is open beside the board."""
    return page.locator(".st-key-requirement")


def add(page: Page, where: str, title: str) -> None:
    """Write a card down at the foot of a column."""
    page.get_by_role("button", name=f"Add to {where}", exact=True).click()
    line = page.get_by_role("textbox", name=f"Add to {where}", exact=True)
    line.fill(title)
    line.press("Enter")
    expect(column(page, where).get_by_text(title)).to_be_visible()


def undo(page: Page) -> None:
    """Take back one's own last change."""
    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(page.get_by_text("Undone.").first).to_be_visible()

"""The first visit: the first account is made, and the sample engagement with it or from the empty screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, accessible, calm, picture
from tests.commands import PASSWORD

pytestmark = pytest.mark.browser

MAKING = 240_000  # milliseconds; seconds on a quiet machine, but tests share theirs
FACES = [("en", "light", WIDE), ("zh_CN", "dark", WIDE), ("en", "dark", PHONE), ("zh_CN", "light", PHONE)]
EN = {
    "organisation": "Organisation", "name": "Your name", "password": "Password", "sample": "Add the sample engagement",
    "begin": "Begin", "out": "Sign out", "mail": "Mail",
}  # fmt: skip
ZH = {
    "organisation": "组织", "name": "您的姓名", "password": "密码", "sample": "添加示例项目", "begin": "开始",
    "out": "退出登录", "mail": "邮箱",
}  # fmt: skip


def fill(page: Page, words: dict[str, str], *, sample: bool) -> None:
    """The form of the first visit, sent."""
    page.get_by_label(words["organisation"]).fill("Lanyard")
    page.get_by_label(words["name"]).fill("Nora Quist")
    page.get_by_label(words["mail"]).fill("nora@example.com")
    page.get_by_label(words["password"], exact=True).fill(PASSWORD)
    box = page.get_by_role("checkbox", name=words["sample"])
    expect(box).to_be_checked()
    if not sample:
        page.get_by_text(words["sample"]).click()
        expect(box).not_to_be_checked()
    page.get_by_role("button", name=words["begin"]).click()


def show_board(page: Page, url: str, title: str, name: str) -> None:
    """The board of the sample, seen in both themes and both sizes."""
    page.goto(f"{url}/board?project=HARBOUR")
    calm(page)
    expect(page.get_by_text(title).first).to_be_visible()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for size in (WIDE, PHONE):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.reload()
            calm(page)
            picture(page, f"sample-board-{name}-{theme}-{'phone' if size == PHONE else 'wide'}")


def test_the_first_account_comes_in_with_the_sample_engagement(new_server, windows):
    page = windows.open(new_server.url)
    fill(page, EN, sample=True)
    expect(page.get_by_text("Making the sample engagement")).to_be_visible(timeout=60_000)
    picture(page, "first-visit-making")
    expect(page.get_by_role("button", name=EN["out"])).to_be_visible(timeout=MAKING)
    show_board(page, new_server.url, "Refund to the original payment method within 5 days", "en")


def test_whoever_began_without_the_sample_adds_it_from_the_empty_screen_in_chinese(new_server, windows):
    page = windows.open(new_server.url, language="zh_CN")
    fill(page, ZH, sample=False)
    expect(page.get_by_role("button", name=ZH["out"])).to_be_visible(timeout=60_000)
    calm(page)
    picture(page, "empty-offers-sample-zh_CN")
    accessible(page)
    page.get_by_role("button", name=ZH["sample"], exact=True).click()
    expect(page.get_by_text("正在建立示例项目")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("正在建立示例项目")).to_have_count(0, timeout=MAKING)
    show_board(page, new_server.url, "五日内原路退款", "zh_CN")
    expect(page.get_by_role("button", name=ZH["sample"])).to_have_count(0)


def test_what_is_wrong_is_said_and_what_was_typed_stays(new_server, windows):
    page = windows.open(new_server.url)
    page.get_by_label(EN["organisation"]).fill("Lanyard")
    page.get_by_label(EN["name"]).fill("Nora Quist")
    page.get_by_label(EN["mail"]).fill("nora@example.com")
    page.get_by_label(EN["password"], exact=True).fill("password")
    page.get_by_role("button", name=EN["begin"]).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label(EN["organisation"])).to_have_value("Lanyard")
    picture(page, "first-visit-refused")


def test_the_first_visit_looks_right_everywhere(new_server, windows):
    for language, theme, size in FACES:
        page = windows.open(new_server.url, language=language, theme=theme, size=size)
        expect(page.get_by_role("button", name=(EN if language == "en" else ZH)["begin"])).to_be_visible()
        picture(page, f"first-visit-{language}-{theme}-{'phone' if size == PHONE else 'wide'}")
        accessible(page)

"""Trash, hold and disposal on the screens, by the two people that it takes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import document_files
from tests.browser.conftest import PHONE, WIDE, accessible, calm, picture

pytestmark = pytest.mark.browser

WORDS = {
    "en": {
        "hold": "Legal hold", "why": "Why it must be kept", "place": "Place the hold", "trash": "Trash",
        "discard": "Put it into the trash", "held": "is under a legal hold by", "release": "Release",
        "reason": "Why it need not be kept any longer", "release it": "Release it", "retention": "Retention",
        "documents": "Documents", "can go": "Why they can go", "propose": "Propose", "two": "Somebody else has to confirm",
        "confirm": "Confirm", "dispose": "Dispose of them", "gone": "Disposed of", "in it": "DOC-01 is in the trash.",
    },
    "zh_CN": {
        "hold": "法律保全", "why": "必须保留的原因", "place": "设置保全", "trash": "回收站", "discard": "放入回收站",
        "held": "处于法律保全中", "release": "解除", "reason": "不必再保留的原因", "release it": "解除保全",
        "retention": "保管", "documents": "文档", "can go": "可以销毁的原因", "propose": "提出", "two": "须由另一人确认",
        "confirm": "确认", "dispose": "销毁", "gone": "已销毁", "in it": "DOC-01 已放入回收站。",
    },
}  # fmt: skip


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    calm(page)


def say(page: Page, label: str, text: str) -> None:
    field = page.get_by_role("textbox", name=label)
    field.fill(text)
    field.press("Tab")
    calm(page)


def quiet(page: Page) -> None:
    """What was said in passing is put away: Streamlit's toasts have no name for axe."""
    for toast in page.get_by_test_id("stToast").all():
        toast.get_by_role("button").click()
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    calm(page)


@pytest.mark.parametrize(("language", "theme", "size"), [("en", "light", WIDE), ("zh_CN", "dark", PHONE)])
def test_a_document_is_held_released_discarded_and_disposed_of_by_two(server, project, open_as, language, theme, size):
    words, face = WORDS[language], f"{language}-{theme}-{'phone' if size == PHONE else 'wide'}"
    (paper, _other) = server.build(
        document_files.filed, project=project.id, mail=project.people["manager"]["mail"],
        files=[{"name": "Old price list.txt"}, {"name": "Gate design.txt"}],
    )  # fmt: skip
    page = open_as("manager", f"/documents?document={paper}", language=language, theme=theme, size=size)
    press(page, words["hold"])
    say(page, words["why"], "claim 12")
    press(page, words["place"])
    expect(page.get_by_text("claim 12").first).to_be_visible()
    quiet(page)
    press(page, words["trash"])
    press(page, words["discard"])
    expect(page.get_by_text(words["held"])).to_be_visible()
    page.keyboard.press("Escape")
    press(page, words["release"])
    say(page, words["reason"], "settled")
    press(page, words["release it"])
    expect(page.get_by_text("claim 12")).to_have_count(0)
    quiet(page)
    press(page, words["trash"])
    picture(page, f"keeping-document-{face}")
    press(page, words["discard"])
    expect(page.get_by_text(words["in it"])).to_be_visible()
    expect(page.get_by_role("heading", name="Old price list")).to_have_count(0)

    page.goto(f"{server.url}/retention?project={project.code}")
    expect(page.get_by_role("heading", name=words["retention"])).to_be_visible()
    calm(page)
    expect(page.get_by_text("Old price list").first).to_be_visible()
    page.get_by_role("combobox", name=words["documents"]).click()
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    say(page, words["can go"], "filed by mistake")
    press(page, words["propose"])
    expect(page.get_by_text(words["two"]).first).to_be_visible()
    quiet(page)
    picture(page, f"keeping-proposed-{face}")
    accessible(page)

    second = open_as("admin", "/retention", language=language, theme=theme, size=size)
    press(second, words["confirm"])
    picture(second, f"keeping-confirm-{face}")
    press(second, words["dispose"])
    expect(second.get_by_role("heading", name=words["gone"])).to_be_visible()
    expect(second.get_by_text("filed by mistake")).to_be_visible()
    expect(second.get_by_text("Old price list")).to_have_count(0)
    picture(second, f"keeping-gone-{face}")


def test_a_project_goes_into_the_trash_and_comes_back(server, project, open_as):
    page = open_as("admin", "/administration?part=projects")
    row = page.locator(f".st-key-row-{project.id}")
    row.get_by_role("button", name="Trash", exact=True).click()
    page.get_by_role("dialog").get_by_role("textbox").fill("called off")
    calm(page)
    page.get_by_role("dialog").get_by_role("button", name="Put it into the trash").click()
    expect(page.get_by_text("These projects exist for nobody")).to_be_visible()
    theirs = open_as("member", "/documents")
    expect(theirs.get_by_text("You are in no project yet")).to_be_visible()
    quiet(page)
    picture(page, "keeping-project")
    row.get_by_role("button", name="Bring back", exact=True).click()
    calm(page)
    theirs.reload()
    calm(theirs)
    expect(theirs.get_by_role("link", name="Documents")).to_be_visible()

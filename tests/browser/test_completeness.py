"""Classes, templates and completeness on the screens: made, looked at, filled in, asked for by a phase."""

from __future__ import annotations

import re

import docx
import pytest
from playwright.sync_api import expect

from tests.browser import document_files
from tests.browser.conftest import accessible, calm, picture

pytestmark = pytest.mark.browser


def quiet(page):
    """What was said in passing is put away: Streamlit's toasts have no name for axe."""
    for toast in page.get_by_test_id("stToast").all():
        toast.get_by_role("button").click()
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    calm(page)


def test_a_document_is_made_from_its_template_and_says_what_it_lacks(open_as, project):
    page = open_as("manager", "/documents")
    expect(page.get_by_text("Still needed in the phase Initiation")).to_be_visible()
    page.get_by_role("button", name="Make it").first.click()
    page.get_by_label("Title", exact=True).fill("Plan of the pilot")
    page.get_by_role("button", name="Make the document").click()
    expect(page.get_by_role("row", name=re.compile("Plan of the pilot"))).to_contain_text("draft")
    expect(page.get_by_text("The section “Goals” still holds text of the template.")).to_be_visible()
    expect(page.get_by_text("7 gaps")).to_be_visible()
    quiet(page)
    picture(page, "documents-completeness")
    accessible(page)
    page.get_by_role("button", name="Fill in").click()
    page.get_by_label("Valid from", exact=True).fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("“Valid from” is a day: 2026-11-24.")).to_be_visible()
    page.get_by_label("Valid from", exact=True).fill("2026-12-01")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("dd", has_text="2026-12-01")).to_be_visible()
    page.goto(page.url.split("/documents")[0] + f"/overview?project={project.code}")
    expect(page.get_by_text("Plan of the pilot is not complete")).to_be_visible()


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh_CN", "dark")])
def test_phases_are_planned_and_a_gate_holds(open_as, project, server, language, theme):
    words = {
        "en": (
            "Change",
            "It closes only when its documents are there",
            "Save",
            "Close the phase",
            "can't be closed yet",
        ),
        "zh_CN": ("修改", "所需文档齐备后方可关闭", "保存", "关闭阶段", "暂时不能关闭"),
    }[language]
    server.build(
        document_files.filed, project=project.id, mail=project.people["manager"]["mail"],
        files=[{"name": "plan.txt", "class_": "plan"}],
    )  # fmt: skip
    page = open_as("manager", "/completeness", language=language, theme=theme)
    page.get_by_role("button", name=words[0], exact=True).first.click()
    page.get_by_text(words[1]).click()
    page.get_by_role("button", name=words[2], exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name=words[3], exact=True).first.click()
    expect(page.get_by_text(re.compile(words[4]))).to_be_visible()
    quiet(page)
    picture(page, f"phases-{language}-{theme}")
    accessible(page)


def test_an_administrator_changes_what_a_class_asks_for(open_as, project):
    page = open_as("admin", "/classes")
    page.get_by_label("People who approve", exact=True).fill("2")
    page.get_by_label("File names", exact=True).fill("{password}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile("there is no “password”"))).to_be_visible()
    assert page.get_by_label("People who approve", exact=True).input_value() == "2"
    page.get_by_label("File names", exact=True).fill("{project}-{title}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Documents are looked at by the new rules")).to_be_visible()
    expect(page.get_by_text("not as shipped", exact=True)).to_be_visible()
    quiet(page)
    picture(page, "classes")
    accessible(page)
    page.get_by_role("button", name="As shipped").click()
    expect(page.get_by_text("not as shipped", exact=True)).to_have_count(0)


def pick(page, label, option):
    """Choose in a select box of the window."""
    page.get_by_role("dialog").get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    calm(page)


def house_style(tmp_path, *lines):
    file = docx.Document()
    for line in lines:
        file.add_paragraph(line)
    file.save(tmp_path / "house.docx")
    return tmp_path / "house.docx"


def test_an_own_word_file_takes_the_place_of_the_template_and_a_class_asks_for_more(open_as, project, server, tmp_path):
    server.build(
        document_files.filed, project=project.id, mail=project.people["manager"]["mail"],
        files=[{"name": "plan.txt", "class_": "test"}],
    )  # fmt: skip
    page = open_as("admin", "/classes?class=test")
    page.get_by_role("button", name="Another file").first.click()
    page.locator("input[type=file]").set_input_files(house_style(tmp_path, "For {{client.nam}}"))
    page.get_by_role("button", name="Use this file").click()
    expect(page.get_by_text(re.compile("There is no {{client.nam}}; it stands in the text"))).to_be_visible()
    picture(page, "template-refused")
    accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Another file").first.click()
    calm(page)
    expect(page.locator("input[type=file]")).to_have_count(1)
    page.locator("input[type=file]").set_input_files(
        house_style(tmp_path, "For {{client.name}}", "[Say what is tested.]")
    )
    page.get_by_role("button", name="Use this file").click()
    expect(page.get_by_text("house.docx, number 1, by")).to_be_visible()
    quiet(page)
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Fetch the template, English").click()
    assert fetched.value.suggested_filename == "house.docx"
    page.get_by_role("button", name="Least clearance: none").click()
    pick(page, "Least clearance", "confidential")
    expect(page.get_by_text(re.compile("Will see less: .*Viewer One"))).to_be_visible()
    picture(page, "class-least")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("button", name="Least clearance: confidential")).to_be_visible()
    quiet(page)
    picture(page, "classes-own-template")
    accessible(page)
    own = open_as("manager", "/documents")
    own.locator("input[type=file]").first.set_input_files(
        {"name": "cases.txt", "mimeType": "text/plain", "buffer": b"what is tested"}
    )
    expect(own.locator(".readers")).not_to_contain_text("The class asks for")
    own.get_by_label("Class of cases.txt").select_option(label="Test")
    expect(own.locator(".readers")).to_contain_text("The class asks for confidential at least")
    expect(own.locator(".readers")).not_to_contain_text("Viewer One")
    own.get_by_role("button", name="Send 1").click()
    expect(own.get_by_text("It is confidential: its class asks for that at least.")).to_be_visible()
    own.get_by_role("button", name="From template").click()
    pick(own, "Class", "Test")
    expect(own.get_by_text("The class asks for confidential at least")).to_have_count(0)
    pick(own, "Who may read it", "internal")
    expect(own.get_by_text("The class asks for confidential at least, so that is what it gets.")).to_be_visible()
    picture(own, "template-least")
    own.get_by_role("button", name="Make the document").click()
    expect(own.get_by_text("Text of the template still stands before the first section.")).to_be_visible()
    page.get_by_role("button", name="As shipped").last.click()  # classes are everybody's: as they were
    expect(page.get_by_role("button", name="As shipped")).to_have_count(1)
    page.get_by_role("button", name="As shipped").click()
    expect(page.get_by_role("button", name="Least clearance: none")).to_be_visible()

"""A document's whole life on the screen: filed, reviewed by another person, approved, changed, restored, withdrawn."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser import document_files
from tests.browser.conftest import WIDE, accessible, calm, pick, picture

pytestmark = pytest.mark.browser

WORDS = {
    "en": {
        "ask": "Ask for review", "who": "Who is asked", "do": "Ask", "in review": "in review",
        "why": "Why, or what to change", "changes": "Ask for changes", "approve": "Approve", "approved": "approved",
        "mine": "My reviews", "draft": "draft", "restore": "Restore", "restore it": "Restore it", "remark": "Remark",
        "section": "Section", "send remark": "Add the remark", "check out": "Check out", "what for": "What for",
        "check it out": "Check it out", "end": "End the check-out", "reason": "Reason", "end it": "End it",
        "noted": "I have read it", "withdraw": "Withdraw", "withdraw it": "Withdraw the approval", "withdrawn": "withdrawn",
        "several": "Fetch several", "zip": "Fetch 1 file as a zip", "gets": "You get version 2, which is approved.",
    },
    "zh_CN": {
        "ask": "发起评审", "who": "评审人", "do": "发起", "in review": "评审中",
        "why": "理由或修改要求", "changes": "要求修改", "approve": "批准", "approved": "已批准",
        "mine": "待我评审", "draft": "草稿", "restore": "恢复旧版", "restore it": "确认恢复", "remark": "评审意见",
        "section": "章节", "send remark": "提交意见", "check out": "签出", "what for": "事由",
        "check it out": "确认签出", "end": "终止签出", "reason": "原因", "end it": "确认终止",
        "noted": "知道了", "withdraw": "撤回批准", "withdraw it": "确认撤回批准", "withdrawn": "已撤回",
        "several": "批量下载", "zip": "打包下载 1 个文件", "gets": "您看到的是已批准的第 2 版。",
    },
}  # fmt: skip


def press(page, words):
    page.get_by_role("button", name=words, exact=True).last.click()
    calm(page)


def file_it(server, project, text, **about):
    (found,) = server.build(
        document_files.filed, project=project.id, mail=project.people["member"]["mail"],
        files=[{"name": "plan.txt", "title": "Plan", "text": text, "clearance": "public"} | about],
    )  # fmt: skip
    return found


def again(page):
    page.reload()
    calm(page)


def stands(page, *words):
    """What the line under the section's title says."""
    for one in words:
        expect(page.locator(".ac-standing")).to_contain_text(one)


def asks(page, words, *names):
    press(page, words["ask"])
    for name in names:
        pick(page, words["who"], name)
    page.keyboard.press("Escape")
    press(page, words["do"])
    stands(page, words["in review"])


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh_CN", "dark")])
def test_two_people_take_a_document_through_its_whole_life(open_as, server, project, language, theme):
    words = WORDS[language]
    document = file_it(server, project, "first")
    path = "/documents?document=DOC-01&project=" + project.code
    author = open_as("member", path, language=language, theme=theme, size=WIDE)
    calm(author)
    stands(author, "v1", words["draft"])
    expect(author.get_by_role("button", name=words["approve"], exact=True)).to_have_count(0)
    asks(author, words, "Manager One")

    lead = open_as("manager", path, language=language, theme=theme, size=WIDE)
    calm(lead)
    expect(lead.get_by_text(words["mine"])).to_be_visible()
    press(lead, words["remark"])
    lead.get_by_label(words["section"], exact=True).fill("3.2")
    lead.get_by_label(words["remark"], exact=True).fill("Which gate?")
    press(lead, words["send remark"])
    expect(lead.get_by_text("Which gate?")).to_be_visible()
    press(lead, words["changes"])
    stands(lead, words["in review"])  # without a reason nothing happens
    lead.get_by_label(words["why"]).fill("The gate is missing")
    picture(lead, f"review-asked-{language}")
    accessible(lead)
    press(lead, words["changes"])
    stands(lead, words["draft"])
    expect(lead.get_by_text(words["mine"])).to_have_count(0)

    file_it(server, project, "second", document=document)
    again(author)
    stands(author, "v2", words["draft"])
    asks(author, words, "Client One", "Manager One")
    again(lead)
    press(lead, words["approve"])
    stands(lead, words["in review"])
    client = open_as("client", path, language=language, theme=theme, size=WIDE)
    calm(client)
    press(client, words["approve"])
    stands(client, words["approved"])

    file_it(server, project, "third", document=document)
    again(client)
    stands(client, words["gets"])
    picture(client, f"review-client-{language}")
    press(client, words["several"])
    with client.expect_download() as came:
        client.get_by_role("link", name=words["zip"]).click()
    with zipfile.ZipFile(io.BytesIO(came.value.path().read_bytes())) as archive:
        assert archive.read("plan.txt") == b"second"

    again(author)
    press(author, words["check out"])
    author.get_by_label(words["what for"], exact=True).fill("Prices")
    press(author, words["check it out"])
    again(lead)
    press(lead, words["end"])
    lead.get_by_label(words["reason"], exact=True).fill("The client waits")
    press(lead, words["end it"])
    again(author)
    expect(author.get_by_role("status").filter(has_text="The client waits")).to_be_visible()
    press(author, words["noted"])
    expect(author.get_by_role("status").filter(has_text="The client waits")).to_have_count(0)
    press(author, words["restore"])
    press(author, words["restore it"])
    stands(author, "v4", words["draft"])

    again(lead)
    press(lead, words["withdraw"])
    lead.get_by_label(words["reason"], exact=True).fill("Wrong prices")
    press(lead, words["withdraw it"])
    # While the sheet is drawn anew the list may be there twice for a moment.
    expect(lead.locator(".ac-versions")).to_have_count(1)
    expect(lead.locator(".ac-versions")).to_contain_text(words["withdrawn"])
    picture(lead, f"review-life-{language}")
    accessible(lead)

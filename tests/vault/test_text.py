"""The text of files of every kind, with the place where it stands; and files that mean harm."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pypdf
import pytest

from vault import text

FOLDERS = [Path(__file__).parents[n].parent / "shared" / "samples" / "documents" for n in (2, 3)]
SAMPLES = next((folder for folder in FOLDERS if folder.exists()), FOLDERS[0])


def placed(content, name):
    """outcome, and (kind, label, text) of each place."""
    found = text.taken(content, name)
    return found.outcome, [(p.kind, p.label, p.text) for p in found.places]


def saved(made):
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def word_file():
    made = docx.Document()
    made.add_paragraph("Before any heading")
    made.add_heading("Scope", 1)
    made.add_paragraph("Gates at every station")
    made.add_table(1, 1).cell(0, 0).text = "in a cell"
    made.sections[0].header.paragraphs[0].text = "Harbour Line"
    return saved(made)


def test_word_gives_what_stands_below_each_heading_and_its_header():
    assert placed(word_file(), "a.docx") == (
        "text",
        [
            ("heading", "", "Before any heading"), ("heading", "Scope", "Scope\n\nGates at every station\n\nin a cell"),
            ("part", "header", "Harbour Line"),
        ],
    )  # fmt: skip


def test_a_workbook_gives_its_sheets():
    book = openpyxl.Workbook()
    book.active.title = "Costs"
    book.active.append(["Gate", 1200, None, "pilot"])
    book.create_sheet("Empty")
    assert placed(saved(book), "a.xlsx") == ("text", [("sheet", "Costs", "Gate  1200  pilot")])


def test_slides_give_their_numbers_and_notes():
    slide = '<p:sld xmlns:p="p" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>'
    content = zipped(**{
        "[Content_Types].xml": "<Types/>", "ppt/slides/slide1.xml": slide.format("first"),
        "ppt/slides/slide10.xml": slide.format("last"), "ppt/slides/slide2.xml": slide.format("second"),
        "ppt/notesSlides/notesSlide2.xml": slide.format("say this"),
    })  # fmt: skip
    assert placed(content, "a.pptx")[1] == [
        ("slide", "1", "first"), ("slide", "2", "second\n\nsay this"), ("slide", "10", "last"),
    ]  # fmt: skip


def test_a_pdf_gives_its_pages():
    writer = pypdf.PdfWriter()
    for words in ("first page", "second page"):
        page = writer.add_blank_page(300, 300)
        stream = pypdf.generic.DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 10 100 Td ({words}) Tj ET".encode())
        font = pypdf.generic.DictionaryObject({
            pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Font"),
            pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/Type1"),
            pypdf.generic.NameObject("/BaseFont"): pypdf.generic.NameObject("/Helvetica"),
        })  # fmt: skip
        fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F1"): font})
        page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
            {pypdf.generic.NameObject("/Font"): fonts}
        )
        page[pypdf.generic.NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    assert placed(out.getvalue(), "a.pdf") == ("text", [("page", "1", "first page"), ("page", "2", "second page")])


def test_a_pdf_of_scans_says_image_only():
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    assert placed(out.getvalue(), "scan.pdf") == ("image-only", [])
    assert placed(b"\x89PNG\r\n\x1a\n" + b"0" * 100, "a.png") == ("image-only", [])


def test_a_mail_gives_its_head_its_text_and_what_is_attached():
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Gates", "ana@example.com", "li@example.com"
    mail.set_content("The gates open.")
    mail.add_alternative("<p>The gates open.</p>", subtype="html")
    mail.add_attachment(word_file(), maintype="application", subtype="octet-stream", filename="design.docx")
    outcome, places = placed(bytes(mail), "a.eml")
    assert outcome == "text"
    assert places[0] == ("mail", "Gates", "Gates\n\nana@example.com\n\nli@example.com")
    assert places[1] == ("mail", "Gates", "The gates open.")
    assert ("part", "design.docx, Scope", "Scope\n\nGates at every station\n\nin a cell") in places


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_text_is_read_in_the_encoding_it_stands_in(encoding):
    words = "需求变更须经客户书面确认，方可进入设计阶段。"
    assert placed(words.encode(encoding), "a.txt") == ("text", [("", "", words)])


def test_latin_text_is_not_taken_for_chinese():
    words = "Größe und Übergabe: für die Anlage müssen Prüfpläne vollständig vorliegen, schließlich zählt das Ergebnis."
    assert placed(words.encode("latin-1"), "a.txt")[1] == [("", "", words)]


@pytest.mark.parametrize(
    ("name", "content", "places"),
    [
        ("a.md", b"intro\n# One\nfirst\n## Two\nsecond",
         [("heading", "", "intro"), ("heading", "One", "One\n\nfirst"), ("heading", "Two", "Two\n\nsecond")]),
        ("a.csv", b"gate,cost\nnorth,12\n", [("", "", "gate  cost\n\nnorth  12")]),
        ("a.html", b"<html><head><title>T</title></head><body><h1>One</h1><p>fi<b>rst</b></p><script>no</script></body></html>",
         [("heading", "One", "One\n\nfirst")]),
        ("a.rtf", rb"{\rtf1\ansi{\fonttbl\f0 Arial;}\f0 Hello \b gates\b0 .\par}", [("", "", "Hello gates.")]),
        ("a.zip", zipped(**{"a/one.txt": "1", "two.txt": "2"}), [("listing", "", "a/one.txt\n\ntwo.txt")]),
        ("a.odt", zipped(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml":
            '<d xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><t:h>One</t:h><t:p>fi<t:span>rst</t:span></t:p></d>'}),
         [("heading", "One", "One\n\nfirst")]),
    ],
)  # fmt: skip
def test_other_kinds_give_their_text(name, content, places):
    assert placed(content, name) == ("text", places)


def test_what_is_tracked_as_deleted_is_not_found():
    made = docx.Document()
    paragraph = made.add_paragraph("kept ")
    deleted = docx.oxml.parse_xml(
        '<w:del xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:id="1" w:author="a">'
        "<w:r><w:delText>gone</w:delText></w:r></w:del>"
    )
    paragraph._p.append(deleted)
    assert placed(saved(made), "a.docx")[1] == [("heading", "", "kept")]


@pytest.mark.parametrize(
    ("name", "content", "outcome"),
    [
        ("a.docx", b"PK\x03\x04 not an archive", "unreadable"), ("a.pdf", b"%PDF-1.7 broken", "unreadable"),
        ("a.bin", bytes(range(256)) * 20, "none"), ("a.txt", b" \n ", "image-only"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_ends_as_an_outcome(name, content, outcome):
    assert text.taken(content, name).outcome == outcome


def test_a_child_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(text._CHILDREN, "seconds", 0.0)
    assert text.taken(word_file(), "a.docx").outcome == "timeout"
    monkeypatch.undo()
    assert text.taken(word_file(), "a.docx").outcome == "text"


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("asvs-4.0.3-en.docx", "text"), ("asvs-3.0.1.xlsx", "text"), ("simple-macro.docm", "text"), ("umlaut.eml", "text"),
        ("password-is-pass.docx", "password-protected"), ("truncated.docx", "unreadable"), ("xml-bomb.xlsx", "unreadable"),
        ("external-entity.docx", "text"), ("slow-bug65649.docx", "text"),
    ],
)  # fmt: skip
def test_samples_that_are_real_or_hostile_end_as_they_should(name, outcome):
    found = text.taken((SAMPLES / name).read_bytes(), name)
    assert found.outcome == outcome
    assert "root:" not in "".join(place.text for place in found.places)

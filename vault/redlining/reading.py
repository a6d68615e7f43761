"""Any file that holds text, as sections of blocks. Runs in the child.

A section is what has its counterpart by name in the other file: the body, the headers, a sheet.
"""

from __future__ import annotations

import csv
import email
import email.policy
import io
import re
from dataclasses import dataclass, field
from email.message import EmailMessage

from vault import inspection_child
from vault.redlining import word
from vault.redlining.blocks import Block, Place, row
from vault.redlining.word import Package
from vault.redlining.words import CJK

Sections = dict[tuple[str, str], list[Block]]

LINES = 200_000  # blocks of one file; more is not for reading
CELLS = 2_000_000


class Unreadable(Exception):
    """The file can't be compared; the argument is the code of the reason."""


@dataclass
class Read:
    """A file's text. `kind` is docx, xlsx, pdf, csv, html, eml or text."""

    kind: str
    sections: Sections = field(default_factory=dict)
    package: Package | None = None

    def flat(self) -> list[Block]:
        """All blocks in one list, for a comparison with a file of another kind."""
        return [block for some in self.sections.values() for block in some]


def read(content: bytes, name: str) -> Read:
    """The text of a file. Raises Unreadable."""
    found = inspection_child.look(content, name, True)
    if "refusal" in found:
        raise Unreadable(str(found["refusal"]))
    warnings = found.get("warnings", ())
    if isinstance(warnings, list) and "password-protected" in warnings:
        raise Unreadable("password-protected")
    media_type = str(found["media_type"])
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    try:
        if media_type == inspection_child.OOXML["word/"]:
            package = word.opened(content)
            return Read("docx", word.Reader(package).sections(), package)
        if media_type == inspection_child.OOXML["xl/"]:
            return Read("xlsx", _sheets(content))
        if media_type == "application/pdf":
            return Read("pdf", {("body", ""): _pages(content)})
        if media_type.startswith("text/") or media_type in TEXTS or ending in ENDINGS:
            return _text(content, ending)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # whatever a hostile file does to a parser is one thing to us
        raise Unreadable("unreadable") from error
    raise Unreadable("unreadable" if isinstance(warnings, list) and "unreadable" in warnings else "no-text")


TEXTS = ("message/rfc822", "application/json", "application/xml", "image/svg+xml")
ENDINGS = ("eml", "md", "txt", "csv", "html", "htm")


def _sheets(content: bytes) -> Sections:
    """Rows of cells; a formula is compared as it is written."""
    import openpyxl
    from openpyxl.utils import get_column_letter

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    found: Sections = {}
    count = 0
    for sheet in book.worksheets:
        rows = found.setdefault(("sheet", sheet.title), [])
        sheet.reset_dimensions()  # what a file claims about its size is often wrong
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            texts = [_cell(value) for value in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                count += len(texts)
                if count > CELLS or len(rows) > LINES:
                    raise Unreadable("too-long")
                place: Place = (("sheet", sheet.title),)
                rows.append(row(texts, place, at=f"A{number}:{get_column_letter(len(texts))}{number}"))
    return found


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    formula = getattr(value, "text", None)  # an array formula
    return str(formula if isinstance(formula, str) else value)


def _pages(content: bytes) -> list[Block]:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("password-protected")
    found: list[Block] = []
    for number, page in enumerate(reader.pages, 1):
        place: Place = (("page", str(number)),)
        found += [Block("paragraph", text, place) for text in paragraphs(page.extract_text() or "")]
        if len(found) > LINES:
            raise Unreadable("too-long")
    if not found:
        raise Unreadable("image-only")
    return found


def paragraphs(text: str) -> list[str]:
    """Lines put together into paragraphs, because a page breaks them anew after each change.

    >>> paragraphs("Gates open within\\n400 ms.\\nTickets are read once.")
    ['Gates open within 400 ms.', 'Tickets are read once.']
    """
    found: list[str] = []
    whole = True
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            whole = True
            continue
        begins = re.match(r"[-•·*–]|\(?\w{1,3}[.)]|\d+(?:\.\d+)*\s", line)
        if whole or begins or (found and len(found[-1]) < 40 and line[:1].isupper()):
            found.append(line)
        else:
            between = "" if re.search(rf"[{CJK}]$", found[-1]) and re.match(rf"[{CJK}]", line) else " "
            found[-1] += between + line
        whole = bool(re.search(r"[.!?:;。！？：；]$", line))
    return found


def decoded(content: bytes) -> str:
    """A text in an encoding that people use."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _text(content: bytes, ending: str) -> Read:
    if ending == "eml":
        return Read("eml", _mail(content))
    text = decoded(content)
    if ending == "csv":
        return Read("csv", {("body", ""): _table(text)})
    if ending in ("html", "htm"):
        return Read("html", {("body", ""): _page(text)})
    return Read("text", {("body", ""): _lines(text, headings=ending == "md")})


def _lines(text: str, *, headings: bool = False) -> list[Block]:
    lines = text.splitlines()
    if len(lines) > LINES:
        raise Unreadable("too-long")
    path: list[str] = []
    found = []
    fenced = False
    for line in lines:
        fenced ^= line.lstrip().startswith("```")
        title = re.match(r"(#{1,6})\s+(.*?)\s*#*$", line) if headings and not fenced else None
        if title:
            level = len(title[1])
            path = [*path[: level - 1], *[""] * (level - 1 - len(path)), title[2][:90]]
        place: Place = tuple(("heading", step) for step in path if step)
        found.append(Block("heading" if title else "line", line, place, len(title[1]) if title else 0))
    return found


def _table(text: str) -> list[Block]:
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:8192], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    csv.field_size_limit(10 << 20)
    found = []
    for number, cells in enumerate(csv.reader(io.StringIO(text), dialect), 1):
        if cells:
            found.append(row(cells, (), at=str(number)))
        if number > LINES:
            raise Unreadable("too-long")
    return found


APART = frozenset({
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "table", "tr", "section", "article", "header",
    "footer", "main", "blockquote", "pre", "br", "hr", "dt", "dd", "figure", "figcaption", "nav", "aside", "form", "td", "th",
})  # fmt: skip
UNSEEN = frozenset({"script", "style", "template", "noscript", "head"})


def _page(text: str) -> list[Block]:
    """The text of a web page, a block for each of its own."""
    from lxml import html

    if not text.strip():
        return []
    root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    lines: list[list[str]] = [[]]

    def walk(element) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        if not isinstance(element.tag, str) or element.tag in UNSEEN:
            return
        if element.tag in APART:
            lines.append([])
        lines[-1].append(element.text or "")
        for child in element:
            walk(child)
            lines[-1].append(child.tail or "")
        if element.tag in APART:
            lines.append([])

    walk(root)
    joined = (" ".join("".join(line).split()) for line in lines)
    return [Block("line", line) for line in joined if line]


def _mail(content: bytes) -> Sections:
    """The header lines that people read, the text, and the names of what is attached."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    head: Place = (("mail header", ""),)
    known = [(name, message[name]) for name in ("From", "To", "Cc", "Date", "Subject")]
    found: Sections = {("mail header", ""): [Block("line", f"{n}: {v}", head) for n, v in known if v]}
    body: list[Block] = []
    attached: list[Block] = []
    if isinstance(message, EmailMessage):
        chosen = message.get_body(("plain", "html"))
        if chosen is not None:
            text = chosen.get_content()
            body = _page(text) if chosen.get_content_subtype() == "html" else _lines(text)
        for part in message.iter_attachments():
            attached.append(Block("line", part.get_filename() or part.get_content_type(), (("attachment", ""),)))
    return found | {("body", ""): body, ("attachment", ""): attached}

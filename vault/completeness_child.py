"""Reads what completeness needs out of a file that may be hostile. Run by vault/completeness.py as `python -I`.

Takes requests as vault/children.py sends them; answers with one line of JSON: headings with whether
anything stands below them, what is left of the template, comments nobody has settled, tracked changes.
"""

from __future__ import annotations

import io
import re
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # -I leaves out the script's own folder

from lxml import etree

from vault import child, inspection_child

PART = 96 * 1024 * 1024  # bytes of XML that a part may hold
MOST = 200  # places that are named of one kind; more are counted
SHOWN = 80  # characters of what somebody wrote
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
CHANGES = {W + name for name in (
    "ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange",
    "sectPrChange", "cellIns", "cellDel", "cellMerge", "numberingChange",
)}  # fmt: skip
PICTURES = {W + "drawing", W + "pict", W + "object"}


@dataclass
class Heading:
    """A heading with what was met below it, down to the next one of its own height."""

    text: str
    level: int
    at: int
    path: list[str]
    filled: bool = False
    placeholders: list[str] = field(default_factory=list)


@dataclass
class Outline:
    """What was met in a file so far; `at` is the number of the paragraph."""

    guidance: list[str]
    names: list[str]
    headings: list[Heading] = field(default_factory=list)
    open: list[Heading] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    tracked: int = 0
    at: int = 0

    @property
    def path(self) -> list[str]:
        """The headings that what comes now stands below."""
        return [one.text for one in self.open]

    def heading(self, text: str, level: int) -> None:
        """A heading begins."""
        while self.open and self.open[-1].level >= level:
            self.open.pop()
        one = Heading(text[:SHOWN], level, self.at, self.path)
        self.open.append(one)
        self.headings.append(one)

    def text(self, words: str, marked: bool) -> None:
        """Something stands here; `marked` when the file itself says that it is to be replaced."""
        left = words if marked else left_of_template(words, self.guidance, self.names)
        for one in self.open:
            one.filled = one.filled or not left
        if left and self.open and len(self.open[-1].placeholders) < MOST:
            self.open[-1].placeholders.append(left[:SHOWN])
        if left and not self.open and len(self.before) < MOST:
            self.before.append(left[:SHOWN])

    def filled(self) -> None:
        """A picture stands here."""
        for one in self.open:
            one.filled = True

    def changed(self, count: int) -> None:
        """Tracked changes in this paragraph."""
        self.tracked += count
        if len(self.changes) < MOST:
            self.changes.append({"path": self.path, "at": self.at, "count": count})

    def answer(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "read": True, "headings": [vars(one) for one in self.headings], "before": self.before,
            "comments": list(self.comments.values())[:MOST], "commented": len(self.comments),
            "changes": self.changes, "tracked": self.tracked,
        }  # fmt: skip


def plain(words: str) -> str:
    """Words as they are compared: width, case and blanks make no difference."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def left_of_template(words: str, guidance: list[str], names: list[str]) -> str:
    """What of a paragraph is still the template's; empty when nothing is."""
    whole = plain(words)
    if any(one and one in whole for one in guidance):
        return words.strip()
    found = re.search(r"{{\s*([\w.]+)\s*}}", words)
    return found[0] if found and found[1] in names else ""


# Word


def word(archive: zipfile.ZipFile, outline: Outline) -> dict[str, Any]:
    """The answer about a Word file."""
    names = set(archive.namelist())
    main = main_part(archive)
    styles = heading_styles(tree_of(archive, "word/styles.xml")) if "word/styles.xml" in names else {}
    body = tree_of(archive, main).find(W + "body")
    if "word/comments.xml" in names:
        done = (
            _settled(tree_of(archive, "word/commentsExtended.xml")) if "word/commentsExtended.xml" in names else set()
        )
        outline.comments = _comments(tree_of(archive, "word/comments.xml"), done)
    if body is not None:
        _blocks(body, outline, styles, False)
    for name in sorted(names):
        if re.fullmatch(r"word/(header|footer)\d*\.xml|word/(footnotes|endnotes)\.xml", name):
            count = sum(1 for one in tree_of(archive, name).iter() if one.tag in CHANGES)
            if count:
                outline.tracked += count
                outline.changes.append({"path": [], "at": 0, "count": count})
    return outline.answer()


def main_part(archive: zipfile.ZipFile) -> str:
    """The part of a Word file that holds its text."""
    for relation in tree_of(archive, "_rels/.rels"):
        if str(relation.get("Type", "")).endswith("/officeDocument"):
            return str(relation.get("Target", "")).lstrip("/")
    return "word/document.xml"


def tree_of(archive: zipfile.ZipFile, name: str) -> Any:
    """A part's XML. Raises ValueError or the parser's error for what is none, or too much of it."""
    with archive.open(name) as source:
        xml = source.read(PART + 1)
    if len(xml) > PART:
        raise ValueError("too much XML")
    inspection_child.refuse_dtd(xml)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    return etree.fromstring(xml, parser)


def heading_styles(tree: Any) -> dict[str, int]:
    """Style -> the level of heading that it makes, by its outline or its name, through what it rests on."""
    own: dict[str, tuple[int | None, str]] = {}
    for style in tree.iter(W + "style"):
        key = style.get(W + "styleId")
        name, based = style.find(W + "name"), style.find(W + "basedOn")
        level: int | None = outline_level(style.find(W + "pPr"))
        named = re.fullmatch(r"heading ([1-9])", (name.get(W + "val") or "").lower()) if name is not None else None
        if level is None and named:
            level = int(named[1])
        if key:
            own[key] = (level, (based.get(W + "val") or "") if based is not None else "")
    found: dict[str, int] = {}
    for key in own:
        at, seen = key, set[str]()
        while at in own and at not in seen:
            seen.add(at)
            level, based = own[at]
            if level is not None:
                found[key] = level
                break
            at = based
    return {key: level for key, level in found.items() if level <= 9}


def outline_level(properties: Any) -> int | None:
    """The outline level that properties say: 1 to 9 for headings, 10 for body text, None when they don't."""
    outline = properties.find(W + "outlineLvl") if properties is not None else None
    value = outline.get(W + "val") if outline is not None else None
    return int(value) + 1 if value and value.isdigit() else None


def _settled(tree: Any) -> set[str]:
    """Paragraphs of comments that are settled, or that answer another one."""
    return {
        str(one.get(W15 + "paraId"))
        for one in tree.iter(W15 + "commentEx")
        if one.get(W15 + "done") in ("1", "true") or one.get(W15 + "paraIdParent")
    }


def _comments(tree: Any, settled: set[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in tree.iter(W + "comment"):
        paragraphs = list(one.iter(W + "p"))
        if paragraphs and str(paragraphs[-1].get(W14 + "paraId")) in settled:
            continue
        words = "".join(t.text or "" for t in one.iter(W + "t"))
        found[str(one.get(W + "id"))] = {
            "path": [], "at": 0, "who": (one.get(W + "author") or "")[:SHOWN], "text": words[:SHOWN],
        }  # fmt: skip
    return found


def _blocks(parent: Any, outline: Outline, styles: dict[str, int], showing: bool, *, cell: bool = False) -> None:
    """What stands in a part of the document, block by block."""
    for block in parent:
        if block.tag == W + "p":
            _paragraph(block, outline, styles, showing, cell)
        elif block.tag == W + "tbl":
            _table(block, outline, styles, showing)
        elif block.tag == W + "sdt":
            content = block.find(W + "sdtContent")
            if content is not None:
                _blocks(content, outline, styles, showing or _shows(block), cell=cell)
        elif block.tag in CHANGES:
            outline.changed(1)
            _blocks(block, outline, styles, showing, cell=cell)
        elif block.tag in (W + "customXml", W + "smartTag"):
            _blocks(block, outline, styles, showing, cell=cell)


def _shows(control: Any) -> bool:
    """Whether a content control still shows what invites to write."""
    about = control.find(W + "sdtPr")
    shows = about.find(W + "showingPlcHdr") if about is not None else None
    return shows is not None and shows.get(W + "val", "1") not in ("0", "false", "off")


def _paragraph(block: Any, outline: Outline, styles: dict[str, int], showing: bool, cell: bool) -> None:
    outline.at += 1
    about = block.find(W + "pPr")
    style = about.find(W + "pStyle") if about is not None else None
    level = outline_level(about)
    if level is None and style is not None:
        level = styles.get(style.get(W + "val") or "")
    words = "".join(_words(block))
    if level is not None and level <= 9 and words.strip() and not cell:
        outline.heading(words.strip(), level)
    elif words.strip():
        outline.text(words, showing or any(_shows(c) for c in block.iter(W + "sdt")))
    if any(one.tag in PICTURES for one in block.iter()):
        outline.filled()
    count = sum(1 for one in block.iter() if one.tag in CHANGES)
    if count:
        outline.changed(count)
    for mark in block.iter(W + "commentReference", W + "commentRangeStart"):
        met = outline.comments.get(str(mark.get(W + "id")))
        if met is not None and not met["at"]:
            met["path"], met["at"] = outline.path, outline.at


def _words(block: Any) -> Iterator[str]:
    """The text of a paragraph as it stands with every tracked change accepted."""
    for one in block.iter(W + "t", W + "tab", W + "br"):
        if any(above.tag in (W + "del", W + "moveFrom") for above in one.iterancestors() if above is not block):
            continue
        yield (one.text or "") if one.tag == W + "t" else " "


def _table(block: Any, outline: Outline, styles: dict[str, int], showing: bool) -> None:
    """A table whose first row stands alone is a heading that waits for rows."""
    rows = (
        list(block.iter(W + "tr"))
        if block.find(f".//{W}tbl") is None
        else [r for r in block.iter(W + "tr") if r.getparent() is block]
    )
    for place, row in enumerate(rows):
        head = place == 0 and len(rows) > 1
        if head:
            aside = Outline(outline.guidance, outline.names, comments=outline.comments, at=outline.at)
            aside.open = [Heading(one.text, one.level, one.at, one.path) for one in outline.open]
            _cells(row, aside, styles, showing)
            outline.at = aside.at
            outline.tracked += aside.tracked
            outline.changes += aside.changes
        else:
            _cells(row, outline, styles, showing)


def _cells(row: Any, outline: Outline, styles: dict[str, int], showing: bool) -> None:
    about = row.find(W + "trPr")
    count = sum(1 for one in about.iter() if one.tag in CHANGES) if about is not None else 0
    if count:
        outline.changed(count)
    for cell in row.iter(W + "tc"):
        if cell.getparent() is row or cell.getparent().tag == W + "sdtContent":
            _blocks(cell, outline, styles, showing, cell=True)


# Markdown


def markdown(content: bytes, outline: Outline) -> dict[str, Any]:
    """The answer about a text with headings that begin with #."""
    code = False
    for line in content.decode("utf-8-sig", "replace").splitlines():
        outline.at += 1
        if line.lstrip().startswith(("```", "~~~")):
            code = not code
        found = None if code else re.match(r"(#{1,6})\s+(.*?)\s*#*$", line)
        if found and found[2]:
            outline.heading(found[2], len(found[1]))
        elif line.strip() and not re.fullmatch(r"\s*<!--.*-->\s*", line):
            outline.text(line, False)
    return outline.answer()


def answer(about: dict[str, Any], content: bytes) -> dict[str, Any]:
    """What comes of one request."""
    outline = Outline([plain(one) for one in about["guidance"]], about["names"])
    if content[:4] == b"PK\x03\x04":
        part, _ = inspection_child.look_into_archive(content, [], "")
        if part != "word/":
            return {"read": False}
        return word(zipfile.ZipFile(io.BytesIO(content)), outline)
    if about["name"].lower().endswith((".md", ".markdown")):
        return markdown(content, outline)
    return {"read": False}


def main() -> None:
    """Answer until the parent goes."""
    child.give_up_rights()
    for about, content in child.requests():
        try:
            found = answer(about, content)
        except (Exception, MemoryError):  # whatever a hostile file does to a parser is one thing to us
            found = {"read": False, "failed": True}
        child.tell(found)


if __name__ == "__main__":
    main()

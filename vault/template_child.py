"""Reads and fills Word files that are to be templates. Run by vault/own_templates.py as `python -I`.

Takes requests as vault/children.py sends them, answers with a line of JSON, for a filled file with its
bytes behind it. A placeholder is a name between double braces. Word likes to split it over several runs,
so a paragraph's text is looked at as a whole. Values are put in once and never looked at again: what
stands in them is text. A row of a table that names a requirement or a person is repeated for each.
"""

from __future__ import annotations

import copy
import io
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # -I leaves out the script's own folder

from lxml import etree

from vault import child, inspection_child
from vault.completeness_child import PART, W14, W, heading_styles, main_part, outline_level, tree_of

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
PARAGRAPHS, TEXTS = (W + "p", A + "p"), (W + "t", A + "t")
BREAKS = {W + name for name in ("br", "cr", "tab", "ptab", "noBreakHyphen", "sym", "fldChar", "drawing")} | {A + "br"}
GONE = {W + "del", W + "moveFrom"}  # tracked changes: text that is there no more
ANCHORS = (W + "bookmarkStart", W + "bookmarkEnd", W + "commentRangeStart", W + "commentRangeEnd")
PLACEHOLDER = re.compile(r"{{\s*([A-Za-z_.]+)\s*}}")
BRACKETED = re.compile(r"(?:\[.*\]|【.*】|〔.*〕)", re.S)
UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML can't hold
CORE = "docProps/core.xml"
DC, CP = (
    "{http://purl.org/dc/elements/1.1/}",
    "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}",
)
TERMS, XSI = "{http://purl.org/dc/terms/}", "{http://www.w3.org/2001/XMLSchema-instance}"
MAIN_TYPES = (
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    b"application/vnd.ms-word.document.macroEnabled.main+xml",
    b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
)
DOCUMENT_TYPE = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MOST = 20  # problems that are named
SHOWN = 80  # characters of a paragraph
SHORTEST = 6  # characters of guidance that can be told from what people write
LONGEST_GUIDANCE = 400  # pieces of guidance that are kept


@dataclass(frozen=True)
class Known:
    """The names that may stand between braces, and those that belong into a row, by its kind."""

    names: frozenset[str]
    rows: Mapping[str, frozenset[str]]

    def kind(self, name: str) -> str:
        """The kind of row that a name belongs into; empty for one that stands anywhere."""
        return next((kind for kind, names in self.rows.items() if name in names), "")


def pieces(paragraph: Any) -> Iterator[Any]:
    """The elements with a paragraph's own text in their order; None for what takes words apart."""
    for one in paragraph:
        if one.tag in PARAGRAPHS or one.tag in GONE:
            continue  # a text box stands in a paragraph and has its own
        if one.tag in TEXTS:
            yield one
            continue
        if one.tag in BREAKS:
            yield None
        yield from pieces(one)


def words_of(paragraph: Any) -> str:
    """A paragraph's own text."""
    return "".join("\n" if one is None else one.text or "" for one in pieces(paragraph))


def fill(paragraph: Any, values: Mapping[str, str]) -> bool:
    """Put values in the place of names, however they are split; whether there was any."""
    own = list(pieces(paragraph))
    texts = ["\n" if one is None else one.text or "" for one in own]
    found = [m for m in PLACEHOLDER.finditer("".join(texts)) if m[1].lower() in values]
    for match in reversed(found):
        at, first = 0, True
        for place, text in enumerate(texts):
            begins, ends = max(match.start() - at, 0), min(match.end() - at, len(text))
            at += len(text)
            if begins >= ends:
                continue
            texts[place] = text[:begins] + (values[match[1].lower()] if first else "") + text[ends:]
            first = False
    for one, text in zip(own, texts, strict=True):
        if one is not None and one.text != text:
            one.text = text
            if one.tag == W + "t":
                one.set(XML_SPACE, "preserve")
    return bool(found)


def row_of(paragraph: Any) -> Any:
    """The row of a table that a paragraph stands in, None outside."""
    return next(paragraph.iterancestors(W + "tr"), None)


# looking


def look(archive: zipfile.ZipFile, known: Known) -> dict[str, Any]:
    """What a file names, what is wrong with that, and its guidance."""
    main = main_part(archive)
    used, problems, guidance = dict[str, None](), list[dict[str, Any]](), dict[str, None]()
    styles = heading_styles(tree_of(archive, "word/styles.xml")) if "word/styles.xml" in archive.namelist() else {}
    guiding = guiding_styles(archive)
    for part in parts(archive):
        heading, kinds = "", dict[Any, set[str]]()
        tree = tree_of(archive, part)
        if part.startswith("docProps/"):
            paragraphs = [one for one in tree.iter() if isinstance(one.tag, str) and not len(one)]
        else:
            paragraphs = list(tree.iter(*PARAGRAPHS))
        for paragraph in paragraphs:
            words = paragraph.text or "" if part.startswith("docProps/") else words_of(paragraph)
            row = row_of(paragraph)
            style, level = style_of(paragraph)
            if part == main and row is None and words.strip() and (level or styles.get(style)):
                heading = words.strip()[:SHOWN]
            if part == main and (style in guiding or BRACKETED.fullmatch(words.strip())):
                kept = max((piece.strip() for piece in PLACEHOLDER.split(words)[::2]), key=len)
                if len(kept) >= SHORTEST and len(guidance) < LONGEST_GUIDANCE:
                    guidance.setdefault(kept)
            if "{{" not in words and "}}" not in words:
                continue
            where = {
                "part": kind_of(part, main),
                "heading": heading,
                "table": row is not None,
                "quote": words.strip()[:SHOWN],
            }
            for kind, what in wrong(words, row, kinds, known):
                problems.append({"kind": kind, "what": what, **where})
            used |= dict.fromkeys(m[1].lower() for m in PLACEHOLDER.finditer(words))
    return {"names": list(used), "problems": problems[:MOST], "guidance": list(guidance)}


def wrong(words: str, row: Any, kinds: dict[Any, set[str]], known: Known) -> Iterator[tuple[str, str]]:
    """What of the placeholders in a paragraph can't be: (kind, what stands there). `kinds` is what rows name so far."""
    for match in PLACEHOLDER.finditer(words):
        name = match[1].lower()
        kind = known.kind(name)
        if not kind and name not in known.names:
            yield "unknown", match[0]
        if kind and row is None:
            yield "outside", match[0]
        elif kind:
            met = kinds.setdefault(row, set())
            above = {k for other in row.iterancestors(W + "tr") for k in kinds.get(other, ())}
            if (met | above) - {kind}:
                yield "mixed", match[0]
            met.add(kind)
    rest = PLACEHOLDER.sub("", words)
    for match in re.finditer(r"{{([^{}]*)}}", rest):
        yield "unknown", match[0]
    rest = re.sub(r"{{[^{}]*}}", "", rest)
    if "{{" in rest or "}}" in rest:
        yield "open", "{{" if "{{" in rest else "}}"


def parts(archive: zipfile.ZipFile) -> list[str]:
    """The parts that can hold text, the main one first."""
    main = main_part(archive)
    folder = main.rpartition("/")[0] + "/"
    found = [
        name
        for name in archive.namelist()
        if name.endswith(".xml") and (name.startswith(folder) or re.fullmatch(r"docProps/(core|app|custom)\.xml", name))
    ]
    return sorted(found, key=lambda name: (name != main, name))


def kind_of(part: str, main: str) -> str:
    """Where a part stands on the page: body, header, footer, note, properties or other."""
    if part == main:
        return "body"
    if part.startswith("docProps/"):
        return "properties"
    name = part.rpartition("/")[2]
    met = re.match(r"(header|footer|footnote|endnote)", name)
    return {"footnote": "note", "endnote": "note"}.get(met[1], met[1]) if met else "other"


def style_of(paragraph: Any) -> tuple[str, int | None]:
    """A paragraph's style, and the level of heading that it says itself."""
    about = paragraph.find(W + "pPr")
    if about is None:
        return "", None
    style, level = about.find(W + "pStyle"), outline_level(about)
    return (style.get(W + "val") or "") if style is not None else "", level if level and level <= 9 else None


def guiding_styles(archive: zipfile.ZipFile) -> set[str]:
    """The ids of the styles that are called Guidance."""
    if "word/styles.xml" not in archive.namelist():
        return set()
    return {
        str(style.get(W + "styleId"))
        for style in tree_of(archive, "word/styles.xml").iter(W + "style")
        if (name := style.find(W + "name")) is not None and (name.get(W + "val") or "").lower() == "guidance"
    }


# filling


def filled(archive: zipfile.ZipFile, about: dict[str, Any], known: Known) -> bytes:
    """The file with values in the place of names, a document where it was a template."""
    values = {name: fit(text) for name, text in about["values"].items()}
    lines = {
        kind: [{name: fit(text) for name, text in line.items()} for line in some]
        or [dict.fromkeys(known.rows[kind], "")]
        for kind, some in about["lines"].items()
    }
    changing = set(parts(archive))
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        for member in archive.infolist():
            with archive.open(member) as source:
                content = source.read(PART + 1)
            if len(content) > PART:
                raise ValueError("too much in one part")
            if member.filename == "[Content_Types].xml":
                for kind in MAIN_TYPES:
                    content = content.replace(kind, DOCUMENT_TYPE)
            elif member.filename in changing:
                content = part_filled(archive, member.filename, content, values, lines, known, about["properties"])
            elif re.fullmatch(r"customXml/item\d*\.xml", member.filename):
                content = leaves_filled(archive, member.filename, content, values)
            made.writestr(zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def part_filled(
    archive: zipfile.ZipFile, part: str, content: bytes, values: Mapping[str, str],
    lines: Mapping[str, list[dict[str, str]]], known: Known, properties: Mapping[str, str],
) -> bytes:  # fmt: skip
    """A part with its values; one that names nothing stays as it is, byte by byte."""
    if part.startswith("docProps/"):
        content = leaves_filled(archive, part, content, values)
        return core_written(content, properties) if part == CORE else content
    tree = parsed(content)
    rows: dict[Any, str] = {}
    for paragraph in tree.iter(*PARAGRAPHS):
        for match in PLACEHOLDER.finditer(words_of(paragraph)):
            if (kind := known.kind(match[1].lower())) and (row := row_of(paragraph)) is not None:
                rows[row] = kind
    changed = bool(rows)
    for paragraph in tree.iter(*PARAGRAPHS):
        if not any(above in rows for above in paragraph.iterancestors(W + "tr")):
            changed = fill(paragraph, values) or changed
    for row, kind in rows.items():
        for line in lines[kind]:
            copied = copy.deepcopy(row)
            for one in [copied, *copied.iter()]:
                for mark in (W14 + "paraId", W14 + "textId"):  # these name one paragraph of the file
                    one.attrib.pop(mark, None)
            for anchor in list(copied.iter(*ANCHORS)):
                anchor.getparent().remove(anchor)
            for paragraph in copied.iter(*PARAGRAPHS):
                fill(paragraph, {**values, **line})
            row.addprevious(copied)
        row.getparent().remove(row)
    return written(tree) if changed else content


def leaves_filled(archive: zipfile.ZipFile, part: str, content: bytes, values: Mapping[str, str]) -> bytes:
    """Plain XML (properties, what controls are bound to) with its values."""
    if b"{{" not in content:
        return content
    tree, changed = parsed(content), False
    for one in tree.iter():
        if isinstance(one.tag, str) and one.text and "{{" in one.text:
            one.text = PLACEHOLDER.sub(lambda m: values.get(m[1].lower(), m[0]), one.text)
            changed = True
    return written(tree) if changed else content


def core_written(content: bytes, properties: Mapping[str, str]) -> bytes:
    """Whose document it is and since when; not who made the template."""
    tree = parsed(content)
    for name, key in ((DC + "title", "title"), (DC + "creator", "author"), (CP + "lastModifiedBy", "author"),
                      (TERMS + "created", "at"), (TERMS + "modified", "at")):  # fmt: skip
        one = tree.find(name)
        if one is None:
            one = etree.SubElement(tree, name)
        one.text = fit(properties[key])
        if key == "at":
            one.set(XSI + "type", "dcterms:W3CDTF")
    for gone in (CP + "lastPrinted", CP + "revision"):
        for one in tree.findall(gone):
            tree.remove(one)
    return written(tree)


def fit(text: str) -> str:
    """A value as a line of text that XML can hold."""
    return UNFIT.sub("", " ".join(text.splitlines()))


def parsed(content: bytes) -> Any:
    """XML that may be hostile."""
    inspection_child.refuse_dtd(content)
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def written(tree: Any) -> bytes:
    """XML as Word likes it."""
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))


def answer(about: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """What comes of one request."""
    part, _ = inspection_child.look_into_archive(content, [], "")
    if part != "word/":
        return {"failed": "not-word"}, b""
    known = Known(frozenset(about["names"]), {kind: frozenset(names) for kind, names in about["rows"].items()})
    archive = zipfile.ZipFile(io.BytesIO(content))
    if about["act"] == "fill":
        return {}, filled(archive, about, known)
    return look(archive, known), b""


def main() -> None:
    """Answer until the parent goes."""
    child.give_up_rights()
    for about, content in child.requests():
        try:
            found, made = answer(about, content)
        except (Exception, MemoryError):  # whatever a hostile file does to a parser is one thing to us
            found, made = {"failed": "unreadable"}, b""
        child.tell(found, made)


if __name__ == "__main__":
    main()

"""A Word document as parts of XML: its text and formatting as blocks, and the changes tracked in it.

Runs in the child. The parts are read directly, because python-docx refuses .docm and .dotx and takes
ten times as long. WordprocessingML is ECMA-376 part 1, chapter 17.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from vault.redlining.blocks import Block, Place, row

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"

# What the "strict" form of the format says instead; read as the usual one.
STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": W.encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": R.encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/math": M.encode(),
}

Element = Any  # lxml has no types


def w(name: str) -> str:
    """A name of WordprocessingML as lxml wants it."""
    return f"{{{W}}}{name}"


P, TBL, TR, TC, PPR, RPR, RUN, TEXT = (w(n) for n in ("p", "tbl", "tr", "tc", "pPr", "rPr", "r", "t"))
VAL, ID, AUTHOR = w("val"), w("id"), w("author")
COME, GONE = (w("ins"), w("moveTo")), (w("del"), w("moveFrom"))
OBJECTS = (w("drawing"), w("pict"), w("object"), f"{{{MC}}}AlternateContent")
THROUGH = (w("sdt"), w("sdtContent"), w("customXml"), *COME, *GONE)
OBJECT = "\ufffc"  # stands for a picture in a text


@dataclass
class Story:
    """A part with text of its own: the body, a header, a footer, or the notes."""

    kind: str
    name: str
    root: Element


@dataclass
class Package:
    """An opened document."""

    parts: dict[str, bytes]
    main: str
    stories: list[Story] = field(default_factory=list)
    styles: Element | None = None
    numbering: Element | None = None
    relations: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    tracked: int = 0
    authors: list[str] = field(default_factory=list)

    def target(self, relation: str) -> str:
        """The part that a relation of the main part names."""
        kind, target, mode = self.relations.get(relation, ("", "", ""))
        return "" if mode == "External" or not kind else resolved(self.main, target)

    def digest(self, relation: str) -> str:
        """A short digest of the picture that a relation names."""
        return hashlib.sha256(self.parts.get(self.target(relation), b"")).hexdigest()[:12]

    def story(self, kind: str) -> Story | None:
        """The first story of a kind."""
        return next((s for s in self.stories if s.kind == kind), None)


def resolved(part: str, target: str) -> str:
    """A relation's target as the name of a part."""
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def parsed(xml: bytes) -> Element:
    """XML without entities and without the network."""
    for strict, usual in STRICT.items():
        xml = xml.replace(strict, usual)
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))


def relations_of(parts: dict[str, bytes], part: str) -> dict[str, tuple[str, str, str]]:
    """Relation id -> (last word of its type, target, mode)."""
    folder, name = posixpath.split(part)
    found = parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    if found is None:
        return {}
    return {
        r.get("Id", ""): (r.get("Type", "").rsplit("/", 1)[-1], r.get("Target", ""), r.get("TargetMode", ""))
        for r in parsed(found).iter(f"{{{RELATIONS}}}Relationship")
    }


def opened(content: bytes) -> Package:
    """A document with the changes that are tracked in it accepted, and their number and authors."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        package = unsettled({m.filename: archive.read(m) for m in archive.infolist() if not m.is_dir()})
    authors: set[str] = set()
    for story in package.stories:
        count, some = settle(story.root, "new")
        package.tracked += count
        authors |= some
    package.authors = sorted(authors)
    return package


def unsettled(parts: dict[str, bytes]) -> Package:
    """A document as it is, nothing accepted."""
    top = relations_of(parts, "")
    main = next((resolved("", t) for kind, t, _ in top.values() if kind == "officeDocument"), "word/document.xml")
    package = Package(parts, main, relations=relations_of(parts, main))
    body = parsed(parts[main])
    package.stories.append(Story("body", main, body))
    by_kind: dict[str, list[str]] = {}
    for relation, (kind, _, _) in package.relations.items():
        by_kind.setdefault(kind, []).append(relation)
    order = {e.get(f"{{{R}}}id"): n for n, e in enumerate(body.iter(w("headerReference"), w("footerReference")))}
    for kind in ("header", "footer"):
        for relation in sorted((r for r in by_kind.get(kind, ()) if r in order), key=lambda r: order[r]):
            _add(package, kind, package.target(relation))
    for kind in ("footnotes", "endnotes"):
        for relation in by_kind.get(kind, ()):
            _add(package, kind, package.target(relation))
    for kind in ("styles", "numbering"):
        for relation in by_kind.get(kind, ()):
            if package.target(relation) in parts:
                setattr(package, kind, parsed(parts[package.target(relation)]))
    return package


def _add(package: Package, kind: str, name: str) -> None:
    if name in package.parts and all(s.name != name for s in package.stories):
        package.stories.append(Story(kind, name, parsed(package.parts[name])))


# tracked changes


def settle(root: Element, keep: str) -> tuple[int, set[str]]:
    """Accept ("new") or reject ("old") every tracked change below `root`; how many, and whose.

    A paragraph whose mark goes flows into the next one; one that is empty then goes altogether.
    """
    kept, dropped = (COME, GONE) if keep == "new" else (GONE, COME)
    authors, count = set(), 0
    for element in root.iter(*COME, *GONE, *CHANGES):
        if element.get(AUTHOR) is not None:
            count += 1
            authors.add(element.get(AUTHOR))
    if not count:
        return 0, set()
    for line in [e.getparent().getparent() for e in root.iter(*dropped) if e.getparent().tag == w("trPr")]:
        table = line.getparent()
        table.remove(line)
        if table.find(f".//{TR}") is None and table.getparent() is not None:
            table.getparent().remove(table)
    marks = [e.getparent().getparent().getparent() for e in root.iter(*dropped) if _marks_paragraph(e)]
    for element in list(root.iter(*dropped, *kept)):
        parent = element.getparent()
        if parent is None:
            continue
        if parent.tag in (RPR, w("trPr")):
            parent.remove(element)
        elif element.tag in dropped:
            _remove(element)
        else:
            _unwrap(element)
    if keep == "old":
        for element in root.iter(w("delText"), w("delInstrText")):
            element.tag = TEXT if element.tag == w("delText") else w("instrText")
    for element in list(root.iter(*CHANGES)):
        parent = element.getparent()
        if parent is None:
            continue
        parent.remove(element)
        if keep == "old" and len(element):
            stay = [c for c in parent if parent.tag == PPR and c.tag in (RPR, w("sectPr"))]
            parent[:] = [*element[0], *stay]
    for element in list(root.iter(*(w(f"move{way}Range{end}") for way in ("From", "To") for end in ("Start", "End")))):
        element.getparent().remove(element)
    for paragraph in marks:
        _flow_on(paragraph)
    return count, authors


CHANGES = tuple(w(f"{n}PrChange") for n in ("r", "p", "tbl", "tr", "tc", "sect", "tblGrid"))


def _marks_paragraph(element: Element) -> bool:
    parent = element.getparent()
    return parent.tag == RPR and parent.getparent() is not None and parent.getparent().tag == PPR


def _remove(element: Element) -> None:
    parent = element.getparent()
    parent.remove(element)


def _unwrap(element: Element) -> None:
    parent = element.getparent()
    at = parent.index(element)
    parent[at : at + 1] = list(element)


def _flow_on(paragraph: Element) -> None:
    parent = paragraph.getparent()
    if parent is None:
        return
    after = next((e for e in paragraph.itersiblings() if e.tag in (P, TBL, w("sdt"), w("sectPr"))), None)
    content = [c for c in paragraph if c.tag != PPR]
    if after is not None and after.tag == P:
        at = 1 if len(after) and after[0].tag == PPR else 0
        after[at:at] = content
        parent.remove(paragraph)
    elif paragraph.find(f".//{RUN}") is None and (
        parent.tag == w("sdtContent") if after is None else after.tag != w("sectPr")
    ):
        parent.remove(paragraph)


# text


def boxes(container: Element) -> list[Element]:
    """The paragraphs and tables of a container in order, those in content controls too."""
    found: list[Element] = []
    for child in container:
        if child.tag in (P, TBL):
            found.append(child)
        elif child.tag in THROUGH:
            found += boxes(child)
    return found


def body_of(story: Story) -> Element:
    """The element whose children are a story's blocks."""
    return story.root.find(w("body")) if story.kind == "body" else story.root


def pieces(element: Element) -> Iterator[tuple[str, Element]]:
    """The text of a paragraph as (text, run) pairs."""
    for child in element:
        if child.tag == RUN:
            yield from ((text, child) for text in _run(child) if text)
        elif child.tag != PPR:
            if child.tag == f"{{{M}}}t":
                yield child.text or "", child
            yield from pieces(child)


def _run(run: Element) -> Iterator[str]:
    for child in run:
        if child.tag == TEXT:
            yield child.text or ""
        elif child.tag in SIGNS:
            yield SIGNS[child.tag]
        elif child.tag in OBJECTS:
            yield OBJECT


SIGNS = {w("tab"): "\t", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "\u2011", w("sym"): "\u25a1"}


def text_of(paragraph: Element) -> str:
    """What a paragraph says; pictures and drawings as OBJECT."""
    return "".join(text for text, _ in pieces(paragraph))


def all_text(element: Element) -> str:
    """Every paragraph below an element, lines apart."""
    return "\n".join(text_of(p) for p in element.iter(P))


def outline(package: Package, limit: dict[str, int] | None = None) -> list[str]:
    """Each paragraph's text with where it stands: what the check of a redline compares.

    Notes count where the text refers to them; an orphan is not text. `limit` says how many headers and
    footers count, for documents of which one has more than the other.
    """
    found: list[str] = []
    _outline(body_of(package.stories[0]), "", found)
    for kind in ("header", "footer"):
        some = [s for s in package.stories if s.kind == kind]
        for story in some if limit is None else some[: limit[kind]]:
            _outline(body_of(story), f"{kind} ", found)
    for kind in ("footnotes", "endnotes"):
        notes = notes_of(package, kind)
        for note in referred(package, kind):
            if note in notes:
                _outline(notes[note], "note ", found)
    return found


def _outline(container: Element, before: str, found: list[str]) -> None:
    for box in boxes(container):
        if box.tag == P:
            found.append(before + text_of(box))
            continue
        for line in rows_of(box):
            for number, cell in enumerate(cells_of(line)):
                _outline(cell, f"{before}|{number} ", found)


def rows_of(table: Element) -> list[Element]:
    """The rows of a table, those in content controls too."""
    return [r for r in table.iter(TR) if next(r.iterancestors(TBL)) is table]


def cells_of(line: Element) -> list[Element]:
    """The cells of a row."""
    return [c for c in line.iter(TC) if next(c.iterancestors(TR)) is line]


def notes_of(package: Package, kind: str) -> dict[str, Element]:
    """Footnotes or endnotes by their id."""
    story = package.story(kind)
    if story is None:
        return {}
    return {n.get(ID): n for n in story.root if n.get(w("type")) in (None, "normal")}


def referred(package: Package, kind: str) -> list[str]:
    """The ids of notes in the order in which the body refers to them."""
    body = package.story("body")
    return [] if body is None else [e.get(ID) for e in body.root.iter(w(f"{kind[:-1]}Reference"))]


# blocks


class Reader:
    """Turns the stories of a package into blocks, with styles and headings known."""

    def __init__(self, package: Package) -> None:
        self.package = package
        found = [] if package.styles is None else package.styles.findall(w("style"))
        self.styles = {s.get(w("styleId")): s for s in found}
        self.levels = {name: self._level(name) for name in self.styles}
        self.path: list[str] = []

    def sections(self) -> dict[tuple[str, str], list[Block]]:
        """The blocks of the body, headers, footers and notes."""
        found: dict[tuple[str, str], list[Block]] = {}
        for story in self.package.stories:
            if story.kind == "body":
                found["body", ""] = self._blocks(body_of(story), None)
            elif story.kind in ("header", "footer"):
                some = self._blocks(body_of(story), ((story.kind, ""),))
                known = found.setdefault((story.kind, ""), [])
                known += [b for b in some if b not in known]  # first, odd and even pages often say the same
        for kind in ("footnotes", "endnotes"):
            notes = notes_of(self.package, kind)
            for number, note in enumerate(referred(self.package, kind), 1):
                if note in notes:
                    place: Place = ((kind[:-1], str(number)),)
                    found.setdefault((kind, ""), []).extend(self._blocks(notes[note], place))
        return found

    def _level(self, name: str | None) -> int:
        """The heading level of a style, 0 for none; from the style that it is based on, too."""
        for _ in range(10):
            style = self.styles.get(name)
            if style is None:
                return 0
            level = style.find(f"{PPR}/{w('outlineLvl')}")
            if level is not None:
                return min(int(level.get(VAL, "9")), 9) + 1 if int(level.get(VAL, "9")) < 9 else 0
            base = style.find(w("basedOn"))
            name = None if base is None else base.get(VAL)
        return 0

    def _blocks(self, container: Element, place: Place | None) -> list[Block]:
        found = []
        for box in boxes(container):
            if box.tag == P:
                block = self._paragraph(box, place)
                if block.text.strip() or any(name == "image" for name, _ in block.form):
                    found.append(block)
                found += self._drawn(box, place)
            else:
                here = self._here() if place is None else place
                for line in rows_of(box):
                    cells = [all_text(c).strip("\n") for c in cells_of(line)]
                    if any(c.strip() for c in cells):
                        found.append(row(cells, here))
        return found

    def _drawn(self, box: Element, place: Place | None) -> list[Block]:
        """The paragraphs of text boxes, each once."""
        frames = [
            f for f in box.iter(w("txbxContent")) if not any(a.tag == f"{{{MC}}}Fallback" for a in f.iterancestors())
        ]
        return [block for frame in frames for block in self._blocks(frame, place)]

    def _here(self) -> Place:
        return tuple(("heading", title) for title in self.path if title)

    def _paragraph(self, box: Element, place: Place | None) -> Block:
        properties = box.find(PPR)
        style = _value(properties, "pStyle")
        text = text_of(box)
        level = self.levels.get(style, 0)
        direct = None if properties is None else properties.find(w("outlineLvl"))
        if direct is not None and direct.get(VAL, "9").isdigit() and int(direct.get(VAL, "9")) < 9:
            level = int(direct.get(VAL)) + 1
        kind, depth = "paragraph", 0
        item = self._item(properties, style)
        if level and text.strip() and place is None:
            self.path = [*self.path[: level - 1], *[""] * (level - 1 - len(self.path)), " ".join(text.split())[:90]]
            kind, depth = "heading", level
        elif item is not None:
            kind, depth = "item", item
        named = self.styles.get(style)
        name = None if named is None else named.find(w("name"))
        form = {
            "style": style if name is None else name.get(VAL, ""),
            "alignment": _value(properties, "jc"),
            "list level": str(item + 1) if item is not None and kind != "heading" else "",
            "image": ", ".join(self.package.digest(e) for e in pictures(box)),
        }
        marks: list[tuple[int, str]] = []
        for piece, run in pieces(box):
            names = marked(run)
            if marks and marks[-1][1] == names:
                marks[-1] = (marks[-1][0] + len(piece), names)
            else:
                marks.append((len(piece), names))
        return Block(
            kind, text, self._here() if place is None else place, depth,
            form=tuple((n, v) for n, v in form.items() if v), marks=tuple(marks),
        )  # fmt: skip

    def _item(self, properties: Element | None, style: str) -> int | None:
        """The level of a list item, from 0; None for what is none."""
        for _ in range(10):
            numbered = None if properties is None else properties.find(w("numPr"))
            if numbered is not None:
                number, level = numbered.find(w("numId")), numbered.find(w("ilvl"))
                if number is not None and number.get(VAL) == "0":
                    return None
                return int(level.get(VAL, "0")) if level is not None and level.get(VAL, "0").isdigit() else 0
            found = self.styles.get(style)
            if found is None:
                return None
            properties = found.find(PPR)
            base = found.find(w("basedOn"))
            style = "" if base is None else base.get(VAL, "")
        return None


def _value(properties: Element | None, name: str) -> str:
    found = None if properties is None else properties.find(w(name))
    return "" if found is None else found.get(VAL, "") or ""


def pictures(element: Element) -> list[str]:
    """The relations of the pictures in an element, those of fallbacks left out."""
    return [
        e.get(f"{{{R}}}embed") or e.get(f"{{{R}}}id")
        for e in element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip", "{urn:schemas-microsoft-com:vml}imagedata")
        if (e.get(f"{{{R}}}embed") or e.get(f"{{{R}}}id")) and not any(a.tag == f"{{{MC}}}Fallback" for a in e.iterancestors())
    ]  # fmt: skip


SHOWN = ("b", "i", "u", "strike", "vertAlign", "color", "highlight", "sz", "rFonts")


def marked(run: Element) -> str:
    """The formatting that a run carries itself, as words."""
    properties = run.find(RPR)
    if properties is None:
        return ""
    found = []
    for name in SHOWN:
        one = properties.find(w(name))
        if one is None or one.get(VAL) in ("0", "false", "none"):
            continue
        found.append(_mark(name, one))
    return " ".join(f for f in found if f)


def _mark(name: str, one: Element) -> str:
    if name in ("b", "i", "strike"):
        return {"b": "bold", "i": "italic", "strike": "struck"}[name]
    if name == "u":
        return "underlined"
    if name == "rFonts":
        font = one.get(w("ascii")) or one.get(w("eastAsia")) or ""
        return f"font:{font.replace(' ', '_')}" if font else ""
    if name == "sz":
        size = one.get(VAL, "")
        return f"size:{int(size) / 2:g}" if size.isdigit() else ""
    value = one.get(VAL, "")
    return (
        ""
        if value == "auto"
        else f"{ {'vertAlign': 'raised', 'color': 'colour', 'highlight': 'highlight'}[name] }:{value}"
    )

"""Two Word documents become one with real tracked changes. Runs in the child.

The new document is the base: what is new in it is marked as inserted, what is missing is copied from
the old one and marked as deleted, row by row in tables. Accepting all gives the new document,
rejecting all the old one; `differences` proves it on the result before anybody gets it.
"""

from __future__ import annotations

import copy
import io
import posixpath
import zipfile
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from vault.redlining import word
from vault.redlining.blocks import align, in_order
from vault.redlining.word import (
    OBJECTS,
    PPR,
    RELATIONS,
    RPR,
    RUN,
    SIGNS,
    TBL,
    TEXT,
    TR,
    Element,
    P,
    Package,
    R,
    body_of,
    boxes,
    cells_of,
    rows_of,
    w,
)  # fmt: skip
from vault.redlining.words import matches, tokens

SPACE = "{http://www.w3.org/XML/1998/namespace}space"
LEFT_OUT = frozenset(w(n) for n in (
    "bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd", "commentRangeStart", "commentRangeEnd",
    "commentReference", "lastRenderedPageBreak", "sectPr",
))  # fmt: skip
HOLDERS = frozenset(
    w(n) for n in ("hyperlink", "fldSimple", "smartTag", "sdt", "sdtContent", "customXml", "dir", "bdo")
)
NOTES = {w("footnoteReference"): "footnotes", w("endnoteReference"): "endnotes"}
LINKS = tuple(f"{{{R}}}{n}" for n in ("id", "embed", "link", "pict", "dm", "lo", "qs", "cs"))
FIRST_ID = 900_000  # above what bookmarks and comments use

Progress = Callable[[float], None]


@dataclass
class Woven:
    """The document with tracked changes, and what could not be carried (code, count)."""

    content: bytes
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece:
    """The smallest thing that is kept, inserted or deleted: a word, a tab, a picture, a link."""

    key: Hashable
    text: str
    run: Element
    element: Element  # a child of the run, or what stands in the paragraph itself
    form: str = ""


def woven(old: Package, new: Package, *, author: str, date: str, progress: Progress = lambda _: None) -> Woven:
    """`new` with tracked changes against `old`. Both are used up: their trees are changed."""
    weaver = _Weaver(old, new, author, date, progress)
    weaver.all()
    return Woven(weaver.packed(), weaver.left_out)


@dataclass(frozen=True)
class Outlines:
    """The text of both documents before they are used up, to check the result against."""

    old: list[str]
    new: list[str]
    limit: dict[str, int]  # headers and footers that both have


def outlines(old: Package, new: Package) -> Outlines:
    """What accepting and rejecting everything has to give."""
    limit = {k: min(sum(s.kind == k for s in p.stories) for p in (old, new)) for k in ("header", "footer")}
    return Outlines(word.outline(old, limit), word.outline(new), limit)


def differences(content: bytes, wanted: Outlines) -> list[tuple[str, str, str]]:
    """Where accepting all does not give the new text, or rejecting all the old one: (which, wanted, got)."""
    found = []
    for keep, texts, limit in (("new", wanted.new, None), ("old", wanted.old, wanted.limit)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            package = word.unsettled({m.filename: archive.read(m) for m in archive.infolist() if not m.is_dir()})
        for story in package.stories:
            word.settle(story.root, keep)
        got = word.outline(package, limit)
        if got != texts:
            pairs = matches(texts, got)
            left, right = {i for i, _ in pairs}, {j for _, j in pairs}
            missing = [t for i, t in enumerate(texts) if i not in left]
            extra = [t for j, t in enumerate(got) if j not in right]
            found += [
                (keep, missing[n] if n < len(missing) else "", extra[n] if n < len(extra) else "")
                for n in range(max(len(missing), len(extra)))
            ]
    return found


class _Weaver:
    """What is known while a document is made."""

    def __init__(self, old: Package, new: Package, author: str, date: str, progress: Progress) -> None:
        self.old, self.new, self.progress = old, new, progress
        self.about = {w("author"): author, w("date"): date}
        self.next_id = FIRST_ID
        self.left_out: dict[str, int] = {}
        self.links: dict[str, str] = {}
        self.added: dict[str, bytes] = {}
        self.fresh_links: list[tuple[str, str, str, str]] = []
        self.old_notes = {kind: word.notes_of(old, kind) for kind in ("footnotes", "endnotes")}
        self.new_notes = {kind: word.notes_of(new, kind) for kind in ("footnotes", "endnotes")}
        self.noted: set[tuple[str, str]] = set()
        self.total = max(1, sum(1 for _ in new.stories[0].root.iter(P)))
        self.done = 0

    def all(self) -> None:
        """The body, then headers and footers in the order in which the document names them."""
        self.weave(body_of(self.old.stories[0]), body_of(self.new.stories[0]))
        for kind in ("header", "footer"):
            olds = [s for s in self.old.stories if s.kind == kind]
            news = [s for s in self.new.stories if s.kind == kind]
            for before, after in zip(olds, news, strict=False):
                self.weave(body_of(before), body_of(after))
            for more in news[len(olds) :]:
                self.inserted_all(body_of(more))
            kept = {word.all_text(s.root) for s in olds[: len(news)]}
            self.miss(kind, sum(1 for s in olds[len(news) :] if (t := word.all_text(s.root)).strip() and t not in kept))
        for kind, notes in self.new_notes.items():
            for number in word.referred(self.new, kind):
                if (kind, number) not in self.noted and number in notes:
                    self.noted.add((kind, number))
                    self.inserted_all(notes[number])

    def miss(self, what: str, count: int = 1) -> None:
        """Remember what could not be carried."""
        if count > 0:
            self.left_out[what] = self.left_out.get(what, 0) + count

    # blocks

    def weave(self, old_box: Element, new_box: Element) -> None:
        """Make the blocks of `new_box` tell what became of those in `old_box`."""
        olds, news = boxes(old_box), boxes(new_box)
        old_texts, new_texts = [_said(e) for e in olds], [_said(e) for e in news]
        pairs = align(
            [(e.tag, t) for e, t in zip(olds, old_texts, strict=True)],
            [(e.tag, t) for e, t in zip(news, new_texts, strict=True)], old_texts, new_texts,
        )  # fmt: skip
        pairs = _with_last([(i, j) for i, j in pairs if olds[i].tag == news[j].tag], olds, news)
        order = in_order(pairs, len(olds), len(news))
        self._shift_marks(order, olds, news)
        anchors: list[Element | None] = [None] * len(order)
        anchor = None
        for index in range(len(order) - 1, -1, -1):
            anchors[index] = anchor
            j = order[index][1]
            anchor = news[j] if j is not None else anchor
        for (i, j), behind in zip(order, anchors, strict=True):
            if i is not None and j is not None:
                if news[j].tag == P:
                    self.paragraph(olds[i], news[j])
                else:
                    self.table(olds[i], news[j])
            elif j is not None:
                self.inserted(news[j])
            elif i is not None:
                _put(self.deleted(olds[i]), behind, new_box)

    def _shift_marks(
        self, order: Sequence[tuple[int | None, int | None]], olds: list[Element], news: list[Element]
    ) -> None:
        """A container's last paragraph mark can't go: what comes or goes at its end takes the mark before it.

        The last kept paragraph gives its properties to the one whose mark stays.
        """
        tail = 0
        while tail < len(order) and None in order[-1 - tail]:
            tail += 1
        if not tail or tail == len(order):
            return
        side = 1 if order[-1][0] is None else 0
        i, j = order[-1 - tail]
        if i is None or j is None:
            return
        some = [(news if side else olds)[one] for pair in order[-tail:] if (one := pair[side]) is not None]
        if len(some) < tail or any(e.tag != P for e in [news[j], *some]):
            return
        last = some[-1]
        last.set(UNMARKED, "1")
        news[j].set(SHIFTED, "ins" if side else "del")
        if side:
            self.formed(last, olds[i])
        else:
            last.set(UNMARKED, "2")
            self.lent = news[j].find(PPR)

    lent: Element | None = None

    def inserted_all(self, container: Element) -> None:
        """Everything in a container is new; its last paragraph mark has to stay."""
        for box in boxes(container):
            self.inserted(box)

    def inserted(self, box: Element) -> None:
        """A paragraph or table that the old document lacks."""
        if box.tag == TBL:
            for line in rows_of(box):
                self.inserted_row(line)
            return
        self.done += 1
        self._content(box, "ins")
        if box.attrib.pop(UNMARKED, None) is None:
            self.mark(box, "ins")

    def inserted_row(self, line: Element) -> None:
        """A table row that the old document lacks."""
        self._row_mark(line, "ins")
        for paragraph in [p for p in line.iter(P) if next(p.iterancestors(TR)) is line]:
            self._content(paragraph, "ins")
        for inner in [t for t in line.iter(TBL) if next(t.iterancestors(TR)) is line]:
            self.inserted(inner)

    def deleted(self, box: Element) -> Element:
        """A copy of a paragraph or table of the old document, marked as deleted."""
        copied = self.copied(box)
        if box.tag == TBL:
            for line in rows_of(copied):
                self._deleted_row(line)
            return copied
        unmarked = copied.attrib.pop(UNMARKED, None)
        self._content(copied, "del")
        if unmarked is None:
            self.mark(copied, "del")
        elif unmarked == "2" and self.lent is not None:
            before = copied.find(PPR)
            fresh = copy.deepcopy(self.lent)
            for one in [c for c in fresh if c.tag in (RPR, w("sectPr"), w("pPrChange"))]:
                fresh.remove(one)
            if before is not None:
                copied.remove(before)
            copied.insert(0, fresh)
            self._changed(fresh, "pPrChange", _plain(before, "pPr"))
        return copied

    def _deleted_row(self, line: Element) -> None:
        self._row_mark(line, "del")
        for paragraph in [p for p in line.iter(P) if next(p.iterancestors(TR)) is line]:
            self._content(paragraph, "del")
        for inner in [t for t in line.iter(TBL) if next(t.iterancestors(TR)) is line]:
            for deeper in rows_of(inner):
                self._deleted_row(deeper)

    def table(self, old: Element, new: Element) -> None:
        """Rows beside rows; with as many cells, cells beside cells."""
        olds, news = rows_of(old), rows_of(new)
        old_texts, new_texts = [_said(r) for r in olds], [_said(r) for r in news]
        shapes = [[len(cells_of(r)) for r in some] for some in (olds, news)]
        pairs = align(
            list(zip(shapes[0], old_texts, strict=True)), list(zip(shapes[1], new_texts, strict=True)), old_texts, new_texts
        )  # fmt: skip
        pairs = [(i, j) for i, j in pairs if shapes[0][i] == shapes[1][j]]
        order = in_order(pairs, len(olds), len(news))
        behind: Element | None = None
        places: list[tuple[Element, Element | None]] = []
        for i, j in reversed(order):
            if j is not None:
                behind = news[j]
            elif i is not None:
                places.append((olds[i], behind))
        for i, j in order:
            if i is not None and j is not None:
                for before, after in zip(cells_of(olds[i]), cells_of(news[j]), strict=True):
                    self.weave(before, after)
            elif j is not None:
                self.inserted_row(news[j])
        for line, anchor in reversed(places):
            copied = self.copied(line)
            self._deleted_row(copied)
            _put(copied, anchor, new)

    # paragraphs

    def paragraph(self, old: Element, new: Element) -> None:
        """Word by word; deleted words keep the old document's formatting."""
        self.done += 1
        if self.done % 50 == 0:
            self.progress(min(1.0, self.done / self.total))
        shifted = new.attrib.pop(SHIFTED, None)
        if shifted:
            self.mark(new, shifted)
        self.formed(new, old)
        olds, news = _pieces(old, self.old), _pieces(new, self.new)
        keys = [p.key for p in olds], [p.key for p in news]
        pairs = matches(*keys)
        equal = keys[0] == keys[1]
        if (
            equal
            and all(olds[i].form == news[j].form for i, j in pairs)
            and not any(p.element.tag in NOTES for p in news)
        ):
            return
        partner = {j: i for i, j in pairs}
        for child in [c for c in new if c.tag != PPR]:
            new.remove(child)
        for i, j in in_order(pairs, len(olds), len(news)):
            if i is not None and j is None:
                self._delete(new, olds[i])
            elif j is not None and i is None:
                self._insert(new, news[j])
            elif i is not None and j is not None:
                self._keep(new, news[j], olds[partner[j]])

    def _keep(self, paragraph: Element, piece: Piece, old: Piece) -> None:
        kind = NOTES.get(piece.element.tag)
        if kind:
            self._note(kind, old.element.get(word.ID), piece.element.get(word.ID))
        if piece.run is None:
            paragraph.append(piece.element)
        elif piece.form == old.form:
            _add(paragraph, piece, piece.run.find(RPR))
        else:
            properties = piece.run.find(RPR)
            properties = etree.Element(RPR) if properties is None else copy.deepcopy(properties)
            for change in properties.findall(w("rPrChange")):
                properties.remove(change)
            self._changed(properties, "rPrChange", _plain(old.run.find(RPR), "rPr"), once=False)
            _add(paragraph, piece, properties)

    def _insert(self, paragraph: Element, piece: Piece) -> None:
        kind = NOTES.get(piece.element.tag)
        if kind:
            self._note(kind, None, piece.element.get(word.ID))
        if piece.run is None:
            paragraph.append(piece.element)
            self._marked(piece.element, "ins")
        else:
            _add(self._holder(paragraph, "ins"), piece, piece.run.find(RPR))

    def _delete(self, paragraph: Element, piece: Piece) -> None:
        if piece.run is None:
            if piece.element.tag in LEFT_OUT:
                return
            copied = self.copied(piece.element)
            paragraph.append(copied)
            self._marked(copied, "del")
            return
        copied = self.copied(piece.run, only=piece)
        if len(copied):
            self._deleted_run(copied)
            _join(self._holder(paragraph, "del"), copied)

    def _holder(self, paragraph: Element, kind: str) -> Element:
        """The mark that the paragraph ends with, if it is of this kind, else a fresh one."""
        if len(paragraph) and paragraph[-1].tag == w(kind):
            return paragraph[-1]
        return etree.SubElement(paragraph, w(kind), self.attributes())

    def _content(self, paragraph: Element, kind: str) -> None:
        """All that a paragraph holds comes or goes."""
        for child in list(paragraph):
            if child.tag != PPR:
                self._marked(child, kind)
        for element in paragraph.iter(*NOTES):
            if kind == "ins":
                self._note(NOTES[element.tag], None, element.get(word.ID))

    def _marked(self, element: Element, kind: str) -> None:
        """Wrap a run, or the runs in a link or field, in a mark."""
        if element.tag in HOLDERS:
            for child in list(element):
                self._marked(child, kind)
        elif element.tag == RUN or str(element.tag).startswith(f"{{{word.M}}}"):
            parent = element.getparent()
            mark = etree.Element(w(kind), self.attributes())
            parent.replace(element, mark)
            mark.append(element)
            if kind == "del":
                self._deleted_run(element)

    def _deleted_run(self, run: Element) -> None:
        for one in run.iter(TEXT, w("instrText")):
            if any(a.tag in OBJECTS for a in one.iterancestors()):
                continue
            one.tag = w("delText") if one.tag == TEXT else w("delInstrText")
            one.set(SPACE, "preserve")

    # marks

    def attributes(self) -> dict[str, str]:
        """Who and when, under a fresh id."""
        self.next_id += 1
        return {word.ID: str(self.next_id), **self.about}

    def mark(self, paragraph: Element, kind: str) -> None:
        """Say of a paragraph's end that it comes or goes."""
        properties = _child(paragraph, PPR, first=True)
        found = properties.find(RPR)
        if found is None:
            found = etree.Element(RPR)
            behind = next((c for c in properties if c.tag in (w("sectPr"), w("pPrChange"))), None)
            _put(found, behind, properties)
        found.insert(0, etree.Element(w(kind), self.attributes()))

    def _row_mark(self, line: Element, kind: str) -> None:
        properties = line.find(w("trPr"))
        if properties is None:
            properties = etree.Element(w("trPr"))
            line.insert(1 if line.find(w("tblPrEx")) is not None else 0, properties)
        etree.SubElement(properties, w(kind), self.attributes())

    def formed(self, paragraph: Element, old: Element) -> None:
        """Say that a paragraph's own formatting changed, where it did."""
        before, after = old.find(PPR), paragraph.find(PPR)
        if _shape(before) != _shape(after):
            self._changed(_child(paragraph, PPR, first=True), "pPrChange", _plain(before, "pPr"))

    def _changed(self, properties: Element, name: str, before: Element, *, once: bool = True) -> None:
        if once and properties.find(w(name)) is not None:
            return
        etree.SubElement(properties, w(name), self.attributes()).append(before)

    # what is brought along from the old document

    def copied(self, element: Element, only: Piece | None = None) -> Element:
        """A copy for the new document: its links lead to the same, what can't be copied is left out."""
        if only is None:
            found = copy.deepcopy(element)
        else:
            found = etree.Element(RUN)
            properties = element.find(RPR)
            if properties is not None:
                found.append(copy.deepcopy(properties))
            found.append(_child_of(only))
        for one in [e for e in found.iter(*LEFT_OUT) if e.getparent() is not None]:
            one.getparent().remove(one)
        for one in found.iter():
            for name in [
                n for n in one.attrib if n.startswith("{http://schemas.microsoft.com/office/word/") and n.endswith("Id")
            ]:
                del one.attrib[name]
            for name in LINKS:
                if one.get(name) in self.old.relations:
                    one.set(name, self._link(one.get(name)))
        for one in list(found.iter(*NOTES)):
            self._old_note(one)
        return found

    def _link(self, relation: str) -> str:
        if relation not in self.links:
            kind, target, mode = self.old.relations[relation]
            source = self.old.target(relation)
            if source:
                stem, dot, ending = posixpath.basename(source).rpartition(".")
                target = f"media/before{len(self.added) + 1}_{stem or ending}{dot and '.' + ending}"
                self.added[posixpath.join(posixpath.dirname(self.new.main), target)] = self.old.parts.get(source, b"")
            name = f"rIdBefore{len(self.links) + 1}"
            self.fresh_links.append((name, kind, target, mode))
            self.links[relation] = name
        return self.links[relation]

    def _old_note(self, reference: Element) -> None:
        """A note of deleted text comes along under an id of its own."""
        kind = NOTES[reference.tag]
        note, story = self.old_notes[kind].get(reference.get(word.ID)), self.new.story(kind)
        if note is None or story is None:
            parent = reference.getparent()
            if parent is not None:
                parent.remove(reference)
            self.miss(kind)
            return
        number = str(max([0, *(int(n.get(word.ID, "0")) for n in story.root if n.get(word.ID, "").isdigit())]) + 1)
        fresh = copy.deepcopy(note)
        fresh.set(word.ID, number)
        story.root.append(fresh)
        self.noted.add((kind, number))
        reference.set(word.ID, number)

    def _note(self, kind: str, old: str | None, new: str | None) -> None:
        """The text of a note that both documents refer to, or only the new one."""
        if new is None or (kind, new) in self.noted or new not in self.new_notes[kind]:
            return
        self.noted.add((kind, new))
        if old is not None and old in self.old_notes[kind]:
            self.weave(self.old_notes[kind][old], self.new_notes[kind][new])

    # the package

    def packed(self) -> bytes:
        """The document as a file."""
        parts = dict(self.new.parts)
        for story in self.new.stories:
            parts[story.name] = _xml(story.root)
        self._styles(parts)
        if self.fresh_links:
            folder, name = posixpath.split(self.new.main)
            place = posixpath.join(folder, "_rels", f"{name}.rels")
            root = word.parsed(parts[place])
            for relation, kind, target, mode in self.fresh_links:
                one = etree.SubElement(root, f"{{{RELATIONS}}}Relationship")
                one.attrib.update({"Id": relation, "Type": f"{R}/{kind}", "Target": target})
                if mode:
                    one.set("TargetMode", mode)
            parts[place] = _xml(root)
            self._types(parts)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, data in {**parts, **self.added}.items():
                archive.writestr(part, data)
        return file.getvalue()

    def _styles(self, parts: dict[str, bytes]) -> None:
        """Styles that only deleted text uses come along, so that it looks as it did."""
        if self.old.styles is None or self.new.styles is None:
            return
        known = {s.get(w("styleId")) for s in self.new.styles.iter(w("style"))}
        wanted = {
            e.get(word.VAL) for s in self.new.stories for e in s.root.iter(w("pStyle"), w("rStyle"), w("tblStyle"))
        } - known  # fmt: skip
        olds = {s.get(w("styleId")): s for s in self.old.styles.iter(w("style"))}
        came = False
        while wanted:
            name = wanted.pop()
            if name in known or name not in olds:
                continue
            known.add(name)
            came = True
            fresh = copy.deepcopy(olds[name])
            fresh.attrib.pop(w("default"), None)
            for numbered in list(fresh.iter(w("numPr"))):
                numbered.getparent().remove(numbered)
            self.new.styles.append(fresh)
            wanted |= {e.get(word.VAL) for e in fresh.iter(w("basedOn"), w("link"), w("next"))} - known
        if came:
            target = next(self.new.target(r) for r, (kind, _, _) in self.new.relations.items() if kind == "styles")
            parts[target] = _xml(self.new.styles)

    def _types(self, parts: dict[str, bytes]) -> None:
        """Say what the added files are."""
        place = "[Content_Types].xml"
        mine, theirs = word.parsed(parts[place]), word.parsed(self.old.parts[place])
        known = {e.get("Extension", "").lower() for e in mine if str(e.tag).endswith("Default")}
        for one in theirs:
            ending = one.get("Extension", "").lower()
            if (
                str(one.tag).endswith("Default")
                and ending not in known
                and any(n.lower().endswith("." + ending) for n in self.added)
            ):
                mine.insert(0, copy.deepcopy(one))
        parts[place] = _xml(mine)


SHIFTED, UNMARKED = "shifted", "unmarked"  # notes to ourselves on paragraphs, gone before the file is written


def _with_last(pairs: list[tuple[int, int]], olds: list[Element], news: list[Element]) -> list[tuple[int, int]]:
    """Where both ends differ, the last paragraphs are partners: the last mark of a container always stays."""
    if not olds or not news or olds[-1].tag != P or news[-1].tag != P:
        return pairs
    i, j = pairs[-1] if pairs else (-1, -1)
    if i < len(olds) - 1 and j < len(news) - 1:
        return [*pairs, (len(olds) - 1, len(news) - 1)]
    tail = olds[i + 1 :] + news[j + 1 :]
    if tail and pairs and any(e.tag != P for e in [news[j], *tail]):
        # A table before or in what comes at the end: its neighbour can't lend its mark.
        return [*pairs[:-1], (len(olds) - 1, len(news) - 1)]
    return pairs


def _said(element: Element) -> str:
    return word.text_of(element) if element.tag == P else word.all_text(element)


def _pieces(paragraph: Element, package: Package) -> list[Piece]:
    """What a paragraph is made of, in order."""
    found = []
    for child in paragraph:
        if child.tag == PPR:
            continue
        if child.tag != RUN:
            if child.tag in LEFT_OUT and child.tag != w("commentReference"):
                found.append(Piece(("mark", id(child)), "", None, child))
            else:
                found.append(Piece((child.tag, word.text_of(child), _pictures(child, package)), "", None, child))
            continue
        form = word.marked(child)
        for one in child:
            if one.tag == RPR:
                continue
            if one.tag == TEXT:
                found += [Piece(text, text, child, one, form) for text in tokens(one.text or "")]
            elif one.tag in SIGNS or one.tag in NOTES:
                found.append(Piece((one.tag,), "", child, one, form))
            else:
                found.append(
                    Piece((one.tag, one.text, _attributes(one), _pictures(one, package)), "", child, one, form)
                )
    return found


def _pictures(element: Element, package: Package) -> tuple[str, ...]:
    if element.tag in OBJECTS or element.tag in HOLDERS or element.find(f".//{RUN}") is not None:
        return (word.all_text(element), *(package.digest(r) for r in word.pictures(element)))
    return ()


def _attributes(element: Element) -> tuple[Any, ...]:
    if element.tag in OBJECTS or element.tag in LEFT_OUT:
        return ()
    return tuple(sorted((k, v) for k, v in element.attrib.items() if not k.endswith("Id")))


def _child_of(piece: Piece) -> Element:
    """A piece as a child of a run of its own."""
    if piece.element.tag != TEXT:
        return copy.deepcopy(piece.element)
    text = etree.Element(TEXT)
    text.text = piece.text
    text.set(SPACE, "preserve")
    return text


def _add(parent: Element, piece: Piece, properties: Element | None) -> None:
    run = etree.Element(RUN)
    if properties is not None:
        run.append(copy.deepcopy(properties))
    run.append(_child_of(piece))
    _join(parent, run)


def _join(parent: Element, run: Element) -> None:
    """Append a run, or put its words into the last one when they are formatted alike."""
    last = parent[-1] if len(parent) and parent[-1].tag == RUN else None
    words = (TEXT, w("delText"))
    if (
        last is None or last[-1].tag not in words or run[-1].tag != last[-1].tag
        or len(run) != len(last) or len(run) > 2
        or (len(run) == 2 and _form(run[0]) != _form(last[0]))
    ):  # fmt: skip
        parent.append(run)
        return
    last[-1].text = (last[-1].text or "") + (run[-1].text or "")


def _form(properties: Element) -> bytes:
    """A run's properties to compare; the ids of marks in them differ."""
    plain = copy.deepcopy(properties)
    for change in plain.iter(w("rPrChange")):
        change.attrib.pop(word.ID, None)
    return bytes(etree.tostring(plain))


def _plain(properties: Element | None, name: str) -> Element:
    """Properties as they stand inside a change: without what may not stand there."""
    found = etree.Element(w(name))
    for one in properties if properties is not None else ():
        if one.tag not in (RPR, w("sectPr"), w("pPrChange"), w("rPrChange"), w("ins"), w("del")):
            found.append(copy.deepcopy(one))
    return found


def _shape(properties: Element | None) -> tuple[tuple[str, str], ...]:
    """What of a paragraph's properties people see: style, alignment, list level, indent."""
    if properties is None:
        return ()
    found = [(n, properties.find(w(n))) for n in ("pStyle", "jc")]
    level = properties.find(f"{w('numPr')}/{w('ilvl')}")
    indent = properties.find(w("ind"))
    return tuple(
        [(n, e.get(word.VAL, "")) for n, e in found if e is not None]
        + ([("level", level.get(word.VAL, ""))] if level is not None else [])
        + ([("indent", indent.get(w("left"), ""))] if indent is not None and indent.get(w("left")) else [])
    )


def _child(parent: Element, tag: str, *, first: bool) -> Element:
    found = parent.find(tag)
    if found is None:
        found = etree.Element(tag)
        parent.insert(0 if first else len(parent), found)
    return found


def _put(element: Element, behind: Element | None, container: Element) -> None:
    """Before `behind`, or at the end of the container, where a section's properties stay last."""
    if behind is not None:
        behind.addprevious(element)
        return
    last = container[-1] if len(container) else None
    if last is not None and last.tag == w("sectPr"):
        last.addprevious(element)
    else:
        container.append(element)


def _xml(root: Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))

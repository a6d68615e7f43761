"""The Word file of a template, of what it is given: styles, title page, contents, sections, header and footer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from vault.class_content import WORDS, both

GUIDANCE = "Guidance"
"""The style of what is to be replaced."""
OPEN, CLOSE = "[", "]"
FONTS = {"en": "Calibri", "zh_CN": "Microsoft YaHei"}
INK, ACCENT, QUIET = RGBColor(0x1B, 0x24, 0x21), RGBColor(0x0B, 0x6B, 0x53), RGBColor(0x5F, 0x6B, 0x66)
HEAD, LINE = "E4F1EC", "C9D3CE"
WIDTH = 16.5  # cm between the margins


@dataclass(frozen=True)
class Cover:
    """The title page, and what runs at the top and the foot of each page."""

    title: str
    kind: str
    author: str
    language: str
    at: datetime
    house: str
    running: str
    clearance: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table: its heading, and the rows that are known; without any one empty row invites to begin."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Body:
    """A section: heading, guidance, table."""

    heading: str
    guidance: tuple[str, ...]
    table: Table | None = None


def written(cover: Cover, bodies: Sequence[Body]) -> bytes:
    """The Word file."""
    made = docx.Document()
    _styles(made, cover.language)
    _properties(made, cover)
    _page(made, cover)
    made.add_paragraph(cover.title, style="Title")
    made.add_paragraph(cover.kind, style="Subtitle")
    _facts(made, cover)
    made.add_paragraph(both(WORDS["contents"], cover.language), style="Contents")
    _contents(made, [body.heading for body in bodies])
    for number, body in enumerate(bodies):
        heading = made.add_heading(body.heading, 1)
        heading.paragraph_format.page_break_before = number == 0
        _bookmark(heading, number)
        for sentence in body.guidance:
            made.add_paragraph(OPEN + sentence + CLOSE, style=GUIDANCE)
        if body.table:
            _table(made, body.table)
    whole = io.BytesIO()
    made.save(whole)
    return whole.getvalue()


def _properties(made: Any, cover: Cover) -> None:
    told = made.core_properties
    told.author = told.last_modified_by = cover.author
    told.title, told.category, told.language = cover.title, cover.kind, cover.language.replace("_", "-")
    told.created = told.modified = cover.at
    told.comments, told.revision = "", 1


def _styles(made: Any, language: str) -> None:
    for name in (GUIDANCE, "Contents"):
        made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = made.styles["Normal"]
    for name, size, colour, above, below in (
        ("Normal", 10.5, INK, 0, 6), ("Title", 28, ACCENT, 120, 4), ("Subtitle", 14, QUIET, 0, 30),
        ("Heading 1", 16, ACCENT, 22, 6), ("Heading 2", 13, ACCENT, 14, 4), ("Heading 3", 11, INK, 10, 3),
        ("List Bullet", 10.5, INK, 0, 3), ("Contents", 14, ACCENT, 30, 6), (GUIDANCE, 10.5, QUIET, 0, 6),
        ("Header", 8.5, QUIET, 0, 0), ("Footer", 8.5, QUIET, 0, 0),
    ):  # fmt: skip
        style = made.styles[name]
        style.font.size, style.font.color.rgb = Pt(size), colour
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(below)
        _font(style, FONTS[language])
    made.styles["Normal"].paragraph_format.line_spacing = 1.25
    made.styles["Subtitle"].font.italic = False
    # Chinese fonts have no slanted letters; a word processor would bend them.
    made.styles[GUIDANCE].font.italic = language == "en"
    for border in made.styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def _font(style: Any, name: str) -> None:
    """One font for every script: the theme's own would win over the name otherwise."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _page(made: Any, cover: Cover) -> None:
    """A4, the header with project, version and clearance, the footer with the page's number."""
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm((21 - WIDTH) / 2)
    section.top_margin, section.bottom_margin = Cm(2.6), Cm(2.2)
    version = f"{both(WORDS['version'], cover.language)} 1"
    page = both(WORDS["page"], cover.language)
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    for line in (head, foot):
        stops = line.paragraph_format.tab_stops
        for stop in (Cm(WIDTH / 2), Cm(WIDTH)):
            stops.add_tab_stop(stop, WD_TAB_ALIGNMENT.CENTER if stop < Cm(WIDTH) else WD_TAB_ALIGNMENT.RIGHT)
    head.add_run(f"{cover.running}\t{version}\t{cover.clearance}")
    foot.add_run(f"{cover.house}\t\t")
    before, _, rest = page.partition("{page}")
    between, _, after = rest.partition("{pages}")
    foot.add_run(before)
    _field(foot, "PAGE", "1")
    foot.add_run(between)
    _field(foot, "NUMPAGES", "1")
    foot.add_run(after)
    for style in ("Header", "Footer"):
        stops = made.styles[style].element.find(f".//{qn('w:tabs')}")
        if stops is not None:
            stops.getparent().remove(stops)


def _facts(made: Any, cover: Cover) -> None:
    table = made.add_table(rows=0, cols=2)
    for name, value in cover.facts:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value
        cells[0].width, cells[1].width = Cm(3.6), Cm(WIDTH - 3.6)
        cells[0].paragraphs[0].runs[0].font.color.rgb = QUIET
    _borders(table, inner=False)
    _grid(table, [3.6, WIDTH - 3.6])


def _table(made: Any, told: Table) -> None:
    table = made.add_table(rows=0, cols=len(told.columns))
    widths = _widths(told)
    for place, row in enumerate((told.columns, *(told.rows or (("",) * len(told.columns),)))):
        line = table.add_row()
        for cell, words, width in zip(line.cells, row, widths, strict=True):
            cell.text, cell.width = words, Cm(width)
            shape = cell.paragraphs[0].paragraph_format
            shape.space_before = shape.space_after = Pt(2)
            if place == 0:
                cell.paragraphs[0].runs[0].font.bold = True
                shade = OxmlElement("w:shd")
                for key, value in (("val", "clear"), ("color", "auto"), ("fill", HEAD)):
                    shade.set(qn(f"w:{key}"), value)
                cell._tc.get_or_add_tcPr().append(shade)
        about = line._tr.get_or_add_trPr()
        about.append(OxmlElement("w:cantSplit"))
        if place == 0:
            about.append(OxmlElement("w:tblHeader"))
    _borders(table, inner=True)
    _grid(table, widths)
    after = made.add_paragraph().paragraph_format
    after.space_after, after.line_spacing = Pt(0), Pt(6)


def _widths(told: Table) -> list[float]:
    """Centimetres a column: by what stands in it, none under two."""
    longest = [
        max((min(len(row[i]), 60) for row in (told.columns, *told.rows)), default=1) for i in range(len(told.columns))
    ]
    share = [max(1.0, length**0.7) for length in longest]
    return [max(2.0, WIDTH * one / sum(share)) for one in share]


def _breadth(words: str) -> int:
    """Letters; a Chinese one takes the room of two."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in words)


def _grid(table: Any, widths: Sequence[float]) -> None:
    """Columns as wide as the cells say; LibreOffice goes by the grid."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)


def _borders(table: Any, *, inner: bool) -> None:
    about = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH", *(("left", "right", "insideV") if inner else ())):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    # The format wants its sides in an order of its own.
    order = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders[:] = sorted(borders, key=lambda line: order.index(line.tag.split("}")[1]))
    about.append(borders)
    # … and the borders before the layout.
    layout = about.find(qn("w:tblLayout"))
    look = about.find(qn("w:tblLook"))
    for later in (layout, look):
        if later is not None:
            about.remove(later)
            about.append(later)


def _contents(made: Any, headings: Sequence[str]) -> None:
    """A field that Word fills anew when it opens the file; until then it names the sections."""
    for place, heading in enumerate(headings or [""]):
        line = made.add_paragraph()
        line.paragraph_format.space_after = Pt(2)
        if place == 0:
            line._p.append(_mark("begin", dirty=True))
            line._p.append(_instruction('TOC \\o "1-2" \\h \\z \\u'))
            line._p.append(_mark("separate"))
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), f"_Toc{place + 1:08d}")
        run = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = heading
        run.append(text)
        link.append(run)
        line._p.append(link)
        if place == len(headings or [""]) - 1:
            line._p.append(_mark("end"))


def _bookmark(paragraph: Any, number: int) -> None:
    begin, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    begin.set(qn("w:name"), f"_Toc{number + 1:08d}")
    for mark in (begin, end):
        mark.set(qn("w:id"), str(number + 1))
    paragraph._p.insert_element_before(begin, "w:r")
    paragraph._p.append(end)


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    paragraph._p.append(_mark("begin"))
    paragraph._p.append(_instruction(instruction))
    paragraph._p.append(_mark("separate"))
    paragraph.add_run(shown)
    paragraph._p.append(_mark("end"))


def _mark(kind: str, *, dirty: bool = False) -> Any:
    run, mark = OxmlElement("w:r"), OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    if dirty:
        mark.set(qn("w:dirty"), "true")
    run.append(mark)
    return run


def _instruction(words: str) -> Any:
    run, text = OxmlElement("w:r"), OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = f" {words} "
    run.append(text)
    return run

"""The sample's documents: Word files made from text with a few marks.

A line begins with `## ` (heading), `### ` (smaller one), `- ` (bullet), `| ` (row of a table, the first
one its heading) or is a paragraph. `@2 ` before it: from version 2 on; `@1-2 `: in these versions only.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

SINCE = re.compile(r"@(\d)(?:-(\d))? ")
STYLES = (
    "Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "List Bullet", "Header", "Footer", "Light Grid Accent 1",
    "Normal Table", "Table Grid", "Default Paragraph Font", "No List",
)  # fmt: skip
INK, ACCENT = RGBColor(0x1B, 0x24, 0x21), RGBColor(0x0B, 0x6B, 0x53)


@dataclass(frozen=True)
class Cover:
    """What stands before the text: the title, the line below it, and the table of versions."""

    title: str
    line: str
    author: str
    language: str
    font: str
    versions: tuple[tuple[str, ...], ...]
    """The heading first, then a row a version."""


def written(cover: Cover, body: str, *, version: int, at: datetime) -> io.BytesIO:
    """The Word file of one version."""
    made = docx.Document(io.BytesIO(_paper(cover.font)))
    made.core_properties.author = made.core_properties.last_modified_by = cover.author
    made.core_properties.title = cover.title
    made.core_properties.language = cover.language
    made.core_properties.created = made.core_properties.modified = at
    made.core_properties.revision = version
    made.core_properties.comments = ""
    made.sections[0].footer.paragraphs[0].text = cover.line
    made.add_paragraph(cover.title, style="Title")
    made.add_paragraph(cover.line, style="Subtitle")
    _table(made, cover.versions[: version + 1])
    for kind, lines in _blocks(body, version):
        if kind == "|":
            _table(
                made,
                [
                    [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]
                    for line in lines
                ],
            )
        elif kind == "##":
            made.add_heading(lines[0], 1)
        elif kind == "###":
            made.add_heading(lines[0], 2)
        else:
            made.add_paragraph(lines[0], style="List Bullet" if kind == "-" else None)
    whole = io.BytesIO()
    made.save(whole)
    whole.seek(0)
    return whole


def _blocks(body: str, version: int) -> Iterator[tuple[str, list[str]]]:
    """The lines of this version as (mark, lines); the rows of one table come together."""
    table: list[str] = []
    for line in body.strip().splitlines():
        since = SINCE.match(line)
        if since and not int(since[1]) <= version <= int(since[2] or version):
            continue
        line = line[since.end() :] if since else line
        if line.startswith("|"):
            table.append(line)
            continue
        if table:
            yield "|", table
            table = []
        mark, _space, rest = line.partition(" ")
        if mark in ("##", "###", "-"):
            yield mark, [rest]
        elif line.strip():
            yield "", [line]
    if table:
        yield "|", table


def _table(made: Any, rows: Sequence[Sequence[str]]) -> None:
    table = made.add_table(rows=0, cols=len(rows[0]), style="Light Grid Accent 1")
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    made.add_paragraph()


@cache
def _paper(font: str) -> bytes:
    """An empty document with our styles and no others: of python-docx' 160 each paragraph asks all for the default."""
    made = docx.Document()
    for style in list(made.styles):
        if style.name not in STYLES:
            style.element.getparent().remove(style.element)
    for name, size, colour in (
        ("Normal", 10.5, INK), ("Title", 24, ACCENT), ("Subtitle", 11, INK), ("Heading 1", 15, ACCENT),
        ("Heading 2", 12, ACCENT),
    ):  # fmt: skip
        style = made.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = font, Pt(size), colour
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    whole = io.BytesIO()
    made.save(whole)
    return whole.getvalue()

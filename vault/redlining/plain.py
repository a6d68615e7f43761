"""Blocks as a plain Word document: what tracked changes are made of when the files are no Word files.

Runs in the child. Paragraphs, headings and tables, without styles beyond that.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from html import escape

from vault.redlining.blocks import Block
from vault.redlining.word import R, W

PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>'
    ),
}
BORDERS = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="BBBBBB"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))  # fmt: skip
PAGE = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr>'


def document(blocks: Sequence[Block]) -> bytes:
    """A Word document that says what the blocks say; rows that follow each other are one table."""
    body: list[str] = []
    table: list[str] = []

    def shut() -> None:
        if table:
            body.append(
                f"<w:tbl><w:tblPr><w:tblBorders>{BORDERS}</w:tblBorders></w:tblPr><w:tblGrid/>{''.join(table)}</w:tbl>"
            )
            table.clear()

    for block in blocks:
        if block.kind == "row":
            cells = "".join(f"<w:tc><w:tcPr/>{_paragraph(cell)}</w:tc>" for cell in block.cells)
            table.append(f"<w:tr>{cells}</w:tr>")
        else:
            shut()
            body.append(_paragraph(block.text, block.level if block.kind == "heading" else 0))
    shut()
    xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{"".join(body)}<w:p/>{PAGE}</w:body></w:document>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**PARTS, "word/document.xml": xml}.items():
            archive.writestr(name, part)
    return file.getvalue()


def _paragraph(text: str, level: int = 0) -> str:
    strong = f'<w:rPr><w:b/><w:sz w:val="{max(22, 34 - 3 * level)}"/></w:rPr>' if level else ""
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line, quote=False)}</w:t>' for line in _printable(text).split("\n")
    )
    return f"<w:p><w:r>{strong}{lines}</w:r></w:p>" if text else "<w:p/>"


def _printable(text: str) -> str:
    """XML knows no control characters."""
    return "".join(
        c
        if c in "\t\n" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) not in (0xFFFE, 0xFFFF))
        else "\ufffd"
        for c in text
    )

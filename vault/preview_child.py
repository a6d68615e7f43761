"""Opens files that may be hostile, for the preview. Run by vault/preview.py as `python -I`, never imported.

Takes requests as vault/children.py sends them; answers with a line of JSON, how it ended, and then
plain text in the shape of the kind, as JSON:

- table: {"sheets": [{"name", "widths": [px or null], "rows": [[cell]], "merged": [[row, column, rows, columns]],
  "cut"}], "styles": [{…}]}, a cell null, a text, or [text, number of its style];
- mail: {"head": [[name, value]], "text", "attachments": [{"name", "type", "size"}]};
- text, markdown: {"text"}; places: {"places": [[kind, label, text]]}, as vault/text_child.py takes them.
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
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # -I leaves out the script's own folder

from vault import child, text_child

MEMORY = 2 * 1024 * 1024 * 1024  # bytes of address space
CPU = 600  # seconds over its whole life
SECONDS = 12.0  # then what has been read is what is shown
ROWS, COLUMNS, CELLS = 5_000, 200, 150_000  # of a sheet, of a row, of a file
LONGEST = 2_000  # characters of a cell
MOST = 1_000_000  # characters of a text
SHEETS = 50
XML = 128 * 1024 * 1024  # bytes of a sheet's XML that are looked through for merged cells
STYLES = 500
ATTACHMENTS = 200


class Nothing(Exception):
    """There is nothing to show; the argument says why."""


def shown(content: bytes, name: str, kind: str) -> tuple[str, dict[str, Any]]:
    """How it ended, whole or cut or why there is nothing, and what is shown."""
    try:
        if kind == "table":
            return workbook(content) if content.startswith(b"PK") else separated(content)
        if kind == "mail":
            return message(content) if content.startswith(b"\xd0\xcf\x11\xe0") else mail(content)
        if kind == "places":
            outcome, places = text_child.taken(content, name)
            if outcome not in ("text", "cut"):
                return ("none" if outcome == "image-only" else outcome), {}
            kept, cut = list[tuple[str, str, str]](), outcome == "cut"
            left = MOST
            for place in places:
                kept.append((place[0], place[1], place[2][:left]))
                left -= len(place[2])
                if left <= 0:
                    cut = True
                    break
            return ("cut" if cut else "whole"), {"places": kept}
        return plain(content)
    except Nothing as nothing:
        return str(nothing), {}
    except Exception:  # whatever a hostile file does to a parser is one thing to us
        return "unreadable", {}


def plain(content: bytes) -> tuple[str, dict[str, Any]]:
    """A text in whichever encoding it stands."""
    text = text_child.decoded(content)
    return ("cut" if len(text) > MOST else "whole"), {"text": text[:MOST]}


# mail


def mail(content: bytes) -> tuple[str, dict[str, Any]]:
    """Head, text and the names of what is attached. Of a mail that is only a page of HTML, its text."""
    found = email.message_from_bytes(content, policy=email.policy.default)
    head = [(name, text_child.header(found, name)) for name in ("from", "to", "cc", "date", "subject")]
    body = found.get_body(preferencelist=("plain", "html"))
    text = "" if body is None else text_child.part_text(body)
    if body is not None and body.get_content_type() == "text/html":
        text = _read(text)
    attached = []
    for part in list(found.iter_attachments())[:ATTACHMENTS]:
        inner: Any = part.get_payload(decode=True)
        if inner is None:  # a mail in a mail
            inner = part.get_content().as_bytes() if part.get_content_type() == "message/rfc822" else b""
        attached.append(_attached(part.get_filename() or "", part.get_content_type(), len(inner)))
    return _mail(head, text, attached)


def message(content: bytes) -> tuple[str, dict[str, Any]]:
    """The same of an Outlook message."""
    import oxmsg

    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Nothing("password-protected")
    found = oxmsg.Message.load(content)
    head = [
        ("from", str(found.sender or "")),
        ("to", "; ".join(f"{r.name} {f'<{r.email_address}>' if r.email_address else ''}".strip() for r in found.recipients)),
        ("date", str(found.sent_date or "")),
        ("subject", str(found.subject or "")),
    ]  # fmt: skip
    text = found.body or (_read(found.html_body) if found.html_body else "")
    attached = [
        _attached(a.file_name or "", a.mime_type or "", len(a.file_bytes or b""))
        for a in list(found.attachments)[:ATTACHMENTS]
    ]
    return _mail(head, text, attached)


def _mail(head: list[tuple[str, str]], text: str, attached: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    said = [(name, value[:LONGEST]) for name, value in head if value.strip()]
    return ("cut" if len(text) > MOST else "whole"), {"head": said, "text": text[:MOST], "attachments": attached}


def _attached(name: str, kind: str, size: int) -> dict[str, Any]:
    return {"name": name[:200], "type": kind[:100], "size": size}


def _read(page: str | bytes) -> str:
    """What a reader would see of a page of HTML."""
    return "\n\n".join(text.strip() for _kind, _label, text in text_child.html(page) if text.strip())


# tables


def separated(content: bytes) -> tuple[str, dict[str, Any]]:
    """A table with separators."""
    text = text_child.decoded(content)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4000], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    left = _Left()
    rows = left.taken([cell or None for cell in row] for row in csv.reader(io.StringIO(text), dialect))
    sheet = {"name": "", "widths": [], "rows": rows, "merged": [], "cut": left.cut}
    return ("cut" if left.cut else "whole"), {"sheets": [sheet], "styles": []}


class _Left:
    """How many cells and seconds are left for one file, whatever it holds."""

    def __init__(self) -> None:
        self.cells, self.until, self.cut = CELLS, time.monotonic() + SECONDS, False

    def taken(self, rows: Iterable[list[Any]]) -> list[list[Any]]:
        """The rows, as many as are left; empty ones at the end are left out. `cut` says whether there are more."""
        kept, self.cut = list[list[Any]](), False
        for number, row in enumerate(rows):
            if number >= ROWS or self.cells <= 0 or time.monotonic() > self.until:
                self.cut = True
                break
            cells = [_short(cell) for cell in row[:COLUMNS]]
            while cells and cells[-1] is None:
                cells.pop()
            self.cut = self.cut or any(cell is not None for cell in row[COLUMNS:])
            self.cells -= len(cells) + 1
            kept.append(cells)
        while kept and not kept[-1]:
            kept.pop()
        return kept


def _short(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell[:LONGEST]
    return cell


def workbook(content: bytes) -> tuple[str, dict[str, Any]]:
    """The sheets that Excel would show, with values as they were last computed, widths, and the plainest of formats."""
    import openpyxl

    source = io.BytesIO(content)
    values = openpyxl.load_workbook(source, read_only=True, data_only=True, keep_links=False)
    formulas = openpyxl.load_workbook(source, read_only=True, data_only=False, keep_links=False)
    visible = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"] or values.worksheets
    left, looks, sheets = _Left(), _Looks(values), list[dict[str, Any]]()
    cut = len(visible) > SHEETS
    for sheet in visible[:SHEETS]:
        beside = formulas[sheet.title]
        for one in (sheet, beside):
            one.reset_dimensions()  # what a file says of its size need not be so
        both = zip(sheet.iter_rows(), beside.iter_rows(), strict=False)
        rows = left.taken([_cell(a, b, looks) for a, b in zip(row, other, strict=False)] for row, other in both)
        widths, merged = _laid_out(sheet)
        sheets.append({"name": sheet.title, "widths": widths, "rows": rows, "merged": merged, "cut": left.cut})
        cut = cut or left.cut
    return ("cut" if cut else "whole"), {"sheets": sheets, "styles": looks.styles}


def _cell(value: Any, formula: Any, looks: _Looks) -> Any:
    """A cell as it is shown; one that was never computed shows its formula."""
    shown = value.value
    if shown is None and isinstance(formula.value, str) and formula.value.startswith("="):
        return formula.value[:LONGEST]
    style = looks.of(value)
    if shown is None:
        return ["", style] if style and "fill" in looks.styles[style] else None
    text = formatted(shown, getattr(value, "number_format", None) or "General")[:LONGEST]
    if not isinstance(shown, str):
        style = looks.right(style)
    return [text, style] if style else text


class _Looks:
    """Styles that cells share, by number; 0 is none. Bold, italic, colours, alignment, wrapping: no more."""

    def __init__(self, book: Any) -> None:
        self.styles: list[dict[str, Any]] = [{}]
        self._numbers: dict[str, int] = {"{}": 0}
        self._known: dict[int, int] = {}
        self._theme = _theme(book.loaded_theme)

    def of(self, cell: Any) -> int:
        """The number of a cell's style."""
        own = getattr(cell, "_style_id", 0)
        if own not in self._known:
            self._known[own] = self._number(self._look(cell)) if own else 0
        return self._known[own]

    def right(self, style: int) -> int:
        """The same style for a number: to the right unless it is said otherwise."""
        known = self.styles[style]
        return style if "align" in known else self._number({**known, "align": "right"})

    def _number(self, look: dict[str, Any]) -> int:
        key = json.dumps(look, sort_keys=True)
        if key not in self._numbers:
            if len(self.styles) >= STYLES:
                return 0
            self._numbers[key] = len(self.styles)
            self.styles.append(look)
        return self._numbers[key]

    def _look(self, cell: Any) -> dict[str, Any]:
        font, fill, alignment = cell.font, cell.fill, cell.alignment
        found = {
            "bold": bool(font.b), "italic": bool(font.i), "struck": bool(font.strike), "ink": self._colour(font.color),
            "fill": self._colour(fill.fgColor) if fill.fill_type == "solid" else "",
            "align": alignment.horizontal if alignment.horizontal in ("left", "center", "right") else "",
            "wrap": bool(alignment.wrap_text),
        }  # fmt: skip
        # Black is what is written with anyway.
        return {name: value for name, value in found.items() if value and (name, value) != ("ink", "#000000")}

    def _colour(self, colour: Any) -> str:
        """A colour as #rrggbb, or nothing."""
        if colour is None:
            return ""
        found = ""
        if colour.type == "rgb" and isinstance(colour.rgb, str):
            found = colour.rgb[-6:]
        elif colour.type == "indexed":
            from openpyxl.styles.colors import COLOR_INDEX

            found = COLOR_INDEX[colour.indexed][-6:] if colour.indexed < 64 else ""
        elif colour.type == "theme" and colour.theme < len(self._theme):
            found = self._theme[colour.theme]
        if not re.fullmatch(r"[0-9A-Fa-f]{6}", found):
            return ""
        parts = [int(found[n : n + 2], 16) for n in (0, 2, 4)]
        tint = float(colour.tint or 0.0)
        parts = [round(p * (1 + tint)) if tint < 0 else round(p + (255 - p) * tint) for p in parts]
        return "#" + "".join(f"{min(255, max(0, p)):02x}" for p in parts)


def _theme(xml: bytes | None) -> list[str]:
    """The colours of a workbook's theme in the order in which cells number them."""
    if not xml:
        return []
    named = dict(
        re.findall(r"<a:(dk1|lt1|dk2|lt2|accent[1-6])>.*?(?:lastClr|srgbClr val)=\"([0-9A-Fa-f]{6})\"", xml.decode("utf-8", "replace"), re.S)
    )  # fmt: skip
    return [named.get(n, "") for n in ("lt1", "dk1", "lt2", "dk2", *(f"accent{k}" for k in range(1, 7)))]


def _laid_out(sheet: Any) -> tuple[list[int | None], list[list[int]]]:
    """Widths of the columns in pixels, and merged cells, which openpyxl leaves out when it only reads."""
    from openpyxl.utils.cell import range_boundaries

    with sheet.parent._archive.open(sheet._worksheet_path) as source:
        xml = source.read(XML)
    widths: list[int | None] = []
    columns = re.search(rb"<(?:\w+:)?cols>.*?</(?:\w+:)?cols>", xml[:200_000], re.S)
    for column in re.findall(rb"<(?:\w+:)?col\b[^>]*>", columns[0] if columns else b""):
        said = dict(re.findall(rb'(\w+)="([^"]*)"', column))
        first, last = int(said.get(b"min", b"1")), min(int(said.get(b"max", b"1")), COLUMNS)
        pixels = None if b"width" not in said else min(600, round(float(said[b"width"]) * 7 + 5))
        if said.get(b"hidden") in (b"1", b"true"):
            pixels = 0
        widths += [None] * (first - 1 - len(widths))
        widths += [pixels] * (last - len(widths))
    merged = []
    for place in re.findall(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]+\d+:[A-Z]+\d+)"', xml)[:5_000]:
        left, top, right, bottom = range_boundaries(place.decode())
        if top <= ROWS and left <= COLUMNS:
            merged.append([top - 1, left - 1, min(bottom, ROWS) - top + 1, min(right, COLUMNS) - left + 1])
    return widths[:COLUMNS], merged


def formatted(value: Any, form: str) -> str:
    """A value as its number format shows it, in the plain cases: days, percent, decimals, thousands, currency.

    >>> formatted(1234.5, "#,##0.00 [$€-407]"), formatted(0.125, "0.0%"), formatted(3.0, "General")
    ('1,234.50 €', '12.5%', '3')
    >>> formatted(datetime(2026, 3, 1), "yyyy-mm-dd"), formatted(True, "General"), formatted(7, "000")
    ('2026-03-01', 'TRUE', '007')
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        timed = value.time() != datetime.min.time() or "h" in form.lower()
        return value.isoformat(" ", "minutes") if timed else value.date().isoformat()
    if isinstance(value, (date, timedelta)) or not isinstance(value, (int, float)):
        return str(value)
    section = re.sub(r'\[(?:\$([^\]-]*)(?:-[^\]]*)?|[^\]]*)\]|"([^"]*)"|\\(.)|[_*].', _literal, form.split(";")[0])
    parts = re.fullmatch(r"([^0#?]*)([0#?,]*)(?:\.([0#?]*))?(E\+0+)?([^0#?]*)", section)
    if "General" in section or parts is None or not (parts[2] or parts[3]):
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    before, whole, decimals, scientific, after = parts[1], parts[2], parts[3] or "", parts[4], parts[5]
    if "%" in before + after:
        value *= 100
    if scientific:
        return f"{before}{value:.{len(decimals)}E}{after}"
    text = f"{abs(value):{',' if ',' in whole.rstrip(',') else ''}.{len(decimals)}f}"
    optional = len(decimals) - len(decimals.rstrip("#?"))
    for _ in range(optional):
        text = text[:-1] if text.endswith("0") and "." in text else text
    least = whole.count("0")
    digits, dot, rest = text.rstrip(".").partition(".")
    digits = digits.rjust(least, "0") if "," not in digits else digits
    return f"{'-' if value < 0 else ''}{before}{digits}{dot}{rest}{after}"


def _literal(found: re.Match[str]) -> str:
    """What of a piece of a number format is text; digits in it would be taken for places."""
    text = found[1] or found[2] or found[3] or ""
    return re.sub(r"[0#?]", "", text)


def main() -> None:
    """Answer until the parent goes."""
    # Imported while files may still be opened by nobody but us.
    import charset_normalizer  # noqa: F401
    import lxml.etree
    import lxml.html  # noqa: F401
    import openpyxl
    import openpyxl.styles.colors
    import openpyxl.utils.cell  # noqa: F401
    import oxmsg  # noqa: F401
    import puremagic  # noqa: F401
    import pypdf  # noqa: F401
    from striprtf import striprtf  # noqa: F401

    child.give_up_rights(MEMORY, CPU)
    for about, content in child.requests():
        try:
            outcome, found = shown(content, about["name"], about["kind"])
        except MemoryError:
            outcome, found = "unreadable", {}
        made = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
        child.tell({"outcome": outcome}, made)


if __name__ == "__main__":
    main()

"""The words and addresses that the search page and the palette share."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from core.language import text as _
from vault.search import Hit
from vault.words import Marked

KINDS = ("class", "state", "clearance", "author", "year")
"""Facets; each stands in the address under its name."""


def document_address(project: str, code: str) -> str:
    """Where a document opens."""
    return "/documents?" + urlencode({"project": project, "document": code})


def requirement_address(project: str, code: str) -> str:
    """Where a requirement opens."""
    return "/board?" + urlencode({"project": project, "card": code})


def address(project: str, q: str, chosen: Mapping[str, str] | None = None, page: int = 1) -> str:
    """The result page of a question."""
    shown = {key: value for key, value in (chosen or {}).items() if value}
    return "/search?" + urlencode({"project": project, "q": q, **shown, **({"page": page} if page > 1 else {})})


def where(hit: Hit) -> str:
    """The place of a hit's piece, in words: page 3, sheet “Costs”, the heading."""
    if hit.said:
        return _("in a comment")
    place = hit.place
    if place is None or not place.label:
        return ""
    return {
        "page": _("page {number}", number=place.label),
        "slide": _("slide {number}", number=place.label),
        "sheet": _("sheet “{name}”", name=place.label),
    }.get(place.kind, _part(place.label))


def _part(label: str) -> str:
    """A heading or an attachment by its own name; parts of Word files by ours."""
    return {
        "header": _("header"), "footer": _("footer"), "footnotes": _("footnotes"), "endnotes": _("endnotes"),
        "comments": _("comments in the file"),
    }.get(label, label)  # fmt: skip


def shown(pieces: Marked) -> str:
    """A piece of text with its marks, as HTML; what people wrote is escaped."""
    return "".join(f"<mark>{escape(text)}</mark>" if on else escape(text) for text, on in pieces)

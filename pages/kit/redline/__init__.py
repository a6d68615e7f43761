"""A redline on the screen: what was inserted, deleted, moved and formatted, with next and previous.

The script fetches the comparison itself, as lines with progress (vault/redline_routes.py): a long one
doesn't hold up the page, and can be cancelled.
"""

from __future__ import annotations

from typing import Any

from core import language
from core.language import text as _
from pages.kit import scripts


def redline(*, key: str, query: str) -> Any:
    """Draw the redline that `query` (project, a, b as in the address) asks for."""
    return scripts.component("redline", "redline/redline.js", "redline/redline.css")(
        key=key,
        data={
            "query": query,
            "language": language.current().replace("_", "-"),
            "words": {
                "insertions": _("inserted"),
                "deletions": _("deleted"),
                "moved": _("moved"),
                "formatting": _("formatting"),
                "comparing": _("Comparing …"),
                "making": _("Making the Word file and checking it …"),
                "cancel": _("Cancel"),
                "cancelled": _("Cancelled."),
                "again": _("Try again"),
                "broken": _("The connection broke. Try again."),
                "ended": _("Your session has ended. Sign in again."),
                "next": _("Next change (n)"),
                "previous": _("Previous change (p)"),
                "of": _("{place} of {count}"),
                "changesOnly": _("Changes only"),
                "all": _("Everything"),
                "beside": _("Side by side"),
                "inline": _("In one text"),
                "showFormatting": _("Formatting too"),
                "view": _("View"),
                "extent": _("Extent"),
                "unchanged": _("{count} unchanged – show"),
                "movedFrom": _("moved from {place}"),
                "movedTo": _("moved to {place}"),
                "movedFromHere": _("moved from elsewhere"),
                "movedToThere": _("moved elsewhere"),
                "was": _("was {place}"),
                "old": _("Old"),
                "new": _("New"),
                "image": _("[image]"),
                "sheetAdded": _("Sheet added"),
                "sheetRemoved": _("Sheet removed"),
                "word": _("Word file"),
                "wordFile": _("Word file with tracked changes"),
                "ready": _("Checked: accepting all gives the new text, rejecting all the old one."),
                "region": _("Comparison"),
            },
        },
    )

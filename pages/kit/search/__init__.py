"""Find anything: a field in the top bar that opens by Ctrl K and answers as one types."""

from __future__ import annotations

from core.language import text as _
from pages.kit import scripts


def palette(project: str) -> None:
    """Draw the field; it looks in the project with this code and leads to what is chosen."""
    scripts.component("search", "search/search.js", "search/search.css")(
        key="palette",
        data={
            "project": project,
            "words": {
                "find": _("Find anything"),
                "hint": _("Titles, contents, comments, codes …"),
                "requirements": _("Requirements"),
                "documents": _("Documents"),
                "nothing": _("Nothing found."),
                "all": _("All results"),
                "close": _("Close"),
                "noAnswer": _("The server did not answer. Try again."),
                "signedOut": _("Your session has ended. Sign in again."),
            },
        },
    )

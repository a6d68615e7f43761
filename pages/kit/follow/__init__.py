"""What makes a plain list lively: its links open without a new page, its files are fetched only when they
can be, and what others do comes in. The queue of uploads stays where it is meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.language import text as _
from pages.kit import scripts

LINK = "ac-go"
"""The class of links that change the address of this page only; fetching links begin with /vault/download/."""


def follow(*, key: str, project: str, seq: int, on_go: Callable[[], None]) -> Any:
    """Watch the page's links and the project's events after number `seq`.

    `go` of the result holds {query}: the part of the address behind the question mark that a link
    leads to; `on_go` writes it into the address. News only draw the page anew.
    """
    return scripts.component("follow", "follow/follow.js", "follow/follow.css")(
        key=key,
        data={
            "project": project, "seq": seq, "link": LINK,
            "words": {
                "close": _("Close"),
                "noAnswer": _("The server did not answer. Try again."),
                "signedOut": _("You are signed out. Sign in again in another tab, then try again."),
            },
        },
        on_go_change=on_go,
        on_news_change=lambda: None,
    )  # fmt: skip

"""Sends the browser to a page of ours, as a whole page and not as a rerun, and lets it keep a choice."""

from __future__ import annotations

from urllib.parse import quote

from pages.kit import scripts


def go(to: str) -> None:
    """Go to an address that begins with a slash."""
    _browser("go", to=to)


def begin(ticket: str) -> None:
    """Exchange a ticket for a session."""
    go(f"/session/begin?ticket={quote(ticket)}")


def remember(name: str, value: str, *, anew: bool = False) -> None:
    """Keep a choice (language, theme) where the page's first script finds it; `anew` loads the page again."""
    _browser(f"remember-{name}", name=name, value=value, anew=anew)


def _browser(key: str, **data: object) -> None:
    scripts.component("go", "go/go.js", "go/go.css")(key=key, data=data)

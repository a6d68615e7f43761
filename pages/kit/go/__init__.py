"""Sends the browser to a page of ours, as a whole page and not as a rerun."""

from __future__ import annotations

from urllib.parse import quote

from pages.kit import scripts


def go(to: str) -> None:
    """Go to an address that begins with a slash."""
    scripts.component("go", "go/go.js", "go/go.css")(key="go", data={"to": to})


def begin(ticket: str) -> None:
    """Exchange a ticket for a session."""
    go(f"/session/begin?ticket={quote(ticket)}")

"""A version of a document on the screen: a button and the large sheet that it opens.

What was uploaded is drawn in a frame that has no origin, no network and no way to another page
(pages/routes/preview.py): its bytes never run in ours. vendor/ holds what draws it, with the licences;
tests/pages/test_preview.py knows versions and digests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import language
from core.language import text as _
from pages.kit import scripts
from vault.preview import NOT_SHOWN

FRAME = "/preview/frame"
"""Where the frame's page stands."""

LINK = "ac-preview"
"""The class of links that open another version; they lead to #preview-<number>."""


def preview(
    *, key: str, document: str, code: str, title: str, version: int, files: Mapping[int, tuple[str, str]]
) -> Any:
    """Draw the button that opens `version` of a document.

    `files` says for each version how it is shown (vault/preview.py), and its file's name.
    """
    return scripts.component("preview", "preview/preview.js", "preview/preview.css")(
        key=key,
        width="content",
        data={
            "document": document, "code": code, "title": title, "version": version,
            "files": {str(number): list(about) for number, about in files.items()},
            "base": f"{scripts.ADDRESS}/{scripts.version()}/preview/", "frame": FRAME,
            "language": language.current().replace("_", "-"), "words": _words(), "inside": _inside(),
        },
    )  # fmt: skip


def _words() -> dict[str, str]:
    return {
        "preview": _("Preview"),
        "frame": _("The document"),
        "page": _("Page"),
        "of": _("of {count}"),
        "previous": _("Previous page (p)"),
        "next": _("Next page (n)"),
        "larger": _("Larger (+)"),
        "smaller": _("Smaller (-)"),
        "fit": _("Usual size (0)"),
        "width": _("Whole width"),
        "fetch": _("Fetch"),
        "close": _("Close"),
        "dismiss": _("Dismiss"),
        "opening": _("Opening …"),
        "leads": _("This link leads to"),
        "open": _("Open in a new tab"),
        "broken": _("The connection broke. Try again."),
        "ended": _("Your session has ended. Sign in again."),
        "slow": NOT_SHOWN["timeout"].text(),
        "failed-unreadable": NOT_SHOWN["unreadable"].text(),
        "failed-password": NOT_SHOWN["password-protected"].text(),
        "failed-large": NOT_SHOWN["timeout"].text(),
        "failed-pixels": _(
            "The picture has too many pixels to be shown here. Fetch it and open it with another program."
        ),
    }


def _inside() -> dict[str, str]:
    """The words that are drawn in the frame."""
    return {
        "preview": _("Preview"),
        "picture": _("The picture"),
        "from": _("Sender"),
        "to": _("Recipients"),
        "cc": _("Copy to"),
        "date": _("Date"),
        "subject": _("Subject"),
        "attachments": _("Attachments"),
        "unnamed": _("without a name"),
        "nothing": _("This sheet is empty."),
        "more": _("There are more rows; fetch the file to see them."),
        "pageFailed": _("This page can't be drawn."),
        "place-page": _("Page {label}"),
        "place-slide": _("Slide {label}"),
        "place-sheet": _("Sheet {label}"),
    }

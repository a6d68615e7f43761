"""Where files are dropped: they stream to vault/routes.py, never through the script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.language import text as _
from pages.kit import scripts


def uploader(
    *,
    key: str,
    project: str,
    classes: Mapping[str, str],
    clearances: Mapping[str, str],
    readers: Mapping[str, str],
    least: Mapping[str, Mapping[str, str]],
    order: Sequence[str],
    usual: str,
    limit: int,
    too_large: str,
    document: str | None = None,
    class_: str = "",
    on_stored: Callable[[], None],
) -> Any:
    """Draw the box. With `document` a file becomes its next version, without it may be dropped anywhere on the page.

    `readers` says who could read, by clearance, or by `class/clearance` where that differs; `least` is what a
    class asks for at least ("clearance", and "words" for it), by the `order` of clearances; `limit` is the largest file in bytes, `too_large` the
    sentence for a larger one. What is under way outlives reruns and other pages.
    """
    return scripts.component("uploader", "uploader/uploader.js", "uploader/uploader.css")(
        key=key,
        data={
            "key": f"{project}/{document or ''}", "project": project, "classes": list(classes.items()),
            "clearances": list(clearances.items()), "readers": dict(readers), "least": dict(least), "order": list(order),
            "usual": usual, "document": document,
            "class": class_, "limit": limit, "words": words(document is not None) | {"tooLarge": too_large},
        },
        on_stored_change=on_stored,
    )  # fmt: skip


def words(next_version: bool) -> dict[str, str]:
    """The sentences of the script in the reader's language; what stands in braces is filled in there."""
    return {
        "pick": _("Choose a file") if next_version else _("Choose files"),
        "hint": _("Drop the next version here.")
        if next_version
        else _("Drop files anywhere. They go in as {clearance}.", clearance="{clearance}"),
        "staged": _("Ready to send"),
        "forAll": _("For all of them"),
        "class": _("Class"),
        "chooseClass": _("Choose a class"),
        "needsClass": _("Choose a class for each file first."),
        "title": _("Title"),
        "clearance": _("Who may read it"),
        "note": _("What is new in this version"),
        "send": _("Send {count}", count="{count}"),
        "leave": _("Leave it"),
        "leaveOut": _("Leave out {name}", name="{name}"),
        "of": _("{field} of {name}", field="{field}", name="{name}"),
        "waiting": _("waiting"),
        "sending": _("sending …"),
        "checking": _("looking inside and storing …"),
        "cancel": _("Cancel"),
        "cancelAll": _("Cancel all"),
        "cancelled": _("Cancelled; nothing of it was stored."),
        "retry": _("Try again"),
        "broken": _("The connection broke. Nothing of it was stored."),
        "signedOut": _("You are signed out. Sign in again in another tab, then try again."),
        "stored": _("Stored."),
        "warning": _("Stored, with a warning."),
        "refused": _("Not taken."),
        "progress": _("{done} of {total} done", done="{done}", total="{total}"),
        "clear": _("Clear the list"),
    }

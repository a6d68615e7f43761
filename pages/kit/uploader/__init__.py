"""Where files are dropped: they stream to vault/routes.py, never through the script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    usual: str,
    document: str | None = None,
    class_: str = "",
    on_stored: Callable[[], None],
) -> Any:
    """Draw the box. With `document` a file becomes its next version; `readers` says who could read, by clearance."""
    return scripts.component("uploader", "uploader/uploader.js", "uploader/uploader.css")(
        key=key,
        data={
            "project": project, "classes": list(classes.items()), "clearances": list(clearances.items()),
            "readers": dict(readers), "usual": usual, "document": document, "class": class_,
            "words": {
                "pick": _("Choose a file") if document else _("Choose files"),
                "hint": _("or drop it here") if document else _("or drop up to fifty here"),
                "class": _("Class"),
                "clearance": _("Who may read it"),
                "note": _("What is new in this version"),
                "waiting": _("waiting"),
                "sending": _("sending …"),
                "checking": _("looking inside and storing …"),
                "cancel": _("Cancel"),
                "cancelled": _("Cancelled; nothing of it was stored."),
                "retry": _("Try again"),
                "broken": _("The connection broke. Nothing of it was stored."),
                "signedOut": _("You are signed out. Sign in again in another tab, then try again."),
                "stored": _("Stored."),
                "warning": _("Stored, with a warning."),
                "refused": _("Not taken."),
            },
        },
        on_stored_change=on_stored,
    )  # fmt: skip

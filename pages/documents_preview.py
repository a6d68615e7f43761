"""The preview of a document: the button that opens the version on the screen, and links that open the others."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.language import text as _
from pages.kit.preview import LINK, preview
from vault.documents import Document, Version
from vault.preview import shown_as


def button(found: Document, given: Version, every: Sequence[Version]) -> None:
    """Draw the button; it opens the version that the sheet shows, whatever comes in meanwhile."""
    preview(
        key="preview", document=found.id, code=found.code, title=found.title, version=given.number,
        files={version.number: (shown_as(version)[0], version.file_name) for version in every},
    )  # fmt: skip


def link(version: Version) -> str:
    """What opens another version, as HTML."""
    label = _("Preview version {number}", number=version.number)
    return f'<a class="{LINK} ac-more" href="#preview-{version.number}" aria-label="{escape(label)}">{escape(_("Preview"))}</a>'

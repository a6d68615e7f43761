"""Everything that opens or closes a document beside role and clearance, with who gave it and when it ends.

A function for each kind of thing; each draws a panel of its own.
"""

from __future__ import annotations

from core.language import plural
from core.language import text as _
from pages import documents_sharing, rights_readers
from pages.kit import here, parts, windows
from vault import grants, sharing

place = here.page("document.grant")


def granted() -> None:
    """Grants and denials of documents to people."""
    held = grants.listed(place.actor, place.project.id)
    with parts.panel(
        "granted", _("Grants and denials"), _("One document for one person, above or below what their clearance says.")
    ):
        if not held:
            parts.empty(_("Nothing is granted or denied"), _("Open a document, then Who sees this and why."))
        for one in held:
            rights_readers.live(place, one, named=True)


def shared() -> None:
    """Links by which people without an account fetch a version."""
    live = sharing.listed(place.actor, place.project.id)
    with parts.panel(
        "shared",
        _("Shared by a link"),
        _("Each opens one version for whoever has it, as long as its maker has the right."),
    ):
        if not live:
            parts.empty(_("Nothing is shared by a link"), _("Open a document, then Share."))
        for one in live:
            documents_sharing.line(place, one, named=True)


windows.say_done()
with parts.head(
    _("Grants"), plural("{count} holds now", "{count} hold now", len(grants.listed(place.actor, place.project.id)))
):
    pass
granted()
shared()

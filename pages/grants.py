"""Everything that opens or closes a document beside role and clearance, with who gave it and when it ends.

A function for each kind of thing; each draws a panel of its own.
"""

from __future__ import annotations

from core.language import plural
from core.language import text as _
from pages import rights_readers
from pages.kit import here, parts, windows
from vault import grants

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


windows.say_done()
with parts.head(
    _("Grants"), plural("{count} holds now", "{count} hold now", len(grants.listed(place.actor, place.project.id)))
):
    pass
granted()

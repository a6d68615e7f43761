"""What keeps a document: how long, which legal holds, and the way into the trash."""

from __future__ import annotations

import streamlit as st

from core import language
from core.language import text as _
from pages.kit import parts, windows
from pages.kit.here import Here
from vault import holds, retention, trash
from vault.documents import Document
from vault.holds import Held
from vault.retention import Kept


def buttons(here: Here, found: Document) -> None:
    """What may be done, beside the other buttons of the detail."""
    if not here.standing.cleared(found.clearance):
        return
    if here.may("document.hold"):
        with st.popover(_("Legal hold"), icon=":material/gavel:", type="tertiary"):
            _hold(here, found)
    if here.may("document.discard"):
        with st.popover(_("Trash"), icon=":material/delete:", type="tertiary"):
            _discard(here, found)


def notes(here: Here, found: Document) -> None:
    """How long it is kept, and the holds that cover it; for the team."""
    if not here.may("note.read"):
        return
    if here.may("document.discard"):
        parts.note(kept_for(retention.of(here.actor, here.project.id, found.id)))
    for one in holds.listed(here.actor, here.project.id, document=found.id):
        live(here, one)


def kept_for(kept: Kept) -> str:
    """How long a document is kept, as a sentence."""
    if kept.years is None:
        return _("Its class is kept for ever.")
    if kept.until is None:
        return _("Kept {years} years after the project's end, which is not set yet.", years=kept.years)
    return _("Kept until {day}.", day=language.day(kept.until))


def live(here: Here, one: Held, *, named: bool = False) -> None:
    """A hold that stands, with the way to release it; `named` says what it is on."""
    hold = one.hold
    about = _("Legal hold by {name}, {day}: {reason}", name=hold.placed_by, day=language.day(hold.created_at),
              reason=hold.reason)  # fmt: skip
    on = (f"{one.document.code} {one.document.title}" if one.document else _("Everything of the project")) + " · "
    with parts.row(f"hold-{hold.id}"):
        parts.note((on if named else "") + about)
        if here.may("document.hold") and (one.document is None or here.standing.cleared(one.document.clearance)):
            with st.popover(_("Release"), type="tertiary"):
                reason = st.text_input(
                    _("Why it need not be kept any longer"), key=f"release-why-{hold.id}", max_chars=300
                )
                if st.button(_("Release it"), key=f"release-{hold.id}", type="primary"):
                    with windows.trying():
                        holds.release(here.actor, here.project.id, hold.id, reason=reason)
                        windows.close(_("The hold is released."))


def _hold(here: Here, found: Document) -> None:
    parts.note(_("It can't be put into the trash or disposed of until the hold is released."))
    reason = st.text_input(_("Why it must be kept"), key=f"hold-why-{found.id}", max_chars=300)
    if st.button(_("Place the hold"), key=f"hold-{found.id}", type="primary"):
        with windows.trying():
            holds.place(here.actor, here.project.id, document=found.id, reason=reason)
            windows.close(_("{code} is under a legal hold.", code=found.code))


def _discard(here: Here, found: Document) -> None:
    parts.note(_("It is gone from every list until somebody brings it back under Retention."))
    reason = st.text_input(_("Why (may stay empty)"), key=f"discard-why-{found.id}", max_chars=300)
    # The version is the one that this screen shows, whatever comes before the press.
    if st.button(_("Put it into the trash"), key=f"discard-{found.id}-{found.version}", type="primary"):
        with windows.trying():
            trash.discard(here.actor, here.project.id, found.id, version=found.version, reason=reason)
            st.query_params.pop("document", None)
            windows.close(_("{code} is in the trash.", code=found.code))

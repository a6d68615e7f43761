"""How long things are kept: the trash, what is due, disposal by two people, legal holds, and what is left of what went."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core import language, projects
from core.language import plural
from core.language import text as _
from pages import documents_keeping
from pages.kit import here as kit
from pages.kit import parts, windows
from vault import classes, disposal, holds, trash
from vault.disposal import Listed, Tombstone
from vault.documents import Document
from vault.retention import Kept

here = kit.page("document.discard")
MAY_DISPOSE = here.may("document.dispose")


def screen() -> None:
    """Everything below the top bar."""
    windows.say_done()
    inside = trash.listed(here.actor, here.project.id)
    held = holds.listed(here.actor, here.project.id)
    with parts.head(_("Retention"), _ended()):
        if here.may("project.edit") and st.button(_("Project's end"), key="ended", icon=":material/event:"):
            windows.show(_("Project's end"), end)
        if here.may("document.hold") and st.button(_("Hold everything"), key="hold-all", icon=":material/gavel:"):
            windows.show(_("Hold everything"), hold_all)
    if MAY_DISPOSE:
        waiting(disposal.waiting(here.actor, here.project.id))
        propose({one.document.id: one for one in disposal.candidates(here.actor, here.project.id)})
    in_trash(inside)
    with parts.panel("holds", _("Legal holds"), _("What they cover stays, whatever else says that it may go.")):
        for one in held:
            documents_keeping.live(here, one, named=True)
        if not held:
            parts.note(_("Nothing is under a legal hold."))
    if MAY_DISPOSE:
        gone(disposal.tombstones(here.actor, here.project.id))


def _ended() -> str:
    day = here.project.ended_on
    return (
        _("the project ended on {day}", day=language.day(day))
        if day
        else _("the project's end is not set: nothing is due")
    )


def end() -> None:
    """Ask for the day on which the project ended."""
    parts.note(_("Documents are kept so many years after it as their class says."))
    day = st.date_input(_("Ended on"), here.project.ended_on, key="ended-on", format="YYYY-MM-DD")
    if st.button(_("Save"), key="ended-save", type="primary"):
        with windows.trying():
            projects.end(here.actor, here.project.id, day)
            windows.close(_("Saved."))


def hold_all() -> None:
    """Ask why everything of the project must be kept."""
    parts.note(_("Nothing of the project can be put into the trash or disposed of until the hold is released."))
    reason = st.text_input(_("Why it must be kept"), key="hold-all-why", max_chars=300)
    if st.button(_("Place the hold"), key="hold-all-place", type="primary"):
        with windows.trying():
            holds.place(here.actor, here.project.id, reason=reason)
            windows.close(_("Everything of the project is under a legal hold."))


def in_trash(inside: Sequence[Document]) -> None:
    """What is in the trash, each with its way back."""
    names = classes.names()
    with parts.panel("trash", _("Trash"), _("Nothing leaves it by itself.")):
        for one in inside:
            with parts.row(f"trash-{one.id}"):
                when = language.moment(one.discarded_at) if one.discarded_at else ""
                st.html(parts.line(
                    "", f"<b>{escape(one.code)}</b> <bdi>{escape(one.title)}</bdi>"
                    f"<i>{escape(names.get(one.class_id, one.class_id))}</i>",
                    f"{parts.lock(one.clearance)} <i>{escape(f'{one.discarded_by}, {when}')}</i>",
                ))  # fmt: skip
                if here.standing.cleared(one.clearance) and st.button(
                    _("Bring back"), key=f"back-{one.id}", type="tertiary", help=_("Bring {code} back", code=one.code)
                ):
                    with windows.trying():
                        trash.bring_back(here.actor, here.project.id, one.id)
                        windows.close(_("{code} is back from the trash.", code=one.code))
        if not inside:
            parts.empty(_("The trash is empty"), _("Open a document, then Trash."))


def propose(known: dict[str, Kept]) -> None:
    """Choose what is to go for good, and say why; somebody else confirms it."""
    due = sum(one.until is not None and not one.document.archived for one in known.values())
    said = due and plural(
        "{count} document has been kept long enough.", "{count} documents have been kept long enough.", due
    )
    with parts.panel("propose", _("Dispose of documents"), said or ""):
        if not known:
            parts.note(
                _(
                    "Nothing may go now: neither has anything been kept long enough, nor is anything in the trash that was never approved."
                )
            )
            return
        chosen = st.multiselect(
            _("Documents"), list(known), format_func=lambda key: _candidate(known[key]), key="dispose-which",
            placeholder=_("Choose"),
        )  # fmt: skip
        reason = st.text_input(_("Why they can go"), key="dispose-why", max_chars=300)
        if st.button(_("Propose"), key="dispose-propose", type="primary"):
            with windows.trying():
                disposal.propose(here.actor, here.project.id, chosen, reason=reason)
                windows.close(_("Somebody else has to confirm it now."))


def _candidate(one: Kept) -> str:
    where = _("in the trash") if one.document.archived else documents_keeping.kept_for(one)
    return f"{one.document.code} {one.document.title} · {where}"


def waiting(lists: Sequence[Listed]) -> None:
    """Lists that wait for the second person, with everything that would go."""
    for one in lists:
        found = one.disposal
        why = _("Proposed by {name}, {when}: {reason}", name=found.proposed_name,
                when=language.moment(found.created_at), reason=found.reason)  # fmt: skip
        with parts.panel(f"list-{found.id}", _("To be disposed of"), why):
            parts.rows(
                ("", f"<b>{escape(d.code)}</b> <bdi>{escape(d.title)}</bdi>", f"v{d.version}") for d in one.documents
            )
            with st.container(horizontal=True, vertical_alignment="center"):
                if one.mine:
                    parts.note(_("Somebody else has to confirm what you have proposed."))
                else:
                    _confirm(one)
                if st.button(_("Take back") if one.mine else _("Decline"), key=f"back-{found.id}"):
                    with windows.trying():
                        disposal.take_back(here.actor, here.project.id, found.id)
                        windows.close(_("Nothing goes."))


def _confirm(one: Listed) -> None:
    count = len(one.documents)
    with st.popover(_("Confirm")):
        parts.note(
            plural("{count} document goes for good: contents, keys, title and names of files. Nobody can bring it back.",
                   "{count} documents go for good: contents, keys, titles and names of files. Nobody can bring them back.",
                   count)
        )  # fmt: skip
        if st.button(_("Dispose of them"), key=f"dispose-{one.disposal.id}", type="primary"):
            with windows.trying():
                disposal.confirm(here.actor, here.project.id, one.disposal.id)
                windows.close(plural("{count} document is disposed of.", "{count} documents are disposed of.", count))


def gone(found: Sequence[Tombstone]) -> None:
    """What is left of what was disposed of."""
    if not found:
        return
    with parts.panel("gone", _("Disposed of"), _("Code, dates, who, and the SHA-256 of each version are left.")):
        for one in found:
            day = language.day(one.document.disposed_at) if one.document.disposed_at else ""
            about = _("{day}, proposed by {first}, confirmed by {second}: {reason}", day=day, first=one.proposed,
                      second=one.confirmed, reason=one.reason)  # fmt: skip
            hashes = "".join(f"<br><code>v{v.number} {v.sha256[:16]}…</code>" for v in one.versions)
            st.html(
                parts.line("", f"<b>{escape(one.document.code)}</b><i>{escape(about)}</i>", hashes.removeprefix("<br>"))
            )


kit.fragment(screen)

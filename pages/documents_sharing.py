"""Links by which people without an account fetch a version: made beside the document, ended here or under Grants."""

from __future__ import annotations

from datetime import timedelta
from html import escape

import streamlit as st

from core import db, language, settings
from core.ids import now
from core.language import text as _
from pages.kit import parts, windows
from pages.kit.here import Here, site
from vault import sharing
from vault.documents import Document, Version
from vault.sharing import Live

MADE = "share-made"
USUALLY = timedelta(days=14)


def button(here: Here, found: Document, given: Version) -> None:
    """The way to a link, for those who may share what they are cleared for."""
    if not here.may("document.share") or not here.standing.cleared(found.clearance):
        return
    if st.button(_("Share"), key="document-share", icon=":material/link:", type="tertiary"):
        st.session_state.pop(MADE, None)
        # The version is bound when the button is drawn: a newer one meanwhile changes nothing of what leaves.
        windows.show(
            _("Share {code}, version {number}", code=found.code, number=given.number), window, here, found, given
        )


def window(here: Here, found: Document, given: Version) -> None:
    """What stands in the window: a fresh link, or what it is to be; and those that there are."""
    if address := st.session_state.get(MADE):
        parts.note(_("Whoever has this link fetches the file. It is shown this once."))
        st.code(address, language=None, wrap_lines=True)
    else:
        _form(here, found, given)
    live = sharing.listed(here.actor, here.project.id, document=found.id)
    if live:
        st.html(f'<h3 class="ac-title">{escape(_("Links that hold"))}</h3>')
    for one in live:
        line(here, one)


def _form(here: Here, found: Document, given: Version) -> None:
    today = language.local(now()).date()
    parts.note(
        _("Whoever has the link fetches version {number}, {name}, without an account. It ends when you lose the right to the document.",
          number=given.number, name=given.file_name)
    )  # fmt: skip
    left, right = st.columns(2)
    with left:
        day = st.date_input(
            _("Until the end of"), today + USUALLY, min_value=today, key="share-until", format="YYYY-MM-DD"
        )
        password = st.text_input(_("Password (may stay empty)"), key="share-password", type="password", max_chars=256)
    with right:
        most = st.number_input(_("Downloads at most (may stay empty)"), 1, sharing.MOST_USES, None, key="share-most")
    if password:
        parts.note(_("Tell the password on another way than the link."))
    if st.button(_("Make the link"), key="share-make", type="primary"):
        with windows.trying():
            made = sharing.make(
                here.actor, here.project.id, found.id, given.number, password=password,
                until=language.midnight(day + timedelta(days=1)), most=int(most) if most else None,
            )  # fmt: skip
            st.session_state[MADE] = site(settings.load(db.database().home)) + made.path
            st.rerun(scope="fragment")


def line(here: Here, one: Live, *, named: bool = False) -> None:
    """A link with its maker, end and uses, and the press that ends it; `named` says of which document."""
    link = one.link
    uses = (
        _("{used} of {most} downloads", used=link.used, most=link.most) if link.most
        else language.plural("{count} download", "{count} downloads", link.used)
    )  # fmt: skip
    about = _(
        "version {number}, until {until}, {uses}", number=link.version, until=language.moment(link.until), uses=uses
    )
    marks = parts.tag(_("password")) if link.password_hash else ""
    if not one.holds:
        marks += " " + parts.tag(_("opens nothing: its maker has lost the right"), "warn")
    with parts.row(f"share-{link.id}"):
        cells = [f"<b>{escape(link.made_name)}</b> {marks}<i>{escape(about)}</i>"]
        if named:
            to = f"/documents?project={here.project.code}&document={one.document.code}"
            cells.append(
                f'<a class="ac-link" href="{escape(to)}">{escape(one.document.code)}</a> <bdi>{escape(one.document.title)}</bdi>'
                f" {parts.lock(one.document.clearance)}"
            )
        st.html(parts.line(parts.person(link.made_name), *cells))
        if (link.made_by == here.actor.id or here.may("document.grant")) and st.button(
            _("End it"), key=f"share-end-{link.id}", type="tertiary",
            help=_("End the link of {name}", name=parts.plain(link.made_name)),
        ):  # fmt: skip
            with windows.trying():
                sharing.end(here.actor, here.project.id, link.id)
                windows.close(_("The link has ended."))

"""One's own account: name, language, theme, password, and where one is signed in."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import accounts, language, sessions
from core.accounts import THEMES
from core.ids import now
from core.language import LANGUAGES
from core.language import text as _
from core.sessions import Session
from pages import door
from pages.kit import here, parts, windows
from pages.kit.go import begin, remember
from pages.routes.session import THEME

person = here.person_here()
account = accounts.own(person)


def about() -> None:
    """Name, language, theme."""
    themes = {"system": _("As the system"), "light": _("Light"), "dark": _("Dark")}
    with st.form("about", border=False):
        name = st.text_input(_("Your name"), value=account.name, max_chars=200, autocomplete="name")
        left, right = st.columns(2)
        with left:
            spoken = st.selectbox(
                _("Language"), list(LANGUAGES), index=list(LANGUAGES).index(account.language),
                format_func=LANGUAGES.__getitem__,
            )  # fmt: skip
        with right:
            theme = st.selectbox(
                _("Theme"), THEMES, index=THEMES.index(account.theme), format_func=themes.__getitem__
            )  # fmt: skip
        pressed = st.form_submit_button(_("Save"), type="primary")
    if not pressed:
        return
    with windows.trying():
        accounts.change_own(person, name=name, language=spoken, theme=theme)
        if theme != account.theme:
            # The theme is the page's own from its first script on, so the page is loaded again.
            remember(THEME, theme, anew=True)
            st.stop()
        windows.close(_("Saved."))


def password() -> None:
    """A new password; this browser stays signed in, the others do not."""
    with st.form("password", border=False):
        old = st.text_input(_("Present password"), type="password", autocomplete="current-password")
        new = st.text_input(
            _("New password"), type="password", autocomplete="new-password",
            help=_("12 characters or more, or several unusual words."),
        )  # fmt: skip
        pressed = st.form_submit_button(_("Change password"), type="primary")
    parts.note(_("Your other browsers are signed out."))
    if pressed:
        with windows.trying():
            begin(accounts.change_password(
                person, old=old, new=new, browser=door.browser(), address=door.address(), path="/profile"
            ))  # fmt: skip


def browsers() -> None:
    """Where one is signed in."""
    token = st.context.cookies.get(here.COOKIE)
    for session in sessions.listed(person):
        with parts.row(session.id):
            this = sessions.is_this(session, token)
            st.html(line(session, this))
            if not this and st.button(
                _("Sign out there"), key=f"session-{session.id}", type="tertiary",
                help=parts.plain(session.device or session.address),
            ):  # fmt: skip
                with windows.trying():
                    sessions.end_one(person, session.id)
                    windows.close(_("That browser is signed out."))
    if st.button(_("Sign out everywhere"), key="everywhere"):
        sessions.end_everywhere(person)
        st.rerun()


def line(session: Session, this: bool) -> str:
    """A session as a line of the list, as HTML."""
    used = _("used now") if this else _("used {when}", when=language.ago(session.seen_at, now()))
    return parts.line(
        "",
        f"<b>{escape(session.device or _('Unknown browser'))}</b> {parts.tag(_('this browser'), 'ok') if this else ''}"
        f"<i>{escape(session.address)}</i>",
        f"<i>{escape(used)}</i>",
        f"<i>{escape(_('since {when}', when=language.moment(session.begun_at)))}</i>",
    )


windows.say_done()
with parts.head(_("Profile"), account.mail):
    pass
left, right = st.columns(2)
with left:
    with parts.panel("about", _("About you")):
        about()
    with parts.panel("password", _("Password")):
        password()
with right, parts.panel("browsers", _("Signed in"), _("A session ends after 12 hours without use, and after 30 days.")):
    browsers()

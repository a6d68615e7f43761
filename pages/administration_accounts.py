"""Accounts: who has one, in which state, and the links by which people set their own passwords."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import access, accounts, db, invitations, language, mail, projects, settings
from core.access import Actor
from core.accounts import Person
from core.errors import Unavailable
from core.ids import now
from core.invitations import Link, Place
from core.language import LANGUAGES
from core.language import text as _
from pages import errors
from pages.kit import here as kit
from pages.kit import parts, windows

MADE = "made-link"


def summary(person: Actor) -> str:
    """The quiet sentence of the screen."""
    people = accounts.listed(person)
    active = sum(p.state == "active" for p in people)
    waiting = sum(p.state == "invited" for p in people)
    many = language.plural("{count} active account", "{count} active accounts", active)
    return _("{many}, {waiting} invited.", many=many, waiting=language.number(waiting)) if waiting else many


def actions(person: Actor) -> None:
    """What stands at the right of the screen's header."""
    if st.button(_("Invite a person"), type="primary", key="invite"):
        windows.show(_("Invite a person"), invite, person, on_dismiss=forget)


def draw(person: Actor) -> None:
    """The list of accounts."""
    people = accounts.listed(person)
    wanted = st.text_input(
        _("Search people"), key="who", bind="query-params", placeholder=_("Name or mail"),
        label_visibility="collapsed", width=320,
    )  # fmt: skip
    found = [p for p in people if (wanted or "").strip().casefold() in f"{p.name} {p.mail}".casefold()]
    if not found:
        parts.empty(_("Nobody is called that"), _("Search for another name, or invite the person."))
        return
    with parts.panel("accounts"):
        for one in found:
            with parts.row(one.id):
                st.html(line(one))
                if st.button(
                    _("Change"), key=f"account-{one.id}", type="tertiary",
                    help=_("The account of {name}", name=parts.plain(one.name)),
                ):  # fmt: skip
                    windows.show(parts.plain(one.name), change, person, one, on_dismiss=forget)


def line(one: Person) -> str:
    """An account as a line of the list, as HTML."""
    office = parts.tag(_("administrator"), "ok") if one.administrator else ""
    many = language.plural("{count} project", "{count} projects", one.projects)
    return parts.line(
        parts.person(one.name),
        f"<b>{escape(one.name)}</b> {office}<i>{escape(one.mail)}</i>",
        state(one),
        f"<i>{escape(many)}</i>",
    )


def state(one: Person) -> str:
    """Whether somebody can sign in, and when they were here, as HTML."""
    if one.state == "disabled":
        return parts.tag(_("disabled"))
    if one.state == "invited" and one.invited_until:
        return parts.tag(_("invited until {day}", day=language.day(one.invited_until)), "warn")
    if one.state == "lapsed":
        return parts.tag(_("has no password"), "warn")
    if one.seen_at is None:
        return f"<i>{escape(_('not been here yet'))}</i>"
    return f"<i>{escape(_('last here {when}', when=language.ago(one.seen_at, now())))}</i>"


def invite(person: Actor) -> None:
    """Ask whom to invite, and to which projects; then show the link."""
    if MADE in st.session_state:
        shown(st.session_state[MADE])
        return
    left, right = st.columns(2)
    with left:
        address = st.text_input(_("Mail"), key="invite-mail")
    with right:
        name = st.text_input(_("Name"), key="invite-name")
    spoken = st.selectbox(
        _("Language"), list(LANGUAGES), index=list(LANGUAGES).index(language.current()), key="invite-language",
        format_func=LANGUAGES.__getitem__,
    )  # fmt: skip
    known = {p.id: f"{p.name} · {p.code}" for p in projects.mine(person)}
    chosen = st.multiselect(
        _("Projects"), list(known), format_func=known.__getitem__, key="invite-projects", placeholder=_("None yet")
    )
    places = []
    for project in chosen:
        st.html(f'<h3 class="ac-title">{escape(known[project])}</h3>')
        own = access.standing(person, project)
        role, clearance = windows.role_and_clearance(own, role="member", clearance="internal", key=f"invite-{project}")
        places.append(Place(project, role, clearance))
    office = st.checkbox(_("Administrator of the whole installation"), key="invite-administrator")
    if st.button(_("Make the link"), type="primary", key="invite-make"):
        with windows.trying():
            made = invitations.invite(
                person, mail=address, name=name, language=spoken, administrator=office, places=places
            )
            hand_over(made)


def change(person: Actor, one: Person) -> None:
    """What an administrator does with an account: name, office, link, disable."""
    if MADE in st.session_state:
        shown(st.session_state[MADE])
        return
    key = f"change-{one.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(_("Name"), value=one.name, key=f"{key}-name", max_chars=200)
        if st.button(_("Save"), key=f"{key}-save", type="primary"):
            with windows.trying():
                accounts.rename(person, one.id, name, revision=one.revision)
                windows.close(_("Saved."))
    if one.active:
        _section(
            _("Password"),
            _("With a link {name} chooses a password. It works once, for seven days; earlier ones end.", name=one.name),
        )
        if st.button(_("Make a link"), key=f"{key}-link"):
            with windows.trying():
                hand_over(invitations.link(person, one.id))
    _office(person, one, key)
    _standing(person, one, key)


def _office(person: Actor, one: Person, key: str) -> None:
    _section(_("Administrator"), _("Administrators run the installation and may do everything in every project."))
    words = _("Take the office away") if one.administrator else _("Make administrator")
    if st.button(words, key=f"{key}-office"):
        with windows.trying():
            accounts.set_administrator(person, one.id, not one.administrator)
            windows.close(_("Saved."))


def _standing(person: Actor, one: Person, key: str) -> None:
    if one.active:
        _section(_("Access"), _("A disabled person is signed out at once, everywhere. What they wrote stays."))
        if st.button(_("Disable"), key=f"{key}-disable"):
            with windows.trying():
                accounts.disable(person, one.id)
                windows.close(_("{name} can no longer sign in.", name=one.name))
        return
    _section(_("Access"), _("{name} is disabled. Enabled again, the password from before is good.", name=one.name))
    if st.button(_("Enable"), key=f"{key}-enable"):
        with windows.trying():
            accounts.enable(person, one.id)
            windows.close(_("{name} can sign in again.", name=one.name))


def _section(title: str, why: str) -> None:
    st.html(f'<h3 class="ac-title ac-next">{escape(title)}</h3><p class="ac-why">{escape(why)}</p>')


def hand_over(made: Link) -> None:
    """Mail a link where mail is set, and show it either way, in the place of what was asked."""
    chosen = settings.load(db.database().home)
    address = kit.site(chosen)
    organisation = projects.organisation()
    sent, failed = False, ""
    if mail.is_set(chosen):
        with st.spinner(_("Mailing the link…")):
            try:
                mail.send_link(chosen, made, site=address, organisation=organisation.name if organisation else "")
                sent = True
            except Unavailable as error:
                failed = errors.say(error)
    st.session_state[MADE] = (f"{address}{made.address}", made.account.name, made.account.mail, sent, failed)
    st.rerun(scope="fragment")


def shown(made: tuple[str, str, str, bool, str]) -> None:
    """The link that has just been made. It is told here and never again."""
    address, name, to, sent, failed = made
    if failed:
        st.warning(failed)
    if sent:
        st.success(_("Mailed to {mail}.", mail=parts.plain(to)))
        parts.note(_("It also stands here, once:"))
    else:
        parts.note(_("Give this link to {name}. It is shown once:", name=name))
    st.code(address, language=None, wrap_lines=True)
    parts.note(
        _("It works once, for seven days. {name} chooses a password with it, which nobody else sees.", name=name)
    )
    if st.button(_("Done"), type="primary", key="link-done"):
        forget()
        windows.close()


def forget() -> None:
    """Let go of the link that was shown, and of what was typed to make it."""
    for key in [key for key in st.session_state if key == MADE or str(key).startswith("invite-")]:
        del st.session_state[key]

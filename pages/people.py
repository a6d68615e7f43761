"""Who belongs to the project, as what, and how much they may read."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import access, accounts, language, projects
from core.language import text as _
from core.projects import Known, Member
from pages import rights_view
from pages.kit import here, parts, windows
from vault import rights

place = here.page("member.read")
people = projects.members(place.actor, place.project.id)


def line(member: Member) -> str:
    """A member as a line of the list, as HTML."""
    state = "" if member.active else parts.tag(_("disabled"))
    return parts.line(
        parts.person(member.name),
        f"<b>{escape(member.name)}</b> {state}<i>{escape(member.mail)}</i>",
        escape(access.role_name(member.role).text()),
        parts.lock(member.clearance),
    )


def add() -> None:
    """Choose somebody with an account, and what they will be here."""
    chosen = _anybody() if access.may(place.actor, "account.manage") else _by_mail()
    if chosen is None:
        return
    role, clearance = windows.role_and_clearance(place.standing, role="member", clearance="internal", key="add")
    if st.button(_("Add to the project"), type="primary", key="add-member"):
        with windows.trying():
            projects.add_member(
                place.actor, place.project.id, account=chosen.id, role=role, clearance=clearance
            )  # fmt: skip
            windows.close(_("{name} belongs to the project now.", name=chosen.name))


def _anybody() -> Known | None:
    """Administrators know everybody: a choice."""
    inside = {member.account_id for member in people}
    others = [Known(p.id, p.name, p.mail) for p in accounts.listed(place.actor) if p.active and p.id not in inside]
    if not others:
        st.info(_("Everybody with an account is a member already. Invite others under Administration."))
        return None
    return st.selectbox(
        _("Person"), others, index=None, format_func=lambda p: f"{p.name} · {p.mail}", key="add-person",
        placeholder=_("Choose"),
    )  # fmt: skip


def _by_mail() -> Known | None:
    """Everybody else names the mail that they know."""
    mail = st.text_input(
        _("Mail"), key="add-mail", help=_("The address of somebody who has an account. Administrators invite new ones.")
    )
    if not mail:
        return None
    found = projects.known(place.actor, place.project.id, mail)
    st.html(parts.line(parts.person(found.name), f"<b>{escape(found.name)}</b><i>{escape(found.mail)}</i>"))
    return found


def change(member: Member) -> None:
    """Another role or clearance, or the end of the membership."""
    key = f"change-{member.id}"
    role, clearance = windows.role_and_clearance(
        place.standing, role=member.role, clearance=member.clearance, key=key
    )  # fmt: skip
    if (role, clearance) != (member.role, member.clearance):
        rights_view.effect(
            rights.if_placed(place.actor, place.project.id, account=member.account_id, role=role, clearance=clearance),
            several=True,
        )
    with st.container(horizontal=True):
        if st.button(_("Save"), type="primary", key=f"{key}-save"):
            with windows.trying():
                projects.change_member(
                    place.actor, place.project.id, member.id, role=role, clearance=clearance, revision=member.revision
                )
                windows.close(_("Saved."))
        st.space("stretch")
        with st.popover(_("Remove from the project")):
            st.write(_("{name} will no longer see the project. What they wrote stays.", name=parts.plain(member.name)))
            if st.button(_("Remove"), key=f"{key}-remove"):
                with windows.trying():
                    projects.remove_member(place.actor, place.project.id, member.id)
                    windows.close(_("{name} no longer belongs to the project.", name=member.name))


windows.say_done()
managing = place.may("member.manage")
many = language.plural("{count} member", "{count} members", len(people))
with parts.head(_("People"), _("{many}, and administrators.", many=many)):
    st.html(f'<a class="ac-link" href="/roles">{escape(_("What roles may do"))}</a>', width="content")
    if managing and st.button(_("Add a person"), type="primary", key="add-a-person"):
        windows.show(_("Add a person"), add)
if not people:
    parts.empty(_("Nobody belongs to the project yet"), _("Add the first person above."))
else:
    with parts.panel("people"):
        for person in people:
            with parts.row(person.id):
                st.html(line(person))
                if managing and st.button(
                    _("Change"), key=f"member-{person.id}", type="tertiary",
                    help=_("Role and clearance of {name}", name=parts.plain(person.name)),
                ):  # fmt: skip
                    windows.show(parts.plain(person.name), change, person)

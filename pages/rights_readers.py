"""Who sees a document and why, and the grants and denials of it, in a window over the document."""

from __future__ import annotations

from datetime import timedelta
from html import escape

import streamlit as st

from core import language
from core.ids import now
from core.language import text as _
from pages import rights_view
from pages.kit import parts, windows
from pages.kit.here import Here
from vault import grants, rights
from vault.documents import Document
from vault.grants import Held
from vault.rights import Explained

ASKED = "rights-asked"
KIND_WORDS = ("grant", "denial")


def button(here: Here, found: Document) -> None:
    """The quiet way to the answer; for those who grant it names everybody, for others themselves."""
    if st.button(_("Who sees this and why"), key="document-why", icon=":material/visibility:", type="tertiary"):
        st.session_state.pop(ASKED, None)
        windows.show(_("Who sees {code}, and why", code=found.code), window, here, found)


def window(here: Here, found: Document) -> None:
    """What stands in the window."""
    if not here.may("document.grant"):
        own = rights.why(here.actor, here.project.id, account=here.actor.id, document=found.id)
        st.html(rights_view.chain(own.chain))
        return
    for one in rights.everybody(here.actor, here.project.id, found.id):
        _person(here, found, one)
    held = grants.listed(here.actor, here.project.id, document=found.id)
    if held:
        st.html(f'<h3 class="ac-title">{escape(_("Grants and denials"))}</h3>')
        for each in held:
            live(here, each)
    if here.standing.cleared(found.clearance):
        give(here, found)


def _person(here: Here, found: Document, one: Explained) -> None:
    """A person with a mark; pressed, the chain below."""
    with parts.row(f"sees-{one.account_id}"):
        st.html(
            parts.line(
                parts.person(one.person), f"{rights_view.mark(one.sees)} <b>{escape(one.person)}</b>",
                f'<span class="ac-quiet">{escape(_ground(one))}</span>',
            )
        )  # fmt: skip
        if st.button(
            _("Why"), key=f"why-{one.account_id}", type="tertiary",
            help=_("Why, for {name}", name=parts.plain(one.person)),
        ):  # fmt: skip
            st.session_state[ASKED] = None if st.session_state.get(ASKED) == one.account_id else one.account_id
    if st.session_state.get(ASKED) == one.account_id:
        told = rights.why(here.actor, here.project.id, account=one.account_id, document=found.id)
        st.html(rights_view.chain(told.chain))


def _ground(one: Explained) -> str:
    """What decided, in a word or two."""
    return {
        "denial": _("by a denial"), "grant": _("by a grant"), "rule": _("by a rule"), "clearance": _("by clearance"),
    }.get(one.chain[-1].rule, "")  # fmt: skip


def live(here: Here, one: Held, *, named: bool = False) -> None:
    """A grant or denial that holds, with its end; `named` says of which document."""
    until = _("until {day}", day=rights.last_day(one.grant.until)) if one.grant.until else _("without end")
    kind = parts.tag(_("granted"), "ok") if one.grant.kind == "grant" else parts.tag(_("denied"), "danger")
    about = _("{until}, by {giver}: {reason}", until=until, giver=one.giver, reason=one.grant.reason)
    with parts.row(f"held-{one.grant.id}"):
        cells = [f"{kind} <b>{escape(one.person)}</b><i>{escape(about)}</i>"]
        if named:
            link = f"/documents?project={here.project.code}&document={one.code}"
            cells.append(
                f'<a class="ac-link" href="{escape(link)}">{escape(one.code)}</a> <bdi>{escape(one.title)}</bdi>'
            )
        st.html(parts.line(parts.person(one.person), *cells))
        with st.popover(_("End"), type="tertiary", help=_("End what {name} was given", name=parts.plain(one.person))):
            rights_view.effect(rights.if_ended(here.actor, here.project.id, one.grant.id))
            if st.button(_("End it now"), key=f"end-{one.grant.id}", type="primary"):
                with windows.trying():
                    grants.end(here.actor, here.project.id, one.grant.id)
                    windows.close(_("It has ended."))


def give(here: Here, found: Document) -> None:
    """Grant it or deny it to somebody; who gains or loses stands there before it is saved."""
    people = here.told_apart({
        p.account_id: p.person for p in rights.everybody(here.actor, here.project.id, found.id)
        if p.account_id != here.actor.id
    })  # fmt: skip
    st.html(f'<h3 class="ac-title">{escape(_("Grant it or deny it"))}</h3>')
    left, right = st.columns(2)
    with left:
        account = st.selectbox(
            _("Person"), list(people), index=None, format_func=people.__getitem__, key="grant-person",
            placeholder=_("Choose"),
        )  # fmt: skip
    with right:
        words = {"grant": _("May read it"), "denial": _("May not read it")}
        kind = st.selectbox(_("What"), KIND_WORDS, format_func=words.__getitem__, key="grant-kind")
    today = language.local(now()).date()
    with left:
        day = st.date_input(_("Until the end of"), None, min_value=today, key="grant-until", format="YYYY-MM-DD")
    with right:
        reason = st.text_input(_("Why"), key="grant-reason", max_chars=300)
    if account:
        rights_view.effect(rights.if_given(here.actor, here.project.id, found.id, account=account, kind=kind))
    if st.button(_("Save"), key="grant-save", type="primary", disabled=account is None):
        with windows.trying():
            grants.give(
                here.actor, here.project.id, found.id, account=account, kind=kind, reason=reason,
                until=language.midnight(day + timedelta(days=1)) if day else None,
            )  # fmt: skip
            name = people[account]
            windows.close(
                _("{name} may read it now.", name=name) if kind == "grant"
                else _("{name} may not read it any more.", name=name)
            )  # fmt: skip

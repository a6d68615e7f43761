"""How high each role reads in each class of documents, as a table; a rule restricts, it never opens anything."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import access
from core.access import CLEARANCES
from core.language import text as _
from core.reading import Rule
from pages import rights_view
from pages.kit import here, parts, windows
from vault import classes, rights, rules

place = here.page("document.rule")
names = classes.names()
organisation = access.may(place.actor, "account.manage")
NOTHING = ""


def table(found: list[Rule]) -> None:
    """A line for each class, a column for each role that rules can bind."""
    parts.table(
        [_("Class"), *(access.role_name(role).text() for role in rules.LIMITED)],
        [
            [f"<b>{escape(name)}</b>", *(_cell([r for r in found if (r.role, r.class_id) == (role, key)]) for role in rules.LIMITED)]
            for key, name in names.items()
        ],
    )  # fmt: skip


def _cell(found: list[Rule]) -> str:
    if not found:
        return f'<span class="ac-quiet">{escape(_("as cleared"))}</span>'
    return " ".join(
        (parts.lock(rule.clearance) if rule.clearance else parts.tag(_("nothing"), "danger"))
        + (f' <i class="ac-quiet">{escape(_("in every project"))}</i>' if rule.project_id is None else "")
        for rule in found
    )


def limit() -> None:
    """Set a limit; who gains and loses stands there before it is saved."""
    left, right = st.columns(2)
    with left:
        class_ = st.selectbox(_("Class"), list(names), format_func=names.__getitem__, key="rule-class")
        level = st.selectbox(
            _("Reads it up to"), (NOTHING, *CLEARANCES), format_func=lambda c: rights_view.limit_name(c or None),
            key="rule-clearance",
        )  # fmt: skip
    with right:
        role = st.selectbox(
            _("Role"), rules.LIMITED, index=len(rules.LIMITED) - 1, format_func=lambda r: access.role_name(r).text(),
            key="rule-role",
        )  # fmt: skip
        everywhere = organisation and st.toggle(_("In every project"), key="rule-everywhere")
    rights_view.effect(
        rights.if_limited(
            place.actor, place.project.id, role=role, class_=class_, clearance=level or None, everywhere=everywhere
        ),
        several=True,
    )
    if st.button(_("Save"), key="rule-save", type="primary"):
        with windows.trying():
            if everywhere:
                rules.limit_everywhere(place.actor, role=role, class_=class_, clearance=level or None)
            else:
                rules.limit(place.actor, place.project.id, role=role, class_=class_, clearance=level or None)
            windows.close(_("Saved."))


def line(rule: Rule) -> None:
    """A rule in words, with its end for those who may."""
    role, name = access.role_name(rule.role).text(), names.get(rule.class_id, rule.class_id)
    words = (
        _("{role}: {name} up to {clearance}", role=role, name=name, clearance=rights_view.limit_name(rule.clearance))
        if rule.clearance
        else _("{role}: nothing of {name}", role=role, name=name)
    )
    where = _("in every project") if rule.project_id is None else ""
    with parts.row(f"rule-{rule.id}"):
        st.html(parts.line("", f"<b>{escape(words)}</b>", escape(where)))
        if rule.project_id is None and not organisation:
            return
        with st.popover(_("Lift"), type="tertiary", help=_("Lift the limit: {rule}", rule=parts.plain(words))):
            rights_view.effect(rights.if_lifted(place.actor, place.project.id, rule.id), several=True)
            if st.button(_("Lift it now"), key=f"lift-{rule.id}", type="primary"):
                with windows.trying():
                    if rule.project_id is None:
                        rules.lift_everywhere(place.actor, rule.id)
                    else:
                        rules.lift(place.actor, place.project.id, rule.id)
                    windows.close(_("The limit is lifted."))


windows.say_done()
known = rules.listed(place.actor, place.project.id)
with parts.head(_("Reading rules"), _("A rule takes away from what a clearance gives; it never adds to it.")):
    if st.button(_("Set a limit"), key="set-a-limit", type="primary"):
        windows.show(_("Set a limit"), limit)
with parts.panel("matrix"):
    table(known)
if known:
    with parts.panel("rules", _("Limits that hold here")):
        for rule in known:
            line(rule)

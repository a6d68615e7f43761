"""The least clearance of a class: who loses by it is said before it is saved."""

from __future__ import annotations

import streamlit as st

from core import access
from core.access import CLEARANCES, Actor
from core.errors import Stale
from core.language import text as _
from pages import errors, rights_view
from pages.kit import parts, windows
from vault import class_rules, rights
from vault.class_rules import Rules


def button(person: Actor, rules: Rules, name: str) -> None:
    """Says what holds, and opens the window."""
    words = access.clearance_name(rules.least).text() if rules.least else _("none")
    if st.button(_("Least clearance: {clearance}", clearance=words), key="class-least"):
        windows.show(_("Least clearance of {name}", name=parts.plain(name)), _window, person, rules)


def _window(person: Actor, rules: Rules) -> None:
    parts.note(_("What is filed in this class has at least this clearance, whatever its author chooses. What is filed already follows; a lower one lowers nothing."))  # fmt: skip
    known = ["", *CLEARANCES]
    chosen = st.selectbox(
        _("Least clearance"), known, known.index(rules.least or ""), key=f"least-{rules.class_id}-{rules.revision}",
        format_func=lambda c: access.clearance_name(c).text() if c else _("none"),
    )  # fmt: skip
    if chosen:
        rights_view.effect(rights.if_least(person, rules.class_id, chosen), several=True)
    if st.button(_("Save"), type="primary", key="least-save"):
        with windows.trying():
            try:
                class_rules.change(person, rules.class_id, revision=rules.revision, least=chosen or None)
            except Stale as stale:
                st.error(errors.say(stale))
                return
            windows.close(_("Saved."))

"""Words about who reads what, shared by the screens that change it: what a change does, and a chain of rules."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core import access
from core.language import plural
from core.language import text as _
from core.reading import Step
from vault.rights import Change, Effect

NAMED_UP_TO = 6  # people; more are counted


def effect(found: Effect, *, several: bool = False) -> None:
    """Who gains and who loses, before anything is saved; with `several` how many documents."""
    lines = []
    if found.gains:
        lines.append(_("Will see it from then on: {people}.", people=_people(found.gains, several)) if not several
                     else _("Will see more: {people}.", people=_people(found.gains, several)))  # fmt: skip
    if found.loses:
        lines.append(_("Will no longer see it: {people}.", people=_people(found.loses, several)) if not several
                     else _("Will see less: {people}.", people=_people(found.loses, several)))  # fmt: skip
    if not lines:
        lines.append(_("Nobody sees more or less by this."))
    st.html('<div class="ac-effect" role="status">' + "".join(f"<p>{escape(line)}</p>" for line in lines) + "</div>")


def _people(changes: Sequence[Change], several: bool) -> str:
    named = [
        _("{person} ({documents})", person=one.person,
          documents=plural("{count} document", "{count} documents", len(one.documents))) if several else one.person
        for one in changes[:NAMED_UP_TO]
    ]  # fmt: skip
    more = len(changes) - len(named)
    if more:
        named.append(plural("{count} more person", "{count} more people", more))
    return _(", ").join(named)


def chain(steps: Sequence[Step]) -> str:
    """The rules that were asked, in their order, as HTML; the last one decided."""
    return (
        '<ol class="ac-chain">'
        + "".join(
            f"<li>{mark(step.opens)} {escape(step.text.text())}"
            + (f" <b>{escape(_('This decides.'))}</b>" if step is steps[-1] else "")
            + "</li>"
            for step in steps
        )
        + "</ol>"
    )


def mark(opens: bool) -> str:
    """Whether somebody sees something, as HTML."""
    if opens:
        return f'<b class="ac-yes" role="img" aria-label="{escape(_("yes"))}">✓</b>'
    return f'<b class="ac-no" role="img" aria-label="{escape(_("no"))}">✕</b>'


def limit_name(limit: str | None) -> str:
    """A limit of a rule as words."""
    return access.clearance_name(limit).text() if limit else _("nothing")

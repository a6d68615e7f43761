"""Who keeps how much, who may keep how much, and how much room the disk has."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import language
from core.access import Actor
from core.language import text as _
from pages.kit import parts, windows
from pages.kit.parts import Figure
from vault import disk, documents, quota
from vault.quota import MEGABYTE, Usage


def draw(person: Actor) -> None:
    """The disk, then projects and people, the largest first."""
    if not documents.is_open():
        parts.empty(_("The document store is not running"), _("Start Accord anew, then come back."))
        return
    room, every = disk.state(person), quota.usage(person)
    kept = sum(one.used for one in every if one.kind == "project")
    said = _("Below {reserve} nothing more is taken.", reserve=language.size(room.reserve))
    parts.figures([
        Figure(_("Documents"), language.size(kept), "", _("every version, the trash too")),
        Figure(_("Free on the disk"), language.size(room.free), _("of {total}", total=language.size(room.total)), said, "danger" if room.low else ""),
    ])  # fmt: skip
    for kind, title in (("project", _("Projects")), ("person", _("People"))):
        with parts.panel(f"quota-{kind}", title):
            for one in every:
                if one.kind == kind:
                    _line(person, one)


def _line(person: Actor, one: Usage) -> None:
    limit = _("of {total}", total=language.size(one.most)) if one.most is not None else _("no limit")
    tone: parts.Tone = "danger" if one.share >= 1 else "warn" if one.share >= quota.NEARLY else ""
    with parts.row(f"quota-{one.id}"):
        st.html(parts.line(
            "", f"<b>{escape(one.name)}</b>", f"{escape(language.size(one.used))} <i>{escape(limit)}</i>",
            parts.tag(language.number(one.share * 100, 0) + " %", tone) if one.most else "",
        ))  # fmt: skip
        if st.button(
            _("Limit"),
            key=f"quota-{one.id}",
            type="tertiary",
            help=_("How much {name} may keep", name=parts.plain(one.name)),
        ):
            windows.show(_("How much {name} may keep", name=parts.plain(one.name)), _ask, person, one)


def _ask(person: Actor, one: Usage) -> None:
    now = one.most // MEGABYTE if one.most else None
    parts.note(_("What is there already stays. Empty: no limit."))
    many = st.number_input(_("Megabytes"), 1, quota.MOST, now, key=f"quota-many-{one.id}")
    if st.button(_("Save"), type="primary", key=f"quota-save-{one.id}"):
        with windows.trying():
            quota.limit(person, one.kind, one.id, int(many) if many else None)
            windows.close(_("Saved."))

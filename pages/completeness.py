"""The phases of a project: which documents each needs, which are there, and what comes next."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import language
from core.errors import Stale
from core.ids import now
from core.language import plural
from core.language import text as _
from pages import documents_complete, errors
from pages.kit import here as kit
from pages.kit import parts, windows
from pages.kit.parts import Figure
from vault import classes, completeness, phases
from vault.phases import Phase, Standing

here = kit.page("document.read")
TODAY = language.local(now()).date()


def screen() -> None:
    """Everything below the top bar."""
    windows.say_done()
    every = phases.standings(here.actor, here.project.id, patience=completeness.PATIENCE * 4)
    found = phases.pending(here.actor, here.project.id, TODAY, patience=completeness.PATIENCE)
    said = _("now: {phase}", phase=found.phase.title) if found.phase else _("every phase is closed")
    with parts.head(_("Phases"), said):
        documents_complete.from_template(here)
        if here.may("phase.edit") and st.button(_("Add a phase"), key="phase-add", icon=":material/add:"):
            windows.show(_("Add a phase"), add)
    parts.figures(figures(every))
    for phase in phases.listed(here.actor, here.project.id):
        panel(phase, [one for one in every if one.phase.id == phase.id])


def figures(every: list[Standing]) -> list[Figure]:
    """Required, present, approved, overdue."""
    total, present = len(every), sum(one.present for one in every)
    approved, late = sum(one.approved for one in every), [one for one in every if one.overdue(TODAY)]
    met = sum(not one.lacks for one in every)
    return [
        Figure(_("Required"), language.number(total), "", plural("{count} met", "{count} met", met)),
        Figure(_("Present"), language.number(present), _("of {total}", total=language.number(total))),
        Figure(_("Approved"), language.number(approved), _("of {total}", total=language.number(total))),
        Figure(
            _("Overdue"), language.number(len(late)), "", late[0].message.text() if late else _("nothing is late"),
            "danger" if late else "",
        ),
    ]  # fmt: skip


def panel(phase: Phase, needs: list[Standing]) -> None:
    """A phase with its documents."""
    with parts.panel(f"phase-{phase.code}"):
        with parts.row(f"phase-{phase.code}"):
            marks = parts.tag(_("closed"), "ok") if phase.closed_at else ""
            marks += " " + parts.tag(_("gate")) if phase.gated else ""
            st.html(
                f'<h3 class="ac-title">{escape(phase.title)} {marks}</h3><p class="ac-why">{escape(dates(phase))}</p>'
            )
            st.space("stretch")
            if here.may("phase.edit"):
                actions(phase)
        for one in needs:
            documents_complete.line(here, one)
        if not needs:
            parts.note(_("This phase needs no documents."))


def dates(phase: Phase) -> str:
    """From when to when, as far as that is known."""
    if phase.begins and phase.ends:
        return f"{language.day(phase.begins)} – {language.day(phase.ends)}"
    if phase.begins:
        return _("from {day}", day=language.day(phase.begins))
    return _("ends {day}", day=language.day(phase.ends)) if phase.ends else _("no dates yet")


def actions(phase: Phase) -> None:
    """What a manager does with a phase."""
    name = parts.plain(phase.title)
    if st.button(_("Change"), key=f"phase-change-{phase.code}", type="tertiary", help=name):
        windows.show(name, change, phase)
    if st.button(_("Documents"), key=f"phase-needs-{phase.code}", type="tertiary", help=name):
        windows.show(name, needs_of, phase)
    if phase.closed_at:
        if st.button(_("Open again"), key=f"phase-reopen-{phase.code}", type="tertiary", help=name):
            here.act(phases.reopen, phase.id)
            st.rerun()
    elif st.button(_("Close the phase"), key=f"phase-close-{phase.code}", type="tertiary", help=name) and here.act(
        phases.close, phase.id
    ):
        st.rerun()


def add() -> None:
    """Ask for the name of a new phase."""
    name = st.text_input(_("Name"), key="phase-name", max_chars=80)
    if st.button(_("Add a phase"), type="primary", key="phase-add-it"):
        with windows.trying():
            phases.add(here.actor, here.project.id, name)
            windows.close(_("“{name}” is a phase now.", name=name.strip()))


def change(phase: Phase) -> None:
    """Ask for name, dates, gate and place of a phase."""
    every = phases.listed(here.actor, here.project.id)
    with st.form("phase", border=False):
        name = st.text_input(_("Name"), phase.title, max_chars=80)
        left, right = st.columns(2)
        begins = left.date_input(_("Begins"), phase.begins, format="YYYY-MM-DD")
        ends = right.date_input(_("Ends"), phase.ends, format="YYYY-MM-DD")
        place = st.number_input(_("Place"), 1, len(every), min(phase.position, len(every)))
        gated = st.checkbox(_("It closes only when its documents are there"), phase.gated)
        saved = st.form_submit_button(_("Save"), type="primary")
    if saved:
        with windows.trying():
            try:
                made = phases.change(
                    here.actor, here.project.id, phase.id, revision=phase.revision, name=name, begins=begins, ends=ends,
                    gated=gated,
                )  # fmt: skip
            except Stale as stale:
                st.error(errors.say(stale))
                return
            if place != phase.position:
                phases.move(here.actor, here.project.id, made.id, position=int(place))
            windows.close(_("Saved."))
    if len(every) > 1 and st.button(_("Remove the phase"), key="phase-remove", type="tertiary"):
        with windows.trying():
            phases.remove(here.actor, here.project.id, phase.id, revision=phase.revision)
            windows.close(_("Removed."))


def needs_of(phase: Phase) -> None:
    """Say which documents a phase needs."""
    names = classes.names()
    for one in phases.standings(here.actor, here.project.id, patience=0):
        if one.phase.id != phase.id:
            continue
        with parts.row(f"asked-{one.need.id}"):
            about = [phases.state_name(one.need.state).text(), language.day(one.need.due) if one.need.due else ""]
            st.html(
                parts.line(
                    "", escape(one.need.title or one.class_name), f"<i>{escape(' · '.join(filter(None, about)))}</i>"
                )
            )
            if st.button(_("Not needed"), key=f"unneed-{one.need.id}", type="tertiary", help=parts.plain(one.title)):
                with windows.trying():
                    phases.unneed(here.actor, here.project.id, one.need.id)
                    windows.close(_("Saved."))
    with st.form("need", border=False):
        left, right = st.columns(2)
        class_ = left.selectbox(_("Class"), list(names), format_func=names.__getitem__)
        state = right.selectbox(_("State"), list(phases.STATES), 2, format_func=lambda s: phases.state_name(s).text())
        title = left.text_input(_("Title"), max_chars=300, help=_("Empty: any document of the class."))
        due = right.date_input(_("Due"), None, format="YYYY-MM-DD", help=_("Empty: the end of the phase."))
        pressed = st.form_submit_button(_("Needed too"), type="primary")
    if pressed:
        with windows.trying():
            phases.need(here.actor, here.project.id, phase.id, class_, state=state, title=title, due=due)
            windows.close(_("Saved."))


kit.fragment(screen)

"""One requirement beside the board: what was asked, why, when it is met; what hangs on it; what was said.

Opened to read; "Edit" turns it into a form. Somebody else's change shows at once while one reads, and
never touches what one is typing: at the end both texts are shown where both changed the same field.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from core import access, checklists, columns, language, requirements
from core.errors import NotFound
from core.language import text as _
from core.requirements import Requirement
from pages import requirements_edit, requirements_links, requirements_talk
from pages.kit import here as kit
from pages.kit import parts
from pages.kit.here import Here

EDITING = "requirement-edited"


def beside(here: Here, code: str, people: dict[str, str]) -> None:
    """Draw the requirement with this code at the right of the screen."""

    def drawn() -> None:
        detail(here, code, people)

    with st.container(key="requirement", width=440):
        kit.fragment(drawn)


def detail(here: Here, code: str, people: dict[str, str]) -> None:
    """The sheet itself."""
    try:
        found = requirements.get(here.actor, here.project.id, code)
    except NotFound as missing:
        _bar(code, "")
        parts.empty(str(missing), _("It may have been removed, or you are not cleared for it."))
        return
    _bar(found.code, parts.lock(found.clearance) + ("" if not found.archived else " " + parts.tag(_("archived"))))
    if st.session_state.get(EDITING) == found.id:
        requirements_edit.form(here, found, people, done=_stop_editing)
        return
    _text(found)
    _facts(found, people)
    _actions(here, found)
    requirements_links.linked(here, found)
    _checklists(here, found)
    _attachments(here, found)
    requirements_talk.talk(here, found, people)
    requirements_talk.history(here, found)


def _bar(code: str, marks: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<div class="ac-detail-code">{escape(code)} {marks}</div>', width="content")
        st.space("stretch")
        if st.button(_("Close"), icon=":material/close:", key="detail-close", type="tertiary"):
            del st.query_params["card"]
            _stop_editing()
            st.rerun()


def _text(found: Requirement) -> None:
    """Title, statement, rationale, acceptance criteria; as they were written, nothing is interpreted."""
    criteria = "".join(f"<li>{escape(line)}</li>" for line in found.acceptance)
    told = "".join(
        f'<h3 class="ac-title">{escape(name)}</h3><p class="ac-prose">{escape(words)}</p>'
        for name, words in ((_("Rationale"), found.rationale), (_("Constraints"), found.constraints))
        if words
    )
    st.html(
        f'<h2 class="ac-detail-title">{escape(found.title)}</h2>'
        + (f'<p class="ac-prose">{escape(found.statement)}</p>' if found.statement else "")
        + (
            f'<h3 class="ac-title">{escape(_("Acceptance criteria"))}</h3><ol class="ac-criteria">{criteria}</ol>'
            if criteria
            else ""
        )
        + told
    )


def _facts(found: Requirement, people: dict[str, str]) -> None:
    source = _(", ").join(
        filter(None, (found.source_who, found.source_when and language.day(found.source_when), found.source_where))
    )
    lines = [
        (_("Priority"), parts.priority(found.priority)),
        (_("Owner"), escape(people.get(found.owner_id or "", "")) or f'<span class="ac-quiet">{escape(_("Nobody"))}</span>'),
        (_("Due"), escape(language.day(found.due)) if found.due else ""),
        (_("Effort"), escape(_("{hours} h", hours=language.number(found.effort_hours))) if found.effort_hours is not None else ""),
        (_("Labels"), " ".join(f'<span class="ac-tag">{escape(label)}</span>' for label in found.labels)),
        (_("Source"), escape(source)),
        (_("Who may read it"), escape(access.clearance_name(found.clearance).text())),
        (_("In this column since"), escape(language.day(found.state_since))),
    ]  # fmt: skip
    st.html(
        '<dl class="ac-facts">'
        + "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in lines if value)
        + "</dl>"
    )


def _actions(here: Here, found: Requirement) -> None:
    states = columns.states(here.actor, here.project.id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if here.may("requirement.move") and not found.archived:
            names = {state.id: state.name for state in states}
            st.selectbox(
                _("Column"), list(names), index=list(names).index(found.state_id), format_func=names.__getitem__,
                key=f"detail-state-{found.id}-{found.state_id}", on_change=_move, args=(here, found), width=170,
                label_visibility="collapsed",
            )  # fmt: skip
        if here.may("requirement.edit"):
            if st.button(_("Edit"), key="detail-edit", icon=":material/edit:"):
                requirements_edit.begin(found)
                st.session_state[EDITING] = found.id
                st.rerun(scope="fragment")
            words = _("Bring back") if found.archived else _("Archive")
            if st.button(words, key="detail-archive"):
                here.act(
                    requirements.edit, found.id, revision=found.revision, was={"archived": found.archived},
                    archived=not found.archived, done=_("Done: {code}.", code=found.code),
                )  # fmt: skip
                st.rerun()


def _move(here: Here, found: Requirement) -> None:
    state = st.session_state[f"detail-state-{found.id}-{found.state_id}"]
    here.act(requirements.move, [found.id], state=state)


def _checklists(here: Here, found: Requirement) -> None:
    for listed in checklists.listed(here.actor, here.project.id, found.id):
        done = sum(item.done for item in listed.items)
        st.html(
            f'<h3 class="ac-title">{escape(listed.checklist.title)} '
            f'<span class="ac-quiet">{done}/{len(listed.items)}</span></h3>'
        )
        for item in listed.items:
            st.checkbox(
                parts.plain(item.title),
                value=item.done, key=f"tick-{item.id}-{item.done}", on_change=_tick, args=(here, item.id, not item.done),
                disabled=not here.may("requirement.edit"),
            )  # fmt: skip


def _tick(here: Here, item: str, done: bool) -> None:
    here.act(checklists.tick, item, done=done)


def _attachments(here: Here, found: Requirement) -> None:
    files = checklists.attachments(here.actor, here.project.id, found.id)
    if not files:
        return
    st.html(f'<h3 class="ac-title">{escape(_("Files elsewhere"))}</h3>')
    parts.rows(
        (
            "",
            # Only what a browser can fetch becomes a link: an import may bring anything.
            f'<a class="ac-link" href="{escape(file.url)}" target="_blank" rel="noopener noreferrer">{escape(file.name)}</a>'
            if file.url.startswith(("https://", "http://"))
            else escape(file.name),
            "" if file.size is None else _("{size} KB", size=language.number(max(1, round(file.size / 1024)))),
        )
        for file in files
    )


def _stop_editing() -> None:
    st.session_state.pop(EDITING, None)

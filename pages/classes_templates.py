"""The Word templates of a class on its screen: which one holds in which language, and an own file in its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from core import language
from core.access import Actor
from core.language import LANGUAGES
from core.language import text as _
from pages.kit import parts, windows
from vault import own_templates
from vault.own_templates import NAMES, ROWS, Kept, TemplateRefused

ROUND = "template-round"


def panel(person: Actor, class_id: str) -> None:
    """A line a language: what its template is, and what can be done about it."""
    every = own_templates.kept(person, class_id)
    with parts.panel(
        "templates", _("Word templates"), _("What “From template” and the command line begin a document with.")
    ):
        for spoken, name in LANGUAGES.items():
            some = [one for one in every if one.language == spoken]
            used = next((one for one in some if one.in_use), None)
            with parts.row(f"template-{spoken}"):
                st.html(parts.line("", f"<b>{escape(name)}</b><i>{_said(used)}</i>"))
                place = f"/vault/template/{used.id}" if used else f"/vault/template/{class_id}/{spoken}"
                st.html(
                    f'<a class="ac-more" href="{place}" download aria-label="{escape(_("Fetch the template, {language}", language=name))}">'
                    f"{escape(_('Fetch'))}</a>",
                    width="content",
                )
                if st.button(_("Another file"), key=f"template-{spoken}-other", type="tertiary", help=name):
                    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
                    windows.show(_("Word template, {language}", language=name), _other, person, class_id, spoken, some)
                if used and st.button(_("As shipped"), key=f"template-{spoken}-shipped", type="tertiary", help=name):
                    _doing(_("The shipped template holds again."), own_templates.as_shipped, person, used)


def _said(used: Kept | None) -> str:
    if used is None:
        return escape(_("as shipped, by the sections above"))
    return escape(
        _("{file}, number {number}, by {name} on {day}", file=used.file_name, number=used.number,
          name=used.author_name, day=language.day(used.created_at))
    )  # fmt: skip


def _other(person: Actor, class_id: str, spoken: str, some: Sequence[Kept]) -> None:
    """Ask for the file; say what can stand in it, and which ones there were."""
    parts.note(_("Write the file in Word and put names between double braces where something is to be filled in. Whole paragraphs in square brackets are guidance: completeness finds what is left of them."))  # fmt: skip
    with st.container(key="panel-file"):
        # Streamlit's own words for this box are English only; the style sheet shows this one instead.
        st.html(f"<style>:root {{ --choose-file: {json.dumps(_('Choose a file'), ensure_ascii=False)} }}</style>")
        file = st.file_uploader(
            _("Word file"), type=["docx", "dotx"], label_visibility="collapsed",
            key=f"template-file-{class_id}-{spoken}-{st.session_state.get(ROUND, 0)}",
        )  # fmt: skip
    if file is not None and st.button(_("Use this file"), type="primary", key="template-use"):
        with windows.trying():
            try:
                taken = own_templates.use(person, class_id, spoken, file.getvalue(), file_name=file.name)
            except TemplateRefused as refused:
                st.error("\n".join(f"- {parts.plain(problem.text())}" for problem in refused.problems))
            else:
                warned = " ".join(one.message.text() for one in taken.warnings)
                windows.close(f"{_('“{name}” is the template now.', name=file.name)} {warned}".strip())
    _names()
    earlier = [one for one in some if not one.in_use]
    if earlier:
        st.html(f'<h3 class="ac-title">{escape(_("Earlier ones"))}</h3>')
        for one in earlier:
            with parts.row(f"template-{one.id}"):
                st.html(parts.line("", _said(one)))
                if st.button(_("Use again"), key=f"template-again-{one.id}", type="tertiary", help=str(one.number)):
                    _doing(
                        _("“{name}” is the template again.", name=one.file_name), own_templates.use_again, person, one
                    )


def _names() -> None:
    """What can stand between double braces, and what comes in its place."""
    known = [*NAMES.items(), *((name, words) for names in ROWS.values() for name, words in names.items())]
    repeated = {name for names in ROWS.values() for name in names}
    parts.table(
        [_("Name"), _("What stands there then")],
        [
            (
                f"<code>{{{{{escape(name)}}}}}</code>",
                escape(words.text())
                + (
                    f' <span class="ac-quiet">{escape(_("in a row that is repeated"))}</span>'
                    if name in repeated
                    else ""
                ),
            )
            for name, words in known
        ],
    )


def _doing(done: str, act: Callable[..., object], person: Actor, one: Kept) -> None:
    with windows.trying():
        act(person, one.id, revision=one.revision)
        windows.close(done)

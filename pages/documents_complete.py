"""What documents lack on the screen of documents: the bar in the list, the list with places in the detail, what phases need."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from core import access, language
from core.errors import Unavailable
from core.ids import now
from core.language import LANGUAGES, plural
from core.language import text as _
from core.projects import Member
from pages import errors
from pages.documents_taking import least_words
from pages.kit import parts, windows
from pages.kit.here import Here
from vault import class_rules, classes, completeness, documents, metadata, phases, templates
from vault.class_rules import Field
from vault.completeness import Completeness, Finding
from vault.documents import Document, Listed
from vault.phases import Pending, Standing

SHOWN = 12  # findings; more are counted


def bars(here: Here, items: Sequence[Listed]) -> dict[str, Completeness]:
    """Document -> how complete it is, as far as that is known in the time that a list has."""
    if not documents.is_open():
        return {}
    return completeness.listed(here.actor, here.project.id, items, patience=completeness.PATIENCE)


def bar(found: Completeness | None) -> str:
    """How complete a document is, as HTML."""
    if found is None or not found.checks:
        return '<span class="ac-quiet">–</span>'
    label = _("{percent} % complete", percent=found.percent)
    return (
        f'<span class="ac-share" role="img" aria-label="{escape(label)}" title="{escape(label)}">'
        f'<i style="width:{found.percent}%"></i></span>'
    )


def section(here: Here, found: Document, people: Sequence[Member]) -> None:
    """In the detail: what the current version lacks, with places, and what is filed about it."""
    if documents.is_open():
        try:
            _lacks(completeness.of(here.actor, here.project.id, found.id, found.version))
        except Unavailable as error:
            parts.note(errors.say(error))
    filed = metadata.of(here.actor, here.project.id, found.id)
    if filed.fields:
        names = {member.account_id: member.name for member in people}
        spoken = language.current()
        lines = [(one.name(spoken), _said(one, filed.entries.get(one.key, ""), names)) for one in filed.fields]
        st.html(
            '<dl class="ac-facts">'
            + "".join(f"<dt>{escape(n)}</dt><dd>{escape(v) or '–'}</dd>" for n, v in lines)
            + "</dl>"
        )
        if here.may("document.classify") and st.button(
            _("Fill in"), key="document-metadata", icon=":material/edit_note:"
        ):
            windows.show(_("What is filed about it"), _form, here, found, people)


def _lacks(found: Completeness) -> None:
    title = _("Completeness")
    percent = language.number(found.percent) if found.checks else "–"
    st.html(f'<h3 class="ac-title">{escape(title)} <span class="ac-quiet">{percent} %</span></h3>')
    if not found.readable:
        parts.note(_("The sections of this kind of file can't be read here; look at them yourself."))
    elif not found.findings:
        parts.note(_("Every section is there, nothing of the template is left, nothing is open."))
    if found.findings:
        st.html('<ul class="ac-list ac-lacks">' + "".join(_finding(one) for one in found.findings[:SHOWN]) + "</ul>")
        if len(found.findings) > SHOWN:
            parts.note(plural("and {count} more", "and {count} more", len(found.findings) - SHOWN))


def _finding(one: Finding) -> str:
    place = f'<span class="ac-quote">{escape(one.place.text())}</span>' if one.place else ""
    quote = f'<span class="ac-quote" dir="auto">“{escape(one.quote)}”</span>' if one.kind == "comment" else ""
    return f"<li><span>{escape(one.message.text())}{place}{quote}</span></li>"


def _said(one: Field, value: str, names: dict[str, str]) -> str:
    if one.kind == "person":
        return names.get(value, value)
    if one.kind == "yes" and value:
        return _("yes") if value == "yes" else _("no")
    return value


def _form(here: Here, found: Document, people: Sequence[Member]) -> None:
    """Ask for the metadata; a refusal stands inside, and what was typed stays."""
    filed = metadata.of(here.actor, here.project.id, found.id)
    names = {member.account_id: member.name for member in people if member.active}
    spoken = language.current()
    with st.form("metadata", border=False):
        typed = {}
        for one in filed.fields:
            label = one.name(spoken) + (" *" if one.required else "")
            value, key = filed.entries.get(one.key, ""), f"metadata-{found.id}-{one.key}"
            offered = {"person": names, "yes": {"yes": _("yes"), "no": _("no")}, "choice": {c: c for c in one.choices}}
            if one.kind in offered:
                choices = ["", *offered[one.kind]]
                words = offered[one.kind]
                typed[one.key] = st.selectbox(
                    parts.plain(label), choices, choices.index(value) if value in choices else 0, key=key,
                    format_func=lambda c, words=words: words.get(c, "–"),
                )  # fmt: skip
            else:
                typed[one.key] = st.text_input(
                    parts.plain(label), value, key=key, placeholder="2026-11-24" if one.kind == "day" else None
                )
        pressed = st.form_submit_button(_("Save"), type="primary")
    if pressed:
        with windows.trying():
            metadata.file(here.actor, here.project.id, found.id, typed, revision=filed.revision)
            windows.close(_("Saved."))


# from a template


def from_template(here: Here, *, class_: str = "", title: str = "") -> None:
    """The button that makes a document from the template of a class."""
    if here.may("document.write") and st.button(_("From template"), key="from-template", icon=":material/post_add:"):
        windows.show(_("From template"), _begin, here, class_, title)


def make(here: Here, standing: Standing) -> None:
    """Open the window on a document that a phase needs."""
    windows.show(_("From template"), _begin, here, standing.need.class_id, standing.need.title)


def _begin(here: Here, class_: str, title: str) -> None:
    names = classes.names()
    known, own = list(names), here.standing.clearances
    left, right = st.columns(2)
    with left:
        chosen = st.selectbox(
            _("Class"), known, known.index(class_) if class_ in known else 0, format_func=names.__getitem__,
            key="template-class",
        )  # fmt: skip
    usual = documents.usual_clearance(here.standing, chosen)
    with right:
        spoken = st.selectbox(
            _("Language"), list(LANGUAGES), list(LANGUAGES).index(here.project.language), key="template-language",
            format_func=LANGUAGES.__getitem__,
        )  # fmt: skip
    called = st.text_input(
        _("Title"),
        title or templates.usual_title(chosen, spoken),
        key=f"template-title-{chosen}-{spoken}",
        max_chars=300,
    )
    clearance = st.selectbox(
        _("Who may read it"), own, own.index(usual), key=f"template-clearance-{chosen}",
        format_func=lambda c: access.clearance_name(c).text(),
    )  # fmt: skip
    level = class_rules.higher(clearance, class_rules.of(chosen).least)
    if level != clearance:
        parts.note(least_words(level))
    parts.note(_("It is filled with the client, the people and the requirements that may stand in such a document."))
    if st.button(_("Make the document"), type="primary", key="template-make"):
        with windows.trying():
            made = templates.begin(
                here.actor, here.project.id, chosen, title=called, clearance=clearance, spoken=spoken
            )
            st.query_params["document"] = made.code
            windows.close(_("{code} is made. Fetch it, write it, and drop it here again.", code=made.code))


# what phases need


def pending(here: Here) -> Pending | None:
    """What is still needed now, as far as it is known in the time that a screen has."""
    if not documents.is_open():
        return None
    today = language.local(now()).date()
    return phases.pending(here.actor, here.project.id, today, patience=completeness.PATIENCE)


def sentence(total: int, found: Pending | None) -> str:
    """The header's sentence."""
    said = language.number(total) if total else _("nothing filed yet")
    if found and found.lacking and total:
        return plural(
            "{said}, and {count} that this phase still needs", "{said}, and {count} that this phase still needs",
            len(found.lacking), said=said,
        )  # fmt: skip
    return said


def panel(here: Here, found: Pending | None) -> None:
    """What is still needed before the next phase begins, each with what to do next."""
    if found is None or not found.lacking or found.phase is None:
        return
    following = found.following
    if following and following.begins:
        title = _(
            "Still needed before {phase} begins on {day}",
            phase=following.title,
            day=language.day(following.begins, "long"),
        )
    else:
        title = _("Still needed in the phase {phase}", phase=found.phase.title)
    with parts.panel("needed", title, _("By the rules of the phases, among the documents that you can read.")):
        for one in found.lacking:
            line(here, one)
        query = urlencode({"project": here.project.code})
        st.html(f'<a class="ac-more" href="/completeness?{query}" target="_self">{escape(_("All phases"))}</a>')


def line(here: Here, one: Standing) -> None:
    """A document that is lacking, and the step that comes next."""
    today = language.local(now()).date()
    tones = {"missing": "danger", "state": "warn", "content": "warn"}
    due = _("due {day}", day=language.day(one.due)) if one.due else ""
    said = parts.tag(due, "danger") if one.overdue(today) else f"<i>{escape(due)}</i>"
    name = escape(one.title)
    if one.document:
        query = urlencode({"project": here.project.code, "document": one.document.code})
        name = f'<a class="ac-link" href="/documents?{query}" target="_self">{name}</a>'
    who = f"<i>{escape(one.responsible)}</i>" if one.responsible and one.lacks else ""
    with parts.row(f"need-{one.need.id}"):
        st.html(parts.line("", f"{parts.tag(word(one), tones.get(one.lacks, 'ok'))} {name}", who, said))
        if one.lacks == "missing" and here.may("document.write"):
            if st.button(_("Make it"), key=f"make-{one.need.id}", type="tertiary", help=parts.plain(one.title)):
                make(here, one)
        elif (
            one.document
            and one.lacks
            and here.may("comment.write")
            and st.button(_("Remind"), key=f"remind-{one.need.id}", type="tertiary", help=parts.plain(one.title))
        ):
            told = here.act(phases.remind, one.document.id)
            if told:
                st.toast(_("{name} finds it among what waits.", name=told), icon=":material/check:")


def word(one: Standing) -> str:
    """What is lacking, in a word or two."""
    if one.lacks == "content" and one.complete:
        return plural("{count} gap", "{count} gaps", len(one.complete.findings))
    return {
        "missing": _("missing"),
        "state": _("not approved") if one.need.state == "approved" else _("not in review"),
        "": _("there"),
    }.get(one.lacks, one.lacks)

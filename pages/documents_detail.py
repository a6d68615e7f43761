"""One document beside the list: who may read it, every version, what it is linked with, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core import access, language, links
from core.errors import NotFound
from core.language import text as _
from core.projects import Member
from pages import (
    documents_complete,
    documents_edit,
    documents_keeping,
    documents_mail,
    documents_preview,
    documents_review,
    documents_sharing,
    documents_taking,
    requirements_talk,
    rights_readers,
)
from pages.documents_view import fetching, state_tag, who_reads
from pages.kit import here as kit
from pages.kit import parts
from pages.kit.here import Here
from vault import audit, classes, documents, downgrades, inspection, search, states
from vault.documents import Document, Version

EDITING = "document-edited"
LINKING = "document-linking"
LOOKED = "documents-looked-at"


def beside(here: Here, code: str, people: Sequence[Member]) -> None:
    """Draw the document with this code (or id) at the right of the screen."""

    def drawn() -> None:
        detail(here, code, people)

    with st.container(key="detail"):
        kit.fragment(drawn)


def detail(here: Here, code: str, people: Sequence[Member]) -> None:
    """The sheet itself."""
    try:
        found = documents.get(here.actor, here.project.id, code)
    except NotFound as missing:
        _bar("", "")
        parts.empty(missing.message.text(), _("It may have been removed, or you are not cleared for it."))
        return
    every = documents.versions(here.actor, here.project.id, found.id)
    given = next(v for v in every if v.number == documents.default_version(here.standing, found))
    _bar(found.code, f"{parts.lock(found.clearance)} {state_tag(states.of(given))}")
    if st.session_state.get(EDITING) == found.id:
        documents_edit.form(here, found, done=_stop_editing)
        return
    _seen(here, found)
    st.html(f'<h2 class="ac-detail-title" dir="auto">{escape(found.title)}</h2>')
    _facts(here, found, given)
    with st.container(horizontal=True, vertical_alignment="center"):
        documents_preview.button(found, given, every)
        # What one reads by a grant, one does not classify.
        if (
            here.may("document.classify") and here.standing.cleared(found.clearance)
            and st.button(_("Edit"), key="document-edit", icon=":material/edit:")
        ):  # fmt: skip
            documents_edit.begin(found)
            st.session_state[EDITING] = found.id
            st.rerun(scope="fragment")
        rights_readers.button(here, found)
        documents_sharing.button(here, found, given)
        documents_keeping.buttons(here, found)
    documents_keeping.notes(here, found)
    documents_mail.section(here, found)
    documents_review.section(here, found, every)
    _versions(every)
    documents_taking.box(here, found)
    documents_complete.section(here, found, people)
    _linked(here, found)
    requirements_talk.talk(here, found, {member.account_id: member.name for member in people})
    requirements_talk.history(here, found)


def _seen(here: Here, found: Document) -> None:
    """Put on record that it is looked at, once a visit and version."""
    looked = st.session_state.setdefault(LOOKED, set())
    if (found.id, found.version) not in looked:
        looked.add((found.id, found.version))
        audit.seen(here.actor, here.project.id, found.id, found.version)


def _bar(code: str, marks: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<div class="ac-detail-code">{escape(code)} {marks}</div>', width="content")
        st.space("stretch")
        if st.button(_("Close"), icon=":material/close:", key="document-close", type="tertiary"):
            del st.query_params["document"]
            _stop_editing()
            st.rerun()


def _facts(here: Here, found: Document, given: Version) -> None:
    names = classes.names()
    lines = [
        (_("Class"), names.get(found.class_id, found.class_id)),
        (_("Version"), f"v{given.number}, {language.size(given.size)}"),
        (_("Changed"), f"{language.moment(given.created_at)}, {given.author_name}"),
    ]
    if reason := search.not_readable(here.actor, here.project.id, found.id):
        lines.append((_("Search"), reason.text()))
    st.html(
        '<dl class="ac-facts">' + "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in lines) + "</dl>"
        + (f'<p class="ac-why">{escape(who_reads(here, found.clearance, document=found))}</p>' if here.may("document.write") else "")
    )  # fmt: skip
    _planned(here, found)


def _planned(here: Here, found: Document) -> None:
    """What is planned for its clearance, with the way back for those who may."""
    may = here.may("document.classify") and here.standing.cleared(found.clearance)
    for plan in downgrades.planned(here.actor, here.project.id, found.id):
        with st.container(horizontal=True, vertical_alignment="center"):
            parts.note(
                _("It becomes {clearance} on {day}: {reason}", clearance=access.clearance_name(plan.clearance).text(),
                  day=language.day(plan.due_at), reason=plan.reason)
            )  # fmt: skip
            if may and st.button(_("Take back"), key=f"plan-{plan.id}", type="tertiary"):
                here.act(downgrades.take_back, plan.id)
                st.rerun(scope="fragment")


def _versions(every: list[Version]) -> None:
    """The newest first; each under the name it came with."""
    st.html(
        f'<h3 class="ac-title">{escape(_("Versions"))} <span class="ac-quiet">{len(every)}</span></h3>'
        f'<p class="ac-why">{escape(_("None is ever changed; each comes back byte for byte."))}</p>'
        f'<ul class="ac-list ac-versions">{"".join(_version(v) for v in every)}</ul>'
    )


def _version(version: Version) -> str:
    said = "".join(
        f'<p class="ac-why warn">{escape(inspection.WARNINGS[code].text())}</p>' for code in version.warnings
    )
    about = f"{language.size(version.size)} · {version.author_name} · {language.moment(version.created_at)}"
    note = f'<p class="ac-prose" dir="auto">{escape(version.note)}</p>' if version.note else ""
    return (
        f"<li><b>v{version.number}</b><div>{fetching(version, version.file_name)} {documents_preview.link(version)} {_state(version)}"
        f'<p class="ac-why" title="SHA-256 {version.sha256}">{escape(about)}</p>{note}{said}</div></li>'
    )


def _state(version: Version) -> str:
    """The state of a version as HTML; that of a draft goes without saying."""
    return state_tag(version.state) if version.state not in (None, "draft") else ""


def _linked(here: Here, found: Document) -> None:
    """The requirements that name this document, and for those who may, one more."""
    known = links.links(here.actor, here.project.id, found.id)
    may = here.may("requirement.edit")
    if not known and not may:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<h3 class="ac-title">{escape(_("Requirements"))}</h3>', width="content")
        st.space("stretch")
        if may and st.button(_("Link"), icon=":material/add_link:", key="document-link", type="tertiary"):
            st.session_state[LINKING] = None if st.session_state.get(LINKING) == found.id else found.id
    for link in known:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.page_link(
                "requirements.py", label=parts.plain(f"{link.code} {link.title}"), icon=":material/view_kanban:",
                query_params={"project": here.project.code, "card": link.code},
            )  # fmt: skip
            st.space("stretch")
            if may and st.button(
                _("Remove the link"), icon=":material/close:", key=f"document-unlink-{link.id}", type="tertiary"
            ):
                here.act(links.unlink, link.id)
                st.rerun(scope="fragment")
    if st.session_state.get(LINKING) == found.id:
        _add(here, found, {link.target_id for link in known})


def _add(here: Here, found: Document, known: set[str]) -> None:
    targets = {
        t.id: f"{t.code} {t.title}" for t in links.targets(here.actor, here.project.id)
        if t.entity == "requirement" and t.id not in known
    }  # fmt: skip
    chosen = st.selectbox(
        _("Requirement"), list(targets), index=None, format_func=targets.__getitem__, placeholder=_("Choose"),
        key=f"document-link-with-{found.id}-{len(known)}",
    )  # fmt: skip
    if st.button(_("Link them"), key="document-link-them", type="primary", disabled=chosen is None):
        here.act(links.link, chosen, kind="document", target=found.id)
        st.session_state[LINKING] = None
        st.rerun(scope="fragment")


def _stop_editing() -> None:
    st.session_state.pop(EDITING, None)

"""The documents of a project: drop files, find them again, fetch any version."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

import streamlit as st

from core import access, language
from core.errors import NotFound
from core.language import text as _
from pages.kit import here, parts
from pages.kit.uploader import uploader
from vault import classes, documents
from vault.documents import Listed, Version

SORTS = ("changed", "title", "class", "clearance", "size", "code")
place = here.page("document.read")
NAMES = classes.names()


def size(count: int) -> str:
    """Bytes as people say them."""
    number, unit = float(count), "B"
    for bigger in ("KB", "MB", "GB"):
        if number < 1000:
            break
        number, unit = number / 1000, bigger
    return f"{language.number(number, 0 if unit == 'B' else 1)} {unit}"


def fetching(version: Version, words: str) -> str:
    """A link that fetches a version under its own name."""
    return f'<a href="/vault/download/{version.document_id}/{version.number}" download>{escape(words)}</a>'


def address(code: str = "") -> str:
    """Where a document's detail stands; without a code, the list."""
    return f"?project={quote(place.project.code)}" + (f"&document={quote(code)}" if code else "")


def who_reads(clearance: str) -> str:
    """The sentence that says who will be able to read it."""
    found = documents.readers(place.actor, place.project.id, clearance)
    team, client = ", ".join(found.team) or "–", ", ".join(found.client) or "–"
    return _("Will be read by: team {team}; client {client}; and administrators.", team=team, client=client)


def taking(document: documents.Document | None = None) -> None:
    """The box that takes files, for those who may send any."""
    if not place.may("document.write"):
        return
    clearances = place.standing.clearances
    usual = document.clearance if document else "public" if place.standing.role == "client" else "internal"
    uploader(
        key="uploader" if document is None else f"uploader-{document.id}",
        project=place.project.id,
        classes=NAMES,
        clearances={c: access.clearance_name(c).text() for c in clearances},
        readers={c: who_reads(c) for c in clearances},
        usual=usual if usual in clearances else clearances[-1],
        document=document.id if document else None,
        class_=document.class_id if document else "",
        on_stored=lambda: None,
    )


def one(code: str) -> None:
    """A document with all its versions."""
    try:
        found = documents.get(place.actor, place.project.id, code)
    except NotFound as error:
        st.warning(error.message.text())
        st.html(f'<a class="ac-link" href="{address()}">{escape(_("All documents"))}</a>')
        return
    with parts.head(found.title, f"{found.code} · {NAMES.get(found.class_id, found.class_id)}"):
        st.html(f'<a class="ac-link" href="{address()}">{escape(_("All documents"))}</a>', width="content")
    st.html(
        f"{parts.lock(found.clearance)} {escape(who_reads(found.clearance) if place.may('document.write') else '')}"
    )
    with parts.panel("versions", _("Versions"), _("None is ever changed; each comes back byte for byte.")):
        parts.table(
            [_("Version"), _("File"), _("Size"), _("By"), _("When"), _("What is new in this version"), ""],
            [
                [
                    f"v{v.number}", fetching(v, v.file_name), size(v.size), escape(v.author_name),
                    escape(language.moment(v.created_at)), escape(v.note), warned(v),
                ]
                for v in documents.versions(place.actor, place.project.id, found.id)
            ],
        )  # fmt: skip
    with parts.panel("next", _("Next version")):
        taking(found)


def warned(version: Version) -> str:
    """What was said of a file when it came, as tags."""
    return " ".join(parts.tag(code, "warn") for code in version.warnings)


def every() -> None:
    """The list, and the box above it."""
    with parts.head(_("Documents"), _("Encrypted before they are stored.")):
        st.space("small")
    if place.may("document.write"):
        with parts.panel("add", _("Add documents")):
            taking()
    left, middle, right = st.columns([2, 3, 1], vertical_alignment="bottom")
    with left:
        text = st.text_input(_("Search in titles"), key="text", bind="query-params")
    with middle:
        chosen = parts.choice(_("Class"), list(NAMES), key="class", names=NAMES)
    names = {"changed": _("Changed"), "title": _("Title"), "class": _("Class"), "clearance": _("Clearance"),
             "size": _("Size"), "code": _("Code")}  # fmt: skip
    with right:
        sort = st.selectbox(_("Sort"), SORTS, format_func=names.__getitem__, key="sort", bind="query-params")
    found = documents.listed(place.actor, place.project.id, class_=chosen[0] if chosen else None, text=text, sort=sort)
    if not found:
        parts.empty(_("No documents here"), _("Drop the first file above, or change the filters."))
        return
    parts.table(
        [_("Code"), _("Title"), _("Class"), _("Clearance"), _("Version"), _("Size"), _("Changed"), ""],
        [line(item) for item in found],
    )


def line(item: Listed) -> list[str]:
    """A document as a line of the list."""
    document, version = item.document, item.version
    return [
        escape(document.code),
        f'<a href="{address(document.code)}">{escape(document.title)}</a> {warned(version)}',
        escape(NAMES.get(document.class_id, document.class_id)),
        parts.lock(document.clearance),
        f"v{version.number}",
        size(version.size),
        escape(language.moment(version.created_at)),
        fetching(version, _("Fetch")),
    ]


if "document" in st.query_params:
    one(st.query_params["document"])
else:
    every()

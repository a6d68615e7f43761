"""Two versions side by side: what was inserted, deleted and moved; reached from a document."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlencode

import streamlit as st

from core import language
from core.errors import AccordError
from core.language import text as _
from pages.kit import here, parts
from pages.kit.redline import redline as drawn
from vault import documents, redline
from vault.documents import Document

place = here.page("document.read")
KNOWN: dict[str, Document] = {
    one.document.code: one.document for one in documents.listed(place.actor, place.project.id, sort="code")
}


def screen() -> None:
    """Choose two versions, and what became of the one in the other."""
    if not KNOWN:
        parts.empty(_("Nothing to compare yet"), _("Store two versions of a document, then compare them."))
        return
    old, new = chosen()
    title = KNOWN[new[0]].title if new[0] in KNOWN else _("Comparison")
    with parts.head(
        title, _("What changed from {old} to {new}.", old=f"{old[0]} v{old[1]}", new=f"{new[0]} v{new[1]}")
    ):
        to = f"/documents?project={quote(place.project.code)}&document={quote(new[0])}"
        st.html(f'<a class="ac-link" href="{to}" target="_self">{escape(_("To the document"))}</a>', width="content")
    choosers(old, new)
    for document, version in (old, new):
        try:
            redline.side(place.actor, place.project.id, document, version)
        except AccordError as error:
            st.warning(error.message.text())
            return
    query = urlencode({"project": place.project.code, "a": f"{old[0]}:{old[1]}", "b": f"{new[0]}:{new[1]}"})
    drawn(key="redline", query=query)


def chosen() -> tuple[tuple[str, int], tuple[str, int]]:
    """The two versions in the address; without them the last two of a document that has two."""
    usual = next((d for d in KNOWN.values() if d.version > 1), next(iter(KNOWN.values())))
    new = asked("b", usual.code, None)
    fallback = max(1, new[1] - 1)
    return asked("a", new[0], fallback), new


def asked(name: str, code: str, version: int | None) -> tuple[str, int]:
    """One side as the address names it; what makes no sense in it is passed over."""
    try:
        words = redline.named(st.query_params[name]) if name in st.query_params else (code, version)
    except AccordError:
        words = (code, version)
    found = words[0].upper()
    return found, words[1] or (KNOWN[found].version if found in KNOWN else 1)


def choosers(old: tuple[str, int], new: tuple[str, int]) -> None:
    """Both sides: a document and one of its versions."""
    with st.container(key="sides"):
        left, right = st.columns(2)
        with left:
            chooser("a", _("Old"), old)
        with right:
            chooser("b", _("New"), new)


def chooser(name: str, label: str, side: tuple[str, int]) -> None:
    """Two lists, each a part of the address."""
    first, second = st.columns(2)
    codes = list(KNOWN)
    with first:
        code = st.selectbox(
            _("{side}: document", side=label), codes, index=codes.index(side[0]) if side[0] in KNOWN else None,
            format_func=lambda c: f"{c} {KNOWN[c].title}", key=f"{name}-document-{side[0]}",
            on_change=to_document, args=(name, side),
        )  # fmt: skip
    if code is None:
        return
    known = {v.number: v for v in documents.versions(place.actor, place.project.id, code)}
    with second:
        st.selectbox(
            _("{side}: version", side=label), list(known), index=list(known).index(side[1]) if side[1] in known else None,
            format_func=lambda n: f"v{n}, {language.day(known[n].created_at)}, {known[n].author_name}",
            key=f"{name}-version-{side[0]}-{side[1]}", on_change=to_version, args=(name, side),
        )  # fmt: skip


def to_document(name: str, side: tuple[str, int]) -> None:
    """Another document: its current version."""
    code = st.session_state[f"{name}-document-{side[0]}"]
    keep()
    st.query_params[name] = f"{code}:{KNOWN[code].version}"


def to_version(name: str, side: tuple[str, int]) -> None:
    """Another version of the same document."""
    keep()
    st.query_params[name] = f"{side[0]}:{st.session_state[f'{name}-version-{side[0]}-{side[1]}']}"


def keep() -> None:
    """Write both sides into the address before one of them changes."""
    for name, (code, version) in zip("ab", chosen(), strict=True):
        st.query_params[name] = f"{code}:{version}"


screen()

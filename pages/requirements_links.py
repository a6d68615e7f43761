"""What a requirement is connected with: documents and other requirements, to add and to remove."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import links
from core.language import text as _
from core.links import LINK_KINDS, Linked
from core.requirements import Requirement
from pages.kit import parts
from pages.kit.here import Here

ADDING = "requirement-linking"


def kind_name(kind: str, *, outgoing: bool = True) -> str:
    """A kind of link in words, read from one of its ends."""
    if outgoing:
        return {
            "depends on": _("depends on"), "refines": _("refines"), "conflicts with": _("conflicts with"),
            "document": _("document"),
        }[kind]  # fmt: skip
    return {
        "depends on": _("is needed by"), "refines": _("is refined by"), "conflicts with": _("conflicts with"),
        "document": _("document"),
    }[kind]  # fmt: skip


def linked(here: Here, found: Requirement) -> None:
    """The links of the requirement, and for those who may, one more."""
    known = links.links(here.actor, here.project.id, found.id)
    may = here.may("requirement.edit")
    if not known and not may:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<h3 class="ac-title">{escape(_("Links"))}</h3>', width="content")
        st.space("stretch")
        if may and st.button(_("Link"), icon=":material/add_link:", key="link-add", type="tertiary"):
            st.session_state[ADDING] = None if st.session_state.get(ADDING) == found.id else found.id
    for link in known:
        _line(here, link, may)
    if st.session_state.get(ADDING) == found.id:
        _add(here, found)


def _line(here: Here, link: Linked, may: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kind = kind_name(link.kind, outgoing=link.outgoing)
        st.html(f'<span class="ac-quiet">{escape(kind)}</span>', width="content")
        if link.entity == "requirement":
            if st.button(parts.plain(f"{link.code} {link.title}"), key=f"link-{link.id}", type="tertiary"):
                st.query_params["card"] = link.code
                st.rerun()
        else:
            st.page_link(
                "documents.py", label=parts.plain(link.title), icon=":material/description:",
                query_params={"project": here.project.code, "document": link.target_id},
            )  # fmt: skip
        st.space("stretch")
        if may and st.button(
            _("Remove the link"), icon=":material/close:", key=f"unlink-{link.id}", type="tertiary",
        ):  # fmt: skip
            here.act(links.unlink, link.id)
            st.rerun(scope="fragment")


def _add(here: Here, found: Requirement) -> None:
    targets = {t.id: t for t in links.targets(here.actor, here.project.id) if t.id != found.id}
    kind = st.selectbox(_("How"), LINK_KINDS, format_func=kind_name, key="link-kind")
    entity = "document" if kind == "document" else "requirement"
    target = st.selectbox(
        _("With"), [t.id for t in targets.values() if t.entity == entity], index=None, key=f"link-with-{entity}",
        format_func=lambda t: f"{targets[t].code} {targets[t].title}".strip(), placeholder=_("Choose"),
    )  # fmt: skip
    if st.button(_("Link them"), key="link-them", type="primary", disabled=target is None):
        here.act(links.link, found.id, kind=kind, target=target)
        st.session_state[ADDING] = None
        st.rerun(scope="fragment")

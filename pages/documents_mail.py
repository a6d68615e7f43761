"""What a document came with: the mail that it was attached to, and what was attached to it."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st

from core.language import text as _
from pages.kit.follow import LINK
from pages.kit.here import Here
from vault import mail_in
from vault.documents import Document


def section(here: Here, found: Document) -> None:
    """The links to both; nothing where there are none."""
    known = mail_in.family(here.actor, here.project.id, found.id)
    if known.parent:
        st.html(f'<p class="ac-why">{escape(_("Came with"))} {_link(here, known.parent)}</p>')
    if known.children:
        items = "".join(f"<li><span>{_link(here, one)}</span></li>" for one in known.children)
        st.html(f'<h3 class="ac-title">{escape(_("Attachments"))}</h3><ul class="ac-list">{items}</ul>')


def _link(here: Here, document: Document) -> str:
    address = "?" + urlencode({"project": here.project.code, "document": document.code})
    return f'<a class="ac-link {LINK}" href="{escape(address)}">{escape(document.code)} <bdi>{escape(document.title)}</bdi></a>'

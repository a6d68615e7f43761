"""Several documents as one zip: chosen from the list, each in the version that the list shows."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from core import language
from core.language import plural
from core.language import text as _
from pages.kit.here import Here
from vault.documents import Listed

CHOOSING = "zip-choosing"


def button() -> None:
    """What opens the choice."""
    st.button(_("Fetch several"), key="zip", icon=":material/folder_zip:", on_click=_toggle)


def _toggle() -> None:
    st.session_state[CHOOSING] = not st.session_state.get(CHOOSING)


def choice(here: Here, found: Sequence[Listed]) -> None:
    """The documents of the list, all of them chosen at first, and the link that fetches them."""
    if not st.session_state.get(CHOOSING) or not found:
        return
    # The version is a part of what is chosen: an upload meanwhile changes nothing of what leaves.
    offered = {f"{one.document.code}:{one.version.number}": one for one in found}
    names = {key: f"{one.document.title} v{one.version.number}" for key, one in offered.items()}
    with st.container(key="panel-zip"):
        chosen = st.multiselect(
            _("Documents"), list(offered), list(offered), format_func=names.__getitem__, key="zip-chosen",
            placeholder=_("Choose"),
        )  # fmt: skip
        if not chosen:
            return
        count, total = len(chosen), language.size(sum(offered[key].version.size for key in chosen))
        words = plural("Fetch {count} file as a zip", "Fetch {count} files as a zip", count)
        address = "/vault/download/zip?" + urlencode({"project": here.project.id, "file": chosen}, doseq=True)
        st.html(
            f'<a class="ac-link" href="{escape(address)}" download>{escape(words)}</a> '
            f'<span class="ac-quiet">{escape(total)}</span>'
        )

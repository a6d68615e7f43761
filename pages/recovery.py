"""The recovery sheet: what is lost without it, and the way to print it."""

from __future__ import annotations

import streamlit as st

from core.language import text as _
from pages.kit import here, parts
from vault import documents, keys, recovery

person = here.person_here("key.manage")

with parts.head(_("Recovery sheet"), _("The master key of your documents, on paper.")):
    st.space("small")
if not documents.is_open():
    parts.empty(_("The document store is not running"), _("Start Accord anew, then come back."))
    st.stop()
known = keys.known(person)
with parts.panel("sheet", _("Before anything is lost")):
    st.html("<ul>" + "".join(f"<li>{parts.escape(sentence)}</li>" for sentence in recovery.advice()) + "</ul>")
    st.html(
        parts.tag(_("A sheet was made for this key"), "ok")
        if known.sheet
        else parts.tag(_("There is no sheet yet"), "warn")
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            _("Show the sheet to print it") if not known.sheet else _("Show it again"), "/vault/recovery-sheet",
            type="primary" if not known.sheet else "secondary", icon=":material/print:",
        )  # fmt: skip
        parts.note(_("It opens in a tab of its own; each time is on record."))
with parts.panel("keys", _("The keys that hold")):
    parts.table(
        [_("What"), _("Number or fingerprint")],
        [
            (_("Master key, which opens the documents"), f"<code>{known.master}</code>"),
            (_("Key that signs the ledger, for checking proofs"), f"<code>{known.fingerprint}</code>"),
        ],
    )

"""Who saw, fetched, shared, changed, was refused: the audit, for those who answer for it."""

from __future__ import annotations

from datetime import date
from html import escape
from urllib.parse import urlencode

import streamlit as st

from core import access, language
from core.language import plural
from core.language import text as _
from pages.kit import here as kit
from pages.kit import parts
from vault import audit
from vault.audit import KINDS, Asked, Line
from vault.audit_routes import day

LINES = 50  # on one page
here = kit.page("audit.read")


def screen() -> None:
    """Scope and filters, the lines, and the way to older ones and out."""
    heading = st.container()
    whole = access.may(here.actor, "audit.read") and scope()
    asked = filters(audit.everybody(here.actor) if whole else audit.people(here.actor, here.project.id))
    turned = st.query_params.get("page", "1")
    page = int(turned) if turned.isdecimal() and 0 < int(turned) < 100_000 else 1
    found = (
        audit.everywhere(here.actor, asked, limit=LINES, page=page)
        if whole
        else audit.listed(here.actor, here.project.id, asked, limit=LINES, page=page)
    )
    with heading, parts.head(_("Audit"), plural("{count} event", "{count} events", found.total)):
        st.link_button(_("Export as CSV"), address(whole), icon=":material/download:")
    if not found.lines:
        parts.empty(_("Nothing is on record here"), _("Change the filters, or take a longer time."))
        return
    parts.table(
        [_("When"), _("Who"), *([_("Project")] if whole else []), _("What"), _("About"), _("More")],
        [cells(line, whole) for line in found.lines],
    )
    parts.turn(page, found.total, LINES)


def scope() -> bool:
    """For administrators: this project, or the whole installation."""
    names = {"project": here.project.name, "all": _("The whole installation")}
    return parts.choice(_("Where"), list(names), key="where", names=names) == ["all"]


def filters(people: dict[str, str]) -> Asked:
    """The chips and fields; what they hold stands in the address."""
    names = {
        "seen": _("Seen and fetched"), "changed": _("Changes"), "shared": _("Shared"), "refused": _("Refused"),
        "people": _("People"), "keys": _("Keys"),
    }  # fmt: skip
    kinds = parts.choice(_("What"), list(KINDS), key="kind", names=names, several=True)
    with st.container(horizontal=True, vertical_alignment="bottom", key="audit-filters"):
        kept = [p for p in st.query_params.get_all("who") if p in people]
        who = st.multiselect(_("Who"), list(people), default=kept, format_func=here.told_apart(people).__getitem__, width=260,
                             placeholder=_("Everybody"))  # fmt: skip
        document = st.text_input(_("Document"), value=st.query_params.get("document", ""), width=220,
                                 placeholder=_("Code or title"))  # fmt: skip
        since = st.date_input(_("From"), value=day(st.query_params.get("from")), width=150)
        until = st.date_input(_("To"), value=day(st.query_params.get("to")), width=150)
    asked = {"who": who, "document": document, "from": iso(since), "to": iso(until)}
    for key, value in asked.items():
        if value and st.query_params.get_all(key) != ([value] if isinstance(value, str) else value):
            st.query_params[key] = value
        elif not value and key in st.query_params:
            del st.query_params[key]
    return Asked(tuple(kinds), tuple(who), document, since or None, until or None)


def iso(chosen: date | None) -> str:
    """A day for the address."""
    return chosen.isoformat() if chosen else ""


def cells(line: Line, whole: bool) -> list[str]:
    """One event as cells."""
    what = parts.tag(line.words, "danger" if line.action in ("refused", "sign-in failed") else "")
    if line.times > 1:
        what += " " + escape(plural("{count} time", "{count} times", line.times))
    return [
        f'<span style="white-space:nowrap">{escape(language.moment(line.at))}</span>', escape(line.who),
        *([escape(line.project)] if whole else []), what, escape(line.subject), escape(line.more),
    ]  # fmt: skip


def address(whole: bool) -> str:
    """Where the same lines come as a file."""
    kept = [(k, v) for k in ("kind", "who", "document", "from", "to") for v in st.query_params.get_all(k)]
    return "/vault/audit.csv?" + urlencode([*([] if whole else [("project", here.project.id)]), *kept])


screen()

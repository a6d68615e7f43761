"""What a question finds in the documents of a project: hits with a piece of their text, and facets that narrow."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import access, language
from core.errors import Unavailable
from core.ids import now
from core.language import plural
from core.language import text as _
from pages.documents_view import state_name
from pages.kit import here as kit
from pages.kit import parts, scripts
from pages.kit.filters import Chip, Option, filters
from pages.search_view import KINDS, address, document_address, shown, where
from vault import classes, search
from vault.search import PAGE, Found, Hit

here = kit.page("document.read")
FURTHEST = 500  # pages


def screen() -> None:
    """Everything below the top bar."""
    q = st.query_params.get("q", "")
    chosen = {key: st.query_params.get(key, "") for key in KINDS}
    page = _page()
    narrowing = {key: [value] for key, value in chosen.items() if value}
    try:
        found = search.find(here.actor, here.project.id, q, chosen=narrowing, limit=PAGE, offset=(page - 1) * PAGE)
    except Unavailable as error:
        with parts.head(_("Search")):
            st.space("small")
        parts.empty(_("One moment"), error.message.text())
        return
    asked = bool(q.strip() or narrowing)
    with parts.head(_("Search"), _sentence(found) if asked else ""):
        st.space("small")
    filters(
        key="found", text=q, search=_("Words, “phrase”, -word"), chips=_chips(found, chosen), share=False,
        on_press=_press, wide=True,
    )  # fmt: skip
    if found.remarks:
        st.html(f'<p class="ac-why">{escape(" ".join(str(remark) for remark in found.remarks))}</p>')
    if not asked:
        parts.empty(_("What are you looking for?"), search.SYNTAX.text())
    elif not found.hits:
        parts.empty(_("Nothing found."), _("Try fewer words, or without what narrows."))
    else:
        with st.container(key="panel-hits"):
            st.html(f'<ol class="ac-hits">{"".join(_line(hit) for hit in found.hits)}</ol>')
        _pages(found, q, chosen, page)


def _sentence(found: Found) -> str:
    told = plural("{count} document", "{count} documents", found.total)
    if found.unread:
        told += _(", ") + plural("{count} is still being read", "{count} are still being read", found.unread)
    return told


def _chips(found: Found, chosen: dict[str, str]) -> list[Chip]:
    """One chip a facet, its values with how many there are."""
    labels = {
        "class": _("Class"),
        "state": _("State"),
        "clearance": _("Clearance"),
        "author": _("By"),
        "year": _("Year"),
    }
    line = []
    for key in KINDS:
        counts, value = found.facets.get(key, {}), chosen[key]
        values = sorted(counts, key=lambda one: (-counts[one], one))
        if key == "clearance":
            values = [level for level in access.CLEARANCES if level in counts]
        elif key == "year":
            values = sorted(counts, reverse=True)
        if value and value not in values:
            values.append(value)
        if len(values) < 2 and not value:
            continue
        options = [Option("", _("any"), not value)]
        options += [
            Option(one, f"{_name(key, one)} ({language.number(counts.get(one, 0))})", one == value) for one in values
        ]
        line.append(Chip(key, _name(key, value) if value else labels[key], bool(value), options=options))
    return line


def _name(key: str, value: str) -> str:
    """A facet's value as people say it."""
    if key == "class":
        return classes.names().get(value, value)
    if key == "state":
        return state_name(value)
    if key == "clearance" and value in access.CLEARANCES:
        return access.clearance_name(value).text()
    return value


def _line(hit: Hit) -> str:
    document, version = hit.item.document, hit.item.version
    place = where(hit)
    about = [
        escape(document.code), escape(_name("class", document.class_id)), parts.tag(state_name(document.state)),
        parts.lock(document.clearance), *([f"<bdi>{escape(place)}</bdi>"] if place else []), escape(version.author_name),
        f'<span title="{escape(language.moment(version.created_at))}">{escape(language.ago(version.created_at, now()))}</span>',
    ]  # fmt: skip
    if not hit.text:
        about.append(parts.tag(_("being read")))
    elif hit.text == "image-only":
        about.append(parts.tag(_("images only"), "warn"))
    return (
        f'<li><h2><a href="{escape(document_address(here.project.code, document.code))}" dir="auto">{shown(hit.title)}</a></h2>'
        + (f'<p dir="auto">{shown(hit.snippet)}</p>' if hit.snippet else "")
        + f'<div class="ac-about">{"".join(f"<span>{one}</span>" for one in about)}</div></li>'
    )


def _pages(found: Found, q: str, chosen: dict[str, str], page: int) -> None:
    last = (found.total + PAGE - 1) // PAGE
    if last < 2:
        return
    links = [
        f'<a class="ac-link" href="{escape(address(here.project.code, q, chosen, number))}">{escape(words)}</a>'
        for number, words, there in (
            (page - 1, _("Previous page"), page > 1), (page + 1, _("Next page"), page < last),
        )
        if there
    ]  # fmt: skip
    told = _("Page {page} of {last}", page=page, last=last)
    st.html(f'<div class="ac-more"><span>{escape(told)}</span>{"".join(links)}</div>')


def _page() -> int:
    asked = st.query_params.get("page", "1")
    return min(int(asked), FURTHEST) if asked.isdecimal() and int(asked) > 0 else 1


def _press() -> None:
    pressed = scripts.pressed("found", "press")
    if pressed is None:
        return
    key, values = pressed["key"], pressed["values"]
    if "page" in st.query_params:
        del st.query_params["page"]
    if values and values[0]:
        st.query_params[key] = values[0]
    elif key in st.query_params:
        del st.query_params[key]


kit.fragment(screen)

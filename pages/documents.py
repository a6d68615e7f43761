"""The documents of a project: drop files, say who will read them, find them again, and one of them beside."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qsl

import streamlit as st

from core import access, db, language, projects
from core.errors import Unavailable
from core.ids import now
from core.language import plural
from core.language import text as _
from pages import documents_complete, documents_detail, documents_review, documents_taking, documents_zip
from pages.documents_view import View, address, changed, fetching, of_params, state_name, state_tag, warned
from pages.kit import here as kit
from pages.kit import parts, scripts, windows
from pages.kit.filters import Chip, Option, filters
from pages.kit.follow import LINK, follow
from pages.search_view import address as search_address
from vault import classes, documents, search, shelf, states
from vault.documents import Listed
from vault.shelf import Counts

here = kit.page("document.read")


def screen() -> None:
    """Everything below the top bar."""
    windows.say_done()
    view = of_params(st.query_params.to_dict())
    names = classes.names()
    # Before the list is read: what happens meanwhile is told again, never missed.
    seq = db.head_seq()
    counts = shelf.counted(here.actor, here.project.id)
    needed = documents_complete.pending(here)
    with parts.head(_("Documents"), documents_complete.sentence(counts.total, needed)):
        if counts.total:
            documents_zip.button()
        documents_complete.from_template(here, class_=view.class_)
    documents_taking.box(here, class_=view.class_)
    if counts.total:
        chips(view, counts, names)
    documents_review.mine(here)
    listing(view, counts, names)
    if view.q:
        in_contents(view.q)
    documents_complete.panel(here, needed)
    follow(key="follow", project=here.project.id, seq=seq, on_go=_go)
    if opened := st.query_params.get("document"):
        people = projects.members(here.actor, here.project.id)
        documents_detail.beside(here, opened, people)


def chips(view: View, counts: Counts, names: dict[str, str]) -> None:
    """The filters; each stands in the address."""
    line = [Chip("all", _("All classes"), on=not view.filtered)]
    line += [
        Chip(f"class:{key}", name, on=view.class_ == key, count=counts.by_class.get(key, 0))
        for key, name in names.items()
        if counts.by_class.get(key) or view.class_ == key
    ]
    states = [*counts.by_state, *([view.state] if view.state and view.state not in counts.by_state else [])]
    line.append(
        Chip("state", state_name(view.state) if view.state else _("State"), bool(view.state),
             options=[Option("", _("any"), not view.state), *(Option(s, state_name(s), s == view.state) for s in states)])
    )  # fmt: skip
    if counts.overdue or view.overdue:
        line.append(Chip("overdue", _("To be looked at again"), on=bool(view.overdue), count=counts.overdue))
    own = here.standing.clearances
    if len(own) > 1:
        line.append(
            Chip("clearance", spoken(view.clearance) if view.clearance else _("Clearance"), bool(view.clearance),
                 options=[Option("", _("any"), not view.clearance),
                          *(Option(c, spoken(c), c == view.clearance) for c in own)])
        )  # fmt: skip
    filters(key="filters", text=view.q, search=_("Search in titles"), chips=line, share=False, on_press=_press)


def spoken(clearance: str) -> str:
    """A clearance as the reader's word."""
    return access.clearance_name(clearance).text()


def listing(view: View, counts: Counts, names: dict[str, str]) -> None:
    """The rows, or what stands where none are."""
    found = documents.listed(
        here.actor, here.project.id, class_=view.class_ or None, state=view.state or None,
        clearance=view.clearance or None, text=view.q, sort=view.sort,
        overdue=language.local(now()).date() if view.overdue else None,
    )  # fmt: skip
    if not found:
        if counts.total:
            parts.empty(_("No document fits these filters."), _("Choose All classes to see every one."))
        elif here.may("document.write"):
            parts.empty(_("No documents yet"), _("Drop the first file anywhere on this page."))
        else:
            parts.empty(_("No documents yet"), _("What the team files for you will stand here."))
        return
    documents_zip.choice(here, found)
    bars = documents_complete.bars(here, found)
    with st.container(key="panel-documents"):
        st.html(
            '<div class="ac-scroll"><table class="ac-table ac-files"><thead><tr>'
            + "".join(heading(view, key, words) for key, words in columns())
            + "</tr></thead><tbody>"
            + "".join(line(view, item, names, documents_complete.bar(bars.get(item.document.id))) for item in found)
            + "</tbody></table></div>"
        )


def in_contents(q: str) -> None:
    """How many documents hold the words in their text, and the way to them."""
    try:
        total = search.find(here.actor, here.project.id, q, limit=1).total
    except Unavailable:
        return
    words = plural("{count} document holds it, in title or text", "{count} documents hold it, in title or text", total)
    link = search_address(here.project.code, q)
    st.html(f'<p class="ac-why"><a class="ac-link" href="{escape(link)}">{escape(words)}</a></p>')


def columns() -> tuple[tuple[str, str], ...]:
    """What the list shows: a sort of vault.documents, or nothing where one can't sort, and its word."""
    return (
        ("title", _("Title")), ("class", _("Class")), ("", _("State")), ("clearance", _("Clearance")),
        ("", _("Version")), ("", _("Complete")), ("size", _("Size")), ("", _("By")), ("changed", _("Changed")), ("", _("File")),
    )  # fmt: skip


def heading(view: View, key: str, words: str) -> str:
    """A heading; one that sorts is a link, which turns the order round when it is the order already."""
    if not key:
        return f"<th>{escape(words)}</th>"
    current = view.sort.removeprefix("-") == key
    down = view.sort.startswith("-") != (key in ("changed", "size"))
    order = ("descending" if down else "ascending") if current else "none"
    turned = f"-{key}" if view.sort == key else key
    link = address(here, changed(view, "sort", [turned]), st.query_params.get("document", ""))
    mark = (" ↓" if down else " ↑") if current else ""
    return f'<th aria-sort="{order}"><a class="{LINK}" href="{escape(link)}">{escape(words)}{mark}</a></th>'


def line(view: View, item: Listed, names: dict[str, str], bar: str) -> str:
    """A document as a row of the list."""
    document, version = item.document, item.version
    opened = st.query_params.get("document") in (document.code, document.id)
    cells = [
        f'<a class="{LINK} ac-opens" href="{escape(address(here, view, document.code))}"{" aria-current=true" if opened else ""}>'
        f"<bdi>{escape(document.title)}</bdi></a> {warned(version)}",
        escape(names.get(document.class_id, document.class_id)),
        state_tag(states.of(version)),
        parts.lock(document.clearance),
        f"v{version.number}",
        bar,
        language.size(version.size),
        parts.person(version.author_name),
        f'<span title="{escape(language.moment(version.created_at))}">{escape(language.ago(version.created_at, now()))}</span>',
        fetching(version, _("Fetch")),
    ]
    return f"<tr{' class=on' if opened else ''}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _address(view: View) -> None:
    """Write the view into the address; the project and the open document stay."""
    kept = {key: st.query_params[key] for key in ("project", "document") if key in st.query_params}
    st.query_params.from_dict({**kept, **view.params})


def _press() -> None:
    pressed = scripts.pressed("filters", "press")
    if pressed is None:
        return
    view, key = of_params(st.query_params.to_dict()), pressed["key"]
    if key == "all":
        _address(View(sort=view.sort))
    elif key.startswith("class:"):
        _address(changed(view, "class", [key.removeprefix("class:")] if pressed["values"] else []))
    elif key == "overdue":
        _address(changed(view, key, [] if view.overdue else ["1"]))
    else:
        _address(changed(view, key, pressed["values"]))


def _go() -> None:
    followed = scripts.pressed("follow", "go")
    if followed is not None:
        st.query_params.from_dict(dict(parse_qsl(followed["query"])))


kit.fragment(screen)

"""The few shapes that screens are made of. Everything that people typed is escaped here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any, Literal
from urllib.parse import urlencode

import streamlit as st

from core import access
from core.accounts import initials
from core.language import text as _

Tone = Literal["", "ok", "warn", "danger", "info"]

PRIORITY_TONES: dict[str, Tone] = {"must": "danger", "should": "warn", "could": "info", "wont": ""}
CLEARANCE_TONES: dict[str, Tone] = {"public": "", "internal": "", "confidential": "warn", "restricted": "danger"}


@dataclass(frozen=True)
class Figure:
    """A number with what it counts and the sentence that makes it mean something."""

    label: str
    value: str
    unit: str = ""
    sentence: str = ""
    tone: Tone = ""


@contextmanager
def head(title: str, sentence: str = "", *, key: str = "head") -> Iterator[None]:
    """A screen's one header line; what is drawn inside stands at its right: the actions."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-line"):
        st.html(f'<div class="ac-head"><h1>{escape(title)}</h1><p>{escape(sentence)}</p></div>', width="content")
        st.space("stretch")
        yield


def figures(items: Sequence[Figure]) -> None:
    """The three or four numbers that a screen opens with."""
    st.html(
        '<div class="ac-figures">'
        + "".join(
            f'<div class="ac-figure"><span>{escape(f.label)}</span><b>{escape(f.value)}</b>'
            + (f"<small>{escape(f.unit)}</small>" if f.unit else "")
            + f'<em class="{f.tone}">{escape(f.sentence)}</em></div>'
            for f in items
        )
        + "</div>"
    )


@contextmanager
def panel(key: str, title: str = "", why: str = "") -> Iterator[None]:
    """A white surface with a title and the sentence that says what it shows."""
    with st.container(key=f"panel-{key}"):
        if title:
            st.html(
                f'<h3 class="ac-title">{escape(title)}</h3>' + (f'<p class="ac-why">{escape(why)}</p>' if why else "")
            )
        yield


def tag(words: str, tone: Tone = "") -> str:
    """A small coloured word, as HTML."""
    return f'<span class="ac-tag {tone}">{escape(words)}</span>'


def priority(value: str) -> str:
    """A priority as a tag, as HTML."""
    return tag(priority_name(value), PRIORITY_TONES[value])


def priority_name(value: str) -> str:
    """A priority as a word."""
    return {"must": _("Must"), "should": _("Should"), "could": _("Could"), "wont": _("Won't")}[value]


def lock(clearance: str) -> str:
    """A clearance as a small frame, as HTML."""
    return (
        f'<span class="ac-lock {CLEARANCE_TONES[clearance]}">{escape(access.clearance_name(clearance).text())}</span>'
    )


def person(name: str, *, small: bool = True) -> str:
    """The round badge of a person, as HTML."""
    if not name:
        return ""
    return f'<span class="ac-person{" s" if small else ""}" title="{escape(name)}" role="img" aria-label="{escape(name)}">{escape(initials(name))}</span>'


def rows(items: Iterable[tuple[str, str, str]]) -> None:
    """A list: (badge as HTML, line as HTML, what stands at the right as text)."""
    st.html(
        '<ul class="ac-list">'
        + "".join(
            f'<li>{badge}<span>{line}</span><span class="r">{escape(right)}</span></li>' for badge, line, right in items
        )
        + "</ul>"
    )


@contextmanager
def row(key: str) -> Iterator[None]:
    """A line of a list with its button at the right."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{key}", gap="small"):
        yield


def line(badge: str, *cells: str) -> str:
    """What stands in a `row`, as HTML: a badge, and cells that stand below one another from row to row."""
    return (
        f'<div class="ac-line{"" if badge else " bare"}">{badge}'
        + "".join(f"<span>{cell}</span>" for cell in cells)
        + "</div>"
    )


def note(*sentences: str, into: Any = st) -> None:
    """Quiet sentences about something, drawn in a container of Streamlit's when one is named."""
    into.html(f'<p class="ac-why">{escape(" ".join(sentences))}</p>')


def table(headings: Sequence[str], lines: Iterable[Sequence[str]], *, numbers: frozenset[int] = frozenset()) -> None:
    """A plain table; cells are HTML, `numbers` the columns that stand to the right."""
    mark = [' class="n"' if index in numbers else "" for index in range(len(headings))]
    st.html(
        # A phone scrolls it sideways, and then the keyboard has to as well.
        f'<div class="ac-scroll" tabindex="0" role="group" aria-label="{escape(", ".join(h for h in headings if h))}"><table class="ac-table"><thead><tr>'
        + "".join(f"<th{mark[i]}>{escape(h)}</th>" for i, h in enumerate(headings))
        + "</tr></thead><tbody>"
        + "".join("<tr>" + "".join(f"<td{mark[i]}>{c}</td>" for i, c in enumerate(line)) + "</tr>" for line in lines)
        + "</tbody></table></div>"
    )


def plain(words: str) -> str:
    """What people typed, for labels of Streamlit's widgets, which would read it as Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|~<>:$-])", r"\\\1", words)


def empty(what: str, first: str) -> None:
    """What stands where nothing is yet: that it is empty, and what to do first."""
    st.html(f'<div class="ac-empty"><b>{escape(what)}</b>{escape(first)}</div>')


def choice(label: str, options: Sequence[str], *, key: str, names: dict[str, str], several: bool = False) -> list[str]:
    """Filter chips that stand in the address under `key`; what is chosen."""
    kept = [o for o in st.query_params.get_all(key) if o in options]
    chosen = st.pills(
        label, options, key=f"chips-{key}", label_visibility="collapsed", format_func=lambda o: names.get(o, o),
        selection_mode="multi" if several else "single", default=kept if several else (kept[0] if kept else None),
    )  # fmt: skip
    now = list(chosen) if isinstance(chosen, list) else [chosen] if chosen else []
    if now != kept:
        if now:
            st.query_params[key] = now
        elif key in st.query_params:
            del st.query_params[key]
    return now


def turn(page: int, total: int, lines: int) -> None:
    """Links to the newer and the older of `total` lines, `lines` a page, with the filters as they are."""
    places = [(page - 1, _("Newer"))] if page > 1 else []
    places += [(page + 1, _("Older"))] if page * lines < total else []
    if places:
        kept = [(key, v) for key in st.query_params if key != "page" for v in st.query_params.get_all(key)]
        st.html(
            '<nav class="ac-turn">'
            + "".join(
                f'<a href="?{escape(urlencode([*kept, ("page", to)]))}" target="_self">{escape(words)}</a>'
                for to, words in places
            )
            + "</nav>"
        )

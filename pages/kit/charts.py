"""Charts: one look for the whole product, lines named at their ends, and each with its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import streamlit as st
from altair.utils.schemapi import disable_debug_mode

from core.language import text as _
from pages.kit import parts

# Altair compares each part of a chart with the schema of Vega-Lite as it is made, a third of the page's
# time; that ours hold is for the tests to say.
disable_debug_mode()

FONT = (
    "'Inter Variable', 'Noto Sans SC Variable', system-ui, 'PingFang SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif"
)
COLOURS = {
    "light": {"accent": "#0b6b57", "quiet": "#5d6b65", "line": "#dfe4e0"},
    "dark": {"accent": "#4cc3a5", "quiet": "#a3b0aa", "line": "#303a36"},
}
"""The tokens of assets/accord.css that charts are drawn in."""


def colours() -> dict[str, str]:
    """The tokens of the theme that the reader has."""
    return COLOURS["dark" if st.context.theme.type == "dark" else "light"]


def theme() -> dict[str, Any]:
    """What every chart looks like, as Vega-Lite's `config`."""
    tokens = colours()
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelFont": FONT, "labelFontSize": 12.5, "labelColor": tokens["quiet"], "labelPadding": 8,
            "gridColor": tokens["line"], "gridWidth": 1, "domain": False, "ticks": False, "title": None,
        },
        "text": {"font": FONT, "fontSize": 13},
        "line": {"strokeWidth": 2.5, "strokeCap": "round"},
    }  # fmt: skip


def burn_up(
    weeks: Sequence[tuple[str, int, int]], *, names: tuple[str, str], marks: Sequence[int], describes: str
) -> None:
    """Two lines over weeks (label, scope, done), named at their ends; `marks` are the numbers of the axis."""
    st.altair_chart(_burn_up(weeks, names, marks, describes), theme=None, width="stretch")


def _burn_up(
    weeks: Sequence[tuple[str, int, int]], names: tuple[str, str], marks: Sequence[int], describes: str
) -> alt.LayerChart:
    tokens = colours()
    order = [week for week, _scope, _done in weeks]
    shown = order[:: max(1, -(-len(order) // 8))]
    records = [
        {"week": week, "line": name, "count": count}
        for week, *counts in weeks
        for name, count in zip(names, counts, strict=True)
    ]
    base = alt.Chart(alt.Data(values=records)).encode(
        x=alt.X("week:O", sort=order, axis=alt.Axis(values=shown, labelAngle=0, labelOverlap="greedy", grid=False)),
        y=alt.Y("count:Q", axis=alt.Axis(values=list(marks)), scale=alt.Scale(domain=[0, max(*marks, *(w[1] for w in weeks))])),
        color=alt.Color("line:N", legend=None, scale=alt.Scale(domain=list(names), range=[tokens["quiet"], tokens["accent"]])),
    )  # fmt: skip
    last = {"week": order[-1]}
    ends = [
        last | {"line": name, "count": count, "says": f"{name} {count}"}
        for name, count in zip(names, weeks[-1][1:], strict=True)
    ]
    # Two ends at one height: the names stand one above the other.
    nudges = (-9, 9) if abs(weeks[-1][1] - weeks[-1][2]) * 10 < max(*marks, 1) else (0, 0)
    named = [
        base.mark_text(align="left", dx=8, dy=dy, fontWeight=weight)
        .encode(text="says:N")
        .properties(data=alt.Data(values=[end]))
        for end, dy, weight in zip(ends, nudges, (400, 600), strict=True)
    ]
    return (
        alt.layer(base.mark_line(point=len(order) == 1), *named)
        .properties(height=230, description=describes, padding={"left": 0, "right": 4, "top": 8, "bottom": 0})
        .configure(**theme())
    )


def as_table(headings: Sequence[str], lines: Sequence[Sequence[str]], *, numbers: frozenset[int]) -> None:
    """The numbers of a chart, folded away below it."""
    with st.expander(_("As a table")):
        parts.table(headings, lines, numbers=numbers)

"""The requirements of a project: a board, or the same rows as a table, and one of them beside it."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

import streamlit as st

from core import board, columns, db, language, projects, undo, views
from core.board import Card, Figures
from core.ids import now
from core.language import plural
from core.language import text as _
from pages import requirements_columns, requirements_detail, requirements_new, requirements_table
from pages.kit import board as kit_board
from pages.kit import here as kit
from pages.kit import parts, scripts
from pages.kit.filters import Chip, Named, Option, filters
from pages.requirements_view import LANES, View, as_params, of_pairs, of_query

here = kit.page("requirement.read")


def screen() -> None:
    """Everything below the top bar."""
    view = shown_view()
    today = language.local(now()).date()
    # Before the cards are read: what happens meanwhile is told again, never missed.
    seq = db.head_seq()
    figures = board.figures(here.actor, here.project.id, today)
    with parts.head(_("Requirements"), sentence(figures)):
        actions(view)
    people = {member.account_id: member.name for member in projects.members(here.actor, here.project.id)}
    chips(view, figures, people)
    cards = board.listed(here.actor, here.project.id, view.filters(today))
    with st.container(horizontal=True, key="beside"):
        with st.container(key="requirements"):
            if view.form == "table":
                requirements_table.table(here, cards, people)
            else:
                kit_board.board(shown(view, figures, people, cards, seq, today), key="board",
                                on_open=_open, on_fold=_fold, on_clear=_show_all)  # fmt: skip
        if st.query_params.get("card"):
            requirements_detail.beside(here, st.query_params["card"], people)


def shown(
    view: View, figures: Figures, people: dict[str, str], cards: list[Card], seq: int, today: date
) -> kit_board.Shown:
    """What the board is given."""
    return kit_board.Shown(
        project=here.project.id, seq=seq, view=view.query, states=columns.states(here.actor, here.project.id),
        totals=figures.by_state, cards=cards, people=people, lanes=view.lanes, folded=view.folded,
        opened=st.query_params.get("card"), filtered=view.filtered,
        may={"move": here.may("requirement.move") and not view.archived, "create": here.may("requirement.create")},
        today=today, language=language.current(), zone=st.context.timezone or "UTC",
    )  # fmt: skip


def sentence(figures: Figures) -> str:
    """The header's sentence: how many, and how many wait for the client."""
    if not figures.total:
        return _("nothing written down yet")
    if not figures.waiting:
        return language.number(figures.total)
    return plural(
        "{total}, {count} waits for the client", "{total}, {count} wait for the client", figures.waiting,
        total=language.number(figures.total),
    )  # fmt: skip


def actions(view: View) -> None:
    """Board or table, columns, undo, new."""
    forms = {"board": _("Board"), "table": _("Table")}
    st.segmented_control(
        _("Form"), list(forms), default=view.form, format_func=forms.__getitem__, key=f"form-{view.form}",
        label_visibility="collapsed", on_change=_switch_form, args=(view,), width="content",
    )  # fmt: skip
    change = undo.last(here.actor, here.project.id) if here.may("change.undo") else None
    if change and st.button(
        _("Undo"), key="undo", help=_("Take back your last change: {title}", title=parts.plain(change.title))
    ):
        here.act(undo.undo, change.batch, done=_("Undone."))
        st.rerun()
    if here.may("requirement.configure") and st.button(_("Columns"), key="columns"):
        requirements_columns.configure(here)
    if here.may("requirement.create") and st.button(_("New requirement"), type="primary", key="new"):
        requirements_new.ask(here)


def chips(view: View, figures: Figures, people: dict[str, str]) -> None:
    """The filters; each stands in the address."""
    lanes = {"none": _("none"), "priority": _("priority"), "owner": _("owner"), "label": _("label")}
    labels = sorted({*board.labels(here.actor, here.project.id), *view.labels})
    kept = views.listed(here.actor, here.project.id)
    line = [
        Chip("all", _("All"), on=not view.filtered),
        Chip("mine", _("Mine"), on=view.mine, count=figures.mine),
        Chip("priority", chosen(_("Priority"), [parts.priority_name(p) for p in view.priorities]), bool(view.priorities),
             options=[Option(p, parts.priority_name(p), p in view.priorities) for p in parts.PRIORITY_TONES], several=True),
        Chip("overdue", _("Overdue"), on=view.overdue, count=figures.overdue),
        Chip("owner", chosen(_("Owner"), [people.get(o, "?") for o in view.owners]), bool(view.owners), several=True,
             options=[Option(account, name, account in view.owners) for account, name in people.items()]),
        Chip("label", chosen(_("Label"), list(view.labels)), bool(view.labels), several=True,
             options=[Option(label, label, label in view.labels) for label in labels]),
        Chip("views", _("Views"), views=[
            Named(v.id, v.name, of_query(v.query) == view, v.shared,
                  v.owner_id == here.actor.id or here.may("requirement.configure")) for v in kept
        ]),
    ]  # fmt: skip
    if view.form == "board":
        line.insert(-1, Chip("lanes", _("Lanes: {by}", by=lanes[view.lanes]), view.lanes != "none",
                             options=[Option(key, lanes[key], key == view.lanes) for key in LANES]))  # fmt: skip
    if figures.archived or view.archived:
        line.append(Chip("archived", _("Archived"), on=view.archived, count=figures.archived))
    filters(
        key="filters", text=view.text, search=_("Search in text"), chips=line,
        share=here.may("requirement.edit"), on_press=_press,
    )  # fmt: skip


def chosen(name: str, values: list[str]) -> str:
    """A chip's words: its name, or what is chosen in it."""
    return _(", ").join(values) if values else name


def shown_view() -> View:
    """The view in the address."""
    return of_pairs((key, value) for key in st.query_params for value in st.query_params.get_all(key))


def _go(view: View) -> None:
    others = {key: st.query_params.get_all(key) for key in st.query_params}
    st.query_params.from_dict(as_params(view, others))


def _press() -> None:
    pressed = scripts.pressed("filters", "press")
    if pressed is None:
        return
    view = shown_view()
    if "view" in pressed:
        saved = next((v for v in views.listed(here.actor, here.project.id) if v.id == pressed["view"]), None)
        _go(of_query(saved.query) if saved else view)
    elif "save" in pressed:
        here.act(
            views.save, name=pressed["save"], query=view.query, shared=pressed["shared"], done=_("The view is kept.")
        )
    elif "remove" in pressed:
        here.act(views.remove, pressed["remove"], done=_("The view is removed."))
    elif pressed["key"] == "all":
        _show_all()
    else:
        _go(of_query(_with(view, pressed["key"], pressed["values"])))


def _with(view: View, key: str, values: list[str]) -> str:
    """The view's query with other values for `key`."""
    params = as_params(view, {})
    params[key] = values
    return urlencode([(name, value) for name, some in params.items() for value in some])


def _show_all() -> None:
    view = shown_view()
    _go(View(lanes=view.lanes, form=view.form, folded=view.folded))


def _switch_form(view: View) -> None:
    asked = st.session_state[f"form-{view.form}"] or view.form
    _go(of_query(_with(view, "form", [asked])))


def _open() -> None:
    opened = scripts.pressed("board", "open")
    if opened is not None:
        st.query_params["card"] = opened["code"]


def _fold() -> None:
    folded = scripts.pressed("board", "fold")
    if folded is not None:
        _go(of_query(_with(shown_view(), "fold", folded)))


kit.fragment(screen)

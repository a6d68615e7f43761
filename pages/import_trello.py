"""Trello comes in: choose a board's export, see what becomes of it, take it in, take it back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from core import access, columns, language, projects
from core.columns import CATEGORIES
from core.errors import AccordError
from core.exchange import imports, trello
from core.exchange.imports import Noted, Run, Undone
from core.exchange.trello import Imported, Preview
from core.language import plural
from core.language import text as _
from pages.import_words import OUTCOMES, kind_name, outcome_name
from pages.kit import here as kit
from pages.kit import parts
from pages.kit.parts import Figure
from pages.requirements_columns import category_name

here = kit.page("import.run")
DONE = "import-done"
UNDONE = "import-undone"
ROUND = "import-round"
LISTED = 200  # lines of a long list that are drawn; the rest is counted


def screen() -> None:
    """Everything below the top bar."""
    with parts.head(_("Import from Trello"), _("One press takes it back.")):
        st.space("small")
    if undone := st.session_state.get(UNDONE):
        taken_back(undone)
    if done := st.session_state.get(DONE):
        came_in(done)
    else:
        choose()
    past()


def choose() -> None:
    """The file, and what would become of it."""
    with parts.panel("file", _("A board's export"), _("In Trello: Menu, Print, export and share, Export as JSON.")):
        # Streamlit's own words for this box are English only; the style sheet shows this one instead.
        st.html(f"<style>:root {{ --choose-file: {json.dumps(_('Choose a file'), ensure_ascii=False)} }}</style>")
        file = st.file_uploader(
            _("Export of a board"), type=["json"], key=f"import-file-{st.session_state.setdefault(ROUND, 0)}",
            label_visibility="collapsed", on_change=_forget,
        )  # fmt: skip
    if file is None:
        return
    data = file.getvalue()
    choices = st.session_state.setdefault("import-choices", {"people": {}, "columns": {}, "clearance": None})
    found = _seen(file.file_id, data, choices)
    if found is not None:
        shown(found, data, file.name, choices)


def _seen(file_id: str, data: bytes, choices: dict[str, object]) -> Preview | None:
    """The preview of these bytes with these choices, made once; None, in words, for what is no export."""
    asked = (here.project.id, file_id, repr(choices))
    kept = st.session_state.get("import-preview")
    if kept is not None and kept[0] == asked:
        return kept[1]  # type: ignore[no-any-return]
    bar = st.progress(0.0, _("Looking at what is in the file …"))
    try:
        found = trello.preview(here.actor, here.project.id, data, progress=_told(bar), **choices)  # type: ignore[arg-type]
    except AccordError as error:
        bar.empty()
        parts.empty(_("This file was not taken"), error.message.text())
        return None
    bar.empty()
    st.session_state["import-preview"] = (asked, found)
    return found


def _told(bar: object) -> Callable[[int, int], None]:
    """Progress in words."""

    def told(done: int, every: int) -> None:
        bar.progress(  # type: ignore[attr-defined]
            min(1.0, done / max(1, every)),
            _("{done} of {total}", done=language.number(done), total=language.number(every)),
        )

    return told


def shown(found: Preview, data: bytes, name: str, choices: dict) -> None:  # type: ignore[type-arg]
    """What becomes what, to be changed and then to be done."""
    result = found.result
    parts.figures([
        Figure(_("Cards"), language.number(result.read["cards"]), sentence=_outcomes(result, "cards")),
        Figure(_("Moves"), language.number(result.read["moves"]), sentence=_outcomes(result, "moves")),
        Figure(_("Comments"), language.number(result.read["comments"]), sentence=_outcomes(result, "comments")),
        Figure(_("Left out"), language.number(len(result.dropped)), tone="warn" if result.dropped else "",
               sentence=_("each with its reason below") if result.dropped else _("nothing")),
    ])  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", key="panel-import"):
        own = here.standing.clearances
        st.selectbox(
            _("Who may read the new requirements"), own, own.index(found.clearance), key="import-clearance", width=260,
            format_func=lambda c: access.clearance_name(c).text(), on_change=_choose_clearance, args=(choices,),
        )  # fmt: skip
        st.space("stretch")
        if st.button(_("Import"), type="primary", key="import-run"):
            run(data, name, choices)
    with parts.panel("becomes", _("What would become of “{board}”", board=found.board), _("Nothing is written yet.")):
        tally(result)
    left, right = st.columns(2)
    with left, parts.panel("lists", _("Lists become columns")):
        lists(found, choices)
    with right, parts.panel("members", _("People"), _("Who has an account here; the others stay as names.")):
        people(found, choices)
    noted(result)


def _outcomes(result: Imported, kind: str) -> str:
    """ "41 new, 3 changed": what happens to a kind, without what doesn't."""
    told = [
        f"{language.number(getattr(result, outcome)[kind])} {outcome_name(outcome).lower()}"
        for outcome in ("created", "updated", "unchanged") if getattr(result, outcome)[kind]
    ]  # fmt: skip
    return _(", ").join(told) or _("nothing")


def tally(result: Imported | Run) -> None:
    """For each kind read = created + updated + unchanged + dropped."""
    dropped = [one.kind for one in (result.left_out if isinstance(result, Run) else result.dropped)]
    parts.table(
        ["", _("Read"), *(("+ " if number else "= ") + outcome_name(o) for number, o in enumerate(OUTCOMES))],
        [
            [
                escape(kind_name(kind)), language.number(read), _count(result.created[kind]),
                _count(result.updated[kind]), _count(result.unchanged[kind]), _count(dropped.count(kind)),
            ]
            for kind, read in result.read.items()
            if read
        ],
        numbers=frozenset({1, 2, 3, 4, 5}),
    )  # fmt: skip


def _count(value: int) -> str:
    return language.number(value) if value else '<span class="ac-quiet">–</span>'


def lists(found: Preview, choices: dict) -> None:  # type: ignore[type-arg]
    """Each list with the column it becomes: one that stands, or a new one of a category."""
    standing = {state.id: state.name for state in columns.states(here.actor, here.project.id)}
    words = {state: _("“{column}”, which stands", column=name) for state, name in standing.items()}
    words |= {c: _("a new column: {category}", category=category_name(c)) for c in CATEGORIES}
    for column in found.columns:
        options = list(dict.fromkeys([*standing, *CATEGORIES]))
        current = column.state if column.state in standing else column.category
        count = plural("{count} card", "{count} cards", column.cards)
        archived = f" · {_('archived')}" if column.archived else ""
        st.selectbox(
            parts.plain(f"{column.list_name} · {count}{archived}"), options, options.index(current),
            format_func=lambda value: words[value], key=f"import-list-{column.list_id}", on_change=_choose,
            args=(choices["columns"], column.list_id, f"import-list-{column.list_id}"),
        )  # fmt: skip


def people(found: Preview, choices: dict) -> None:  # type: ignore[type-arg]
    """Who somebody on the board is here."""
    known = {m.account_id: m.name for m in projects.members(here.actor, here.project.id) if m.active}
    members = here.told_apart(known)
    if not found.people:
        st.html(f'<p class="ac-why">{escape(_("Nobody is named in the file."))}</p>')
    for match in found.people:
        person = match.person
        options = list(dict.fromkeys([None, *members, *([match.account] if match.account else [])]))
        count = plural("{count} card", "{count} cards", match.on_cards)
        st.selectbox(
            parts.plain(f"{person.name} · {count}"), options, options.index(match.account),
            format_func=lambda account: _("keep the name") if account is None else members.get(account, account),
            key=f"import-person-{person.id}", on_change=_choose,
            args=(choices["people"], person.id, f"import-person-{person.id}"),
        )  # fmt: skip


def noted(result: Imported | Run) -> None:
    """What is left out and what comes in otherwise, each with its reason."""
    left_out, told = (
        (result.left_out, result.told) if isinstance(result, Run) else (list(result.dropped), list(result.remarks))
    )
    for key, title, some in (("dropped", _("Left out"), left_out), ("remarks", _("Comes in otherwise"), told)):
        if some:
            with st.expander(f"{title} ({language.number(len(some))})", key=f"import-{key}"):
                reasons(some)


def reasons(some: Sequence[Noted]) -> None:
    """Things by kind and name with the reason."""
    parts.table(
        [_("Kind"), _("Name"), _("Reason")],
        [[escape(kind_name(n.kind)), f"<bdi>{escape(n.name or n.id or '–')}</bdi>", escape(n.reason.text())] for n in some[:LISTED]],
    )  # fmt: skip
    if len(some) > LISTED:
        st.html(f'<p class="ac-why">{escape(_("and {count} more", count=language.number(len(some) - LISTED)))}</p>')


def run(data: bytes, name: str, choices: dict) -> None:  # type: ignore[type-arg]
    """Take it in, with progress; all of it or nothing."""
    bar = st.progress(0.0, _("Taking it in …"))
    found = here.act(trello.run, data, file_name=name, progress=_told(bar), **choices)
    bar.empty()
    if found is not None:
        st.session_state[DONE] = found
        st.session_state.pop(UNDONE, None)
        st.rerun()


def came_in(done: Imported) -> None:
    """The result of the run that was just done."""
    with parts.panel("result", _("The board is in"), _("For each kind: what was read is what became of it.")):
        tally(done)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                "requirements.py", label=_("Open the board"), icon=":material/view_kanban:",
                query_params={"project": here.project.code},
            )  # fmt: skip
            st.space("stretch")
            if st.button(_("Import another file"), key="import-again"):
                _forget()
                st.session_state[ROUND] += 1
                st.rerun()
    noted(done)


def taken_back(undone: Undone) -> None:
    """What an undo did, and what it had to leave."""
    gone = [f"{kind_name(kind)} {language.number(count)}" for kind, count in undone.reversed.items() if count]
    with parts.panel("undone", _("Taken back"), _(", ").join(gone) or _("nothing")):
        if undone.kept:
            st.html(f'<h3 class="ac-title">{escape(_("Kept"))} ({language.number(len(undone.kept))})</h3>')
            reasons(undone.kept)


def past() -> None:
    """The imports that were done, the newest first, each to be taken back by one press."""
    every = imports.listed(here.actor, here.project.id)
    if not every:
        return
    with parts.panel("past", _("Past imports")):
        for one in every:
            with st.container(horizontal=True, vertical_alignment="center"):
                about = _(", ").join((one.file_name, language.moment(one.created_at), one.account_name))
                counted = _outcomes(one, "cards") if one.read.get("cards") else _("nothing")  # type: ignore[arg-type]
                st.html(
                    f"<b><bdi>{escape(one.source_name)}</bdi></b> {_cards(counted)}"
                    f'<br><span class="ac-quiet"><bdi>{escape(about)}</bdi></span>',
                    width="content",
                )
                st.space("stretch")
                if one.undone_at:
                    st.html(parts.tag(_("taken back")), width="content")
                elif st.button(
                    _("Undo"), key=f"import-undo-{one.id}", help=_("Takes back everything that this import did")
                ):
                    _undo(one)


def _cards(counted: str) -> str:
    return f'<span class="ac-quiet">{escape(kind_name("cards"))}: {escape(counted)}</span>'


def _undo(one: Run) -> None:
    with st.spinner(_("Taking it back …")):
        undone = here.act(imports.undo, one.id)
    if undone is not None:
        st.session_state[UNDONE] = undone
        st.session_state.pop(DONE, None)
        st.session_state.pop("import-preview", None)
        st.rerun()


def _choose(chosen: dict[str, object], what: str, key: str) -> None:
    chosen[what] = st.session_state[key]


def _choose_clearance(choices: dict[str, object]) -> None:
    choices["clearance"] = st.session_state["import-clearance"]


def _forget() -> None:
    """Another file: nothing of the last one holds for it."""
    for key in ("import-choices", "import-preview", DONE, UNDONE):
        st.session_state.pop(key, None)


screen()

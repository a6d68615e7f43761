"""The classes of documents and their rules: a list, and one of them beside it, to be changed."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from core import access, language
from core.errors import Stale
from core.language import plural
from core.language import text as _
from pages import classes_clearance, classes_templates, errors
from pages.kit import here, parts, windows
from vault import class_rules, classes
from vault.class_rules import KINDS, Rules

person = here.person_here("account.manage")


def listing(every: dict[str, Rules], names: dict[str, str], chosen: str) -> None:
    """A line a class; the one that is open is marked."""
    with parts.panel("classes"):
        for key, rules in every.items():
            with parts.row(f"class-{key}"):
                years = (
                    _("kept {count} years", count=rules.retention_years)
                    if rules.retention_years is not None
                    else _("kept for ever")
                )
                about = plural("{count} section", "{count} sections", len(rules.sections)) + f" · {years}"
                mark = parts.tag(_("not as shipped"), "info") if rules.revision and key in classes.SHIPPED else ""
                st.html(parts.line("", f"<b>{escape(names[key])}</b> {mark}<i>{escape(about)}</i>"))
                if key != chosen and st.button(
                    _("Open"), key=f"open-{key}", type="tertiary", help=parts.plain(names[key])
                ):
                    st.query_params["class"] = key
                    st.rerun()


def detail(rules: Rules, name: str) -> None:
    """The rules of one class, as a form."""
    base = f"rules-{rules.class_id}-{rules.revision}"
    with st.container(key="detail-class"), parts.panel("rules", name, _("What a document of this class has to be.")):
        with st.form(base, border=False):
            lines = st.text_area(
                _("Sections"), class_rules.lines_of(rules.sections), height=230, key=f"{base}-sections",
                help=_("One a line: English / 中文 / further headings that count. A ? at the end: it may be left out."),
            )  # fmt: skip
            st.html(f'<p class="ac-why">{escape(_("Metadata"))}</p>')
            fields = st.data_editor(
                pd.DataFrame(
                    [
                        {"key": f.key, "english": f.english, "chinese": f.chinese, "kind": f.kind,
                         "required": f.required, "choices": ", ".join(f.choices)}
                        for f in rules.fields
                    ],
                    columns=["key", "english", "chinese", "kind", "required", "choices"],
                ),
                num_rows="dynamic", hide_index=True, key=f"{base}-fields", column_order=["english", "chinese", "kind", "required", "choices"],
                column_config={
                    "english": st.column_config.TextColumn(_("Field")),
                    "chinese": st.column_config.TextColumn("中文"),
                    "kind": st.column_config.SelectboxColumn(_("Kind"), options=list(KINDS), default="text", format_func=lambda k: class_rules.kind_name(k).text()),
                    "required": st.column_config.CheckboxColumn(_("Required")),
                    "choices": st.column_config.TextColumn(_("Answers")),
                },
            )  # fmt: skip
            left, right = st.columns(2)
            approvals = left.number_input(_("People who approve"), 1, 9, rules.approvals, key=f"{base}-approvals")
            roles = right.multiselect(
                _("Of these roles"), access.ROLES, list(rules.approver_roles), key=f"{base}-roles",
                format_func=lambda r: access.role_name(r).text(),
            )  # fmt: skip
            word = st.checkbox(_("The client's word is needed"), rules.client_word, key=f"{base}-word")
            years = left.number_input(
                _("Years kept after the project's end"), 0, class_rules.MOST_YEARS, rules.retention_years, key=f"{base}-years",
                help=_("Empty: for ever."),
            )  # fmt: skip
            clearance = right.selectbox(
                _("Usual clearance"), access.CLEARANCES, access.CLEARANCES.index(rules.clearance), key=f"{base}-clearance",
                format_func=lambda c: access.clearance_name(c).text(),
            )  # fmt: skip
            naming = st.text_input(
                _("File names"), rules.naming, key=f"{base}-naming",
                help=_("Made of {project}, {client}, {class}, {title}, {date}.", project="{project}", client="{client}",
                       title="{title}", date="{date}", **{"class": "{class}"}),
            )  # fmt: skip
            saved = st.form_submit_button(_("Save"), type="primary")
        if saved:
            with windows.trying():
                try:
                    class_rules.change(
                        person, rules.class_id, revision=rules.revision, sections=class_rules.sections_of(lines),
                        fields=class_rules.fields_of(fields.fillna("").to_dict("records")), approvals=int(approvals),
                        approver_roles=tuple(roles), client_word=word, clearance=clearance, naming=naming,
                        retention_years=None if years is None else int(years),
                    )  # fmt: skip
                except Stale as stale:
                    st.error(errors.say(stale))
                    return
                windows.close(_("Saved. Documents are looked at by the new rules from now on."))
        with st.container(horizontal=True):
            classes_clearance.button(person, rules, name)
            if rules.revision and rules.class_id in classes.SHIPPED and st.button(_("As shipped"), key="rules-reset"):
                with windows.trying():
                    class_rules.reset(person, rules.class_id)
                    windows.close(_("The shipped rules hold again."))
            own(rules.class_id)


def own(class_id: str) -> None:
    """What can be done with an added class only."""
    found = next((one for one in classes.added(person) if one.id == class_id), None)
    if found is None:
        return
    if st.button(_("Rename"), key="class-rename"):
        windows.show(parts.plain(found.name), rename, found)
    if st.button(_("Set aside"), key="class-archive", help=_("Its documents stay; new ones can't have it.")):
        with windows.trying():
            classes.change(person, found.id, revision=found.revision, archived=True)
            windows.close(_("“{name}” is set aside.", name=found.name))


def rename(found: classes.DocumentClass) -> None:
    """Ask for another name."""
    name = st.text_input(_("Name"), found.name, key="class-name", max_chars=80)
    if st.button(_("Save"), type="primary", key="class-save"):
        with windows.trying():
            classes.change(person, found.id, revision=found.revision, name=name)
            windows.close(_("Saved."))


def add() -> None:
    """Ask for the name of a new class."""
    name = st.text_input(_("Name"), key="class-new", max_chars=80)
    if st.button(_("Add class"), type="primary", key="class-add-it"):
        with windows.trying():
            made = classes.add(person, name)
            st.query_params["class"] = made.id
            windows.close(_("“{name}” can be chosen for documents now.", name=name.strip()))


def back() -> None:
    """Classes that were set aside can come back."""
    aside = [one for one in classes.added(person) if one.archived]
    if not aside:
        return
    with parts.panel("aside", _("Set aside")):
        for one in aside:
            with parts.row(f"aside-{one.id}"):
                st.html(parts.line("", escape(one.name)))
                if st.button(_("Bring back"), key=f"back-{one.id}", type="tertiary", help=parts.plain(one.name)):
                    with windows.trying():
                        classes.change(person, one.id, revision=one.revision, archived=False)
                        windows.close(_("Saved."))


windows.say_done()
names, every = classes.names(), class_rules.every()
asked = st.query_params.get("class", "")
chosen = asked if asked in every else next(iter(every))
with parts.head(_("Classes"), language.number(len(every))):
    if st.button(_("Add class"), key="class-add", icon=":material/add:"):
        windows.show(_("Add class"), add)
side, beside = st.columns([2, 3], gap="small")
with side:
    listing(every, names, chosen)
    back()
with beside:
    detail(every[chosen], names[chosen])
    classes_templates.panel(person, chosen)

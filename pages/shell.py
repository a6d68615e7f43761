"""The script that runs for each visitor: session, language, and navigation by role."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st

from core import access, accounts, language, projects, sessions, setup
from core.access import Actor
from core.language import Message, say
from core.language import text as _
from pages.kit import here, parts, search, sheet
from pages.kit.go import remember

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Place:
    """One screen in the navigation. `needs` is the permission that shows it; a hidden one is reached by links."""

    file: str
    path: str
    title: Message
    icon: str
    needs: str | None
    in_project: bool = True
    hidden: bool = False


SECTIONS: tuple[tuple[Message | None, tuple[Place, ...]], ...] = (
    (None, (Place("overview.py", "overview", say("Overview"), "home", "project.read"),)),
    (
        say("Agree"),
        (
            Place("requirements.py", "board", say("Requirements"), "view_kanban", "requirement.read"),
            Place("documents.py", "documents", say("Documents"), "description", "document.read"),
            Place("search.py", "search", say("Search"), "search", "document.read", hidden=True),
            Place("completeness.py", "completeness", say("Phases"), "fact_check", "document.read"),
            Place("redline.py", "redline", say("Comparison"), "difference", "document.read", hidden=True),
        ),
    ),
    (
        say("People"),
        (
            Place("people.py", "people", say("People"), "group", "member.read"),
            Place("activity.py", "activity", say("Activity"), "history", "activity.read"),
            Place("audit.py", "audit", say("Audit"), "policy", "audit.read"),
        ),
    ),
    (
        say("Settings"),
        (
            Place("grants.py", "grants", say("Grants"), "lock_person", "document.grant"),
            Place("retention.py", "retention", say("Retention"), "inventory_2", "document.discard"),
            Place("rules.py", "rules", say("Reading rules"), "rule", "document.rule"),
            Place("import_trello.py", "import", say("Import from Trello"), "upload_file", "import.run"),
            Place("classes.py", "classes", say("Classes"), "category", "account.manage", in_project=False),
            Place("administration.py", "administration", say("Administration"), "settings", "account.manage", in_project=False),
            Place("recovery.py", "recovery", say("Recovery sheet"), "support", "key.manage", in_project=False),
            Place("roles.py", "roles", say("Roles"), "key", None, in_project=False),
            Place("profile.py", "profile", say("Profile"), "person", None, in_project=False),
        ),
    ),
)  # fmt: skip


def main() -> None:
    """Show what this visitor may see."""
    person = here.actor()
    here.speak(person)
    st.set_page_config(
        page_title="Accord", page_icon="/assets/favicon.svg", layout="wide", initial_sidebar_state="auto"
    )
    if person is None:
        _outside()
        return
    project = here.current_project(person)
    places = [(heading, [p for p in some if _shown(person, project, p)]) for heading, some in SECTIONS]
    # Roles and profile are everybody's.
    first = next(place for _heading, some in places for place in some if not place.hidden)
    pages = {
        place.path: st.Page(FOLDER / place.file, title=place.title.text(), url_path=place.path)
        for _heading, some in places
        for place in some
    }
    # The first place answers at "/" too: a default page of Streamlit's is not found under its own path.
    home = st.Page(FOLDER / first.file, title=first.title.text(), url_path="", default=True)
    chosen = st.navigation([home, *pages.values()], position="hidden")
    if chosen == home:
        pages[first.path] = home
    with st.sidebar:
        _sidebar(person, project, places, pages, chosen)
    if project is not None and access.may(person, "document.read", project.id):
        with st.container(key="find", width="content"):
            search.palette(project.code)
    _top_bar(person)
    if access.may(person, "key.manage") and chosen != pages.get("recovery"):
        sheet.remind(person, pages["recovery"])
    if access.may(person, "quota.manage"):
        sheet.remind_of_room(person)
    chosen.run()


def _outside() -> None:
    """Before the setup the first visit, with a link the way to a password, else the sign-in form.

    It stands at every address that Accord has, so that whoever was sent a link gets there afterwards.
    """
    script = "first_visit.py" if setup.needed() else "accept.py" if "invitation" in st.query_params else "signin.py"
    paths = ["", *(place.path for _heading, some in SECTIONS for place in some)]
    pages = [st.Page(FOLDER / script, title="Accord", url_path=path, default=not path) for path in paths]
    st.navigation(pages, position="hidden").run()


def _shown(person: Actor, project: projects.Project | None, place: Place) -> bool:
    if not (FOLDER / place.file).exists():
        return False
    if place.needs is None:
        return True
    if not place.in_project:
        return access.may(person, place.needs)
    return (project is not None and access.may(person, place.needs, project.id)) or place.path == "overview"


def _sidebar(person: Actor, project: projects.Project | None, places: list, pages: dict, chosen: object) -> None:  # type: ignore[type-arg]
    if project is not None:
        client = projects.client_of(person, project.id)
        st.html(f'<div class="ac-project"><b>{escape(project.name)}</b><span>{escape(client.name)}</span></div>')
        _switch(person, project)
    for heading, some in places:
        shown = [place for place in some if not place.hidden]
        if heading is not None and shown:
            st.html(f'<p class="ac-section">{escape(heading.text())}</p>')
        for place in shown:
            query = {"project": project.code} if project and place.in_project else None
            # Streamlit marks the current page by a style of its own only.
            with st.container(key="place-here" if pages[place.path] == chosen else f"place-{place.path}"):
                st.page_link(
                    pages[place.path], label=place.title.text(), icon=f":material/{place.icon}:", query_params=query,
                    width="stretch",
                )  # fmt: skip


def _switch(person: Actor, project: projects.Project) -> None:
    """The choice between several projects."""
    mine = projects.mine(person)
    names = [p.name for p in mine]
    # A select box tells its options apart by their words: two of one name would be one and the same.
    known = {p.code: p.name if names.count(p.name) == 1 else f"{p.name} · {p.code}" for p in mine}
    if len(known) < 2:
        return
    st.selectbox(
        _("Project"), list(known), index=list(known).index(project.code), key="project-switch",
        format_func=lambda code: known[code], label_visibility="collapsed", on_change=_go_to_project,
    )  # fmt: skip


def _go_to_project() -> None:
    st.session_state["project"] = st.session_state["project-switch"]
    st.query_params.clear()
    st.query_params["project"] = st.session_state["project"]


def _top_bar(person: Actor) -> None:
    with st.container(horizontal=True, key="topbar", width="content", gap="small", vertical_alignment="center"):
        other = "en" if language.current() == "zh_CN" else "zh_CN"
        st.button("中文" if other == "zh_CN" else "English", key="language", on_click=_speak, args=(person, other))
        st.html(
            f'<a class="ac-me" href="/profile" title="{escape(_("Profile"))}">{parts.person(person.name, small=False)}</a>',
            width="content",
        )
        st.button(_("Sign out"), key="sign-out", on_click=_sign_out)
        if st.context.cookies.get(here.LANGUAGE_COOKIE) != language.current():
            remember(here.LANGUAGE_COOKIE, language.current())


def _sign_out() -> None:
    sessions.end(st.context.cookies.get(here.COOKIE))


def _speak(person: Actor, chosen: str) -> None:
    accounts.change_own(person, language=chosen)


main()

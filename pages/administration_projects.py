"""Clients and their projects."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import language, projects
from core.access import Actor
from core.language import LANGUAGES
from core.language import text as _
from core.projects import Client, Project
from pages.kit import parts, windows
from vault import trash


def actions(person: Actor) -> None:
    """What stands at the right of the screen's header."""
    if st.button(_("Add a client"), key="add-client"):
        windows.show(_("Add a client"), add_client, person)
    if st.button(_("Add a project"), key="add-project"):
        windows.show(_("Add a project"), add_project, person)


def draw(person: Actor) -> None:
    """Each client with its projects."""
    clients = projects.clients(person)
    if not clients:
        parts.empty(_("There is no client yet"), _("Add a client first, then a project for it."))
        return
    every = projects.mine(person)
    for client in clients:
        with parts.panel(f"client-{client.id}"):
            with parts.row(client.id):
                st.html(f'<h3 class="ac-title">{escape(client.name)}</h3>')
                if st.button(
                    _("Rename"), key=f"client-{client.id}", type="tertiary",
                    help=_("The name of {name}", name=parts.plain(client.name)),
                ):  # fmt: skip
                    windows.show(parts.plain(client.name), rename_client, person, client)
            own = [project for project in every if project.client_id == client.id]
            for project in own:
                _project(person, project, clients)
            if not own:
                parts.note(_("No project yet."))
    in_trash(person)


def in_trash(person: Actor) -> None:
    """The projects that are set aside, each with its way back."""
    inside = trash.projects(person)
    if not inside:
        return
    with parts.panel("trash", _("Trash"), _("These projects exist for nobody until they are brought back.")):
        for project in inside:
            when = language.moment(project.discarded_at) if project.discarded_at else ""
            with parts.row(project.id):
                st.html(parts.line(
                    "", f"<b>{escape(project.name)}</b><i>{escape(project.code)}</i>",
                    f"<i>{escape(f'{project.discarded_by}, {when}')}</i>",
                ))  # fmt: skip
                if st.button(
                    _("Bring back"), key=f"back-{project.id}", type="tertiary",
                    help=_("Bring {code} back", code=parts.plain(project.code)),
                ):  # fmt: skip
                    with windows.trying():
                        trash.bring_back_project(person, project.id)
                        windows.close(_("{code} is back from the trash.", code=project.code))


def _project(person: Actor, project: Project, clients: list[Client]) -> None:
    with parts.row(project.id):
        people = len(projects.members(person, project.id))
        many = language.plural("{count} member", "{count} members", people)
        st.html(parts.line(
            "", f"<b>{escape(project.name)}</b><i>{escape(project.code)}</i>", f"<i>{escape(many)}</i>",
            f"<i>{escape(LANGUAGES.get(project.language, ''))}</i>",
        ))  # fmt: skip
        if st.button(
            _("Change"), key=f"project-{project.id}", type="tertiary",
            help=_("Name and client of {name}", name=parts.plain(project.name)),
        ):  # fmt: skip
            windows.show(parts.plain(project.name), change_project, person, project, clients)
        if st.button(
            _("Trash"), key=f"discard-{project.id}", type="tertiary",
            help=_("Put {name} into the trash", name=parts.plain(project.name)),
        ):  # fmt: skip
            windows.show(_("Put {name} into the trash", name=parts.plain(project.name)), discard, person, project)


def discard(person: Actor, project: Project) -> None:
    """Ask whether a whole project is to go into the trash."""
    parts.note(_("The project is gone for everybody, until an administrator brings it back. Nothing is lost."))
    reason = st.text_input(_("Why (may stay empty)"), key=f"discard-why-{project.id}", max_chars=300)
    if st.button(_("Put it into the trash"), type="primary", key=f"discard-it-{project.id}"):
        with windows.trying():
            trash.discard_project(person, project.id, reason=reason)
            windows.close(_("{code} is in the trash.", code=project.code))


def add_client(person: Actor) -> None:
    """Ask for a client's name."""
    name = st.text_input(_("Name"), key="client-name", max_chars=200)
    if st.button(_("Add a client"), type="primary", key="client-add"):
        with windows.trying():
            projects.add_client(person, name=name)
            windows.close(_("{name} is a client now.", name=name.strip()))


def rename_client(person: Actor, client: Client) -> None:
    """Ask for another name."""
    name = st.text_input(_("Name"), value=client.name, key=f"client-name-{client.id}", max_chars=200)
    if st.button(_("Save"), type="primary", key="client-save"):
        with windows.trying():
            projects.rename_client(person, client.id, name, revision=client.revision)
            windows.close(_("Saved."))


def add_project(person: Actor) -> None:
    """Ask for a project's code, name, client and language."""
    names = [client.name for client in projects.clients(person)]
    if not names:
        st.info(_("Add a client first, then a project for it."))
        return
    name = st.text_input(_("Name"), key="project-name", max_chars=200)
    left, middle, right = st.columns(3)
    with left:
        code = st.text_input(
            _("Code"), key="project-code", max_chars=16, help=_("Short, for addresses and links: HARBOUR. It stays.")
        )
    with middle:
        client = st.selectbox(_("Client"), names, key="project-client")
    with right:
        spoken = st.selectbox(_("Language of its documents"), list(LANGUAGES), key="project-language",
                              format_func=LANGUAGES.__getitem__)  # fmt: skip
    if st.button(_("Add a project"), type="primary", key="project-add"):
        with windows.trying():
            made = projects.add_project(person, code=code, name=name, client=client, language=spoken)
            windows.close(_("{name} is open. Add its people under People.", name=made.name))


def change_project(person: Actor, project: Project, clients: list[Client]) -> None:
    """Ask for another name or client."""
    key = f"project-{project.id}"
    name = st.text_input(_("Name"), value=project.name, key=f"{key}-name", max_chars=200)
    names = [client.name for client in clients]
    now = next(index for index, client in enumerate(clients) if client.id == project.client_id)
    client = st.selectbox(_("Client"), names, index=now, key=f"{key}-client")
    if st.button(_("Save"), type="primary", key=f"{key}-save"):
        with windows.trying():
            projects.change(person, project.id, name=name, client=client, revision=project.revision)
            windows.close(_("Saved."))

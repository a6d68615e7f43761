"""Who is here, in which project, and what they may do: the first lines of every screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import streamlit as st

from core import access, language, projects, sessions
from core.access import Actor, Standing
from core.errors import AccordError, NotFound, Stale
from core.language import text as _
from core.projects import Project
from core.settings import Settings
from pages import errors

P = ParamSpec("P")
R = TypeVar("R")

COOKIE = "accord_session"
LANGUAGE_COOKIE = "accord_language"


_standings: ContextVar[dict[tuple[str, str], Standing | None]] = ContextVar("standings")
"""What was asked in this run of a script or of one of its parts."""


@dataclass(frozen=True)
class Here:
    """The person, the project they look at, and their standing in it."""

    actor: Actor
    project: Project
    standing: Standing

    def may(self, permission: str) -> bool:
        """Whether the person may do it here now; a screen leaves out what they may not.

        Asked once a run: a part that runs again alone outlives the standing that its page began with.
        """
        standings = _standings.get(None)
        if standings is None:  # a callback, before the run
            _standings.set(standings := {})
        key = (self.actor.id, self.project.id)
        if key not in standings:
            try:
                standings[key] = access.standing(self.actor, self.project.id)
            except NotFound:
                standings[key] = None
        own = standings[key]
        return own is not None and own.may(permission)

    def told_apart(self, names: Mapping[str, str]) -> dict[str, str]:
        """Names of people to choose from, by account: a select box takes two of one name for one and the same.

        Those who share a name have their mail beside it, or where that is not known the end of their id.
        """
        often = Counter(names.values())
        if len(often) == len(names):
            return dict(names)
        mails = {m.account_id: m.mail for m in projects.members(self.actor, self.project.id)}
        return {
            account: name if often[name] == 1 else f"{name} · {mails.get(account, account[-6:])}"
            for account, name in names.items()
        }

    def act(self, function: Callable[..., R], *args: Any, done: str = "", **kwargs: Any) -> R | None:
        """Call `function(actor, project, …)`; a refusal becomes words, and what was typed stays.

        Stale is not handled here: the screen that edits has to show both texts.
        """
        try:
            found = function(self.actor, self.project.id, *args, **kwargs)
        except Stale:
            raise
        except Exception as error:
            complain(error)
            return None
        if done:
            st.toast(done, icon=":material/check:")
        return found


def complain(error: Exception) -> None:
    """Say an error where the person looks; ours get a reference number."""
    if isinstance(error, AccordError):
        st.toast(errors.say(error), icon=":material/info:", duration="long")
    else:
        st.error(errors.say(error), icon=":material/error:")


def actor() -> Actor | None:
    """The person whose session this browser holds, asked anew in every run."""
    return sessions.actor_of(st.context.cookies.get(COOKIE))


def speak(person: Actor | None) -> None:
    """Use the person's language and time zone, or before sign-in what the browser asks for."""
    if person is not None:
        chosen = person.language
    else:
        asked = st.context.locale or "en"
        chosen = (
            st.session_state.get("spoken")
            or st.context.cookies.get(LANGUAGE_COOKIE)
            or ("zh_CN" if asked.lower().startswith("zh") else "en")
        )
    language.use(chosen, st.context.timezone)


def page(permission: str) -> Here:
    """The first line of a project's screen: who asks, in which project, and whether they may.

    Stops the run with a sentence when they may not.
    """
    _standings.set({})
    person = actor()
    if person is None:
        st.rerun()
    project = current_project(person)
    if project is None:
        no_project(person)
        st.stop()
    try:
        own = access.require(person, permission, project.id)
    except AccordError as error:
        st.warning(errors.say(error))
        st.stop()
    return Here(person, project, own)


def person_here(permission: str | None = None) -> Actor:
    """The first line of a screen outside projects; `permission` is organisation-wide."""
    person = actor()
    if person is None:
        st.rerun()
    if permission:
        try:
            access.require(person, permission)
        except AccordError as error:
            st.warning(errors.say(error))
            st.stop()
    return person


def current_project(person: Actor) -> Project | None:
    """The project in the address, else the one looked at last, else the newest; None without any."""
    known = projects.mine(person)
    asked = st.query_params.get("project") or st.session_state.get("project")
    found = next((p for p in known if p.code == asked), known[0] if known else None)
    if found is not None:
        st.session_state["project"] = found.code
        if st.query_params.get("project") != found.code:
            st.query_params["project"] = found.code
    return found


def site(chosen: Settings) -> str:
    """The address of this installation, which goes before a link's path in mails."""
    if chosen.text("public_url"):
        return chosen.text("public_url").rstrip("/")
    seen = urlsplit(st.context.url or "")
    return f"{seen.scheme}://{seen.netloc}"


def no_project(person: Actor) -> None:
    """What somebody without a project sees."""
    from pages.kit import parts, sample

    if access.may(person, "project.create"):
        parts.empty(_("There is no project yet"), _("Add a client and a project under Administration."))
        sample.offer(person)
    else:
        parts.empty(_("You are in no project yet"), _("Ask your administrator to add you to one."))


def fragment(function: Callable[[], None], **options: Any) -> None:
    """Run a part of a screen that changes alone: same person, same language, checked again."""

    def part() -> None:
        _standings.set({})
        person = actor()
        if person is None:
            st.rerun()
        speak(person)
        try:
            function()
        except AccordError as error:
            st.warning(errors.say(error))

    part.__qualname__ = f"{function.__module__}.{function.__qualname__}"
    st.fragment(part, **options)()

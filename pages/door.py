"""What the screens before the sign-in share: the browser's name, and taking a ticket to the session."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import urlencode, urlsplit

import streamlit as st

from core import language
from pages import errors
from pages.kit.go import begin, remember
from pages.routes.session import BROWSER, LANGUAGE

OURS = frozenset({"again", "invitation"})  # what the address of these screens may carry for themselves


def browser() -> str:
    """The name that this browser came with (pages/routes/headers.py gives it one)."""
    return str(st.context.cookies.get(BROWSER) or "")


def address() -> str:
    """Where the visitor comes from, for the throttle."""
    return str(st.context.ip_address or "127.0.0.1")


def asked_for() -> str:
    """The page that somebody came for who has to sign in first: path and query, for after that."""
    asked = [(key, value) for key in st.query_params for value in st.query_params.get_all(key)]
    query = urlencode([(key, value) for key, value in asked if key not in OURS])
    return urlsplit(st.context.url or "/").path + (f"?{query}" if query else "")


def head(title: str, sentence: str = "") -> None:
    """The name, a title, a sentence, and the other language."""
    st.html(f'<div class="ac-head"><h1>{escape(title)}</h1><p>{escape(sentence)}</p></div>')


def other_language() -> None:
    """A switch for those who have no account yet."""
    if "spoken" in st.session_state:
        remember(LANGUAGE, st.session_state["spoken"])
    other = "en" if language.current() == "zh_CN" else "zh_CN"
    st.button(
        "中文" if other == "zh_CN" else "English", key="other-language", type="tertiary", on_click=_speak, args=(other,)
    )


def enter(ticket: Callable[[], str]) -> None:
    """Earn a ticket and go in with it; a refusal stands below the form."""
    try:
        begin(ticket())
    except Exception as error:  # what is ours gets a number, what is theirs a sentence
        st.error(errors.say(error))


def _speak(chosen: str) -> None:
    st.session_state["spoken"] = chosen

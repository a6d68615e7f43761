"""Windows in which something is asked for: a refusal stands inside, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from core import access
from core.access import Standing
from core.errors import AccordError
from core.language import text as _
from pages import errors
from pages.kit import here

SAID = "said-after-window"


def show(title: str, window: Callable[..., None], *args: Any, on_dismiss: Callable[[], None] | None = None) -> None:
    """Open a window over the screen, and speak the reader's language in it whenever it changes."""

    def inside() -> None:
        person = here.actor()
        if person is None:
            st.rerun()
        here.speak(person)
        try:
            window(*args)
        except AccordError as error:
            st.error(errors.say(error))

    inside.__qualname__ = f"{window.__module__}.{window.__qualname__}"
    st.dialog(title, width="medium", on_dismiss=on_dismiss or "ignore")(inside)()


@contextmanager
def trying() -> Iterator[None]:
    """Do something; what stands in its way is said where the eye is."""
    try:
        yield
    except Exception as error:  # a sentence of the domain's, or a number for what is ours
        st.error(errors.say(error))


def close(words: str = "") -> None:
    """Close the window and draw the screen anew; `words` say what has been done."""
    if words:
        st.session_state[SAID] = words
    st.rerun()


def say_done() -> None:
    """What the window that has just closed has done; a screen calls it once."""
    if words := st.session_state.pop(SAID, None):
        st.toast(words, icon=":material/check:")


def role_and_clearance(own: Standing, *, role: str, clearance: str, key: str) -> tuple[str, str]:
    """Ask what somebody is to be in a project; nobody is asked for more than `own` may give."""
    left, right = st.columns(2)
    roles = [name for name in access.ROLES if name != "admin"]
    with left:
        chosen = st.selectbox(
            _("Role"), roles, index=roles.index(role), key=f"{key}-role",
            format_func=lambda name: access.role_name(name).text(),
        )  # fmt: skip
    usual = "public" if chosen == "client" and role != "client" else clearance
    with right:
        cleared = st.selectbox(
            _("Clearance"), own.clearances, key=f"{key}-clearance-{usual}",
            index=own.clearances.index(usual) if usual in own.clearances else 0,
            format_func=lambda name: access.clearance_name(name).text(),
        )  # fmt: skip
    st.caption(access.ROLE_MEANINGS[chosen].text())
    return chosen, cleared

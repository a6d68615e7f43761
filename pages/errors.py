"""What a screen says when something fails: the domain in its own words, the rest with a number."""

from __future__ import annotations

import logging
import secrets

import streamlit as st

from core.errors import AccordError
from core.language import text as _

log = logging.getLogger("accord.screens")


def reference(error: BaseException) -> str:
    """Log an unexpected error under a short number that a person can read out."""
    number = secrets.token_hex(3).upper()
    log.error("reference %s", number, exc_info=error)
    return number


def say(error: Exception) -> str:
    """The sentence for a person."""
    if isinstance(error, AccordError):
        return error.message.text()
    return _(
        "Something failed on our side (reference {number}). What you typed is still here; try again.",
        number=reference(error),
    )


def on_script_error(error: Exception) -> bool:
    """Streamlit's hook for what no screen caught."""
    st.error(say(error), icon=":material/error:")
    return True

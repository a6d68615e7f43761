"""Making the sample engagement from a screen, with a line that shows how far it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import streamlit as st

from core.access import Actor
from core.language import text as _

LOOK_EVERY = 0.2  # seconds


def make(actor: Actor, language: str) -> None:
    """Add the sample engagement; raises what it raises.

    It is made in a thread of its own: a second press ends this run of the script, never the work.
    """
    # Late, because it brings the Word library along.
    from vault.sample import engagement

    part = [0.0]

    def heard(done: float) -> None:
        part[0] = done

    line = st.progress(0.0, _("Making the sample engagement …"))
    with ThreadPoolExecutor(1) as beside:
        work = beside.submit(engagement.add, actor, language=language, progress=heard)
        while wait([work], LOOK_EVERY).not_done:
            line.progress(part[0], _("Making the sample engagement …"))
    work.result()


def offer(person: Actor) -> None:
    """A button for administrators, as long as the sample engagement is not there."""
    from pages.kit import here
    from vault.sample import engagement

    if not engagement.addable(person):
        return
    with st.container(horizontal_alignment="center"):
        if st.button(_("Add the sample engagement"), key="add-sample"):
            try:
                make(person, person.language)
            except Exception as error:
                here.complain(error)
            else:
                st.rerun()

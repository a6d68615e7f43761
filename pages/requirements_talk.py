"""What is said to a requirement or a document, and what became of it."""

from __future__ import annotations

from html import escape
from typing import Protocol

import streamlit as st

from core import comments, language
from core.comments import Comment
from core.ids import now
from core.language import text as _
from pages.kit import parts, told
from pages.kit.here import Here
from pages.kit.say import say_box


class Subject(Protocol):
    """What others hang on: a requirement, a document."""

    @property
    def id(self) -> str: ...


def talk(here: Here, found: Subject, people: dict[str, str]) -> None:
    """The comments, oldest first, and a box to say something."""
    said = comments.listed(here.actor, here.project.id, found.id)
    st.html(
        f'<h3 class="ac-title">{escape(_("Comments"))} <span class="ac-quiet">{len(said) or ""}</span></h3>'
        + "".join(_drawn(comment, people) for comment in said)
    )
    if here.may("comment.write"):
        say_box(
            key=f"say-{found.id}",
            people=sorted(people.values()),
            notes=here.may("note.write"),
            on_said=lambda: _said(here, found),
        )


def _said(here: Here, found: Subject) -> None:
    said = st.session_state[f"say-{found.id}"].said
    here.act(comments.add, found.id, said["text"], internal=said["internal"])


def _drawn(comment: Comment, people: dict[str, str]) -> str:
    name = people.get(comment.author_id or "", comment.author_name)
    note = f" {parts.tag(_('internal note'), 'warn')}" if comment.internal else ""
    text = escape(comment.text)
    for account in comment.mentions:
        mention = f"@{escape(people.get(account, ''))}"
        text = text.replace(mention, f'<b class="ac-mention">{mention}</b>') if len(mention) > 1 else text
    return (
        f'<div class="ac-said{" internal" if comment.internal else ""}">{parts.person(name)}<div>'
        f'<p class="ac-why"><b>{escape(name)}</b> {escape(language.ago(comment.created_at, now()))}{note}</p>'
        f'<p class="ac-prose">{text}</p></div></div>'
    )


def history(here: Here, found: Subject) -> None:
    """What became of it, the newest first."""
    told.of(here, found.id)

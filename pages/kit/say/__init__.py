"""A box to say something: @ suggests the names of the project, a switch keeps it among the team."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.language import text as _
from pages.kit import scripts


def say_box(*, key: str, people: Sequence[str], notes: bool, on_said: Callable[[], None]) -> Any:
    """Draw the box. `said` of the result is {text, internal}; who will read it stands below the text."""
    return scripts.component("say", "say/say.js", "say/say.css")(
        key=key,
        data={
            "key": key,
            "people": list(people),
            "notes": notes,
            "words": {
                "label": _("Comment"),
                "placeholder": _("Say something; @ mentions somebody"),
                "send": _("Send"),
                "internal": _("Internal note"),
                "all": _("Everybody in the project will see this, the client too."),
                "team": _("The client will not see this."),
                "suggestions": _("People to mention"),
            },
        },
        on_said_change=on_said,
    )

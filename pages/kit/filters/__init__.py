"""Filter chips: text, yes or no, one of several, several of many, and saved views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.language import text as _
from pages.kit import scripts


@dataclass(frozen=True)
class Option:
    """One line of a chip's menu."""

    value: str
    name: str
    on: bool = False


@dataclass(frozen=True)
class Named:
    """A saved view in its menu."""

    value: str
    name: str
    on: bool
    shared: bool
    removable: bool


@dataclass(frozen=True)
class Chip:
    """One chip: without options a switch, with them a menu (`several` of them or one), or the saved views."""

    key: str
    name: str
    on: bool = False
    count: int | None = None
    options: Sequence[Option] | None = None
    several: bool = False
    views: Sequence[Named] | None = None

    @property
    def described(self) -> dict[str, Any]:
        """The chip as the script takes it."""
        menu = self.views if self.views is not None else self.options
        return {
            "key": self.key,
            "name": self.name,
            "on": self.on,
            "count": self.count,
            "several": self.several,
            "one": self.options is not None and not self.several,
            "save": self.views is not None,
            "options": None if menu is None else [vars(line) for line in menu],
        }


def filters(
    *, key: str, text: str, search: str, chips: Sequence[Chip], share: bool, on_press: Callable[[], None],
    wide: bool = False,
) -> Any:  # fmt: skip
    """Draw the chips; `wide` gives the text more room. `press` of the result holds what was pressed, one of

    `{key, values}` (a chip's choice, `q` for the text), `{view}` or `{remove}` (a saved view's
    value), `{save, shared}` (a name for what is shown).
    """
    return scripts.component("filters", "filters/filters.js", "filters/filters.css")(
        key=key,
        data={
            "label": _("Filters"),
            "search": {"value": text, "placeholder": search, "wide": wide},
            "chips": [chip.described for chip in chips],
            "share": share,
            "words": {
                "none": _("Nothing to choose from yet."),
                "shared": _("shared"),
                "remove": _("Remove"),
                "name": _("Name of the view"),
                "share": _("for everybody in the project"),
                "save": _("Save"),
                "saveThis": _("Keep what is shown now under a name"),
            },
        },
        on_press_change=on_press,
    )

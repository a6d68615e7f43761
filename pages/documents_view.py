"""What of the documents one looks at, as it stands in the address, and the words that lists and details share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from urllib.parse import urlencode

from core.access import CLEARANCES
from core.language import plural
from core.language import text as _
from pages.kit import parts
from pages.kit.here import Here
from vault import documents, inspection, states
from vault.documents import SORTS, Document, Readers, Version

STATE_TONES: dict[str, parts.Tone] = {
    "draft": "", "in_review": "info", "approved": "ok", "superseded": "", "withdrawn": "warn",
}  # fmt: skip
NAMED_UP_TO = 4  # people; more are counted


@dataclass(frozen=True)
class View:
    """Filters and order of the list; `sort` is one of vault.documents.SORTS, `-` before it turns it round."""

    q: str = ""
    class_: str = ""
    state: str = ""
    clearance: str = ""
    overdue: str = ""
    sort: str = "changed"

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return replace(self, sort="changed") != View()

    @property
    def params(self) -> dict[str, str]:
        """What differs from the plain list, as parts of an address."""
        found = {
            "q": self.q, "class": self.class_, "state": self.state, "clearance": self.clearance, "overdue": self.overdue,
            "sort": "" if self.sort == "changed" else self.sort,
        }  # fmt: skip
        return {key: value for key, value in found.items() if value}


KEYS = ("q", "class", "state", "clearance", "overdue", "sort")
"""The parts of the address that make a view; `document`, the open one, is not one of them."""


def of_params(params: Mapping[str, str]) -> View:
    """The view that an address asks for; what makes no sense in it is passed over.

    >>> of_params({"clearance": "public", "sort": "beauty"}).params
    {'clearance': 'public'}
    """
    sort, clearance = params.get("sort", ""), params.get("clearance", "")
    return View(
        q=params.get("q", ""),
        class_=params.get("class", ""),
        state=params.get("state", ""),
        clearance=clearance if clearance in CLEARANCES else "",
        overdue="1" if params.get("overdue") else "",
        sort=sort if sort.removeprefix("-") in SORTS else "changed",
    )


def changed(view: View, key: str, values: Sequence[str]) -> View:
    """The view with another value for one of KEYS."""
    return of_params({**view.params, key: values[0] if values else ""})


def address(here: Here, view: View, document: str = "") -> str:
    """The address of a view, with a document open in it."""
    return "?" + urlencode(
        {"project": here.project.code, **view.params, **({"document": document} if document else {})}
    )


def fetching(version: Version, words: str) -> str:
    """A link that fetches a version under its own name, as HTML; pages/kit/follow asks first whether it can be."""
    label = _("Fetch {name}", name=version.file_name)
    return (
        f'<a class="ac-link" href="/vault/download/{version.document_id}/{version.number}" download '
        f'aria-label="{escape(label)}" title="{escape(label)}"><bdi>{escape(words)}</bdi></a>'
    )


def warned(version: Version) -> str:
    """What was said of a file when it came, as tags that tell the whole when they are pointed at."""
    return " ".join(
        f'<span title="{escape(inspection.WARNINGS[code].text())}">{parts.tag(inspection.BRIEFLY[code].text(), "warn")}</span>'
        for code in version.warnings
    )


def state_name(state: str) -> str:
    """A document's state as a word."""
    return states.name(state).text() if state in STATE_TONES else state


def state_tag(state: str) -> str:
    """A state as a coloured word, as HTML."""
    return parts.tag(state_name(state), STATE_TONES.get(state, ""))


def who_reads(here: Here, clearance: str, class_: str | None = None, document: Document | None = None) -> str:
    """The sentence that says who will be able to read something of this clearance (and class): names, or how many.

    Of a document that stands, its grants and denials count.
    """
    return readable_for(
        documents.readers(
            here.actor, here.project.id, clearance, class_=class_, document=document.id if document else None
        )
    )


def readable_for(found: Readers) -> str:
    """The sentence that names a few readers, and counts many."""
    team = (
        _(", ").join(found.team) if 0 < len(found.team) <= NAMED_UP_TO
        else plural("{count} person of the team", "{count} people of the team", len(found.team))
    )  # fmt: skip
    if not found.client:
        return _("Readable for {team} and administrators, not for the client.", team=team)
    client = (
        _(", ").join(found.client) if len(found.client) <= NAMED_UP_TO
        else plural("{count} person", "{count} people", len(found.client))
    )  # fmt: skip
    return _("Readable for {team} and administrators, and on the client's side for {client}.", team=team, client=client)

"""What somebody typed into the search field, taken apart.

    gate "two phase" -draft class:design by:ana after:2026-03 类别:设计 状态：草稿

Words have to stand in the document, all of them, somewhere; quotes keep a phrase together; `-` leaves
out; a key with a colon narrows. A key twice means either. What makes no sense is said, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.access import CLEARANCES, clearance_name, open_to_all
from core.language import LANGUAGES, Message, say
from vault import classes, words
from vault.words import Word

STATES: dict[str, Message] = {
    "draft": say("draft"),
    "in review": say("in review"),
    "approved": say("approved"),
    "superseded": say("superseded"),
    "withdrawn": say("withdrawn"),
}
KEYS: dict[str, str] = {
    "class": "class", "类别": "class", "类": "class", "分类": "class",
    "state": "state", "状态": "state",
    "clearance": "clearance", "密级": "clearance",
    "by": "author", "作者": "author", "上传者": "author", "上传": "author",
    "before": "before", "之前": "before", "早于": "before",
    "after": "after", "之后": "after", "晚于": "after",
}  # fmt: skip
"""What may stand before a colon, in either language -> what it narrows."""

MOST_WORDS = 20  # of a question; what is pasted beyond them is passed over
LONGEST = 500  # characters

_PART = re.compile(r'(-?)(?:([^\s:："“”「」-][^\s:："“”「」]*)[:：])?(?:["“”「]([^"“”」]*)["“”」]?|(\S+))')


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `narrowed` maps class, state, clearance, author, year to the values any of which will do."""

    words: tuple[Word, ...] = ()
    without: tuple[Word, ...] = ()
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    before: datetime | None = None
    after: datetime | None = None
    remarks: tuple[Message, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether something is asked at all."""
        return bool(self.words or self.without or self.narrowed or self.before or self.after)


@open_to_all("it only looks at the text it is given")
def understood(typed: str, chosen: Mapping[str, Sequence[str]] | None = None) -> Wanted:
    """What `typed` asks for; `chosen` narrows further, by the values of facets."""
    found, without, remarks = list[Word](), list[Word](), list[Message]()
    narrowed: dict[str, list[str]] = {key: list(values) for key, values in (chosen or {}).items() if values}
    moments: dict[str, datetime] = {}
    for minus, key, quoted, plain in _PART.findall(typed[:LONGEST]):
        what = KEYS.get(key.casefold()) if key else None
        value = quoted or plain
        if what in ("before", "after"):
            moment = _moment(value)
            if moment is None:
                remarks.append(say("“{value}” is not a date. Write it like 2026-03-31.", value=value))
            else:
                moments[what] = moment
        elif what is not None:
            values = _author(value) if what == "author" else _values(what, value)
            if not values:
                remarks.append(_unknown(what, value))
            narrowed.setdefault(what, []).extend(values or [value])
        else:
            some = words.word(f"{key}:{value}" if key else value, exact=bool(quoted))
            if some is not None and len(found) + len(without) < MOST_WORDS:
                (without if minus else found).append(some)
    return Wanted(
        tuple(found), tuple(without), {key: tuple(dict.fromkeys(values)) for key, values in narrowed.items()},
        moments.get("before"), moments.get("after"), tuple(remarks),
    )  # fmt: skip


def _author(value: str) -> list[str]:
    """A name is compared with those that stand in the index (vault/search_index.py)."""
    return [value]


def _values(what: str, value: str) -> list[str]:
    """The ids that a word means, in either language; several where it begins several names."""
    sought = words.folded(value)
    if what == "class":
        shipped = {
            key: [key, *(name.text(language) for language in LANGUAGES)] for key, name in classes.SHIPPED.items()
        }
        known = {**{key: [name] for key, name in classes.names().items()}, **shipped}
    elif what == "state":
        known = {key: [key, *(name.text(language) for language in LANGUAGES)] for key, name in STATES.items()}
    else:
        known = {key: [key, *(clearance_name(key).text(language) for language in LANGUAGES)] for key in CLEARANCES}
    same = [key for key, names in known.items() if any(words.folded(name) == sought for name in names)]
    return same or [key for key, names in known.items() if any(words.folded(name).startswith(sought) for name in names)]


def _unknown(what: str, value: str) -> Message:
    if what == "class":
        return say("There is no class “{value}”.", value=value)
    if what == "state":
        return say("There is no state “{value}”.", value=value)
    return say("There is no clearance “{value}”.", value=value)


def _moment(value: str) -> datetime | None:
    """The first moment of a day, month or year: 2026-03-31, 2026-03, 2026, 2026年3月, 31.3.2026."""
    match = re.fullmatch(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?", value)
    parts = match.groups() if match else None
    if parts is None:
        match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", value)
        parts = match.groups()[::-1] if match else None
    if parts is None:
        return None
    try:
        return datetime(int(parts[0]), int(parts[1] or 1), int(parts[2] or 1), tzinfo=UTC).replace(tzinfo=None)
    except ValueError:
        return None

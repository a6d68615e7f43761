"""Every word twice: messages, and dates and numbers in the reader's language.

A message's id is its English text. `text()` says it now, `say()` keeps it for later (errors are
raised before anyone knows who reads them). Catalogues are `locale/<language>/<area>.po`, read as
they are, so that nothing has to be compiled; an area is a part of the product with one owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.pofile import read_po

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
DEFAULT_LANGUAGE = "en"

CATALOGUES = Path(__file__).parent.parent / "locale"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)
_zone: ContextVar[str] = ContextVar("zone", default="UTC")


@dataclass(frozen=True)
class Message:
    """A sentence whose language is decided when it is read. Values may be messages themselves."""

    id: str
    values: dict[str, object] = field(default_factory=dict)

    def text(self, language: str | None = None) -> str:
        """The sentence in `language`, or in the reader's when none is given."""
        chosen = language or _language.get()
        pattern = catalogue(chosen).get(self.id, self.id)
        if not self.values:
            return pattern
        spoken = {
            name: value.text(chosen) if isinstance(value, Message) else value for name, value in self.values.items()
        }
        return pattern.format(**spoken)

    def __str__(self) -> str:
        return self.text()


def say(message_id: str, /, **values: object) -> Message:
    """A message for later; the extractor collects its first argument."""
    return Message(message_id, values)


def text(message_id: str, /, **values: object) -> str:
    """A message now, in the reader's language. Pages import it as `_`."""
    return Message(message_id, values).text()


def plural(one: str, many: str, count: int, /, **values: object) -> str:
    """`one` or `many` by `count`, which both may name as `{count}`. Chinese has one form."""
    chosen = one if count == 1 and _language.get() == "en" else many
    return text(chosen, count=number(count), **values)


@cache
def catalogue(language: str) -> dict[str, str]:
    """English text -> text in `language`, over all areas. English needs none."""
    found: dict[str, str] = {}
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=language):
                if message.id and message.string:
                    found[str(message.id)] = str(message.string)
    return found


@cache
def _locale(language: str) -> Locale:
    """Babel looks a name up among its 900 files each time; a Locale it takes as it is."""
    return Locale.parse(language)


def current() -> str:
    """The reader's language now."""
    return _language.get()


def use(language: str, zone: str | None = None) -> None:
    """Speak `language` from here on in this thread; an unknown one falls back to English."""
    _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    if zone:
        _zone.set(zone)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` inside the block."""
    token = _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(token)


def number(value: float, digits: int | None = None) -> str:
    """A number with the language's separators; `digits` after the point when given."""
    pattern = None if digits is None else "#,##0." + "0" * digits if digits else "#,##0"
    return numbers.format_decimal(value, format=pattern, locale=_locale(_language.get()))


def size(count: int) -> str:
    """A number of bytes as people say it: "38.2 KB"."""
    said, unit = float(count), "B"
    for bigger in ("KB", "MB", "GB"):
        if said < 1000:
            break
        said, unit = said / 1000, bigger
    return f"{number(said, 0 if unit == 'B' else 1)} {unit}"


def local(moment: datetime) -> datetime:
    """A naive UTC moment in the reader's time zone."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(_zone.get()))


def midnight(value: date) -> datetime:
    """The moment (naive UTC) at which a day begins in the reader's time zone."""
    begins = datetime.combine(value, datetime.min.time(), ZoneInfo(_zone.get()))
    return begins.astimezone(UTC).replace(tzinfo=None)


def day(value: date | datetime, width: str = "medium") -> str:
    """A date in the reader's language and zone."""
    if isinstance(value, datetime):
        value = local(value).date()
    return dates.format_date(value, format=width, locale=_locale(_language.get()))


def weekday(moment: datetime) -> str:
    """The day of the week, short: "Mon"."""
    return dates.format_date(local(moment).date(), format="ccc", locale=_locale(_language.get()))


def clock(moment: datetime) -> str:
    """The time of day, to the minute: "14:02"."""
    return dates.format_time(local(moment), format="HH:mm", locale=_locale(_language.get()))


def moment(value: datetime) -> str:
    """Date and time, to the minute."""
    return text("{day}, {clock}", day=day(value), clock=clock(value))


def ago(value: datetime, now: datetime) -> str:
    """How long since `value`, in one rough unit: "3 days ago"."""
    return dates.format_timedelta(value - now, add_direction=True, locale=_locale(_language.get()))


def span(value: timedelta) -> str:
    """A length of time in one short unit: "3d", "5小时"."""
    return dates.format_timedelta(value, format="narrow", locale=_locale(_language.get()))

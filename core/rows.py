"""Rows as frozen dataclasses: which table, which columns, and how a value looks in the ledger.

A field's name is its column's. Tuples and dicts are kept as JSON text, because LIST columns break
updates in DuckDB (docs/decisions.md). Two kinds of column are special in the ledger: *sealed* ones
(secrets) appear there only as a digest, *volatile* ones (when a session was last seen) not at all.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Protocol, TypeVar


class Row(Protocol):
    """Anything that `entity` has registered: a frozen dataclass with an `id`."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def id(self) -> str:
        """The row's identity."""
        ...


@dataclass(frozen=True)
class Entity:
    """What the ledger knows of one kind of row.

    `subject` says that other things hang on such a row (a requirement, a document), so that it has
    a line in `subject` with its title and clearance; `hangs_on` names the column with the id of the
    subject that a row belongs to (a comment's requirement).
    """

    name: str
    table: str
    type: type
    columns: tuple[str, ...]
    json_columns: frozenset[str]
    sealed: frozenset[str]
    volatile: frozenset[str]
    subject: bool
    hangs_on: str | None

    def values(self, row: object) -> dict[str, Any]:
        """Column -> value as the database takes it."""
        return {name: self.stored(name, getattr(row, name)) for name in self.columns}

    def stored(self, column: str, value: Any) -> Any:
        """One value as the database takes it."""
        return canonical(value) if column in self.json_columns and value is not None else value

    def loaded(self, record: Mapping[str, Any]) -> Any:
        """The dataclass of a database record (further columns are ignored)."""
        return self.made_of([record[name] for name in self.columns])

    def made_of(self, values: list[Any]) -> Any:
        """The dataclass of stored values in the order of `columns`; lists of 100,000 rows go through here."""
        for place in self._json_places:
            text = values[place]
            if text == "[]":
                values[place] = ()
            elif text is not None:
                found = json.loads(text)
                values[place] = tuple(found) if isinstance(found, list) else found
        return self.type(*values)

    @cached_property
    def _json_places(self) -> tuple[int, ...]:
        return tuple(place for place, name in enumerate(self.columns) if name in self.json_columns)

    def recorded(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Stored column values as an event holds them: volatile left out, sealed as a digest."""
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name in self.volatile:
                continue
            if name in self.sealed and value is not None:
                found[name] = "sha256:" + hashlib.sha256(str(value).encode()).hexdigest()
            else:
                found[name] = plain(value)
        return found

    def remembered(self, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """The opposite of `recorded`, where nothing is sealed: moments and days were texts there."""
        hints = typing.get_type_hints(self.type)
        found: dict[str, Any] = {}
        for name, value in recorded.items():
            kinds = {hints[name], *typing.get_args(hints[name])}
            if isinstance(value, str) and datetime in kinds:
                found[name] = datetime.fromisoformat(value)
            elif isinstance(value, str) and date in kinds:
                found[name] = date.fromisoformat(value)
            else:
                found[name] = value
        return found


ENTITIES: dict[str, Entity] = {}
_BY_TYPE: dict[type, Entity] = {}

T = TypeVar("T")


def entity(
    table: str,
    *,
    sealed: tuple[str, ...] = (),
    volatile: tuple[str, ...] = (),
    subject: bool = False,
    hangs_on: str | None = None,
) -> Callable[[type[T]], type[T]]:
    """Register a frozen dataclass as the rows of `table`; the entity's name is the table's."""

    def register(cls: type[T]) -> type[T]:
        hints = typing.get_type_hints(cls)
        columns = tuple(f.name for f in dataclasses.fields(cls))  # type: ignore[arg-type]
        found = Entity(
            name=table,
            table=table,
            type=cls,
            columns=columns,
            json_columns=frozenset(c for c in columns if _is_json(hints[c])),
            sealed=frozenset(sealed),
            volatile=frozenset(volatile),
            subject=subject,
            hangs_on=hangs_on,
        )
        ENTITIES[table] = found
        _BY_TYPE[cls] = found
        return cls

    return register


def entity_of(row_or_type: object) -> Entity:
    """The entity of a row or of its class."""
    return _BY_TYPE[row_or_type if isinstance(row_or_type, type) else type(row_or_type)]


def canonical(value: Any) -> str:
    """JSON with one form for one value: what is hashed and compared."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def plain(value: Any) -> Any:
    """A value as JSON can hold it; moments as ISO 8601 with microseconds, decimals as text."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def _is_json(hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_is_json(part) for part in typing.get_args(hint))
    return origin in (tuple, list, dict) or hint in (tuple, list, dict)

"""What is filed about a document beside its title: the fields that its class asks for, typed and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core import access, db, projects
from core.access import Actor, in_project, open_to_all
from core.errors import Invalid
from core.language import current, say
from core.rows import entity
from vault import class_rules, documents
from vault.class_rules import Field

LONGEST = 2000  # characters of a text


@entity("document_metadata", hangs_on="document_id")
@dataclass(frozen=True)
class Metadata:
    """The metadata of one document: key of the field -> what was given, as text."""

    id: str
    project_id: str
    document_id: str
    entries: dict[str, str]
    created_at: datetime
    revision: int


@dataclass(frozen=True)
class Filed:
    """The fields of a document's class with what was given, and the revision for the next change."""

    fields: tuple[Field, ...]
    entries: Mapping[str, str]
    revision: int


@in_project("document.read")
def of(actor: Actor, project: str, document: str) -> Filed:
    """What is filed about a document. Raises NotFound."""
    found = documents.get(actor, project, document)
    row = db.one_of(Metadata, "WHERE id = ?", [found.id])
    return Filed(class_rules.of(found.class_id).fields, row.entries if row else {}, row.revision if row else 0)


@in_project("document.classify")
def file(
    actor: Actor, project: str, document: str, entries: Mapping[str, Any], *, revision: int, at: datetime | None = None
) -> Filed:
    """Write what is known; an empty one takes it away, what is not named stays. Raises Invalid, Stale, NotFound."""
    return _file(actor, project, document, entries, revision, at)


@in_project("document.write")
def named_responsible(actor: Actor, project: str, document: str) -> None:
    """Name the actor as the one responsible for a document of theirs, where its class asks and nobody is named."""
    found = of(actor, project, document)
    asked = any(one.key == class_rules.RESPONSIBLE.key and one.kind == "person" for one in found.fields)
    first = documents.versions(actor, project, document)[-1]
    if asked and first.author_id == actor.id and class_rules.RESPONSIBLE.key not in found.entries:
        _file(actor, project, document, {class_rules.RESPONSIBLE.key: actor.id}, found.revision)


@open_to_all("those who read lists of documents have asked for them")
def entries_of(ids: list[str]) -> dict[str, Mapping[str, str]]:
    """Document -> what is filed about it, for those who have asked which documents there are."""
    if not ids:
        return {}
    return {row.id: row.entries for row in db.all_of(Metadata, f"WHERE id IN ({db.marks(ids)})", ids)}


def _file(
    actor: Actor, project: str, document: str, entries: Mapping[str, Any], revision: int, at: datetime | None = None
) -> Filed:
    found = documents.get(actor, project, document)
    fields = {one.key: one for one in class_rules.of(found.class_id).fields}
    people = {member.account_id for member in projects.members(actor, project)}
    if actor.kind == "person":
        people.add(actor.id)
    written: dict[str, str] = {}
    for key, value in entries.items():
        if key not in fields:
            raise Invalid(say("Documents of this class have no field “{name}”.", name=key), field=key)
        written[key] = _checked(fields[key], value, people)
    with db.write(actor, at=at) as tx:
        access.require(actor, "document.write", project)
        row = next(iter(tx.all_of(Metadata, "WHERE id = ?", [found.id])), None)
        kept = {k: v for k, v in ({**(row.entries if row else {}), **written}).items() if v}
        if row is None:
            made = tx.insert(Metadata(found.id, project, found.id, kept, tx.at, 1))
        else:
            made = tx.update(row, revision=revision, entries=kept)
    return Filed(tuple(fields.values()), made.entries, made.revision)


def _checked(field: Field, value: Any, people: set[str]) -> str:
    """A value as it is kept; empty for nothing."""
    name = field.name(current())
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    if field.kind == "day":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise Invalid(say("“{name}” is a day: 2026-11-24.", name=name), field=field.key) from error
    if field.kind == "number":
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise Invalid(say("“{name}” is a number.", name=name), field=field.key) from error
        if not number.is_finite():
            raise Invalid(say("“{name}” is a number.", name=name), field=field.key)
        return format(number, "f")
    if field.kind == "choice" and text not in field.choices:
        raise Invalid(
            say("“{name}” is one of: {choices}.", name=name, choices=", ".join(field.choices)), field=field.key
        )
    if field.kind == "yes" and text not in ("yes", "no"):
        raise Invalid(say("“{name}” is yes or no.", name=name), field=field.key)
    if field.kind == "person" and text not in people:
        raise Invalid(say("“{name}” is somebody of the project.", name=name), field=field.key)
    if len(text) > LONGEST:
        raise Invalid(say("“{name}” is longer than {most} characters.", name=name, most=LONGEST), field=field.key)
    return text

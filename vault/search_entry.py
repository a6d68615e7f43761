"""What the index holds of a document: its words by field, what it is narrowed by, and who may be told of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import tantivy

from core import db
from core.access import Standing, open_to_all
from core.rows import entity_of
from vault import documents, text, words
from vault.documents import Version

READ_FIELDS = ("title", "body", "said")
TEAM_FIELDS = (*READ_FIELDS, "notes")
TEAM, OTHERS = "team", "others"
FACETS = ("class", "state", "clearance", "author", "year")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "project", "cell", "audience"):
        builder.add_text_field(name, stored=name == "id", tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("changed", indexed=True, fast=True)
    for name in TEAM_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    return builder.build()


SCHEMA = _schema()
_VERSION = entity_of(Version)


@open_to_all("for the index, which asks for each reader what exists for them")
def records(ids: Sequence[str]) -> list[dict[str, Any]]:
    """These documents with what their entries are made from: their newest version, and the approved one if it is another."""
    marks = db.marks(ids)
    return db.rows(
        f"""
        SELECT d.id, d.project_id, d.code, d.title, d.class_id, d.clearance, d.revision,
               d.version AS newest_version, d.approved_version, {documents.STATE} AS state,
               {", ".join(f"v.{column} AS v_{column}" for column in _VERSION.columns)},
               t.read_at, t.outcome, c.newest, c.count
        FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number IN (d.version, d.approved_version)
        LEFT JOIN document_text t ON t.version_id = v.id AND t.format = ?
        LEFT JOIN (
            SELECT subject_id, COUNT(*) + SUM(revision) AS count, MAX(created_at) AS newest
            FROM comment
            WHERE subject_id IN ({marks})
            GROUP BY subject_id
        ) c ON c.subject_id = d.id
        WHERE d.id IN ({marks}) AND NOT d.archived
        ORDER BY d.id, v.number
        """,
        [text.FORMAT, *ids, *ids],
    )


@open_to_all("for the index, which asks for each reader what exists for them")
def form(some: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
    """What changes when a document's entries have to be made anew; the authors' names stand last."""
    told = ("revision", "newest", "count", "v_id", "read_at")
    return tuple(tuple(one[name] for name in told) for one in some), tuple(one["v_author_name"] for one in some)


@open_to_all("it only looks at what it is given")
def audiences(record: dict[str, Any]) -> tuple[str, ...]:
    """For whom an entry is: TEAM gets the newest version, OTHERS the approved one where there is one."""
    if record["v_number"] != record["newest_version"]:
        return (OTHERS,)
    return (TEAM, OTHERS) if record["approved_version"] in (None, record["newest_version"]) else (TEAM,)


@open_to_all("it only looks at the standing it is given")
def audience(own: Standing) -> str:
    """Which of the two somebody is, as vault/documents.py says what they get by default."""
    return TEAM if own.may("version.newest") else OTHERS


@open_to_all("for the index, which asks for each reader what exists for them")
def entry(record: dict[str, Any]) -> tantivy.Document:
    """The entry of one of `records`."""
    made, version = tantivy.Document(), version_of(record)
    for name, value in (
        ("id", record["id"]), ("project", record["project_id"]), ("cell", cell(record["class_id"], record["clearance"])),
        ("class", record["class_id"]), ("state", record["state"]), ("clearance", record["clearance"]),
        ("author", version.author_name), ("year", str(version.created_at.year)),
    ):  # fmt: skip
        made.add_text(name, value)
    for one in audiences(record):
        made.add_text("audience", one)
    made.add_integer("changed", milliseconds(version.created_at))
    made.add_text("title", _joined([f"{record['title']}\n\n{record['code']}"]))
    body = [version.file_name, version.note]
    if record["read_at"] is not None:
        found = text.kept(version, record["outcome"])
        if found is None:
            text.forget(version.id)  # its file is gone or foreign: it is read anew
        else:
            body += [place.text for place in found.places]
    made.add_text("body", _joined(body))
    if record["count"]:
        said = db.rows("SELECT text, internal FROM comment WHERE subject_id = ?", [record["id"]])
        made.add_text("said", _joined([s["text"] for s in said if not s["internal"]]))
        made.add_text("notes", _joined([s["text"] for s in said if s["internal"]]))
    return made


@open_to_all("for the index, which asks for each reader what exists for them")
def version_of(record: dict[str, Any]) -> Version:
    """The version in one of `records`."""
    return cast(Version, _VERSION.loaded({column: record[f"v_{column}"] for column in _VERSION.columns}))


def _joined(texts: Iterable[str]) -> str:
    return f" {words.BREAK} ".join(" ".join(words.tokens(one)) for one in texts if one)


@open_to_all("for the index, which asks for each reader what exists for them")
def cell(class_id: str, clearance: str) -> str:
    """Class and clearance as one word: for each there is one answer of who may be told."""
    return f"{clearance}|{class_id}"


@open_to_all("for the index, which asks for each reader what exists for them")
def milliseconds(moment: datetime) -> int:
    """A moment as the index orders by it."""
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)

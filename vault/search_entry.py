"""What the index holds of a document: its words by field, what it is narrowed by, and who may be told of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import tantivy

from core import db
from core.access import open_to_all
from core.rows import entity_of
from vault import text, words
from vault.documents import Version

READ_FIELDS = ("title", "body", "said")
TEAM_FIELDS = (*READ_FIELDS, "notes")
FACETS = ("class", "state", "clearance", "author", "year")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "project", "cell"):
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
    """These documents with what an entry is made from."""
    marks = db.marks(ids)
    return db.rows(
        f"""
        SELECT d.id, d.project_id, d.code, d.title, d.class_id, d.clearance, d.state, d.revision,
               {", ".join(f"v.{column} AS v_{column}" for column in _VERSION.columns)},
               t.read_at, t.outcome, c.newest, c.count
        FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number = d.version
        LEFT JOIN document_text t ON t.version_id = v.id AND t.format = ?
        LEFT JOIN (
            SELECT subject_id, COUNT(*) + SUM(revision) AS count, MAX(created_at) AS newest
            FROM comment
            WHERE subject_id IN ({marks})
            GROUP BY subject_id
        ) c ON c.subject_id = d.id
        WHERE d.id IN ({marks}) AND NOT d.archived
        """,
        [text.FORMAT, *ids, *ids],
    )


@open_to_all("for the index, which asks for each reader what exists for them")
def form(record: dict[str, Any]) -> tuple[Any, ...]:
    """What changes when the entry has to be made anew; the author's name stands last."""
    return (
        record["revision"], record["v_id"], record["read_at"], record["newest"], record["count"],
        record["v_author_name"],
    )  # fmt: skip


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
    """The current version in one of `records`."""
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

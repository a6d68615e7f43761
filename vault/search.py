"""Finding documents by what is in them, as far as they exist for the one who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from core import access, db, reading
from core.access import Actor, in_project
from core.language import Message, say
from core.reading import Reader
from core.rows import entity_of
from vault import documents, search_index, search_query, text, words
from vault.documents import Document, Listed, Version
from vault.search_entry import FACETS
from vault.text import Place
from vault.words import Marked, Word

PAGE = 20  # hits at once
MOST_COUNTED = 2000  # documents that are still to be read
SHOWN_OF_REQUIREMENTS = 5


@dataclass(frozen=True)
class Hit:
    """A document that was found: its title with the words marked, a piece of it, and the place of that piece.

    `said` is True when the piece is a comment. `text` is one of vault.text.OUTCOMES, or empty while it is being read.
    """

    item: Listed
    title: Marked
    snippet: Marked
    place: Place | None
    said: bool
    text: str


@dataclass(frozen=True)
class Found:
    """What was found: hits of one page, how many there are in all, how many by facet, and remarks on the question.

    `unread` is how many documents have not been read yet, of those that exist for the reader.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    remarks: tuple[Message, ...] = ()
    unread: int = 0


@dataclass(frozen=True)
class Requirement:
    """A requirement that was found by its code or title."""

    code: str
    title: Marked


@in_project("document.read")
def find(
    actor: Actor, project: str, typed: str, *, chosen: Mapping[str, Sequence[str]] | None = None,
    limit: int = PAGE, offset: int = 0,
) -> Found:  # fmt: skip
    """Documents that hold what `typed` asks for (vault/search_query.py), titles first, then the newest.

    Of each it is the version that the actor gets by default that is looked at, shown and counted.

    `chosen` narrows by facets (class, state, clearance, author, year). Raises Unavailable while the index is
    being made after a start.
    """
    reader = reading.reader(actor, project)
    wanted = search_query.understood(typed, chosen)
    if not wanted.anything:
        return Found((), 0, {name: {} for name in FACETS}, wanted.remarks)
    hits = search_index.index().ask(reader, project, wanted, limit=limit, offset=offset)
    standing = _standing(reader, project, hits.ids)
    said = _said(reader, hits.ids) if wanted.words else {}
    shown = [_hit(*standing[one], said.get(one, []), wanted.words) for one in hits.ids if one in standing]
    kept = [hit for hit in shown if hit is not None]
    # The index asks the same reader; only what changed between its answer and this one falls out here.
    total = hits.total - (len(hits.ids) - len(kept))
    return Found(tuple(kept), total, hits.facets, wanted.remarks, _unread(reader, project))


@in_project("requirement.read")
def requirements(actor: Actor, project: str, typed: str, *, limit: int = SHOWN_OF_REQUIREMENTS) -> list[Requirement]:
    """Requirements whose code or title holds every word of `typed`, in the order of their numbers."""
    wanted = search_query.understood(typed)
    if not wanted.words:
        return []
    clause, params = reading.reader(actor, project).condition("s")
    known = db.rows(
        f"""
        SELECT r.code, r.title
        FROM requirement r
        JOIN subject s ON s.id = r.id
        WHERE r.project_id = ? AND NOT r.archived AND {clause}
        ORDER BY r.number
        """,
        [project, *params],
    )
    found = list[Requirement]()
    for one in known:
        line = f"{one['code']} {one['title']}"
        if all(words.holds(line, word) for word in wanted.words):
            found.append(Requirement(one["code"], _whole(one["title"], wanted.words)))
            if len(found) == limit:
                break
    return found


@in_project("document.read")
def not_readable(actor: Actor, project: str, document: str) -> Message | None:
    """Why the text of the version that the actor gets can't be searched (yet); None when it can. Raises NotFound."""
    found = documents.get(actor, project, document)
    number = documents.default_version(access.standing(actor, project), found)
    outcome = db.value(
        """
        SELECT t.outcome
        FROM document_version v
        JOIN document_text t ON t.version_id = v.id AND t.format = ?
        WHERE v.document_id = ? AND v.number = ?
        """,
        [text.FORMAT, found.id, number],
    )
    if outcome == "text":
        return None
    return text.OUTCOMES[outcome] if outcome else text.READING


def _unread(reader: Reader, project: str) -> int:
    waiting = search_index.index().unread(reader)[:MOST_COUNTED]
    if not waiting:
        return 0
    clause, params = reader.condition("d")
    return int(
        db.value(
            f"SELECT COUNT(*) FROM document d WHERE d.project_id = ? AND d.id IN ({db.marks(waiting)}) AND {clause}",
            [project, *waiting, *params],
        )
    )


_DOCUMENT, _VERSION = entity_of(Document), entity_of(Version)


def _standing(reader: Reader, project: str, ids: Sequence[str]) -> dict[str, tuple[Listed, str]]:
    """These documents as they stand, with how their reading ended; those that exist for the reader."""
    if not ids:
        return {}
    clause, params = reader.condition("d")
    records = db.rows(
        f"""
        SELECT {", ".join(f"d.{c} AS d_{c}" for c in _DOCUMENT.columns)},
               {", ".join(f"v.{c} AS v_{c}" for c in _VERSION.columns)}, t.outcome
        FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number = {documents.shown(reader, "d")}
        LEFT JOIN document_text t ON t.version_id = v.id AND t.format = ?
        WHERE d.project_id = ? AND NOT d.archived AND d.id IN ({db.marks(ids)}) AND {clause}
        """,
        [text.FORMAT, project, *ids, *params],
    )
    return {
        r["d_id"]: (
            Listed(cast(Document, _loaded(_DOCUMENT, "d", r)), cast(Version, _loaded(_VERSION, "v", r))),
            r["outcome"] or "",
        )
        for r in records
    }


def _loaded(entity: Any, prefix: str, record: dict[str, Any]) -> Any:
    return entity.loaded({column: record[f"{prefix}_{column}"] for column in entity.columns})


def _hit(item: Listed, outcome: str, said: list[str], looked_for: Sequence[Word]) -> Hit | None:
    """A hit with the piece that shows why; None when a word that the index could only half ask for is not in it."""
    document, version = item.document, item.version
    kept = text.kept(version, outcome) if outcome else None
    places = kept.places if kept else ()
    title = _whole(document.title, looked_for)
    if kept is not None and any(
        one.loose and not any(words.holds(t, one) for t in (document.title, version.file_name, version.note,
                                                            *(p.text for p in places), *said))
        for one in looked_for
    ):  # fmt: skip
        return None
    hit = Hit(item, title, (), None, False, outcome)
    best = _best(places, looked_for)
    if best is not None:
        below = best.text.removeprefix(best.label).lstrip()  # the heading stands beside the piece already
        return replace(
            hit, snippet=words.marked(below, looked_for) or words.marked(best.text, looked_for) or (), place=best
        )
    for one in said:
        if piece := words.marked(one, looked_for):
            return replace(hit, snippet=piece, said=True)
    in_title = any(on for _piece, on in title)
    for one in (version.note, *([] if in_title else [version.file_name])):
        if piece := words.marked(one, looked_for):
            return replace(hit, snippet=piece)
    beginning = places[0].text[:180] + ("…" if len(places[0].text) > 180 else "") if places else ""
    return replace(hit, snippet=((" ".join(beginning.split()), False),) if beginning else ())


def _best(places: Sequence[Place], looked_for: Sequence[Word]) -> Place | None:
    """The first place that holds most of the words."""
    best, most = None, 0
    for place in places:
        plain = words.folded(place.text)
        count = sum(words.holds_folded(plain, one) for one in looked_for)
        if count > most:
            best, most = place, count
            if most == len(looked_for):
                break
    return best


def _whole(line: str, looked_for: Sequence[Word]) -> Marked:
    return words.marked(line, looked_for, around=len(line)) or ((line, False),)


def _said(reader: Reader, documents_: Sequence[str]) -> dict[str, list[str]]:
    """Document -> what was said of it, the newest first, as far as the reader may read it."""
    notes = "" if reader.standing.may("note.read") else "AND NOT internal"
    found: dict[str, list[str]] = {}
    for r in db.rows(
        f"""
        SELECT subject_id, text
        FROM comment
        WHERE subject_id IN ({db.marks(documents_)}) {notes}
        ORDER BY created_at DESC
        """,
        list(documents_),
    ) if documents_ else []:  # fmt: skip
        found.setdefault(r["subject_id"], []).append(r["text"])
    return found


SYNTAX: Message = say(
    "Words: all of them, anywhere in a document. “In quotes”: exactly this. -word: without it. "
    "class:, state:, by:, before:, after: narrow."
)

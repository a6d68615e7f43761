"""A question to the index, within what exists for the one who asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import tantivy
from tantivy import FieldType, Occur, Query

from core import db
from core.access import open_to_all
from core.reading import Reader, Thing
from vault import words
from vault.search_entry import FACETS, READ_FIELDS, SCHEMA, TEAM_FIELDS, audience, cell, milliseconds
from vault.search_query import Wanted
from vault.words import Word


@dataclass(frozen=True)
class Hits:
    """Ids of documents in their order, how many there are in all, and how many by the value of each facet."""

    ids: tuple[str, ...]
    total: int
    facets: dict[str, dict[str, int]]


@open_to_all("the reader stands in the question")
def asked(
    searcher: tantivy.Searcher, reader: Reader, project: str, wanted: Wanted, *,
    cells: Iterable[tuple[str, str]], authors: Iterable[str],
    limit: int, offset: int,
) -> Hits:  # fmt: skip
    """The documents of a project that exist for the reader and hold what is wanted: titles first, then the newest.

    `cells` are the classes with clearances, `authors` the names that stand in the index. The order does not weigh words by how rare they are:
    that would tell of documents that do not exist for the reader.
    """
    fields = TEAM_FIELDS if reader.standing.may("note.read") else READ_FIELDS
    must = [(Occur.Must, _allowed(reader, project, cells)), *((Occur.Must, _any(w, fields)) for w in wanted.words)]
    must += [(Occur.MustNot, _any(w, fields)) for w in wanted.without]
    if wanted.before or wanted.after:
        must.append((Occur.Must, _between(wanted.after, wanted.before)))
    narrowed = {key: _narrowing(key, values, authors) for key, values in wanted.narrowed.items()}
    whole = Query.boolean_query([*must, *((Occur.Must, query) for query in narrowed.values())])
    facets = _counted(searcher, whole, [name for name in FACETS if name not in narrowed])
    for name in narrowed:
        # What one has chosen in a facet does not hide the other values of the same one.
        others = [(Occur.Must, query) for key, query in narrowed.items() if key != name]
        facets |= _counted(searcher, Query.boolean_query([*must, *others]), [name])
    in_title = [(Occur.Must, _any(w, ("title",))) for w in wanted.words]
    first = Query.boolean_query([(Occur.Must, whole), *in_title]) if in_title else whole
    addresses, total = [], 0
    found = searcher.search(first, max(limit, 1), order_by_field="changed", offset=offset)
    addresses += [address for _key, address in found.hits][:limit]
    total = _count(found)
    if in_title:
        rest = Query.boolean_query([(Occur.Must, whole), (Occur.MustNot, Query.boolean_query(in_title))])
        skipped = max(0, offset - total)
        more = searcher.search(rest, max(limit - len(addresses), 1), order_by_field="changed", offset=skipped)
        addresses += [address for _key, address in more.hits][: limit - len(addresses)]
        total += _count(more)
    return Hits(tuple(str(searcher.doc(a)["id"][0]) for a in addresses), total, facets)


def _narrowing(key: str, values: Iterable[str], authors: Iterable[str]) -> Query:
    if key != "author":
        return _terms(key, values)
    # Names are typed as people say them: a part, without accents.
    sought = [words.folded(value) for value in values]
    return _terms(key, [name for name in authors if any(part in words.folded(name) for part in sought)])


def _allowed(reader: Reader, project: str, cells: Iterable[tuple[str, str]]) -> Query:
    """What exists for the reader in a project, as a part of the question.

    Of each document it is the version that they get by default. core/reading.py decides: once for each class and clearance that there are, and once for each document
    that is granted or denied. Nothing of its rule is written here again.
    """
    open_cells = [cell(c, level) for c, level in cells if reader.sees(Thing("", level, c))]
    exceptions = sorted(reader.granted | reader.denied)
    seen, unseen = list[str](), list[str]()
    for r in db.rows(
        f"SELECT id, class_id, clearance FROM document WHERE id IN ({db.marks(exceptions)})", exceptions
    ) if exceptions else []:  # fmt: skip
        (seen if reader.sees(Thing(r["id"], r["clearance"], r["class_id"])) else unseen).append(r["id"])
    either = Query.boolean_query([(Occur.Should, _terms("cell", open_cells)), (Occur.Should, _terms("id", seen))])
    return Query.boolean_query([
        (Occur.Must, Query.term_query(SCHEMA, "project", project, "basic")), (Occur.Must, either),
        (Occur.Must, _terms("audience", [audience(reader.standing)])),
        (Occur.MustNot, _terms("id", unseen)),
    ])  # fmt: skip


def _terms(field: str, values: Iterable[str]) -> Query:
    some = list(values)
    if not some:
        return Query.empty_query()
    return Query.boolean_query([(Occur.Should, Query.term_query(SCHEMA, field, value, "basic")) for value in some])


def _any(word: Word, fields: Sequence[str]) -> Query:
    return Query.boolean_query([(Occur.Should, _in_field(word, field)) for field in fields])


def _in_field(word: Word, field: str) -> Query:
    some: list[str | tuple[int, str]] = [*word.tokens]
    last = word.tokens[-1]
    letters = words.is_letters(last)
    if word.single:
        return Query.regex_query(SCHEMA, field, f"{last}.?|.{last}")
    if len(some) == 1:
        if letters and not word.exact and len(last) > 1:
            return Query.regex_query(SCHEMA, field, f"{last}.*")
        return Query.term_query(SCHEMA, field, last)
    if letters and not word.exact and len(last) > 1:
        return Query.phrase_prefix_query(SCHEMA, field, some)
    return Query.phrase_query(SCHEMA, field, some)


def _between(after: datetime | None, before: datetime | None) -> Query:
    return Query.range_query(
        SCHEMA, "changed", FieldType.Integer,
        lower_bound=milliseconds(after) if after else None, upper_bound=milliseconds(before) if before else None,
        include_lower=True, include_upper=before is None,
    )  # fmt: skip


def _counted(searcher: tantivy.Searcher, query: Query, names: Sequence[str]) -> dict[str, dict[str, int]]:
    if not names:
        return {}
    found = searcher.aggregate(query, {name: {"terms": {"field": name, "size": 100}} for name in names})
    return {name: {str(b["key"]): int(b["doc_count"]) for b in found[name]["buckets"]} for name in names}


def _count(found: tantivy.SearchResult) -> int:
    return int(getattr(found, "count", None) or 0)  # tantivy's types leave it out

"""What happened, line by line: events that belong together are one line, told in the reader's language.

A line is what somebody did in one go: the events of one batch at one moment ("Ana moved 3 requirements
to Agreed"), or a whole import. An import's line stands where it was run; in the history of one thing its
events stand alone, each when it happened over there. What exists for whom: `activity.visible`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import activity, db, reading, telling
from core.access import Actor, Standing, in_project
from core.language import Message
from core.reading import Reader
from core.telling import Event, Names, Part, Thing

KINDS: dict[str, tuple[str, ...]] = {
    "requirements": ("requirement", "requirement_link", "checklist", "checklist_item", "attachment"),
    "risks": ("risk", "risk_link", "risk_response", "risk_action", "risk_category", "risk_scale"),
    "comments": ("comment",),
    "documents": (
        "document",
        "document_version",
        "reading_grant",
        "reading_rule",
        "downgrade",
        "review",
        "review_seat",
        "review_remark",
        "check_out",
        "legal_hold",
        "share_link",
        "disposal",
    ),
    "board": ("requirement_state", "label"),
    "people": ("membership", "project"),
    "imports": (),
}
"""What one can ask for: kind -> its entities. Everything that an import brought is of the last kind."""

QUIET = ("saved_view",)
"""Kinds of rows that are nobody else's business."""


@dataclass(frozen=True)
class Told:
    """One line. `at` (UTC) is when it happened, `seq` its newest event's number, `thing` what it is about.

    `quote` is the beginning of the comment, where it still stands.
    """

    seq: int
    at: datetime
    actor: str
    on_behalf: str | None
    sentence: Message
    thing: Thing | None
    quote: str = ""

    @property
    def parts(self) -> list[Part]:
        """The sentence in pieces, in the reader's language."""
        return telling.parts(self.sentence)

    @property
    def text(self) -> str:
        """The sentence as text."""
        return telling.plain(self.sentence)

    @property
    def who(self) -> str:
        """Who did it; of an import, who did it over there."""
        return self.on_behalf or self.actor


@dataclass(frozen=True)
class Page:
    """Some lines, the newest first, of `total`."""

    lines: list[Told]
    total: int


@in_project("activity.read")
def told(
    actor: Actor,
    project: str,
    *,
    subject: str | None = None,
    since: int = 0,
    who: Sequence[str] = (),
    but: str | None = None,
    kinds: Sequence[str] = (),
    limit: int = 50,
    page: int = 1,
) -> Page:
    """Lines of a project, the newest first; `subject` narrows to one thing (by id), `since` to what was
    recorded after the event of that number, `who` to people (account ids), `kinds` to some of KINDS,
    `but` leaves out what one account did.
    """
    reader = reading.reader(actor, project)
    own = reader.standing
    asked = (reader, actor, project, subject, since, who, but, kinds)
    source, params = _lines(*asked)
    groups = db.rows(
        f"""
        {source}
        SELECT line, MAX(moment) AS moment, MAX(seq) AS seq, MAX(batch) AS batch, MAX(run) AS run, COUNT(*) OVER () AS total
        FROM told
        GROUP BY line
        ORDER BY moment DESC, seq DESC
        LIMIT {int(limit)} OFFSET {(max(1, page) - 1) * int(limit)}
        """,
        params,
    )
    if not groups:
        return Page([], 0)
    source, params = _lines(*asked, batches=list({g["batch"] for g in groups}))
    records = db.rows(
        f"""
        {source}
        SELECT t.line, t.seq, t.moment, t.actor, t.on_behalf, t.entity, t.entity_id, t.subject_id, t.action, t.note,
               CASE WHEN t.run = '' THEN t.before END AS before, CASE WHEN t.run = '' THEN t.after END AS after
        FROM told t
        WHERE t.line IN ({db.marks(groups)})
        ORDER BY t.seq
        """,
        [*params, *(g["line"] for g in groups)],
    )
    by_line: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        by_line.setdefault(record["line"], []).append(record)
    names, quotes = _names(reader, project, [r for g in groups if not g["run"] for r in by_line[g["line"]]])
    lines = [t for g in groups for t in _told(g["run"], by_line[g["line"]], own, names, quotes)]
    return Page(lines, int(groups[0]["total"]))


@in_project("activity.read")
def people(actor: Actor, project: str) -> dict[str, str]:
    """Who did anything that exists for the actor: account id -> name, by name."""
    source, params = activity.visible(reading.reader(actor, project), project, actor.id)
    found = db.rows(
        f"SELECT e.actor_id AS id, ARG_MAX(e.actor_name, e.seq) AS name {source} GROUP BY e.actor_id ORDER BY name",
        params,
    )
    return {record["id"]: record["name"] for record in found}


def _lines(
    reader: Reader, actor: Actor, project: str, subject: str | None, since: int,
    who: Sequence[str], but: str | None, kinds: Sequence[str], *, batches: Sequence[str] = (),
) -> tuple[str, list[Any]]:  # fmt: skip
    """A WITH clause that names `told`: the events that exist for the actor, with the line each is in.

    The steps are not materialised: the changed columns are wide, and needed for few lines.

    `run` is empty, or "+" for what an import brought and "-" for what taking it back did.
    """
    source, visible = activity.visible(reader, project, actor.id)
    runs, params = "SELECT CAST(NULL AS VARCHAR) AS batch, CAST(NULL AS BIGINT) AS seq WHERE FALSE", list[Any]()
    if subject is None:
        runs = """
            SELECT batch, MIN(seq) AS seq
            FROM event
            WHERE project_id = ? AND entity = 'import_run' AND action = 'imported'
            GROUP BY batch"""
        params.append(project)
    clauses = f" AND e.action <> 'ordered' AND e.seq > ? AND e.entity NOT IN ({db.marks(QUIET)})"
    params += [*visible, since, *QUIET]
    if subject is not None:
        clauses += " AND e.subject_id = ?"
        params.append(subject)
    if who:
        clauses += f" AND e.actor_id IN ({db.marks(who)})"
        params += who
    if but:
        clauses += " AND e.actor_id <> ?"
        params.append(but)
    if batches:
        clauses += f" AND e.batch IN ({db.marks(batches)})"
        params += batches
    wanted = [kind for kind in kinds if kind in KINDS]
    rest = ""
    if wanted:
        entities = [entity for kind in wanted for entity in KINDS[kind]]
        some = ["run <> ''"] if "imports" in wanted else []
        some += [f"(run = '' AND entity IN ({db.marks(entities)}))"] if entities else []
        rest = f"WHERE {' OR '.join(some)}"
        params += entities
    return (
        f"""
        WITH runs AS ({runs}), seen AS NOT MATERIALIZED (
            SELECT e.seq, e.happened_at, e.recorded_at, e.batch, e.actor_name AS actor, e.on_behalf, e.entity,
                   e.entity_id, e.subject_id, e.action, e.note, e.before, e.after
            {source} {clauses}
        ), lined AS NOT MATERIALIZED (
            SELECT s.*,
                   CASE WHEN r.seq IS NULL THEN '' WHEN s.seq <= r.seq THEN '+' ELSE '-' END AS run,
                   CASE WHEN r.seq IS NULL THEN s.happened_at ELSE s.recorded_at END AS moment
            FROM seen s
            LEFT JOIN runs r ON r.batch = s.batch
        ), told AS NOT MATERIALIZED (
            SELECT *, batch || CASE WHEN run = '' THEN CAST(moment AS VARCHAR) ELSE run END AS line
            FROM lined
            {rest}
        )
        """,
        params,
    )


def _told(
    run: str, records: Sequence[dict[str, Any]], own: Standing, names: Names, quotes: Mapping[str, str]
) -> list[Told]:
    """The line, or lines, of what somebody did in one go."""
    last = records[-1]
    if run:
        counts: dict[str, set[str]] = {}
        for record in records:
            counts.setdefault(record["entity"], set()).add(record["entity_id"])
        sentence = telling.imported(last["actor"], {k: len(v) for k, v in counts.items()}, undone=run == "-")
        return [Told(last["seq"], last["moment"], last["actor"], None, sentence, None)]
    by_seq = {record["seq"]: record for record in records}
    found = []
    for event, sentence in telling.told([_event(r, own) for r in records], last["on_behalf"] or last["actor"], names):
        record = by_seq[event.seq]
        quote = quotes.get(event.entity_id, "") if event.action == "created" else ""
        found.append(
            Told(
                event.seq, record["moment"], record["actor"], record["on_behalf"], sentence,
                names.things.get(event.subject_id or ""), quote,
            )
        )  # fmt: skip
    return found[::-1]


def _event(record: Mapping[str, Any], own: Standing) -> Event:
    before, after = (json.loads(record[side]) if record[side] else {} for side in ("before", "after"))
    if after and not own.cleared(before.get("clearance", "public")):
        # It came down to the reader with this: what it was before is not theirs to know.
        before = dict.fromkeys(before)
    return Event(
        record["seq"], record["entity"], record["entity_id"], record["subject_id"], record["action"], record["note"],
        before, after,
    )  # fmt: skip


QUOTED = 160  # characters of a comment


def _names(reader: Reader, project: str, records: Sequence[dict[str, Any]]) -> tuple[Names, dict[str, str]]:
    """What the sentences need to name, as far as it exists for the reader; and what comments say now."""
    events = [_event(record, reader.standing) for record in records]
    things, accounts = telling.mentioned_ids(events)
    exists, cleared = reader.condition("subject")
    found = {
        r["id"]: Thing(r["id"], r["entity"], r["code"] or "", r["title"])
        for r in db.rows(
            f"""
            SELECT id, entity, code, title
            FROM subject
            WHERE project_id = ? AND entity IN ('requirement', 'document', 'risk')
              AND {exists} AND id IN ({db.marks(list(things) or [""])})
            """,
            [project, *cleared, *(things or [""])],
        )
    }
    ids = list(accounts) or [""]
    people = {
        r["id"]: r["name"]
        for r in db.rows(
            f"""
            SELECT id, name FROM account WHERE id IN ({db.marks(ids)})
            UNION ALL
            SELECT m.entity_id AS id, a.name
            FROM event m
            JOIN account a ON a.id = json_extract_string(m.after, '$.account_id')
            WHERE m.entity = 'membership' AND m.before IS NULL AND m.entity_id IN ({db.marks(ids)})
            """,
            [*ids, *ids],
        )
    }
    columns = {
        r["id"]: r["name"] for r in db.rows("SELECT id, name FROM requirement_state WHERE project_id = ?", [project])
    }
    said = [event.entity_id for event in events if event.entity == "comment"] or [""]
    quotes = {
        r["id"]: r["text"]
        for r in db.rows(
            f"SELECT id, LEFT(text, {QUOTED + 1}) AS text FROM comment WHERE id IN ({db.marks(said)})", said
        )
    }
    return Names(found, people, columns), {i: _short(words) for i, words in quotes.items()}


def _short(words: str) -> str:
    """The beginning of a comment on one line."""
    words = " ".join(words.split())
    return words if len(words) <= QUOTED else words[:QUOTED].rstrip() + "…"

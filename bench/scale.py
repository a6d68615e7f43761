"""Server time of what pages read at 100,000 rows, against the same SQL run bare.

The SQL is the one the domain sends: it is noted on its way while the domain is asked once, then run
alone on a cursor, rows fetched and thrown away. The ratio is the domain's time (permissions, rows,
dataclasses) over that.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.running import figure, folder, interleaved, opened, operator, project

ROWS, QUICK_ROWS = 100_000, 20_000
SEEDS = 100
SHOWN = 100  # events a page of the activity feed


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """Board, its figures, one card's change, activity, documents."""
    from core import activity, board, db, sessions
    from core.ids import now

    rows, rounds = (QUICK_ROWS, 3) if quick else (ROWS, 5)
    with folder() as place, opened(place / "data"):
        made = project("BENCH", cards=SEEDS)
        _documents(made.id, SEEDS)
        _grown(made.id, rows)
        print(f"  {rows:,} requirements and documents: made", flush=True)
        actor, today = sessions.actor_of(made.tokens[0]), now().date()
        seq = db.head_seq() - 1
        from vault import documents

        reads: dict[str, Callable[[], Any]] = {
            f"board.listed, all {rows:,} cards": lambda: board.listed(actor, made.id),
            "board.listed, found by text": lambda: board.listed(actor, made.id, board.Filters(text="ment 4711")),
            "board.figures": lambda: board.figures(actor, made.id, today),
            "board.changes, one event": lambda: board.changes(actor, made.id, seq),
            f"activity.listed, {SHOWN} of {2 * rows:,}": lambda: activity.listed(actor, made.id, limit=SHOWN),
            f"documents.listed, all {rows:,}": lambda: documents.listed(actor, made.id),
            "documents.listed, found by text": lambda: documents.listed(actor, made.id, text="Paper 4711"),
        }
        figures = []
        for name, read in reads.items():
            with noted() as sent:
                read()
            took = interleaved(rounds, {"domain": lambda _n, read=read: _timed(read),
                                        "bare": lambda _n, sent=sent: _timed(lambda: _bare(sent))})  # fmt: skip
            figures.append(
                figure(name, took["domain"] * 1000, "ms",
                       peer=f"its SQL {took['bare'] * 1000:,.3g} ms ({len(sent)} statements)",
                       ratio=took["domain"] / took["bare"])
            )  # fmt: skip
    return figures


@contextmanager
def noted() -> Iterator[list[tuple[str, Any]]]:
    """The statements that the domain sends meanwhile."""
    from core import db

    sent: list[tuple[str, Any]] = []
    kept = db.rows

    def rows(sql: str, params: Any = ()) -> Any:
        sent.append((sql, list(params)))
        return kept(sql, params)

    db.rows = rows
    try:
        yield sent
    finally:
        db.rows = kept


def _bare(sent: list[tuple[str, Any]]) -> None:
    from core import db

    with db.database().transaction() as cursor:
        for sql, params in sent:
            cursor.execute(sql, params).fetchall()


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    found = work()
    took = time.perf_counter() - begun
    del found
    return took


def _grown(project_id: str, rows: int) -> None:
    """Copies of 100 cards and documents until there are `rows` of each.

    By SQL, past the ledger: 300,000 events would take minutes, and what is measured here only reads.
    """
    from core import db

    with db.database().transaction() as cursor:
        last = cursor.execute("SELECT MAX(seq) FROM event").fetchone()[0]
        copies = [rows // SEEDS - 1]
        for table, changed in {
            "requirement": "r.id || '-' || n AS id, r.number + 100 * n AS number, 'REQ-' || (r.number + 100 * n) AS code",
            "document": "r.id || '-' || n AS id, r.number + 100 * n AS number, 'DOC-' || (r.number + 100 * n) AS code, "
                        "'Paper ' || (r.number + 100 * n) AS title",
            "document_version": "r.id || '-' || n AS id, r.document_id || '-' || n AS document_id, "
                                "r.object_key || '-' || n AS object_key",
        }.items():  # fmt: skip
            cursor.execute(
                f"INSERT INTO {table} SELECT r.* REPLACE ({changed}) FROM {table} r, range(1, ? + 1) AS x(n)", copies
            )
        cursor.execute(
            "INSERT INTO subject SELECT r.* REPLACE (r.id || '-' || n AS id) FROM subject r, range(1, ? + 1) AS x(n) "
            "WHERE r.entity IN ('requirement', 'document')",
            copies,
        )
        cursor.execute(
            "INSERT INTO event SELECT r.* REPLACE (r.seq + ? * n AS seq, r.id || '-' || n AS id, "
            "r.subject_id || '-' || n AS subject_id) FROM event r, range(1, ? + 1) AS x(n) "
            "WHERE r.project_id = ? AND r.entity IN ('requirement', 'document')",
            [last, *copies, project_id],
        )


def _documents(project_id: str, count: int) -> None:
    """Documents with one version each, through the ledger, without bytes in a store."""
    from core import db
    from core.ids import new_id, now
    from vault.documents import Document, Version

    moment = now()
    paper = Document("", project_id, 0, "", "", "design", "internal", "current", 1, False, moment, 1)
    page = Version(
        "", project_id, "", 1, "paper.docx", "application/octet-stream", 40_000, 40_200, "0" * 64, "", "", "", (), None,
        "operator", moment,
    )  # fmt: skip
    papers, pages = [], []
    for number in range(1, count + 1):
        one = dataclasses.replace(paper, id=new_id(), number=number, code=f"DOC-{number}", title=f"Paper {number}")
        papers.append([(one, "created", {})])
        pages.append([(dataclasses.replace(page, id=new_id(), document_id=one.id, object_key=one.id), "uploaded", {})])
    with db.write(operator()) as tx:
        tx.insert_many(papers)
        tx.insert_many(pages)

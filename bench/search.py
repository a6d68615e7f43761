"""How fast documents are found, with 10,000 and with 100,000 of them, and how fast they are taken in.

The documents are put together from the sample's Chinese and English sentences, 1,500 characters each,
with their rows and kept texts written past the upload: what is measured is the index and its questions.
"""

from __future__ import annotations

import contextlib
import gc
import random
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.running import figure

CHARACTERS = 1500
QUESTIONS = 400
ROOT = Path(__file__).parents[1]


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """10,000 and 100,000 documents (2,000 with `quick`)."""
    with tempfile.TemporaryDirectory() as folder:
        found = _recall(Path(folder) / "data", 200 if quick else 2_000)
    for count, goal in ((2_000, None),) if quick else ((10_000, 50), (100_000, 150)):
        with tempfile.TemporaryDirectory() as folder:
            found += _measured(Path(folder) / "data", count, goal)
        gc.collect()
    return found


def _recall(home: Path, count: int) -> list[dict[str, Any]]:
    """How many of the documents that hold a word of two to four characters are found by it, and how many too many."""
    from vault import search

    picks, paragraphs = random.Random(7), _chinese()
    runs = re.findall("[\u4e00-\u9fff]{4,}", "\n".join(paragraphs))
    holding = found = right = 0
    with _opened(home) as (operator, project):
        _file(project, paragraphs, len(paragraphs))
        for _ in range(count):
            run, length = picks.choice(runs), picks.choice((2, 3, 4))
            at = picks.randrange(len(run) - length + 1)
            word = run[at : at + length]
            wanted = {f"Report {number}" for number, text in enumerate(paragraphs, 1) if word in text}
            hits = search.find(operator, project, word, limit=len(paragraphs)).hits
            shown = {hit.item.document.title for hit in hits}
            holding, found, right = holding + len(wanted), found + len(shown), right + len(wanted & shown)
    about = f"{count:,} words of 2 to 4 characters from {len(paragraphs)} Chinese paragraphs"
    return [
        figure(
            f"{about}: documents found of those that hold them",
            right / holding * 100,
            "%",
            goal=">= 99 %",
            met=right >= 0.99 * holding,
        ),
        figure("of what is found, what holds the word", right / found * 100, "%"),
    ]


def _under(goal: int | None, value: float) -> dict[str, Any]:
    """The goal of a time in ms, and whether it was met; nothing without one."""
    return {} if goal is None else {"goal": f"< {goal} ms", "met": value < goal}


def _chinese() -> list[str]:
    """Real Chinese paragraphs: the sample engagement's documents, the guide, and the practice guide where it is there."""
    places = [
        *sorted((ROOT / "vault" / "sample" / "zh_CN").glob("*.toml")), ROOT / "docs" / "guide" / "zh_CN" / "README.md",
        *sorted((ROOT.parent / "shared" / "guide").glob("*.zh.txt")),
    ]  # fmt: skip
    lines = [line.strip() for place in places for line in place.read_text(encoding="utf-8").splitlines()]
    return list(dict.fromkeys(line for line in lines if len(re.findall("[\u4e00-\u9fff]", line)) > 12))


@contextlib.contextmanager
def _opened(home: Path) -> Iterator[tuple[Any, str]]:
    """A data folder with a project, without a store."""
    import vault.verifying  # noqa: F401  (makes its kinds of row known)
    from core import db, projects
    from core.access import Actor
    from vault import documents, search_index
    from vault.envelope import Envelope
    from vault.transfer import Vault

    operator = Actor("operator", "operator", kind="operator")
    db.open_home(home)
    try:
        documents.attach(Vault(None, Envelope(home / "keys" / "master.json"), 0))  # type: ignore[arg-type]
        projects.add_client(operator, name="C")
        yield operator, projects.add_project(operator, code="B", name="B", client="C").id
    finally:
        search_index.close()
        documents.attach(None)
        db.close()


def _measured(home: Path, count: int, goal: int | None) -> list[dict[str, Any]]:
    import psutil

    from core import db
    from vault import documents, search, search_index

    picks = random.Random(5)
    with _opened(home) as (operator, project):
        texts = _texts(picks)
        _file(project, texts, count)
        before, begun = psutil.Process().memory_info().rss, time.perf_counter()
        search_index.index().follow()
        indexed = time.perf_counter() - begun
        grown = (psutil.Process().memory_info().rss - before) / 2**20
        times, with_page, worked = [], [], []
        for question in _questions(texts, picks):
            begun = time.perf_counter()
            search.find(operator, project, question, limit=0)
            times.append(time.perf_counter() - begun)
            begun, busy = time.perf_counter(), time.process_time()
            search.find(operator, project, question)
            with_page.append(time.perf_counter() - begun)
            worked.append(time.process_time() - busy)
        changes = []
        for record in db.rows("SELECT code, revision FROM document ORDER BY number LIMIT 20"):
            documents.reclassify(
                operator,
                project,
                record["code"],
                revision=record["revision"],
                clearance="confidential",
                reason="measured",
            )
            begun = time.perf_counter()
            search.find(operator, project, "需求", limit=0)
            changes.append(time.perf_counter() - begun)
    name = f"with {count:,} documents"
    return [
        figure(f"index made after a start, {name}", count / indexed, "documents/s"),
        figure(f"memory of the index, {name}", grown, "MiB"),
        figure(f"question with facets, {name}, p50", _at(times, 0.5), "ms"),
        figure(f"question with facets, {name}, p95", _at(times, 0.95), "ms", **_under(goal, _at(times, 0.95))),
        figure(f"page of 20 hits with pieces, {name}, p95", _at(with_page, 0.95), "ms", **_under(goal, _at(with_page, 0.95))),
        figure(f"processor time of such a page, {name}, p95", _at(worked, 0.95), "ms"),
        figure(f"first question after a change of clearance, {name}, p95", _at(changes, 0.95), "ms"),
    ]  # fmt: skip


def _at(times: list[float], share: float) -> float:
    return sorted(times)[int(share * (len(times) - 1))] * 1000


def _texts(picks: random.Random) -> list[str]:
    """A few hundred texts of real sentences in both languages, shuffled."""
    sentences = []
    for path in sorted((ROOT / "vault" / "sample").glob("*/*.toml")):
        sentences += [s for s in re.split(r"[\n。.]", path.read_text(encoding="utf-8")) if len(s.strip()) > 8]
    made = []
    for _ in range(400):
        text = ""
        while len(text) < CHARACTERS:
            text += picks.choice(sentences) + "。"
        made.append(text[:CHARACTERS])
    return made


def _questions(texts: list[str], picks: random.Random) -> list[str]:
    """Words of two to four characters as they stand in the texts, some English ones, some of two words."""
    asked = []
    while len(asked) < QUESTIONS:
        text = picks.choice(texts)
        chinese, latin = re.findall("[\u4e00-\u9fff]{4,}", text), re.findall("[A-Za-z]{4,}", text)
        run = picks.choice(chinese or ["需求变更"])
        length = picks.choice((2, 3, 4))
        at = picks.randrange(len(run) - length + 1)
        word = run[at : at + length]
        asked.append(
            word if picks.random() < 0.6 or not latin
            else picks.choice(latin) if picks.random() < 0.5 else f"{word} {picks.choice(latin)}"
        )  # fmt: skip
    return asked


def _file(project: str, texts: list[str], count: int) -> None:
    """Rows and kept texts of `count` documents."""
    from core import db
    from core.access import SYSTEM
    from core.ids import new_id, now
    from vault import documents, text
    from vault.documents import Document, Version
    from vault.text import Place, Text

    classes, levels = (
        ("requirements", "design", "test", "plan", "progress", "summary"),
        ("public", "internal", "confidential"),
    )
    envelope = documents.vault().envelope
    made = []
    for number in range(1, count + 1):
        document, version = new_id(), new_id()
        made.append((
            Document(document, project, number, f"DOC-{number:02}", f"Report {number}", classes[number % 6],
                     levels[number % 3], "draft", 1, False, now(), 1),
            Version(version, project, document, 1, f"report-{number}.txt", "text/plain", 1, 1, "0" * 64, version,
                    envelope.fresh_key(f"{project}/{document}/{version}"), "", (), None, f"Person {number % 9}", now()),
        ))  # fmt: skip
    for start in range(0, count, 5000):
        with db.write(SYSTEM) as tx:
            tx.insert_many([[(row, "created", {})] for pair in made[start : start + 5000] for row in pair])
    kept = []
    for number, (_document, version) in enumerate(made):
        found = Text("text", (Place("", "", texts[number % len(texts)]),))
        text.write(version, found)
        kept.append([version.id, version.document_id, "text", found.characters, text.FORMAT, now()])
    with db.write(SYSTEM) as tx:
        tx.fill("document_text", text.COLUMNS, kept)

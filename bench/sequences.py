"""Random sequences of upload, restore, classify, new key, discard, disposal and crash; after each the store is compared with the rows.

A process holds the data folder and does what it is told, one thing after the other; whoever tells it keeps
a book of what was acknowledged: each document with the SHA-256 of each of its versions, its class and its
clearance. A crash is kill -9 in the middle of something; another process then opens what was left, and that
one thing may have happened or not, but never half. At the end of a sequence every version in the book has to
stand with its bytes, read back from the store, and the store may hold nothing else. A seed makes a sequence.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.running import figure, folder

ROOT = Path(__file__).parents[1]
POSSIBLE = os.name == "posix"
SEQUENCES, QUICK_SEQUENCES = 500, 20
SEQUENCES_A_FOLDER = 10  # everything is read back after each
STEPS = (4, 14)
CRASHES = 0.12
SIZES = (10, 900, 70_000, 1_100_000, 6_000_000)  # bytes; the last one goes up in parts
CLASSES = ("requirements", "design", "test", "plan", "progress", "summary")
CLEARANCES = ("public", "internal", "confidential", "restricted")
PATIENCE = 60.0  # seconds for an answer


@dataclass
class Book:
    """What was acknowledged: document -> {"versions": {number: sha256}, "class": …, "clearance": …}."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    trash: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    @property
    def open(self) -> list[str]:
        """The documents that can be worked on."""
        return sorted(set(self.documents) - self.trash - self.gone)


@dataclass
class Outcome:
    """What came of some sequences: how often each thing was done, and what is wrong."""

    sequences: int = 0
    done: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


class Accord:
    """The process that holds the data folder; it is killed and started again."""

    def __init__(self, home: Path, store: dict[str, str]) -> None:
        self._home, self._store = home, store
        self._process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.sequences", "work", str(self._home)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self._process = process
        self.tell(self._store)
        if self.answer() is None:
            raise RuntimeError("the process that holds the data folder did not begin")
        return process

    def tell(self, what: dict[str, Any]) -> None:
        """Tell it to do something."""
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any] | None:
        """What it says; None when it is gone, or was cut off in the middle of saying it."""
        line = self._process.stdout.readline()
        return json.loads(line) if line.endswith("}\n") else None

    def ask(self, what: dict[str, Any]) -> dict[str, Any]:
        """Tell it something and wait."""
        self.tell(what)
        found = self.answer()
        if found is None:
            raise RuntimeError(f"it died at {what}")
        return found

    def crash(self) -> dict[str, Any] | None:
        """Kill it; what it had said until then, and another one in its place."""
        self.end()
        said = self.answer()
        self._process.stdout.close()
        self._process = self._started()
        return said

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._process.stdin.close()


def sequences(
    place: Path, store: dict[str, str], seeds: range, *, steps: tuple[int, int] = STEPS,
    sizes: tuple[int, ...] = SIZES, crashes: float = CRASHES,
) -> Outcome:  # fmt: skip
    """The sequences of these seeds, one after the other in one data folder; `crashes` is their share of what is done."""
    found = Outcome()
    accord = Accord(place / "data", store)
    book = Book()
    try:
        for seed in seeds:
            rng = random.Random(seed)
            for _ in range(rng.randint(*steps)):
                _step(accord, book, rng, found, sizes, crashes)
            problems = _compared(book, accord.ask({"do": "look"}))
            found.problems += [f"seed {seed}: {problem}" for problem in problems]
            found.sequences += 1
    finally:
        accord.end()
    return found


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """The figures for docs/performance.md."""
    whole, count, begun = Outcome(), QUICK_SEQUENCES if quick else SEQUENCES, time.monotonic()
    for first in range(0, count, SEQUENCES_A_FOLDER):
        with folder() as place, a_store(place) as store:
            found = sequences(place, store, range(first, min(count, first + SEQUENCES_A_FOLDER)))
        whole.sequences += found.sequences
        whole.done += found.done
        whole.problems += found.problems
        print(f"  {whole.sequences} of {count}, {len(whole.problems)} problems", flush=True)
    for problem in whole.problems:
        print(f"  {problem}", flush=True)
    told = ", ".join(f"{count:,} {name}" for name, count in sorted(whole.done.items()))
    return [
        figure(f"{whole.sequences} random sequences ({told}): versions that are not there whole, or there too much",
               len(whole.problems), "", goal="0", met=not whole.problems),
        figure("time a sequence", (time.monotonic() - begun) / whole.sequences, "s"),
    ]  # fmt: skip


@contextlib.contextmanager
def a_store(place: Path) -> Iterator[dict[str, str]]:
    """A store that outlives the processes that are killed (bench/crash.py kills it too)."""
    from vault import embedded
    from vault.store import Store

    child = embedded.start(place / "store")
    try:
        Store(
            endpoint=child.endpoint, access_key=child.steward.access_key, secret_key=child.steward.secret_key,
            bucket=embedded.BUCKET, region="us-east-1",
        ).make_bucket()  # fmt: skip
        yield {
            "endpoint": child.endpoint, "access_key": child.credentials.access_key,
            "secret_key": child.credentials.secret_key, "bucket": embedded.BUCKET, "local": str(child.folder or ""),
        }  # fmt: skip
    finally:
        child.stop()


# what is done, and what may have come of it


def _step(
    accord: Accord, book: Book, rng: random.Random, found: Outcome, sizes: tuple[int, ...], crashes: float
) -> None:
    """Do one thing, or be killed in the middle of it."""
    wanted = _wanted(book, rng, sizes)
    found.done[wanted["do"]] += 1
    if rng.random() >= crashes:
        _write_down(book, wanted, accord.ask(wanted))
        return
    found.done["crash"] += 1
    accord.tell(wanted)
    time.sleep(rng.choice((0.0, 0.005, 0.02, 0.05, 0.1, 0.3)) * rng.random())
    said = accord.crash()
    if said is not None:
        _write_down(book, wanted, said)
        return
    # Nobody knows whether it was done: what stands now has to be the one or the other.
    before, stands = _Copy(book), accord.ask({"do": "look"})
    after = _Copy(book)
    _expect(after.book, wanted, stands)
    right = [one for one in (before, after) if not _compared(one.book, stands)]
    if right:
        book.documents, book.trash, book.gone = right[0].book.documents, right[0].book.trash, right[0].book.gone
    else:
        found.problems.append(f"after a crash at {wanted}: neither done nor not done: {_compared(book, stands)[:3]}")
        _adopt(book, stands)


class _Copy:
    """A book of its own."""

    def __init__(self, book: Book) -> None:
        self.book = Book(json.loads(json.dumps(book.documents)), set(book.trash), set(book.gone))


def _wanted(book: Book, rng: random.Random, sizes: tuple[int, ...]) -> dict[str, Any]:
    """The next thing to do, of those that make sense now."""
    some = book.open
    ways = ["upload", "upload", "rotate"]
    if some:
        ways += ["next", "next", "classify", "discard"]
    old = [d for d in some if len(set(book.documents[d]["versions"].values())) > 1]
    if old:
        ways += ["restore", "restore"]
    if book.trash:
        ways += ["bring back", "dispose"]
    way, content = rng.choice(ways), [rng.getrandbits(48), rng.choice(sizes)]
    if way == "upload":
        return {"do": way, "content": content, "class": rng.choice(CLASSES), "clearance": rng.choice(CLEARANCES)}
    if way == "rotate":
        return {"do": way}
    if way in ("bring back", "dispose"):
        return {"do": way, "document": rng.choice(sorted(book.trash))}
    document = rng.choice(old if way == "restore" else some)
    versions = book.documents[document]["versions"]
    newest = versions[max(versions, key=int)]
    if way == "restore":
        return {"do": way, "document": document, "version": int(rng.choice([n for n, sha in versions.items() if sha != newest]))}  # fmt: skip
    if way == "classify":
        return {"do": way, "document": document, "class": rng.choice(CLASSES), "clearance": rng.choice(CLEARANCES)}
    return {"do": way, "document": document, "content": content}


def _write_down(book: Book, wanted: dict[str, Any], said: dict[str, Any]) -> None:
    """Enter into the book what was acknowledged."""
    if said.get("error"):
        raise RuntimeError(f"{wanted}: {said['error']}")
    way, document = wanted["do"], said.get("document") or wanted.get("document")
    if way == "upload":
        book.documents[document] = {
            "versions": {"1": _digest(wanted["content"])}, "class": wanted["class"], "clearance": wanted["clearance"],
        }  # fmt: skip
    elif way in ("next", "restore"):
        versions = book.documents[document]["versions"]
        sha256 = versions[str(wanted["version"])] if way == "restore" else _digest(wanted["content"])
        versions[str(len(versions) + 1)] = sha256
    elif way == "classify":
        book.documents[document] |= {"class": wanted["class"], "clearance": wanted["clearance"]}
    elif way == "discard":
        book.trash.add(document)
    elif way == "bring back":
        book.trash.discard(document)
    elif way == "dispose":
        book.trash.discard(document)
        book.gone.add(document)
        del book.documents[document]


def _expect(book: Book, wanted: dict[str, Any], stands: dict[str, Any]) -> None:
    """Enter what would have been acknowledged; of an upload the id has to be looked up among what stands."""
    said: dict[str, Any] = {}
    if wanted["do"] == "upload":
        fresh = [d for d in stands["documents"] if d not in book.documents and d not in book.gone]
        if len(fresh) != 1:
            return
        said["document"] = fresh[0]
    _write_down(book, wanted, said)


def _adopt(book: Book, stands: dict[str, Any]) -> None:
    """Go on from what stands, so that one problem is told once."""
    book.documents = {
        d: {k: one[k] for k in ("versions", "class", "clearance")} for d, one in stands["documents"].items()
    }
    book.trash = {d for d, one in stands["documents"].items() if one["archived"]}


def _compared(book: Book, stands: dict[str, Any]) -> list[str]:
    """What is not as it should be: a version without its bytes, one too many, an object without a row."""
    found = list(stands["problems"])
    for document, one in book.documents.items():
        there = stands["documents"].get(document)
        if there is None:
            found.append(f"document {document} is lost")
            continue
        found += [
            f"document {document}: {name} is {there[name]} instead of {wanted}"
            for name, wanted in (("versions", one["versions"]), ("class", one["class"]), ("clearance", one["clearance"]),
                                 ("archived", document in book.trash))
            if there[name] != wanted
        ]  # fmt: skip
    found += [
        f"document {document} is one too many" for document in stands["documents"] if document not in book.documents
    ]
    return found


def _content(number: int, size: int) -> bytes:
    return random.Random(number).randbytes(size)


def _digest(content: list[int]) -> str:
    return hashlib.sha256(_content(*content)).hexdigest()


# in the child


def _work(home: Path) -> None:
    from core import accounts, db, projects, settings
    from core.access import Actor
    from core.errors import AccordError
    from vault import documents, envelope, keys, opening, text, verifying  # noqa: F401  (makes its kinds of row known)
    from vault.documents import Vault
    from vault.store import Store

    told = json.loads(sys.stdin.readline())
    operator = Actor("operator", "operator", kind="operator")
    db.open_home(home)
    store = Store(
        endpoint=told["endpoint"], access_key=told["access_key"], secret_key=told["secret_key"], bucket=told["bucket"],
        region="us-east-1", local=Path(told["local"]) if told["local"] else None,
    )  # fmt: skip
    limit = settings.load(home, {}).count("vault.file_limit_mb") * opening.MEGABYTE
    documents.attach(Vault(store, envelope.Envelope(home / "keys" / envelope.KEY_FILE), limit))
    if not db.value("SELECT COUNT(*) FROM project"):
        projects.add_client(operator, name="C")
        made = projects.add_project(operator, code="SEQ", name="P", client="C")
        for name in ("first", "second"):
            account = accounts.create(operator, mail=f"{name}@example.com", name=name, administrator=True)
            projects.add_member(operator, made.id, account=account.id, role="manager", clearance="restricted")
    keys.resume(operator)  # as the app does at its start (vault/housekeeping.py)
    project = projects.by_code(operator, "SEQ").id
    people = [one.actor for one in db.all_of(accounts.Account, "ORDER BY name")]
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        try:
            said = _looked(operator) if wanted["do"] == "look" else _done(operator, people, project, wanted)
        except AccordError as error:
            said = {"error": f"{error.kind}: {error}"}
        print(json.dumps(said), flush=True)


def _done(operator: Any, people: list[Any], project: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Do one thing through the domain."""
    import io

    from vault import documents, keys, restoring

    way, document = wanted["do"], wanted.get("document")
    if way in ("upload", "next"):
        stored = documents.put(
            operator, project, io.BytesIO(_content(*wanted["content"])), file_name="a.bin",
            class_=wanted.get("class", ""), clearance=wanted.get("clearance"), document=document,
        )  # fmt: skip
        return {"document": stored.document}
    if way == "restore":
        restoring.restore(operator, project, document, wanted["version"])
    elif way == "classify":
        found = documents.get(operator, project, document)
        documents.reclassify(
            operator, project, document, revision=found.revision, class_=wanted["class"],
            clearance=wanted["clearance"], reason="measured",
        )  # fmt: skip
    elif way == "rotate":
        keys.rotate(operator)
    else:
        _discarding(people, project, way, document)
    return {"document": document}


def _discarding(people: list[Any], project: str, way: str, document: str) -> None:
    """The way out: into the trash, back, or away for good by two people."""
    from vault import disposal, trash

    first, second = people
    if way == "discard":
        trash.discard(first, project, document)
    elif way == "bring back":
        trash.bring_back(first, project, document)
    else:
        for left in disposal.waiting(first, project):  # a crash came between the proposal and the word of the other
            if document in [one.id for one in left.documents]:
                disposal.take_back(first, project, left.disposal.id)
        listed = disposal.propose(first, project, [document], reason="measured")
        disposal.confirm(second, project, listed.id)


def _looked(operator: Any) -> dict[str, Any]:
    """What stands: documents with the digest of what the store gives back, and what is wrong between store and rows."""
    from datetime import timedelta

    from core import db
    from core.ids import now
    from vault import documents, sweeping, verifying
    from vault.documents import Version

    for _ in range(2):
        sweeping.sweep(operator, after=timedelta(0))
    store = documents.vault().store
    problems = [f"{p.where}: {p.what}" for p in verifying.verify(operator).problems]
    found: dict[str, dict[str, Any]] = {
        r["id"]: {"versions": {}, "class": r["class_id"], "clearance": r["clearance"], "archived": r["archived"]}
        for r in db.rows("SELECT id, class_id, clearance, archived FROM document ORDER BY id")
    }
    wanted = db.all_of(Version, "WHERE wrapped_key <> '' ORDER BY number")
    for version in wanted:
        digest = hashlib.sha256()
        for piece in documents.content(version):
            digest.update(piece)
        found[version.document_id]["versions"][str(version.number)] = digest.hexdigest()
        if digest.hexdigest() != version.sha256:
            problems.append(f"version {version.id}: its content is not what was uploaded")
    keys_there, keys_known = {o.key for o in store.listed("")}, {v.object_key for v in wanted}
    problems += [f"object {key} without a row" for key in sorted(keys_there - keys_known)]
    problems += [f"object {key} is not there" for key in sorted(keys_known - keys_there)]
    if unfinished := store.abort_unfinished(now()):
        problems.append(f"{unfinished} unfinished uploads")
    documents_ = {d: one for d, one in found.items() if one["versions"]}
    return {"documents": documents_, "problems": problems}


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _work(Path(sys.argv[2]))
    else:
        for one in measure("--quick" in sys.argv):
            print(one["name"], one["value"])

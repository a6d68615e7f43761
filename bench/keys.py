"""Changing the master key: how long for 4,000 versions, what a reader feels, and kill -9 in the middle of it."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.running import figure

ROOT = Path(__file__).parents[1]
READ = 20  # documents that are there with their content; further versions are rows with a key each


@dataclass
class Outcome:
    """What came of a change: seconds, reads meanwhile, failed ones, the slowest read in seconds."""

    seconds: float = 0.0
    versions: int = 0
    reads: int = 0
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """The figures for docs/performance.md."""
    count = 800 if quick else 4000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "data"
        child("prepare", home, str(count))
        found = Outcome(**json.loads(child("rotate", home)))
    with tempfile.TemporaryDirectory() as folder:
        problems = killed(Path(folder) / "data", versions=count // 4, times=2 if quick else 20, seed=1)
    return [
        figure(f"new master key, {found.versions} versions", found.seconds, "s", goal="60 s for 4,000",
               met=found.seconds / found.versions < 60 / 4000),
        figure(f"failed of {found.reads} reads meanwhile", len(found.failed), "", goal="0", met=not found.failed),
        figure("slowest of these reads", found.slowest, "s"),
        figure("kill -9 in the middle of it: documents that do not open", len(problems), "", goal="0", met=not problems),
    ]  # fmt: skip


def killed(home: Path, *, versions: int, times: int, seed: int) -> list[str]:
    """Kill a process that changes the key, `times` times; what is wrong when the last change has ended."""
    rng = random.Random(seed)
    child("prepare", home, str(versions))
    for _ in range(times):
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.keys", "begin", str(home)], cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    return json.loads(child("check", home))


def child(what: str, home: Path, *more: str) -> str:
    """Run a step in a process of its own; what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.keys", what, str(home), *more], cwd=ROOT, capture_output=True, text=True,
        timeout=900, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


# in the children


def _prepare(operator: Any, count: int) -> None:
    import io

    from core import db, projects
    from core.ids import new_id
    from vault import documents
    from vault.documents import Version

    projects.add_client(operator, name="C")
    project = projects.add_project(operator, code="KEYS", name="P", client="C").id
    first: list[Version] = []
    for number in range(READ):
        stored = documents.put(
            operator, project, io.BytesIO(b"document %d" % number), file_name=f"{number}.txt", class_="design"
        )
        first += documents.versions(operator, project, stored.document)
    rows = []
    for number in range(count - READ):
        row = replace(first[number % READ], id=new_id(), number=-1 - number)
        sealed = documents.vault().envelope.fresh_key(documents.bound_to(row))
        rows.append([(replace(row, wrapped_key=sealed), "created", {})])
    with db.write(operator) as tx:
        tx.insert_many(rows)


def _rotate(operator: Any) -> Outcome:
    from core import projects
    from core.errors import AccordError
    from vault import documents, keys

    project = projects.by_code(operator, "KEYS").id
    known = [one.document.id for one in documents.listed(operator, project)]
    found, over = Outcome(), threading.Event()

    def read() -> None:
        while not over.is_set():
            for document in known:
                begun = time.monotonic()
                try:
                    b"".join(documents.fetch(operator, project, document).chunks)
                except AccordError as error:
                    found.failed.append(str(error))
                found.reads += 1
                found.slowest = max(found.slowest, time.monotonic() - begun)

    reader = threading.Thread(target=read)
    reader.start()
    begun = time.monotonic()
    found.versions = keys.rotate(operator).renewed
    found.seconds = time.monotonic() - begun
    over.set()
    reader.join()
    return found


def _check(operator: Any) -> list[str]:
    from core import db, projects
    from core.errors import AccordError
    from vault import documents, keys, verifying
    from vault.documents import Version
    from vault.envelope import Envelope

    problems = []
    keys.resume(operator)
    project = projects.by_code(operator, "KEYS").id
    alone = Envelope(db.database().home / "keys" / "master.json")
    if alone.keys != 1:
        problems.append("more than one key is left")
    for one in documents.listed(operator, project):
        try:
            b"".join(documents.fetch(operator, project, one.document.id).chunks)
        except AccordError as error:
            problems.append(f"{one.document.code}: {error}")
    for version in db.all_of(Version):
        if not alone.is_current(version.wrapped_key):
            problems.append(f"{version.id} is wrapped by a former key")
        alone.renewed(version.wrapped_key, documents.bound_to(version))
    with db.database().transaction() as cursor:
        from core import ledger

        problems += [f"{p.where} {p.what}" for p in ledger.checked(cursor).problems]
    return problems + [p.what for p in verifying.verify(operator).problems if p.kind != "object"]


def main(what: str, home: Path, *more: str) -> None:
    from core import db, settings
    from core.access import Actor
    from vault import keys
    from vault.opening import open_vault

    operator = Actor("operator", "operator", kind="operator")
    db.open_home(home)
    with open_vault(settings.load(home, {})):
        if what == "prepare":
            _prepare(operator, int(more[0]))
        elif what == "rotate":
            print(json.dumps(_rotate(operator).__dict__))
        elif what == "begin":
            print("begun", flush=True)
            while True:
                keys.rotate(operator)
        elif what == "check":
            print(json.dumps(_check(operator)))
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])

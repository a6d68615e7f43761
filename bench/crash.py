"""kill -9 of the app, or of the store, in the middle of board moves and uploads; then what stands is compared.

Each round starts a process that holds the data folder, moves cards and puts documents as fast as it
can, and says each one that it was told is done; after a random moment it (or its store) is killed.
Then a fresh process opens the folder: every acknowledged move and version has to stand, `verify
--contents` has to be content, and after the sweep the store holds no object without a row.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
POSSIBLE = os.name == "posix"
VICTIMS = ("app", "store")
PROJECT = "CRASH"


@dataclass
class Outcome:
    """What came of some rounds: how much was acknowledged, what of it is gone, what else is wrong."""

    rounds: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    orphans: int = 0


def rounds(folder: Path, victim: str, *, count: int, seed: int) -> Outcome:
    """Kill `victim` `count` times in the data folder `folder`/data."""
    rng, found = random.Random(seed), Outcome()
    home = folder / "data"
    _child("prepare", home)
    for _ in range(count):
        said = _until_killed(home, victim, rng.uniform(0.3, 1.2))
        checked = json.loads(_child("check", home, json.dumps(said)))
        found.rounds += 1
        found.acknowledged += len(said)
        found.lost += checked["lost"]
        found.problems += checked["problems"]
        found.orphans += checked["orphans"]
    return found


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """The figures for docs/performance.md."""
    count, figures = 3 if quick else 50, []
    for victim in VICTIMS:
        with tempfile.TemporaryDirectory() as folder:
            found = rounds(Path(folder), victim, count=count, seed=1)
        figures.append({
            "name": f"kill -9 of the {victim}, {found.rounds} times, {found.acknowledged} acknowledged: lost",
            "value": len(found.lost) + len(found.problems) + found.orphans, "unit": "", "peer": "", "ratio": None,
            "goal": "0",
        })  # fmt: skip
    return figures


def _child(what: str, home: Path, text: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bench.crash", what, str(home)], cwd=ROOT, input=text, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def _until_killed(home: Path, victim: str, after: float) -> list[dict[str, Any]]:
    """What a working process said was done before the kill."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.crash", "work", str(home)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    first = process.stdout.readline()
    time.sleep(after)
    if victim == "store":
        os.kill(json.loads(first)["store"], signal.SIGKILL)
        time.sleep(0.3)
    process.kill()
    rest = process.stdout.read()
    process.wait()
    process.stdout.close()
    return [json.loads(line) for line in rest.splitlines() if line.endswith("}")]


# in the children


def _prepare(home: Path) -> None:
    from core import db, projects, requirements
    from core.access import Actor
    from core.requirements import Draft

    operator = Actor("operator", "operator", kind="operator")
    db.open_home(home)
    projects.add_client(operator, name="C")
    project = projects.add_project(operator, code=PROJECT, name="P", client="C")
    for number in range(20):
        requirements.create(operator, project.id, Draft(f"Card {number}"))
    db.close()


def _work(home: Path) -> None:
    import io
    import threading

    from core import columns, db, projects, requirements, settings
    from core.access import Actor
    from core.errors import AccordError
    from vault import documents
    from vault.opening import open_vault

    operator = Actor("operator", "operator", kind="operator")
    saying = threading.Lock()

    def done(**what: Any) -> None:
        with saying:
            print(json.dumps(what), flush=True)

    db.open_home(home)
    with open_vault(settings.load(home, {})):
        project = projects.by_code(operator, PROJECT).id
        done(store=int((home / "vault" / "store.pid").read_text()))

        def put() -> None:
            rng, number = random.Random(), 0
            while True:
                number += 1
                content = rng.randbytes(rng.choice([1_000, 300_000, 3_000_000]))
                try:
                    stored = documents.put(
                        operator, project, io.BytesIO(content), file_name=f"{number}.bin", class_="test"
                    )
                    done(document=stored.document, sha256=stored.sha256)
                except AccordError:
                    time.sleep(0.05)  # the store is gone: not acknowledged

        threading.Thread(target=put, daemon=True).start()
        rng = random.Random()
        states = [s.id for s in columns.states(operator, project)]
        cards = [r["id"] for r in db.rows("SELECT id FROM requirement ORDER BY id")]
        while True:
            card = rng.choice(cards)
            moved = requirements.move(operator, project, [card], state=rng.choice(states))
            done(card=card, revision=moved[0].revision)


def _check(home: Path) -> None:
    from core import db, settings
    from core.access import Actor
    from vault import documents, sweeping, verifying
    from vault.opening import open_vault

    operator = Actor("operator", "operator", kind="operator")
    said, lost = json.loads(sys.stdin.read()), []
    db.open_home(home)
    with open_vault(settings.load(home, {})):
        for one in said:
            if "card" in one:
                revision = db.value("SELECT revision FROM requirement WHERE id = ?", [one["card"]])
                if revision is None or revision < one["revision"]:
                    lost.append(f"card {one['card']} revision {one['revision']}")
            elif "document" in one:
                sha256 = db.value("SELECT sha256 FROM document_version WHERE document_id = ?", [one["document"]])
                if sha256 != one["sha256"]:
                    lost.append(f"document {one['document']}")
        for _ in range(2):
            sweeping.sweep(operator, after=timedelta(0))
        rows = {r["object_key"] for r in db.rows("SELECT object_key FROM document_version")}
        objects = {o.key for o in documents.vault().store.listed("v1/")}
        problems = [f"{p.where}: {p.what}" for p in verifying.verify(operator, contents=True).problems]
    db.close()
    print(json.dumps({"lost": lost, "problems": problems, "orphans": len(objects - rows)}))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        {"prepare": _prepare, "work": _work, "check": _check}[sys.argv[1]](Path(sys.argv[2]))
    else:
        for figure in measure("--quick" in sys.argv):
            print(figure["name"], figure["value"])

"""kill -9 of the app, or of the store, in the middle of board moves and uploads; then what stands is compared.

Each round starts a process that holds the data folder, moves cards and puts documents as fast as it
can, and says each one that it was told is done; after a random moment it (or its store) is killed.
The process of the next round opens what was left, looks first, and then goes on working over it:
every acknowledged move and version has to stand, `verify --contents` has to be content (it reads
every object back), and after the sweep the store holds no object without a row and no unfinished
upload. A killed store is started again by the process that uses it: in some rounds that goes on
putting documents into the new one before it is killed as well.
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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.running import figure, folder

ROOT = Path(__file__).parents[1]
POSSIBLE = os.name == "posix"
VICTIMS = ("app", "store")
PROJECT = "CRASH"
ROUNDS, QUICK_ROUNDS = 50, 3
ROUNDS_A_FOLDER = 10


@dataclass
class Outcome:
    """What came of some rounds: how much was acknowledged, what of it is gone, what else is wrong."""

    rounds: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    orphans: int = 0


def rounds(place: Path, victim: str, *, count: int, seed: int) -> Outcome:
    """Kill `victim` `count` times in the data folder `place`/data."""
    rng, found, said = random.Random(seed), Outcome(), list[dict[str, Any]]()
    home = place / "data"
    _child("prepare", home)
    for _ in range(count):
        looked, said = _until_killed(home, victim, said, rng)
        _add(found, looked)
        found.rounds += 1
        found.acknowledged += len(said)
    _add(found, json.loads(_child("check", home, json.dumps(said))))
    return found


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """The figures for docs/performance.md. Both victims at once: most of a round is waiting for a start."""
    count = QUICK_ROUNDS if quick else ROUNDS
    with ThreadPoolExecutor(len(VICTIMS)) as pool:
        outcomes = list(pool.map(lambda victim: _series(victim, count), VICTIMS))
    figures = []
    for victim, found in zip(VICTIMS, outcomes, strict=True):
        for wrong in (*found.lost, *found.problems):
            print(f"  {victim}: {wrong}", flush=True)
        told = f"kill -9 of the {victim}, {found.rounds} times, {found.acknowledged:,} acknowledged:"
        for name, value in (
            ("lost", len(found.lost)), ("half there, by `verify --contents`", len(found.problems)),
            ("left over after the sweep", found.orphans),
        ):  # fmt: skip
            figures.append(figure(f"{told} {name}", value, "", goal="0", met=value == 0))
    return figures


def _series(victim: str, count: int) -> Outcome:
    """`count` rounds, in folders that take a few each: reading everything back after each kill has to stay short."""
    whole = Outcome()
    for first in range(0, count, ROUNDS_A_FOLDER):
        with folder() as place:
            found = rounds(place, victim, count=min(ROUNDS_A_FOLDER, count - first), seed=first + 1)
        for name, value in vars(found).items():
            setattr(whole, name, getattr(whole, name) + value)
        print(f"  {victim}: {whole.rounds} of {count}", flush=True)
    return whole


def _add(found: Outcome, looked: dict[str, Any]) -> None:
    found.lost += looked["lost"]
    found.problems += looked["problems"]
    found.orphans += looked["orphans"]


def _child(what: str, home: Path, text: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bench.crash", what, str(home)], cwd=ROOT, input=text, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def _until_killed(
    home: Path, victim: str, before: list[dict[str, Any]], rng: random.Random
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a process found when it looked after what was acknowledged `before`, and what it then said was done."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.crash", "work", str(home)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
        with process.stdin:
            process.stdin.write(json.dumps(before))
        first = process.stdout.readline()
        if not first:
            process.wait()
            errors.seek(0)
            raise RuntimeError(errors.read())
        looked = json.loads(first)
        time.sleep(rng.uniform(0.2, 1.0))
        if victim == "store":
            os.kill(looked["store"], signal.SIGKILL)
            time.sleep(rng.uniform(0.1, 1.8))
        process.kill()
        rest = process.stdout.read()
        process.wait()
        process.stdout.close()
    # A line that the kill cut in two was not said.
    return looked, [json.loads(line) for line in rest.splitlines() if line.endswith("}")]


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
    before, saying = json.loads(sys.stdin.read()), threading.Lock()

    def done(**what: Any) -> None:
        with saying:
            print(json.dumps(what), flush=True)

    db.open_home(home)
    with open_vault(settings.load(home, {})):
        project = projects.by_code(operator, PROJECT).id
        done(store=int((home / "vault" / "store.pid").read_text()), **_looked(operator, before))

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
    from vault.opening import open_vault

    db.open_home(home)
    with open_vault(settings.load(home, {})):
        found = _looked(Actor("operator", "operator", kind="operator"), json.loads(sys.stdin.read()))
    db.close()
    print(json.dumps(found))


def _looked(operator: Any, said: list[dict[str, Any]]) -> dict[str, Any]:
    """What of that is lost, what is half there, and how much lies in the store without a row."""
    from core import db
    from core.ids import now
    from vault import documents, sweeping, verifying

    lost: list[str] = []
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
    store = documents.vault().store
    objects = {o.key for o in store.listed("v1/")}
    problems = [f"{p.where}: {p.what}" for p in verifying.verify(operator, contents=True).problems]
    return {"lost": lost, "problems": problems, "orphans": len(objects - rows) + store.abort_unfinished(now())}


if __name__ == "__main__":
    if len(sys.argv) == 3:
        {"prepare": _prepare, "work": _work, "check": _check}[sys.argv[1]](Path(sys.argv[2]))
    else:
        for told in measure("--quick" in sys.argv):
            print(told["name"], told["value"])

"""What measurements stand on: a data folder with people and cards, and a running Accord over it."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
START_WITHIN = 60  # seconds


@dataclass(frozen=True)
class Project:
    """A project that was arranged: its id and code, and the session tokens of its people."""

    id: str
    code: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Running:
    """An Accord that serves: where, and its process."""

    port: int
    process: subprocess.Popen[bytes]
    started_in: float

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120, blocksize=1 << 20)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A data folder's place, removed afterwards; ACCORD_BENCH_FOLDER names another disk than the temporary one."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("ACCORD_BENCH_FOLDER")) as place:
        yield Path(place)


@contextlib.contextmanager
def opened(home: Path) -> Iterator[None]:
    """The data folder, held by this process while something is arranged in it."""
    import vault.verifying  # noqa: F401  (makes its kinds of row known)
    from core import db

    db.open_home(home)
    try:
        yield
    finally:
        db.close()


def project(code: str, *, people: int = 1, cards: int = 0) -> Project:
    """Arrange a project in the opened data folder: managers with a session each, and a board."""
    from core import accounts, db, projects, sessions, setup

    if setup.needed():
        setup.setup(
            organisation="Bench", mail="admin@example.com", name="Ada Admin", password="lanterns over the harbour 7"
        )
        projects.add_client(operator(), name="Client")
    made = projects.add_project(operator(), code=code, name=f"Project {code}", client="Client")
    tokens, owners = [], []
    for number in range(people):
        account = accounts.create(
            operator(), mail=f"{code.lower()}{number}@example.com", name=f"Person {code} {number}"
        )
        projects.add_member(operator(), made.id, account=account.id, role="manager", clearance="restricted")
        with db.write(operator()) as tx:
            ticket = sessions.issue(tx, account.id, browser="bench")
        tokens.append(sessions.begin(ticket, browser="bench", address="127.0.0.1").token)
        owners.append(account.id)
    if cards:
        fill(made.id, cards, owners)
    return Project(made.id, code, tuple(tokens))


def fill(project_id: str, cards: int, owners: Sequence[str | None] = (None,)) -> None:
    """Requirements over all columns, with owners, labels, priorities and dates like a board in use."""
    from core import columns, db, requirements
    from core.ids import new_id

    labels = ("tickets", "gates", "reports", "interfaces", "hosting", "training")
    with db.write(operator()) as tx:
        states = columns.ensure_states(tx, project_id)
        blank = requirements.fresh_requirement(
            tx, project_id, states[0], title="Card",
            statement="The gate opens within half a second of a valid ticket being shown, on every platform. " * 3,
        )  # fmt: skip

        def one(number: int) -> requirements.Requirement:
            return dataclasses.replace(
                blank, id=new_id(), number=number + 1, code=f"REQ-{number + 1:02d}", position=float(number + 1),
                title=f"Requirement {number + 1}: a valid ticket opens the gate", state_id=states[number % len(states)].id,
                priority=requirements.PRIORITIES[number % len(requirements.PRIORITIES)],
                owner_id=owners[number % len(owners)], labels=(labels[number % 6], labels[(number + 2) % 6])[: number % 3],
                due=date(2026, 12, 1) + timedelta(days=number % 60) if number % 3 == 0 else None,
            )  # fmt: skip

        tx.insert_many([[(one(number), "created", {})] for number in range(cards)])


def operator() -> Any:
    """The one who arranges."""
    from core.access import Actor

    return Actor("operator", "operator", kind="operator")


@contextlib.contextmanager
def serving(home: Path) -> Iterator[Running]:
    """`accord serve` over the data folder, until it answers; stopped afterwards."""
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [PYTHON, "-m", "cli", "--home", str(home), "serve", "--port", str(port)],
        cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(port, "/", process)
        yield Running(port, process, time.perf_counter() - begun)
    finally:
        stop(process)


def wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    """Until the page is answered with 200."""
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", path, headers={"accept": "text/html"})
                if connection.getresponse().status == 200:
                    return
            finally:
                connection.close()
        time.sleep(0.02)
    raise RuntimeError(f"nothing answers on port {port}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a child of ours, by its own way out if it takes that."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def environment() -> dict[str, str]:
    """This process's, without settings of Accord that would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ACCORD_")}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def interleaved(rounds: int, ways: dict[str, Callable[[int], float | None]]) -> dict[str, float]:
    """Do each way in turn, round after round, so that what else the machine does meets all of them.

    A way takes the number of the round; its time in seconds is what it returns, or else what it took.
    The first round warms up and is left out when there are more than two. Medians.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        order = list(ways) if number % 2 else list(reversed(ways))
        for name in order:
            begun = time.perf_counter()
            own = ways[name](number)
            times[name].append(time.perf_counter() - begun if own is None else own)
    skipped = 1 if rounds > 2 else 0
    return {name: statistics.median(some[skipped:]) for name, some in times.items()}


def p95(times: Sequence[float]) -> float:
    """The time that 95 of 100 stay within (nearest rank)."""
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]


def figure(
    name: str,
    value: float,
    unit: str,
    *,
    peer: str = "",
    ratio: float | None = None,
    goal: str = "",
    met: bool | None = None,
) -> dict[str, Any]:
    """One line of the table; `met` says whether the goal was reached in this run."""
    return {"name": name, "value": value, "unit": unit, "peer": peer, "ratio": ratio, "goal": goal, "met": met}

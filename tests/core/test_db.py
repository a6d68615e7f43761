from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from core import chain, db, projects
from core.access import SYSTEM
from core.ids import new_id, now


def test_a_change_and_its_event_are_one(home):
    def fail_half_way() -> None:
        with db.write(SYSTEM) as tx:
            tx.insert(projects.Client(new_id(), "Half", now(), 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert db.value("SELECT COUNT(*) FROM client") == 0
    assert db.value("SELECT COUNT(*) FROM event") == 0


def test_events_are_chained_and_the_newest_head_stands_outside(home):
    for name in ("A", "B", "C"):
        with db.write(SYSTEM) as tx:
            tx.insert(projects.Client(new_id(), name, now(), 1))
    previous = chain.START
    for record in db.rows("SELECT * FROM event ORDER BY seq"):
        event = {column: record[column] for column in db.EVENT_COLUMNS}
        assert chain.event_hash(previous, event) == record["hash"]
        previous = chain.Head(record["seq"], record["hash"], record["signature"] or "")
    assert previous.seq == 3
    assert db.database().seal.published() == previous
    assert db.database().seal.holds(previous)


def test_a_change_that_changes_nothing_writes_nothing(home):
    with db.write(SYSTEM) as tx:
        client = tx.insert(projects.Client(new_id(), "A", now(), 1))
    with db.write(SYSTEM) as tx:
        assert tx.update(client, revision=1, name="A").revision == 1
    assert db.head_seq() == 1


def test_writers_at_once_lose_nothing(home):
    def add(number: int) -> None:
        for step in range(10):
            with db.write(SYSTEM) as tx:
                tx.insert(projects.Client(new_id(), f"{number}-{step}", now(), 1))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.value("SELECT COUNT(*) FROM client") == 80
    assert db.head_seq() == 80


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from core import db, projects
from core.access import SYSTEM
from core.errors import Unavailable
from core.ids import new_id, now

def add(name):
    with db.write(SYSTEM) as tx:
        tx.insert(projects.Client(new_id(), name, now(), 1))

db.open_home(Path(sys.argv[1]))
add("before")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = sum(p.stat().st_size for p in Path(sys.argv[1]).glob("accord.duckdb*"))
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, resource.RLIM_INFINITY))
refused = 0
for number in range(200):
    try:
        add(f"{number} " + "x" * 20_000)
    except Unavailable:
        refused += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
add("after")
names = {r["name"].split()[0] for r in db.rows("SELECT name FROM client")}
print(refused, db.value("SELECT COUNT(*) FROM client") + refused, {"before", "after"} <= names)
db.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit that plays the full disk is POSIX")
def test_a_full_disk_is_told_and_loses_nothing_that_was_saved(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "data")], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    refused, accounted_for, both_there = ran.stdout.split()
    assert int(refused) > 0
    assert int(accounted_for) == 202
    assert both_there == "True"


def test_an_answer_that_rests_on_some_kinds_holds_until_a_commit_about_these(home):
    held, asked = db.database(), list[str]()

    def read() -> int:
        asked.append("")
        return len(asked)

    def client(name: str) -> projects.Client:
        with db.write(SYSTEM) as tx:
            return tx.insert(projects.Client(new_id(), name, now(), 1))

    assert [held.known("a", read, of=("account",)), held.known("a", read, of=("account",))] == [1, 1]
    client("A")
    assert held.known("a", read, of=("account",)) == 1
    assert held.known("a", read, of=("account", "client")) == 2
    found = client("B")
    assert held.known("a", read, of=("account", "client")) == 3
    assert held.known("a", read) == 4

    def fail_half_way() -> None:
        with db.write(SYSTEM) as tx:
            tx.update(found, name="C")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert held.known("a", read, of=("account", "client")) == 3  # what was rolled back changed nothing
    with db.write(SYSTEM) as tx:
        tx.delete(found)
    assert held.known("a", read, of=("account", "client")) == 5

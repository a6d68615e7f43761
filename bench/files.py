"""A file through the screen's own routes, up and down, and what memory the app takes meanwhile.

The client is a bare HTTP connection in this process, on the same cores as the app and its store.
"""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil

from bench.running import Project, Running, figure, folder, opened, project, serving

MEGABYTE = 1 << 20
SPEED = 100  # MiB, the file whose speed is told
LARGE = 1024  # MiB, the file whose memory is told
UP, DOWN, MEMORY = 150, 400, 100


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """MB/s at 100 MiB; memory over idle at 1 GiB (256 MiB with `quick`)."""
    large = 256 if quick else LARGE
    with folder() as place:
        home = place / "data"
        with opened(home):
            made = project("BENCH")
        with serving(home) as running:
            ups, downs = [], []
            for _ in range(3 if quick else 7):
                document, took = up(running, made, SPEED)
                ups.append(SPEED * MEGABYTE / took / 1e6)
                downs.append(SPEED * MEGABYTE / down(running, made, document, SPEED) / 1e6)
            print("  100 MiB: done", flush=True)
            # Idle is the app that has served: what its libraries load at the first request is not the file's.
            time.sleep(1)
            with watched(running) as memory:
                document, _took = up(running, made, large)
            with watched(running) as after:
                down(running, made, document, large)
    up_grown, down_grown = memory[-1], after[-1]
    return [
        figure(f"{SPEED} MiB up through /vault/upload", statistics.median(ups[1:]), "MB/s",
               peer="Mayan EDMS 95, Redmine 78, copyparty 351 (elsewhere)", goal=f">= {UP}",
               met=statistics.median(ups[1:]) >= UP),
        figure(f"{SPEED} MiB down through /vault/download", statistics.median(downs[1:]), "MB/s",
               peer="Mayan EDMS 158, Redmine 400, copyparty 591 (elsewhere)", goal=f">= {DOWN}",
               met=statistics.median(downs[1:]) >= DOWN),
        figure(f"memory of the app over idle, {large} MiB up", up_grown, "MB", goal=f"< {MEMORY}",
               met=up_grown < MEMORY),
        figure(f"memory of the app over idle, {large} MiB down", down_grown, "MB", goal=f"< {MEMORY}",
               met=down_grown < MEMORY),
    ]  # fmt: skip


class watched:
    """The growth of the app's resident memory in MB while the block runs: the list's last item."""

    def __init__(self, running: Running) -> None:
        self._process = psutil.Process(running.process.pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._grown: list[float] = []

    def __enter__(self) -> list[float]:
        self._idle = self._highest = self._process.memory_info().rss
        self._thread.start()
        return self._grown

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
        self._grown.append((self._highest - self._idle) / 1e6)

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self._highest = max(self._highest, self._process.memory_info().rss)


def up(running: Running, to: Project, size: int) -> tuple[str, float]:
    """Send `size` MiB; the document and the seconds until it was acknowledged."""
    block = os.urandom(MEGABYTE)

    def body() -> Iterator[bytes]:
        for number in range(size):
            yield number.to_bytes(8, "big") + block[8:]

    connection = running.connection()
    begun = time.perf_counter()
    connection.request(
        "PUT", f"/vault/upload?project={to.id}&name=file.bin&class=test", body=body(),
        headers={"content-length": str(size * MEGABYTE), "cookie": f"accord_session={to.tokens[0]}"},
    )  # fmt: skip
    answer = connection.getresponse()
    said = json.loads(answer.read())
    took = time.perf_counter() - begun
    connection.close()
    if said.get("size") != size * MEGABYTE:
        raise RuntimeError(f"not stored: {said}")
    return said["document"], took


def down(running: Running, of: Project, document: str, size: int) -> float:
    """Fetch it; the seconds until its last byte."""
    connection = running.connection()
    begun = time.perf_counter()
    connection.request(
        "GET", f"/vault/download/{document}/1", headers={"cookie": f"accord_session={of.tokens[0]}"}
    )  # fmt: skip
    answer = connection.getresponse()
    buffer, got = bytearray(MEGABYTE), 0
    while count := answer.readinto(buffer):
        got += count
    took = time.perf_counter() - begun
    connection.close()
    if got != size * MEGABYTE:
        raise RuntimeError(f"{got} bytes came back")
    return took

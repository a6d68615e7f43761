"""A real Accord in a process of its own: what `make run` starts."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.commands import ROOT, environment

STARTS_WITHIN = 60  # seconds; usually two, but a busy machine takes its time


@dataclass
class Served:
    """A running `accord serve`: where it answers, and what it has said on its two streams."""

    process: subprocess.Popen[str]
    home: Path
    port: int
    began: float

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, host: str = "127.0.0.1", **headers: str):
        """One request; (status, headers, body). `_` in a header's name stands for `-`."""
        line = http.client.HTTPConnection(host, self.port, timeout=30)
        try:
            line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = line.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            line.close()

    def answers(self) -> bool:
        """Whether the first page comes."""
        try:
            return self.ask("/")[0] == 200
        except OSError:
            return False

    def children(self) -> list[psutil.Process]:
        """Every process that it has started and that still runs."""
        return running(psutil.Process(self.process.pid).children(recursive=True))

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, float, str, str]:
        """Stop it; its status, the seconds that took, and what it printed."""
        began = time.monotonic()
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, time.monotonic() - began, out, err


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a zombie that its parent has not collected yet runs no more."""
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return some.getsockname()[1]


def begin(home: Path, *words: object, port: int | None = None, **more: str) -> Served:
    """Start it, without waiting for it."""
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "--home", str(home), "serve", "--port", str(port), *map(str, words)],
        cwd=ROOT, env=environment(**more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    return Served(process, home, port, time.monotonic())


@contextmanager
def serving(home: Path, *words: object, **more: Any) -> Iterator[Served]:
    """A running Accord that answers; ended, with all it started, at the end."""
    served = begin(home, *words, **more)
    try:
        until(lambda: served.answers() or served.process.poll() is not None, STARTS_WITHIN)
        assert served.process.poll() is None, served.process.communicate()
        yield served
    finally:
        if served.process.poll() is None:
            left = served.children()
            served.end()
            for one in left:
                if one.is_running():
                    one.kill()


def failing(home: Path, *words: object, **more: Any) -> tuple[int, str, str]:
    """A start that does not come up: status, stdout, stderr."""
    served = begin(home, *words, **more)
    out, err = served.process.communicate(timeout=STARTS_WITHIN)
    return served.process.returncode, out, err


def until(true: Any, within: float = 10.0) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.05)


POSIX = os.name == "posix"

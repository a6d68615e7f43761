"""Child processes that open files in our stead, kept warm, with limits of time.

A child is a script of ours run as `python -I`; it gives up network, files and memory beyond a limit
itself (vault/inspection_child.py). A request is two lengths, a JSON head and the bytes, through a
pipe, so that nothing lies on the disk in clear. The answer is lines of JSON: progress, then the
result, and the bytes that it announces.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

LOOK = 0.1  # seconds between looks at the clock and at whether the answer is still wanted

Progress = Callable[[float], None]

# Linux ends a child with the thread that started it (PR_SET_PDEATHSIG, vault/child.py). Those who ask are
# threads of one request or one run of a page; this one lives as long as the process.
_STARTER = ThreadPoolExecutor(1, thread_name_prefix="starts-children")


class Gone(Exception):
    """The child died. `why` is died, timeout or cancelled."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Children:
    """Up to `count` children of one script; each is replaced after `files` requests.

    `cpu` and memory are the script's own limits, `seconds` is what one request may take.
    """

    def __init__(self, script: Path, *, count: int, seconds: float, files: int) -> None:
        self.script, self.seconds, self.files = script, seconds, files
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)
        atexit.register(self.end)

    def ask(
        self, about: dict[str, Any], *content: bytes, seconds: float | None = None, progress: Progress | None = None,
        cancelled: threading.Event | None = None,
    ) -> tuple[dict[str, Any], bytes]:  # fmt: skip
        """The answer and its bytes. Raises Gone when the child dies, takes too long, or nobody waits any more."""
        child = self._waited_for(cancelled)
        try:
            if child is None or child.asked >= self.files or not child.alive():
                if child is not None:
                    child.end()
                child = _Child(self.script)
            worn = child.asked > 0
            try:
                return child.ask(about, content, seconds or self.seconds, progress, cancelled)
            except Gone as gone:
                if gone.why != "died" or not worn:
                    raise
                # Its limits of processor and memory are for its whole life: what it had opened before may
                # have used them up, and that is not to be said of this file.
                child = _Child(self.script)
                return child.ask(about, content, seconds or self.seconds, progress, cancelled)
        finally:
            self._idle.put(child)

    def _waited_for(self, cancelled: threading.Event | None) -> _Child | None:
        while True:
            try:
                return self._idle.get(timeout=None if cancelled is None else LOOK)
            except queue.Empty:
                if cancelled is not None and cancelled.is_set():
                    raise Gone("cancelled") from None

    def end(self) -> None:
        """Let go of all that are idle."""
        while not self._idle.empty():
            child = self._idle.get_nowait()
            if child is not None:
                child.end()


def _started(script: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", str(script)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "LANG": "C.UTF-8"}, start_new_session=True,
    )  # fmt: skip


class _Child:
    """One process that answers one request after another."""

    def __init__(self, script: Path) -> None:
        self.asked = 0
        self._process = _STARTER.submit(_started, script).result()

    def ask(
        self, about: dict[str, Any], content: tuple[bytes, ...], seconds: float, progress: Progress | None,
        cancelled: threading.Event | None,
    ) -> tuple[dict[str, Any], bytes]:  # fmt: skip
        """Its answer. Raises Gone."""
        self.asked += 1
        why: list[str] = []
        answered = threading.Event()
        watch = threading.Thread(target=self._watch, args=(answered, seconds, cancelled, why), daemon=True)
        watch.start()
        try:
            self._send({**about, "lengths": [len(c) for c in content]}, content)
            return self._answer(progress)
        except (OSError, ValueError) as error:
            self.end()
            raise Gone(why[0] if why else "died") from error
        except BaseException:
            self.end()  # what it would still say belongs to nobody
            raise
        finally:
            answered.set()
            watch.join()

    def _watch(
        self, answered: threading.Event, seconds: float, cancelled: threading.Event | None, why: list[str]
    ) -> None:
        until = time.monotonic() + seconds
        while not answered.wait(LOOK if cancelled is not None else seconds):
            if cancelled is not None and cancelled.is_set():
                why.append("cancelled")
            elif time.monotonic() >= until:
                why.append("timeout")
            else:
                continue
            self._process.kill()
            return

    def _send(self, about: dict[str, Any], content: tuple[bytes, ...]) -> None:
        stdin = self._process.stdin
        if stdin is None:
            raise ValueError("no pipe")
        head = json.dumps(about).encode()
        stdin.write(struct.pack(">IQ", len(head), sum(len(c) for c in content)) + head)
        for piece in content:
            stdin.write(piece)
        stdin.flush()

    def _answer(self, progress: Progress | None) -> tuple[dict[str, Any], bytes]:
        stdout = self._process.stdout
        if stdout is None:
            raise ValueError("no pipe")
        while line := stdout.readline():
            found = json.loads(line)
            if "progress" not in found:
                made = stdout.read(found.pop("bytes", 0))
                return dict(found), made
            if progress is not None:
                progress(float(found["progress"]))
        raise ValueError("no answer")

    def alive(self) -> bool:
        """Whether it can take another request."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill it; it has nothing to lose."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                try:
                    stream.close()
                except OSError:
                    continue

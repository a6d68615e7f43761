"""What is said of each file that arrives: taken, taken with a warning, or refused with the reason.

Files are opened only in a child process (vault/inspection_child.py) without network and with limits
of time and memory; it gets the bytes through a pipe, so that nothing lies on the disk in clear. A
child that dies or takes too long makes a warning, never an error.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Invalid
from core.language import Message, number, say

CHILD = Path(__file__).with_name("inspection_child.py")
TIME_LIMIT = 10.0  # seconds a file; the slowest real one of 1,127 took 4.6
FILES_A_CHILD = 50  # then a fresh one takes over, so that nothing a file did lasts

log = logging.getLogger("accord.inspection")


@dataclass(frozen=True)
class Reason:
    """Why a file was refused or warned about; `code` is stable, `message` for people."""

    code: str
    message: Message


WARNINGS: dict[str, Message] = {
    "password-protected": say("Password-protected: stored, but nobody can search or preview it here."),
    "macros": say("Contains macros: open it with care."),
    "external-links": say("Refers to files elsewhere: opening it may fetch them."),
    "image-only": say("Images only: there is no text that could be searched."),
    "unlike-name": say("The content is of another kind than the name says."),
    "unreadable": say("Could not be read: it may be damaged. It is stored as it is."),
    "timeout": say("Took too long to open. It is stored as it is."),
}
BRIEFLY: dict[str, Message] = {
    "password-protected": say("password"),
    "macros": say("macros"),
    "external-links": say("refers elsewhere"),
    "image-only": say("images only"),
    "unlike-name": say("not what its name says"),
    "unreadable": say("may be damaged"),
    "timeout": say("not looked into"),
}
"""Warnings in a word or two, for lists."""

REFUSALS: dict[str, Message] = {
    "empty": say("The file is empty."),
    "dtd": say("Its XML defines a document type (DTD), which can pull in other files. Save it anew without one."),
    "zip-bomb": say("It would unpack to far more than it should hold."),
    "zip-overlap": say("Entries of the archive lie over each other, as in an attack. Pack it anew."),
    "zip-duplicate": say("The archive holds the same name twice. Pack it anew."),
}


@dataclass(frozen=True)
class Findings:
    """What was found: the media type by content, warnings, and the refusal if there is one."""

    media_type: str
    warnings: tuple[Reason, ...] = ()
    refusal: Reason | None = None


class FileRefused(Invalid):
    """A file that is not taken, with the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message, field="file")
        self.reason = reason


def too_large(limit: int) -> Reason:
    """The refusal of a file above `limit` bytes."""
    return Reason(
        "too-large",
        say("The file is larger than {limit} MB, the most that is taken here.", limit=number(limit // (1024 * 1024))),
    )


def reason(code: str) -> Reason:
    """A code with its sentence. Raises Invalid for one that there is not."""
    message = WARNINGS.get(code) or REFUSALS.get(code)
    if message is None:
        raise Invalid(say("There is no reason {code}.", code=code))
    return Reason(code, message)


def inspect(content: bytes, *, file_name: str, whole: bool = True) -> Findings:
    """Look at a file's bytes; with `whole` False only its beginning is there and it is not opened."""
    if not content:
        return Findings("application/octet-stream", refusal=reason("empty"))
    answer = _CHILDREN.ask({"name": file_name, "whole": whole}, content)
    refusal = answer.get("refusal")
    return Findings(
        answer.get("media_type", "application/octet-stream"),
        tuple(reason(code) for code in answer.get("warnings", ())),
        reason(refusal) if refusal else None,
    )


class _Child:
    """One process that looks at files one after another."""

    def __init__(self) -> None:
        self.looked = 0
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(CHILD)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"}, start_new_session=True,
        )  # fmt: skip

    def ask(self, about: dict[str, Any], content: bytes) -> dict[str, Any]:
        """Its answer; a warning when it dies or takes too long."""
        self.looked += 1
        killed = threading.Event()

        def kill() -> None:
            killed.set()
            self.end()

        watch = threading.Timer(TIME_LIMIT, kill)
        watch.start()
        try:
            head = json.dumps(about).encode()
            stdin, stdout = self._process.stdin, self._process.stdout
            if stdin is None or stdout is None:
                return {"warnings": ["unreadable"]}
            stdin.write(struct.pack(">IQ", len(head), len(content)) + head)
            stdin.write(content)
            stdin.flush()
            line = stdout.readline()
            return dict(json.loads(line)) if line else {"warnings": ["timeout" if killed.is_set() else "unreadable"]}
        except (OSError, ValueError):
            return {"warnings": ["timeout" if killed.is_set() else "unreadable"]}
        finally:
            watch.cancel()
            if killed.is_set():
                log.warning("a file took longer than %s s to look at", TIME_LIMIT)

    def usable(self) -> bool:
        """Whether it can take another file."""
        return self.looked < FILES_A_CHILD and self._process.poll() is None

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


class _Children:
    """Two at most, kept warm, because starting one takes longer than most files."""

    def __init__(self, count: int = 2) -> None:
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)

    def ask(self, about: dict[str, Any], content: bytes) -> dict[str, Any]:
        child = self._idle.get()
        try:
            if child is None or not child.usable():
                if child is not None:
                    child.end()
                child = _Child()
            return child.ask(about, content)
        finally:
            self._idle.put(child)

    def end(self) -> None:
        while not self._idle.empty():
            child = self._idle.get_nowait()
            if child is not None:
                child.end()


_CHILDREN = _Children()
atexit.register(_CHILDREN.end)

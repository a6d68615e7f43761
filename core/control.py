"""One process holds the data folder: while the app runs, a command is handed over to it.

The app listens on `accord.sock` in the data folder (0600; a named pipe on Windows). A frame is JSON in
bytes, never a pickle. The command comes as one frame; the answer is `begun`, then what is to be
printed piece by piece, then the exit status. Before `begun` nothing has happened and the asker may
try again; after it a broken line means that nobody knows whether the command was done.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing import connection
from pathlib import Path
from typing import Any

from core.errors import Unavailable
from core.language import say

SOCKET = "accord.sock"
KEY = "control.key"
LONGEST = 100  # bytes of a UNIX socket's path, on every system
STOP_WITHIN = 1.0  # seconds that running commands get when the app stops

Request = dict[str, Any]
Tell = Callable[[str], None]
Run = Callable[[Request, Tell, Tell], int]
"""What does a command: the request, where its output goes, where its errors go; the exit status."""

log = logging.getLogger("accord.control")


class Listener:
    """The app's ear; each command runs in a thread of its own."""

    def __init__(self, home: Path, run: Run) -> None:
        self._run = run
        self._home = home
        self._where = _address(home, make=True)
        self._closing = False
        self._running: set[threading.Thread] = set()
        self._ear = _open(home, self._where)
        self._thread = threading.Thread(target=self._accept, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear no more commands, and give running ones STOP_WITHIN seconds to end."""
        self._closing = True
        try:
            _call(self._home, self._where).close()  # wakes `accept`
        except OSError:
            log.warning("The control socket was gone before the app was.")
        self._thread.join(1)
        self._ear.close()
        until = time.monotonic() + STOP_WITHIN
        for thread in list(self._running):
            thread.join(max(0.0, until - time.monotonic()))

    def _accept(self) -> None:
        while not self._closing:
            try:
                line = self._ear.accept()
            except (OSError, EOFError):
                time.sleep(0.05)
                continue
            if self._closing:
                line.close()
                return
            thread = threading.Thread(target=self._serve, args=(line,), name="command", daemon=True)
            self._running.add(thread)
            thread.start()

    def _serve(self, line: Any) -> None:
        telling = threading.Lock()

        def tell(frame: dict[str, Any]) -> None:
            # Whoever asked may have gone: the command goes on to its end all the same.
            with telling:
                try:
                    line.send_bytes(json.dumps(frame).encode())
                except OSError:
                    log.info("The asker of a command has gone.")

        try:
            with line:
                request = json.loads(line.recv_bytes())
                tell({"begun": True})
                status = self._run(request, lambda text: tell({"out": text}), lambda text: tell({"err": text}))
                tell({"exit": status})
        except (OSError, EOFError, ValueError):
            log.info("A command ended before it began.")
        finally:
            self._running.discard(threading.current_thread())


def listen(home: Path, run: Run) -> Listener:
    """Take commands for the open data folder `home` until the listener is closed."""
    return Listener(home, run)


def ask(home: Path, request: Request, out: Tell, err: Tell) -> int | None:
    """Hand a command to the app of `home`; its exit status, or None when no app hears it.

    Raises Unavailable when the app goes away after the command has begun.
    """
    try:
        line = _call(home, _address(home, make=False))
    except (OSError, EOFError):
        return None
    begun = False
    with line:
        try:
            line.send_bytes(json.dumps(request).encode())
            while True:
                frame = json.loads(line.recv_bytes())
                begun = True
                if "out" in frame:
                    out(frame["out"])
                elif "err" in frame:
                    err(frame["err"])
                elif "exit" in frame:
                    return int(frame["exit"])
        except (OSError, EOFError) as error:
            if not begun:
                return None
            raise Unavailable(
                say("Accord stopped in the middle of this command. Look whether it was done before you repeat it.")
            ) from error


def _open(home: Path, where: str) -> connection.Listener:
    if os.name == "nt":
        key = secrets.token_bytes(32)
        (home / "keys").mkdir(mode=0o700, exist_ok=True)
        (home / "keys" / KEY).write_bytes(key)
        return connection.Listener(where, "AF_PIPE", authkey=key)
    # We hold the data folder, so a socket that stands there belongs to nobody any more.
    Path(where).unlink(missing_ok=True)
    mask = os.umask(0o177)
    try:
        return connection.Listener(where, "AF_UNIX", backlog=64)
    finally:
        os.umask(mask)


def _call(home: Path, where: str) -> Any:
    if os.name == "nt":
        return connection.Client(where, "AF_PIPE", authkey=(home / "keys" / KEY).read_bytes())
    return connection.Client(where, "AF_UNIX")


def _address(home: Path, *, make: bool) -> str:
    """Where the app of a data folder is heard; a long path has its socket in the folder for temporary files."""
    home = home.resolve()
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:24]
    if os.name == "nt":
        return rf"\\.\pipe\accord-{name}"
    near = home / SOCKET
    if len(os.fsencode(near)) <= LONGEST:
        return str(near)
    owner = home.stat().st_uid
    folder = Path(tempfile.gettempdir()) / f"accord-{owner}"
    if make:
        folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    # Anybody may make such a folder first; a command is given to nobody but the owner of the data.
    if found.st_uid != owner or found.st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to somebody else")
    return str(folder / f"{name}.sock")

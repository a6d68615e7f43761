"""200 documents as one zip through the download's route: how fast, and what memory the app takes meanwhile."""

from __future__ import annotations

import io
import os
import time
import zipfile
from typing import Any
from urllib.parse import urlencode

from bench.files import watched
from bench.running import figure, folder, opened, operator, project, serving

COUNT, QUICK_COUNT = 200, 60
SIZE = 500_000  # bytes a document
MEMORY = 100  # MB


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """The figures for docs/performance.md."""
    from core import settings
    from vault import documents
    from vault.opening import open_vault

    count = QUICK_COUNT if quick else COUNT
    with folder() as place:
        home = place / "data"
        with opened(home):
            made = project("ZIP")
            with open_vault(settings.load(home, {})):
                stored = [
                    documents.put(
                        operator(), made.id, io.BytesIO(number.to_bytes(8, "big") + os.urandom(SIZE - 8)),
                        file_name=f"{number}.bin", class_="test",
                    )
                    for number in range(count)
                ]  # fmt: skip
        with serving(home) as running:
            asked = urlencode({"project": made.id, "file": [f"{one.code}:1" for one in stored]}, doseq=True)
            times, first, grown = [], [], [0.0]
            for turn in range(3):
                connection = running.connection()
                with watched(running) as memory:
                    begun = time.perf_counter()
                    connection.request(
                        "GET", f"/vault/download/zip?{asked}", headers={"cookie": f"accord_session={made.tokens[0]}"}
                    )
                    answer = connection.getresponse()
                    whole = answer.read(1)
                    first.append(time.perf_counter() - begun)
                    whole += answer.read()
                    times.append(time.perf_counter() - begun)
                connection.close()
                if answer.status != 200 or len(zipfile.ZipFile(io.BytesIO(whole)).namelist()) != count:
                    raise RuntimeError(f"not the whole zip: {answer.status}, {len(whole)} bytes")
                if turn:  # what its libraries load at the first request is not the zip's
                    grown.append(memory[-1])
    return [
        figure(f"zip of {count} documents of {SIZE // 1000} KB, the best of 3", min(times), "s"),
        figure("its speed", count * SIZE / min(times) / 1e6, "MB/s"),
        figure("until its first byte", min(first), "s"),
        figure("memory of the app over idle", max(grown), "MB", goal=f"< {MEMORY}", met=max(grown) < MEMORY),
    ]  # fmt: skip

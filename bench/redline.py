"""How long a comparison and a Word file with tracked changes take, for two real versions of 400 and 550 KB.

Without ../shared/samples two made ones of the same size stand in, and the names of the figures say so.
"""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from typing import Any

SAMPLES = Path(os.environ.get("ACCORD_SAMPLES") or Path(__file__).parents[2] / "shared" / "samples") / "documents"


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """Compare and track, with a warm child, and the first time with a fresh one."""
    from vault import redline

    real = [SAMPLES / f"asvs-4.0.{n}-de.docx" for n in (2, 3)]
    if all(path.exists() for path in real):
        what, contents = "two real versions", [path.read_bytes() for path in real]
        unlike = SAMPLES / "asvs-4.0.3-en.docx"
    else:
        what, contents = "two made versions", [_made(0), _made(1)]
        unlike = None
    about = {"old": "a.docx", "new": "b.docx", "author": "Ana", "date": "2026-11-24T00:00:00Z"}

    def taken(do: str, *pair: bytes) -> float:
        begun = time.perf_counter()
        told, _ = redline._CHILDREN.ask({**about, "do": do}, *pair, seconds=redline.MADE_WITHIN)
        if told.get("error") or told.get("wrong"):
            raise RuntimeError(str(told)[:300])
        return time.perf_counter() - begun

    first = taken("compare", *contents)
    rounds = 2 if quick else 5
    figures = [
        (f"{what} compared, first time", first, "< 2 s"),
        (f"{what} compared", sorted(taken("compare", *contents) for _ in range(rounds))[rounds // 2], "< 2 s"),
        (f"{what} as a checked Word file", sorted(taken("track", *contents) for _ in range(rounds))[rounds // 2], ""),
    ]
    if unlike is not None:
        other = unlike.read_bytes()
        figures.append(("a document and its translation compared", taken("compare", other, contents[1]), ""))
        figures.append(("the same as a checked Word file", taken("track", other, contents[1]), ""))
    return [
        {"name": name, "value": seconds, "unit": "s", "peer": "", "ratio": None, "goal": goal}
        for name, seconds, goal in figures
    ]


def _made(version: int) -> bytes:
    """A document of 3,000 paragraphs, one in twenty other in each version."""
    import docx

    document, file = docx.Document(), io.BytesIO()
    for number in range(3000):
        word = f"version {version}" if number % 20 == 0 else "any version"
        document.add_paragraph(
            f"Clause {number} of {word}: " + " ".join(f"word{(number * 31 + n) % 997}" for n in range(40))
        )
    document.save(file)
    return file.getvalue()

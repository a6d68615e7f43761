"""`make bench`: run every measurement and write docs/performance.md. `--quick` takes smaller sizes and fewer rounds.

A module of this folder takes part by a function `measure(quick) -> list[dict]` with the figures
`name`, `value`, `unit`, `peer` (what it is compared with), `ratio` and `goal`.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

import bench

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def main(arguments: list[str]) -> int:
    """Measure all, or the modules that are named; 1 when one could not be measured."""
    quick, named = "--quick" in arguments, [a for a in arguments if not a.startswith("-")]
    parts, failed = [], False
    for module in sorted(m.name for m in pkgutil.iter_modules(bench.__path__)):
        if module == "__main__" or (named and module not in named):
            continue
        measure = getattr(importlib.import_module(f"bench.{module}"), "measure", None)
        if measure is None:
            continue
        print(f"{module} …", flush=True)
        begun = time.monotonic()
        try:
            parts.append(table(module, measure(quick)))
        except Exception as error:  # the other figures are worth having all the same
            failed = True
            parts.append(f"## {module}\n\nCould not be measured: {error}\n")
            traceback.print_exc()
        print(f"  {time.monotonic() - begun:.0f} s", flush=True)
    if not named:
        PAGE.write_text(head(quick) + "\n".join(parts), encoding="utf-8")
        print(f"written: {PAGE}")
    else:
        print("\n".join(parts))
    return int(failed)


def head(quick: bool) -> str:
    """What the figures were taken on, and when."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        "# Performance\n\n"
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC{' (quick)' if quick else ''}: "
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load before {os.getloadavg()[0]:.1f}. "
        "Ratios compare with a peer measured in the same run.\n\n"
    )


def table(module: str, figures: list[dict[str, Any]]) -> str:
    """The figures of a module as a table."""
    lines = [f"## {module}\n", "| what | value | compared with | ratio | goal |", "|---|---:|---|---:|---|"]
    for figure in figures:
        value, ratio = figure["value"], figure.get("ratio")
        shown = f"{value:,.3g}" if isinstance(value, float) and value < 1000 else f"{value:,.0f}"
        lines.append(
            f"| {figure['name']} | {shown} {figure.get('unit', '')} | {figure.get('peer') or ''} "
            f"| {'' if ratio is None else f'{ratio:.2f}'} | {figure.get('goal') or ''} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

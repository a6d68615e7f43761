"""`make bench`: run every measurement and write docs/performance.md. `--quick` takes smaller sizes and fewer rounds.

A module of this folder takes part by a function `measure(quick) -> list[dict]` with the figures
`name`, `value`, `unit`, `peer` (what it is compared with), `ratio`, `goal` and `met` (bench/running.py);
its docstring says on the page how it measures. `python -m bench vault` measures one module and prints.
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

LOAD = os.getloadavg()[0]  # before anything is measured
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def main(arguments: list[str]) -> int:
    """Measure all, or the modules that are named; 1 when one could not be measured."""
    quick, named = "--quick" in arguments, [a for a in arguments if not a.startswith("-")]
    parts, all_figures, failed, started = [], [], False, time.monotonic()
    modules = {
        name: found
        for name in sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name != "__main__")
        if (not named or name in named) and hasattr(found := importlib.import_module(f"bench.{name}"), "measure")
    }
    for module, found in modules.items():
        print(f"{module} …", flush=True)
        begun = time.monotonic()
        try:
            figures = found.measure(quick)
            all_figures += figures
            parts.append(table(module, found.__doc__ or "", figures))
        except Exception as error:  # the other figures are worth having all the same
            failed = True
            parts.append(f"## {module.capitalize()}\n\nCould not be measured: {error}\n")
            traceback.print_exc()
        print(f"  {time.monotonic() - begun:.0f} s", flush=True)
        if not named:  # after each, so that a run that is cut off leaves what it measured
            left = [name for name in modules if name > module]
            text = head(quick, time.monotonic() - started, all_figures, left) + "\n".join(parts)
            PAGE.write_text(text, encoding="utf-8")
    print("\n".join(parts) if named else f"written: {PAGE}")
    return int(failed)


def head(quick: bool, took: float, figures: list[dict[str, Any]], left: list[str]) -> str:
    """What the figures were taken on, when, and how to read them."""
    met = [figure["met"] for figure in figures if figure.get("met") is not None]
    memory = psutil.virtual_memory().total / 2**30
    return (
        "# Performance\n\n"
        f"Made by `make bench`{' (short form)' if quick else ''} on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC "
        f"in {took / 60:.0f} minutes: {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}. "
        f"Load before it began: {LOAD:.1f}; with more than about 0.5 somebody else was at work, and absolute times "
        "say little.\n\n"
        f"**{sum(met)} of {len(met)} goals were met in this run.** Ratios compare with a peer that was measured "
        "in the same run, in turn with ours, so that what else the machine does meets both; values are medians "
        "unless they say p95. Clients, browser, app and store share the same cores.\n\n"
        + (f"This run was cut off; not measured: {', '.join(left)}.\n\n" if left else "")
    )


def table(module: str, about: str, figures: list[dict[str, Any]]) -> str:
    """What a module measures, in its own words, and its figures."""
    lines = [
        f"## {module.capitalize()}\n",
        about.strip() + "\n",
        "| what | value | compared with | ratio | goal | met |",
        "|---|---:|---|---:|---|---|",
    ]
    for figure in figures:
        value, ratio = figure["value"], figure.get("ratio")
        shown = f"{value:,.3g}" if isinstance(value, float) and value < 1000 else f"{value:,.0f}"
        met = {None: "", True: "yes", False: "**no**"}[figure.get("met")]
        lines.append(
            f"| {figure['name']} | {(shown + ' ' + figure.get('unit', '')).strip()} | {figure.get('peer') or ''} "
            f"| {'' if ratio is None else f'{ratio:.2f}'} | {figure.get('goal') or ''} | {met} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

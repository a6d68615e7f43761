"""`make bench`: run every measurement and write docs/performance.md. `--quick` takes smaller sizes and fewer rounds.

A module of this folder takes part by a function `measure(quick) -> list[dict]` with the figures
`name`, `value`, `unit`, `peer` (what it is compared with), `ratio`, `goal` and `met` (bench/running.py);
its docstring says on the page how it measures. Each has a section of the page, which says when it was
measured; `make bench BENCH="vault search"` measures these anew and leaves the others as they are.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import re
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

import bench

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Measure all, or the modules that are named; 1 when one could not be measured, 2 for a name that there is not."""
    quick, named = "--quick" in arguments, [a for a in arguments if not a.startswith("-")]
    failed = False
    modules = {
        name: found
        for name in sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name != "__main__")
        if hasattr(found := importlib.import_module(f"bench.{name}"), "measure")
    }
    if unknown := [name for name in named if name not in modules]:
        print(f"There is no measurement {', '.join(unknown)}. There are: {', '.join(modules)}.")
        return 2
    kept = sections(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    for module in named or modules:
        print(f"{module} …", flush=True)
        begun, load = time.monotonic(), os.getloadavg()[0]
        try:
            figures, why = modules[module].measure(quick), ""
        except Exception as error:  # the other figures are worth having all the same
            figures, why, failed = [], f"Could not be measured: {error}\n", True
            traceback.print_exc()
        took = time.monotonic() - begun
        print(f"  {took:.0f} s", flush=True)
        when = (
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {took:.0f} s{', short form' if quick else ''}; "
            f"load before it began {load:.1f}."
        )
        kept[module.capitalize()] = table(module, modules[module].__doc__ or "", when, figures) + why
        # After each, so that a run that is cut off leaves what it measured.
        some = [kept[name] for name in sorted(kept) if name.lower() in modules]
        PAGE.write_text(head("".join(some)) + "\n".join(some), encoding="utf-8")
    print(f"written: {PAGE}")
    return int(failed)


def sections(page: str) -> dict[str, str]:
    """The sections of a page by their headings, each whole."""
    places = [(found.group(1), found.start()) for found in HEADING.finditer(page)]
    ends = [start for _name, start in places[1:]] + [len(page)]
    return {name: page[start:end].rstrip() + "\n" for (name, start), end in zip(places, ends, strict=True)}


def head(body: str) -> str:
    """What the figures were taken on, and how to read them."""
    memory = psutil.virtual_memory().total / 2**30
    met, missed = body.count("| yes |\n"), body.count("| **no** |\n")
    return (
        "# Performance\n\n"
        f"Made by `make bench`: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}. Each section says when it was measured; with a load of more than about "
        "0.5 before it began somebody else was at work, and absolute times say little.\n\n"
        f"**{met} of {met + missed} goals are met.** Ratios compare with a peer that was measured "
        "in the same run, in turn with ours, so that what else the machine does meets both; values are medians "
        "unless they say p95. Clients, browser, app and store share the same cores.\n\n"
    )


def table(module: str, about: str, when: str, figures: list[dict[str, Any]]) -> str:
    """What a module measures, in its own words, when that was, and its figures."""
    lines = [
        f"## {module.capitalize()}\n",
        about.strip() + "\n",
        when + "\n",
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

"""The board against an empty Streamlit page: reload to painted, and a drop until it is acknowledged.

Reloads alternate between the empty page (bare Streamlit, a server of its own) and the board. A time
runs from the reload, by the page's own clock, until all cards are in the page and the frame that
shows them is done. A drop runs from the release of the mouse until the board's script has the
server's answer.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from bench.chromium import browser, reload_until, signed_in
from bench.running import (
    PYTHON,
    Project,
    Running,
    environment,
    figure,
    folder,
    free_port,
    interleaved,
    opened,
    p95,
    project,
    serving,
    stop,
    wait_for,
)

SIZES = {200: (1.5, 150), 2000: (2.0, 200)}
"""Cards -> goals: reload as a multiple of the empty page, drop in ms."""

EMPTY = "document.body && document.body.innerText.includes('Empty page')"
CARDS = "window.deep(document).reduce((n, root) => n + root.querySelectorAll('li.card').length, 0) >= {count}"

FIRST_CARDS = """() => {
  const lists = window.deep(document).flatMap((root) => [...root.querySelectorAll('ul')]);
  return lists.filter((list) => list.querySelector('li.card')).slice(0, 2).map((list) => {
    const { x, y } = list.querySelector('li.card').getBoundingClientRect();
    return { x, y };
  });
}"""
"""Where the first cards of two neighbouring columns are (Playwright's roles walk 2,000 cards for each look)."""


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """Ratios of reloads and p95 of drops for each number of cards; the domain's time to make them."""
    reloads, drops = (5, 10) if quick else (12, 40)
    figures: list[dict[str, Any]] = []
    with folder() as place:
        home, boards = place / "data", {}
        with opened(home):
            for count in SIZES:
                begun = time.perf_counter()
                boards[count] = project(f"B{count}", cards=count)
                made = time.perf_counter() - begun
        figures.append(figure("2,000 cards made through the domain", made, "s"))
        with serving(home) as running, empty(place) as bare, browser() as chromium:
            times = reloading(chromium, running, bare, boards, reloads)
            figures.append(figure("an empty Streamlit page, reload to painted", times["empty"] * 1000, "ms"))
            for count, (ratio_goal, _drop) in SIZES.items():
                ratio = times[str(count)] / times["empty"]
                figures.append(
                    figure(f"board of {count:,} cards, reload to painted", times[str(count)] * 1000, "ms",
                           peer="an empty Streamlit page", ratio=ratio, goal=f"<= {ratio_goal:g}x",
                           met=ratio <= ratio_goal)
                )  # fmt: skip
            print("  reloads: done", flush=True)
            for count, (_ratio, goal) in SIZES.items():
                took = dropping(chromium, running, boards[count], count, drops)
                figures.append(
                    figure(f"drop to acknowledged at {count:,} cards, p95 of {len(took)}", p95(took), "ms",
                           peer=f"median {statistics.median(took):.0f} ms", goal=f"<= {goal} ms",
                           met=p95(took) <= goal)
                )  # fmt: skip
    return figures


@contextlib.contextmanager
def empty(place: Path) -> Iterator[str]:
    """The address of a Streamlit that shows one line of text."""
    script, port = place / "empty.py", free_port()
    script.write_text("import streamlit as st\nst.write('Empty page')\n")
    process = subprocess.Popen(
        [PYTHON, "-m", "streamlit", "run", str(script), "--server.port", str(port), "--server.headless", "true",
         "--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"],
        cwd=place, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(port, "/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def reloading(
    chromium: Browser, running: Running, bare: str, boards: dict[int, Project], rounds: int
) -> dict[str, float]:
    """Medians of reloads in turn; each page in a window of its own that stays open."""
    with contextlib.ExitStack() as closing:
        pages: dict[str, tuple[Page, str]] = {}
        for name, address, token, there in (
            ("empty", bare, "", EMPTY),
            *((str(count), f"{running.address}/board?project={made.code}", made.tokens[0], CARDS.format(count=count))
              for count, made in boards.items()),
        ):  # fmt: skip
            context = signed_in(chromium, address, token or "none")
            closing.callback(context.close)
            page = context.new_page()
            page.goto(address)
            pages[name] = (page, there)
        return interleaved(
            rounds, {name: lambda _n, on=on: reload_until(*on) for name, on in pages.items()}
        )  # fmt: skip


def dropping(chromium: Browser, running: Running, on: Project, count: int, drops: int) -> list[float]:
    """Milliseconds from the release until the answer is there, for drags between two neighbouring columns."""
    context = signed_in(chromium, running.address, on.tokens[0])
    page = context.new_page()
    page.goto(f"{running.address}/board?project={on.code}")
    page.evaluate(f"() => window.painted(() => {CARDS.format(count=count)})")
    page.wait_for_timeout(1000)
    for number in range(drops):
        first, second = page.evaluate(FIRST_CARDS)
        card, place = (second, first) if number % 2 else (first, second)
        page.mouse.move(card["x"] + 40, card["y"] + 12)
        page.mouse.down()
        for step in range(1, 9):
            page.mouse.move(
                card["x"] + 40 + (place["x"] - card["x"]) * step / 8,
                card["y"] + 12 + (place["y"] + 20 - card["y"]) * step / 8,
            )
        page.wait_for_timeout(200)
        page.mouse.up()
        with contextlib.suppress(Exception):  # a drag that moved nothing asks nothing; it is not counted
            page.wait_for_function(f"() => window.acks.length > {number}", timeout=2000)
        page.wait_for_timeout(100)
    said = page.evaluate("() => window.acks")
    context.close()
    took = [float(one["took"]) for one in said if one["ok"]]
    if len(took) < drops * 0.8:
        raise RuntimeError(f"only {len(took)} of {drops} drags were acknowledged")
    return took

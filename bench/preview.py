"""A document on the screen: from the press of *Preview* until its first page is painted in the frame.

Each look opens the sheet anew, so that the frame, its scripts and its worker begin from nothing; as a
reader does, the pointer rests on the button for a moment before it is pressed. The first look of all,
with an empty cache and fresh children, stands by itself. Made files; real ones from ../shared/samples
where they are there.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from bench.chromium import browser, signed_in
from bench.running import figure, folder, opened, project, serving
from tests.browser.preview_files import pdf, word, workbook

SAMPLES = Path(os.environ.get("ACCORD_SAMPLES") or Path(__file__).parents[2] / "shared" / "samples") / "documents"
GOAL = 1500  # ms for the first page of 50
REST = 250  # ms that a pointer rests on a button before it is pressed

SHOWN = """() => window.painted(() => window.deep(document).some(
  (root) => root.querySelector('dialog[open] .group:not([hidden]) .percent')))"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))"


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """Medians for each file, and the first look of all."""
    files = {
        "a Word file of 50 pages": ("Long.docx", word(50)),
        "a PDF of 50 pages": ("Long.pdf", pdf(50)),
        "a workbook of 600 rows": ("Costs.xlsx", workbook()),
    }
    real = SAMPLES / "asvs-4.0.3-de.docx"
    if real.exists():
        files["a real Word file of 61 pages, 0.5 MB"] = (real.name, real.read_bytes())
    figures: list[dict[str, Any]] = []
    with folder() as place:
        home = place / "data"
        with opened(home):
            made = project("LOOK")
        with serving(home) as running, browser() as chromium, contextlib.ExitStack() as closing:
            context = signed_in(chromium, running.address, made.tokens[0])
            closing.callback(context.close)
            page = context.new_page()
            for name, (file, content) in files.items():
                page.goto(f"{running.address}/documents?project={made.code}")
                answer = context.request.put(
                    f"{running.address}/vault/upload",
                    params={"project": made.id, "class": "design", "name": file}, data=content,
                )  # fmt: skip
                code = answer.json()["code"]
                page.goto(f"{running.address}/documents?project={made.code}&document={code}")
                times = [look(page) * 1000 for _ in range(3 if quick else 7)]
                first, usual = times[0], statistics.median(times[1:])
                if not figures:
                    figures.append(figure(f"{name}, the first look of all", first, "ms"))
                paged = "50 pages" in name
                figures.append(
                    figure(
                        name, usual, "ms", goal=f"<= {GOAL:,} ms" if paged else "", met=usual <= GOAL if paged else None
                    )
                )
    return figures


def look(page: Page) -> float:
    """Seconds from the press to the first page; closed again afterwards."""
    button = page.get_by_role("button", name="Preview", exact=True)
    button.hover()
    page.wait_for_timeout(REST)
    begun = time.perf_counter()
    button.click()
    page.evaluate(SHOWN)
    frame = next(one for one in page.frames if one.url.endswith("/preview/frame"))
    frame.evaluate(PAINTED)
    took = time.perf_counter() - begun
    page.keyboard.press("Escape")
    page.wait_for_function("() => !window.deep(document).some((root) => root.querySelector('dialog[open]'))")
    page.mouse.move(5, 5)
    return took

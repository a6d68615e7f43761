"""From the command to the first page, at a second start: answered over HTTP, and painted in Chromium."""

from __future__ import annotations

import statistics
import time
from typing import Any

from bench.chromium import browser
from bench.running import figure, folder, opened, project, serving

GOAL = 5.0  # seconds


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """Starts over the same data folder; the first one is not counted. `/healthz` at the end."""
    answered, painted, health = [], [], []
    with folder() as place, browser() as chromium:
        home = place / "data"
        with opened(home):
            project("BENCH", cards=60)
        for _ in range(3 if quick else 6):
            with serving(home) as running:
                page = chromium.new_page()
                begun = time.perf_counter()
                page.goto(running.address)
                page.get_by_label("Password").first.wait_for()
                painted.append(running.started_in + time.perf_counter() - begun)
                answered.append(running.started_in)
                page.close()
                connection = running.connection()
                for _ in range(30):
                    begun = time.perf_counter()
                    connection.request("GET", "/healthz")
                    connection.getresponse().read()
                    health.append(time.perf_counter() - begun)
                connection.close()
    http, seen = statistics.median(answered[1:]), statistics.median(painted[1:])
    return [
        figure("`accord serve` to the first answer", http, "s", goal=f"< {GOAL:.0f}", met=http < GOAL),
        figure("`accord serve` to the sign-in page painted", seen, "s", goal=f"< {GOAL:.0f}", met=seen < GOAL),
        figure("one `/healthz`, median", statistics.median(health) * 1000, "ms"),
    ]

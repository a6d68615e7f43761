"""The browser that drives the tests: one that is installed, else one that this command installs.

`python -m tests.browser.chromium` prints its path; `make test` calls it first. In this order: what
ACCORD_TEST_BROWSER names; Chromium, Chrome or Edge on this machine; Debian's package where this
account may install it; Playwright's own build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "microsoft-edge-stable",
    "chrome", "msedge",
)  # fmt: skip
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
)  # fmt: skip
"""Without them a browser asks its maker's servers for this and that, and a root account can't start it."""


def found() -> str | None:
    """The path of an installed browser, or None."""
    named = os.environ.get("ACCORD_TEST_BROWSER")
    if named:
        return named
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    return on_path or next((place for place in PLACES if Path(place).exists()), None) or _own_build()


def _own_build() -> str | None:
    """Playwright's own Chromium, when it has been installed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


def installed() -> str:
    """The path of a browser, installing one when there is none."""
    path = found()
    if path:
        return path
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-cjk", env={"DEBIAN_FRONTEND": "noninteractive"})
        path = found()
        if path:
            return path
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    path = found()
    if path is None:
        raise SystemExit("There is no Chromium, Chrome or Edge here. Install one, or name it in ACCORD_TEST_BROWSER.")
    return path


def _run(*words: str, env: dict[str, str] | None = None) -> None:
    subprocess.run(words, check=False, stdout=sys.stderr, env={**os.environ, **(env or {})})


if __name__ == "__main__":
    print(installed())

"""A real Accord and a real Chromium for the ways people go.

`server` runs once a test worker; each test takes a `project` of its own in it, so tests run in any
order and beside each other. Every page that a test opens is watched: a request to anywhere but the
server, or something that the content security policy refused, fails the test. A failed test leaves
screenshots/failed-….png; with ACCORD_PICTURES=1 `picture` keeps the named ones there too.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from core import control
from tests.browser import builders, chromium
from tests.commands import ROOT, environment

WIDE, PHONE, LARGE = (1440, 900), (390, 844), (1920, 1080)
PICTURES = ROOT / "screenshots"
STARTS_WITHIN = 60.0  # seconds; two cores may be busy

expect.set_options(timeout=20_000)  # for the same reason; what is there is seen at once


@dataclass
class Server:
    """A running Accord. `url` without a slash at its end."""

    url: str
    home: Path
    process: subprocess.Popen[str]

    def build(self, function: Callable[..., Any], /, **arguments: Any) -> Any:
        """Call a function of the tests inside the app process; arguments and result as JSON."""
        said: list[str] = []
        failed: list[str] = []
        request = {
            "command": "build", "module": function.__module__, "function": function.__name__, "arguments": arguments,
        }  # fmt: skip
        status = control.ask(self.home, request, said.append, failed.append)
        assert status == 0, "".join(failed) or f"the server did not answer ({status})"
        return json.loads("".join(said))

    def stop(self, how: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does, or by another signal; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(20)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return int(some.getsockname()[1])


@contextmanager
def serving(home: Path, port: int | None = None) -> Iterator[Server]:
    """A server on the data folder `home`, from its first answer until the block ends."""
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.serving", str(home), str(port)],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    server = Server(f"http://127.0.0.1:{port}", home, process)
    try:
        _await(server)
        yield server
    finally:
        try:
            server.stop()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _await(server: Server) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.process.poll() is not None:
            raise AssertionError(f"the server ended at once: {server.process.stdout.read()}")
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server did not answer in time")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Accord that is set up (builders.ADMINISTRATOR with tests.commands.PASSWORD); shared by a worker."""
    with serving(tmp_path_factory.mktemp("accord") / "data") as running:
        running.build(builders.set_up)
        yield running


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Server]:
    """A running Accord of the test's own, in which nobody has an account yet."""
    with serving(tmp_path / "data") as running:
        yield running


@dataclass(frozen=True)
class Project:
    """A test's own project: role -> {id, mail, name} of the person who has it ("stranger" has none)."""

    id: str
    code: str
    people: dict[str, dict[str, str]]


@pytest.fixture
def project(server: Server) -> Project:
    """A fresh project in the shared server, with a person in each role."""
    return Project(**server.build(builders.engagement, code=f"T{secrets.token_hex(4).upper()}"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one a worker."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.installed(), args=list(chromium.ARGUMENTS))
        yield running
        running.close()


@dataclass
class Profiles:
    """Browser profiles by language; one that a test has given back is emptied and used again.

    What stays is the cache: Streamlit's scripts are then read once a worker, not once a window.
    """

    browser: Browser
    free: dict[str, list[BrowserContext]] = field(default_factory=dict)

    def take(self, language: str) -> BrowserContext:
        """A profile without cookies, storage or pages."""
        if self.free.get(language):
            return self.free[language].pop()
        return self.new(language)

    def new(self, language: str, **options: Any) -> BrowserContext:
        """A profile of its own; `options` go to Playwright's new_context (has_touch, accept_downloads, …)."""
        return self.browser.new_context(
            locale="zh-CN" if language == "zh_CN" else "en-GB", timezone_id="Europe/Berlin", **options
        )

    def give_back(self, language: str, context: BrowserContext, origin: str) -> None:
        """Empty the profile for the next test."""
        context.unroute_all()
        context.clear_cookies()
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage,indexeddb"})
        for each in context.pages:
            each.close()
        self.free.setdefault(language, []).append(context)


@pytest.fixture(scope="session")
def profiles(browser: Browser) -> Profiles:
    """The browser profiles of a worker."""
    return Profiles(browser)


@dataclass
class Windows:
    """Opens browser windows, each with cookies of its own, and watches what they do."""

    profiles: Profiles
    contexts: list[BrowserContext] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    closing: list[Callable[[], None]] = field(default_factory=list)

    def open(
        self, url: str, *, language: str = "en", theme: str = "light", size: tuple[int, int] = WIDE,
        cookies: dict[str, str] | None = None, **options: Any,
    ) -> Page:  # fmt: skip
        """A window at `url`; with `options` (see Profiles.new) it has a profile that nobody had before."""
        origin = re.match(r"https?://[^/]+", url)[0]
        context = self.profiles.new(language, **options) if options else self.profiles.take(language)
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        asked, heard = lambda request: self._watch(request.url, origin), lambda message: self._heard(message.text)
        context.on("request", asked)
        context.on("console", heard)

        def close() -> None:
            context.remove_listener("request", asked)
            context.remove_listener("console", heard)
            if options:
                context.close()
            else:
                self.profiles.give_back(language, context, origin)

        self.closing.append(close)
        context.add_cookies([{"name": n, "value": v, "url": origin} for n, v in (cookies or {}).items()])
        page = context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=theme)
        page.goto(url)
        calm(page)
        return page

    def _watch(self, url: str, origin: str) -> None:
        if not url.startswith((origin, origin.replace("http", "ws", 1), "data:", "blob:")):
            self.strangers.append(url)

    def _heard(self, text: str) -> None:
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.refused.append(text)


@pytest.fixture
def windows(profiles: Profiles, request: pytest.FixtureRequest) -> Iterator[Windows]:
    """Browser windows of a test, closed and judged at its end."""
    some = Windows(profiles)
    yield some
    if getattr(request.node, "failed", False):
        PICTURES.mkdir(exist_ok=True)
        test = re.sub(r"\W+", "-", request.node.name)
        for number, page in enumerate(page for context in some.contexts for page in context.pages):
            page.screenshot(path=PICTURES / f"failed-{test}-{number}.png")
    for close in some.closing:
        close()
    assert not some.strangers, f"asked for from outside: {some.strangers}"
    assert not some.refused, f"refused by the content security policy: {some.refused}"


@pytest.fixture
def open_as(server: Server, windows: Windows, request: pytest.FixtureRequest) -> Callable[..., Page]:
    """`open_as(who, path)`: a window in which `who` is signed in.

    `who` is a role of the test's `project` or a mail address; `path` like "/board" gets the project's
    code unless it names one. `language`, `theme` ("light", "dark") and `size` are those of the window.
    """

    def opened(who: str, path: str = "/", *, language: str | None = None, **options: Any) -> Page:
        browser = secrets.token_urlsafe(24)
        if "@" not in who:
            own = request.getfixturevalue("project")
            who = own.people[who]["mail"]
            if "project=" not in path:
                path += f"{'&' if '?' in path else '?'}project={own.code}"
        token = server.build(builders.session, mail=who, browser=browser, language=language)
        cookies = {"accord_session": token, "accord_browser": browser, "accord_language": language or "en"}
        return windows.open(server.url + path, language=language or "en", cookies=cookies, **options)

    return opened


def calm(page: Page) -> None:
    """Wait until the script has run to its end and the page stands still."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', state="attached")
    page.wait_for_function(
        """() => new Promise((done) => {
            let quiet = setTimeout(() => finish(true), 150);
            const limit = setTimeout(() => finish(true), 3000);
            const watch = new MutationObserver(() => { clearTimeout(quiet); quiet = setTimeout(() => finish(true), 150); });
            const finish = (value) => { watch.disconnect(); clearTimeout(quiet); clearTimeout(limit); done(value); };
            watch.observe(document.body, { childList: true, subtree: true, characterData: true });
        })"""
    )
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', state="attached")


def pick(place: Page | Locator, label: str, option: str | re.Pattern[str]) -> None:
    """Choose in a select box of `place`. Its list closes when anything scrolls: the box comes into view first."""
    page = place.page if isinstance(place, Locator) else place
    box = place.get_by_role("combobox", name=label)
    box.scroll_into_view_if_needed()
    calm(page)
    box.press("ArrowDown")
    page.get_by_role("option").first.wait_for()
    wanted = page.get_by_role("option", name=option, exact=isinstance(option, str))
    if isinstance(option, str) and not wanted.count():  # of a long list only what is in sight is drawn
        page.keyboard.type(option)
    wanted.click()
    calm(page)


def accessible(page: Page) -> None:
    """Assert that axe-core finds nothing serious on the page as it stands."""
    found = Axe().run(page).response["violations"]
    serious = [
        f"{v['id']} ({v['impact']}): {v['help']}\n    " + "\n    ".join(n["html"][:300] for n in v["nodes"][:5])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)


def picture(page: Page, name: str) -> None:
    """Keep a screenshot under screenshots/ when ACCORD_PICTURES is set."""
    if os.environ.get("ACCORD_PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Let fixtures know whether their test failed."""
    outcome = yield
    if outcome.get_result().failed:
        item.failed = True

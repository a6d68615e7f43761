"""Chromium for the measurements, and the clock inside its pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, installed

CLOCK = """
window.deep = (root, found = []) => {
  for (const node of root.querySelectorAll('*')) {
    if (node.shadowRoot) { found.push(node.shadowRoot); window.deep(node.shadowRoot, found); }
  }
  return found;
};
// Until `there()` holds and the frame that shows it is done; in ms since the page was asked for.
window.painted = (there) => new Promise((resolve) => {
  const look = () => there()
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0))
    : requestAnimationFrame(look);
  look();
});
window.acks = [];
window.addEventListener('pointerup', () => { window.dropped = performance.now(); }, true);
window.addEventListener('mouseup', () => { window.dropped = performance.now(); }, true);
const ask = window.fetch;
window.fetch = async (...what) => {
  const answer = await ask(...what);
  if (what[1]?.method === 'POST' && String(what[0]).includes('/cards/')) {
    const copy = answer.clone();
    copy.json().then((said) => window.acks.push({ took: performance.now() - window.dropped, ok: said.ok }));
  }
  return answer;
};
"""


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """The browser that drives the tests as well."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed(), args=list(ARGUMENTS))
        try:
            yield chromium
        finally:
            chromium.close()


def signed_in(chromium: Browser, address: str, token: str) -> BrowserContext:
    """A window of 1440x900 with that session."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.add_cookies(
        [{"name": "accord_session", "value": token, "url": address, "httpOnly": True, "sameSite": "Lax"}]
    )
    context.add_init_script(CLOCK)
    return context


def reload_until(page: Page, there: str) -> float:
    """Seconds from a reload until what the expression `there` asks for is painted."""
    page.reload(wait_until="commit")
    return float(page.evaluate(f"() => window.painted(() => {there})")) / 1000

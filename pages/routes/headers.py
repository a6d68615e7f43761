"""What every answer carries, and what is refused before anything else sees it.

One ASGI middleware: security headers, refusal of cross-origin writes, and the few changes to
Streamlit's page (our title, our fonts, our first script).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pages.routes.assets import address
from pages.routes.names import header, name_of, refuse, same_origin
from pages.routes.session import BROWSER, FOR_A_YEAR, fresh_browser

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        # 'unsafe-eval': Vega compiles the charts' expressions with it. blob: a component's script is
        # loaded by Streamlit from a blob that it makes itself.
        "script-src 'self' blob: 'unsafe-eval'",
        # Emotion, Streamlit's styling, writes style elements as it goes.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        # The frame of a preview (pages/routes/preview.py), and nothing else of ours: every other answer
        # refuses to be framed. It also keeps what is shown there from leading the frame elsewhere.
        "frame-src 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ]
)

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

READS = frozenset({"GET", "HEAD", "OPTIONS"})
CLOSED = ("/_stcore/agent/", "/_stcore/metrics", "/_stcore/script-health-check")
"""Doors of Streamlit's that nobody needs here: its interface for programs, its figures."""
HSTS = "max-age=31536000"

HEAD = (
    f'<script src="{address("boot.js")}"></script>'
    f'<link rel="stylesheet" href="{address("fonts/fonts.css")}">'
    f'<link rel="stylesheet" href="{address("accord.css")}">'
    f'<link rel="icon" href="{address("favicon.svg")}" type="image/svg+xml">'
)


class Headers:
    """The middleware."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = headers_for(scope)
        if scope["path"].startswith(CLOSED):
            await refuse(scope, send, 404, headers=[(n.encode(), v.encode()) for n, v in headers.items()])
            return
        if scope["method"] not in READS and not same_origin(scope):
            await refuse(scope, send, 403, headers=[(n.encode(), v.encode()) for n, v in headers.items()])
            return
        cookies: list[tuple[bytes, bytes]] = []
        if _asks_for_page(scope):
            if not _has_cookie(scope, BROWSER):
                # The browser's name: a ticket is good only where it was asked for.
                cookie = f"{BROWSER}={fresh_browser()}; Max-Age={FOR_A_YEAR}; Path=/; HttpOnly; SameSite=Lax"
                cookies.append((b"set-cookie", (cookie + ("; Secure" * (scope["scheme"] == "https"))).encode()))
            # Streamlit would compress its page, and what is compressed can't be changed on the way.
            scope = {**scope, "headers": [(n, v) for n, v in scope["headers"] if n.lower() != b"accept-encoding"]}
        await self.app(scope, receive, _Answer(send, headers, cookies))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not same_origin(scope):
            await refuse(scope, send, 403)
            return
        # For an origin that is not its Host, Streamlit would ask a server outside for our address.
        kept = [(name, value) for name, value in scope["headers"] if name.lower() != b"origin"]
        host = header(scope, "host") or ""
        await self.app({**scope, "headers": [*kept, (b"origin", f"http://{host}".encode())]}, receive, send)


def headers_for(scope: Scope) -> dict[str, str]:
    """The headers of every answer; by HTTPS, under a name that others can't have, also HSTS."""
    lasting = scope["scheme"] == "https" and name_of(header(scope, "host") or "") != "localhost"
    return HEADERS | ({"strict-transport-security": HSTS} if lasting else {})


class _Answer:
    """Passes an answer on with our headers; Streamlit's page is held back, changed and sent whole."""

    def __init__(self, send: Send, headers: dict[str, str], cookies: list[tuple[bytes, bytes]]) -> None:
        self.send = send
        self.headers = headers
        self.cookies = cookies
        self.start: MutableMapping[str, Any] | None = None
        self.page = b""

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
            for name, value in self.headers.items():
                given.setdefault(name, value)
            given.pop("server", None)
            several = [(n, v) for n, v in message["headers"] if n.lower() == b"set-cookie"] + self.cookies
            given.pop("set-cookie", None)
            held = given.get("content-type", "").startswith("text/html") and message["status"] == 200
            if held:
                for name in ("content-length", "etag", "last-modified"):
                    given.pop(name, None)
                given["cache-control"] = "no-store"
            message["headers"] = [(n.encode(), v.encode("latin-1")) for n, v in given.items()] + several
            if held and "content-encoding" not in given:
                self.start = message
                return
        elif message["type"] == "http.response.body" and self.start is not None:
            self.page += message.get("body", b"")
            if message.get("more_body"):
                return
            start, self.start = self.start, None
            body = ours(self.page.decode()).encode()
            start["headers"].append((b"content-length", str(len(body)).encode()))
            await self.send(start)
            await self.send({"type": "http.response.body", "body": body})
            return
        await self.send(message)


def ours(page: str) -> str:
    """Streamlit's index.html as Accord's: title, icon, fonts, first script; no agent interface."""
    page = re.sub(r"<title>.*?</title>", "<title>Accord</title>", page)
    page = re.sub(r'<link\s+rel="preload"[^>]*as="font"[^>]*>', "", page)
    page = re.sub(r'<link rel="shortcut icon"[^>]*>', "", page)
    page = re.sub(r'<link[^>]*rel="service-desc"[^>]*>', "", page)
    page = re.sub(r"<script>\s*window.prerenderReady = false\s*</script>", "", page)  # inline: the policy refuses it
    page = re.sub(
        r"<noscript>.*?</noscript>",
        "<noscript><p>Accord needs JavaScript. / Accord 需要启用 JavaScript。</p></noscript>",
        page,
        flags=re.S,
    )
    return page.replace('<meta charset="UTF-8" />', '<meta charset="UTF-8" />' + HEAD, 1)


def _has_cookie(scope: Scope, name: str) -> bool:
    return any(n.lower() == b"cookie" and f"{name}=".encode() in value for n, value in scope["headers"])


def _asks_for_page(scope: Scope) -> bool:
    return any(name.lower() == b"accept" and b"text/html" in value for name, value in scope["headers"])

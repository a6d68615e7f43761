"""Under which names Accord answers, and from which pages it is written to.

A page elsewhere can make a browser ask 127.0.0.1 under a name of its own (DNS rebinding): Host and
Origin then agree with each other, and only the list of names that are ours tells the difference.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

HERE = "localhost"
PUBLIC = "accord.public"
"""Where a request's scope holds the public name."""

WRONG_NAME = b"Accord does not answer under this name. Its administrator can set public_url to it.\n"


def name_of(netloc: str) -> str:
    """The host of "host:port", in lower case: "[::1]:8501" -> "::1"."""
    try:
        return (urlsplit(f"//{netloc}").hostname or "").rstrip(".")
    except ValueError:
        return ""


@dataclass(frozen=True)
class Names:
    """The names that are ours. `any_name` where others decide: a proxy, or a network without public_url."""

    public: str = ""
    any_name: bool = False

    def known(self, netloc: str) -> bool:
        """Whether this Host is one of ours. An address can't be rebound, a name can."""
        name = name_of(netloc)
        return self.any_name or name == HERE or _is_address(name) or (bool(name) and name == name_of(self.public))


def names_for(host: str, *, public_url: str, trust_proxy: bool) -> Names:
    """The names for what listens on `host`; with `public_url` it is that name, and addresses."""
    public = urlsplit(public_url).netloc
    on_loopback = host == HERE or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
    return Names(public or ("" if _is_address(host) else host), not public and (trust_proxy or not on_loopback))


class Gate:
    """The outermost middleware: what is asked under a name that is not ours comes no further."""

    def __init__(self, app: App, names: Names) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif self.names.known(header(scope, "host") or ""):
            await self.app({**scope, PUBLIC: self.names.public}, receive, send)
        else:
            await refuse(scope, send, 421, WRONG_NAME)


def same_origin(scope: Scope) -> bool:
    """Whether a page of ours asks: a browser says where it comes from, and must agree with where it asks."""
    site = header(scope, "sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = header(scope, "origin")
    if origin is None:
        return True
    netloc = urlsplit(origin).netloc
    # Behind a proxy Host may be another name than the one that people type.
    return bool(netloc) and netloc in (header(scope, "host"), scope.get(PUBLIC))


def header(scope: Scope, name: str) -> str | None:
    """The first header of that name."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == wanted), None)


async def refuse(scope: Scope, send: Send, status: int, body: bytes = b"", headers: Headers = ()) -> None:
    """Answer a request, or the opening of a WebSocket, with a refusal."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    plain = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    await send({"type": f"{kind}.start", "status": status, "headers": plain})
    await send({"type": f"{kind}.body", "body": body})


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

"""The page that stands in the frame of a preview, and the fence around it.

The frame is sandboxed without `allow-same-origin`, by its attribute and by this header: its origin is
opaque, so that it has no cookies and no storage, reads nothing of ours and can't reach the page around
it. Its policy lets it fetch nothing from anywhere; what it needs is handed in as bytes. A navigation away
is refused by the frame-src of the page around it (pages/routes/headers.py).
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pages.kit.preview import FRAME

PAGE = Path(__file__).parent.parent / "kit" / "preview" / "frame" / "frame.html"


def routes() -> list[Route]:
    """`/preview/frame`."""

    async def frame(_request: Request) -> Response:
        return HTMLResponse(page(), headers={"content-security-policy": policy(), "x-frame-options": "SAMEORIGIN"})

    return [Route(FRAME, frame, methods=["GET"])]


@cache
def page() -> str:
    """The page: one script that waits to be handed the others."""
    return PAGE.read_text(encoding="utf-8")


@cache
def policy() -> str:
    """What the frame may do."""
    script = re.search(r"<script>(.*?)</script>", page(), re.S)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return "; ".join([
        "sandbox allow-scripts",
        "default-src 'none'",
        # Its own script, by digest, and what that makes of the texts that it is handed. 'wasm-unsafe-eval': pdf.js
        # decodes JPEG 2000 and JBIG2, which scanners write, by WebAssembly.
        f"script-src 'sha256-{digest}' blob: 'wasm-unsafe-eval'",
        "worker-src blob:",
        # pdf.js and docx-preview write style elements as they go.
        "style-src 'unsafe-inline'",
        "img-src blob: data:",
        "font-src blob: data:",
        "connect-src 'none'",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    ])  # fmt: skip

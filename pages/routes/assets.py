"""Fonts, icon and first script: everything a page needs is shipped, nothing is fetched from outside."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

ASSETS = Path(__file__).parent.parent / "assets"


@cache
def address(name: str) -> str:
    """The address of a file, with a digest of its content: a browser may keep it for good and asks for it never again."""
    return f"/assets/{name}?v={hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:16]}"


class Assets(StaticFiles):
    """Files of ours; fonts never change under their name, what is asked for by its digest neither."""

    def file_response(self, full_path, stat_result, scope: Scope, status_code: int = 200):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """The file with its cache rule."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        lasting = str(full_path).endswith(".woff2") or scope["query_string"].startswith(b"v=")
        answer.headers["cache-control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return answer


def routes() -> list[Mount]:
    """`/assets/…`."""
    return [Mount("/assets", Assets(directory=ASSETS))]

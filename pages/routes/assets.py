"""Fonts, icon and first script: everything a page needs is shipped, nothing is fetched from outside."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

ASSETS = Path(__file__).parent.parent / "assets"


class Assets(StaticFiles):
    """Files of ours; fonts never change under their name, the rest is asked for again each time."""

    def file_response(self, full_path, stat_result, scope: Scope, status_code: int = 200):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """The file with its cache rule."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        lasting = str(full_path).endswith(".woff2")
        answer.headers["cache-control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return answer


def routes() -> list[Mount]:
    """`/assets/…`."""
    return [Mount("/assets", Assets(directory=ASSETS))]

"""The way in and the way out: the only routes that set the session's cookie."""

from __future__ import annotations

import secrets
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core import sessions
from core.access import Actor
from core.errors import AccordError

COOKIE = "accord_session"
BROWSER = "accord_browser"
LANGUAGE = "accord_language"
THEME = "accord_theme"
FOR_A_YEAR = int(timedelta(days=365).total_seconds())


def actor_of(token: str | None) -> Actor | None:
    """Who a session's cookie stands for now."""
    return sessions.actor_of(token)


def fresh_browser() -> str:
    """A new name for a browser: a ticket is good only in the one that asked for it."""
    return secrets.token_urlsafe(24)


def routes() -> list[Route]:
    """`/session/begin?ticket=…` and `/session/end`."""

    async def begin(request: Request) -> Response:
        try:
            begun = await run_in_threadpool(
                sessions.begin,
                request.query_params.get("ticket", ""),
                browser=request.cookies.get(BROWSER, ""),
                address=request.client.host if request.client else "",
                agent=request.headers.get("user-agent", ""),
                previous=request.cookies.get(COOKIE),
            )
        except AccordError:
            return RedirectResponse("/?again=1", status_code=303)
        answer = RedirectResponse(begun.path, status_code=303)
        answer.set_cookie(
            COOKIE, begun.token, max_age=int(sessions.LONGEST.total_seconds()), httponly=True, samesite="lax",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        # Read by the page's first script, before anybody is asked: no flash of the other theme or language.
        for name, value in ((LANGUAGE, begun.language), (THEME, begun.theme)):
            answer.set_cookie(name, value, max_age=FOR_A_YEAR, samesite="lax", secure=request.url.scheme == "https")
        return _unkept(answer)

    async def end(request: Request) -> Response:
        await run_in_threadpool(sessions.end, request.cookies.get(COOKIE))
        answer = RedirectResponse("/", status_code=303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return _unkept(answer)

    return [Route("/session/begin", begin), Route("/session/end", end, methods=["POST"])]


def _unkept(answer: Response) -> Response:
    answer.headers["cache-control"] = "no-store"
    return answer

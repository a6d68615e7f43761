"""Templates of the classes as files, for administrators: the shipped ones to begin with, and their own back.

`GET /vault/template/{class}/{language}` is the shipped one with its placeholders unfilled, `GET
/vault/template/{id}` one that somebody has put in its place.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.access import Actor
from core.errors import AccordError
from vault import own_templates, templates
from vault.routes import COOKIE, DOWNLOAD_HEADERS, STATUS, ActorOf, disposition

Found = Callable[[Actor, Request], tuple[str, bytes]]


def routes(actor_of: ActorOf) -> list[Route]:
    """The two routes; `actor_of` turns the session cookie into an actor."""

    def route(path: str, found: Found) -> Route:
        async def download(request: Request) -> Response:
            actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
            if actor is None:
                return Response(status_code=401)
            if request.method != "GET":
                return Response(status_code=405, headers={"allow": "GET"})
            try:
                name, content = await run_in_threadpool(found, actor, request)
            except AccordError as error:
                status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
                return Response(error.message.text(actor.language), status, headers=DOWNLOAD_HEADERS)
            return Response(
                content,
                media_type=templates.MEDIA_TYPE,
                headers=DOWNLOAD_HEADERS | {"content-disposition": disposition(name)},
            )

        return Route(path, download)

    return [
        route("/vault/template/{class_id}/{language}", _shipped),
        route("/vault/template/{template}", _own),
    ]


def _shipped(actor: Actor, request: Request) -> tuple[str, bytes]:
    return templates.blank(actor, request.path_params["class_id"], request.path_params["language"])


def _own(actor: Actor, request: Request) -> tuple[str, bytes]:
    return own_templates.fetched(actor, request.path_params["template"])

"""What the palette asks for as one types: documents by what is in them, requirements by code and title."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core import access, language, projects
from core.access import Actor
from core.errors import AccordError
from core.language import plural
from pages.routes.board import STATUS
from pages.search_view import address, document_address, requirement_address, where
from vault import search

ActorOf = Callable[[str | None], Actor | None]
DOCUMENTS = 6


def routes(actor_of: ActorOf) -> list[Route]:
    """`GET /vault/search?project=C&q=…`; `actor_of` turns the session cookie into an actor."""

    async def answer(request: Request) -> Response:
        def answered() -> Response:
            actor = actor_of(request.cookies.get("accord_session"))
            if actor is None:
                return Response(status_code=401)
            language.use(actor.language)
            asked = request.query_params
            try:
                found = _found(actor, asked.get("project", ""), asked.get("q", ""))
            except AccordError as error:
                return JSONResponse(
                    {"kind": error.kind, "message": str(error)}, status_code=STATUS[error.kind], headers=NO_STORE
                )
            return JSONResponse(found, headers=NO_STORE)

        return await run_in_threadpool(answered)

    return [Route("/vault/search", answer, methods=["GET"])]


NO_STORE = {"cache-control": "private, no-store"}


def _found(actor: Actor, code: str, q: str) -> dict[str, Any]:
    project = projects.by_code(actor, code)
    found = search.find(actor, project.id, q, limit=DOCUMENTS)
    may = access.may(actor, "requirement.read", project.id)
    return {
        "requirements": [
            {"code": one.code, "title": one.title, "href": requirement_address(project.code, one.code)}
            for one in (search.requirements(actor, project.id, q) if may else [])
        ],
        "documents": [
            {
                "code": hit.item.document.code, "title": hit.title, "place": where(hit), "snippet": hit.snippet,
                "href": document_address(project.code, hit.item.document.code),
            }
            for hit in found.hits
        ],
        "total": found.total,
        "totalText": plural("Show {count} document", "Show all {count} documents", found.total),
        "href": address(project.code, q),
        "remarks": [str(remark) for remark in found.remarks],
    }  # fmt: skip

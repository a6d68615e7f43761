"""The audit as a file, the recovery sheet as a page, and refusals of routes on record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import date

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from core import language, refusals
from core.access import Actor
from core.errors import AccordError
from vault import audit, recovery
from vault.audit import Asked

COOKIE = "accord_session"

log = logging.getLogger("accord.audit")


def routes(actor_of: Callable[[str | None], Actor | None]) -> list[Route]:
    """`GET /vault/audit.csv?project=ID`, or without a project everything, with the filters of the screen's address;
    `GET /vault/recovery-sheet`, for administrators.
    """

    async def export(request: Request) -> Response:
        actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
        if actor is None:
            return Response(status_code=401)
        project, asked = request.query_params.get("project"), asked_of(request)
        try:
            lines = await run_in_threadpool(_lines, actor, project, asked)
        except AccordError as error:
            refused(actor, "export the audit", error, project=project)
            return Response(status_code=403 if error.kind == "refused" else 404)
        return StreamingResponse(
            lines, media_type="text/csv; charset=utf-8",
            headers={
                "content-disposition": 'attachment; filename="audit.csv"', "cache-control": "private, no-store",
                "x-content-type-options": "nosniff",
            },
        )  # fmt: skip

    async def sheet(request: Request) -> Response:
        actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
        if actor is None:
            return Response(status_code=401)
        if request.method != "GET":
            return Response(status_code=405, headers={"allow": "GET"})
        try:
            made = await run_in_threadpool(recovery.sheet, actor)
        except AccordError as error:
            return Response(error.message.text(actor.language), status_code=409 if error.kind == "conflict" else 403)
        with language.speaking(actor.language):
            return HTMLResponse(recovery.page(made), headers={"cache-control": "private, no-store"})

    return [Route("/vault/audit.csv", export), Route("/vault/recovery-sheet", sheet)]


def asked_of(request: Request) -> Asked:
    """What the address asks for; a day that is none leaves everything."""
    given = request.query_params
    return Asked(
        tuple(given.getlist("kind")), tuple(given.getlist("who")), given.get("document", ""),
        day(given.get("from")), day(given.get("to")),
    )  # fmt: skip


def day(text: str | None) -> date | None:
    """A day of an address, None when it is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def refused(
    actor: Actor, act: str, error: AccordError, *, project: str | None = None, document: str | None = None
) -> None:
    """Put a refusal on record, after the answer: how long that takes must not tell what there is."""

    def work() -> None:
        try:
            refusals.note(actor, act, error, project=project, document=document)
        except Exception:  # the answer stands; a full disk is told elsewhere
            log.exception("A refusal could not be put on record.")

    asyncio.get_running_loop().run_in_executor(None, work)


def _lines(actor: Actor, project: str | None, asked: Asked) -> Iterator[str]:
    return audit.exported(actor, project, asked) if project else audit.exported_everywhere(actor, asked)

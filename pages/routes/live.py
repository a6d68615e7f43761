"""Changes as they happen: `/live?project=ID` sends the number of the newest event to those who look on.

One cheap query for all listeners of the process, a few times a second; nothing is remembered
between processes, so it also works when several serve one database.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core import access, db
from core.access import Actor
from core.errors import AccordError

ActorOf = Callable[[str | None], Actor | None]

LOOK_EVERY = 0.3  # seconds; two browsers see each other well within two seconds
RECHECK_EVERY = 20  # looks between two checks of session and membership; also the keep-alive


class _Newest:
    """The newest event of each project that somebody looks at, asked once for all of them."""

    def __init__(self) -> None:
        self.by_project: dict[str, int] = {}
        self.listeners: dict[str, int] = {}
        self.task: asyncio.Task[None] | None = None

    async def look(self) -> None:
        """Ask while somebody listens; a project is asked for only when anything happened at all."""
        seen = -1
        while self.listeners:
            head = await run_in_threadpool(db.head_seq)
            if head != seen or set(self.listeners) - set(self.by_project):
                seen = head
                empty = dict.fromkeys(self.listeners, 0)
                self.by_project = empty | await run_in_threadpool(db.newest_events, list(self.listeners))
            await asyncio.sleep(LOOK_EVERY)
        self.task = None

    def join(self, project: str) -> None:
        self.listeners[project] = self.listeners.get(project, 0) + 1
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.look())

    def leave(self, project: str) -> None:
        self.listeners[project] -= 1
        if not self.listeners[project]:
            del self.listeners[project]


def routes(actor_of: ActorOf) -> list[Route]:
    """The route; `actor_of` turns the session cookie into an actor."""
    state = _Newest()

    async def live(request: Request) -> Response:
        project = request.query_params.get("project", "")
        token = request.cookies.get("accord_session")

        def allowed() -> bool:
            actor = actor_of(token)
            if actor is None:
                return False
            try:
                access.require(actor, "project.read", project)
            except AccordError:
                return False
            return True

        if not await run_in_threadpool(allowed):
            return Response(status_code=401)

        async def changes() -> AsyncIterator[str]:
            state.join(project)
            try:
                told, looks = None, 0
                while True:
                    seq = state.by_project.get(project)
                    if seq is not None and seq != told:
                        told = seq
                        yield f"data: {json.dumps({'seq': seq})}\n\n"
                    looks += 1
                    if looks % RECHECK_EVERY == 0:
                        if not await run_in_threadpool(allowed):
                            return
                        yield ": here\n\n"
                    await asyncio.sleep(LOOK_EVERY)
            finally:
                state.leave(project)

        return StreamingResponse(changes(), media_type="text/event-stream", headers={"cache-control": "no-store"})

    return [Route("/live", live)]

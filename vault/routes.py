"""Streaming upload and download: files never pass through the screens' script.

Each request is checked against the session and the document's rule at its own moment. Without a
session the answer is 401 and says nothing else. The event loop only carries bytes; encryption and
the store work in a thread, with a bounded queue between, so that memory stays constant.
"""

from __future__ import annotations

import queue
from collections.abc import AsyncIterator, Callable, Iterator
from typing import BinaryIO, cast
from urllib.parse import quote

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core import access, language
from core.access import Actor
from core.errors import AccordError, Conflict, Invalid, NotFound, Refused, Unavailable
from vault import documents, inspection
from vault.documents import FileRefused

ActorOf = Callable[[str | None], Actor | None]

COOKIE = "accord_session"
STATUS = {Refused: 403, NotFound: 404, Invalid: 422, Conflict: 409, Unavailable: 503}
PIECES_WAITING = 16  # pieces between the network and the thread; uvicorn's are 64 KiB at most

# Types that a browser may be told; everything else is bytes to keep, never to show from our origin.
DOWNLOAD_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    "cache-control": "private, no-store",
    "cross-origin-resource-policy": "same-origin",
}


def routes(actor_of: ActorOf) -> list[Route]:
    """`PUT /vault/upload` and `GET /vault/download/{document}/{version}`."""

    async def upload(request: Request) -> Response:
        actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
        if actor is None:
            return Response(status_code=401)
        asked = request.query_params
        try:
            await run_in_threadpool(access.require, actor, "document.write", asked.get("project", ""))
            declared = int(request.headers.get("content-length") or 0)
            limit = documents.vault().limit
            if declared > limit:
                raise FileRefused(inspection.too_large(limit))
            stored = await _put(actor, request)
        except ClientDisconnect:
            return Response(status_code=499)
        except AccordError as error:
            return _refusal(error, actor)
        return JSONResponse(
            {
                "outcome": stored.outcome, "document": stored.document, "code": stored.code, "title": stored.title,
                "version": stored.version, "size": stored.size, "sha256": stored.sha256,
                "reasons": [{"code": r.code, "message": r.message.text(actor.language)} for r in stored.reasons],
            }
        )  # fmt: skip

    async def download(request: Request) -> Response:
        actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
        if actor is None:
            return Response(status_code=401)
        try:
            fetched = await run_in_threadpool(
                _fetch, actor, request.path_params["document"], request.path_params["version"]
            )
        except AccordError as error:
            return _refusal(error, actor)
        return StreamingResponse(
            _pieces(fetched.chunks),
            media_type=fetched.media_type if fetched.media_type in HARMLESS else "application/octet-stream",
            headers=DOWNLOAD_HEADERS
            | {"content-disposition": disposition(fetched.file_name), "content-length": str(fetched.size)},
        )

    return [
        Route("/vault/upload", upload, methods=["PUT", "POST"]),
        Route("/vault/download/{document}/{version:int}", download),
    ]


HARMLESS = frozenset({
    "application/pdf", "image/png", "image/jpeg", "image/gif",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
})  # fmt: skip


def disposition(file_name: str) -> str:
    """Content-Disposition as an attachment under its own name (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def _fetch(actor: Actor, document: str, version: int) -> documents.Fetched:
    return documents.fetch(actor, documents.project_of(actor, document), document, version)


async def _put(actor: Actor, request: Request) -> documents.Stored:
    """Feed the body to `documents.put` in a thread as it arrives."""
    asked = request.query_params
    body = _Body()

    def work() -> documents.Stored:
        try:
            return documents.put(
                actor, asked["project"], cast(BinaryIO, body),
                file_name=asked.get("name", "file"), class_=asked.get("class", ""),
                clearance=asked.get("clearance") or None, title=asked.get("title") or None,
                document=asked.get("document") or None, note=asked.get("note", ""),
            )  # fmt: skip
        finally:
            body.drain()

    found: list[documents.Stored] = []
    failed: list[BaseException] = []

    async def run() -> None:
        try:
            found.append(await anyio.to_thread.run_sync(work))
        except BaseException as error:
            failed.append(error)
            if not isinstance(error, Exception):
                raise

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        try:
            async for piece in request.stream():
                if not body.offer(piece):
                    await anyio.to_thread.run_sync(body.give, piece)
            body.end()
        except ClientDisconnect:
            # Cut off in the middle: the thread sees an error where the rest should be and cleans up.
            body.break_off()
    if failed:
        raise failed[0]
    return found[0]


class _Body:
    """A body as a file for the thread: what the network brings, a bounded number of pieces ahead."""

    def __init__(self) -> None:
        self._pieces: queue.Queue[bytes | Exception | None] = queue.Queue(PIECES_WAITING)
        self._rest = memoryview(b"")
        self._over = False
        self._unwanted = False

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, gathered from several pieces; empty at the end."""
        parts, length = [], 0
        while length < size and not (self._over and not self._rest):
            if not self._rest:
                piece = self._pieces.get()
                if isinstance(piece, Exception):
                    self._over = True
                    raise piece
                if piece is None:
                    self._over = True
                    break
                self._rest = memoryview(piece)
            taken, self._rest = self._rest[: size - length], self._rest[size - length :]
            parts.append(taken)
            length += len(taken)
        return b"".join(parts)

    def offer(self, piece: bytes) -> bool:
        """Take a piece if there is room now."""
        if self._unwanted:
            return True
        try:
            self._pieces.put_nowait(piece)
        except queue.Full:
            return False
        return True

    def give(self, piece: bytes) -> None:
        """Take a piece, waiting for room."""
        while not self._unwanted:
            try:
                self._pieces.put(piece, timeout=0.2)
            except queue.Full:
                continue
            return

    def end(self) -> None:
        """That was all."""
        if not self._unwanted:
            self._finish(None)

    def break_off(self) -> None:
        """There is more, but it will not come."""
        self._finish(ClientDisconnect())

    def drain(self) -> None:
        """The reader wants no more: let the network run dry."""
        self._unwanted = True
        while not self._pieces.empty():
            self._pieces.get_nowait()

    def _finish(self, last: Exception | None) -> None:
        while not self._unwanted:
            try:
                self._pieces.put(last, timeout=0.2)
            except queue.Full:
                continue
            return


async def _pieces(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, each made in a thread."""
    end = object()
    try:
        while (piece := await anyio.to_thread.run_sync(next, chunks, end)) is not end:
            yield cast(bytes, piece)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()


def _refusal(error: AccordError, actor: Actor) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    with language.speaking(actor.language):
        message = error.message.text()
    code = error.reason.code if isinstance(error, FileRefused) else error.kind
    return JSONResponse({"outcome": "refused", "reasons": [{"code": code, "message": message}]}, status_code=status)

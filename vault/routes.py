"""Streaming upload and download: files never pass through the screens' script.

Each request is checked against the session and the document's rule at its own moment. Without a
session the answer is 401 and says nothing else. The event loop only carries bytes; encryption and
the store work in a thread, with a bounded queue between, so that memory stays constant.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import BinaryIO, cast
from urllib.parse import quote

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core import language, projects
from core.access import Actor
from core.errors import AccordError, Conflict, Invalid, NotFound, Refused, Unavailable
from core.language import say
from vault import documents, inspection, mail_in, preview, quota, shelf, zipping
from vault.audit_routes import refused
from vault.documents import FileRefused

ActorOf = Callable[[str | None], Actor | None]

COOKIE = "accord_session"
PREVIEW = "accord-preview"
"""The header that says how a preview is shown, as JSON: {"kind", "notes"} (vault/preview.py)."""
STATUS = {Refused: 403, NotFound: 404, Invalid: 422, Conflict: 409, Unavailable: 503}
BYTES_WAITING = 4 * 1024 * 1024  # between the network and the thread
WAKE_FROM = 256 * 1024  # bytes
SILENCE = 120.0  # seconds without a byte, after which an upload counts as cut off
UPLOADS_AT_ONCE = 16  # each holds up to 32 MiB to look inside; the next ones wait at the network

# Types that a browser may be told; everything else is bytes to keep, never to show from our origin.
DOWNLOAD_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    "cache-control": "private, no-store",
    "cross-origin-resource-policy": "same-origin",
}


def routes(actor_of: ActorOf) -> list[Route]:
    """`PUT /vault/upload`, `GET /vault/download/{document}/{version}` and `GET /vault/download/zip?project=&file=`;
    `GET /vault/preview/{document}/{version}`, with what is shown and how in the header PREVIEW.

    `file` is a document's code or id with its version behind a colon, as often as there are files. `?look`
    only tells whether it can be fetched.
    """

    async def upload(request: Request) -> Response:
        actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
        if actor is None:
            return Response(status_code=401)
        asked = request.query_params
        try:
            declared = int(request.headers.get("content-length") or 0)
            await run_in_threadpool(quota.look, actor, asked.get("project", ""), declared)
            limit = documents.vault().limit
            if declared > limit:
                raise FileRefused(inspection.too_large(limit))
            stored = await _put(actor, request)
            beside = await run_in_threadpool(_beside, actor, asked.get("project", ""), stored)
        except ClientDisconnect:
            return Response(status_code=499)
        except AccordError as error:
            refused(actor, "upload", error, project=asked.get("project"), document=asked.get("document") or None)
            return _refusal(error, actor)
        return JSONResponse(
            {
                "outcome": stored.outcome, "document": stored.document, "code": stored.code, "title": stored.title,
                "version": stored.version, "size": stored.size, "sha256": stored.sha256,
                "reasons": [{"code": r.code, "message": r.message.text(actor.language)} for r in stored.reasons]
                + [{"code": "beside", "message": one} for one in beside],
            }
        )  # fmt: skip

    def for_readers(
        answer: Callable[[Request, Actor], Awaitable[Response]],
    ) -> Callable[[Request], Awaitable[Response]]:
        """Only for somebody with a session, and only GET: Starlette adds HEAD, which would count as a look."""

        async def checked(request: Request) -> Response:
            actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
            if actor is None:
                return Response(status_code=401)
            if request.method != "GET":
                return Response(status_code=405, headers={"allow": "GET"})
            return await answer(request, actor)

        return checked

    async def download(request: Request, actor: Actor) -> Response:
        wanted = actor, request.path_params["document"], request.path_params["version"]
        try:
            if "look" in request.query_params:
                # A download that fails is a file that can't be opened: a screen asks first, and says why not.
                await run_in_threadpool(_look, *wanted)
                return Response(status_code=204, headers={"cache-control": "no-store"})
            fetched = await run_in_threadpool(_fetch, *wanted)
        except AccordError as error:
            refused(actor, "fetch", error, document=wanted[1])
            return _refusal(error, actor)
        return StreamingResponse(
            pieces(fetched.chunks),
            media_type=fetched.media_type if fetched.media_type in HARMLESS else "application/octet-stream",
            headers=DOWNLOAD_HEADERS
            | {"content-disposition": disposition(fetched.file_name), "content-length": str(fetched.size)},
        )

    async def several(request: Request, actor: Actor) -> Response:
        project, files = request.query_params.get("project", ""), request.query_params.getlist("file")
        try:
            wanted = [_versioned(one) for one in files]
            if "look" in request.query_params:
                await run_in_threadpool(zipping.look, actor, project, wanted)
                return Response(status_code=204, headers={"cache-control": "no-store"})
            chunks = await run_in_threadpool(zipping.zipped, actor, project, wanted)
            code = await run_in_threadpool(_code, actor, project)
        except AccordError as error:
            refused(actor, "fetch", error, project=project)
            return _refusal(error, actor)
        return StreamingResponse(
            pieces(chunks),
            media_type="application/zip",
            headers=DOWNLOAD_HEADERS | {"content-disposition": disposition(f"{code}.zip")},
        )

    async def previewed(request: Request, actor: Actor) -> Response:
        wanted = actor, request.path_params["document"], request.path_params["version"]
        try:
            found = await run_in_threadpool(_preview, *wanted)
        except AccordError as error:
            refused(actor, "preview", error, document=wanted[1])
            return _refusal(error, actor)
        with language.speaking(actor.language):
            about = {"kind": found.kind, "notes": [note.text() for note in found.notes]}
        return StreamingResponse(
            pieces(found.chunks),
            media_type="application/octet-stream",
            # Header values are Latin-1; the sentences are not.
            headers=DOWNLOAD_HEADERS
            | {"content-disposition": "attachment", "content-length": str(found.size), PREVIEW: json.dumps(about)},
        )

    return [
        Route("/vault/upload", upload, methods=["PUT", "POST"]),
        Route("/vault/download/zip", for_readers(several)),
        Route("/vault/preview/{document}/{version:int}", for_readers(previewed)),
        Route("/vault/download/{document}/{version:int}", for_readers(download)),
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


def _preview(actor: Actor, document: str, version: int) -> preview.Preview:
    return preview.previewed(actor, documents.project_of(actor, document), document, version)


def _versioned(file: str) -> tuple[str, int]:
    """ "DOC-3:2" as a document and a version. Raises Invalid."""
    document, _colon, number = file.rpartition(":")
    if not document or not number.isascii() or not number.isdigit():
        raise Invalid(say("A file is named by its document and version: DOC-3:2."))
    return document, int(number)


def _code(actor: Actor, project: str) -> str:
    return projects.get(actor, project).code


def _beside(actor: Actor, project: str, stored: documents.Stored) -> list[str]:
    """What came of the attachments of a mail that became a document, in the actor's language."""
    if stored.version != 1:
        return []
    with language.speaking(actor.language):
        return [one.message.text() for one in mail_in.beside(actor, project, stored.document)]


def _look(actor: Actor, document: str, version: int) -> None:
    shelf.look(actor, documents.project_of(actor, document), document, version)


async def _put(actor: Actor, request: Request) -> documents.Stored:
    """Feed the body to `documents.put` in a thread as it arrives."""
    asked = request.query_params
    body = _Body()

    def work() -> documents.Stored:
        try:
            return documents.put(
                actor, asked.get("project", ""), cast(BinaryIO, body),
                file_name=asked.get("name", "file"), class_=asked.get("class", ""),
                clearance=asked.get("clearance") or None, title=asked.get("title") or None,
                document=asked.get("document") or None, note=asked.get("note", ""),
            )  # fmt: skip
        finally:
            body.let_go()

    found: list[documents.Stored] = []
    failed: list[Exception] = []

    async def run() -> None:
        try:
            found.append(await anyio.to_thread.run_sync(work, limiter=_uploading()))
        except Exception as error:
            failed.append(error)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        try:
            async for piece in request.stream():
                await body.take(piece)
        except BaseException as error:
            # Cut off in the middle: the thread finds an error where the rest should be, and cleans up.
            body.end(ClientDisconnect())
            if not isinstance(error, ClientDisconnect):
                raise
        else:
            body.end()
    if failed:
        raise failed[0]
    return found[0]


_limiter: list[anyio.CapacityLimiter] = []


def _uploading() -> anyio.CapacityLimiter:
    """Threads of their own for uploads: however many wait for slow networks, clicks are answered."""
    if not _limiter:
        _limiter.append(anyio.CapacityLimiter(UPLOADS_AT_ONCE))
    return _limiter[0]


class _Body:
    """A body as a file for the thread: what the network brings, a bounded number of bytes ahead."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pieces: deque[bytes] = deque()
        self._waiting = 0  # bytes in _pieces
        self._over = False
        self._unwanted = False
        self._failure: Exception | None = None
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._room.set()

    # the thread

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, gathered from several pieces; empty at the end."""
        parts: list[bytes] = []
        length = 0
        with self._changed:
            while length < size:
                while not (self._pieces or self._over):
                    if not self._changed.wait(SILENCE) and not self._pieces:
                        raise ClientDisconnect
                if self._failure is not None:
                    raise self._failure
                if not self._pieces:
                    break
                piece = self._pieces.popleft()
                if len(piece) > size - length:
                    self._pieces.appendleft(piece[size - length :])
                    piece = piece[: size - length]
                parts.append(piece)
                length += len(piece)
                self._waiting -= len(piece)
                self._tell_of_room()
        return b"".join(parts)

    def let_go(self) -> None:
        """Nothing more is read: let the network run dry."""
        with self._changed:
            self._unwanted = True
            self._pieces.clear()
            self._waiting = 0
            self._tell_of_room()

    def _tell_of_room(self) -> None:
        if self._waiting <= BYTES_WAITING // 2 and not self._room.is_set():
            self._loop.call_soon_threadsafe(self._room.set)

    # the event loop

    async def take(self, piece: bytes) -> None:
        """Take a piece, waiting for room without holding up anybody else."""
        await self._room.wait()
        with self._changed:
            if self._unwanted or not piece:
                return
            self._pieces.append(piece)
            self._waiting += len(piece)
            if self._waiting >= BYTES_WAITING:
                self._room.clear()
            # Waking the thread for each piece of 64 KiB would cost more than the piece.
            if self._waiting >= WAKE_FROM:
                self._changed.notify()

    def end(self, failure: Exception | None = None) -> None:
        """That was all, or (with `failure`) there is more that will not come."""
        with self._changed:
            if not self._over:
                self._over, self._failure = True, failure
            self._changed.notify()


async def pieces(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
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

"""The redline over the network: as lines of JSON for the screen, and as a Word file.

`GET /vault/redline?project=…&a=DOC-3:2&b=DOC-3:4` answers with lines: {"progress": 0.4} as it goes,
then {"redline": …} or {"error": …}. `GET /vault/redline.docx?…` is the download; with `lines=1` it
tells its progress first, and the file follows the line {"ready": …, "bytes": n}. Whoever closes the
connection ends the work.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core import language, projects
from core.access import Actor
from core.errors import AccordError
from core.language import say
from vault import redline
from vault.redline import Redline, Tracked
from vault.routes import COOKIE, DOWNLOAD_HEADERS, STATUS, ActorOf, disposition

Pair = tuple[tuple[str, int | None], tuple[str, int | None]]
Work = Callable[[Callable[[float], None], threading.Event], tuple[dict[str, Any], bytes]]

PIECE = 256 * 1024  # bytes that are sent at once
_THREADS = ThreadPoolExecutor(4, thread_name_prefix="redline")  # the children are two; the rest waits here


def routes(actor_of: ActorOf) -> list[Route]:
    """The two routes; `actor_of` turns the session cookie into an actor."""

    async def compared(request: Request) -> Response:
        actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
        if actor is None:
            return Response(status_code=401)

        def work(progress: Callable[[float], None], cancelled: threading.Event) -> tuple[dict[str, Any], bytes]:
            project, (old, new) = _asked(actor, request)
            found = redline.compare(actor, project, old, new, progress=progress, cancelled=cancelled)
            return {"redline": told(found)}, b""

        return StreamingResponse(_lines(actor, work), media_type="application/x-ndjson", headers=DOWNLOAD_HEADERS)

    async def downloaded(request: Request) -> Response:
        actor = await run_in_threadpool(actor_of, request.cookies.get(COOKIE))
        if actor is None:
            return Response(status_code=401)
        if request.method != "GET":
            return Response(status_code=405, headers={"allow": "GET"})

        def made(progress: Callable[[float], None], cancelled: threading.Event) -> Tracked:
            project, (old, new) = _asked(actor, request)
            return redline.tracked(actor, project, old, new, progress=progress, cancelled=cancelled)

        def work(progress: Callable[[float], None], cancelled: threading.Event) -> tuple[dict[str, Any], bytes]:
            found = made(progress, cancelled)
            about = {"ready": found.file_name, "notes": [n.text() for n in found.notes]}
            return about | {"counts": vars(found.counts), "bytes": len(found.content)}, found.content

        if request.query_params.get("lines"):
            return StreamingResponse(_lines(actor, work), media_type="application/x-ndjson", headers=DOWNLOAD_HEADERS)
        cancelled = threading.Event()
        try:
            found = await run_in_threadpool(made, lambda _: None, cancelled)
        except AccordError as error:
            with language.speaking(actor.language):
                words = {"error": error.message.text(), "kind": error.kind}
            return Response(json.dumps(words, ensure_ascii=False), _status(error), media_type="application/json")
        finally:
            cancelled.set()
        return StreamingResponse(
            _cut(found.content),
            media_type=redline.DOCX,
            headers=DOWNLOAD_HEADERS
            | {"content-disposition": disposition(found.file_name), "content-length": str(len(found.content))},
        )

    return [Route("/vault/redline", compared, methods=["GET"]), Route("/vault/redline.docx", downloaded)]


def told(found: Redline) -> dict[str, Any]:
    """A redline for the screen, in the reader's words where it speaks."""
    return {
        "identical": found.identical,
        "counts": vars(found.counts),
        "notes": [note.text() for note in found.notes],
        "blocks": [_block(block) for block in found.blocks],
    }


def _block(block: dict[str, Any]) -> dict[str, Any]:
    said = dict(block)
    said["place"] = _place(block["place"])
    if "other" in block:
        said["other"] = _place(block["other"])
    if "form" in block:
        said["form"] = [_form(*one) for one in block["form"]]
    return said


PLACES = {
    "header": say("header"), "footer": say("footer"), "footnote": say("footnote {value}"),
    "endnote": say("endnote {value}"), "page": say("page {value}"), "sheet": say("sheet {value}"),
    "mail header": say("mail header"), "attachment": say("attachments"),
}  # fmt: skip


def _place(steps: list[list[str]]) -> str:
    return " › ".join(
        value if kind == "heading" else language.text(PLACES[kind].id, value=value) for kind, value in steps
    )


FORMS = {
    "style": say("style"), "alignment": say("alignment"), "list level": say("list level"), "image": say("image"),
    "bold": say("bold"), "italic": say("italic"), "underlined": say("underlined"), "struck": say("struck through"),
    "font": say("font"), "size": say("size"), "colour": say("colour"), "highlight": say("highlight"),
    "raised": say("raised or lowered"),
}  # fmt: skip


def _form(name: str, before: str, after: str) -> str:
    """A difference of formatting as words: "style: Normal → Heading 2", "bold: “must”"."""
    kind, _, value = name.partition(":")
    words = FORMS[kind].text() if kind in FORMS else kind
    if kind == "image":
        return language.text("another image")
    if kind in ("style", "alignment", "list level"):
        return f"{words}: {before or '–'} → {after or '–'}"
    words += f" {value.replace('_', ' ')}" if value else ""
    if after:
        return language.text("{what}: “{where}”", what=words, where=after)
    return language.text("no longer {what}: “{where}”", what=words, where=before)


def _asked(actor: Actor, request: Request) -> tuple[str, Pair]:
    asked = request.query_params
    project = projects.by_code(actor, asked.get("project", "")).id
    return project, (redline.named(asked.get("a", "")), redline.named(asked.get("b", "")))


def _status(error: AccordError) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


async def _lines(actor: Actor, work: Work) -> AsyncIterator[bytes]:
    """The lines of a request as they come from its thread; closing the connection cancels it."""
    loop, waiting = asyncio.get_running_loop(), asyncio.Queue[tuple[dict[str, Any], bytes, bool]]()
    cancelled = threading.Event()

    def tell(what: dict[str, Any], content: bytes = b"", last: bool = False) -> None:
        loop.call_soon_threadsafe(waiting.put_nowait, (what, content, last))

    def run() -> None:
        with language.speaking(actor.language):
            try:
                told, content = work(lambda share: tell({"progress": share}), cancelled)
                tell(told, content, last=True)
            except AccordError as error:
                tell({"error": error.message.text(), "kind": error.kind}, last=True)
            except BaseException:
                tell({"error": language.text("Something failed on our side.")}, last=True)
                raise

    loop.run_in_executor(_THREADS, run)
    try:
        last = False
        while not last:
            what, content, last = await waiting.get()
            yield json.dumps(what, ensure_ascii=False).encode() + b"\n"
            async for piece in _cut(content):
                yield piece
    finally:
        cancelled.set()


async def _cut(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]

"""`/healthz`: whether what Accord needs answers now, for supervisors and for people."""

from __future__ import annotations

import logging
import shutil

import duckdb
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core import db, ledger
from vault import documents

log = logging.getLogger("accord.health")

LEAST_FREE = 200 * 1024 * 1024  # bytes; below that a checkpoint or an upload may fail


def checks() -> dict[str, bool]:
    """Each thing that has to hold, by name."""
    found = {"database": False, "ledger": False, "disk": False, "store": False}
    if not db.is_open():
        return found
    held = db.database()
    try:
        found["ledger"] = ledger.head_fits(held)
        found["database"] = True
    except duckdb.Error:
        log.warning("The database does not answer.", exc_info=True)
    found["disk"] = shutil.disk_usage(held.home).free > LEAST_FREE
    found["store"] = documents.is_open() and documents.vault().store.answers()
    return found


def routes() -> list[Route]:
    """The route; it tells no more than yes or no for each check."""

    async def health(_request: Request) -> Response:
        found = await run_in_threadpool(checks)
        ok = all(found.values())
        return JSONResponse({"ok": ok, **found}, status_code=200 if ok else 503)

    return [Route("/healthz", health)]

"""What the board's script asks for by itself: its files, the changes since it last looked, and to do something.

Not by a rerun of the page: a rerun sends every card again, several hundred milliseconds at 2,000 of
them, and a drop is to be answered within 150.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from core import board, columns, db, language, requirements, undo
from core.access import Actor
from core.board import Filters
from core.errors import AccordError, Invalid, NotFound
from core.ids import new_id, now
from core.language import say
from core.language import text as _
from core.requirements import Draft
from pages.kit import board as kit_board
from pages.kit import scripts
from pages.requirements_view import of_pairs

ActorOf = Callable[[str | None], Actor | None]
STATUS = {"refused": 403, "not_found": 404, "invalid": 422, "stale": 409, "conflict": 409, "unavailable": 503}
LONGEST = 200_000  # bytes of a request; 2,000 chosen cards are 160,000


def routes(actor_of: ActorOf) -> list[Route]:
    """The routes; `actor_of` turns the session cookie into an actor."""

    async def script(request: Request) -> Response:
        path = scripts.FILES.get(request.path_params["name"])
        if path is None:
            return Response(status_code=404)
        return FileResponse(
            path, media_type=scripts.TYPES[path.suffix],
            headers={"cache-control": "public, max-age=31536000, immutable"},
        )  # fmt: skip

    async def changed(request: Request) -> Response:
        return await _answer(request, actor_of, _changes)

    async def done(request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > LONGEST:
            return Response(status_code=413)
        try:
            what = json.loads(await request.body())
        except ValueError:
            return Response(status_code=400)
        return await _answer(request, actor_of, lambda actor, project, asked: _do(actor, project, asked, what))

    return [
        Route(f"{scripts.ADDRESS}/{{version}}/{{name:path}}", script),
        Route("/cards/{project}", changed, methods=["GET"]),
        Route("/cards/{project}", done, methods=["POST"]),
    ]


class _Asked:
    """The view in the address of a request, and the day that the reader has."""

    def __init__(self, request: Request) -> None:
        self.view = of_pairs(request.query_params.multi_items())
        since = request.query_params.get("since", "")
        self.since = int(since) if since.isdigit() else 0
        zone = request.query_params.get("zone")
        self.zone = zone if zone in available_timezones() else None

    @property
    def today(self) -> date:
        """The day in the reader's zone."""
        return language.local(now()).date()

    @property
    def filters(self) -> Filters:
        """What the view asks of core/board.py."""
        return self.view.filters(self.today)


Work = Callable[[Actor, str, _Asked], dict[str, Any]]


async def _answer(request: Request, actor_of: ActorOf, work: Work) -> Response:
    def answered() -> Response:
        actor = actor_of(request.cookies.get("accord_session"))
        if actor is None:
            return JSONResponse({"ok": False, "message": _("Your session has ended. Sign in again.")}, status_code=401)
        asked = _Asked(request)
        language.use(actor.language, asked.zone)
        try:
            return JSONResponse(work(actor, request.path_params["project"], asked))
        except AccordError as error:
            return JSONResponse(
                {"ok": False, "kind": error.kind, "message": str(error)}, status_code=STATUS[error.kind]
            )

    return await run_in_threadpool(answered)


def _changes(actor: Actor, project: str, asked: _Asked) -> dict[str, Any]:
    found = board.changes(actor, project, asked.since, asked.filters)
    return {
        "seq": found.seq,
        "cards": [kit_board.row(card, asked.today) for card in found.cards],
        "gone": found.gone,
        "columns": found.anew,
        "others": found.others,
        "totals": board.figures(actor, project, asked.today).by_state,
    }


def _do(actor: Actor, project: str, asked: _Asked, what: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(what, dict):
        raise Invalid(say("This can't be done with a requirement."))
    if what.get("do") == "move":
        return _move(actor, project, asked, what)
    if what.get("do") == "add":
        return _add(actor, project, asked, what)
    if what.get("do") == "undo":
        return _undo(actor, project, asked, what)
    raise Invalid(say("This can't be done with a requirement."))


def _move(actor: Actor, project: str, asked: _Asked, what: Mapping[str, Any]) -> dict[str, Any]:
    ids = [str(requirement) for requirement in what.get("ids") or []]
    batch = new_id()
    lanes = {
        requirement: _lane(requirements.get(actor, project, requirement), what.get("lanes"), what["lane"])
        for requirement in ids
        if what.get("lane") is not None and what.get("lanes") in ("priority", "owner", "label")
    }
    was = what.get("was") or {}
    try:
        moved = requirements.move(
            actor, project, ids, state=str(what.get("state")), before=what.get("before"), after=what.get("after"),
            was={str(key): str(value) for key, value in was.items()}, batch=batch,
            changes={requirement: fields for requirement, fields in lanes.items() if fields},
        )  # fmt: skip
    except AccordError as error:
        # With the refusal goes how the cards stand now, so that the board can put them back truly.
        return {"ok": False, "kind": error.kind, "message": str(error), **_stand(actor, project, asked, ids)}
    away = [card for card in moved if lanes.get(card.id) or was.get(card.id, card.state_id) != card.state_id]
    column = next((state.name for state in columns.states(actor, project) if state.id == what.get("state")), "")
    said = (
        _("{code} is in “{column}” now.", code=moved[0].code, column=column)
        if len(moved) == 1
        else _("{count} requirements are in “{column}” now.", count=len(moved), column=column)
    )
    return {"ok": True, "said": said, "undo": batch if away else None, **_stand(actor, project, asked, ids)}


def _undo(actor: Actor, project: str, asked: _Asked, what: Mapping[str, Any]) -> dict[str, Any]:
    """Take back a move that the board itself made."""
    ids = [str(requirement) for requirement in what.get("ids") or []]
    try:
        undo.undo(actor, project, str(what.get("batch")))
    except AccordError as error:
        return {"ok": False, "kind": error.kind, "message": str(error), **_stand(actor, project, asked, ids)}
    return {"ok": True, "said": _("Undone."), **_stand(actor, project, asked, ids)}


def _lane(card: requirements.Requirement, lanes: Any, lane: str) -> dict[str, Any]:
    """The field that a lane stands for, when the card changes lanes."""
    if lanes == "priority":
        return {"priority": lane} if card.priority != lane else {}
    if lanes == "owner":
        return {"owner_id": lane or None} if (card.owner_id or "") != lane else {}
    first = card.labels[0] if card.labels else ""
    others = tuple(label for label in card.labels[1:] if label != lane)
    return {"labels": (lane, *others) if lane else others} if first != lane else {}


def _add(actor: Actor, project: str, asked: _Asked, what: Mapping[str, Any]) -> dict[str, Any]:
    lane = what.get("lane") or ""
    of_lane: dict[str, Any] = {}
    if lane:
        of_lane = {
            "priority": {"priority": lane}, "owner": {"owner_id": lane}, "label": {"labels": (lane,)},
        }.get(str(what.get("lanes")), {})  # fmt: skip
    fresh = requirements.create(
        actor, project, Draft(title=str(what.get("title") or ""), state=str(what.get("state")), **of_lane)
    )
    said = _("{code} is added.", code=fresh.code)
    # Shown even where the filters leave it out: who added it wants to see it.
    rows = [kit_board.row(card, asked.today) for card in board.listed(actor, project, only=[fresh.id])]
    return {"ok": True, "said": said, "cards": rows, "totals": board.figures(actor, project, asked.today).by_state}


def _stand(actor: Actor, project: str, asked: _Asked, ids: list[str]) -> dict[str, Any]:
    """The cards as they stand now, the ones that left the view, the columns' counts, the newest event."""
    try:
        head = db.head_seq()
        cards = board.listed(actor, project, asked.filters, only=ids)
        totals = board.figures(actor, project, asked.today).by_state
    except NotFound:
        return {}
    shown = {card.requirement.id for card in cards}
    return {
        "cards": [kit_board.row(card, asked.today) for card in cards],
        "gone": [requirement for requirement in ids if requirement not in shown],
        "totals": totals,
        "head": head,
    }

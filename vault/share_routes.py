"""The page behind a share link, for people without an account: what it gives, until when, and one button.

It stands outside the screens: no session, no script, nothing from outside. What does not hold is answered
the same whatever the reason. The file leaves by POST, so that the previews of chat programs, which only
look, use nothing up.
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from core import language
from core.errors import AccordError, NotFound, Refused, Unavailable
from core.language import text
from core.throttle import TooSoon
from vault import sharing
from vault.documents import Fetched
from vault.routes import DOWNLOAD_HEADERS, HARMLESS, disposition, pieces
from vault.sharing import Offer

LANGUAGE = "accord_language"
LONGEST_FORM = 4096  # bytes
HEADERS = {"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"}


def routes() -> list[Route]:
    """`GET /s/{token}` shows the page, `POST /s/{token}` gives the file; `?language=` chooses how it speaks."""

    async def shown(request: Request) -> Response:
        spoken, token = _spoken(request), request.path_params["token"]
        if request.method == "POST":
            return await _given(request, token, spoken)
        return await run_in_threadpool(_page, token, spoken)

    return [Route("/s/{token}", shown, methods=["GET", "POST"])]


async def _given(request: Request, token: str, spoken: str) -> Response:
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > LONGEST_FORM:
        return Response(status_code=413)
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    password, address = form.get("password", [""])[0], request.client.host if request.client else ""

    def use() -> Fetched | Response:
        try:
            return sharing.use(token, password=password, address=address)
        except AccordError as error:
            return _page(token, spoken, error)

    found = await run_in_threadpool(use)
    if isinstance(found, Response):
        return found
    return StreamingResponse(
        pieces(found.chunks),
        media_type=found.media_type if found.media_type in HARMLESS else "application/octet-stream",
        headers=DOWNLOAD_HEADERS
        | {"content-disposition": disposition(found.file_name), "content-length": str(found.size)},
    )


def _page(token: str, spoken: str, error: AccordError | None = None) -> Response:
    with language.speaking(spoken):
        try:
            found = sharing.offer(token)
        except NotFound as gone:
            return HTMLResponse(_html(spoken, f"<p>{escape(str(gone))}</p>"), status_code=404, headers=HEADERS)
        status = {Refused: 403, TooSoon: 429, Unavailable: 503}.get(type(error), 200) if error else 200
        return HTMLResponse(_html(spoken, _offered(found, error)), status_code=status, headers=HEADERS)


def _offered(found: Offer, error: AccordError | None) -> str:
    until = text("The link holds until {moment} (UTC).", moment=language.moment(found.until))
    said = f'<p class="no" role="alert">{escape(str(error))}</p>' if error else ""
    if found.locked:
        what = f"<p>{escape(text('{organisation} shares a file with you. It opens with the password that you were given.', organisation=found.organisation))}</p>"
        field = (
            f'<label for="password">{escape(text("Password"))}</label>'
            '<input id="password" name="password" type="password" required autocomplete="off" maxlength="256">'
        )
    else:
        about = text("{name} of {organisation} shares this file with you.", name=found.maker,
                     organisation=found.organisation)  # fmt: skip
        what = f'<p>{escape(about)}</p><p class="file"><bdi>{escape(found.file_name)}</bdi> <span>{escape(language.size(found.size))}</span></p>'
        field = ""
    return (
        f'{what}<form method="post">{field}{said}<button>{escape(text("Fetch the file"))}</button></form>'
        f"<small>{escape(until)} {escape(text('Each use is on record with the address that asks.'))}</small>"
    )


def _html(spoken: str, body: str) -> str:
    other, name = ("en", "English") if spoken == "zh_CN" else ("zh_CN", "中文")
    return f"""<!doctype html>
<html lang="{spoken.replace("_", "-")}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Accord · {escape(text("Shared file"))}</title>
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/fonts/fonts.css">
<style>{STYLE}</style>
<main><header><h1>{escape(text("Shared file"))}</h1><a href="?language={other}" lang="{other.replace("_", "-")}">{name}</a></header>
{body}</main>
</html>
"""


STYLE = """
:root { color-scheme: light dark; --ground: #f6f7f5; --paper: #fff; --ink: #1c2622; --quiet: #56625c; --line: #dfe4e0;
        --accent: #0b6b57; --on: #fff; --no: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ground: #131816; --paper: #1b2220; --ink: #e7ece9; --quiet: #a3afa9;
        --line: #303a36; --accent: #4cc3a5; --on: #0d1f1a; --no: #ff8f85 } }
body { margin: 0; background: var(--ground); color: var(--ink);
       font: 16px/1.55 "Inter Variable", "Noto Sans SC Variable", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif }
main { max-width: 30rem; margin: 12vh auto; padding: 1.75rem; background: var(--paper); border: 1px solid var(--line);
       border-radius: 10px; box-sizing: border-box; width: calc(100% - 2rem) }
header { display: flex; justify-content: space-between; align-items: baseline }
h1 { font-size: 1.25rem; margin: 0 }
a { color: var(--accent) }
.file { font-weight: 600; overflow-wrap: anywhere }
.file span, small { color: var(--quiet); font-weight: 400 }
small { display: block; margin-top: 1.25rem; font-size: 13px }
label { display: block; margin-bottom: .25rem }
input { width: 100%; box-sizing: border-box; font: inherit; padding: .55rem .7rem; border: 1px solid var(--quiet);
        border-radius: 7px; background: var(--ground); color: inherit; margin-bottom: 1rem }
button { font: inherit; font-weight: 600; padding: .55rem 1.1rem; border: 0; border-radius: 7px; background: var(--accent);
         color: var(--on); cursor: pointer }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.no { color: var(--no) }
"""


def _spoken(request: Request) -> str:
    """The language that was chosen on the page, else Accord's in this browser, else what the browser asks for."""
    for asked in (request.query_params.get("language"), request.cookies.get(LANGUAGE)):
        if asked in language.LANGUAGES:
            return str(asked)
    return "zh_CN" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"

"""The command line: `accord [--home DIR] [--as MAIL] COMMAND … [--json]`.

Programs rely on it: names, fields and exit status are a contract (docs/cli.md). 0 is done, 1 means
that the domain said no, 2 wrong usage. While the app holds the data folder a command is handed over
to it (core/control.py), otherwise it opens the folder itself; `perform` is the same in both.
What is imported late is imported late so that `accord --help` answers at once.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from commands import COMMANDS, ON_A_FILE
from commands.arguments import parser
from commands.asked import Asked, Tell, encoded, opened

if TYPE_CHECKING:
    from core.access import Actor
    from core.errors import AccordError
    from core.settings import Settings

WAIT = 10.0  # seconds for an app that starts or stops, or another command that holds the folder

log = logging.getLogger("accord.command")


def perform(request: dict[str, Any], out: Tell, err: Tell) -> int:
    """Do a command on the data folder that this process holds; the exit status."""
    from core import access, accounts, language
    from core.errors import AccordError
    from core.language import text

    actor = None
    with language.speaking(request["language"]):
        try:
            who = request["options"]["as"]
            actor = (
                accounts.by_mail(who).actor
                if who
                else access.Actor(id="operator", name=request["user"], kind="operator")
            )
            asked = Asked(actor, request["options"], Path(request["folder"]), err)
            answer = COMMANDS[request["command"]].run(asked)
        except AccordError as error:
            status = _no(error.kind, str(error), request["options"]["json"], out, err)
            if actor is not None:
                _on_record(actor, request, error)
            return status
        except Exception as error:
            number = secrets.token_hex(3).upper()
            log.exception("reference %s", number, exc_info=error)
            err(
                text("Something failed on our side (reference {number}). More is in log/accord.log.", number=number)
                + "\n"
            )
            return 1
    out(encoded(answer.data) if request["options"]["json"] else answer.text.rstrip("\n") + "\n")
    return 0 if answer.ok else 1


def _on_record(actor: Actor, request: dict[str, Any], error: AccordError) -> None:
    """A refusal of somebody whom --as names stands in the audit."""
    from core import refusals

    options = request["options"]
    refusals.note(actor, request["command"], error, project=options.get("project"), document=options.get("document"))


def _here(settings: Settings, request: dict[str, Any], out: Tell, err: Tell) -> int:
    """Do a command with the data folder opened for it."""
    from core import db
    from core.errors import Unavailable

    command = COMMANDS[request["command"]]
    with ExitStack() as closing:
        db.open_home(settings.home)
        closing.callback(db.close)
        closing.enter_context(_logging(settings.home))
        if command.store or request["options"].get("sample"):
            from vault.opening import open_vault

            try:
                closing.enter_context(open_vault(settings))
            except Unavailable as error:
                if request["command"] != "verify" or request["options"]["contents"]:
                    raise
                err(f"{error}\n")  # the ledger can be read without the store
        return perform(request, out, err)


def _do(settings: Settings, request: dict[str, Any], out: Tell, err: Tell) -> int:
    """Hand the command to the app, or do it here; wait a little for a folder that changes hands."""
    from core import control, db
    from core.errors import NotFound, Unavailable
    from core.language import say

    if COMMANDS[request["command"]].standing and not (settings.home / db.FILE_NAME).exists():
        raise NotFound(
            say("There is no Accord in {home}. Begin with `accord setup`, or name another folder with --home.",
                home=str(settings.home))
        )  # fmt: skip
    until = time.monotonic() + WAIT
    while True:
        status = control.ask(settings.home, request, out, err)
        if status is not None:
            return status
        try:
            return _here(settings, request, out, err)
        except Unavailable:
            if db.is_open() or not _held(settings.home) or time.monotonic() > until:
                raise
        time.sleep(0.1)


def _held(home: Path) -> bool:
    """Whether another process has the data folder now."""
    import duckdb

    from core import db

    try:
        duckdb.connect(str(home / db.FILE_NAME), config=db.CONFIG).close()
    except duckdb.IOException as error:
        return "Could not set lock" in str(error)
    return True  # it has just been let go of


def serve(settings: Settings, options: dict[str, Any]) -> int:
    """Serve until Ctrl-C."""
    from pages.serving import serve as serving

    return serving(settings, host=options["host"], port=options["port"], run=perform)


def config(settings: Settings, options: dict[str, Any], out: Tell) -> int:
    """Print each setting with its value and where that comes from; secrets hidden."""
    from core.settings import SECRETS, TABLE

    items = [
        {
            "name": s.name,
            "value": "********" if s.name in SECRETS and settings.values[s.name] else settings.values[s.name],
            "from": settings.origins[s.name],
            "meaning": s.meaning.text(),
        }
        for s in TABLE
    ]
    if options["json"]:
        out(encoded({"home": str(settings.home.resolve()), "settings": items}))
        return 0
    out(f"home = {settings.home.resolve()}\n\n")
    for one in items:
        out(f"{one['name']} = {json.dumps(one['value'], ensure_ascii=False)}\n    {one['meaning']}  [{one['from']}]\n")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    top = parser()
    options = vars(top.parse_args(arguments))
    command = options.pop("command")
    options = {"home": None, "as": None, "json": False} | options
    if command == "document classify" and options["from"] and options["class"]:
        top.error("--from is for a clearance alone; give the class without it")
    if command == "put":
        if not options["class"] and not options["document"]:
            top.error("put needs --class, or --document for a next version")
        if options["title"] and len(options["files"]) > 1:
            top.error("--title is for one file")
    if command == "vault move" and bool(options["access_key"]) != bool(options["password_file"]):
        top.error("--access-key and --password-file belong together")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    return _run(command, options)


def _run(command: str, options: dict[str, Any]) -> int:
    from core import language, settings
    from core.errors import AccordError

    out, err = _writer(sys.stdout), _writer(sys.stderr)
    spoken = _spoken()
    language.use(spoken)
    home = Path(options["home"] or os.environ.get("ACCORD_HOME") or "data").absolute()
    try:
        if command in ON_A_FILE:
            answer = ON_A_FILE[command](options)
            out(encoded(answer.data) if options["json"] else answer.text + "\n")
            return 0
        found = settings.load(home)
        if command == "serve":
            return serve(found, options)
        if command == "config":
            return config(found, options, out)
        if options.get("password_file"):
            options["password"] = _password(Path(options.pop("password_file")))
        request = {
            "command": command, "options": options, "folder": str(Path.cwd()), "user": _user(), "language": spoken,
        }  # fmt: skip
        return _do(found, request, out, err)
    except AccordError as error:
        return _no(error.kind, str(error), options["json"], out, err)
    except KeyboardInterrupt:
        return 130


def _no(kind: str, message: str, as_json: bool, out: Tell, err: Tell) -> int:
    err(message + "\n")
    if as_json:
        out(encoded({"error": {"kind": kind, "message": message}}))
    return 1


def _password(path: Path) -> str:
    """The first line of a file; read here, because the app may not be able to."""
    from core.errors import Invalid
    from core.language import say

    with opened(path) as source:
        try:
            return source.readline(4096).decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise Invalid(say("{file} is not a text in UTF-8.", file=str(path)), field="password") from error


def _user() -> str:
    """The account of the system, for the ledger."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "operator"


def _spoken() -> str:
    """zh_CN when the shell speaks Chinese, else en."""
    told = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh_CN" if told.startswith("zh") else "en"


def _writer(stream: IO[str]) -> Tell:
    def write(piece: str) -> None:
        stream.write(piece)
        stream.flush()

    return write


@contextmanager
def _logging(home: Path) -> Iterator[None]:
    """What is logged while a command holds the folder goes where the app's log is."""
    (home / "log").mkdir(mode=0o700, exist_ok=True)
    handler = logging.FileHandler(home / "log" / "accord.log", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


if __name__ == "__main__":
    sys.exit(main())

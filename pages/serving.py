"""The life of the server process: open what is needed, serve, close everything.

Each thing that can be in the way (a busy port, a held data folder, a full disk) is one sentence with
the way out; what Streamlit and uvicorn would print goes to the log in the data folder.
"""

from __future__ import annotations

import gc
import logging
import logging.handlers
import os
import signal
import socket
import ssl
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from core import control, db
from core.errors import Unavailable
from core.language import say, text
from core.settings import Settings
from pages.routes.names import Gate, names_for
from vault import search_index
from vault.housekeeping import Housekeeping
from vault.opening import open_vault

ROOT = Path(__file__).parent.parent
STOP_WITHIN = 1  # seconds that open connections get to finish; live ones never would


def serve(
    settings: Settings, *, host: str | None = None, port: int | None = None, run: control.Run | None = None
) -> int:
    """Serve the data folder of `settings` until Ctrl-C or SIGTERM; the exit status.

    `run` does the commands that the command line hands over meanwhile (core/control.py).
    Raises Unavailable, before anything is served, with what is in the way.
    """
    host = host or settings.text("host")
    port = port or settings.count("port")
    tls = _tls(settings)
    listening = _listen(host, port)
    # After an orderly end uvicorn sends itself the signal again, which would end us before we have closed.
    signal.signal(signal.SIGTERM, _interrupt)
    with ExitStack() as closing:
        closing.callback(listening.close)
        db.open_home(settings.home)
        closing.callback(db.close)
        try:
            _log_to(settings.home)
            closing.enter_context(open_vault(settings))
            search_index.start()
        except OSError as error:
            raise db.unusable(settings.home, error) from error
        closing.callback(Housekeeping(settings).close)
        if run is not None:
            closing.callback(control.listen(settings.home, run).close)
        _run(settings, listening, host, port, tls)
    return 0


def _run(settings: Settings, listening: socket.socket, host: str, port: int, tls: tuple[str, str] | None) -> None:
    os.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from the working directory
    os.environ["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "false"
    import uvicorn
    from streamlit.web import bootstrap

    bootstrap.load_config_options({"server.address": host, "server.port": port})
    from app import app

    _quiet()
    names = names_for(host, public_url=settings.text("public_url"), trust_proxy=settings.holds("trust_proxy"))
    server = uvicorn.Server(
        uvicorn.Config(
            Gate(app, names),
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=64 * 1024 * 1024,
            timeout_graceful_shutdown=STOP_WITHIN,
            proxy_headers=settings.holds("trust_proxy"),
            forwarded_allow_ips="*" if settings.holds("trust_proxy") else None,
            server_header=False,
            ssl_certfile=tls[0] if tls else None,
            ssl_keyfile=tls[1] if tls else None,
        )
    )
    scheme = "https" if tls else "http"
    shown = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::") else host  # noqa: S104
    print(text("Accord runs on {address}  (Ctrl-C stops it)", address=f"{scheme}://{shown}:{port}"), flush=True)
    threading.Thread(target=_settle, name="settle", daemon=True).start()
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        return
    finally:
        gc.unfreeze()  # the interpreter's end wants to find everything, and DuckDB complains of what it doesn't


def _settle() -> None:
    """Load what draws screens, then take all that is loaded out of the garbage collector's rounds.

    Streamlit collects after every run of a script, while the answer is on its way: with the objects of
    the libraries among them that is 90 ms of processor a click, without them 10.
    """
    from pages.kit import charts  # noqa: F401  (brings Altair and pandas)

    gc.collect()
    gc.freeze()


def _tls(settings: Settings) -> tuple[str, str] | None:
    """The files of certificate and key, tried here so that what is wrong with them is a sentence."""
    certificate, key = settings.text("tls.certificate"), settings.text("tls.key")
    if not certificate and not key:
        return None
    if not certificate or not key:
        raise Unavailable(say("HTTPS needs both settings, tls.certificate and tls.key. Name the other one as well."))
    for path in (certificate, key):
        if not os.access(path, os.R_OK):
            raise Unavailable(say("The file {file} of the setting tls can't be read.", file=path))
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:
        raise Unavailable(
            say(
                "The certificate {file} can't be used with its key: {reason}. Both are PEM files that belong together.",
                file=certificate, reason=str(error),
            )
        ) from error  # fmt: skip
    return certificate, key


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Unavailable(
            say(
                "Port {port} on {host} can't be used: {reason}. Stop what uses it, or start with --port {other}.",
                port=port, host=host, reason=error.strerror or str(error), other=port + 1,
            )
        ) from error  # fmt: skip
    listening.listen(512)
    return listening


def _log_to(home: Path) -> None:
    """Everything that is logged goes to log/accord.log, five files of 2 MB."""
    folder = home / "log"
    folder.mkdir(mode=0o700, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "accord.log", maxBytes=2_000_000, backupCount=4, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def _quiet() -> None:
    """What Streamlit says goes into the log as well; it gives each of its loggers a handler for the screen."""
    from streamlit import logger as streamlit_logger

    def into_the_log(logger: logging.Logger) -> None:
        logger.handlers.clear()
        logger.propagate = True

    streamlit_logger.setup_formatter = into_the_log
    streamlit_logger.update_formatter()
    logging.captureWarnings(True)

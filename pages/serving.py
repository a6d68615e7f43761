"""The life of the server process: open what is needed, serve, close everything.

Each thing that can be in the way (a busy port, a held data folder, a full disk) is one sentence with
the way out; what Streamlit and uvicorn would print goes to the log in the data folder.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

from core import control, db
from core.errors import Unavailable
from core.language import say, text
from core.settings import Settings
from vault.opening import open_vault

ROOT = Path(__file__).parent.parent
STOP_WITHIN = 2  # seconds that open connections get to finish; live ones never would


def serve(
    settings: Settings, *, host: str | None = None, port: int | None = None, run: control.Run | None = None
) -> int:
    """Serve the data folder of `settings` until Ctrl-C or SIGTERM; the exit status.

    `run` does the commands that the command line hands over meanwhile (core/control.py).
    Raises Unavailable, before anything is served, with what is in the way.
    """
    host = host or settings.text("host")
    port = port or settings.count("port")
    listening = _listen(host, port)
    with ExitStack() as closing:
        closing.callback(listening.close)
        db.open_home(settings.home)
        closing.callback(db.close)
        _log_to(settings.home)
        closing.enter_context(open_vault(settings))
        if run is not None:
            closing.callback(control.listen(settings.home, run).close)
        _run(settings, listening, host, port)
    return 0


def _run(settings: Settings, listening: socket.socket, host: str, port: int) -> None:
    os.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from the working directory
    os.environ["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "false"
    import uvicorn
    from streamlit.web import bootstrap

    bootstrap.load_config_options({"server.address": host, "server.port": port})
    from app import app

    tls = settings.text("tls.certificate"), settings.text("tls.key")
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=64 * 1024 * 1024,
            timeout_graceful_shutdown=STOP_WITHIN,
            proxy_headers=settings.holds("trust_proxy"),
            forwarded_allow_ips="*" if settings.holds("trust_proxy") else None,
            server_header=False,
            ssl_certfile=tls[0] or None,
            ssl_keyfile=tls[1] or None,
        )
    )
    scheme = "https" if tls[0] else "http"
    shown = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::") else host  # noqa: S104
    print(text("Accord runs on {address}  (Ctrl-C stops it)", address=f"{scheme}://{shown}:{port}"), flush=True)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        return


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

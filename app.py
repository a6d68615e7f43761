"""The web application: the screens, the streaming routes and the headers.

`accord serve` runs it on an open data folder (pages/serving.py).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages import errors
from pages.routes import assets, board, headers, health, live, preview, search, session
from pages.routes.session import actor_of
from vault import audit_routes, redline_routes, share_routes, template_routes
from vault import routes as vault_routes

ROOT = Path(__file__).parent


app = st.App(
    ROOT / "pages" / "shell.py",
    routes=[
        *assets.routes(),
        *health.routes(),
        *live.routes(actor_of),
        *preview.routes(),
        *board.routes(actor_of),
        *search.routes(actor_of),
        *session.routes(),
        *vault_routes.routes(actor_of),
        *redline_routes.routes(actor_of),
        *audit_routes.routes(actor_of),
        *share_routes.routes(),
        *template_routes.routes(actor_of),
    ],
    middleware=[Middleware(headers.Headers)],
    on_script_error=errors.on_script_error,
)

"""The web application: the screens, the streaming routes, the headers, and what starts with them.

`accord serve` runs it (pages/serving.py); `streamlit run app.py` would too, on an open data folder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages import errors
from pages.routes import assets, headers, health, live, session
from pages.routes.session import actor_of

ROOT = Path(__file__).parent


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Nothing of ours runs in the background: the data folder is opened and closed by serving."""
    yield


app = st.App(
    ROOT / "pages" / "shell.py",
    routes=[*assets.routes(), *health.routes(), *live.routes(actor_of), *session.routes()],
    middleware=[Middleware(headers.Headers)],
    on_script_error=errors.on_script_error,
    lifespan=lifespan,
)

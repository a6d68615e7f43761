"""Scripts of our own components: served as files, so that a rerun of the page doesn't carry them along."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

KIT = Path(__file__).parent
ADDRESS = "/kit"
TYPES = {
    ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".wasm": "application/wasm",
    ".bcmap": "application/octet-stream", ".pfb": "application/octet-stream", ".ttf": "font/ttf",
}  # fmt: skip
FILES = {
    path.relative_to(KIT).as_posix(): path
    for path in sorted(KIT.rglob("*"))
    if path.suffix in TYPES and "__pycache__" not in path.parts
}
"""What may be asked for: name below ADDRESS/<version>/ -> file."""


@cache
def version() -> str:
    """A digest of all scripts: part of their address, so that a browser may keep them for good."""
    digest = hashlib.sha256()
    for path in FILES.values():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def component(name: str, script: str, style: str) -> Callable[..., Any]:
    """The component whose script is the file `script`, one of FILES, in the kit's folder.

    What Streamlit gets is one line that fetches the file: it sends its own copy with every rerun.
    """
    address = f"{ADDRESS}/{version()}/{script}"
    return st.components.v2.component(
        f"accord_{name}",
        css=(KIT / style).read_text(encoding="utf-8"),
        js=f"""export default async (component) =>
            (await import(new URL("{address}", window.location.origin).href)).default(component);""",
    )


def pressed(key: str, name: str) -> Any:
    """What was pressed (`name`) in the component with the key `key`, for its callback.

    None when the page was left before the press arrived: what stood there can be clicked until the next page
    is drawn, and by then its state is gone.
    """
    return getattr(st.session_state.get(key), name, None)

"""The frame of a preview: what fences it in, and that what is shipped is what was published."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.kit import scripts
from pages.routes import headers, preview

VENDOR = Path(preview.PAGE).parents[1] / "vendor"

SHIPPED = {
    # file -> (package at npm, SHA-256); pdf.js from legacy/build, docx-preview and markdown-it from dist
    "pdf.min.mjs": ("pdfjs-dist 6.5.438", "522ad2c83bc8a0010e7f0cc60d0892b77c8d2bf2c9702dc12288311d94270f42"),
    "pdf.worker.min.mjs": ("pdfjs-dist 6.5.438", "b4c8353ded0d88d2e2009574a29eb4e0c3ff7e942ecdf51ef5f71566a9667f31"),
    "docx-preview.min.js": ("docx-preview 0.4.1", "c4a133c65a112799e35b143c572dfff9e923a3bf39b5fd3b07a06aa0f8f530c2"),
    "jszip.min.js": ("jszip 3.10.2", "7f839b2d4688b845c105ebf5d2f9803075f91ea0fe72bdaac176c3a04dd3d2c1"),
    "markdown-it.min.js": ("markdown-it 15.0.3", "391f2aa638e75e6c7859d0a5c5650ef0956722a45998f17e05b83bc655778e1e"),
}
FOLDERS = {
    # name -> (package, SHA-256 over names and contents); of the fonts those that are free to pass on (not Liberation, GPL)
    "cmaps": ("pdfjs-dist 6.5.438", "f79f55e2765bb9656f9abeec040dc1989f24257396f9eef5b127e08117604ed3"),
    "standard_fonts": ("pdfjs-dist 6.5.438", "eacb8b1cc0f530af4e1caf95341d59e364fba873e3655ef74eca3d710522b450"),
    "wasm": ("pdfjs-dist 6.5.438", "d51851fef26c4a1c6dd1b83ecccf766f7b9d8b3f95f72de8788f717586c82115"),
}
LICENCES = {
    "pdfjs.LICENSE": "Apache License", "docx-preview.LICENSE": "Apache License", "jszip.LICENSE": "MIT",
    "markdown-it.LICENSE": "Permission is hereby granted", "cmaps/LICENSE": "Redistribution",
    "standard_fonts/LICENSE_FOXIT": "Redistribution", 
    "wasm/LICENSE_JBIG2": "", "wasm/LICENSE_OPENJPEG": "Redistribution", "wasm/LICENSE_PDFJS_JBIG2": "",
    "wasm/LICENSE_PDFJS_OPENJPEG": "",
}  # fmt: skip


@pytest.fixture
def answer():
    """The frame's page, as it is answered behind the headers of every answer."""
    app = Starlette(routes=preview.routes())
    app.add_middleware(headers.Headers)
    return TestClient(app).get(preview.FRAME, headers={"accept": "text/html"})


def policy(answer):
    return dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))


def test_the_frame_has_no_origin_even_when_it_is_opened_by_itself(answer):
    assert policy(answer)["sandbox"] == "allow-scripts"


def test_the_frame_may_fetch_nothing_and_lead_nowhere(answer):
    found = policy(answer)
    for what in ("default-src", "connect-src", "frame-src", "object-src", "base-uri", "form-action"):
        assert found[what] == "'none'", what
    allowed = {word for name, value in found.items() if name.endswith("-src") for word in value.split()}
    assert {word for word in allowed if not word.startswith("'")} == {"blob:", "data:"}


def test_only_the_frames_own_script_runs_in_it(answer):
    sources = policy(answer)["script-src"].split()
    assert [s for s in sources if not s.startswith("'sha256-")] == ["blob:", "'wasm-unsafe-eval'"]
    assert len(re.findall("<script", answer.text)) == 1
    assert not re.search(r" on\w+=", answer.text)


def test_only_our_own_page_may_hold_the_frame(answer):
    assert policy(answer)["frame-ancestors"] == "'self'"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers


# what is shipped


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("name", "package", "sha256"), [(n, *about) for n, about in SHIPPED.items()])
def test_a_library_is_the_one_that_was_published(name, package, sha256):
    assert digest(VENDOR / name) == sha256, package


@pytest.mark.parametrize(("name", "package", "sha256"), [(n, *about) for n, about in FOLDERS.items()])
def test_what_lies_beside_the_libraries_is_what_was_published(name, package, sha256):
    found = hashlib.sha256()
    for path in sorted((VENDOR / name).iterdir()):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    assert found.hexdigest() == sha256, package


@pytest.mark.parametrize(("name", "words"), LICENCES.items())
def test_each_has_its_licence_beside_it(name, words):
    assert words.lower() in (VENDOR / name).read_text(encoding="utf-8", errors="replace").lower()


def test_nothing_else_is_shipped_and_all_of_it_can_be_asked_for():
    known = {*SHIPPED, *LICENCES}
    files = [path for path in VENDOR.rglob("*") if path.is_file()]
    assert {p.name for p in files if p.parent == VENDOR} <= known
    assert {p.parent.name for p in files if p.parent != VENDOR} == set(FOLDERS)
    served = {path for name, path in scripts.FILES.items() if name.startswith("preview/vendor/")}
    assert {p for p in files if "LICENSE" not in p.name} == served
    assert sum(p.stat().st_size for p in files) < 4_500_000

"""Every message stands in every catalogue, and no catalogue holds one that nobody says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from core.language import CATALOGUES, LANGUAGES

ROOT = Path(__file__).parents[2]
SAYING = {"say", "text", "_"}
TRANSLATED = [language for language in LANGUAGES if language != "en"]


@cache
def said() -> dict[str, str]:
    """Message id -> a place that says it."""
    found: dict[str, str] = {}
    for path in [
        *ROOT.glob("*.py"),
        *(p for d in ("core", "vault", "pages", "commands") for p in (ROOT / d).rglob("*.py")),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            # `text("…")` and `language.text("…")` say something; `settings.text("mail.host")` does not.
            called = node.func
            if isinstance(called, ast.Attribute):
                name = called.attr if getattr(called.value, "id", "") == "language" else ""
            else:
                name = getattr(called, "id", "")
            count = 2 if name == "plural" else 1 if name in SAYING else 0
            for argument in node.args[:count]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found[argument.value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def written(language: str) -> list[tuple[str, str, str]]:
    """(id, translation, file) of each entry of a language."""
    entries = []
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as source:
            entries += [(str(m.id), str(m.string), path.name) for m in read_po(source, locale=language) if m.id]
    return entries


def test_there_are_messages():
    assert len(said()) > 20


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language):
    done = {message for message, translation, _ in written(language) if translation}
    missing = {message: place for message, place in said().items() if message not in done}
    assert not missing


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language):
    assert not {(message, file) for message, _, file in written(language)} - {
        (message, file) for message, _, file in written(language) if message in said()
    }


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_message_has_one_translation(language):
    by_id: dict[str, set[str]] = {}
    for message, translation, _ in written(language):
        by_id.setdefault(message, set()).add(translation)
    assert not {message: found for message, found in by_id.items() if len(found) > 1}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_the_values(language):
    def names(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)", text))

    assert not [
        (message, translation)
        for message, translation, _ in written(language)
        if not names(translation) <= names(message) or not names(message) - {"count"} <= names(translation)
    ]

"""docs/cli.md is made from the command line itself: `python -m tests.checks.test_cli_reference` writes it."""

from __future__ import annotations

import argparse
from pathlib import Path

import cli

REFERENCE = Path(__file__).parents[2] / "docs" / "cli.md"

HEAD = """# The command line

`accord [--home DIR] [--as MAIL] COMMAND … [--json]`; the three may also stand behind the command.

Names, fields and exit status are a contract that other programs may rely on. The same commands work while
the app runs (it holds the data folder, so a command is handed over to it through `accord.sock`) and while it
does not (the command opens the folder itself; if another one holds it, it waits up to ten seconds).

| exit status | |
|---|---|
| 0 | done |
| 1 | the domain said no: why stands on stderr; with `--json` also `{"error": {"kind": …, "message": …}}` on stdout; kinds are `refused, not_found, invalid, stale, conflict, unavailable`. `put` and `verify` print their usual JSON and end with 1 when a file was refused or something is wrong |
| 2 | wrong usage |

Without `--as` a command acts as the operator, whoever may read the data folder, and is recorded with the name
of that account of the system. With `--as` it acts with that person's rights. Moments are ISO 8601 with Z.
Messages are Chinese when the shell is (`LANG=zh_CN.UTF-8`).
"""

PRINTS = {
    "setup": '{"account": id}',
    "user add": '{"account": id}',
    "member add": '{"membership": id}',
    "client add": '{"client": id}',
    "project add": '{"project": id, "code": C}',
    "import trello": '{"import": id, "read": {kind: n}, "created": {…}, "updated": {…}, "unchanged": {…}, '
    '"dropped": [{"kind", "id", "reason"}]}',
    "import undo": '{"reversed": {kind: n}, "kept": [{"kind", "id", "reason"}]}',
    "list requirements": '{"items": [{"id", "code", "title", "state", "priority", "owner", "labels", "due", '
    '"archived", "revision"}], "total": n}',
    "list documents": '{"items": [{"id", "code", "title", "class", "clearance", "version", "size", "sha256"}], '
    '"total": n}',
    "list risks": '{"items": [{"id", "code", "title", "kind", "state", "category", "owner", "likelihood", "impact", '
    '"score", "internal", "revision"}], "total": n}',
    "list events": '{"items": [{"id", "at", "actor", "entity", "action"}], "total": n}',
    "put": '{"items": [{"file", "outcome": "stored|warning|refused", "document", "version", "sha256", "size", '
    '"reasons": [{"code", "message"}]}]}',
    "get": '{"document", "version", "sha256", "size"}',
    "redline": '{"insertions", "deletions", "moved", "notes": []}',
    "proof": '{"document", "version", "event", "head", "fingerprint"}',
    "risk simulate-model": '{"trials", "seed", "mean", "sd", "p10", "p50", "p80", "p90", "standard_error_p80", '
    '"probability_within": {limit: share}, "items": [{"name", "mean", "criticality", "rank_correlation", '
    '"swing": [low, high]}], "correlation_moved"}',
    "risk emv": '{"best", "values": {name: n}}',
    "keys show": '{"master", "changing", "sheet", "fingerprint", "public_key"}',
    "keys rotate": '{"key", "renewed"}',
    "keys sheet": '{"key"}',
    "keys restore": '{"key"}',
    "vault move": '{"carried", "objects", "switched"}',
    "search": '{"items": [{"document", "version", "title", "snippet"}], "total": n}',
    "index rebuild": '{"documents", "with_text", "characters", "seconds"}',
    "why": '{"sees": bool, "chain": [{"rule": "membership|role|denial|grant|rule|clearance", "opens": bool, "text"}]}',
    "document classify": '{"document", "class", "clearance", "planned": null | {"clearance", "from"}}',
    "document discard": '{"document", "discarded"}',
    "document hold": '{"held", "hold", "released"}',
    "document restore": '{"document", "version", "restored_from", "sha256", "size"}',
    "completeness": '{"documents": [{"document", "code", "title", "class", "version", "percent", "missing": [sentence], '
    '"findings": [{"kind", "what", "place", "count"}]}], "required": [{"phase", "class", "state", "present", "approved", '
    '"due", "title", "document", "lacks"}]}',
    "template new": '{"file", "class", "title", "clearance", "size"}',
    "verify": '{"ok", "events", "head", "documents", "problems": [{"kind", "where", "what"}]}',
    "config": '{"home", "settings": [{"name", "value", "from", "meaning"}]}',
}
"""What a command prints with --json; tests/test_cli.py holds the fields to it."""

EVERYWHERE = {"help", "home", "as", "json"}


def reference() -> str:
    """The page as the code has it now."""
    return HEAD + "".join(_section(name, found) for name, found in _commands(cli.parser()))


def _commands(parser: argparse.ArgumentParser, before: str = "") -> list[tuple[str, argparse.ArgumentParser]]:
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                name = f"{before} {word}".strip()
                deeper = _commands(inner, name)
                found += deeper or [(name, inner)]
    return found


def _section(name: str, parser: argparse.ArgumentParser) -> str:
    options = [a for a in parser._actions if a.dest not in EVERYWHERE]
    words = " ".join(_usage(a) for a in options)
    lines = [f"\n## {name}\n\n{parser.description}\n\n    accord {name} {words}".rstrip() + "\n"]
    if options:
        lines.append("\n| | |\n|---|---|\n")
        lines += [f"| `{' '.join(filter(None, [*a.option_strings[:1], _value(a)]))}` | {a.help} |\n" for a in options]
    if name in PRINTS:
        lines.append(f"\nWith `--json`: `{PRINTS[name]}`\n")
    return "".join(lines)


def _value(action: argparse.Action) -> str:
    return "" if action.nargs == 0 else str(action.metavar)


def _usage(action: argparse.Action) -> str:
    text = " ".join(filter(None, [*action.option_strings[:1], _value(action)])) + (" …" if action.nargs == "+" else "")
    return text if action.required else f"[{text}]"


def test_the_reference_is_what_the_code_says():
    assert REFERENCE.read_text(encoding="utf-8") == reference()


def test_every_command_says_what_it_prints():
    assert set(PRINTS) == {*cli.COMMANDS, *cli.ON_A_FILE, "config"}


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")

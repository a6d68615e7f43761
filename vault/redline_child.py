"""Compares two files that may be hostile. Run by vault/redline.py as `python -I`, never imported.

Takes requests as vault/children.py sends them; answers with lines of JSON, {"progress": 0.4} as it
goes and what came of it at the end, then the bytes that the last line announces.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # -I leaves out the script's own folder

from vault import child
from vault.redlining import blocks, plain, reading, tracked, word
from vault.redlining.blocks import Counts
from vault.redlining.reading import Read, Unreadable

MEMORY = 2 * 1024 * 1024 * 1024  # bytes of address space; two documents as trees
CPU = 600  # seconds over its whole life
SHOWN_DIFFERENCES = 5


def answer(about: dict[str, Any], old: bytes, new: bytes) -> tuple[dict[str, Any], bytes]:
    """What comes of one request."""
    sides = []
    for which, content, name in (("old", old, about["old"]), ("new", new, about["new"])):
        try:
            sides.append(reading.read(content, name))
        except Unreadable as error:
            return {"error": str(error), "which": which}, b""
        child.progress(0.2 * len(sides))
    before, after = sides
    told: dict[str, Any] = {"kinds": [before.kind, after.kind], "tracked": _tracked(before, after)}
    if about["do"] == "compare":
        counts, found = _compared(before, after)
        return told | {"counts": vars(counts), "blocks": found}, b""
    counts, _ = _compared(before, after)
    made, left_out, wrong = _woven(before, after, about)
    return told | {"counts": vars(counts), "left_out": left_out, "wrong": wrong}, b"" if wrong else made


def _tracked(before: Read, after: Read) -> dict[str, Any]:
    """The changes that stood tracked in the files already, which were accepted for the comparison."""
    return {
        which: {"count": side.package.tracked, "authors": side.package.authors}
        for which, side in (("old", before), ("new", after))
        if side.package is not None and side.package.tracked
    }


def _compared(before: Read, after: Read) -> tuple[Counts, list[dict[str, Any]]]:
    counts, found = Counts(), list[dict[str, Any]]()
    if before.kind != after.kind:
        return counts, (found := blocks.compared(before.flat(), after.flat(), counts)) and found
    for name in {**before.sections, **after.sections}:
        some = blocks.compared(before.sections.get(name, []), after.sections.get(name, []), counts, 1 + counts.moved)
        if name[0] == "sheet" and (name not in before.sections or name not in after.sections):
            found.append({"op": "sheet-added" if name in after.sections else "sheet-removed", "kind": "sheet", "runs": [["=", name[1]]], "place": []})  # fmt: skip
        found += some
    return counts, found


def _woven(before: Read, after: Read, about: dict[str, Any]) -> tuple[bytes, dict[str, int], list[list[str]]]:
    """The document with tracked changes, what it could not carry, and where the check found it wrong."""
    old, new = before.package, after.package
    if old is None or new is None:
        old, new = word.opened(plain.document(before.flat())), word.opened(plain.document(after.flat()))
    wanted = tracked.outlines(old, new)
    made = tracked.woven(
        old, new, author=about["author"], date=about["date"], progress=lambda share: child.progress(0.4 + 0.4 * share)
    )
    child.progress(0.85)
    wrong = [list(d) for d in tracked.differences(made.content, wanted)]
    return made.content, made.left_out, wrong[:SHOWN_DIFFERENCES]


def main() -> None:
    """Answer until the parent goes."""
    child.give_up_rights(MEMORY, CPU)
    sys.dont_write_bytecode = True  # what reads sheets and pages is imported when the first one comes
    for about, content in child.requests():
        at = about["lengths"][0]
        try:
            told, made = answer(about, content[:at], content[at:])
        except MemoryError:
            told, made = {"error": "too-long", "which": ""}, b""
        except Exception:  # a file that breaks the comparison itself
            told, made = {"error": "unreadable", "which": ""}, b""
        child.tell(told, made)


if __name__ == "__main__":
    main()

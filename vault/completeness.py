"""What a version still lacks by the rules of its class: sections, text, metadata, comments, tracked changes.

A file is opened once a version in a child process (vault/completeness_child.py); what was found there
is kept, sealed with the version's own key, and found again only when the class or its rules change.
Metadata are no part of a version: they are looked at each time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import tink

from core import db
from core.access import SYSTEM, Actor, in_project, open_to_all
from core.errors import AccordError
from core.language import Message, current, say
from core.rows import canonical
from vault import class_rules, documents, metadata, templates
from vault.children import Children, Gone
from vault.class_rules import Rules, Section
from vault.documents import INSPECTED_UP_TO, Document, Listed, Version

db.unledgered("document_findings")

CHILD = Path(__file__).with_name("completeness_child.py")
SECONDS = 10.0  # a file
FORM = 1  # counted up when the same file would now be read otherwise
PATIENCE = 1.5  # seconds that a list waits for files that have not been read yet

_CHILDREN = Children(CHILD, count=1, seconds=SECONDS, files=50)


@dataclass(frozen=True)
class Finding:
    """One thing that is lacking. `kind` is one of KINDS, `what` the section or field, `place` where in the file."""

    kind: str
    what: str = ""
    path: tuple[str, ...] = ()
    paragraph: int = 0
    count: int = 1
    quote: str = ""

    @property
    def message(self) -> Message:
        """It in a sentence."""
        return {
            "missing-section": say("The section “{name}” is missing.", name=self.what),
            "empty-section": say("The section “{name}” is empty.", name=self.what),
            "placeholder": say("The section “{name}” still holds text of the template.", name=self.what)
            if self.what
            else say("Text of the template still stands before the first section."),
            "comment": say("A comment by {name} is not settled.", name=self.what or "?"),
            "tracked-change": say("Tracked changes are neither accepted nor rejected: {count}.", count=self.count),
            "metadata": say("“{name}” is not filled in.", name=self.what),
        }[self.kind]

    @property
    def place(self) -> Message | None:
        """Where in the file; None for what is nowhere in it."""
        if not self.paragraph:
            return None
        if not self.path:
            return say("paragraph {number}", number=self.paragraph)
        return say("{path}, paragraph {number}", path=" › ".join(self.path), number=self.paragraph)


KINDS = ("missing-section", "empty-section", "placeholder", "comment", "tracked-change", "metadata")
_SHOWN_OF_A_KIND = 20


@dataclass(frozen=True)
class Completeness:
    """What one version lacks. `readable` is False where only the metadata could be looked at.

    `checks` is what was asked of it, `passed` how much of that holds.
    """

    document: str
    version: int
    checks: int
    passed: int
    findings: tuple[Finding, ...]
    readable: bool = True

    @property
    def complete(self) -> bool:
        """Whether nothing is lacking."""
        return self.passed == self.checks

    @property
    def percent(self) -> int:
        """How much of what was asked holds; 100 only when all does."""
        return 100 if self.complete else min(99, self.passed * 100 // self.checks)


@in_project("document.read")
def of(actor: Actor, project: str, document: str, version: int | None = None) -> Completeness:
    """What a version lacks, the current one unless another is named. Raises NotFound, Unavailable."""
    found = documents.get(actor, project, document)
    wanted = found.version if version is None else version
    one = documents.version_of(actor, project, found.id, wanted)
    rules = class_rules.of(found.class_id)
    return _judged(found, one, rules, _facts(one, rules), metadata.entries_of([found.id]).get(found.id, {}))


@in_project("document.read")
def listed(
    actor: Actor, project: str, items: Sequence[Listed] | None = None, *, patience: float | None = None
) -> dict[str, Completeness]:
    """Document -> what its current version lacks, for the documents that exist for the actor, or those of `items`.

    With `patience` seconds it reads no further file after them and leaves out what it has not read.
    """
    visible = documents.listed(actor, project, sort="code")
    if items is not None:
        wanted = {item.document.id for item in items}
        visible = [item for item in visible if item.document.id in wanted]
    until = None if patience is None else time.monotonic() + patience
    every = class_rules.every()
    entries = metadata.entries_of([item.document.id for item in visible])
    known = _kept([item.version.id for item in visible])
    digests: dict[str, str] = {}
    found: dict[str, Completeness] = {}
    for item in visible:
        document, version = item.document, item.version
        rules = every.get(document.class_id) or class_rules.of(document.class_id)
        digest = digests.setdefault(rules.class_id, _digest(rules))
        facts = _opened(known.get(version.id), version, digest)
        if facts is None:
            if until is not None and time.monotonic() > until:
                continue
            try:
                facts = _facts(version, rules)
            except (AccordError, ValueError):  # a lost object, or a key that is none: the list says so by its dash
                if until is None:
                    raise
                continue
        found[document.id] = _judged(document, version, rules, facts, entries.get(document.id, {}))
    return found


@open_to_all("it only looks at the text it is given")
def heading(words: str) -> str:
    """A heading as headings are compared: without its number, and width, case, marks and blanks make no difference.

    >>> heading("2.1 Test environment:") == heading("TEST  ENVIRONMENT")
    True
    >>> heading("第三章　测试范围") == heading("（二）测试范围") == heading("测试范围")
    True
    """
    return _heading(words)


@lru_cache(10_000)  # a list of documents compares the same few hundred over and over
def _heading(words: str) -> str:
    plain = unicodedata.normalize("NFKC", words).casefold().strip()
    plain = re.sub(_NUMBER, "", plain, count=1) or plain
    return "".join(c for c in plain if c.isalnum())


_NUMERALS = "0-9一二三四五六七八九十百零〇"
_NUMBER = re.compile(
    r"^(?:\(?[0-9]+(?:\.[0-9]+)*(?=[\s\W]|[^\x00-\x7f])|(?:chapter|section|part|appendix)\s+[0-9ivx]+\b"
    rf"|第[{_NUMERALS}]+[章节条部分篇]+|\(?[{_NUMERALS}]+\s*[.、):]|[ivx]+\.|[a-z][.)])[\s.、:)·-]*"
)


def _judged(
    document: Document, version: Version, rules: Rules, facts: dict[str, Any], entries: Mapping[str, str]
) -> Completeness:
    """What of the rules does not hold for what was met in the file, and for what is filed about it."""
    findings: list[Finding] = []
    checks = 0
    spoken = current()
    if facts["read"]:
        checks += 2 + sum(1 for s in rules.sections if s.required)
        known = {heading(word): section for section in rules.sections for word in section.words}
        left = _left(facts["headings"], known)
        for section in rules.sections:
            name = section.name(spoken)
            if section.english + section.chinese in left:
                findings.append(_placeholder(name, left.pop(section.english + section.chinese)))
                checks += not section.required
            elif section.required:
                findings += _section_findings(name, section.words, facts["headings"])
        # What is left stands in sections that the class does not speak of.
        findings += [_placeholder(met["text"], met) for met in left.values()]
        if facts["before"]:
            findings.append(Finding("placeholder", quote=facts["before"][0], count=len(facts["before"])))
        checks += len(left) + bool(facts["before"])
        findings += [
            Finding("comment", one["who"], tuple(one["path"]), one["at"], quote=one["text"])
            for one in facts["comments"]
        ]
        findings += _tracked(facts)
    for one in rules.fields:
        if one.required:
            checks += 1
            if not entries.get(one.key):
                findings.append(Finding("metadata", one.name(spoken)))
    kinds = [f.kind for f in findings]
    failed = sum(1 for kind in kinds if kind not in ("comment", "tracked-change"))
    failed += ("comment" in kinds) + ("tracked-change" in kinds)
    return Completeness(document.id, version.number, checks, max(checks - failed, 0), tuple(findings), facts["read"])


def _left(headings: list[dict[str, Any]], known: Mapping[str, Section]) -> dict[str, dict[str, Any]]:
    """Section -> the first place in it that still holds the template's text.

    It belongs to the innermost section of the class that it stands in, else to its own heading.
    """
    found: dict[str, dict[str, Any]] = {}
    for met in headings:
        if met["placeholders"]:
            chain = [known.get(heading(text)) for text in (met["text"], *reversed(met["path"]))]
            section = next((one for one in chain if one), None)
            found.setdefault(section.english + section.chinese if section else met["text"], met)
    return found


def _section_findings(name: str, words: Sequence[str], headings: list[dict[str, Any]]) -> list[Finding]:
    wanted = {heading(word) for word in words}
    met = [one for one in headings if heading(one["text"]) in wanted]
    if not met:
        return [Finding("missing-section", name)]
    if not any(one["filled"] for one in met):
        return [Finding("empty-section", name, (*met[0]["path"], met[0]["text"]), met[0]["at"])]
    return []


def _placeholder(name: str, met: dict[str, Any]) -> Finding:
    return Finding(
        "placeholder", name, (*met["path"], met["text"]), met["at"], len(met["placeholders"]), met["placeholders"][0]
    )


def _tracked(facts: dict[str, Any]) -> list[Finding]:
    """One for each section that holds some, so that a revised document does not list a thousand lines."""
    by_path: dict[tuple[str, ...], tuple[int, int]] = {}
    for one in facts["changes"]:
        path = tuple(one["path"])
        at, count = by_path.get(path, (one["at"], 0))
        by_path[path] = at, count + one["count"]
    return [
        Finding("tracked-change", "", path, at, count) for path, (at, count) in list(by_path.items())[:_SHOWN_OF_A_KIND]
    ]


# what was met in a file: read once, kept sealed


def _digest(rules: Rules) -> str:
    """What has to be the same for what is kept to hold: the template's words, which the child looks for."""

    def told() -> str:
        whole = canonical([FORM, rules.digest, templates.guidance(rules), templates.names()])
        return hashlib.sha256(whole.encode()).hexdigest()

    return db.database().known(("what findings rest on", rules), told)


def _kept(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    if not ids:
        return {}
    return {r["id"]: r for r in db.rows(f"SELECT * FROM document_findings WHERE id IN ({db.marks(ids)})", list(ids))}


def _facts(version: Version, rules: Rules) -> dict[str, Any]:
    """What was met in the file, from what is kept or by opening it. Raises Unavailable when the store does not answer."""
    digest = _digest(rules)
    known = _opened(_kept([version.id]).get(version.id), version, digest)
    if known is not None:
        return known
    facts = _read(version, rules)
    if "gone" in facts:
        return facts  # the machine may have been busy: another time it is tried again
    clear = json.dumps(facts, ensure_ascii=False).encode()
    sealed = documents.vault().envelope.seal(version.wrapped_key, documents.bound_to(version), clear)
    with db.write(SYSTEM) as tx:
        tx.execute("DELETE FROM document_findings WHERE id = ?", [version.id])
        tx.execute(
            "INSERT INTO document_findings VALUES (?, ?, ?, ?, ?, ?)",
            [version.id, version.project_id, version.document_id, digest, base64.b64encode(sealed).decode(), tx.at],
        )  # fmt: skip
    return facts


def _opened(row: dict[str, Any] | None, version: Version, digest: str) -> dict[str, Any] | None:
    """What is kept, when it was found by these rules; None when it has to be found again."""
    if row is None or row["rules"] != digest or not documents.is_open():
        return None
    return db.database().known(("findings", version.id, digest), lambda: _unsealed(row, version))


def _unsealed(row: dict[str, Any], version: Version) -> dict[str, Any] | None:
    try:
        sealed = base64.b64decode(row["sealed"])
        envelope = documents.vault().envelope
        return dict(json.loads(envelope.unseal(version.wrapped_key, documents.bound_to(version), sealed)))
    except (tink.TinkError, ValueError):
        return None


def _read(version: Version, rules: Rules) -> dict[str, Any]:
    nothing: dict[str, Any] = {"read": False, "headings": [], "before": [], "comments": [], "changes": []}
    if version.size > INSPECTED_UP_TO or "password-protected" in version.warnings:
        return nothing
    if not version.file_name.lower().endswith((".docx", ".docm", ".dotx", ".dotm", ".md", ".markdown")):
        return nothing
    about = {"name": version.file_name, "guidance": templates.guidance(rules), "names": templates.names()}
    try:
        found, _ = _CHILDREN.ask(about, b"".join(documents.content(version)))
    except Gone:
        return nothing | {"gone": True}
    return nothing | found

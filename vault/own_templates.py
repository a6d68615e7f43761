"""Word files that administrators make the templates of classes, one a class and language.

Their placeholders are names between double braces, each from a fixed list: nothing in a template or in a
value is ever computed. Files are opened in a child process only (vault/template_child.py). Every one that
was ever in use is kept, sealed with a key of its own, in the database: there are few, they are small, and
so they go where the rules of the classes go.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import tink

from core import db, language
from core.access import Actor, in_organisation, open_to_all
from core.errors import Invalid, NotFound, Unavailable
from core.ids import new_id
from core.language import Message, say
from core.rows import entity
from vault import classes, documents, inspection
from vault.children import Children, Gone
from vault.inspection import FileRefused, Reason

CHILD = Path(__file__).with_name("template_child.py")
SECONDS = 10.0  # a file
LIMIT = 5 * 1024 * 1024  # bytes; a template with a logo has some hundred thousand
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_CHILDREN = Children(CHILD, count=1, seconds=SECONDS, files=50)

NAMES: dict[str, Message] = {
    "organisation": say("your organisation"),
    "client.name": say("the client"),
    "project.name": say("the project"),
    "project.code": say("the project's code"),
    "document.title": say("the document's title"),
    "document.class": say("the document's class"),
    "document.version": say("the number of the version"),
    "document.clearance": say("who may read the document"),
    "author.name": say("whoever makes the document"),
    "today": say("the day on which it is made"),
    "people.team": say("the people of the team, in a line"),
    "people.client": say("the people of the client, in a line"),
}
"""What a template may name between double braces, and what stands there then."""
ROWS: dict[str, dict[str, Message]] = {
    "requirement": {
        "requirement.code": say("a requirement's code"),
        "requirement.title": say("what is required"),
        "requirement.priority": say("its priority"),
        "requirement.state": say("its state"),
    },
    "person": {"person.name": say("somebody of the project"), "person.role": say("their role")},
}
"""What a row of a table may name, by its kind: it is repeated for each requirement or person."""


@entity("class_template", sealed=("wrapped_key", "content"))
@dataclass(frozen=True)
class ClassTemplate:
    """A Word file that is or was the template of a class in a language; `content` is sealed."""

    id: str
    class_id: str
    language: str
    number: int
    file_name: str
    size: int
    sha256: str
    names: tuple[str, ...]
    guidance: tuple[str, ...]
    in_use: bool
    wrapped_key: str
    content: str
    author_name: str
    created_at: datetime
    revision: int


@dataclass(frozen=True)
class Kept:
    """A template as lists show it."""

    id: str
    class_id: str
    language: str
    number: int
    file_name: str
    size: int
    in_use: bool
    author_name: str
    created_at: datetime
    revision: int


@dataclass(frozen=True)
class Taken:
    """What came of an upload: the template in use now, and what was noticed in its file."""

    number: int
    names: tuple[str, ...]
    warnings: tuple[Reason, ...]


class TemplateRefused(Invalid):
    """A file that can't be a template; `problems` are sentences, each with its place."""

    def __init__(self, problems: Sequence[Message]) -> None:
        super().__init__(
            say("{problem} Between double braces can stand: {known}.", problem=problems[0],
                known=", ".join((*NAMES, *(name for names in ROWS.values() for name in names)))),
            field="file",
        )  # fmt: skip
        self.problems = tuple(problems)


@in_organisation("account.manage")
def use(actor: Actor, class_id: str, spoken: str, content: bytes, *, file_name: str) -> Taken:
    """Make a Word file the template of a class in a language; the one before is kept.

    Raises Invalid for a class or language that there is not, or a file that is no plain Word file;
    FileRefused for one that is not taken anywhere; TemplateRefused for placeholders that there are not.
    """
    named = classes.named(class_id)
    if spoken not in language.LANGUAGES:
        raise Invalid(say("There is no language {name}.", name=spoken), field="language")
    warnings = _looked_at(content, file_name)
    met = _asked({"act": "look"}, content)[0]
    if met["problems"]:
        raise TemplateRefused([_sentence(one) for one in met["problems"]])
    sealed, row_id = documents.vault().envelope, new_id()
    bound = _bound(named, spoken, row_id)
    wrapped = sealed.fresh_key(bound)
    hidden = base64.b64encode(sealed.seal(wrapped, bound, content)).decode()
    with db.write(actor) as tx:
        number = 1 + int(
            tx.value(
                "SELECT COALESCE(MAX(number), 0) FROM class_template WHERE class_id = ? AND language = ?",
                [named, spoken],
            )
        )
        _set_aside(tx, named, spoken)
        # The master key may have been changed meanwhile.
        wrapped = sealed.renewed(wrapped, bound)
        made = tx.insert(
            ClassTemplate(
                row_id, named, spoken, number, documents.plain_name(file_name), len(content),
                hashlib.sha256(content).hexdigest(), tuple(met["names"]), tuple(met["guidance"]), True, wrapped, hidden,
                actor.name, tx.at, 1,
            ),
            action="put in use",
        )  # fmt: skip
    return Taken(made.number, made.names, warnings)


@in_organisation("account.manage")
def use_again(actor: Actor, template: str, *, revision: int) -> None:
    """Put an earlier template in use again. Raises NotFound, Stale."""
    with db.write(actor) as tx:
        found = tx.get(ClassTemplate, template)
        if not found.in_use:
            _set_aside(tx, found.class_id, found.language)
        tx.update(found, revision=revision, action="put in use", in_use=True)


@in_organisation("account.manage")
def as_shipped(actor: Actor, template: str, *, revision: int) -> None:
    """Take a template out of use: the shipped one holds again, and this one is kept. Raises NotFound, Stale."""
    with db.write(actor) as tx:
        tx.update(tx.get(ClassTemplate, template), revision=revision, action="set aside", in_use=False)


@in_organisation("account.manage")
def kept(actor: Actor, class_id: str) -> list[Kept]:
    """Every template that a class ever had, the newest first."""
    columns = ", ".join(f.name for f in fields(Kept))
    found = db.rows(
        f"SELECT {columns} FROM class_template WHERE class_id = ? ORDER BY language, number DESC",
        [classes.named(class_id)],
    )
    return [Kept(**record) for record in found]


@in_organisation("account.manage")
def fetched(actor: Actor, template: str) -> tuple[str, bytes]:
    """A template's file name and content. Raises NotFound, Unavailable when it can't be opened."""
    found = db.one_of(ClassTemplate, "WHERE id = ?", [template])
    if found is None:
        raise NotFound(db.GONE)
    return found.file_name, _content(found)


@open_to_all("the templates of classes tell nothing of any project")
def in_use(class_id: str, spoken: str) -> ClassTemplate | None:
    """The template that stands in the place of the shipped one, if there is one."""
    return db.one_of(ClassTemplate, "WHERE class_id = ? AND language = ? AND in_use", [class_id, spoken])


@open_to_all("the guidance of templates tells nothing of any project")
def guidance(class_id: str) -> tuple[str, ...]:
    """Every sentence of guidance in the templates that a class ever had: documents made from them hold it still."""
    found = db.rows("SELECT guidance FROM class_template WHERE class_id = ? ORDER BY language, number", [class_id])
    return tuple(dict.fromkeys(sentence for record in found for sentence in json.loads(record["guidance"])))


@open_to_all("vault/templates.py has asked what the maker may know")
def filled(
    template: ClassTemplate, values: Mapping[str, str], lines: Mapping[str, Sequence[Mapping[str, str]]],
    *, author: str, at: datetime,
) -> bytes:  # fmt: skip
    """The template with values in the place of its names; `lines` are those of the rows that are repeated.

    Raises Unavailable when it can't be opened or filled.
    """
    about = {
        "act": "fill", "values": dict(values), "lines": {kind: [dict(line) for line in some] for kind, some in lines.items()},
        "properties": {"title": values["document.title"], "author": author, "at": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
    }  # fmt: skip
    try:
        return _asked(about, _content(template))[1]
    except Invalid as error:
        raise Unavailable(
            say("The template {file} can't be filled now. An administrator can put the shipped one in its place.",
                file=template.file_name)
        ) from error  # fmt: skip


def renew(tx: db.Transaction) -> int:
    """Wrap the key of each template anew by the newest master key; how many can't be opened."""
    sealed, failed = documents.vault().envelope, 0
    for one in tx.all_of(ClassTemplate):
        try:
            fresh = sealed.renewed(one.wrapped_key, _bound(one.class_id, one.language, one.id))
        except Unavailable:
            failed += 1
            continue
        tx.update(one, action="key renewed", wrapped_key=fresh)
    return failed


def _set_aside(tx: db.Transaction, class_id: str, spoken: str) -> None:
    for one in tx.all_of(ClassTemplate, "WHERE class_id = ? AND language = ? AND in_use", [class_id, spoken]):
        tx.update(one, action="set aside", in_use=False)


def _content(template: ClassTemplate) -> bytes:
    bound = _bound(template.class_id, template.language, template.id)
    try:
        return documents.vault().envelope.unseal(template.wrapped_key, bound, base64.b64decode(template.content))
    except (tink.TinkError, ValueError) as error:
        raise Unavailable(say("The template {file} was changed in the database.", file=template.file_name)) from error


def _bound(class_id: str, spoken: str, row_id: str) -> str:
    return f"template/{class_id}/{spoken}/{row_id}"


def _looked_at(content: bytes, file_name: str) -> tuple[Reason, ...]:
    """What is said of any file that arrives, and what a template can't be beside that."""
    if len(content) > LIMIT:
        raise Invalid(say("A template has {most} MB at most.", most=LIMIT // (1024 * 1024)), field="file")
    findings = inspection.inspect(content, file_name=file_name)
    if findings.refusal:
        raise FileRefused(findings.refusal)
    codes = {one.code for one in findings.warnings}
    for code, words in (
        ("password-protected", say("The file is protected by a password. Take the password off, then choose it again.")),
        ("timeout", UNREADABLE), ("unreadable", UNREADABLE),
        ("macros", say("A template can't hold macros. Save it as .docx, then choose it again.")),
    ):  # fmt: skip
        if code in codes:
            raise Invalid(words, field="file")
    if findings.media_type != WORD:
        raise Invalid(NO_WORD, field="file")
    return findings.warnings


UNREADABLE: Message = say("The file can't be read. Open it in Word, save it anew, then choose it again.")
NO_WORD: Message = say("A template is a Word file (.docx or .dotx).")


def _asked(about: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """What the child makes of a file. Raises Invalid when nothing comes of it."""
    rows = {kind: list(names) for kind, names in ROWS.items()}
    try:
        found, made = _CHILDREN.ask({**about, "names": list(NAMES), "rows": rows}, content)
    except Gone as gone:
        raise Invalid(UNREADABLE, field="file") from gone
    if "failed" in found:
        raise Invalid(NO_WORD if found["failed"] == "not-word" else UNREADABLE, field="file")
    return found, made


def _sentence(problem: Mapping[str, Any]) -> Message:
    """A problem as the child found it, in words."""
    told = {"what": problem["what"], "place": _place(problem), "quote": problem["quote"]}
    return {
        "unknown": say("There is no {what}; it stands in {place}: “{quote}”.", **told),
        "outside": say("{what} belongs into a row of a table, which is repeated; it stands in {place}: “{quote}”.", **told),
        "mixed": say("A row of a table is repeated for requirements or for people, not for both; {what} stands in {place}: “{quote}”.", **told),
        "open": say("Double braces come in pairs; one is alone in {place}: “{quote}”.", **told),
    }[problem["kind"]]  # fmt: skip


def _place(problem: Mapping[str, Any]) -> Message:
    heading = problem["heading"]
    if problem["part"] != "body":
        return {
            "header": say("the header"), "footer": say("the footer"), "note": say("a footnote or endnote"),
            "properties": say("the file's properties"), "other": say("another part of the file"),
        }[problem["part"]]  # fmt: skip
    if problem["table"]:
        return say("a table below “{heading}”", heading=heading) if heading else say("a table")
    return say("the text below “{heading}”", heading=heading) if heading else say("the text")

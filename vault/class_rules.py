"""What a class of documents asks for: sections, metadata, who approves, how long it is kept, its clearance and names.

Six classes ship with rules (vault/class_content.py); what an administrator changes stands over them as
a row. The rules are plain data: completeness, review and retention read them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from core import access, db
from core.access import Actor, in_organisation, open_to_all
from core.errors import Invalid, Refused
from core.ids import new_id
from core.language import Message, say
from core.rows import canonical, entity
from vault import class_content, classes

KINDS = ("text", "day", "number", "choice", "person", "yes")
"""What a field of the metadata can hold."""
NAMES = ("project", "client", "class", "title", "date")
"""What a naming pattern may name."""
NAMING = "{project}-{class}-{title}"
MOST_YEARS = 100


@dataclass(frozen=True)
class Section:
    """A section that a document of the class has; `also` are further words for its heading."""

    english: str
    chinese: str
    also: tuple[str, ...] = ()
    required: bool = True

    def name(self, language: str) -> str:
        """Its heading in a language; the other one where it has none."""
        return (self.chinese or self.english) if language == "zh_CN" else (self.english or self.chinese)

    @property
    def words(self) -> tuple[str, ...]:
        """Every heading that counts as it."""
        return tuple(w for w in (self.english, self.chinese, *self.also) if w)


@dataclass(frozen=True)
class Field:
    """A piece of metadata: `kind` is one of KINDS, `choices` what a choice offers."""

    key: str
    english: str
    chinese: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """Its name in a language; the other one where it has none."""
        return (self.chinese or self.english) if language == "zh_CN" else (self.english or self.chinese)


@dataclass(frozen=True)
class Rules:
    """The rules of one class.

    `approvals` people of the `approver_roles` approve a version; with `client_word` one of them speaks
    for the client. `retention_years` count from the project's end, None is for ever. A document gets `clearance` when
    nobody names another, and has `least` (None: nothing) whatever was named.
    """

    class_id: str
    sections: tuple[Section, ...] = ()
    fields: tuple[Field, ...] = ()
    approvals: int = 1
    client_word: bool = False
    approver_roles: tuple[str, ...] = ("admin", "manager", "member")
    retention_years: int | None = 10
    clearance: str = "internal"
    naming: str = NAMING
    revision: int = 0
    least: str | None = None

    @property
    def digest(self) -> str:
        """What changes when completeness has to be found again."""
        told = canonical([[asdict(s) for s in self.sections], [asdict(f) for f in self.fields]])
        return hashlib.sha256(told.encode()).hexdigest()


@entity("class_rules")
@dataclass(frozen=True)
class ClassRules:
    """The rules of a class as an administrator has changed them."""

    id: str
    sections: tuple[dict[str, Any], ...]
    fields: tuple[dict[str, Any], ...]
    approvals: int
    client_word: bool
    approver_roles: tuple[str, ...]
    retention_years: int | None
    clearance: str
    naming: str
    created_at: datetime
    revision: int
    least: str | None = None


RESPONSIBLE = Field("responsible", "Responsible", "责任人", "person")
_FIELDS: dict[str, tuple[Field, ...]] = {
    "requirements": (Field("baseline", "Baseline", "基线"), Field("agreed_on", "Agreed on", "确认日期", "day")),
    "design": (Field("system", "System", "所属系统"),),
    "test": (
        Field("level", "Level", "测试级别", "choice", choices=("unit", "integration", "system", "acceptance")),
        Field("cases", "Number of cases", "用例数", "number"),
    ),
    "plan": (Field("valid_from", "Valid from", "生效日期", "day"),),
    "progress": (Field("period_end", "Period until", "报告期截止", "day"),),
    "summary": (Field("accepted", "Accepted by the client", "客户已验收", "yes"),),
}


@open_to_all("the rules of classes tell nothing of any project")
def shipped(class_id: str) -> Rules:
    """The rules that Accord ships for a class; an added class has none to speak of."""
    if class_id not in class_content.PARTS:
        return Rules(class_id)
    parts = class_content.PARTS[class_id]
    return Rules(
        class_id,
        tuple(Section(p.heading[0], p.heading[1], p.also, p.required) for p in parts),
        (RESPONSIBLE, *_FIELDS[class_id]),
        client_word=class_id == "requirements",
        approver_roles=("admin", "manager") if class_id in ("plan", "summary") else ("admin", "manager", "member"),
        retention_years=class_content.RETENTION_YEARS[class_id],
    )


@open_to_all("the rules of classes tell nothing of any project")
def of(class_id: str) -> Rules:
    """The rules that hold for a class."""
    row = db.one_of(ClassRules, "WHERE id = ?", [class_id])
    return _rules(row) if row else shipped(class_id)


@open_to_all("the rules of classes tell nothing of any project")
def every() -> dict[str, Rules]:
    """Class -> its rules, for every class that there is."""
    rows = {row.id: row for row in db.all_of(ClassRules)}
    return {key: _rules(rows[key]) if key in rows else shipped(key) for key in classes.names()}


@in_organisation("account.manage")
def change(actor: Actor, /, class_id: str, *, revision: int, **changes: Any) -> Rules:
    """Change rules of a class: the fields of Rules by name; what is not named stays.

    A least clearance that is raised raises what is filed in the class, in every project. `revision` is the one that was shown, 0 for rules that nobody has changed yet. Raises Invalid with the
    field, Stale, NotFound.
    """
    named = classes.named(class_id)
    with db.write(actor) as tx:
        row = next(iter(tx.all_of(ClassRules, "WHERE id = ?", [named])), None)
        fresh = replace(_rules(row) if row else shipped(named), **changes)
        _check(fresh)
        columns: dict[str, Any] = {
            "sections": tuple(asdict(s) for s in fresh.sections), "fields": tuple(asdict(f) for f in fresh.fields),
            "approvals": fresh.approvals, "client_word": fresh.client_word,
            "approver_roles": tuple(fresh.approver_roles), "retention_years": fresh.retention_years,
            "clearance": fresh.clearance, "naming": fresh.naming, "least": fresh.least,
        }  # fmt: skip
        if row is None:
            made = tx.insert(ClassRules(id=named, created_at=tx.at, revision=1, **columns))
        else:
            made = tx.update(row, revision=revision, **columns)
        if "least" in changes and fresh.least:
            from vault import least_clearance  # it knows documents, which know the rules

            least_clearance.raise_documents(tx, named, fresh.least)
        return _rules(made)


@in_organisation("account.manage")
def reset(actor: Actor, class_id: str) -> Rules:
    """Take back every change: the shipped rules hold again."""
    named = classes.named(class_id)
    with db.write(actor) as tx:
        for row in tx.all_of(ClassRules, "WHERE id = ?", [named]):
            tx.delete(row, action="reset")
    return shipped(named)


@open_to_all("it only looks at what it is given")
def higher(one: str, other: str | None) -> str:
    """The higher of two clearances: of two instructions it is the one that holds."""
    return max(one, other or one, key=access.CLEARANCES.index)


@open_to_all("the rules of classes tell nothing of any project")
def least() -> dict[str, str]:
    """Class -> the clearance that it asks for at least, for those that do."""
    return {row.id: row.least for row in db.all_of(ClassRules, "WHERE least IS NOT NULL") if row.least}


def at_least(own: access.Standing, class_id: str, clearance: str) -> str:
    """The clearance that a document of a class gets when `clearance` was named: never less than the class asks for.

    Raises Refused when that is above the standing's own: nobody files what they could not read.
    """
    level = higher(clearance, of(class_id).least)
    if level != clearance and not own.cleared(level):
        raise Refused(
            say("Documents of this class are {least} at least, and you are cleared up to {own}. Choose another class, or ask somebody who is cleared for it.",
                least=access.clearance_name(level), own=access.clearance_name(own.clearance))
        )  # fmt: skip
    return level


@open_to_all("it only looks at what it is given")
def sections_of(lines: str) -> tuple[Section, ...]:
    """Sections as people write them, one a line: `English / 中文 / another word`; `?` at the end: may be left out.

    >>> [(s.english, s.chinese, s.required) for s in sections_of("Scope / 范围\\nOpen points / 待定 ?")]
    [('Scope', '范围', True), ('Open points', '待定', False)]
    """
    found = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        plain = line.rstrip("?？").rstrip()
        words = [w.strip() for w in plain.replace("／", "/").split("/") if w.strip()]
        if words:
            first, *rest = words
            found.append(Section(first, rest[0] if rest else "", tuple(rest[1:]), plain == line))
    return tuple(found)


@open_to_all("it only looks at what it is given")
def lines_of(sections: Sequence[Section]) -> str:
    """The opposite of `sections_of`."""
    return "\n".join(" / ".join(s.words) + ("" if s.required else " ?") for s in sections)


@open_to_all("it only looks at what it is given")
def fields_of(lines: Sequence[Mapping[str, Any]]) -> tuple[Field, ...]:
    """Fields as a table holds them; lines without a name are passed over, a new one gets a key."""
    found = []
    for line in lines:
        english, chinese = str(line.get("english") or "").strip(), str(line.get("chinese") or "").strip()
        if not english and not chinese:
            continue
        choices = tuple(c.strip() for c in re.split(r"[,，;；]", str(line.get("choices") or "")) if c.strip())
        found.append(
            Field(str(line.get("key") or "") or new_id(), english, chinese, str(line.get("kind") or "text"),
                  bool(line.get("required")), choices)
        )  # fmt: skip
    return tuple(found)


@open_to_all("it only looks at what it is given")
def named_after(pattern: str, values: Mapping[str, str]) -> str:
    """A naming pattern with its names replaced; the values are data, whatever stands in them.

    >>> named_after("{project}-{title}", {"project": "HARBOUR", "title": "{project}"})
    'HARBOUR-{project}'
    """
    return re.sub(r"{(\w+)}", lambda found: values.get(found[1], ""), pattern)


@open_to_all("it only looks at what it is given")
def kind_name(kind: str) -> Message:
    """What a field holds, as a word."""
    return {
        "text": say("text"), "day": say("day"), "number": say("number"), "choice": say("choice"),
        "person": say("person"), "yes": say("yes or no"),
    }[kind]  # fmt: skip


def _check(rules: Rules) -> None:
    _check_words(rules)
    for one in rules.fields:
        if one.kind not in KINDS:
            raise Invalid(say("A field holds one of: {kinds}.", kinds=", ".join(KINDS)), field="fields")
        if one.kind == "choice" and len(one.choices) < 2:
            raise Invalid(say("The choice “{name}” needs two answers at least.", name=one.name("en")), field="fields")
    if len({f.key for f in rules.fields}) != len(rules.fields):
        raise Invalid(say("Two fields have the same key."), field="fields")
    if not 1 <= rules.approvals <= 9:
        raise Invalid(say("One to nine people approve."), field="approvals")
    if not rules.approver_roles or not set(rules.approver_roles) <= set(access.ROLES):
        raise Invalid(say("Choose at least one role that approves."), field="approver_roles")
    if rules.retention_years is not None and not 0 <= rules.retention_years <= MOST_YEARS:
        raise Invalid(say("Documents are kept 0 to {most} years.", most=MOST_YEARS), field="retention_years")
    if rules.clearance not in access.CLEARANCES or rules.least not in (None, *access.CLEARANCES):
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
    unknown = [name for name in re.findall(r"{([^}]*)}", rules.naming) if name not in NAMES]
    if unknown or not rules.naming.strip():
        raise Invalid(
            say("A name can be made of {known}; there is no “{name}”.", known=", ".join(f"{{{n}}}" for n in NAMES),
                name=", ".join(unknown)),
            field="naming",
        )  # fmt: skip


def _check_words(rules: Rules) -> None:
    taken: dict[str, Section] = {}
    for section in rules.sections:
        if not section.words:
            raise Invalid(say("A section needs a heading."), field="sections")
        for word in section.words:
            other = taken.setdefault(word.strip().casefold(), section)
            if other is not section:
                raise Invalid(say("The heading “{name}” stands for two sections.", name=word), field="sections")


def _rules(row: ClassRules) -> Rules:
    return Rules(
        row.id,
        tuple(Section(s["english"], s["chinese"], tuple(s["also"]), s["required"]) for s in row.sections),
        tuple(Field(**{**f, "choices": tuple(f["choices"])}) for f in row.fields),
        row.approvals, row.client_word, row.approver_roles, row.retention_years, row.clearance, row.naming,
        row.revision, row.least,
    )  # fmt: skip

"""Word templates of the classes, made when they are asked for and filled from the project.

An administrator's own Word file (vault/own_templates.py) stands before the shipped template, which follows
the rules of its class (vault/class_rules.py): a title page, contents, one heading a section with guidance in
brackets that is to be replaced, tables where they help. What comes from the project is what exists for the
one who makes it and may stand in a document of that clearance.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core import access, board, columns, language, projects
from core.access import CLEARANCES, Actor, clearance_name, in_organisation, in_project, open_to_all
from core.errors import Invalid
from core.ids import now
from core.language import say
from vault import class_content, class_rules, classes, documents, metadata, own_templates, template_writing
from vault.class_content import WORDS, Part, both
from vault.class_rules import Rules, Section
from vault.documents import Stored
from vault.template_writing import Body, Cover, Table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_REQUIREMENTS = 500  # rows of a table that somebody still reads


@dataclass(frozen=True)
class Made:
    """A filled template on its way: its bytes, the name of the file, and what it is called."""

    content: bytes
    file_name: str
    title: str
    class_id: str
    clearance: str


@in_project("document.write")
def make(
    actor: Actor,
    project: str,
    class_: str,
    *,
    title: str | None = None,
    clearance: str | None = None,
    spoken: str | None = None,
    at: datetime | None = None,
) -> Made:
    """The template of a class, filled from the project; nothing is stored.

    `spoken` is its language, the project's when none is named. Raises Invalid for a class or language that
    there is not, Refused for a clearance above the actor's own.
    """
    own, rules = access.standing(actor, project), class_rules.of(classes.named(class_))
    level = clearance or documents.usual_clearance(own, rules.class_id)
    if level not in CLEARANCES:
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
    access.require_clearance(own, level)
    level = class_rules.at_least(own, rules.class_id, level)
    found = projects.get(actor, project)
    spoken = spoken or found.language
    if spoken not in language.LANGUAGES:
        raise Invalid(say("There is no language {name}.", name=spoken), field="language")
    moment = at or now()
    with language.speaking(spoken):
        class_name = classes.names()[rules.class_id]
        title = (title or "").strip() or usual_title(rules.class_id, spoken)
        client, house = projects.client_of(actor, project), projects.organisation()
        day = language.day(moment, "long")
        values = {
            "organisation": house.name if house else "", "client.name": client.name, "project.name": found.name,
            "project.code": found.code, "document.title": title, "document.class": class_name, "document.version": "1",
            "document.clearance": clearance_name(level).text(), "author.name": actor.name, "today": day,
            **_people_named(actor, project, spoken),
        }  # fmt: skip
        own_one = own_templates.in_use(rules.class_id, spoken)
        if own_one:
            lines = {
                kind: [dict(zip(names, line, strict=True)) for line in ROWS[kind](actor, project, level, spoken)]
                for kind, names in own_templates.ROWS.items()
            }
            content = own_templates.filled(own_one, values, lines, author=actor.name, at=moment)
        else:
            content = _shipped(rules, values, moment, spoken, lambda fill: FILLS[fill](actor, project, level, spoken))
        named = class_rules.named_after(
            rules.naming,
            {"project": found.code, "client": client.name, "class": class_name, "title": title,
             "date": f"{language.local(moment):%Y-%m-%d}"},
        )  # fmt: skip
    plain = documents.plain_name(named.replace("/", "-").replace("\\", "-") + ".docx")
    return Made(content, plain, title, rules.class_id, level)


@in_organisation("account.manage")
def blank(actor: Actor, class_: str, spoken: str) -> tuple[str, bytes]:
    """The shipped template with its placeholders unfilled, to begin one's own with: its file name and the file.

    Raises Invalid for a class or language that there is not.
    """
    rules = class_rules.of(classes.named(class_))
    if spoken not in language.LANGUAGES:
        raise Invalid(say("There is no language {name}.", name=spoken), field="language")
    with language.speaking(spoken):
        values = {name: f"{{{{{name}}}}}" for name in own_templates.NAMES}
        rows = {kind: (tuple(f"{{{{{name}}}}}" for name in names),) for kind, names in own_templates.ROWS.items()}
        content = _shipped(rules, values, now(), spoken, lambda fill: rows[FILLED_BY[fill]])
        return f"{documents.plain_name(usual_title(rules.class_id, spoken))}.docx", content


@in_project("document.write")
def begin(
    actor: Actor, project: str, class_: str, *, title: str | None = None, clearance: str | None = None,
    spoken: str | None = None,
) -> Stored:  # fmt: skip
    """Make a document from the template of its class: its first version is stored. Raises as `make` and `put`."""
    made = make(actor, project, class_, title=title, clearance=clearance, spoken=spoken)
    stored = documents.put(
        actor, project, io.BytesIO(made.content), file_name=made.file_name, class_=made.class_id,
        clearance=made.clearance, title=made.title,
    )  # fmt: skip
    if actor.kind == "person":
        metadata.named_responsible(actor, project, stored.document)
    return stored


@open_to_all("the titles of templates tell nothing of any project")
def usual_title(class_id: str, spoken: str) -> str:
    """What a document of the class is called until somebody names it, in a language."""
    if class_id in class_content.TITLES:
        return both(class_content.TITLES[class_id], spoken)
    with language.speaking(spoken):
        return classes.names().get(class_id, class_id)


@open_to_all("the guidance of templates tells nothing of any project")
def guidance(rules: Rules) -> tuple[str, ...]:
    """Every sentence of guidance that a template of these rules may hold, shipped or own, in every language."""
    shipped = [
        _guidance(section, rules.class_id, spoken) for section in rules.sections for spoken in language.LANGUAGES
    ]
    return tuple(dict.fromkeys((*shipped, *own_templates.guidance(rules.class_id))))


@open_to_all("the names tell nothing of any project")
def names() -> list[str]:
    """What may stand between double braces, and is the template's as long as it does."""
    return [*own_templates.NAMES, *(name for names in own_templates.ROWS.values() for name in names)]


def _guidance(section: Section, class_id: str, spoken: str) -> str:
    part = _part(section, class_id)
    if part:
        return both(part.guidance, spoken)
    return both(WORDS["write"], spoken).format(heading=section.name(spoken))


def _part(section: Section, class_id: str) -> Part | None:
    """The shipped part that a section goes back to, which has guidance and a table for it."""
    return next(
        (p for p in class_content.PARTS.get(class_id, ()) if set(p.heading) & {section.english, section.chinese}), None
    )


def _shipped(
    rules: Rules, values: dict[str, str], at: datetime, spoken: str, fill: Callable[[str], Rows]
) -> bytes:  # fmt: skip
    """The template that Accord ships, with its title page and its sections."""
    facts = [
        (WORDS["client"], values["client.name"]),
        (WORDS["project"], f"{values['project.name']} ({values['project.code']})"),
        (WORDS["author"], values["author.name"]), (WORDS["date"], values["today"]),
        (WORDS["version"], values["document.version"]), (WORDS["clearance"], values["document.clearance"]),
    ]  # fmt: skip
    cover = Cover(
        title=values["document.title"], kind=values["document.class"], author=values["author.name"], language=spoken,
        at=at, house=values["organisation"], running=f"{values['project.code']} {values['project.name']}",
        clearance=values["document.clearance"], facts=tuple((both(name, spoken), value) for name, value in facts),
    )  # fmt: skip
    return template_writing.written(cover, [_body(section, rules, spoken, fill) for section in rules.sections])


def _body(section: Section, rules: Rules, spoken: str, fill: Callable[[str], Rows]) -> Body:
    """A section of the template: its heading, what stands in its table, the guidance that is still needed."""
    part = _part(section, rules.class_id)
    filled = fill(part.fill) if part and part.fill else ()
    table = Table(tuple(both(c, spoken) for c in part.columns), filled) if part and part.columns else None
    said = () if filled and part and part.fill == "requirements" else (_guidance(section, rules.class_id, spoken),)
    return Body(section.name(spoken), said, table)


Rows = tuple[tuple[str, ...], ...]


def _requirements(actor: Actor, project: str, level: str, spoken: str) -> Rows:
    """The requirements that exist for the actor and may stand in a document of the clearance `level`."""
    if not access.may(actor, "requirement.read", project):
        return ()
    states, below = columns.names(actor, project), CLEARANCES[: CLEARANCES.index(level) + 1]
    found = [card.requirement for card in board.listed(actor, project) if card.requirement.clearance in below]
    found.sort(key=lambda one: one.number)
    return tuple(
        (one.code, one.title, PRIORITIES[one.priority].text(spoken), states.get(one.state_id, ""))
        for one in found[:MOST_REQUIREMENTS]
    )


def _people(actor: Actor, project: str, level: str, spoken: str) -> Rows:
    """The people of the project, the client's marked."""
    return tuple(
        (
            member.name,
            access.role_name(member.role).text(spoken),
        )
        for member in projects.members(actor, project)
        if member.active
    )


def _people_named(actor: Actor, project: str, spoken: str) -> dict[str, str]:
    """The people of the two sides, each in a line."""
    between = "、" if spoken == "zh_CN" else ", "
    people = [member for member in projects.members(actor, project) if member.active]
    return {
        "people.team": between.join(member.name for member in people if member.role != "client"),
        "people.client": between.join(member.name for member in people if member.role == "client"),
    }


PRIORITIES = {"must": say("Must"), "should": say("Should"), "could": say("Could"), "wont": say("Won't")}
FILLS: dict[str, Callable[[Actor, str, str, str], Rows]] = {"requirements": _requirements, "people": _people}
"""What of the project a table can be filled with."""
FILLED_BY = {"requirements": "requirement", "people": "person"}
"""The same by the kind of a row in somebody's own template."""
ROWS = {kind: FILLS[fill] for fill, kind in FILLED_BY.items()}

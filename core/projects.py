"""The organisation, its clients, their projects, and who belongs to which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from core import access, db
from core.access import CLEARANCES, ROLES, Actor, in_organisation, in_project, open_to_all
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.language import say
from core.rows import entity

PROJECT_CODE = re.compile(r"[A-Z][A-Z0-9-]{0,15}")


@entity("organisation", subject=True)
@dataclass(frozen=True)
class Organisation:
    """Whose installation this is; there is one."""

    id: str
    name: str
    language: str
    created_at: datetime
    revision: int


@entity("client", subject=True)
@dataclass(frozen=True)
class Client:
    """A company that projects are done for."""

    id: str
    name: str
    created_at: datetime
    revision: int


@entity("project", subject=True)
@dataclass(frozen=True)
class Project:
    """One engagement with one client. `code` is short and unique: "HARBOUR"."""

    id: str
    code: str
    name: str
    client_id: str
    language: str
    created_at: datetime
    revision: int


@entity("membership")
@dataclass(frozen=True)
class Membership:
    """What a person is in a project: role and clearance (core/access.py)."""

    id: str
    project_id: str
    account_id: str
    role: str
    clearance: str
    created_at: datetime
    revision: int


@dataclass(frozen=True)
class Member:
    """A membership with the person's name, for lists and choices."""

    id: str
    account_id: str
    name: str
    mail: str
    role: str
    clearance: str
    active: bool
    revision: int


@open_to_all("the first page names whose installation this is, before anyone has signed in")
def organisation() -> Organisation | None:
    """The organisation, or None before the setup."""
    return db.one_of(Organisation, "", [])


@in_organisation("client.manage")
def add_client(actor: Actor, *, name: str, at: datetime | None = None) -> Client:
    """Add a client. Raises Invalid without a name, Conflict when the name is taken."""
    with db.write(actor, at=at) as tx:
        if not name.strip():
            raise Invalid(say("A client needs a name."), field="name")
        if tx.value("SELECT COUNT(*) FROM client WHERE name = ?", [name.strip()]):
            raise Conflict(say("There is a client “{name}” already.", name=name.strip()))
        return tx.insert(Client(new_id(), name.strip(), tx.at, 1))


@in_organisation("client.manage")
def clients(actor: Actor) -> list[Client]:
    """Every client, by name."""
    return db.all_of(Client, "ORDER BY name")


@in_organisation("project.create")
def add_project(
    actor: Actor, *, code: str, name: str, client: str, language: str = "en", at: datetime | None = None
) -> Project:
    """Add a project for the client with the name `client`.

    Raises Invalid for a code that is not A-Z, 0-9 and hyphens (16 at most), NotFound for an
    unknown client, Conflict when the code is taken.
    """
    with db.write(actor, at=at) as tx:
        code = code.strip().upper()
        if not PROJECT_CODE.fullmatch(code):
            raise Invalid(say("A project's code is letters, digits and hyphens, 16 at most: HARBOUR."), field="code")
        if not name.strip():
            raise Invalid(say("A project needs a name."), field="name")
        if tx.value("SELECT COUNT(*) FROM project WHERE code = ?", [code]):
            raise Conflict(say("There is a project {code} already.", code=code))
        found = tx.value("SELECT id FROM client WHERE name = ?", [client.strip()])
        if found is None:
            raise NotFound(say("There is no client “{name}”. Add it first.", name=client.strip()))
        return tx.insert(Project(new_id(), code, name.strip(), found, language, tx.at, 1))


@open_to_all("it lists the actor's own memberships, nothing else")
def mine(actor: Actor) -> list[Project]:
    """The projects that exist for the actor, newest first."""
    if actor.unbound:
        return db.all_of(Project, "ORDER BY created_at DESC, id DESC")
    return db.all_of(
        Project,
        """
        WHERE id IN (
            SELECT m.project_id
            FROM membership m
            JOIN account a ON a.id = m.account_id
            WHERE m.account_id = ? AND a.active
        )
        ORDER BY created_at DESC, id DESC
        """,
        [actor.id],
    )


@open_to_all("it finds a code among the actor's own projects only")
def by_code(actor: Actor, code: str) -> Project:
    """The actor's project with this code. Raises NotFound, also when it is not theirs."""
    for project in mine(actor):
        if project.code == code.strip().upper():
            return project
    raise NotFound(say("There is no project {code}.", code=code))


@in_project("project.read")
def get(actor: Actor, project: str) -> Project:
    """The project itself."""
    return _existing(project)


@in_project("project.read")
def client_of(actor: Actor, project: str) -> Client:
    """The client that the project is done for."""
    found = db.one_of(Client, "WHERE id = ?", [_existing(project).client_id])
    if found is None:
        raise NotFound(say("This does not exist (any more)."))
    return found


@in_project("member.read")
def members(actor: Actor, project: str) -> list[Member]:
    """Who belongs to the project, by name."""
    return [
        Member(**record)
        for record in db.rows(
            """
            SELECT m.id, m.account_id, a.name, a.mail, m.role, m.clearance, a.active, m.revision
            FROM membership m
            JOIN account a ON a.id = m.account_id
            WHERE m.project_id = ?
            ORDER BY a.name
            """,
            [project],
        )
    ]


@in_project("member.manage")
def add_member(
    actor: Actor, project: str, *, account: str, role: str, clearance: str | None = None, at: datetime | None = None
) -> Membership:
    """Give the account with this id a role and a clearance in the project.

    Without a clearance a client gets `public`, everybody else `internal`. Raises Invalid for an
    unknown role or clearance, Refused above the actor's own clearance, Conflict for a member.
    """
    own = access.standing(actor, project)
    clearance = clearance or ("public" if role == "client" else "internal")
    _check_standing(own, role, clearance)
    with db.write(actor, at=at) as tx:
        if not tx.value("SELECT COUNT(*) FROM account WHERE id = ?", [account]):
            raise NotFound(say("There is no such account."))
        if tx.value("SELECT COUNT(*) FROM membership WHERE project_id = ? AND account_id = ?", [project, account]):
            raise Conflict(say("This person is a member of the project already."))
        return tx.insert(Membership(new_id(), project, account, role, clearance, tx.at, 1))


@in_project("member.manage")
def change_member(
    actor: Actor, project: str, membership: str, *, role: str, clearance: str, revision: int | None = None
) -> Membership:
    """Change a member's role and clearance. Raises as `add_member`, and Stale."""
    own = access.standing(actor, project)
    _check_standing(own, role, clearance)
    with db.write(actor) as tx:
        found = _membership(tx, project, membership)
        access.require_clearance(own, found.clearance)
        return tx.update(found, revision=revision, role=role, clearance=clearance)


@in_project("member.manage")
def remove_member(actor: Actor, project: str, membership: str) -> None:
    """End a membership; what the person wrote stays."""
    own = access.standing(actor, project)
    with db.write(actor) as tx:
        found = _membership(tx, project, membership)
        access.require_clearance(own, found.clearance)
        tx.delete(found)


def _check_standing(own: access.Standing, role: str, clearance: str) -> None:
    if role not in ROLES or role == "admin":
        raise Invalid(say("A role is one of manager, member, client, viewer."), field="role")
    if clearance not in CLEARANCES:
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
    access.require_clearance(own, clearance)


def _membership(tx: db.Transaction, project: str, membership: str) -> Membership:
    found = tx.get(Membership, membership)
    if found.project_id != project:
        raise NotFound(say("This does not exist (any more)."))
    return found


def _existing(project: str) -> Project:
    found = db.one_of(Project, "WHERE id = ?", [project])
    if found is None:
        raise NotFound(say("There is no such project."))
    return found

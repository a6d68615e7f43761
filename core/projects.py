"""The organisation, its clients, their projects, and who belongs to which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import access, db
from core.access import CLEARANCES, ROLES, Actor, in_organisation, in_project, open_to_all
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.language import say
from core.rows import entity

NOTHING_SHARED = "none"
PROJECT_CODE = re.compile(r"[A-Z][A-Z0-9-]{0,15}")


@entity("organisation", subject=True)
@dataclass(frozen=True)
class Organisation:
    """Whose installation this is; there is one. `share_limit` is kept for `share_limit()`."""

    id: str
    name: str
    language: str
    created_at: datetime
    revision: int
    share_limit: str | None = None


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
    """One engagement with one client. `code` is short and unique: "HARBOUR".

    The years for which its documents are kept count from `ended_on`; one that was `discarded_at` some moment
    is in the trash and exists for nobody (vault/trash.py).
    """

    id: str
    code: str
    name: str
    client_id: str
    language: str
    created_at: datetime
    revision: int
    ended_on: date | None = None
    discarded_at: datetime | None = None
    discarded_by: str | None = None


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
class Known:
    """As much of an account as somebody is told who names its mail: enough to see that it is the right one."""

    id: str
    name: str
    mail: str


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


@in_organisation("account.manage")
def rename_organisation(actor: Actor, name: str, *, revision: int | None = None) -> Organisation:
    """Change the name that stands on the sign-in page and in invitations. Raises Invalid without one, Stale."""
    with db.write(actor) as tx:
        if not name.strip():
            raise Invalid(say("The organisation needs a name."), field="organisation")
        found = tx.all_of(Organisation, "")
        if not found:
            raise NotFound(say("This does not exist (any more)."))
        return tx.update(found[0], revision=revision, name=name.strip())


@open_to_all("it is a rule of the house that everybody who shares is told")
def share_limit() -> str | None:
    """The highest clearance that is shared by a link; None where nothing is. It is public unless somebody changed it."""
    found = organisation()
    limit = (found.share_limit if found else None) or CLEARANCES[0]
    return limit if limit in CLEARANCES else None


@in_organisation("account.manage")
def limit_sharing(actor: Actor, clearance: str | None, *, revision: int | None = None) -> Organisation:
    """Say what is shared by a link with people without an account, nothing with None; links above it open nothing.

    Raises Invalid for a clearance that there is not, Stale.
    """
    if clearance is not None and clearance not in CLEARANCES:
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
    with db.write(actor) as tx:
        found = tx.all_of(Organisation, "")
        if not found:
            raise NotFound(say("This does not exist (any more)."))
        return tx.update(found[0], revision=revision, share_limit=clearance or NOTHING_SHARED)


@in_organisation("client.manage")
def add_client(actor: Actor, *, name: str, at: datetime | None = None) -> Client:
    """Add a client. Raises Invalid without a name, Conflict when the name is taken."""
    with db.write(actor, at=at) as tx:
        return tx.insert(Client(new_id(), _client_name(tx, name), tx.at, 1))


@in_organisation("client.manage")
def rename_client(actor: Actor, client: str, name: str, *, revision: int | None = None) -> Client:
    """Change the name of the client with the id `client`. Raises as `add_client`, NotFound, Stale."""
    with db.write(actor) as tx:
        return tx.update(tx.get(Client, client), revision=revision, name=_client_name(tx, name, but=client))


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
        name = _project_name(name)
        if tx.value("SELECT COUNT(*) FROM project WHERE code = ?", [code]):
            raise Conflict(say("There is a project {code} already.", code=code))
        return tx.insert(Project(new_id(), code, name, _client_id(tx, client), language, tx.at, 1))


@in_project("project.edit")
def change(
    actor: Actor, project: str, *, name: str | None = None, client: str | None = None, revision: int | None = None
) -> Project:
    """Change a project's name, or the client (by name) that it is done for; the code stays.

    Raises Invalid without a name, NotFound for an unknown client, Stale, and Refused for another
    client without client.manage: whose project it is decides who sees it.
    """
    with db.write(actor) as tx:
        found = tx.get(Project, project)
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = _project_name(name)
        if client is not None:
            changes["client_id"] = _client_id(tx, client)
            if changes["client_id"] != found.client_id:
                access.require(actor, "client.manage")
        return tx.update(found, revision=revision, **changes)


@in_project("project.edit")
def end(actor: Actor, project: str, on: date | None, *, revision: int | None = None) -> Project:
    """Say on which day the project ended or will end, or with None that this is not known. Raises Stale."""
    with db.write(actor) as tx:
        return tx.update(tx.get(Project, project), revision=revision, ended_on=on)


@open_to_all("it lists the actor's own memberships, nothing else")
def mine(actor: Actor) -> list[Project]:
    """The projects that exist for the actor, newest first."""
    asked = ("projects", actor.id, actor.unbound)
    return list(db.database().known(asked, lambda: _mine(actor), of=("account", "membership", "project")))


def _mine(actor: Actor) -> list[Project]:
    if actor.unbound:
        return db.all_of(Project, "WHERE discarded_at IS NULL ORDER BY created_at DESC, id DESC")
    return db.all_of(
        Project,
        """
        WHERE discarded_at IS NULL AND id IN (
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
def known(actor: Actor, project: str, mail: str) -> Known:
    """The account with exactly this mail, for somebody who wants to add it to the project.

    Nobody leafs through the accounts of the organisation without account.manage: whoever knows the
    address learns the name that belongs to it, nothing else. Raises NotFound, also when it is disabled.
    """
    found = db.row("SELECT id, name, mail FROM account WHERE mail = ? AND active", [mail.strip().lower()])
    if found is None:
        raise NotFound(say("Nobody has an account with the mail {mail}. An administrator can invite them.", mail=mail))
    return Known(**found)


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


# For other modules of core/ that name people inside a transaction of their own.


def require_member(tx: db.Transaction, project: str, account: str, *, field: str) -> None:
    """Raise Invalid about `field` unless the account belongs to the project or is an administrator's."""
    if not tx.value(
        """
        SELECT COUNT(*)
        FROM account a
        LEFT JOIN membership m ON m.account_id = a.id AND m.project_id = ?
        WHERE a.id = ? AND (m.id IS NOT NULL OR a.administrator)
        """,
        [project, account],
    ):
        raise Invalid(say("Only somebody who belongs to the project can be named here."), field=field)


def _client_name(tx: db.Transaction, name: str, but: str = "") -> str:
    """A client's name as it is kept, when no other client has it."""
    if not name.strip():
        raise Invalid(say("A client needs a name."), field="name")
    if tx.value("SELECT COUNT(*) FROM client WHERE name = ? AND id <> ?", [name.strip(), but]):
        raise Conflict(say("There is a client “{name}” already.", name=name.strip()))
    return name.strip()


def _client_id(tx: db.Transaction, name: str) -> str:
    found = tx.value("SELECT id FROM client WHERE name = ?", [name.strip()])
    if found is None:
        raise NotFound(say("There is no client “{name}”. Add it first.", name=name.strip()))
    return str(found)


def _project_name(name: str) -> str:
    if not name.strip():
        raise Invalid(say("A project needs a name."), field="name")
    return name.strip()


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

"""Who may do what: roles, permissions, clearance. One table, one question.

Every public function of core/ and vault/ takes the `Actor` first and states the permission it
asks for by a decorator; the check runs before the function's own first line. Somebody without a
membership gets NotFound, because the project does not exist for them; a member whose role lacks
the permission gets Refused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, Literal, ParamSpec, TypeVar

from core import db
from core.errors import NotFound, Refused
from core.language import Message, say

ROLES = ("admin", "manager", "member", "client", "viewer")
CLEARANCES = ("public", "internal", "confidential", "restricted")

ADMIN = frozenset({"admin"})
LEADS = frozenset({"admin", "manager"})
TEAM = frozenset({"admin", "manager", "member"})
WRITERS = frozenset({"admin", "manager", "member", "client"})
INSIDERS = frozenset({"admin", "manager", "member", "viewer"})
EVERYONE = frozenset(ROLES)

PERMISSIONS: dict[str, frozenset[str]] = {
    # the organisation: only administrators hold these
    "account.manage": ADMIN,
    "client.manage": ADMIN,
    "project.create": ADMIN,
    "project.discard": ADMIN,
    "ledger.verify": ADMIN,
    "key.manage": ADMIN,
    "quota.manage": ADMIN,
    "vault.move": ADMIN,
    "index.rebuild": ADMIN,
    # a project
    "project.read": EVERYONE,
    "project.edit": LEADS,
    "phase.edit": LEADS,
    "member.read": EVERYONE,
    "member.manage": LEADS,
    "requirement.read": EVERYONE,
    "requirement.create": WRITERS,
    "requirement.edit": TEAM,
    "requirement.move": TEAM,
    "requirement.configure": LEADS,
    "risk.read": EVERYONE,  # of those that are not the team's own
    "risk.create": WRITERS,
    "risk.edit": TEAM,
    "risk.configure": LEADS,
    "comment.read": EVERYONE,
    "comment.write": WRITERS,
    "note.read": INSIDERS,  # internal notes: what the team says among itself
    "note.write": TEAM,
    "document.read": EVERYONE,
    "document.write": WRITERS,
    "document.classify": TEAM,
    "document.grant": LEADS,
    "document.rule": LEADS,
    "document.share": TEAM,
    "document.discard": TEAM,
    "document.hold": LEADS,
    "document.dispose": LEADS,  # two people, and neither alone
    "version.newest": TEAM,  # others get the approved version where none is named
    "review.ask": TEAM,
    "review.decide": WRITERS,  # where one was asked; nobody approves what they uploaded
    "review.lead": LEADS,
    "activity.read": EVERYONE,
    "audit.read": LEADS,
    "download.read": LEADS,  # who fetched which document; one's own fetches everybody sees
    "change.undo": WRITERS,
    "import.run": LEADS,
    "view.save": EVERYONE,
}
"""Permission -> the roles that hold it. The page Roles shows this table as it is."""


MEANINGS: dict[str, Message] = {
    "account.manage": say("invite, disable and name accounts; the organisation's name; classes of documents"),
    "client.manage": say("add and rename clients"),
    "project.create": say("add projects"),
    "project.discard": say("put projects into the trash and bring them back"),
    "vault.move": say("carry the vault to another store"),
    "quota.manage": say("see who keeps how much, and say how much they may"),
    "key.manage": say("change the vault's master key, make its recovery sheet"),
    "ledger.verify": say("check that nobody has tampered with the records"),
    "index.rebuild": say("read every document anew for the search"),
    "project.read": say("see the project and its overview"),
    "project.edit": say("rename the project; say when it ended"),
    "phase.edit": say("plan the phases of the project and the documents that each needs; close them"),
    "member.read": say("see who belongs to the project"),
    "member.manage": say("add people to the project; change their role and clearance; remove them"),
    "requirement.read": say("read requirements"),
    "requirement.create": say("add requirements"),
    "requirement.edit": say("edit requirements"),
    "requirement.move": say("move requirements to another state"),
    "requirement.configure": say("name, add and order the columns of the board"),
    "risk.read": say("read risks; the team's own ones only with the permission for internal notes"),
    "risk.create": say("add risks"),
    "risk.edit": say("edit and judge risks, plan and carry out responses"),
    "risk.configure": say("set the scales, the appetite and the categories of risks"),
    "comment.read": say("read comments"),
    "comment.write": say("write comments"),
    "note.read": say("read the team's internal notes"),
    "note.write": say("write internal notes"),
    "document.read": say("read documents"),
    "document.write": say("add documents and new versions"),
    "document.classify": say("change a document's class, title and clearance"),
    "document.grant": say("grant or deny a document to a person; see who reads it and why"),
    "document.rule": say("limit what a role reads of a class of documents"),
    "document.share": say("share a version by a link with people without an account"),
    "document.discard": say("put documents into the trash and bring them back"),
    "document.hold": say("place and release legal holds"),
    "document.dispose": say("dispose of documents for good, two people together"),
    "version.newest": say("get the newest version of a document by default, where others get the approved one"),
    "review.ask": say("ask people to review a version of a document"),
    "review.decide": say("approve, ask for changes or decline, when asked to review"),
    "review.lead": say("withdraw or renew an approval; end somebody's review or check-out"),
    "activity.read": say("see what has happened in the project"),
    "audit.read": say("read the audit: who saw, fetched, shared, was refused"),
    "download.read": say("see who has fetched which document"),
    "change.undo": say("undo one's own last change"),
    "import.run": say("import boards from elsewhere, and take an import back"),
    "view.save": say("keep views of one's own"),
}
"""Permission -> what it lets people do, in words."""

ROLE_MEANINGS: dict[str, Message] = {
    "admin": say("Runs the installation: accounts, clients, projects; an administrator of every project."),
    "manager": say("Leads the project: its people, its columns, imports."),
    "member": say("Does the work: requirements, documents, internal notes."),
    "client": say("The client's people: propose, comment, read what is meant for them; never internal notes."),
    "viewer": say("Reads, internal notes included."),
}
"""Role -> what it is meant for."""


@dataclass(frozen=True)
class Actor:
    """Who asks. The operator is whoever may read the data folder; `system` is Accord itself."""

    id: str
    name: str
    mail: str = ""
    administrator: bool = False
    kind: Literal["person", "operator", "system"] = "person"
    language: str = "en"

    @property
    def unbound(self) -> bool:
        """True where the organisation-wide role decides and no membership is looked up."""
        return self.administrator or self.kind != "person"


SYSTEM = Actor(id="system", name="Accord", kind="system")


@dataclass(frozen=True)
class Standing:
    """What an actor is in one project."""

    role: str
    clearance: str

    @property
    def rank(self) -> int:
        """The clearance as a number: the index in CLEARANCES."""
        return CLEARANCES.index(self.clearance)

    @property
    def clearances(self) -> tuple[str, ...]:
        """Every clearance that exists for this standing, for `IN` in a query."""
        return CLEARANCES[: self.rank + 1]

    @property
    def permissions(self) -> frozenset[str]:
        """Every permission of the role."""
        return frozenset(name for name, roles in PERMISSIONS.items() if self.role in roles)

    def may(self, permission: str) -> bool:
        """Whether the role holds `permission`."""
        return self.role in PERMISSIONS[permission]

    def cleared(self, clearance: str) -> bool:
        """Whether something of `clearance` exists for this standing."""
        return CLEARANCES.index(clearance) <= self.rank


def standing(actor: Actor, project: str) -> Standing:
    """The actor's role and clearance in `project`. Raises NotFound without a membership, and in the trash."""
    # A screen asks this some forty times a run; the answer changes by a commit about these only.
    asked = ("standing", actor.id, actor.kind, actor.administrator, project)
    return db.database().known(asked, lambda: _standing(actor, project), of=("account", "membership", "project"))


def _standing(actor: Actor, project: str) -> Standing:
    if actor.unbound:
        found = db.value(
            f"SELECT COUNT(*) FROM project WHERE id = ? AND discarded_at IS NULL AND {_HOLDS_OFFICE}",
            [project, *_office(actor)],
        )
        if not found:
            raise NotFound(say("There is no such project."))
        return Standing("admin", CLEARANCES[-1])
    row = db.row(
        """
        SELECT m.role, m.clearance
        FROM membership m
        JOIN account a ON a.id = m.account_id
        JOIN project p ON p.id = m.project_id
        WHERE m.project_id = ? AND m.account_id = ? AND a.active AND p.discarded_at IS NULL
        """,
        [project, actor.id],
    )
    if row is None:
        raise NotFound(say("There is no such project."))
    return Standing(row["role"], row["clearance"])


def require(actor: Actor, permission: str, project: str | None = None) -> Standing:
    """The standing that holds `permission`; without a project the permission is organisation-wide.

    Raises NotFound for somebody outside the project, Refused for a role without the permission.
    """
    if project is None:
        if actor.unbound and "admin" in PERMISSIONS[permission] and db.value(f"SELECT {_HOLDS_OFFICE}", _office(actor)):
            return Standing("admin", CLEARANCES[-1])
        raise Refused(_refusal(permission))
    found = standing(actor, project)
    if not found.may(permission):
        raise Refused(_refusal(permission))
    return found


# An administrator is looked up each time: whoever has been disabled or replaced since the actor was
# made (a long upload, an open stream) holds the office no more. The operator has no account.
_HOLDS_OFFICE = "(? OR EXISTS (SELECT 1 FROM account WHERE id = ? AND active AND administrator))"


def _office(actor: Actor) -> list[object]:
    return [actor.kind != "person", actor.id]


def may(actor: Actor, permission: str, project: str | None = None) -> bool:
    """Whether `require` would agree; for screens that leave out what cannot be done."""
    try:
        require(actor, permission, project)
    except (Refused, NotFound):
        return False
    return True


def require_clearance(standing_: Standing, clearance: str) -> None:
    """Raise Refused when `clearance` is above the standing's own: nobody classifies above it."""
    if not standing_.cleared(clearance):
        raise Refused(
            say("You can't give a clearance above your own ({own}).", own=clearance_name(standing_.clearance))
        )


P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Rule:
    """What a public function asks for; read by the test that tries each with every role."""

    permission: str | None
    scope: Literal["project", "organisation", "open"]
    reason: str = ""


def in_project(
    permission: str,
) -> Callable[[Callable[Concatenate[Actor, str, P], R]], Callable[Concatenate[Actor, str, P], R]]:
    """Decorate `f(actor, project, …)`: it runs only for those with `permission` in `project`."""

    def wrap(function: Callable[Concatenate[Actor, str, P], R]) -> Callable[Concatenate[Actor, str, P], R]:
        @functools.wraps(function)
        def checked(actor: Actor, project: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
            require(actor, permission, project)
            return function(actor, project, *args, **kwargs)

        checked.__rule__ = Rule(permission, "project")  # type: ignore[attr-defined]
        return checked

    return wrap


def in_organisation(
    permission: str,
) -> Callable[[Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Decorate `f(actor, …)`: it runs only for those who hold `permission` organisation-wide."""

    def wrap(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
        @functools.wraps(function)
        def checked(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            require(actor, permission)
            return function(actor, *args, **kwargs)

        checked.__rule__ = Rule(permission, "organisation")  # type: ignore[attr-defined]
        return checked

    return wrap


def open_to_all(reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a public function that needs no permission, with the reason why that is right."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        function.__rule__ = Rule(None, "open", reason)  # type: ignore[attr-defined]
        return function

    return wrap


def clearance_name(clearance: str) -> Message:
    """The clearance as a word for people."""
    return {
        "public": say("public"),
        "internal": say("internal"),
        "confidential": say("confidential"),
        "restricted": say("restricted"),
    }[clearance]


def rank_of(column: str) -> str:
    """SQL that gives the rank of the clearance in `column`: 0 for public, 3 for restricted."""
    steps = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(CLEARANCES))
    return f"CASE {column} {steps} END"


def role_name(role: str) -> Message:
    """The role as a word for people."""
    return {
        "admin": say("administrator"),
        "manager": say("manager"),
        "member": say("member"),
        "client": say("client"),
        "viewer": say("viewer"),
    }[role]


def _refusal(permission: str) -> Message:
    return say("Your role does not allow this ({permission}). Ask a manager of the project.", permission=permission)

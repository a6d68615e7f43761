"""Rules: how high a role reads in a class of documents. A rule restricts; of two the stricter one holds."""

from __future__ import annotations

from datetime import datetime

from core import db
from core.access import CLEARANCES, ROLES, Actor, in_organisation, in_project
from core.errors import Invalid, NotFound
from core.ids import new_id
from core.language import say
from core.reading import Rule
from vault import classes

LIMITED = tuple(role for role in ROLES if role != "admin")
"""Roles that rules may name; an administrator is held back by a denial only."""


@in_project("document.rule")
def listed(actor: Actor, project: str) -> list[Rule]:
    """The rules that hold in a project: its own, and those of the organisation (without a project)."""
    return db.all_of(
        Rule, "WHERE project_id = ? OR project_id IS NULL ORDER BY class_id, role, project_id NULLS LAST", [project]
    )


@in_organisation("account.manage")
def everywhere(actor: Actor) -> list[Rule]:
    """The rules that hold in every project."""
    return db.all_of(Rule, "WHERE project_id IS NULL ORDER BY class_id, role")


@in_project("document.rule")
def limit(
    actor: Actor, project: str, *,
    role: str, class_: str, clearance: str | None, revision: int | None = None, at: datetime | None = None,
) -> Rule:  # fmt: skip
    """Let a role read a class of documents up to a clearance, or nothing of it (None), in this project.

    Raises Invalid for a role, class or clearance that there is not; Stale.
    """
    return _limit(actor, project, role, class_, clearance, revision, at)


@in_organisation("account.manage")
def limit_everywhere(
    actor: Actor, *, role: str, class_: str, clearance: str | None, revision: int | None = None
) -> Rule:
    """As `limit`, in every project."""
    return _limit(actor, None, role, class_, clearance, revision)


@in_project("document.rule")
def lift(actor: Actor, project: str, rule: str) -> None:
    """Remove a rule of this project. Raises NotFound, also for a rule of the organisation."""
    _lift(actor, project, rule)


@in_organisation("account.manage")
def lift_everywhere(actor: Actor, rule: str) -> None:
    """Remove a rule that holds in every project. Raises NotFound."""
    _lift(actor, None, rule)


def _limit(
    actor: Actor, project: str | None, role: str, class_: str, clearance: str | None, revision: int | None,
    at: datetime | None = None,
) -> Rule:  # fmt: skip
    if role not in LIMITED:
        raise Invalid(say("A role is one of manager, member, client, viewer."), field="role")
    if clearance is not None and clearance not in CLEARANCES:
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
    class_id = classes.named(class_)
    with db.write(actor, at=at) as tx:
        found = tx.all_of(
            Rule, "WHERE project_id IS NOT DISTINCT FROM ? AND role = ? AND class_id = ?", [project, role, class_id]
        )
        if found:
            return tx.update(found[0], revision=revision, clearance=clearance)
        return tx.insert(Rule(new_id(), project, role, class_id, clearance, tx.at, 1))


def _lift(actor: Actor, project: str | None, rule: str) -> None:
    with db.write(actor) as tx:
        found = tx.all_of(Rule, "WHERE id = ? AND project_id IS NOT DISTINCT FROM ?", [rule, project])
        if not found:
            raise NotFound(db.GONE)
        tx.delete(found[0])

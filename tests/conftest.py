"""What tests share: a fresh data folder, and builders that read like the practice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from core import access, accounts, db, projects
from core.access import Actor

OPERATOR = Actor(id="operator", name="operator", kind="operator")


@dataclass(frozen=True)
class Engagement:
    """A project with one person in each role; each is an Actor."""

    id: str
    admin: Actor
    manager: Actor
    member: Actor
    client: Actor
    viewer: Actor
    stranger: Actor

    def by_role(self, role: str) -> Actor:
        return getattr(self, role)


@pytest.fixture
def home(tmp_path: Path):
    """An open data folder of its own."""
    db.open_home(tmp_path / "data")
    yield tmp_path / "data"
    db.close()


@pytest.fixture
def engagement(home: Path) -> Engagement:
    return build_engagement()


def build_engagement(code: str = "HARBOUR") -> Engagement:
    """A client, a project and five people in it, with a sixth who is in none."""
    client = projects.add_client(OPERATOR, name=f"Meridian Rail {code}")
    project = projects.add_project(OPERATOR, code=code, name="Harbour Line ticketing", client=client.name)
    people = {
        role: accounts.create(
            OPERATOR,
            mail=f"{role}.{code.lower()}@example.com",
            name=f"{role.title()} One",
            administrator=role == "admin",
        )
        for role in (*access.ROLES, "stranger")
    }
    clearances = {"manager": "restricted", "member": "confidential", "client": "public", "viewer": "internal"}
    for role, clearance in clearances.items():
        projects.add_member(OPERATOR, project.id, account=people[role].id, role=role, clearance=clearance)
    return Engagement(project.id, **{role: account.actor for role, account in people.items()})

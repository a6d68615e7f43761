from __future__ import annotations

import pytest

from core import db, projects
from core.errors import Conflict, Invalid, NotFound, Refused, Stale


def test_a_project_does_not_exist_for_somebody_outside(engagement):
    with pytest.raises(NotFound):
        projects.get(engagement.stranger, engagement.id)
    assert projects.mine(engagement.stranger) == []


def test_a_member_sees_the_project(engagement):
    assert projects.get(engagement.client, engagement.id).code == "HARBOUR"
    assert [p.id for p in projects.mine(engagement.client)] == [engagement.id]


def test_only_administrators_add_clients(engagement):
    with pytest.raises(Refused):
        projects.add_client(engagement.manager, name="Other")


def test_nobody_gives_a_clearance_above_their_own(engagement):
    with db.write(engagement.admin) as tx:
        membership = tx.all_of(projects.Membership, "WHERE account_id = ?", [engagement.manager.id])[0]
        tx.update(membership, clearance="internal")
    with pytest.raises(Refused):
        projects.add_member(
            engagement.manager, engagement.id, account=engagement.stranger.id, role="member", clearance="confidential"
        )


@pytest.mark.parametrize("code", ["", "lower case", "A" * 17, "Ü1"])
def test_a_code_that_is_none_is_refused(engagement, code):
    with pytest.raises(Invalid):
        projects.add_project(engagement.admin, code=code, name="X", client="Meridian Rail HARBOUR")


def test_a_code_is_unique(engagement):
    with pytest.raises(Conflict):
        projects.add_project(engagement.admin, code="HARBOUR", name="X", client="Meridian Rail HARBOUR")


def test_a_stale_change_of_a_membership_is_told_and_changes_nothing(engagement):
    member = next(m for m in projects.members(engagement.admin, engagement.id) if m.role == "viewer")
    projects.change_member(
        engagement.admin, engagement.id, member.id, role="viewer", clearance="public", revision=member.revision
    )
    with pytest.raises(Stale) as stale:
        projects.change_member(
            engagement.admin, engagement.id, member.id, role="member", clearance="internal", revision=member.revision
        )
    assert stale.value.theirs == {"role": "viewer", "clearance": "public"}
    assert stale.value.mine == {"role": "member", "clearance": "internal"}

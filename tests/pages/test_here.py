"""What every screen asks first."""

from __future__ import annotations

import pytest

from core import accounts, projects
from core.access import Standing
from pages.kit.here import Here
from tests.conftest import OPERATOR


@pytest.fixture
def here(engagement):
    """The manager in their project."""
    project = projects.get(engagement.manager, engagement.id)
    return Here(engagement.manager, project, Standing("manager", "restricted"))


def test_two_people_of_one_name_are_told_apart_where_one_chooses(here, engagement):
    other = accounts.create(OPERATOR, mail="another@example.com", name="Member One")
    projects.add_member(OPERATOR, engagement.id, account=other.id, role="member", clearance="public")
    named = here.told_apart(
        {engagement.member.id: "Member One", other.id: "Member One", engagement.viewer.id: "Viewer One"}
    )
    assert named == {
        engagement.member.id: f"Member One · {engagement.member.mail}",
        other.id: "Member One · another@example.com",
        engagement.viewer.id: "Viewer One",
    }


def test_an_administrator_who_is_no_member_is_told_apart_as_well(here, engagement):
    named = here.told_apart({engagement.admin.id: "Ana", engagement.member.id: "Ana"})
    assert len(set(named.values())) == 2


def test_names_that_differ_stay_as_they_are(here):
    assert here.told_apart({"a": "Ana", "b": "Bo"}) == {"a": "Ana", "b": "Bo"}

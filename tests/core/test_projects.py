from __future__ import annotations

import pytest

from core import accounts, db, projects, setup
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


def test_a_manager_learns_the_name_that_belongs_to_a_mail_and_nothing_else(engagement):
    found = projects.known(engagement.manager, engagement.id, f" {engagement.stranger.mail.upper()} ")
    assert found == projects.Known(engagement.stranger.id, engagement.stranger.name, engagement.stranger.mail)


@pytest.mark.parametrize("mail", ["", "stranger", "%", "nobody@example.com"])
def test_a_mail_that_is_not_exactly_one_finds_nobody(engagement, mail):
    with pytest.raises(NotFound):
        projects.known(engagement.manager, engagement.id, mail)


def test_a_disabled_person_is_not_found_by_mail(engagement):
    accounts.disable(engagement.admin, engagement.stranger.id)
    with pytest.raises(NotFound):
        projects.known(engagement.manager, engagement.id, engagement.stranger.mail)


@pytest.mark.parametrize("role", ["member", "client", "viewer"])
def test_nobody_else_looks_for_accounts(engagement, role):
    with pytest.raises(Refused):
        projects.known(engagement.by_role(role), engagement.id, engagement.stranger.mail)


def test_a_manager_renames_the_project(engagement):
    changed = projects.change(engagement.manager, engagement.id, name=" Harbour Line ")
    assert (changed.name, changed.code) == ("Harbour Line", "HARBOUR")
    with pytest.raises(Invalid):
        projects.change(engagement.manager, engagement.id, name=" ")
    with pytest.raises(Refused):
        projects.change(engagement.member, engagement.id, name="Other")


def test_only_an_administrator_gives_a_project_another_client(engagement):
    other = projects.add_client(engagement.admin, name="Other")
    with pytest.raises(Refused):
        projects.change(engagement.manager, engagement.id, client="Other")
    assert projects.change(engagement.admin, engagement.id, client="Other").client_id == other.id
    with pytest.raises(NotFound):
        projects.change(engagement.admin, engagement.id, client="Nobody")


def test_a_stale_change_of_a_project_is_told(engagement):
    before = projects.get(engagement.admin, engagement.id)
    projects.change(engagement.admin, engagement.id, name="First", revision=before.revision)
    with pytest.raises(Stale):
        projects.change(engagement.admin, engagement.id, name="Second", revision=before.revision)


def test_a_client_is_renamed_but_not_to_a_name_that_is_taken(engagement):
    client = projects.add_client(engagement.admin, name="Before")
    assert projects.rename_client(engagement.admin, client.id, "After").name == "After"
    assert projects.rename_client(engagement.admin, client.id, "After ").name == "After"
    with pytest.raises(Conflict):
        projects.rename_client(engagement.admin, client.id, "Meridian Rail HARBOUR")
    with pytest.raises(Invalid):
        projects.rename_client(engagement.admin, client.id, "")
    with pytest.raises(Refused):
        projects.rename_client(engagement.manager, client.id, "Mine")


def test_the_organisation_is_renamed_by_administrators_only(home):
    setup.setup(organisation="Before", mail="ana@example.com", name="Ana", password="lanterns over the harbour 7")
    ana = accounts.by_mail("ana@example.com").actor
    assert projects.rename_organisation(ana, " After ").name == "After"
    with pytest.raises(Invalid):
        projects.rename_organisation(ana, "")
    somebody = accounts.create(ana, mail="noor@example.com", name="Noor").actor
    with pytest.raises(Refused):
        projects.rename_organisation(somebody, "Mine")

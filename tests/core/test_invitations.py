from __future__ import annotations

from datetime import timedelta

import pytest

from core import accounts, db, invitations, projects, sessions, setup, signin
from core.errors import Conflict, Invalid, NotFound, Refused
from core.invitations import Place
from core.throttle import TooSoon

NEW = "a lantern by the sea"


def invite(engagement, mail="new@example.com", **about):
    return invitations.invite(engagement.admin, mail=mail, name="New One", **about)


def test_an_invitation_sets_the_password_and_signs_in(engagement):
    link = invite(engagement)
    ticket = invitations.accept(link.token, NEW, browser="firefox")
    token = sessions.begin(ticket, browser="firefox", address="").token
    assert sessions.actor_of(token) == link.account.actor
    assert signin.sign_in("new@example.com", NEW, browser="phone", address="")


def test_an_invitation_says_whom_it_is_for(engagement):
    offer = invitations.offer(invite(engagement, language="zh_CN").token)
    assert (offer.purpose, offer.name, offer.mail, offer.language) == ("invite", "New One", "new@example.com", "zh_CN")
    assert offer.invited_by == engagement.admin.name


def test_accepting_joins_the_projects_that_were_chosen(engagement):
    link = invite(engagement, places=[Place(engagement.id, "member", "confidential")])
    assert projects.mine(link.account.actor) == []
    invitations.accept(link.token, NEW)
    found = next(m for m in projects.members(engagement.admin, engagement.id) if m.name == "New One")
    assert (found.role, found.clearance) == ("member", "confidential")


def test_a_link_works_once(engagement):
    token = invite(engagement).token
    invitations.accept(token, NEW)
    with pytest.raises(NotFound):
        invitations.offer(token)
    with pytest.raises(NotFound):
        invitations.accept(token, "another lantern by the sea")


def test_a_link_is_too_old_after_seven_days(engagement):
    link = invite(engagement)
    assert link.expires_at - link.account.created_at == timedelta(days=7)
    with db.database().transaction() as cursor:
        cursor.execute("UPDATE invitation SET expires_at = expires_at - INTERVAL 7 DAY")
    with pytest.raises(NotFound):
        invitations.accept(link.token, NEW)


def test_a_newer_link_closes_the_older_and_keeps_its_places(engagement):
    first = invite(engagement, places=[Place(engagement.id, "viewer", "public")])
    second = invitations.link(engagement.admin, first.account.id)
    assert second.purpose == "invite"
    with pytest.raises(NotFound):
        invitations.offer(first.token)
    invitations.accept(second.token, NEW)
    assert projects.mine(first.account.actor)


def test_a_password_against_the_rule_leaves_the_link_open(engagement):
    token = invite(engagement).token
    with pytest.raises(Invalid):
        invitations.accept(token, "short")
    assert invitations.offer(token)


def test_the_link_of_a_disabled_person_is_dead(engagement):
    link = invite(engagement)
    accounts.disable(engagement.admin, link.account.id)
    with pytest.raises(NotFound):
        invitations.accept(link.token, NEW)
    with pytest.raises(Conflict):
        invitations.link(engagement.admin, link.account.id)


def test_a_reset_ends_the_sessions_and_the_old_password(engagement):
    person = accounts.give_password(engagement.admin, engagement.member.id, "the old lantern here")
    ticket = signin.sign_in(person.mail, "the old lantern here", browser="a", address="")
    token = sessions.begin(ticket, browser="a", address="").token
    link = invitations.link(engagement.admin, person.id)
    assert link.purpose == "reset"
    assert sessions.actor_of(token)
    invitations.accept(link.token, NEW)
    assert sessions.actor_of(token) is None
    with pytest.raises(Refused):
        signin.sign_in(person.mail, "the old lantern here", browser="a", address="")


def test_a_reset_works_while_guesses_have_to_wait(engagement):
    mail = engagement.member.mail
    for _ in range(5):
        with pytest.raises(Refused):
            signin.sign_in(mail, "wrong", browser="b", address="192.0.2.66")
    token = invitations.link(engagement.admin, engagement.member.id).token
    ticket = invitations.accept(token, NEW, browser="own")
    assert sessions.begin(ticket, browser="own", address="192.0.2.66")
    assert signin.sign_in(mail, NEW, browser="own", address="192.0.2.66")
    with pytest.raises(TooSoon):
        signin.sign_in(mail, NEW, browser="b", address="192.0.2.66")


def test_the_secret_of_a_link_is_kept_nowhere(engagement):
    link = invite(engagement)
    everything = str(db.rows("SELECT * FROM invitation")) + str(db.rows("SELECT before, after, note FROM event"))
    assert link.token not in everything


@pytest.mark.parametrize("role", ["manager", "member", "client", "viewer", "stranger"])
def test_only_administrators_make_links(engagement, role):
    actor = engagement.by_role(role)
    with pytest.raises(Refused):
        invitations.invite(actor, mail="x@example.com", name="X")
    with pytest.raises(Refused):
        invitations.link(actor, engagement.admin.id)


@pytest.mark.parametrize("place", [("admin", "public"), ("member", "cosmic")])
def test_a_place_that_is_none_is_refused(engagement, place):
    with pytest.raises(Invalid):
        invite(engagement, places=[Place(engagement.id, *place)])
    assert not db.value("SELECT COUNT(*) FROM account WHERE mail = 'new@example.com'")


# the first visit


FIRST = {"organisation": "Northwind", "mail": "ana@example.com", "name": "Ana Keller", "password": NEW}


def test_setup_makes_the_organisation_and_an_administrator(home):
    assert setup.needed()
    account = setup.setup(**FIRST, language="zh_CN")
    assert not setup.needed()
    assert projects.organisation().name == "Northwind"
    assert (account.administrator, account.language) == (True, "zh_CN")
    assert signin.sign_in("ana@example.com", NEW, browser="a", address="")


def test_a_second_setup_is_refused(home):
    setup.setup(**FIRST)
    with pytest.raises(Conflict):
        setup.setup(**{**FIRST, "mail": "eve@example.com"})


@pytest.mark.parametrize(
    ("field", "value"), [("organisation", " "), ("name", ""), ("mail", "nowhere"), ("password", "short")]
)
def test_setup_says_which_field_needs_mending(home, field, value):
    with pytest.raises(Invalid) as error:
        setup.setup(**{**FIRST, field: value})
    assert error.value.field == field
    assert setup.needed()

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from core import accounts, db, sessions, signin, throttle
from core.access import Actor
from core.errors import Conflict, Invalid, NotFound, Refused
from core.throttle import TooSoon
from tests.conftest import OPERATOR

PASSWORD = "a quiet harbour"


@pytest.fixture
def ana(home):
    """Somebody with a password."""
    account = accounts.create(OPERATOR, mail="ana@example.com", name="Ana Keller")
    return accounts.give_password(OPERATOR, account.id, PASSWORD)


def ticket(password=PASSWORD, *, mail="ana@example.com", browser="firefox", address="192.0.2.1", path="/"):
    return signin.sign_in(mail, password, browser=browser, address=address, path=path)


def begun(browser="firefox", **about):
    return sessions.begin(ticket(browser=browser), browser=browser, address="192.0.2.1", **about)


def shift(table: str, column: str, by: timedelta) -> None:
    """Let time pass for a counter or a session."""
    with db.database().transaction() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {column} - ?", [by])


def actions() -> list[str]:
    return [r["action"] for r in db.rows("SELECT action FROM event ORDER BY seq")]


def test_mail_and_password_lead_to_a_session(ana):
    found = begun(agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    assert sessions.actor_of(found.token) == ana.actor
    assert [s.device for s in sessions.listed(ana.actor)] == ["Firefox · Linux"]
    assert actions()[-1] == "signed in"


def test_the_address_is_taken_in_any_case(ana):
    assert ticket(mail=" Ana@Example.COM ")


@pytest.mark.parametrize(("mail", "password"), [("ana@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_pair_is_refused_with_one_answer(ana, mail, password):
    with pytest.raises(Refused) as refused:
        ticket(password, mail=mail)
    assert refused.value.message == signin.NO_MATCH
    assert actions()[-1] == "sign-in failed"


def test_nothing_secret_reaches_the_ledger(ana):
    token = begun().token
    with pytest.raises(Refused):
        ticket("my other password", mail="typed-into-the-wrong-field")
    accounts.change_password(ana.actor, old=PASSWORD, new="an even quieter harbour")
    ledger = json.dumps(db.rows("SELECT before, after, note FROM event"), ensure_ascii=False)
    for secret in (PASSWORD, "argon2", token, "my other", "typed-into", "even quieter"):
        assert secret not in ledger


def test_the_database_holds_no_token_and_no_ticket(ana):
    earned = ticket()
    assert earned not in str(db.rows("SELECT * FROM ticket"))
    token = sessions.begin(earned, browser="firefox", address="").token
    assert token not in str(db.rows("SELECT * FROM session"))


def test_a_disabled_person_cannot_sign_in(ana):
    another_administrator()
    accounts.disable(OPERATOR, ana.id)
    with pytest.raises(Refused):
        ticket()


def test_a_person_without_a_password_cannot_sign_in(home):
    accounts.create(OPERATOR, mail="ana@example.com", name="Ana")
    with pytest.raises(Refused):
        ticket("")


# tickets


def test_a_ticket_works_once(ana):
    earned = ticket()
    sessions.begin(earned, browser="firefox", address="")
    with pytest.raises(Refused):
        sessions.begin(earned, browser="firefox", address="")


def test_a_ticket_is_of_no_use_to_another_browser_and_is_gone_after_it_tried(ana):
    earned = ticket()
    with pytest.raises(Refused):
        sessions.begin(earned, browser="chrome", address="")
    with pytest.raises(Refused):
        sessions.begin(earned, browser="firefox", address="")


def test_a_ticket_is_too_old_after_30_seconds(ana):
    earned = ticket()
    shift("ticket", "issued_at", timedelta(seconds=31))
    with pytest.raises(Refused):
        sessions.begin(earned, browser="firefox", address="")


def test_an_invented_ticket_is_refused(ana):
    with pytest.raises(Refused):
        sessions.begin("invented", browser="firefox", address="")


def test_a_ticket_dies_with_the_password_that_earned_it(ana):
    earned = ticket()
    accounts.give_password(OPERATOR, ana.id, "an even quieter harbour")
    with pytest.raises(Refused):
        sessions.begin(earned, browser="firefox", address="")


def test_a_ticket_leads_where_the_reader_was_going(ana):
    earned = ticket(path="/board?project=HARBOUR")
    assert sessions.begin(earned, browser="firefox", address="").path == "/board?project=HARBOUR"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "javascript:alert(1)", "", "/session/end", "/x\r\nSet-Cookie: a=b", "evil.example",
    ],
)  # fmt: skip
def test_a_ticket_never_leads_to_another_site(ana, path):
    assert sessions.begin(ticket(path=path), browser="firefox", address="").path == "/"


def test_signing_in_again_ends_the_session_the_browser_came_with(ana):
    first = begun().token
    second = begun(previous=first).token
    assert first != second
    assert sessions.actor_of(first) is None
    assert sessions.actor_of(second)


# the life of a session


def test_an_unknown_token_is_nobody(ana):
    assert sessions.actor_of("invented") is None
    assert sessions.actor_of(None) is None


def test_a_session_ends_after_12_idle_hours(ana):
    token = begun().token
    shift("session", "seen_at", timedelta(hours=11, minutes=59))
    assert sessions.actor_of(token)
    shift("session", "seen_at", timedelta(hours=12, minutes=1))
    assert sessions.actor_of(token) is None
    assert sessions.listed(ana.actor) == []


def test_a_session_ends_after_30_days_however_busy(ana):
    token = begun().token
    shift("session", "begun_at", timedelta(days=30, minutes=1))
    assert sessions.actor_of(token) is None


def test_being_seen_is_noted_once_a_minute_and_is_no_event(ana):
    token = begun().token
    before = db.head_seq()
    shift("session", "seen_at", timedelta(minutes=2))
    old = sessions.listed(ana.actor)[0].seen_at
    sessions.actor_of(token)
    noted = sessions.listed(ana.actor)[0].seen_at
    sessions.actor_of(token)
    assert old < noted == sessions.listed(ana.actor)[0].seen_at
    assert db.head_seq() == before


def test_signing_out_here_leaves_the_other_browser(ana):
    here, there = begun("firefox").token, begun("phone").token
    sessions.end(here)
    assert sessions.actor_of(here) is None
    assert sessions.actor_of(there)
    assert actions()[-1] == "signed out"


def test_signing_out_everywhere_ends_all(ana):
    tokens = [begun(browser).token for browser in ("firefox", "phone")]
    assert sessions.end_everywhere(ana.actor) == 2
    assert [sessions.actor_of(token) for token in tokens] == [None, None]


def test_one_of_ones_own_browsers_is_signed_out_from_afar(ana):
    here, there = begun("firefox").token, begun("phone").token
    other = next(s for s in sessions.listed(ana.actor) if sessions.is_this(s, there))
    sessions.end_one(ana.actor, other.id)
    assert sessions.actor_of(there) is None
    assert sessions.actor_of(here)


def test_nobody_ends_anothers_session(ana):
    token = begun().token
    eve = accounts.create(OPERATOR, mail="eve@example.com", name="Eve")
    with pytest.raises(NotFound):
        sessions.end_one(eve.actor, sessions.listed(ana.actor)[0].id)
    assert sessions.actor_of(token)


def test_disabling_a_person_ends_their_sessions(ana):
    token = begun().token
    accounts.disable(OPERATOR, ana.id)
    assert sessions.actor_of(token) is None
    accounts.enable(OPERATOR, ana.id)
    assert sessions.actor_of(token) is None


# passwords


def test_changing_the_password_ends_every_session_and_lets_this_browser_go_on(ana):
    tokens = [begun(browser).token for browser in ("firefox", "phone")]
    earned = accounts.change_password(ana.actor, old=PASSWORD, new="an even quieter harbour", browser="firefox")
    assert [sessions.actor_of(token) for token in tokens] == [None, None]
    assert sessions.actor_of(sessions.begin(earned, browser="firefox", address="").token)
    assert ticket("an even quieter harbour")


def test_changing_the_password_needs_the_present_one(ana):
    with pytest.raises(Invalid) as error:
        accounts.change_password(ana.actor, old="wrong", new="an even quieter harbour")
    assert error.value.field == "old"
    assert ticket()


def test_guessing_the_present_password_is_slowed_down_too(ana):
    for _ in range(throttle.FREE_TRIES):
        with pytest.raises(Invalid):
            accounts.change_password(ana.actor, old="wrong", new="an even quieter harbour")
    with pytest.raises(TooSoon):
        accounts.change_password(ana.actor, old=PASSWORD, new="an even quieter harbour")


# the throttle


def fail(times: int, **where) -> None:
    for _ in range(times):
        with pytest.raises(Refused):
            ticket("wrong", **where)


def test_five_wrong_tries_slow_the_account_down(ana):
    fail(5)
    with pytest.raises(TooSoon) as slowed:
        ticket()
    assert timedelta() < slowed.value.wait <= throttle.FIRST_WAIT
    shift("throttle", "open_at", throttle.FIRST_WAIT)
    assert ticket()


def test_an_unknown_name_is_slowed_down_just_so(ana):
    fail(5, mail="nobody@example.com")
    with pytest.raises(TooSoon):
        ticket(mail="nobody@example.com", address="198.51.100.7")


def test_five_wrong_tries_at_any_names_slow_the_address_down(ana):
    for n in range(5):
        fail(1, mail=f"somebody{n}@example.com")
    with pytest.raises(TooSoon):
        ticket()
    assert ticket(address="198.51.100.7")


def test_the_wait_grows_and_has_an_end(ana):
    waits = []
    for n in range(5, 14):
        fail(5 if n == 5 else 1, address=f"198.51.100.{n}")
        waits.append(db.value("SELECT MAX(open_at - failed_at) FROM throttle WHERE id LIKE 'account:%'"))
        shift("throttle", "open_at", timedelta(hours=1))
        shift("throttle", "failed_at", timedelta(seconds=1))
    assert waits == sorted(waits)
    assert waits[0] == throttle.FIRST_WAIT
    assert waits[-1] == throttle.LONGEST_WAIT["account"]


def test_a_try_during_a_wait_does_not_prolong_it(ana):
    fail(5)
    before = db.rows("SELECT * FROM throttle ORDER BY id")
    with pytest.raises(TooSoon):
        ticket("wrong")
    assert db.rows("SELECT * FROM throttle ORDER BY id") == before


def test_a_browser_that_has_signed_in_before_is_not_locked_out_by_strangers(ana):
    begun("laptop")
    for n in range(5):
        fail(1, browser="stranger", address=f"198.51.100.{n}")
    with pytest.raises(TooSoon):
        ticket(browser="new phone", address="203.0.113.9")
    assert ticket(browser="laptop", address="203.0.113.9")


def test_a_known_browser_is_slowed_by_its_own_failures(ana):
    begun("laptop")
    fail(5, browser="laptop")
    with pytest.raises(TooSoon):
        ticket(browser="laptop")


def test_signing_in_starts_the_count_of_the_account_anew(ana):
    fail(4)
    ticket()
    fail(4, browser="new phone", address="198.51.100.7")
    assert ticket(browser="new phone", address="198.51.100.7")


def test_the_count_stands_in_the_database(ana, home):
    fail(5)
    db.close()
    db.open_home(home)
    with pytest.raises(TooSoon):
        ticket()


def test_a_wait_is_nothing_that_verify_must_compare():
    assert {"throttle", "ticket", "known_browser"} <= db.unledgered_tables()


# administrators


def another_administrator():
    return accounts.create(OPERATOR, mail="root@example.com", name="Root", administrator=True)


def test_the_last_administrator_stays(home):
    root = another_administrator()
    with pytest.raises(Conflict):
        accounts.disable(root.actor, root.id)
    with pytest.raises(Conflict):
        accounts.set_administrator(root.actor, root.id, False)


def test_somebody_disabled_holds_no_office_any_more(ana, engagement):
    accounts.set_administrator(OPERATOR, ana.id, True)
    accounts.disable(engagement.admin, ana.id)
    former = Actor(ana.id, ana.name, ana.mail, administrator=True)
    with pytest.raises(Refused):
        accounts.listed(former)


def test_the_list_of_people_says_who_has_a_password_and_holds_none(ana):
    root = another_administrator()
    found = {p.name: p for p in accounts.listed(root.actor)}
    assert (found["Ana Keller"].has_password, found["Root"].has_password) == (True, False)
    assert not hasattr(found["Root"], "password_hash")


def test_a_person_changes_their_own_name_language_and_theme(ana):
    changed = accounts.change_own(ana.actor, name=" Ana K. ", language="zh_CN", theme="dark")
    assert (changed.name, changed.language, changed.theme) == ("Ana K.", "zh_CN", "dark")


@pytest.mark.parametrize("change", [{"name": " "}, {"language": "fr"}, {"theme": "pink"}])
def test_a_change_that_is_none_is_refused(ana, change):
    with pytest.raises(Invalid):
        accounts.change_own(ana.actor, **change)

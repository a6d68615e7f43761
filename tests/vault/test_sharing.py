"""Share links: who may make one, what it gives, and everything that ends it."""

from __future__ import annotations

import io
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from core import accounts, activity, db, projects, setup
from core.errors import AccordError, Invalid, NotFound, Refused
from core.ids import new_id, now
from core.throttle import TooSoon
from tests.conftest import OPERATOR
from vault import audit, documents, grants, share_routes, sharing, trash, verifying
from vault.audit import Asked

pytestmark = pytest.mark.store

PASSWORD = "lanterns over the harbour 7"
CONTENT = b"Prices for everybody. " * 40


def put(actor, here, content=None, **about):
    source = io.BytesIO(content or CONTENT + new_id().encode())
    given = {"file_name": "prices 价格.txt", "class_": "design", "clearance": "public"} | about
    return documents.put(actor, here.id, source, **given).document


@pytest.fixture(autouse=True)
def house(vault):
    """The organisation, whose limit it is."""
    setup.setup(organisation="Lanyard", mail="ana@example.com", name="Ana Keller", password=PASSWORD)


@pytest.fixture
def paper(shelf):
    return put(shelf.member, shelf, CONTENT)


def make(here, document, role="member", version=1, **about):
    return sharing.make(here.by_role(role), here.id, document, version, **{"until": now() + timedelta(days=3)} | about)


def token(made):
    return made.path.removeprefix("/s/")


def opened(made, **about):
    return b"".join(sharing.use(token(made), **about).chunks)


def is_dead(made):
    for act in (sharing.offer, sharing.use):
        with pytest.raises(NotFound) as said:
            act(token(made))
        assert said.value.message == sharing.NO_LINK
    return True


def test_whoever_has_the_link_gets_the_version_that_was_shared_and_no_other(shelf, paper):
    made = make(shelf, paper)
    put(shelf.member, shelf, b"The price is 4711.", document=paper)
    assert opened(made) == CONTENT
    assert sharing.offer(token(made)).file_name == "prices 价格.txt"
    (live,) = sharing.listed(shelf.manager, shelf.id)
    assert (live.link.used, live.holds, live.link.made_name) == (1, True, "Member One")
    assert verifying.verify(OPERATOR).ok


def test_the_token_is_kept_nowhere(shelf, paper, home):
    made = make(shelf, paper, password=PASSWORD)
    opened(made, password=PASSWORD)
    db.database().cursor().execute("CHECKPOINT")
    for path in home.rglob("*"):
        if path.is_file():
            assert token(made).encode() not in path.read_bytes(), path
            assert PASSWORD.encode() not in path.read_bytes(), path


def test_each_use_is_an_event_with_the_address_and_nobodys_name(shelf, paper):
    made = make(shelf, paper)
    opened(made, address="203.0.113.9")
    event = db.row("SELECT actor_id, actor_name, after, subject_id FROM event WHERE action = 'share used'")
    assert event["actor_id"] == f"link:{made.link.id}"
    assert "203.0.113.9" in event["after"]
    assert event["subject_id"] == paper
    lines = audit.listed(shelf.manager, shelf.id, Asked(kinds=("shared",))).lines
    assert [(one.action, one.who) for one in lines] == [("share used", "Shared link"), ("shared", "Member One")]
    assert "share used" not in {e.action for e in activity.listed(shelf.client, shelf.id)}


def test_it_ends_on_its_day_by_a_press_and_after_its_downloads(shelf, paper):
    over, ended, counted = make(shelf, paper), make(shelf, paper), make(shelf, paper, most=2)
    with db.write(OPERATOR) as tx:
        tx.update(over.link, until=now())
    sharing.end(shelf.member, shelf.id, ended.link.id)
    assert [opened(counted), opened(counted)] == [CONTENT, CONTENT]
    assert is_dead(over)
    assert is_dead(ended)
    assert is_dead(counted)
    with pytest.raises(NotFound):
        sharing.use("no such token")
    assert sharing.listed(shelf.manager, shelf.id) == []
    sharing.end(shelf.member, shelf.id, ended.link.id)


def test_of_a_crowd_at_once_as_many_are_served_as_are_left(shelf, paper):
    made = make(shelf, paper, most=3)

    def once(_number):
        try:
            return opened(made)
        except AccordError:
            return None

    with ThreadPoolExecutor(8) as crowd:
        assert sum(found == CONTENT for found in crowd.map(once, range(8))) == 3


def test_above_the_limit_nothing_is_shared_and_a_link_to_what_rises_above_it_dies(shelf, paper):
    inside = put(shelf.member, shelf, clearance="internal")
    with pytest.raises(Refused, match="above"):
        make(shelf, inside)
    projects.limit_sharing(OPERATOR, "internal")
    made = make(shelf, inside)
    assert opened(made)
    projects.limit_sharing(OPERATOR, "public")
    assert is_dead(made)
    assert [one.holds for one in sharing.listed(shelf.manager, shelf.id)] == [False]
    projects.limit_sharing(OPERATOR, None)
    with pytest.raises(Refused):
        make(shelf, paper)
    with pytest.raises(Refused):
        projects.limit_sharing(shelf.manager, "restricted")


def lose_role(here, account):
    place = next(m for m in projects.members(here.manager, here.id) if m.account_id == account)
    projects.change_member(here.manager, here.id, place.id, role="viewer", clearance="confidential")


def leave(here, account):
    place = next(m for m in projects.members(here.manager, here.id) if m.account_id == account)
    projects.remove_member(here.manager, here.id, place.id)


def lose_clearance(here, account):
    projects.limit_sharing(OPERATOR, "restricted")
    place = next(m for m in projects.members(here.manager, here.id) if m.account_id == account)
    projects.change_member(here.manager, here.id, place.id, role="member", clearance="public")


LOSSES = {
    "role": lose_role,
    "membership": leave,
    "clearance": lose_clearance,
    "account": lambda here, account: accounts.disable(OPERATOR, account),
    "project": lambda here, account: trash.discard_project(OPERATOR, here.id),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_it_dies_when_its_maker_loses_the_right(shelf, loss):
    projects.limit_sharing(OPERATOR, "internal")
    paper = put(shelf.member, shelf, CONTENT, clearance="internal")
    made = make(shelf, paper)
    assert opened(made) == CONTENT
    LOSSES[loss](shelf, shelf.member.id)
    assert is_dead(made)


def test_it_dies_with_a_denial_and_in_the_trash(shelf, paper):
    made, other = make(shelf, paper), make(shelf, put(shelf.member, shelf))
    grants.give(shelf.manager, shelf.id, paper, account=shelf.member.id, kind="denial", reason="conflict")
    trash.discard(shelf.manager, shelf.id, other.link.document_id)
    assert is_dead(made)
    assert is_dead(other)


def test_a_password_is_asked_slowed_down_and_nothing_is_told_before(shelf, paper):
    made = make(shelf, paper, password=PASSWORD)
    assert sharing.offer(token(made)).file_name == ""
    for _try in range(5):
        with pytest.raises(Refused, match="not the link's password"):
            opened(made, password="wrong", address="203.0.113.9")
    with pytest.raises(TooSoon):
        opened(made, password=PASSWORD, address="203.0.113.9")
    with db.write(OPERATOR) as tx:
        tx.execute("UPDATE throttle SET open_at = ?", [now()])
    assert opened(made, password=PASSWORD, address="203.0.113.9") == CONTENT
    assert db.value("SELECT COUNT(*) FROM event WHERE action = 'share refused'") == 5
    with pytest.raises(Invalid):
        make(shelf, paper, password="12345")


def test_what_is_asked_for_has_to_make_sense(shelf, paper):
    for wrong in ({"until": now()}, {"until": now() + timedelta(days=400)}, {"most": 0}):
        with pytest.raises(Invalid):
            make(shelf, paper, **wrong)
    for role in ("client", "viewer"):
        with pytest.raises(Refused):
            make(shelf, paper, role)
    with pytest.raises(Refused):
        sharing.make(OPERATOR, shelf.id, paper, 1, until=now() + timedelta(days=1))
    with pytest.raises(NotFound):
        make(shelf, paper, version=2)
    secret = put(shelf.manager, shelf, clearance="restricted")
    with pytest.raises(NotFound):
        make(shelf, secret)


def test_others_links_are_ended_by_managers_only(shelf, paper):
    made = make(shelf, paper)
    other = accounts.create(OPERATOR, mail="other@example.com", name="Member Two")
    projects.add_member(OPERATOR, shelf.id, account=other.id, role="member", clearance="public")
    with pytest.raises(Refused):
        sharing.end(other.actor, shelf.id, made.link.id)
    sharing.end(shelf.manager, shelf.id, made.link.id)
    assert is_dead(made)


# the page


@pytest.fixture
def served(shelf):
    """A client without any session, at a server with the page alone."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=share_routes.routes()), log_config=None, access_log=False, lifespan="off")
    )
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join(10)


def test_looking_uses_nothing_up_and_the_button_gives_the_file(served, shelf, paper):
    made = make(shelf, paper, most=1)
    for _look in range(3):
        page = served.get(made.path)
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert "prices 价格.txt" in page.text
    given = served.post(made.path, data={})
    assert given.content == CONTENT
    assert given.headers["content-disposition"].startswith("attachment;")
    assert served.post(made.path, data={}).status_code == 404


def test_what_does_not_hold_is_answered_the_same_whatever_the_reason(served, shelf, paper):
    over, ended, dead = (make(shelf, paper) for _ in range(3))
    sharing.end(shelf.member, shelf.id, ended.link.id)
    with db.write(OPERATOR) as tx:
        tx.update(over.link, until=now())
    grants.give(shelf.manager, shelf.id, paper, account=shelf.member.id, kind="denial", reason="conflict")
    answers = {
        (a.status_code, a.text, tuple(sorted((k, v) for k, v in a.headers.items() if k != "date")))
        for path in (over.path, ended.path, dead.path, "/s/none")
        for a in (served.get(path),)
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404


def test_the_page_speaks_both_languages_and_asks_for_the_password(served, shelf, paper):
    made = make(shelf, paper, password=PASSWORD)
    english, chinese = served.get(made.path), served.get(made.path, headers={"accept-language": "zh-CN"})
    assert "opens with the password" in english.text
    assert 'lang="zh-CN"' in chinese.text
    assert "prices" not in english.text
    assert served.post(made.path, data={"password": "wrong"}).status_code == 403
    assert served.post(made.path, content=b"password=" + b"x" * 5000).status_code == 413
    assert served.post(made.path, data={"password": PASSWORD}).content == CONTENT

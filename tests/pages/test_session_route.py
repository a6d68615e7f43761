"""The way in by HTTP: a ticket becomes a cookie once, in the browser that asked for it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core import db, sessions, setup
from pages.routes import headers, session

PASSWORD = "lanterns over the harbour 7"


@pytest.fixture
def ana(home):
    return setup.setup(organisation="O", mail="ana@example.com", name="Ana", password=PASSWORD)


@pytest.fixture
def client():
    return TestClient(Starlette(routes=session.routes()), base_url="http://localhost", follow_redirects=False)


def ticket_of(account):
    with db.write(account.actor) as tx:
        return sessions.issue(tx, account.id, browser="b", path="/board")


def test_a_ticket_is_good_once_in_its_own_browser(ana, client):
    ticket = ticket_of(ana)
    client.cookies.set(session.BROWSER, "b")
    begun = client.get("/session/begin", params={"ticket": ticket})
    assert (begun.status_code, begun.headers["location"]) == (303, "/board")
    cookie = begun.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert session.actor_of(begun.cookies[session.COOKIE]).name == "Ana"
    assert client.get("/session/begin", params={"ticket": ticket}).headers["location"] == "/?again=1"


def test_a_ticket_of_another_browser_begins_nothing(ana, client):
    client.cookies.set(session.BROWSER, "another")
    answer = client.get("/session/begin", params={"ticket": ticket_of(ana)})
    assert answer.headers["location"] == "/?again=1"
    assert session.COOKIE not in answer.cookies


def test_leaving_ends_the_session(ana, client):
    client.cookies.set(session.BROWSER, "b")
    token = client.get("/session/begin", params={"ticket": ticket_of(ana)}).cookies[session.COOKIE]
    client.cookies.set(session.COOKIE, token)
    assert client.get("/session/end").status_code == 405
    assert client.post("/session/end").status_code == 303
    assert session.actor_of(token) is None


def test_a_page_names_the_browser_once():
    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<html></html>"})

    client = TestClient(headers.Headers(page), base_url="http://localhost")
    first = client.get("/", headers={"accept": "text/html"})
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "set-cookie" not in client.get("/", headers={"accept": "text/html"}).headers

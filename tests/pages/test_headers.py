"""What every answer carries and what is refused at the door, asserted over HTTP against a running Accord."""

from __future__ import annotations

import base64
import os
import re
import socket

import pytest

from core.ids import new_id
from pages.routes import names
from tests.commands import accord, set_up
from tests.serving import POSIX, serving

pytestmark = [
    pytest.mark.store,
    pytest.mark.xdist_group("headers"),
    pytest.mark.skipif(not POSIX, reason="signals of POSIX"),
]

ELSEWHERE = "http://evil.example"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A running Accord with a project and a document in it."""
    folder = tmp_path_factory.mktemp("headers")
    set_up(folder / "data", folder)
    with serving(folder / "data") as running:
        yield running


@pytest.fixture(scope="module")
def document(served, tmp_path_factory):
    """The id of a document that exists."""
    paper = tmp_path_factory.mktemp("paper") / "a.txt"
    paper.write_text("what was agreed")
    done = accord(served.home, "put", paper, "--project", "HARBOUR", "--class", "test", "--json")
    return done.data["items"][0]["document"]


@pytest.fixture(scope="module")
def project(served):
    listed = accord(
        served.home, "project", "add", "--code", "OTHER", "--name", "N", "--client", "Meridian Rail", "--json"
    )
    return listed.data["project"]


def policy(headers):
    return dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))


# headers


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/assets/boot.js", "/nowhere", "/vault/download/x/1", "/vault/preview/x/1", "/live"]
)
def test_every_answer_is_guarded(served, path):
    _status, headers, _body = served.ask(path, Accept="text/html")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers
    assert policy(headers)["frame-ancestors"] == "'none'"


def test_what_the_page_needs_is_kept_by_the_browser_under_the_digest_of_its_content(served):
    page = served.ask("/", Accept="text/html")[2].decode()
    wanted = re.findall(r'"(/assets/[^"]+[.](?:js|css)[^"]*)"', page)
    assert len(wanted) == 3
    for address in wanted:
        assert "immutable" in served.ask(address)[1]["cache-control"]
        assert served.ask(address.partition("?")[0])[1]["cache-control"] == "no-cache"


def test_the_policy_lets_nothing_in_from_outside_and_no_script_written_into_a_page(served):
    found = policy(served.ask("/", Accept="text/html")[1])
    assert found["default-src"] == found["object-src"] == found["base-uri"] == "'none'"
    assert found["frame-src"] == "'self'"  # the frame of a preview; all else refuses to be framed
    assert found["form-action"] == found["connect-src"] == "'self'"
    assert found["script-src"] == "'self' blob: 'unsafe-eval'"
    assert not [word for value in found.values() for word in value.split() if word == "*" or "://" in word]


def test_the_page_holds_no_script_of_its_own(served):
    page = served.ask("/", Accept="text/html")[2].decode()
    assert [part[:80] for part in page.split("<script")[1:] if " src=" not in part.split(">")[0]] == []


def test_the_browsers_name_is_kept_from_scripts(served):
    cookie = served.ask("/", Accept="text/html")[1]["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


# without a session


def test_without_a_session_nothing_is_told(served, document, project):
    """The same answer for what there is and for what there is not."""
    upload = f"/vault/upload?project={project}&class=test&name=a.txt"
    pairs = [
        ("GET", f"/vault/download/{document}/1", f"/vault/download/{new_id()}/1"),
        ("HEAD", f"/vault/download/{document}/1", f"/vault/download/{new_id()}/1"),
        ("PUT", upload, upload.replace(project, new_id())),
        ("POST", upload, upload.replace(project, new_id())),
        ("GET", f"/vault/preview/{document}/1", f"/vault/preview/{new_id()}/1"),
        ("GET", f"/cards/{project}", f"/cards/{new_id()}"),
        ("POST", f"/cards/{project}", f"/cards/{new_id()}"),
        ("GET", f"/live?project={project}", f"/live?project={new_id()}"),
    ]
    for method, known, unknown in pairs:
        body = b'{"do": "move"}' if method in ("PUT", "POST") else None
        answers = []
        for path in (known, unknown):
            for cookie in ("", "accord_session=made-up"):
                status, headers, told = served.ask(path, method, body, Cookie=cookie)
                assert status == 401, (method, path)
                answers.append((told, {k: v for k, v in headers.items() if k != "date"}))
        assert all(answer == answers[0] for answer in answers), (method, known)
        assert b"HARBOUR" not in answers[0][0]


def test_a_ticket_that_was_never_issued_begins_nothing(served):
    status, headers, _body = served.ask("/session/begin?ticket=made-up")
    assert (status, headers["location"]) == (303, "/?again=1")
    assert "accord_session" not in headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "path", ["agent/interact", "agent/openapi.json", "agent/mcp", "metrics", "script-health-check"]
)
def test_streamlits_other_doors_are_closed(served, path):
    for method in ("GET", "POST"):
        assert served.ask(f"/_stcore/{path}", method)[0] == 404


# from elsewhere


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/session/end", "/vault/upload", "/cards/x", "/", "/_stcore/upload_file/a/b"])
def test_a_write_from_another_page_is_refused(served, method, path):
    for headers in (
        {"Origin": ELSEWHERE},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{served.port + 1}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ):
        status, given, body = served.ask(path, method, b"", **headers)
        assert (status, body) == (403, b""), headers
        assert given["x-content-type-options"] == "nosniff"


def test_a_write_from_our_own_page_is_heard(served):
    own = f"http://127.0.0.1:{served.port}"
    assert served.ask("/session/end", "POST", b"", Origin=own, Sec_Fetch_Site="same-origin")[0] == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost.evil.example", ""]
)
@pytest.mark.parametrize("path", ["/", "/session/end", "/healthz", "/vault/upload", "/assets/boot.js"])
def test_under_a_foreign_name_nothing_is_answered(served, host, path):
    """DNS rebinding: Host and Origin agree, but the name is not ours."""
    method = "POST" if path in ("/session/end", "/vault/upload") else "GET"
    status, headers, body = served.ask(path, method, Host=host, Origin=f"http://{host}", Accept="text/html")
    assert status == 421
    assert b"<html" not in body
    assert "set-cookie" not in headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8501", "127.0.0.1", "[::1]:8501", "192.168.1.20"])
def test_under_our_own_names_it_answers(served, host):
    assert served.ask("/healthz", Host=host)[0] == 200


# WebSockets, on which the screens live


def shaken(served, **headers) -> bytes:
    """The first line that comes back when a WebSocket is asked for."""
    given = {
        "Host": f"127.0.0.1:{served.port}", "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    } | headers  # fmt: skip
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items()]
        line.sendall("\r\n".join(["GET /_stcore/stream HTTP/1.1", *lines, "", ""]).encode())
        return line.recv(65536).split(b"\r\n")[0]


def test_a_websocket_of_our_own_page_is_opened(served):
    assert b" 101 " in shaken(served, Origin=f"http://127.0.0.1:{served.port}")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ELSEWHERE},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": ELSEWHERE, "Host": "evil.example"},
        {"Origin": "http://127.0.0.1", "Sec_Fetch_Site": "cross-site"},
    ],
    ids=str,
)
def test_a_websocket_from_elsewhere_is_refused(served, headers):
    assert shaken(served, **headers).split()[1] in (b"403", b"421")


# which names are ours


@pytest.mark.parametrize(
    ("host", "public_url", "trust_proxy", "asked", "known"),
    [
        ("127.0.0.1", "", False, "localhost:8501", True),
        ("127.0.0.1", "", False, "accord.example.com", False),
        ("127.0.0.1", "https://accord.example.com", False, "accord.example.com", True),
        ("127.0.0.1", "https://accord.example.com", False, "ACCORD.example.com:443", True),
        ("127.0.0.1", "https://accord.example.com", False, "evil.example", False),
        ("127.0.0.1", "https://accord.example.com", True, "evil.example", False),
        ("127.0.0.1", "", True, "accord.example.com", True),  # the proxy knows its names
        ("0.0.0.0", "", False, "accord.corp", True),  # in a network, and no name was given
        ("0.0.0.0", "https://accord.corp", False, "evil.example", False),
        ("::1", "", False, "evil.example", False),
        ("localhost", "", False, "evil.example", False),
        ("127.0.0.1", "", False, "", False),
    ],
)
def test_a_name_is_ours_or_not(host, public_url, trust_proxy, asked, known):
    assert names.names_for(host, public_url=public_url, trust_proxy=trust_proxy).known(asked) is known


def test_behind_a_proxy_the_public_name_may_write():
    scope = {"headers": [(b"host", b"127.0.0.1:8501"), (b"origin", b"https://accord.example.com")]}
    assert not names.same_origin(scope)
    assert names.same_origin({**scope, names.PUBLIC: "accord.example.com"})

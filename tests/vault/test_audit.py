from __future__ import annotations

import csv
import io
import time
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core import activity, db, projects, refusals, signin
from core.errors import NotFound, Refused
from core.ids import now
from tests.vault.test_documents import content, put
from vault import audit, audit_routes, documents, routes, verifying
from vault.audit import Asked

pytestmark = pytest.mark.store


def told(actor, shelf, **asked):
    return [(line.who, line.action, line.subject) for line in audit.listed(actor, shelf.id, Asked(**asked)).lines]


def test_who_saw_fetched_and_changed_stands_there(shelf):
    stored = put(shelf.member, shelf, title="Gate design")
    audit.seen(shelf.viewer, shelf.id, stored.document, 1)
    audit.seen(shelf.viewer, shelf.id, stored.document, 1)  # the same look
    content(shelf.viewer, shelf, stored.document)
    assert told(shelf.manager, shelf, document="DOC-01") == [
        ("Viewer One", "downloaded", "DOC-01 Gate design"),
        ("Viewer One", "viewed", "DOC-01 Gate design"),
        ("Member One", "uploaded", "DOC-01 Gate design"),
        ("Member One", "created", "DOC-01 Gate design"),
    ]
    assert {a for _, a, _ in told(shelf.manager, shelf, kinds=("seen",))} == {"downloaded", "viewed"}
    assert told(shelf.manager, shelf, who=(shelf.client.id,)) == []
    today = now().date()
    assert told(shelf.manager, shelf, until=today - timedelta(days=1)) == []
    assert len(told(shelf.manager, shelf, since=today, until=today, document="gate")) == 4
    assert audit.people(shelf.manager, shelf.id)[shelf.viewer.id] == "Viewer One"
    assert "viewed" not in {e.action for e in activity.listed(shelf.manager, shelf.id)}


def test_only_those_who_answer_for_it_read_it(shelf):
    for who in (shelf.member, shelf.viewer, shelf.client):
        for call in (audit.listed, audit.people, audit.exported):
            with pytest.raises(Refused):
                call(who, shelf.id)
    with pytest.raises(NotFound):
        audit.listed(shelf.stranger, shelf.id)
    for call in (audit.everywhere, audit.everybody, audit.exported_everywhere):
        with pytest.raises(Refused):
            call(shelf.manager)
        call(shelf.admin)


def test_a_manager_learns_nothing_above_their_clearance(shelf):
    secret = put(shelf.manager, shelf, title="Takeover", clearance="restricted")
    content(shelf.manager, shelf, secret.document)
    projects.change_member(
        shelf.admin, shelf.id, membership_of(shelf, shelf.manager), role="manager", clearance="internal"
    )
    lines = audit.listed(shelf.manager, shelf.id).lines
    assert "Takeover" not in " ".join(line.subject + line.detail for line in lines)
    assert "Takeover" not in "".join(audit.exported(shelf.manager, shelf.id))
    assert any("Takeover" in line.subject for line in audit.listed(shelf.admin, shelf.id).lines)


def membership_of(shelf, actor):
    return db.value("SELECT id FROM membership WHERE project_id = ? AND account_id = ?", [shelf.id, actor.id])


def test_a_refusal_is_on_record_for_those_who_may_know_of_the_document(shelf):
    secret = put(shelf.manager, shelf, title="Takeover", clearance="restricted")
    with pytest.raises(NotFound) as refusal:
        documents.get(shelf.client, shelf.id, secret.document)
    refusals.note(shelf.client, "fetch", refusal.value, document=secret.document)
    assert told(shelf.manager, shelf, kinds=("refused",)) == [("Client One", "refused", "DOC-01 Takeover")]
    assert "refused" not in {e.action for e in activity.listed(shelf.manager, shelf.id)}
    # What does not exist at all is a slip of the pen.
    refusals.note(shelf.client, "fetch", refusal.value, document="nothing")
    assert len(told(shelf.manager, shelf, kinds=("refused",))) == 1


def test_a_crowd_of_refusals_is_counted_and_does_not_fill_the_ledger(shelf):
    stored = [put(shelf.manager, shelf, b"%d" % n, clearance="restricted").document for n in range(25)]
    before = db.head_seq()
    for _ in range(4):
        for document in stored:
            refusals.note(shelf.client, "fetch", NotFound(documents.MISSING), document=document)
    assert db.head_seq() - before == refusals.MOST + 1
    lines = audit.listed(shelf.manager, shelf.id, Asked(kinds=("refused",))).lines
    assert sum(line.times for line in lines) == 100
    assert lines[0].detail.startswith("many others")
    assert verifying.verify(shelf.admin).ok


def test_sign_ins_that_fail_stand_in_the_whole_audit(shelf):
    with pytest.raises(Refused):
        signin.sign_in(shelf.member.mail, "wrong", browser="b" * 40, address="10.0.0.7")
    found = audit.everywhere(shelf.admin, Asked(kinds=("refused",))).lines
    assert [(line.action, line.detail) for line in found] == [("sign-in failed", "address 10.0.0.7")]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(1)", "\t=1", " =1"])
def test_the_export_holds_no_formula(shelf, name):
    put(shelf.member, shelf, name.encode(), title="x" + name, note=name)
    put(shelf.member, shelf, name.encode() + b".", title=name or "x")
    rows = list(csv.reader(io.StringIO("".join(audit.exported(shelf.manager, shelf.id)))))
    assert rows[0][:3] == ["number", "at (UTC)", "who"]
    cells = [cell for row in rows[1:] for cell in row]
    assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t"))]
    assert audit.harmless(name) == "'" + name


def test_routes_put_refusals_on_record_and_hand_out_the_export(shelf):
    secret = put(shelf.manager, shelf, title="Takeover", clearance="restricted")
    people = {"c": shelf.client, "m": shelf.manager}
    app = Starlette(
        routes=[*routes.routes(lambda k: people.get(k or "")), *audit_routes.routes(lambda k: people.get(k or ""))]
    )
    with TestClient(app, base_url="http://t") as web:
        url = f"/vault/audit.csv?project={shelf.id}"
        assert web.get(url).status_code == 401
        web.cookies.set("accord_session", "c")
        assert web.get(f"/vault/download/{secret.document}/1").status_code == 404
        assert web.get(url).status_code == 403
        until = time.monotonic() + 5
        while len(told(shelf.manager, shelf, kinds=("refused",))) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        assert {a for _, a, _ in told(shelf.manager, shelf, kinds=("refused",))} == {"refused"}
        web.cookies.set("accord_session", "m")
        done = web.get(url + "&kind=refused")
    assert done.headers["content-disposition"].startswith("attachment")
    assert "Takeover" in done.text
    assert told(shelf.manager, shelf)[0][1] == "audit exported"

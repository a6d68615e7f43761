from __future__ import annotations

import io
import socket
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from core import accounts, db, history, settings
from core.errors import Conflict, Invalid, NotFound, Refused
from core.ids import new_id, now
from tests.conftest import OPERATOR
from vault import checkout, documents, restoring, verifying

pytestmark = pytest.mark.store

SOON = timedelta(hours=2)


@pytest.fixture
def paper(shelf):
    return put(shelf.member, shelf)


def put(actor, here, content=None, **about):
    source = io.BytesIO(content or new_id().encode())
    stored = documents.put(actor, here.id, source, **{"file_name": "note.txt", "class_": "design"} | about)
    return stored.document


def take(here, paper, role="member", reason="prices", until=SOON):
    return checkout.take(here.by_role(role), here.id, paper, reason=reason, until=now() + until)


def test_while_somebody_has_it_others_upload_nothing_and_are_told_why(shelf, paper, vault):
    take(shelf, paper)
    before = {one.key for one in vault.store.listed()}
    for act in (
        lambda: put(shelf.manager, shelf, document=paper),
        lambda: put(OPERATOR, shelf, document=paper),
        lambda: take(shelf, paper, "manager"),
    ):
        with pytest.raises(Conflict, match=r"Member One .* prices"):
            act()
    assert {one.key for one in vault.store.listed()} == before
    assert len(documents.versions(shelf.member, shelf.id, paper)) == 1


def test_the_holders_upload_gives_it_back(shelf, paper):
    take(shelf, paper)
    put(shelf.member, shelf, document=paper)
    assert checkout.current(shelf.manager, shelf.id, paper) is None
    put(shelf.manager, shelf, document=paper)
    assert verifying.verify(OPERATOR).ok


def test_it_ends_by_itself(shelf, paper):
    held = take(shelf, paper)
    with db.write(OPERATOR) as tx:
        tx.update(held, until=now() - timedelta(seconds=1))
    put(shelf.manager, shelf, document=paper)
    assert take(shelf, paper, "manager").name == "Manager One"


def test_one_gives_back_ones_own_only(shelf, paper):
    take(shelf, paper)
    with pytest.raises(Conflict):
        checkout.give_back(shelf.manager, shelf.id, paper)
    checkout.give_back(shelf.member, shelf.id, paper)
    assert checkout.current(shelf.manager, shelf.id, paper) is None


def test_taking_it_again_changes_reason_and_end(shelf, paper):
    first = take(shelf, paper)
    again = take(shelf, paper, reason="dates")
    assert (again.id, again.reason) == (first.id, "dates")


@pytest.mark.parametrize(("reason", "until"), [(" ", SOON), ("prices", -SOON)])
def test_it_takes_a_reason_and_an_end_to_come(shelf, paper, reason, until):
    with pytest.raises(Invalid):
        take(shelf, paper, reason=reason, until=until)


def test_a_manager_ends_it_and_the_holder_is_told_until_they_take_note(shelf, paper):
    held = take(shelf, paper)
    with pytest.raises(Refused):
        checkout.break_open(shelf.member, shelf.id, paper, held.id, reason="why")
    with pytest.raises(Invalid):
        checkout.break_open(shelf.manager, shelf.id, paper, held.id, reason="")
    checkout.break_open(shelf.manager, shelf.id, paper, held.id, reason="the client waits")
    (told,) = checkout.broken(shelf.member, shelf.id)
    assert (told.code, told.by, told.why) == ("DOC-01", "Manager One", "the client waits")
    assert checkout.broken(shelf.manager, shelf.id) == []
    with pytest.raises(NotFound):
        checkout.take_note(shelf.manager, shelf.id, held.id)
    checkout.take_note(shelf.member, shelf.id, held.id)
    assert checkout.broken(shelf.member, shelf.id) == []


def test_what_is_broken_is_what_the_screen_showed(shelf, paper):
    shown = take(shelf, paper)
    checkout.give_back(shelf.member, shelf.id, paper)
    take(shelf, paper)
    with pytest.raises(Conflict):
        checkout.break_open(shelf.manager, shelf.id, paper, shown.id, reason="why")


def test_what_one_is_not_cleared_for_is_not_checked_out(shelf):
    secret = put(shelf.manager, shelf, clearance="restricted")
    for act in (lambda: take(shelf, secret), lambda: checkout.current(shelf.member, shelf.id, secret)):
        with pytest.raises(NotFound):
            act()


# restoring


def test_an_old_version_comes_back_as_a_new_one_and_nothing_is_rewritten(shelf, vault):
    paper = put(shelf.member, shelf, b"first", file_name="a.txt")
    put(shelf.member, shelf, b"second", file_name="b.txt", document=paper)
    before = documents.versions(shelf.manager, shelf.id, paper)
    stored = restoring.restore(shelf.manager, shelf.id, paper, 1)
    assert stored.version == 3
    fetched = documents.fetch(shelf.viewer, shelf.id, paper)
    assert (fetched.file_name, b"".join(fetched.chunks)) == ("a.txt", b"first")
    fresh, *rest = documents.versions(shelf.manager, shelf.id, paper)
    assert rest == before
    assert (fresh.restored_from, fresh.author_name, fresh.sha256) == (1, "Manager One", before[1].sha256)
    assert fresh.object_key not in {one.object_key for one in before}
    assert fresh.wrapped_key not in {one.wrapped_key for one in before}
    assert verifying.verify(OPERATOR, contents=True).ok


def test_every_byte_of_a_large_one_comes_back(shelf):
    content = bytes(range(256)) * 40_000 + new_id().encode()
    paper = put(shelf.member, shelf, content)
    put(shelf.member, shelf, document=paper)
    restoring.restore(shelf.member, shelf.id, paper, 1)
    assert b"".join(documents.fetch(shelf.member, shelf.id, paper).chunks) == content


def test_the_newest_is_not_restored_nor_what_there_is_not_nor_what_somebody_else_has(shelf):
    paper = put(shelf.member, shelf, b"first")
    put(shelf.member, shelf, document=paper)
    with pytest.raises(Conflict):
        restoring.restore(shelf.manager, shelf.id, paper, 2)
    with pytest.raises(NotFound):
        restoring.restore(shelf.manager, shelf.id, paper, 7)
    with pytest.raises(Refused):
        restoring.restore(shelf.viewer, shelf.id, paper, 1)
    take(shelf, paper)
    with pytest.raises(Conflict):
        restoring.restore(shelf.manager, shelf.id, paper, 1)


# what is told


def test_the_holder_gets_a_mail_in_their_language_where_mail_is_set(shelf, paper, home):
    accounts.change_own(shelf.member, language="zh_CN")
    held = take(shelf, paper)
    checkout.break_open(shelf.manager, shelf.id, paper, held.id, reason="the client waits")
    heard = []
    with mailbox(home, heard) as chosen:
        checkout.mail_broken(shelf.manager, shelf.id, held.id, chosen)
    ((to, message),) = heard
    assert (to, message["Subject"]) == ([shelf.member.mail], "您对 DOC-01 的签出已被终止")
    assert "the client waits" in message.get_content()


def test_no_mail_says_of_a_check_out_what_did_not_happen(shelf, paper, home):
    held = take(shelf, paper)
    with pytest.raises(NotFound):
        checkout.mail_broken(shelf.manager, shelf.id, held.id, settings.load(home, {}))


@contextmanager
def mailbox(home, heard):
    """Settings that name a real SMTP server, which keeps what it is handed."""

    class Keeps:
        async def handle_DATA(self, _server, _session, envelope):
            heard.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Keeps(), hostname="127.0.0.1", port=port, ready_timeout=30)
    controller.start()
    try:
        yield settings.load(home, {
            "ACCORD_MAIL_HOST": "localhost", "ACCORD_MAIL_PORT": str(port), "ACCORD_MAIL_SECURITY": "none",
            "ACCORD_MAIL_SENDER": "accord@northwind.example",
        })  # fmt: skip
    finally:
        controller.stop()


def test_history_tells_it_in_words(shelf, paper):
    held = take(shelf, paper)
    checkout.break_open(shelf.manager, shelf.id, paper, held.id, reason="the client waits")
    told = [line.text for line in history.told(shelf.viewer, shelf.id, subject=paper).lines]
    assert told[:2] == ["Manager One ended the check-out of DOC-01", "Member One checked out DOC-01"]

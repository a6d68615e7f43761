from __future__ import annotations

import json
import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from core import db, settings
from core.access import SYSTEM
from core.chain import Head
from core.errors import Refused
from core.ids import now
from tests.vault.test_documents import put
from tests.vault.test_proof import checked
from vault import heads, opening, proof, verifying

pytestmark = pytest.mark.store


class Box(Message):
    """The mails that arrived."""

    def __init__(self):
        super().__init__()
        self.mails = []

    def handle_message(self, message):
        self.mails.append(message)


@pytest.fixture
def box():
    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=box.port, ready_timeout=30)
    server.start()
    yield box
    server.stop()


@pytest.fixture
def found(home, box, running):
    return settings.load(home, {
        "ACCORD_MAIL_HOST": "127.0.0.1", "ACCORD_MAIL_PORT": str(box.port), "ACCORD_MAIL_SECURITY": "none",
        "ACCORD_MAIL_SENDER": "accord@example.com", "ACCORD_HEADS_MAIL": "notary@example.com",
        "ACCORD_HEADS_URL": f"s3://heads?endpoint={running.endpoint}&region=us-east-1",
        "ACCORD_HEADS_ACCESS_KEY": running.steward.access_key, "ACCORD_HEADS_SECRET_KEY": running.steward.secret_key,
    })  # fmt: skip


def test_the_head_of_the_day_arrives_by_mail_and_in_the_other_bucket_once(shelf, found, box, tmp_path):
    stored = put(shelf.member, shelf, b"what was agreed")
    sent = heads.daily(SYSTEM, found)
    assert sent.failed == ()
    assert len(sent.to) == 2
    assert heads.daily(SYSTEM, found) == heads.Sent(sent.seq, (), ())
    assert len(box.mails) == 1
    assert box.mails[0]["To"] == "notary@example.com"
    told = dict(
        line.split(" = ") for line in box.mails[0].get_payload(decode=True).decode().splitlines() if " = " in line
    )
    head = Head(int(told["seq"]), told["hash"], told["signature"])
    assert db.database().seal.holds(head)
    elsewhere = opening.store_at(
        found.text("heads.url"), found.text("heads.access_key"), found.text("heads.secret_key")
    )
    objects = [o for o in elsewhere.listed(heads.FOLDER) if told["hash"][:12] in o.key]
    kept = json.loads(elsewhere.reader(objects[0].key, objects[0].size).read())
    assert kept["hash"] == told["hash"]
    # The mail alone and the proof are enough, years later.
    put(shelf.member, shelf, b"later")
    made = proof.proof(shelf.member, shelf.id, stored.document)
    assert checked(made, tmp_path, "--head", told["hash"], fingerprint=told["fingerprint"]).returncode == 0
    assert verifying.verify(shelf.admin).ok


def test_a_quiet_day_has_a_head_too(shelf, found, monkeypatch):
    first = heads.daily(SYSTEM, found).seq
    monkeypatch.setattr(heads, "now", lambda: now() + timedelta(days=1))
    second = heads.daily(SYSTEM, found)
    assert second.seq > first


def test_what_could_not_be_sent_is_sent_with_the_next_call(shelf, home, found, box):
    deaf = settings.with_values(found, {"mail.host": ""})
    sent = heads.daily(SYSTEM, deaf)
    assert sent.to == (found.text("heads.url"),)
    assert "mail.host" in str(sent.failed[0])
    assert heads.daily(SYSTEM, found) == heads.Sent(sent.seq, ("notary@example.com",), ())


def test_only_those_who_verify_the_ledger_sign_it(shelf, found):
    with pytest.raises(Refused):
        heads.daily(shelf.manager, found)

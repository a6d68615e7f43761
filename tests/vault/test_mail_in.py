"""Mails that are filed: attachments beside, mails within mails, and what is hostile in them."""

from __future__ import annotations

import io
from email.message import EmailMessage

import pytest

from core import db
from core.errors import NotFound
from tests.conftest import OPERATOR
from tests.vault import outlook
from vault import documents, mail_in, quota, trash, verifying

pytestmark = pytest.mark.store


def mail(subject="Prices", *attachments, body="See below."):
    """A mail with attachments: (name, bytes), or a mail."""
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "ana@example.com", "ben@example.com"
    made.set_content(body)
    for one in attachments:
        if isinstance(one, EmailMessage):
            made.add_attachment(one)
        else:
            name, content = one
            made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made


def file(here, content, name="Prices.eml", role="member", **about):
    content = content if isinstance(content, bytes) else content.as_bytes()
    stored = documents.put(
        here.by_role(role), here.id, io.BytesIO(content), **{"file_name": name, "class_": "progress"} | about
    )
    return stored.document, mail_in.beside(here.by_role(role), here.id, stored.document)


def content(here, document):
    return b"".join(documents.fetch(here.manager, here.id, document).chunks)


def test_attachments_become_documents_beside_the_mail_of_its_class_and_clearance(shelf):
    whole = mail("Prices", ("offer.txt", b"4711"), ("设计 v2.txt", b"4712"))
    parent, found = file(shelf, whole, clearance="confidential")
    assert content(shelf, parent) == whole.as_bytes()
    assert [str(one.message) for one in found] == ["offer.txt is DOC-02.", "设计 v2.txt is DOC-03."]
    assert [content(shelf, one.stored.document) for one in found] == [b"4711", b"4712"]
    children = [documents.get(shelf.member, shelf.id, one.stored.document) for one in found]
    assert {(d.class_id, d.clearance, d.came_with) for d in children} == {("progress", "confidential", parent)}
    assert [d.id for d in mail_in.family(shelf.member, shelf.id, parent).children] == [d.id for d in children]
    assert mail_in.family(shelf.member, shelf.id, children[0].id).parent.id == parent
    trash.discard(shelf.member, shelf.id, parent)
    assert mail_in.family(shelf.member, shelf.id, children[0].id).parent is None
    assert verifying.verify(OPERATOR).ok


def test_what_is_attached_to_an_outlook_message_is_taken_out_as_well(shelf):
    whole = outlook.message("Prices", [("报价 offer.txt", b"4711"), ("plan.bin", bytes(range(256)) * 40)])
    _parent, found = file(shelf, whole, "Prices.msg")
    assert [one.name for one in found] == ["报价 offer.txt", "plan.bin"]
    assert [content(shelf, one.stored.document) for one in found] == [b"4711", bytes(range(256)) * 40]


def test_a_mail_within_a_mail_is_a_document_with_its_own_beside_it(shelf):
    parent, found = file(shelf, mail("Outer", mail("Inner / 内部", ("offer.txt", b"4711")), ("plan.txt", b"the plan")))
    assert [one.name for one in found] == ["内部.eml", "plan.txt", "offer.txt"]
    inner = found[0].stored.document
    assert documents.get(shelf.member, shelf.id, found[2].stored.document).came_with == inner
    assert documents.get(shelf.member, shelf.id, found[1].stored.document).came_with == parent


def test_mails_within_mails_end_somewhere(shelf):
    whole = mail("0", ("leaf.txt", b"leaf"))
    for number in range(1, 8):
        whole = mail(str(number), whole)
    _parent, found = file(shelf, whole)
    assert len(found) == mail_in.DEPTH + 1
    assert found[-1].message == mail_in.NOT_OPENED


def test_what_is_refused_is_told_while_the_others_are_stored(shelf):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    _parent, found = file(shelf, mail("Prices", ("bomb.xml", bomb), ("offer.txt", b"4711"), ("empty.txt", b"")))
    assert [(one.name, one.stored is not None) for one in found if one.name != "Prices.eml"] == [
        ("bomb.xml", False), ("offer.txt", True),
    ]  # fmt: skip
    assert "DTD" in str(found[0].message) or "DTD" in str(found[1].message)


def test_a_hostile_name_is_a_name_and_no_place(shelf, home):
    names = ["../../../etc/passwd", "C:\\windows\\win.ini", "a\x00b.txt", ".", "x" * 400 + ".txt"]
    _parent, found = file(shelf, mail("Prices", *((name, name.encode()) for name in names)))
    assert all(one.stored for one in found)
    for one in found:
        kept = documents.versions(shelf.member, shelf.id, one.stored.document)[0].file_name
        assert "/" not in kept
        assert "\\" not in kept
        assert 0 < len(kept) <= 255


def test_more_attachments_than_are_taken_are_counted(shelf):
    _parent, found = file(shelf, mail("Prices", *((f"{n}.txt", str(n).encode()) for n in range(104))))
    assert sum(one.stored is not None for one in found) <= mail_in.MOST
    assert str(next(one.message for one in found if not one.stored)) == "Attachments that could not be taken out: 4."


@pytest.mark.parametrize(
    ("name", "damaged"),
    [("a.eml", b"\xff\xfe\x00" * 400), ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000), ("a.msg", b"no")],
)
def test_a_damaged_mail_is_stored_as_it_is(shelf, name, damaged):
    parent, found = file(shelf, damaged, name)
    assert content(shelf, parent) == damaged
    assert all(one.stored is None for one in found)


def test_only_mails_are_opened_and_only_for_those_who_may(shelf):
    assert file(shelf, b"Subject: x\n\nno mail by its name", "note.txt")[1] == []
    parent, _found = file(shelf, mail("Prices"), clearance="confidential")
    with pytest.raises(NotFound):
        mail_in.beside(shelf.client, shelf.id, parent)


def test_a_project_that_is_full_keeps_the_mail_and_says_what_did_not_fit(shelf):
    quota.limit(OPERATOR, "project", shelf.id, 1)
    whole = mail("Prices", ("a.bin", bytes(range(256)) * 600), ("b.bin", bytes(range(255, -1, -1)) * 1750))
    _parent, found = file(shelf, whole)
    assert ["fit" in str(one.message) for one in found] == [False, True]
    assert db.value("SELECT COUNT(*) FROM upload_intent") == 0

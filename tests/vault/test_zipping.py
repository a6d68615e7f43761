from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest

from core import db
from core.errors import Invalid, NotFound, Unavailable
from core.ids import new_id
from vault import documents, zipping

pytestmark = pytest.mark.store


def put(shelf, name, content=None, **about):
    given = {"class_": "design", "file_name": name} | about
    return documents.put(shelf.manager, shelf.id, io.BytesIO(content or new_id().encode()), **given)


def zipped(shelf, role, *wanted):
    data = b"".join(zipping.zipped(shelf.by_role(role), shelf.id, list(wanted)))
    return zipfile.ZipFile(io.BytesIO(data))


def downloads():
    return db.value("SELECT COUNT(*) FROM event WHERE action = 'downloaded'")


def test_each_file_has_its_own_name_and_every_byte_and_is_an_event(shelf):
    large = bytes(range(256)) * 20_000
    wanted = [
        (put(shelf, name, content).document, 1)
        for name, content in (
            ("接口设计.txt", b"one"),
            ("note.txt", large),
            ("NOTE.txt", b"three"),
            ("note.txt", b"four"),
        )
    ]
    found = zipped(shelf, "member", *wanted)
    assert found.testzip() is None
    assert found.namelist() == ["接口设计.txt", "note.txt", "NOTE (2).txt", "note (3).txt"]
    assert [found.read(name) for name in found.namelist()] == [b"one", large, b"three", b"four"]
    assert downloads() == 4


def test_a_newer_upload_changes_nothing_of_what_leaves(shelf):
    paper = put(shelf, "a.txt", b"shown")
    put(shelf, "a.txt", b"newer", document=paper.document)
    assert zipped(shelf, "member", (paper.code, 1)).read("a.txt") == b"shown"


def test_with_one_that_is_not_there_for_somebody_nothing_leaves(shelf):
    open_one, secret = put(shelf, "a.txt"), put(shelf, "b.txt", clearance="restricted")
    for wanted in ([(secret.document, 1)], [("DOC-99", 1)], [(open_one.document, 9)]):
        with pytest.raises(NotFound):
            zipped(shelf, "member", (open_one.document, 1), *wanted)
    assert downloads() == 0


def test_none_and_too_many_are_refused(shelf):
    for wanted in ([], [("DOC-01", 1)] * (zipping.MOST + 1)):
        with pytest.raises(Invalid):
            zipped(shelf, "member", *wanted)


def test_what_is_lost_in_between_breaks_it_off(shelf, vault):
    wanted = [(put(shelf, name).document, 1) for name in ("a.txt", "b.txt")]
    chunks = zipping.zipped(shelf.member, shelf.id, wanted)
    lost = documents.versions(shelf.member, shelf.id, wanted[1][0])[0]
    vault.store.delete(lost.object_key)
    with pytest.raises(Unavailable):
        b"".join(chunks)


def test_memory_stays_constant(shelf):
    wanted = [(put(shelf, f"{n}.bin", bytes([n]) * (12 << 20) + new_id().encode()).document, 1) for n in range(5)]
    tracemalloc.start()
    size = sum(len(piece) for piece in zipping.zipped(shelf.member, shelf.id, wanted))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 60 << 20
    assert most < 24 << 20

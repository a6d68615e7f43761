from __future__ import annotations

import io
import shutil
import threading

import pytest

from core import activity, db
from core.errors import Refused, Unavailable
from tests.vault.test_documents import TEXT, content, put
from vault import documents, envelope, keys, verifying
from vault.documents import Version
from vault.envelope import Envelope

pytestmark = pytest.mark.store


def key_file(home):
    return home / "keys" / envelope.KEY_FILE


def opens(held: Envelope) -> int:
    """How many data keys a master key opens."""
    count = 0
    for version in db.all_of(Version):
        try:
            held.renewed(version.wrapped_key, documents.bound_to(version))
            count += 1
        except Unavailable:
            continue
    return count


def test_after_a_change_the_old_key_opens_nothing_and_every_document_opens(shelf, home, tmp_path):
    stored = [put(shelf.member, shelf, b"number %d" % n) for n in range(8)]
    shutil.copy(key_file(home), tmp_path / "old.json")
    old = documents.vault().envelope.key
    assert opens(Envelope(tmp_path / "old.json")) == 8
    found = keys.rotate(shelf.admin)
    assert found.renewed == 8
    assert found.key != old
    assert opens(Envelope(tmp_path / "old.json")) == 0
    fresh = Envelope(key_file(home))
    assert fresh.keys == 1
    assert opens(fresh) == 8
    assert [content(shelf.member, shelf, s.document) for s in stored] == [b"number %d" % n for n in range(8)]
    assert verifying.verify(shelf.admin, contents=True).ok
    assert [p.name for p in (home / "keys").iterdir() if "master" in p.name] == ["master.json"]
    assert not [e for e in activity.listed(shelf.manager, shelf.id) if e.action == "key renewed"]


def test_only_an_administrator_changes_keys(shelf):
    for who in (shelf.manager, shelf.member, shelf.client, shelf.stranger):
        for call in (keys.rotate, keys.known, keys.resume):
            with pytest.raises(Refused):
                call(who)


def test_people_read_and_upload_all_the_while(shelf):
    stored = [put(shelf.member, shelf, TEXT + b"%d" % n) for n in range(12)]
    over, failed, reads = threading.Event(), [], []

    def read() -> None:
        while not over.is_set():
            for number, one in enumerate(stored):
                try:
                    assert content(shelf.member, shelf, one.document) == TEXT + b"%d" % number
                    reads.append(one)
                except Exception as error:
                    failed.append(error)

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            try:
                put(shelf.manager, shelf, TEXT + b"w%d" % number)
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=read), threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        keys.rotate(shelf.admin)
    over.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(reads) >= 12
    assert verifying.verify(shelf.admin, contents=True).ok


def test_an_upload_that_began_before_the_change_ends_under_the_new_key(shelf, home):
    class Slow(io.BytesIO):
        """Content whose end comes after the key has been changed."""

        def read(self, size: int = -1) -> bytes:
            piece = super().read(size)
            if not piece:
                keys.rotate(shelf.admin)
            return piece

    # Larger than what is looked into, so that its key is made before its end is there.
    data = bytes(documents.INSPECTED_UP_TO + 1)
    stored = documents.put(shelf.member, shelf.id, Slow(data), file_name="a.bin", class_="design")
    documents.attach(documents.Vault(documents.vault().store, Envelope(key_file(home)), documents.vault().limit))
    assert content(shelf.member, shelf, stored.document) == data


def test_a_key_that_opens_not_everything_stays(shelf, home, tmp_path):
    put(shelf.member, shelf)
    lost = put(shelf.member, shelf, b"under another key")
    version = documents.versions(shelf.member, shelf.id, lost.document)[0]
    foreign = Envelope(tmp_path / "foreign.json").fresh_key(documents.bound_to(version))
    with db.write(shelf.admin) as tx:
        tx.update(version, wrapped_key=foreign)
    with pytest.raises(Unavailable, match="1 versions"):
        keys.rotate(shelf.admin)
    assert Envelope(key_file(home)).keys == 2


def test_the_file_can_be_locked_with_a_value_of_the_environment(tmp_path, monkeypatch):
    path = tmp_path / "master.json"
    wrapped = Envelope(path).fresh_key("p")
    monkeypatch.setenv("ACCORD_TEST_LOCK", "a long enough value for this")
    held = Envelope(path, "env:ACCORD_TEST_LOCK")  # the plain file is locked now
    assert held.is_current(wrapped)
    assert "AesGcmKey" not in path.read_text()
    held.begin_change()
    held.end_change()
    assert "AesGcmKey" not in path.read_text()
    assert Envelope(path, "env:ACCORD_TEST_LOCK").key == held.key
    with pytest.raises(Unavailable, match="ACCORD_TEST_LOCK"):
        Envelope(path)
    monkeypatch.setenv("ACCORD_TEST_LOCK", "another value of that length")
    with pytest.raises(Unavailable, match="not the one"):
        Envelope(path, "env:ACCORD_TEST_LOCK")
    monkeypatch.delenv("ACCORD_TEST_LOCK")
    with pytest.raises(Unavailable, match="missing"):
        Envelope(path, "env:ACCORD_TEST_LOCK")
    with pytest.raises(Unavailable, match="aws-kms"):
        Envelope(tmp_path / "new.json", "something")

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import db
from core.errors import Conflict, Invalid, NotFound, Refused, Stale, Unavailable
from core.ids import new_id
from vault import documents, sweeping
from vault.documents import FileRefused

pytestmark = pytest.mark.store

TEXT = b"Gate opens within 400 ms of a valid ticket. " * 10


def put(actor, shelf, content=TEXT, **about):
    given = {"file_name": "note.txt", "class_": "requirements"} | about
    return documents.put(actor, shelf.id, io.BytesIO(content), **given)


def content(actor, shelf, document, version=None):
    return b"".join(documents.fetch(actor, shelf.id, document, version).chunks)


def test_what_went_in_comes_back_byte_for_byte_under_its_own_name(shelf):
    stored = put(shelf.member, shelf, file_name="C:\\docs\\需求 “v1”.txt")
    fetched = documents.fetch(shelf.member, shelf.id, stored.document)
    assert b"".join(fetched.chunks) == TEXT
    assert fetched.file_name == "需求 “v1”.txt"


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.sampled_from([1, 1023, 1 << 20, (1 << 20) - 40, (8 << 20) - 1, (8 << 20) + 1, (9 << 20) + 17]))
def test_every_size_comes_back(shelf, size):
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size] + size.to_bytes(8, "big") + new_id().encode()
    stored = put(shelf.member, shelf, data)
    assert content(shelf.member, shelf, stored.document) == data


def test_a_new_upload_is_a_new_version_and_the_old_one_stays(shelf):
    first = put(shelf.member, shelf)
    second = put(shelf.member, shelf, b"other", document=first.document, note="after the review")
    assert (first.version, second.version) == (1, 2)
    assert content(shelf.member, shelf, first.document) == b"other"
    assert content(shelf.member, shelf, first.document, 1) == TEXT
    assert [v.note for v in documents.versions(shelf.member, shelf.id, first.document)] == ["after the review", ""]


def test_the_same_file_again_is_told_and_makes_no_version(shelf):
    first = put(shelf.member, shelf)
    with pytest.raises(Conflict):
        put(shelf.member, shelf, document=first.document)
    assert len(documents.versions(shelf.member, shelf.id, first.document)) == 1


def test_nobody_finds_a_sentence_in_the_data_folder(shelf, home, running):
    sentence = b"The price is 4711 per gate and nobody shall know. "
    put(shelf.manager, shelf, sentence * 2000, clearance="restricted")
    db.database().cursor().execute("CHECKPOINT")
    for folder in (home, running.folder):
        for path in folder.rglob("*"):
            if path.is_file():
                assert b"4711 per gate" not in path.read_bytes(), path


def test_what_one_is_not_cleared_for_does_not_exist(shelf):
    secret = put(shelf.manager, shelf, clearance="restricted")
    assert documents.listed(shelf.member, shelf.id) == []
    for call in (documents.get, documents.fetch, documents.versions):
        with pytest.raises(NotFound):
            call(shelf.member, shelf.id, secret.document)
    with pytest.raises(NotFound):
        documents.project_of(shelf.stranger, secret.document)
    with pytest.raises(NotFound):
        put(shelf.member, shelf, b"mine now", document=secret.document)


def test_a_client_puts_public_documents_and_nothing_above(shelf):
    stored = put(shelf.client, shelf)
    assert documents.get(shelf.client, shelf.id, stored.document).clearance == "public"
    with pytest.raises(Refused):
        put(shelf.client, shelf, clearance="internal")


def test_who_will_read_it_is_known_before(shelf):
    assert documents.readers(shelf.manager, shelf.id, "public").client == ("Client One",)
    inside = documents.readers(shelf.manager, shelf.id, "internal")
    assert inside.client == ()
    assert inside.team == ("Manager One", "Member One", "Viewer One")


def test_nobody_learns_who_stands_above_them(shelf):
    with pytest.raises(Refused):
        documents.readers(shelf.client, shelf.id, "internal")


def test_a_download_is_an_event(shelf):
    stored = put(shelf.member, shelf)
    content(shelf.viewer, shelf, stored.document)
    event = db.row("SELECT actor_id, action FROM event ORDER BY seq DESC LIMIT 1")
    assert event == {"actor_id": shelf.viewer.id, "action": "downloaded"}


def test_a_refused_file_leaves_nothing(shelf, vault):
    before = {o.key for o in vault.store.listed()}
    with pytest.raises(FileRefused) as refused:
        put(shelf.member, shelf, b"")
    assert refused.value.reason.code == "empty"
    assert documents.listed(shelf.member, shelf.id) == []
    assert {o.key for o in vault.store.listed()} == before
    assert db.value("SELECT COUNT(*) FROM upload_intent") == 0


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(shelf, vault):
    documents.attach(replace(vault, limit=1000))
    with pytest.raises(FileRefused) as refused:
        put(shelf.member, shelf, b"x" * 1001)
    assert refused.value.reason.code == "too-large"
    assert db.value("SELECT COUNT(*) FROM upload_intent") == 0


def test_a_source_that_breaks_off_leaves_nothing(shelf, vault):
    class Broken(io.RawIOBase):
        given = 0

        def read(self, size=-1):
            self.given += 1
            if self.given > 40:
                raise ConnectionResetError
            return b"x" * (1 << 20)

    before = {o.key for o in vault.store.listed()}
    with pytest.raises(ConnectionResetError):
        documents.put(shelf.member, shelf.id, Broken(), file_name="big.bin", class_="test")
    assert {o.key for o in vault.store.listed()} == before
    assert documents.listed(shelf.member, shelf.id) == []


def test_content_touched_in_the_store_is_noticed(shelf, vault):
    stored = put(shelf.member, shelf)
    version = documents.versions(shelf.member, shelf.id, stored.document)[0]
    whole = vault.store.reader(version.object_key, version.stored_size).read()
    vault.store.delete(version.object_key)
    writer = vault.store.writer(version.object_key)
    writer.write(whole[:-1] + bytes([whole[-1] ^ 1]))
    writer.commit()
    with pytest.raises(Unavailable):
        content(shelf.member, shelf, stored.document)


def test_a_warning_is_said_and_the_file_is_kept(shelf):
    stored = put(shelf.member, shelf, b"%PDF-1.4 broken", file_name="plan.pdf")
    assert (stored.outcome, [r.code for r in stored.reasons]) == ("warning", ["unreadable"])
    assert content(shelf.member, shelf, stored.document) == b"%PDF-1.4 broken"


def test_a_real_word_file_is_stored_without_a_word(shelf):
    word, file = docx.Document(), io.BytesIO()
    word.add_heading("Interface design")
    word.save(file)
    stored = put(shelf.member, shelf, file.getvalue(), file_name="interface_design.docx", class_="design")
    assert (stored.outcome, stored.title) == ("stored", "interface design")


def test_lists_filter_and_sort(shelf):
    put(shelf.manager, shelf, b"b", title="Beta", class_="design")
    put(shelf.manager, shelf, b"a", title="Alpha", class_="test", clearance="public")

    def titles(**asked):
        return [found.document.title for found in documents.listed(shelf.manager, shelf.id, **asked)]

    assert titles() == ["Alpha", "Beta"]
    assert titles(sort="code") == ["Beta", "Alpha"]
    assert titles(class_="design") == ["Beta"]
    assert titles(clearance="public") == ["Alpha"]
    assert titles(text="bet") == ["Beta"]


def test_a_stale_reclassification_is_told(shelf):
    stored = put(shelf.manager, shelf)
    documents.reclassify(shelf.manager, shelf.id, stored.document, revision=1, title="Theirs")
    with pytest.raises(Stale):
        documents.reclassify(shelf.member, shelf.id, stored.document, revision=1, title="Mine")


def test_nobody_classifies_above_their_own(shelf):
    stored = put(shelf.member, shelf)
    with pytest.raises(Refused):
        documents.reclassify(
            shelf.member, shelf.id, stored.document, revision=1, clearance="restricted", reason="new prices"
        )


def test_another_clearance_needs_a_reason_and_the_event_keeps_it(shelf):
    stored = put(shelf.member, shelf)
    with pytest.raises(Invalid) as refused:
        documents.reclassify(shelf.member, shelf.id, stored.document, revision=1, clearance="confidential", reason=" ")
    assert refused.value.field == "reason"
    documents.reclassify(shelf.member, shelf.id, stored.document, revision=1, clearance="confidential", reason="prices")
    assert db.row("SELECT action, note FROM event ORDER BY seq DESC LIMIT 1") == {
        "action": "reclassified",
        "note": "prices",
    }


def test_an_unknown_class_is_named_with_those_that_there_are(shelf):
    with pytest.raises(Invalid, match="Design"):
        put(shelf.member, shelf, class_="poem")


def test_an_object_without_a_row_is_swept_in_two_passes(shelf, vault):
    stored = put(shelf.member, shelf)
    key = f"v1/{shelf.id}/nobody/knows"
    writer = vault.store.writer(key)
    writer.write(b"orphan")
    writer.commit()
    at_once = timedelta(seconds=-5)
    sweeping.sweep(shelf.admin, after=at_once)
    assert vault.store.size(key) == 6
    sweeping.sweep(shelf.admin, after=at_once)
    with pytest.raises(NotFound):
        vault.store.size(key)
    assert content(shelf.member, shelf, stored.document) == TEXT

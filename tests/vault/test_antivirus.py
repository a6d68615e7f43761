"""The virus scanner: what it finds is refused, and where it does not do its work nothing is taken."""

from __future__ import annotations

import io
import shutil
import socket
import struct
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from core import db
from core.errors import Unavailable
from tests.conftest import OPERATOR
from vault import documents, restoring, verifying
from vault.documents import FileRefused

pytestmark = pytest.mark.store

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CLEAN = b"Gate opens within 400 ms. " * 50_000


class Clamd:
    """A server that speaks clamd's INSTREAM as its manual (clamd(8)) describes it, and finds the EICAR test string."""

    def __init__(self, place, answer=None, most=25 * 1024 * 1024):
        self.answer, self.most, self.seen = answer, most, b""
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(place))
        self._listening.listen(8)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                line, _address = self._listening.accept()
            except OSError:
                return
            with line, line.makefile("rwb") as stream:
                self._serve(stream)

    def _serve(self, line):
        assert line.read(10) == b"zINSTREAM\0"
        self.seen = b""
        while length := struct.unpack(">I", line.read(4))[0]:
            if len(self.seen) + length > self.most:
                line.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
            self.seen += line.read(length)
        if self.answer != "":
            found = "stream: Win.Test.EICAR_HDB-1 FOUND" if EICAR in self.seen else "stream: OK"
            line.write((self.answer or found).encode() + b"\0")

    def close(self):
        self._listening.close()


@pytest.fixture
def asked(vault, tmp_path):
    """Lets the vault ask a scanner; without an answer of its own it is the protocol's."""
    running = []

    def begin(**about):
        place = tmp_path / f"clamd{len(running)}.sock"
        running.append(Clamd(place, **about))
        documents.attach(replace(vault, antivirus=str(place)))
        return running[-1]

    yield begin
    for one in running:
        one.close()


def put(here, content, **about):
    return documents.put(
        here.member, here.id, io.BytesIO(content), **{"file_name": "note.txt", "class_": "design"} | about
    )


def test_what_is_clean_is_stored_and_every_byte_of_it_was_seen(shelf, asked):
    scanner = asked()
    stored = put(shelf, CLEAN)
    assert scanner.seen == CLEAN
    assert b"".join(documents.fetch(shelf.member, shelf.id, stored.document).chunks) == CLEAN


def test_what_it_finds_is_refused_by_name_on_record_and_nothing_stays(shelf, asked, vault):
    asked()
    with pytest.raises(FileRefused, match=r"Win\.Test\.EICAR") as said:
        put(shelf, CLEAN + EICAR)
    assert said.value.reason.code == "malware"
    assert list(vault.store.listed("v1/" + shelf.id)) == []
    event = db.row("SELECT actor_id, note FROM event WHERE action = 'malware found'")
    assert (event["actor_id"], event["note"]) == (shelf.member.id, "note.txt")
    assert verifying.verify(OPERATOR).ok


@pytest.mark.parametrize("answer", ["", "stream: lstat() failed: No such file. ERROR", "PONG"])
def test_an_answer_that_is_not_clean_is_a_refusal(shelf, asked, vault, answer):
    asked(answer=answer)
    with pytest.raises(Unavailable, match="virus scanner"):
        put(shelf, CLEAN)
    assert list(vault.store.listed("v1/" + shelf.id)) == []


def test_a_scanner_that_is_not_there_is_a_refusal(shelf, vault, tmp_path):
    for address in (str(tmp_path / "none.sock"), "127.0.0.1:9", "nonsense"):
        documents.attach(replace(vault, antivirus=address))
        with pytest.raises(Unavailable, match="does not answer"):
            put(shelf, CLEAN)
    assert list(vault.store.listed("v1/" + shelf.id)) == []


def test_a_file_too_large_for_it_is_not_taken_and_that_is_said(shelf, asked):
    asked(most=1000)
    with pytest.raises(Unavailable, match="StreamMaxLength"):
        put(shelf, CLEAN * 4)


def test_an_old_version_is_looked_at_again_before_it_comes_back(shelf, asked):
    first = put(shelf, CLEAN + EICAR)
    put(shelf, CLEAN, document=first.document)
    asked()
    with pytest.raises(FileRefused):
        restoring.restore(shelf.member, shelf.id, first.document, 1)


@contextmanager
def real(folder):
    """A running clamd with one signature of ours, for the EICAR string."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("no clamd here: its protocol is tried with a server of ours")
    signatures = folder / "signatures"
    signatures.mkdir()
    (signatures / "eicar.ndb").write_text(f"Eicar-Test-Of-Ours:0:*:{EICAR.hex()}\n")
    place = folder / "clamd.sock"
    (folder / "clamd.conf").write_text(
        f"LocalSocket {place}\nDatabaseDirectory {signatures}\nForeground yes\nStreamMaxLength 10M\n"
    )
    process = subprocess.Popen([program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not place.exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        yield str(place)
    finally:
        process.terminate()
        process.wait(20)


def test_a_real_clamd_says_the_same(shelf, vault, tmp_path):
    with real(tmp_path) as place:
        documents.attach(replace(vault, antivirus=place))
        assert put(shelf, CLEAN).outcome == "stored"
        with pytest.raises(FileRefused, match="Eicar-Test-Of-Ours"):
            put(shelf, EICAR)
        with pytest.raises(Unavailable, match="StreamMaxLength"):
            put(shelf, CLEAN * 12)

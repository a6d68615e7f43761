from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading

import pytest

from core import db, settings
from core.errors import Conflict, Invalid, Refused, Unavailable
from tests.commands import ROOT, accord, environment, set_up
from tests.vault.test_documents import content, put
from vault import documents, embedded, moving, opening, verifying

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Another store, with a bucket of its own."""
    child = embedded.start(tmp_path_factory.mktemp("elsewhere"))
    yield child
    child.stop()


def address(child) -> str:
    return f"s3://{embedded.BUCKET}?endpoint={child.endpoint}&region=us-east-1"


def move(shelf, home, child, **more):
    # The store's own steward may make the bucket, as an S3 account of one's own would.
    return moving.move(
        shelf.admin, settings.load(home, {}), address(child), access_key=child.steward.access_key,
        secret_key=child.steward.secret_key, **more,
    )  # fmt: skip


def test_everything_lies_in_the_other_store_and_the_settings_name_it(shelf, home, elsewhere):
    stored = [put(shelf.member, shelf, b"number %d" % n) for n in range(7)]
    big = put(shelf.member, shelf, os.urandom(9 << 20), file_name="big.bin")
    (home / "accord.toml").write_text('port = 9000  # ours\n[vault]\nregion = "eu-west-1"\n[mail]\nhost = "mx"\n')
    was = documents.vault().store
    told = []
    found = move(shelf, home, elsewhere, progress=lambda done, total: told.append((done, total)))
    assert (found.carried, found.objects, found.switched) == (8, 8, True)
    assert told[-1] == (8, 8)
    assert documents.vault().store.place != was.place
    for version in db.all_of(documents.Version):
        was.delete(version.object_key)
    assert [content(shelf.member, shelf, s.document) for s in stored] == [b"number %d" % n for n in range(7)]
    assert len(content(shelf.member, shelf, big.document)) == 9 << 20
    put(shelf.member, shelf, b"after the move")
    assert verifying.verify(shelf.admin, contents=True).ok
    kept = settings.load(home, {})
    assert kept.text("vault.url") == address(elsewhere)
    assert (kept.count("port"), kept.text("mail.host")) == (9000, "mx")
    assert "# ours" in (home / "accord.toml").read_text()
    assert (home / "accord.toml").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict):
        move(shelf, home, elsewhere)


def test_people_read_and_write_all_the_while(shelf, home, elsewhere):
    stored = [put(shelf.member, shelf, b"first %d" % n) for n in range(60)]
    over, failed, written = threading.Event(), [], []

    def work() -> None:
        number = 0
        while not over.is_set():
            number += 1
            try:
                written.append(put(shelf.manager, shelf, b"meanwhile %d" % number).document)
                content(shelf.member, shelf, stored[number % 60].document)
            except Exception as error:
                failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    found = move(shelf, home, elsewhere)
    over.set()
    thread.join()
    assert failed == []
    assert found.objects >= 60
    assert verifying.verify(shelf.admin, contents=True).ok
    assert all(documents.vault().store.size(v.object_key) for v in db.all_of(documents.Version))


def test_an_upload_that_began_before_the_move_ends_in_the_new_store(shelf, home, elsewhere):
    class Slow(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            piece = super().read(size)
            if not piece:
                move(shelf, home, elsewhere)
            return piece

    data = bytes(documents.INSPECTED_UP_TO + 1)
    stored = documents.put(shelf.member, shelf.id, Slow(data), file_name="a.bin", class_="design")
    assert content(shelf.member, shelf, stored.document) == data


def test_a_move_that_is_cut_off_goes_on_and_one_that_differs_is_told(shelf, home, elsewhere):
    for number in range(120):
        put(shelf.member, shelf, b"number %d" % number)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    was = documents.vault().store
    with pytest.raises(KeyboardInterrupt):
        move(shelf, home, elsewhere, progress=stop)
    assert documents.vault().store is was
    assert settings.load(home, {}).text("vault.url") == ""
    # Something else lies where an object should go.
    there = opening.store_of(
        settings.with_values(
            settings.load(home, {}),
            {"vault.url": address(elsewhere), "vault.access_key": elsewhere.steward.access_key,
             "vault.secret_key": elsewhere.steward.secret_key},
        )
    )  # fmt: skip
    last = db.all_of(documents.Version, "ORDER BY id DESC LIMIT 1")[0]
    writer = there.writer(last.object_key)
    writer.write(bytes(last.stored_size))
    writer.commit()
    with pytest.raises(Unavailable, match="not the same"):
        move(shelf, home, elsewhere)
    assert documents.vault().store is was
    there.delete(last.object_key)
    found = move(shelf, home, elsewhere)
    assert found.carried < 120
    assert found.objects == 120
    assert verifying.verify(shelf.admin, contents=True).ok


@pytest.mark.parametrize("url", ["vault", "s3://", "http://x", "s3://b/path", "s3://b?endpoint=x", "s3://b?key=1"])
def test_an_address_that_is_none_is_told(shelf, home, url):
    with pytest.raises(Invalid, match="no place"):
        moving.move(shelf.admin, settings.load(home, {}), url)


def test_only_an_administrator_moves_it(shelf, home):
    with pytest.raises(Refused):
        moving.move(shelf.manager, settings.load(home, {}), "embedded")


def test_a_killed_move_goes_on_and_the_next_start_finds_the_new_store(tmp_path, elsewhere):
    home = tmp_path / "data"
    set_up(home, tmp_path)
    names = [f"{n}.txt" for n in range(80)]
    for name in names:
        (tmp_path / name).write_text(f"this is {name}")
    stored = accord(home, "put", *names, "--project", "HARBOUR", "--class", "test", "--json", cwd=tmp_path).data[
        "items"
    ]
    (tmp_path / "secret").write_text(elsewhere.steward.secret_key)
    words = ("vault", "move", address(elsewhere), "--access-key", elsewhere.steward.access_key,
             "--password-file", str(tmp_path / "secret"))  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "--home", str(home), *words], cwd=ROOT, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stderr.readline()  # the first fifty are carried
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = accord(home, *words, "--json")
    assert done.status in (0, 1), done.err
    if done.status == 0:
        assert done.data["objects"] == 80
    for one in (stored[0], stored[-1]):
        assert accord(home, "get", one["document"], "--out", tmp_path / "back").status == 0
        assert (tmp_path / "back").read_text() == f"this is {one['file']}"
    assert accord(home, "verify", "--contents").status == 0
    assert elsewhere.endpoint in (home / "accord.toml").read_text()

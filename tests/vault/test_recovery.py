from __future__ import annotations

import re

import pytest

from core import db, settings
from core.errors import Conflict, Invalid, Refused, Unavailable
from tests.commands import accord, set_up
from tests.vault.test_documents import content, put
from vault import documents, envelope, keys, opening, recovery
from vault.envelope import Envelope

pytestmark = pytest.mark.store


def test_the_documents_open_again_with_what_stands_on_the_sheet(shelf, home):
    stored = put(shelf.member, shelf, b"what was agreed")
    assert not keys.has_sheet(shelf.admin)
    made = recovery.sheet(shelf.admin)
    assert keys.has_sheet(shelf.admin)
    path, found = home / "keys" / envelope.KEY_FILE, settings.load(home, {})
    path.unlink()
    with pytest.raises(Unavailable, match="recovery sheet"), opening.open_vault(found):
        pass
    typed = made.code.lower().replace(" ", "").replace("o", "0").replace("b", "8")
    assert recovery.restore(shelf.admin, found, typed) == made.key
    documents.attach(documents.Vault(documents.vault().store, Envelope(path), documents.vault().limit))
    assert content(shelf.member, shelf, stored.document) == b"what was agreed"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict):
        recovery.restore(shelf.admin, found, made.code)


def test_every_slip_is_told_with_its_line(shelf):
    made = recovery.sheet(shelf.admin)
    told = 0
    for number, line in enumerate(made.lines):
        for place in range(len(line)):
            if line[place] == " ":
                continue
            wrong = line[:place] + ("C" if line[place] != "C" else "D") + line[place + 1 :]
            lines = [*made.lines[:number], wrong, *made.lines[number + 1 :]]
            with pytest.raises(Invalid) as refusal:
                recovery.read("\n".join(lines))
            told += f"Line {number + 1}" in str(refusal.value)
    assert told >= 60  # one in 32 is only found by the check over all lines
    for lines in (made.lines[:3], (*made.lines[1:], made.lines[0]), ("", "")):
        with pytest.raises(Invalid):
            recovery.read("\n".join(lines))


def test_a_sheet_of_a_former_key_is_told(shelf, home):
    put(shelf.member, shelf)
    old = recovery.sheet(shelf.admin)
    keys.rotate(shelf.admin)
    assert not keys.has_sheet(shelf.admin)
    (home / "keys" / envelope.KEY_FILE).unlink()
    with pytest.raises(Invalid, match=old.key):
        recovery.restore(shelf.admin, settings.load(home, {}), old.code)
    assert not (home / "keys" / envelope.KEY_FILE).exists()


def test_no_sheet_is_made_of_two_keys_and_none_for_others(shelf):
    documents.vault().envelope.begin_change()
    with pytest.raises(Conflict):
        recovery.sheet(shelf.admin)
    for who in (shelf.manager, shelf.member, shelf.client):
        with pytest.raises(Refused):
            recovery.sheet(who)


def test_the_page_asks_for_nothing_from_outside_and_can_be_read_back(shelf):
    made = recovery.sheet(shelf.admin)
    page = recovery.page(made)
    assert "<svg" in page
    assert not re.search(r"(src|href)=|url\(|<script", page)
    assert recovery.read(page).primary_key_id == documents.vault().envelope.secret.primary_key_id
    recorded = db.value("SELECT string_agg(COALESCE(after, '') || COALESCE(note, ''), ' ') FROM event")
    assert made.lines[0][:9] not in recorded


def test_on_the_command_line_a_lost_key_comes_back(tmp_path):
    home = tmp_path / "data"
    set_up(home, tmp_path)
    (tmp_path / "a.txt").write_text("what was agreed")
    stored = accord(home, "put", "a.txt", "--project", "HARBOUR", "--class", "test", "--json", cwd=tmp_path).data
    assert accord(home, "keys", "sheet", "--out", "sheet.html", cwd=tmp_path).status == 0
    assert (tmp_path / "sheet.html").stat().st_mode & 0o777 == 0o600
    (home / "keys" / "master.json").unlink()
    document = stored["items"][0]["document"]
    assert accord(home, "get", document, "--out", "b.txt", cwd=tmp_path).status == 1
    done = accord(home, "keys", "restore", "sheet.html", cwd=tmp_path)
    assert done.status == 0, done.err
    assert accord(home, "get", document, "--out", "b.txt", cwd=tmp_path).status == 0
    assert (tmp_path / "b.txt").read_text() == "what was agreed"
    shown = accord(home, "keys", "show", "--json").data
    assert shown["sheet"] is True
    rotated = accord(home, "keys", "rotate", "--json").data
    assert rotated["renewed"] == 1
    assert rotated["key"] != shown["master"]

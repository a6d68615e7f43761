from __future__ import annotations

import copy
import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from core import chain, db
from core.access import SYSTEM
from core.errors import NotFound
from tests.commands import ROOT
from tests.vault.test_documents import put
from vault import documents, proof, verifying

pytestmark = pytest.mark.store

TOOL = ROOT / "tools" / "verify_proof.py"


def checked(made: dict, tmp: Path, *more: str, fingerprint: str | None = None) -> subprocess.CompletedProcess[str]:
    file = tmp / "proof.json"
    file.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    known = () if "--key" in more else ("--fingerprint", fingerprint or db.database().seal.fingerprint())
    # Not from this folder: nothing of Accord may be needed.
    return subprocess.run(
        [sys.executable, "-I", str(TOOL), str(file), *known, *more],
        cwd=tmp,
        capture_output=True,
        text=True,
        check=False,
    )


def note_head() -> chain.Head:
    with db.write(SYSTEM) as tx:
        tx.event("ledger", "head", "head of the day")
    return chain.Head(**db.row("SELECT seq, hash, signature FROM event ORDER BY seq DESC LIMIT 1"))


def test_a_proof_holds_without_accord_and_with_the_file(shelf, tmp_path):
    stored = put(shelf.member, shelf, b"what was agreed", file_name="需求.txt")
    (tmp_path / "key.pem").write_text(db.database().seal.public_key())
    (tmp_path / "file.txt").write_bytes(b"what was agreed")
    made = proof.proof(shelf.member, shelf.id, stored.document)
    done = checked(made, tmp_path, "--key", "key.pem", "--file", "file.txt")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stored.sha256 in done.stdout
    assert made["steps"] == []
    (tmp_path / "file.txt").write_bytes(b"what was not agreed")
    done = checked(made, tmp_path, "--file", "file.txt")
    assert done.returncode == 1
    assert "is not the file of this version" in done.stdout


def test_it_leads_to_the_head_of_the_day_and_tells_nothing_of_what_lies_between(shelf, tmp_path):
    stored = put(shelf.member, shelf, b"one")
    for number in range(5):
        put(shelf.manager, shelf, b"secret %d" % number, title=f"Takeover plan {number}", clearance="restricted")
    head = note_head()
    put(shelf.member, shelf, b"later")
    made = proof.proof(shelf.member, shelf.id, stored.document)
    assert made["head"]["hash"] == head.hash
    assert len(made["steps"]) == 11
    assert "Takeover" not in json.dumps(made)
    assert shelf.manager.id not in json.dumps(made)
    assert checked(made, tmp_path, "--head", head.hash).returncode == 0
    assert checked(made, tmp_path, "--head", "0" * 64).returncode == 1


def test_every_touched_value_is_found(shelf, tmp_path):
    stored = put(shelf.member, shelf, b"one")
    put(shelf.member, shelf, b"two")
    note_head()
    made = proof.proof(shelf.member, shelf.id, stored.document)
    rng = random.Random(3)
    places = [("record", "sha256"), ("record", "size"), ("event", "actor_name"), ("event", "recorded_at"),
              ("event", "seq"), ("before", "hash"), ("head", "seq"), ("head", "hash"), ("head", "signature")]  # fmt: skip
    for where, name in rng.sample(places, len(places)):
        touched = copy.deepcopy(made)
        was = touched[where][name]
        touched[where][name] = was + 1 if isinstance(was, int) else ("A" if was[:1] != "A" else "B") + was[1:]
        assert checked(touched, tmp_path).returncode == 1, (where, name)
    for steps in (made["steps"][:-1], made["steps"] + made["steps"][:1], made["steps"][::-1]):
        assert checked({**made, "steps": steps}, tmp_path).returncode == 1
    assert checked(made, tmp_path, fingerprint="0" * 64).returncode == 1
    assert checked({"format": "something"}, tmp_path).returncode == 2


def test_an_older_version_has_a_proof_of_its_own(shelf, tmp_path):
    first = put(shelf.member, shelf, b"one")
    put(shelf.member, shelf, b"two", document=first.document)
    assert proof.proof(shelf.member, shelf.id, first.document)["record"]["number"] == 2
    made = proof.proof(shelf.member, shelf.id, first.document, 1)
    assert made["record"]["sha256"] == hashlib.sha256(b"one").hexdigest()
    assert checked(made, tmp_path).returncode == 0


def test_nobody_gets_a_proof_of_what_they_are_not_cleared_for(shelf):
    stored = put(shelf.manager, shelf, clearance="restricted")
    for actor in (shelf.member, shelf.client, shelf.stranger):
        with pytest.raises(NotFound):
            proof.proof(actor, shelf.id, stored.document)
    with pytest.raises(NotFound):
        proof.proof(shelf.manager, shelf.id, stored.document, 7)


def test_what_was_chained_in_the_first_form_still_holds(shelf, tmp_path, monkeypatch):
    def first_form(previous, event):
        return chain.following(previous, chain.canonical(dict(event)))

    monkeypatch.setattr(chain, "event_hash", first_form)
    stored = put(shelf.member, shelf, b"long ago")
    monkeypatch.undo()
    put(shelf.member, shelf, b"today")
    note_head()
    assert verifying.verify(shelf.admin).ok
    made = proof.proof(shelf.member, shelf.id, stored.document)
    assert made["event_form"] == 1
    assert made["steps"] == []
    assert checked(made, tmp_path).returncode == 0
    assert documents.get(shelf.member, shelf.id, stored.document).version == 1


def test_the_tool_is_short_and_needs_only_cryptography():
    source = TOOL.read_text(encoding="utf-8")
    assert source.count("\n") < 150
    imported = {line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}

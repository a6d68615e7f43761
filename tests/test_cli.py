"""The command line as a contract: names, fields and exit status, with and without a running app."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import cli
from core import control, db, settings
from tests.commands import PASSWORD, ROOT, accord, app_holding, environment, set_up
from vault.opening import open_vault

BOARD = {
    "id": "b" * 24, "name": "Board", "desc": "", "closed": False, "members": [], "labels": [], "checklists": [],
    "lists": [{"id": "1" * 24, "name": "To do", "closed": False, "pos": 1}],
    "cards": [{
        "id": "2" * 24, "name": "Tickets by phone", "desc": "", "closed": False, "idList": "1" * 24, "pos": 1,
        "idMembers": [], "idLabels": [], "labels": [], "due": None, "idChecklists": [], "attachments": [],
    }],
    "actions": [],
}  # fmt: skip

pytestmark = pytest.mark.xdist_group("cli")


@pytest.fixture(scope="module", params=["alone", "app"])
def home(request, tmp_path_factory):
    """An installation, with nobody holding it and with an app that does."""
    folder = tmp_path_factory.mktemp(request.param)
    set_up(folder / "data", folder)
    if request.param == "alone":
        yield folder / "data"
    else:
        with app_holding(folder / "data"):
            yield folder / "data"


def test_help_is_there_for_every_command():
    for name in ("", *cli.COMMANDS, *cli.ON_A_FILE, "serve", "config"):
        done = subprocess.run(
            [sys.executable, "-m", "cli", *name.split(), "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith("usage: accord")
        if not name:
            assert all(word.split()[0] in done.stdout for word in cli.COMMANDS)


def test_help_loads_nothing_heavy():
    code = "import cli, sys; cli.parser().format_help(); print(sorted({'streamlit', 'duckdb', 'boto3'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    "words",
    [
        ("bogus",), (), ("list", "cards"), ("put", "x", "--project", "HARBOUR"), ("get", "x"),
        ("serve", "--port", "many"), ("setup", "--mail", "a@example.com"), ("verify", "--content"),
        ("put", "a", "b", "--project", "P", "--class", "test", "--title", "one"),
        ("document", "classify", "x", "--clearance", "public"), ("why", "--mail", "a@example.com"),
        ("document", "classify", "x", "--clearance", "public", "--reason", "r", "--from", "soon"),
    ],
)  # fmt: skip
def test_wrong_usage_is_2(tmp_path, words):
    done = accord(tmp_path / "data", *words)
    assert done.status == 2
    assert done.err.startswith("usage:")
    assert not done.out
    assert not (tmp_path / "data").exists()


def test_setup_brings_the_sample_engagement_when_asked(tmp_path):
    secret = tmp_path / "password.txt"
    secret.write_text(PASSWORD + "\n")
    done = accord(
        tmp_path / "data", "setup", "--organisation", "O", "--mail", "eve@example.com", "--name", "Eve",
        "--password-file", secret, "--language", "zh_CN", "--sample", "--json",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert set(done.data) == {"account"}
    listed = accord(tmp_path / "data", "list", "requirements", "--project", "HARBOUR", "--json").data
    assert listed["total"] == 64
    assert "五日内原路退款" in {item["title"] for item in listed["items"]}
    assert accord(tmp_path / "data", "list", "documents", "--project", "HARBOUR", "--json").data["total"] == 12


def test_a_second_setup_is_refused(home, tmp_path):
    (tmp_path / "word").write_text("a long enough phrase 1")
    done = accord(home, "setup", "--organisation", "O", "--mail", "eve@example.com", "--name", "Eve",
                  "--password-file", tmp_path / "word", "--json")  # fmt: skip
    assert done.status == 1
    assert done.data["error"]["kind"] == "conflict"
    assert done.err.strip() == done.data["error"]["message"]


def test_a_poor_password_makes_no_account(home, tmp_path):
    (tmp_path / "word").write_text("password1")
    words = ("user", "add", "--mail", "dan@example.com", "--name", "Dan", "--password-file", tmp_path / "word")
    assert accord(home, *words, "--json").data["error"]["kind"] == "invalid"
    member = accord(home, "member", "add", "--project", "HARBOUR", "--mail", "dan@example.com", "--role", "member")
    assert member.status == 1


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("list", "requirements", "--project", "NONE"), "not_found"),
        (("client", "add", "--name", "Meridian Rail"), "conflict"),
        (("client", "add", "--name", " "), "invalid"),
        (("--as", "carla@example.com", "client", "add", "--name", "X"), "refused"),
        (("--as", "nobody@example.com", "verify"), "not_found"),
        (("--as", "carla@example.com", "verify"), "refused"),
        (("import", "undo", "none"), "not_found"),
        (("get", "none", "--out", "x"), "not_found"),
        (("member", "add", "--project", "HARBOUR", "--mail", "ana@example.com", "--role", "boss"), "invalid"),
        (("put", "no such file", "--project", "HARBOUR", "--class", "test"), "invalid"),
    ],
)
def test_the_domain_says_no_in_words_and_as_json(home, words, kind):
    done = accord(home, *words, "--json")
    assert done.status == 1
    assert done.data["error"].keys() == {"kind", "message"}
    assert done.data["error"]["kind"] == kind
    assert done.err.strip() == done.data["error"]["message"]
    plain = accord(home, *words)
    assert (plain.status, plain.out) == (1, "")
    assert plain.err == done.err


def test_a_board_comes_in_is_listed_and_goes_again(home, tmp_path):
    (tmp_path / "board.json").write_text(json.dumps(BOARD))
    # A file is looked for where the asker stands, also when the app does the work.
    came = accord(home, "import", "trello", "board.json", "--project", "HARBOUR", "--json", cwd=tmp_path)
    assert came.status == 0, came.err
    assert came.data.keys() == {"import", "read", "created", "updated", "unchanged", "dropped"}
    kinds = {"lists", "cards", "checklists", "checklist_items", "comments", "labels", "members", "attachments", "moves"}
    assert came.data["read"].keys() == kinds
    listed = accord(home, "list", "requirements", "--project", "HARBOUR", "--json").data
    assert listed["total"] == 1
    assert listed["items"][0].keys() == {
        "id", "code", "title", "state", "priority", "owner", "labels", "due", "archived", "revision",
    }  # fmt: skip
    assert listed["items"][0]["state"] == "To do"
    # Imported requirements are internal: for the client they do not exist.
    theirs = accord(home, "--as", "carla@example.com", "list", "requirements", "--project", "HARBOUR", "--json").data
    assert theirs == {"items": [], "total": 0}
    again = accord(home, "import", "trello", tmp_path / "board.json", "--project", "HARBOUR", "--json").data
    assert again["created"]["cards"] == 0
    assert again["unchanged"]["cards"] == 1
    gone = accord(home, "import", "undo", came.data["import"], "--json")
    assert gone.data.keys() == {"reversed", "kept"}
    assert gone.data["reversed"]["cards"] == 1


def test_files_go_in_and_come_back_byte_for_byte(home, tmp_path):
    (tmp_path / "notes.txt").write_text("what was agreed")
    (tmp_path / "nothing.txt").write_text("")
    done = accord(home, "put", tmp_path / "notes.txt", tmp_path / "nothing.txt", "--project", "HARBOUR", "--class",
                  "summary", "--clearance", "confidential", "--json")  # fmt: skip
    assert done.status == 1
    stored, refused = done.data["items"]
    assert (
        stored.keys()
        == refused.keys()
        == {"file", "outcome", "document", "version", "sha256", "size", "reasons"}
    )  # fmt: skip
    assert stored["sha256"] == hashlib.sha256(b"what was agreed").hexdigest()
    assert (refused["outcome"], refused["reasons"][0]["code"]) == ("refused", "empty")

    (tmp_path / "notes.txt").write_text("what was agreed later")
    second = accord(home, "put", "notes.txt", "--project", "HARBOUR", "--document", stored["document"], "--note",
                    "later", "--json", cwd=tmp_path)  # fmt: skip
    assert second.data["items"][0]["version"] == 2
    fetched = accord(home, "get", stored["document"], "--version", 1, "--out", "back.txt", "--json", cwd=tmp_path)
    assert fetched.data == {"document": stored["document"], "version": 1, "sha256": stored["sha256"], "size": 15}
    assert (tmp_path / "back.txt").read_bytes() == b"what was agreed"

    listed = accord(home, "list", "documents", "--project", "HARBOUR", "--json").data
    assert listed["items"][-1].keys() == {"id", "title", "class", "clearance", "version", "size", "sha256", "code"}
    for words in (("list", "documents", "--project", "HARBOUR"), ("get", stored["document"], "--out", "no")):
        theirs = accord(home, "--as", "carla@example.com", *words, "--json", cwd=tmp_path).data
        assert theirs.get("total", 0) == 0
        assert theirs.get("error", {"kind": "not_found"})["kind"] == "not_found"
    assert {p.name for p in tmp_path.iterdir()} == {"notes.txt", "nothing.txt", "back.txt"}


def test_why_somebody_sees_a_document_and_another_clearance_for_it(home, tmp_path):
    (tmp_path / "prices.txt").write_text("what a gate costs")
    put = accord(home, "put", "prices.txt", "--project", "HARBOUR", "--class", "plan", "--json", cwd=tmp_path)
    paper = put.data["items"][0]["document"]
    asked = ("why", "--mail", "carla@example.com", "--document", paper, "--json")
    found = accord(home, *asked).data
    assert found.keys() == {"sees", "chain"}
    assert found["sees"] is False
    assert [(step["rule"], step["opens"]) for step in found["chain"]] == [
        ("membership", True), ("role", True), ("clearance", False)
    ]  # fmt: skip
    assert accord(home, "--as", "carla@example.com", *asked).data["error"]["kind"] == "not_found"

    classify = ("document", "classify", paper, "--clearance", "public", "--reason", "published")
    planned = accord(home, *classify, "--from", "2999-03-01", "--json").data
    assert planned == {
        "document": paper, "class": "plan", "clearance": "internal",
        "planned": {"clearance": "public", "from": "2999-03-01T00:00:00.000Z"},
    }  # fmt: skip
    assert accord(home, *classify, "--from", "2001-03-01", "--json").data["error"]["kind"] == "invalid"
    assert accord(home, *asked).data["sees"] is False
    done = accord(home, *classify, "--class", "design", "--json")
    assert done.data == {"document": paper, "class": "design", "clearance": "public", "planned": None}
    assert accord(home, "--as", "carla@example.com", *asked).data["sees"] is True


def test_an_old_version_comes_back_as_the_newest(home, tmp_path):
    (tmp_path / "plan.txt").write_text("first")
    put = ("put", "plan.txt", "--project", "HARBOUR")
    document = accord(home, *put, "--class", "plan", "--json", cwd=tmp_path).data["items"][0]["document"]
    (tmp_path / "plan.txt").write_text("second")
    accord(home, *put, "--document", document, "--json", cwd=tmp_path)
    done = accord(home, "document", "restore", document, "--version", 1, "--json")
    assert done.data == {
        "document": document, "version": 3, "restored_from": 1, "sha256": hashlib.sha256(b"first").hexdigest(), "size": 5,
    }  # fmt: skip
    accord(home, "get", document, "--out", "back.txt", cwd=tmp_path)
    assert (tmp_path / "back.txt").read_text() == "first"
    again = accord(home, "document", "restore", document, "--version", 3, "--json")
    assert (again.status, again.data["error"]["kind"]) == (1, "conflict")


def test_events_say_who_when_and_what(home):
    listed = accord(home, "list", "events", "--project", "HARBOUR", "--json").data
    assert listed["total"] == len(listed["items"]) > 0
    event = listed["items"][-1]
    assert event.keys() == {"id", "at", "actor", "entity", "action"}
    assert event["at"].endswith("Z")
    assert (event["entity"], event["action"]) == ("project", "created")
    two = accord(home, "list", "events", "--project", "HARBOUR", "--limit", 2, "--json").data
    assert (len(two["items"]), two["total"]) == (2, listed["total"])


def test_all_is_as_the_ledger_says(home):
    done = accord(home, "verify", "--contents", "--json")
    assert done.status == 0, done.out
    assert done.data.keys() == {"ok", "events", "head", "documents", "problems"}
    assert done.data["ok"] is True


def test_commands_at_the_same_time_are_all_done(home):
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: accord(home, "client", "add", "--name", f"Client {n} of many"), range(6)))
    assert [d.status for d in done] == [0] * 6, [d.err for d in done]


def test_a_row_changed_behind_the_back_is_found(tmp_path):
    home = tmp_path / "data"
    set_up(home, tmp_path)
    db.open_home(home)
    db.database().cursor().execute("UPDATE client SET name = 'Meridian Rai1'")
    db.close()
    done = accord(home, "verify", "--json")
    assert done.status == 1
    assert not done.data["ok"]
    assert done.data["problems"][0].keys() == {"kind", "where", "what"}
    assert done.data["problems"][0]["where"].startswith("client ")


def test_a_proof_is_written_and_checked_without_accord(home, tmp_path):
    (tmp_path / "agreed.txt").write_text(f"what was agreed {tmp_path.name}")
    stored = accord(home, "put", "agreed.txt", "--project", "HARBOUR", "--class", "test", "--json", cwd=tmp_path)
    document = stored.data["items"][0]["document"]
    done = accord(home, "proof", document, "--out", "proof.json", "--json", cwd=tmp_path)
    assert done.status == 0, done.err
    assert done.data.keys() == {"document", "version", "event", "head", "fingerprint"}
    words = ("proof.json", "--fingerprint", done.data["fingerprint"], "--file", "agreed.txt")
    assert subprocess.run([sys.executable, ROOT / "tools" / "verify_proof.py", *words], cwd=tmp_path).returncode == 0
    assert accord(home, "proof", document, "--out", ".", cwd=tmp_path).status == 1
    assert accord(home, "--as", "carla@example.com", "proof", document, "--out", "no.json", cwd=tmp_path).status == 1


@pytest.mark.parametrize("how", ["other content", "cut short"])
def test_an_object_that_was_touched_is_found(tmp_path, how):
    home = tmp_path / "data"
    set_up(home, tmp_path)
    (tmp_path / "a.txt").write_text("what was agreed")
    stored = accord(home, "put", tmp_path / "a.txt", "--project", "HARBOUR", "--class", "test", "--json").data["items"][
        0
    ]
    db.open_home(home)
    try:
        key, size = db.row("SELECT object_key, stored_size FROM document_version").values()
        with open_vault(settings.load(home, {})) as held:
            held.store.delete(key)  # the store itself lets nobody write over an object
            writer = held.store.writer(key)
            writer.write(b"x" * (size if how == "other content" else size - 1))
            writer.commit()
    finally:
        db.close()
    done = accord(home, "verify", "--contents", "--json")
    assert done.status == 1
    assert [(p["kind"], p["where"]) for p in done.data["problems"]] == [
        ("object", f"document {stored['document']} version 1")
    ]
    assert accord(home, "get", stored["document"], "--out", "back.txt", cwd=tmp_path).status == 1
    assert not (tmp_path / "back.txt").exists()


def test_without_accord_nothing_is_made(tmp_path):
    done = accord(tmp_path / "none", "list", "requirements", "--project", "X", "--json")
    assert done.data["error"]["kind"] == "not_found"
    assert not (tmp_path / "none").exists()


def test_a_folder_held_by_something_deaf_is_told(tmp_path, monkeypatch):
    home = tmp_path / "data"
    db.open_home(home)
    try:
        done = accord(home, "client", "add", "--name", "X", "--json")
    finally:
        db.close()
    assert done.data["error"]["kind"] == "unavailable"
    assert "--home" in done.err


def test_a_killed_app_leaves_the_folder_usable(tmp_path):
    home = tmp_path / "data"
    set_up(home, tmp_path)
    with app_holding(home) as app:
        assert (home / control.SOCKET).stat().st_mode & 0o777 == 0o600
        app.send_signal(signal.SIGKILL)
        app.wait()
        assert accord(home, "client", "add", "--name", "After the crash").status == 0
        assert accord(home, "verify").status == 0


def test_a_long_path_is_heard_too(tmp_path):
    home = tmp_path / ("long-" * 20) / "data"
    with app_holding(home):
        assert not (home / control.SOCKET).exists()
        assert accord(home, "client", "add", "--name", "Far away").status == 0


def test_each_setting_tells_where_it_comes_from(tmp_path):
    (tmp_path / "accord.toml").write_text('port = 9000\n[mail]\npassword = "hidden"\n')
    found = accord(tmp_path, "config", "--json", ACCORD_HOST="0.0.0.0").data
    given = {s["name"]: s for s in found["settings"]}
    assert given["port"]["value"] == 9000
    assert given["port"]["from"].endswith("accord.toml:1")
    assert given["host"]["from"] == "ACCORD_HOST"
    assert given["vault.bucket"]["from"] == "default"
    assert "hidden" not in accord(tmp_path, "config").out


@pytest.mark.parametrize(
    ("written", "line", "word"),
    [
        ("prot = 9000", 1, "prot"),
        ('host = "127.0.0.1"\n\n[mail]\nhots = "x"', 4, "mail.hots"),
        ('# a remark\nport = "many"', 2, "port"),
        ("port = 70000", 1, "port"),
        ('[mail]\nsecurity = "perhaps"', 2, "starttls"),
        ("trust_proxy = 7", 1, "trust_proxy"),
        ("host = 7", 1, "host"),
        ("host = ", 1, "accord.toml"),
    ],
)
def test_a_wrong_setting_names_its_line(tmp_path, written, line, word):
    (tmp_path / "accord.toml").write_text(written + "\n")
    wrong = accord(tmp_path, "config", "--json")
    assert wrong.status == 1
    assert wrong.data["error"]["kind"] == "invalid"
    assert f"line {line}" in wrong.err
    assert word in wrong.err


def test_a_wrong_variable_is_named(tmp_path):
    assert "ACCORD_PORT" in accord(tmp_path, "config", ACCORD_PORT="many").err


def test_the_folder_comes_from_the_environment_and_words_from_the_shell(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "cli", "verify"], cwd=ROOT, capture_output=True, text=True, check=False,
        env=environment(ACCORD_HOME=str(tmp_path / "elsewhere"), LANG="zh_CN.UTF-8"),
    )  # fmt: skip
    assert done.returncode == 1
    assert "elsewhere" in done.stderr
    assert "没有" in done.stderr


def test_the_operator_is_recorded_by_name(home):
    listed = accord(home, "list", "events", "--project", "HARBOUR", "--json", LOGNAME="morag").data
    assert listed["items"]
    done = accord(home, "project", "add", "--code", f"P{os.getpid()}", "--name", "N", "--client", "Meridian Rail",
                  LOGNAME="morag")  # fmt: skip
    assert done.status == 0
    events = accord(home, "list", "events", "--project", f"P{os.getpid()}", "--json").data["items"]
    assert events[0]["actor"] == "morag"


def test_what_changed_between_two_versions_is_written_as_a_word_file(home, tmp_path):
    first, second, out = tmp_path / "terms.md", tmp_path / "terms2.md", tmp_path / "changes.docx"
    first.write_text("Gates open within 400 ms.\n")
    second.write_text("Gates open within 250 ms.\nThey speak Chinese.\n")
    stored = accord(home, "put", first, "--project", "HARBOUR", "--class", "design", "--json").data["items"][0]
    accord(home, "put", second, "--project", "HARBOUR", "--document", stored["document"])
    done = accord(home, "redline", f"{stored['document']}:1", stored["document"], "--out", out, "--json")
    assert done.data == {"insertions": 2, "deletions": 1, "moved": 0, "notes": []}, done.err
    assert out.read_bytes().startswith(b"PK")
    same = accord(home, "redline", f"{stored['document']}:1", f"{stored['document']}:1", "--out", out, "--json")
    assert (same.status, same.data["error"]["kind"]) == (1, "conflict")
    wrong = accord(home, "redline", f"{stored['document']}:x", stored["document"], "--out", out, "--json")
    assert wrong.data["error"]["kind"] == "invalid"
    hidden = accord(
        home,
        "--as",
        "carla@example.com",
        "redline",
        f"{stored['document']}:1",
        stored["document"],
        "--out",
        out,
        "--json",
    )
    assert hidden.data["error"]["kind"] == "not_found"


def test_a_template_is_written_and_completeness_told(home, tmp_path):
    made = accord(home, "template", "new", "--class", "design", "--project", "HARBOUR", "--out", "d.docx",
                  "--language", "zh_CN", "--json", cwd=tmp_path)  # fmt: skip
    assert made.status == 0, made.err
    assert made.data["title"] == "设计说明书"
    assert (tmp_path / "d.docx").stat().st_size == made.data["size"]
    stored = accord(home, "put", "d.docx", "--project", "HARBOUR", "--class", "design", "--json", cwd=tmp_path).data
    found = accord(home, "completeness", "--project", "HARBOUR", "--json").data
    mine = next(one for one in found["documents"] if one["document"] == stored["items"][0]["document"])
    assert len(mine["missing"]) == 7
    assert mine["findings"][0]["kind"] == "placeholder"
    design = next(one for one in found["required"] if one["phase"] == "design")
    assert set(design) >= {"phase", "class", "state", "present", "approved", "due"}
    assert (design["class"], design["state"], design["present"], design["approved"]) == (
        "design",
        "approved",
        True,
        False,
    )
    refused = accord(home, "template", "new", "--class", "novel", "--project", "HARBOUR", "--out", "n.docx", "--json")
    assert refused.data["error"]["kind"] == "invalid"

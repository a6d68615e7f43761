"""`accord search` and `accord index rebuild`, with and without a running app, and after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.commands import ROOT, accord, app_holding, environment, set_up

pytestmark = pytest.mark.xdist_group("cli")


@pytest.fixture(scope="module", params=["alone", "app"])
def home(request, tmp_path_factory):
    """An installation with three documents, with nobody holding it and with an app that does."""
    folder = tmp_path_factory.mktemp(request.param)
    set_up(folder / "data", folder)
    for name, words in (
        ("tide.txt", "ebb and flow"),
        ("gates.md", "# Gates\n\nThe tide opens them."),
        ("需求.txt", "需求变更流程"),
    ):
        (folder / name).write_text(words, encoding="utf-8")
    files = [str(folder / name) for name in ("tide.txt", "gates.md", "需求.txt")]
    put = ("put", *files, "--project", "HARBOUR", "--class", "design")
    if request.param == "alone":
        assert accord(folder / "data", *put).status == 0
        yield folder / "data"
    else:
        with app_holding(folder / "data"):
            assert accord(folder / "data", *put).status == 0
            yield folder / "data"


def test_search_finds_by_title_and_by_text(home):
    found = accord(home, "search", "tide", "--project", "HARBOUR", "--json").data
    assert found["total"] == 2
    assert [item["title"] for item in found["items"]] == ["tide", "gates"]
    assert set(found["items"][0]) == {"document", "version", "title", "snippet"}
    assert found["items"][1]["snippet"] == "The tide opens them."


def test_search_takes_chinese_several_words_and_a_limit(home):
    assert accord(home, "search", "變更", "--project", "HARBOUR", "--json").data["total"] == 1
    assert accord(home, "search", "tide", "opens", "--project", "HARBOUR", "--json").data["total"] == 1
    limited = accord(home, "search", "tide", "--project", "HARBOUR", "--limit", "1", "--json").data
    assert (len(limited["items"]), limited["total"]) == (1, 2)
    assert "DOC-" in accord(home, "search", "变更", "--project", "HARBOUR").out


def test_a_rebuild_says_how_far_it_is_and_what_it_read(home):
    done = accord(home, "index", "rebuild", "--json")
    assert (done.data["documents"], done.data["with_text"]) == (3, 3)
    assert "3 of 3 read" in done.err
    assert accord(home, "search", "tide", "--project", "HARBOUR", "--json").data["total"] == 2


def test_a_rebuild_that_was_killed_leaves_a_search_that_finds_everything(tmp_path):
    home = tmp_path / "data"
    set_up(home, tmp_path)
    for number in range(25):
        (tmp_path / f"{number}.txt").write_text(f"tide {number}")
    files = [str(tmp_path / f"{number}.txt") for number in range(25)]
    assert accord(home, "put", *files, "--project", "HARBOUR", "--class", "design").status == 0
    killed = subprocess.Popen(
        [sys.executable, "-m", "cli", "--home", str(home), "index", "rebuild"], cwd=ROOT, env=environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    kept, until = home / "index", time.monotonic() + 60
    while time.monotonic() < until and killed.poll() is None and len(list(kept.glob("*.text"))) < 5:
        time.sleep(0.005)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert 5 <= len(list(kept.glob("*.text"))) < 25
    assert accord(home, "search", "tide", "--project", "HARBOUR", "--json").data["total"] == 25

"""Children that open files: what one dies of is said of that file alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.commands import ROOT
from vault.children import Children, Gone

SCRIPT = """
import json, os, struct, sys
asked = 0
while head := sys.stdin.buffer.read(12):
    length, size = struct.unpack(">IQ", head)
    about = json.loads(sys.stdin.buffer.read(length))
    sys.stdin.buffer.read(size)
    asked += 1
    if about["deadly"] or asked > about["bears"]:
        os._exit(1)
    print(json.dumps({"asked": asked}), flush=True)
"""


@pytest.fixture
def children(tmp_path):
    script = tmp_path / "child.py"
    script.write_text(SCRIPT)
    some = Children(script, count=1, seconds=20, files=50)
    yield some
    some.end()


def test_a_child_that_is_worn_out_by_earlier_files_is_replaced_and_the_file_is_opened(children):
    answers = [children.ask({"deadly": False, "bears": 2}, b"a file")[0]["asked"] for _file in range(5)]
    assert answers == [1, 2, 1, 2, 1]


def test_a_file_that_kills_a_fresh_child_as_well_is_told(children):
    assert children.ask({"deadly": False, "bears": 9}, b"a file")[0] == {"asked": 1}
    with pytest.raises(Gone, match="died"):
        children.ask({"deadly": True, "bears": 9}, b"a bomb")
    assert children.ask({"deadly": False, "bears": 9}, b"a file")[0] == {"asked": 1}


def test_a_child_outlives_the_thread_that_asked_first(tmp_path):
    """Linux kills with its starter whatever asked for that, as all our children do."""
    script = tmp_path / "child.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom vault import child\nchild.give_up_rights()\n{SCRIPT}"
    )
    some = Children(script, count=1, seconds=20, files=50)
    about = {"deadly": False, "bears": 9}
    answers = []
    for _request in range(3):
        with ThreadPoolExecutor(1) as request:
            answers.append(request.submit(some.ask, about, b"a file").result()[0]["asked"])
    some.end()
    assert answers == [1, 2, 3]

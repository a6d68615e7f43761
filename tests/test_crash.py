"""kill -9 in the middle of moves and uploads: nothing acknowledged is lost, nothing is half there.

The short form; `python -m bench.crash` is the long one.
"""

from __future__ import annotations

import pytest

from bench import crash, keys

pytestmark = [pytest.mark.slow, pytest.mark.store, pytest.mark.skipif(not crash.POSSIBLE, reason="needs SIGKILL")]


@pytest.mark.parametrize("victim", crash.VICTIMS)
def test_nothing_that_was_acknowledged_is_lost(tmp_path, victim):
    found = crash.rounds(tmp_path, victim, count=2, seed=7)
    assert found.rounds == 2
    assert found.acknowledged > 0
    assert found.lost == []
    assert found.problems == []
    assert found.orphans == 0


def test_a_change_of_the_master_key_that_is_killed_goes_on(tmp_path):
    assert keys.killed(tmp_path / "data", versions=300, times=3, seed=5) == []

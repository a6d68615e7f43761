"""Random sequences of what people and machines do to a vault: every version that should be there has its bytes, and only those.

The short form; `python -m bench.sequences` is the long one.
"""

from __future__ import annotations

import pytest

from bench import sequences

pytestmark = [pytest.mark.slow, pytest.mark.store, pytest.mark.skipif(not sequences.POSSIBLE, reason="needs SIGKILL")]


def test_the_store_holds_what_was_acknowledged_and_nothing_else(tmp_path):
    whole = sequences.Outcome()
    with sequences.a_store(tmp_path) as store:
        for first in range(1000, 1030, 10):
            place = tmp_path / str(first)
            found = sequences.sequences(
                place, store, range(first, first + 10), steps=(3, 7), sizes=sequences.SIZES[:4], crashes=0.06
            )
            whole.sequences += found.sequences
            whole.done += found.done
            whole.problems += found.problems
    assert whole.problems == []
    assert whole.sequences == 30
    assert whole.done["crash"] > 2
    assert {"upload", "next", "restore", "classify", "rotate", "discard", "bring back", "dispose"} <= set(whole.done)

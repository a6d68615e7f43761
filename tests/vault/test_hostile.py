"""Hostile files: each ends stored, stored with a warning, or refused, in time, and the process stays as it was.

The short form, in this process; `python -m bench.hostile` sends some hundred to a running Accord.
"""

from __future__ import annotations

import gc
import io

import psutil
import pytest

from bench import hostile
from core.errors import Invalid
from vault import documents, search_index

pytestmark = [pytest.mark.slow, pytest.mark.store]


def test_no_file_kills_delays_or_fattens(shelf):
    def send(one: hostile.File) -> str:
        try:
            stored = documents.put(shelf.member, shelf.id, io.BytesIO(one.content), file_name=one.name, class_="test")
        except Invalid:
            return "refused"
        return stored.outcome

    every = list(hostile.files(32, 3))
    warm = hostile.sent(iter(every[:8]), send)
    search_index.settle()
    gc.collect()
    before = psutil.Process().memory_info().rss
    found = hostile.sent(iter(every[8:]), send)
    search_index.settle()
    gc.collect()
    assert warm.problems + found.problems == []
    assert found.ended["stored"] + found.ended["warning"] > 0
    assert found.ended["refused"] > 0
    assert (psutil.Process().memory_info().rss - before) / 1e6 < hostile.GROWTH * 2  # one that also holds the files

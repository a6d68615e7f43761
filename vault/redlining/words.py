"""Differences of two texts, word by word; Chinese, Japanese and Korean character by character.

Runs in the child (vault/redline_child.py): pure functions on what they are given.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from itertools import pairwise

CJK = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af"
TOKEN = re.compile(rf"[{CJK}]|[^\W{CJK}]+|\s+|.", re.S)
EXACT_UP_TO = 40_000  # pairs that difflib may look at; above it leaves out what stands everywhere
WHOLE_UP_TO = 1_000_000  # pairs; a larger gap without anchors is cut into parts of the same share
PART = 500  # elements of such a part

Run = tuple[str, str]
"""("=", text) stands in both, ("-", text) in the old one only, ("+", text) in the new one only."""


def tokens(text: str) -> list[str]:
    """The pieces that are compared; together they are the text.

    >>> tokens("400 ms 以内")
    ['400', ' ', 'ms', ' ', '以', '内']
    """
    return TOKEN.findall(text)


def matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Places of equal elements in both, rising: a patience diff, so that its time stays near linear.

    What stands once on both sides is the anchor; difflib, which is quadratic, sees only the gaps.
    """
    found: list[tuple[int, int]] = []
    todo = [(0, len(old), 0, len(new))]
    while todo:
        a, a_end, b, b_end = todo.pop()
        while a < a_end and b < b_end and old[a] == new[b]:
            found.append((a, b))
            a, b = a + 1, b + 1
        while a < a_end and b < b_end and old[a_end - 1] == new[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
            found.append((a_end, b_end))
        if a == a_end or b == b_end:
            continue
        anchors = _anchors(old, new, a, a_end, b, b_end)
        if not anchors and (a_end - a) * (b_end - b) > WHOLE_UP_TO:
            parts = -(-max(a_end - a, b_end - b) // PART)
            cuts = [(a + (a_end - a) * n // parts, b + (b_end - b) * n // parts) for n in range(parts + 1)]
            todo += [(i, i_end, j, j_end) for (i, j), (i_end, j_end) in pairwise(cuts)]
            continue
        if not anchors:
            junk = (a_end - a) * (b_end - b) > EXACT_UP_TO
            gap = difflib.SequenceMatcher(None, old[a:a_end], new[b:b_end], autojunk=junk)
            for i, j, size in gap.get_matching_blocks():
                found += [(a + i + k, b + j + k) for k in range(size)]
            continue
        for i, j in anchors:
            found.append((i, j))
            todo.append((a, i, b, j))
            a, b = i + 1, j + 1
        todo.append((a, a_end, b, b_end))
    return sorted(found)


def _anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], a: int, a_end: int, b: int, b_end: int
) -> list[tuple[int, int]]:
    """The longest rising chain of elements that stand once in both ranges."""
    places = _once(old, a, a_end)
    common = sorted((places[element], j) for element, j in _once(new, b, b_end).items() if element in places)
    ends: list[int] = []
    chain: list[tuple[int, int, int]] = []  # (old place, new place, index of the one before)
    tops: list[int] = []
    for i, j in common:
        at = bisect_left(ends, j)
        chain.append((i, j, tops[at - 1] if at else -1))
        if at == len(ends):
            ends.append(j)
            tops.append(len(chain) - 1)
        else:
            ends[at], tops[at] = j, len(chain) - 1
    rising = []
    index = tops[-1] if tops else -1
    while index >= 0:
        i, j, index = chain[index]
        rising.append((i, j))
    return rising[::-1]


def _once(some: Sequence[Hashable], start: int, end: int) -> dict[Hashable, int]:
    seen: dict[Hashable, int] = {}
    for index in range(start, end):
        seen[some[index]] = -1 if some[index] in seen else index
    return {element: index for element, index in seen.items() if index >= 0}


def runs(old: str, new: str) -> list[Run]:
    """How `old` became `new`. The "=" and "-" runs together are `old`, the "=" and "+" runs `new`.

    >>> runs("within 400 ms", "within 250 ms")
    [('=', 'within '), ('-', '400'), ('+', '250'), ('=', ' ms')]
    """
    if old == new:
        return [("=", old)] if old else []
    a, b = tokens(old), tokens(new)
    steps: list[list[str]] = [["", "", ""]]  # old only, new only, both
    i = j = 0
    for p, q in [*matches(a, b), (len(a), len(b))]:
        if p > i or q > j:
            steps.append(["".join(a[i:p]), "".join(b[j:q]), ""])
        steps[-1][2] += a[p] if p < len(a) else ""
        i, j = p + 1, q + 1
    return [(sign, text) for step in _calmer(steps) for sign, text in zip("-+=", step, strict=True) if text]


def _calmer(steps: list[list[str]]) -> list[list[str]]:
    """A blank that stays between two changed words is no news: one change is easier to read than two."""
    calm: list[list[str]] = []
    for gone, come, both in steps:
        before = calm[-1] if calm else None
        if before and (before[0] or before[1]) and before[2] and not before[2].strip() and (gone or come):
            calm[-1] = [before[0] + before[2] + gone, before[1] + before[2] + come, both]
        else:
            calm.append([gone, come, both])
    return calm

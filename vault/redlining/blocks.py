"""Two lists of blocks (paragraphs, table rows, lines) become one list that says what became of each.

Runs in the child: pure functions on what they are given. Places are lists of (kind, value), because
the words for "page" or "header" are the reader's and the child speaks no language.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from vault.redlining.words import Run, matches, runs, tokens

ALIKE = 0.5  # share of common words from which a paragraph counts as the same one, changed
MOVED_ALIKE = 0.75  # the same for one that also stands elsewhere
MOVED_FROM = 12  # characters; shorter ones ("yes", "n/a") move with a longer neighbour only
AT_ONCE = 60  # blocks of a gap that are weighed against each other; more are cut into such parts
NEAR_MOVES = 200_000  # pairs that are weighed for a move with changes

Place = tuple[tuple[str, str], ...]
Pair = tuple[int | None, int | None]
Bags = Mapping[int, frozenset[str]]


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, item, line or table row of a document.

    `form` are the paragraph's properties by name, `marks` its characters' formatting as (length, names).
    """

    kind: str
    text: str
    place: Place = ()
    level: int = 0
    cells: tuple[str, ...] = ()
    at: str = ""
    form: tuple[tuple[str, str], ...] = ()
    marks: tuple[tuple[int, str], ...] = ()


@dataclass
class Counts:
    """What is counted in the head of a redline."""

    insertions: int = 0
    deletions: int = 0
    moved: int = 0
    formatting: int = 0


def row(cells: Sequence[str], place: Place = (), at: str = "") -> Block:
    """A table row as a block."""
    return Block("row", "\x1f".join(cells), place, cells=tuple(cells), at=at)


def bag(text: str) -> frozenset[str]:
    """The words of a text, for weighing likeness."""
    return frozenset(t.lower() for t in tokens(text) if not t.isspace())


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of common words (Dice), 0 to 1."""
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


def gaps(pairs: Sequence[tuple[int, int]], olds: int, news: int) -> list[tuple[range, range]]:
    """The stretches between pairs that stand on one side or both without a partner."""
    found, i, j = [], 0, 0
    for p, q in [*pairs, (olds, news)]:
        if p > i or q > j:
            found.append((range(i, p), range(j, q)))
        i, j = p + 1, q + 1
    return found


def similar(
    olds: Sequence[int], news: Sequence[int], old_bags: Bags, new_bags: Bags,
    alike: float = ALIKE,
) -> list[tuple[int, int]]:  # fmt: skip
    """Partners in a gap by likeness, in order; a large gap is cut into parts of the same share."""
    parts = max(1, -(-max(len(olds), len(news)) // AT_ONCE))
    found = []
    for part in range(parts):
        some = olds[part * len(olds) // parts : (part + 1) * len(olds) // parts]
        others = news[part * len(news) // parts : (part + 1) * len(news) // parts]
        found += _best(some, others, old_bags, new_bags, alike)
    return found


def _best(
    olds: Sequence[int], news: Sequence[int], old_bags: Bags, new_bags: Bags,
    alike: float,
) -> list[tuple[int, int]]:  # fmt: skip
    """The chain of partners whose likeness sums up highest."""
    n, m = len(olds), len(news)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    taken = [[False] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        mine = old_bags[olds[i]]
        for j in range(m - 1, -1, -1):
            here = max(best[i + 1][j], best[i][j + 1])
            weight = likeness(mine, new_bags[news[j]])
            if weight >= alike and best[i + 1][j + 1] + weight > here:
                here, taken[i][j] = best[i + 1][j + 1] + weight, True
            best[i][j] = here
    found, i, j = [], 0, 0
    while i < n and j < m:
        if taken[i][j]:
            found.append((olds[i], news[j]))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def align(
    old_keys: Sequence[Hashable], new_keys: Sequence[Hashable], old_texts: Sequence[str], new_texts: Sequence[str]
) -> list[tuple[int, int]]:
    """Partners, rising: what is equal, and between that what is alike."""
    pairs = matches(old_keys, new_keys)
    found = list(pairs)
    for olds, news in gaps(pairs, len(old_keys), len(new_keys)):
        if olds and news:
            old_bags, new_bags = {i: bag(old_texts[i]) for i in olds}, {j: bag(new_texts[j]) for j in news}
            found += similar(olds, news, old_bags, new_bags)
    return sorted(found)


def in_order(pairs: Sequence[tuple[int, int]], olds: int, news: int) -> list[Pair]:
    """Everything on both sides in reading order: (old, new), (old, None) or (None, new)."""
    found: list[Pair] = []
    i = j = 0
    for p, q in [*pairs, (olds, news)]:
        found += [(k, None) for k in range(i, p)]
        found += [(None, k) for k in range(j, q)]
        if p < olds and q < news:
            found.append((p, q))
        i, j = p + 1, q + 1
    return found


def compared(old: Sequence[Block], new: Sequence[Block], counts: Counts, first_move: int = 1) -> list[dict[str, Any]]:
    """The blocks of both in reading order, each with what became of it; `counts` is added to."""
    old_keys, new_keys = [_key(b) for b in old], [_key(b) for b in new]
    equal = matches(old_keys, new_keys)
    lost = [i for olds, _ in gaps(equal, len(old), len(new)) for i in olds]
    fresh = [j for _, news in gaps(equal, len(old), len(new)) for j in news]
    old_bags, new_bags = {i: bag(old[i].text) for i in lost}, {j: bag(new[j].text) for j in fresh}
    moved = _moved(old_keys, new_keys, old, new, lost, fresh)
    there = set(moved.values())
    pairs = list(equal)
    for olds, news in gaps(equal, len(old), len(new)):
        some, others = [i for i in olds if i not in moved], [j for j in news if j not in there]
        if some and others:
            pairs += [
                (i, j) for i, j in similar(some, others, old_bags, new_bags) if _kin(old[i]) == _kin(new[j])
            ]  # fmt: skip
    pairs.sort()
    paired_old, paired_new = {i for i, _ in pairs}, {j for _, j in pairs}
    moved |= _near(
        [i for i in lost if i not in paired_old and i not in moved],
        [j for j in fresh if j not in paired_new and j not in there],
        old, new, old_bags, new_bags,
    )  # fmt: skip
    numbers = {i: first_move + n for n, i in enumerate(sorted(moved))}
    came_from = {j: i for i, j in moved.items()}
    found = []
    for i, j in in_order(pairs, len(old), len(new)):
        if i is not None and j is not None:
            found.append(_pair(old[i], new[j], counts))
        elif i is not None:
            if i in moved:
                away = _whole("moved-away", old[i], "=")
                found.append(away | {"move": numbers[i], "other": _placed(new[moved[i]].place)})
            else:
                counts.deletions += 1
                found.append(_whole("deleted", old[i], "-"))
        elif j in came_from:
            source = came_from[j]
            counts.moved += 1
            here = _pair(old[source], new[j], counts) | {"op": "moved-here"}
            found.append(here | {"move": numbers[source], "other": _placed(old[source].place)})
        elif j is not None:
            counts.insertions += 1
            found.append(_whole("inserted", new[j], "+"))
    return found


def _key(block: Block) -> Hashable:
    return (_kin(block), block.text)


def _kin(block: Block) -> bool:
    """Rows have partners among rows only."""
    return block.kind == "row"


def _moved(
    old_keys: Sequence[Hashable], new_keys: Sequence[Hashable], old: Sequence[Block], new: Sequence[Block],
    lost: Sequence[int], fresh: Sequence[int],
) -> dict[int, int]:  # fmt: skip
    """Old place -> new place of blocks that stand unchanged elsewhere, short neighbours with them."""
    gone, come = Counter(old_keys[i] for i in lost), Counter(new_keys[j] for j in fresh)
    where = {new_keys[j]: j for j in fresh}
    moved = {
        i: where[old_keys[i]]
        for i in lost
        if len(old[i].text.strip()) >= MOVED_FROM and gone[old_keys[i]] == come[old_keys[i]] == 1
    }
    left, free = set(lost) - set(moved), set(fresh) - set(moved.values())
    for start, target in list(moved.items()):
        for step in (1, -1):
            i, j = start + step, target + step
            while i in left and j in free and old_keys[i] == new_keys[j] and old[i].text.strip():
                moved[i] = j
                left.discard(i)
                free.discard(j)
                i, j = i + step, j + step
    return moved


def _near(
    lost: Sequence[int], fresh: Sequence[int], old: Sequence[Block], new: Sequence[Block],
    old_bags: Bags, new_bags: Bags,
) -> dict[int, int]:  # fmt: skip
    """Blocks that moved and changed a little on the way."""
    some = [i for i in lost if len(old_bags[i]) >= 6]
    others = [j for j in fresh if len(new_bags[j]) >= 6]
    if len(some) * len(others) > NEAR_MOVES:
        return {}
    weighed = sorted(
        (
            (weight, i, j)
            for i in some
            for j in others
            if _kin(old[i]) == _kin(new[j]) and (weight := likeness(old_bags[i], new_bags[j])) >= MOVED_ALIKE
        ),
        key=lambda one: (-one[0], one[1], one[2]),
    )
    moved: dict[int, int] = {}
    taken: set[int] = set()
    for _weight, i, j in weighed:
        if i not in moved and j not in taken:
            moved[i] = j
            taken.add(j)
    return moved


def _whole(op: str, block: Block, sign: str) -> dict[str, Any]:
    """A block of one side."""
    told = _told(op, block)
    if block.kind == "row":
        return told | {"cells": [[(sign, cell)] if cell else [] for cell in block.cells]}
    return told | {"runs": [(sign, block.text)] if block.text else []}


def _told(op: str, block: Block) -> dict[str, Any]:
    told: dict[str, Any] = {"op": op, "kind": block.kind, "place": _placed(block.place)}
    if block.level:
        told["level"] = block.level
    if block.at:
        told["at"] = block.at
    return told


def _placed(place: Place) -> list[list[str]]:
    return [list(step) for step in place]


def _pair(old: Block, new: Block, counts: Counts) -> dict[str, Any]:
    """A block that stands on both sides."""
    form = formed(old, new)
    counts.formatting += bool(form)
    told = _told("equal", new)
    if old.at and old.at != new.at:
        told["was"] = old.at
    if form:
        told |= {"op": "formatting", "form": form}
    if new.kind == "row" and old.kind == "row":
        cells = [runs(a, b) for a, b in beside(old.cells, new.cells)]
        changed = [cell for cell in cells if any(sign != "=" for sign, _ in cell)]
        told["cells"] = cells
    else:
        told["runs"] = runs(old.text, new.text)
        changed = [told["runs"]] if old.text != new.text else []
    if changed:
        told["op"] = "changed"
        _count(changed, counts)
    return told


def _count(changed: Sequence[Sequence[Run]], counts: Counts) -> None:
    for some in changed:
        counts.insertions += sum(1 for sign, _ in some if sign == "+")
        counts.deletions += sum(1 for sign, _ in some if sign == "-")


def beside(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """The cells of two rows, column by column; with another number of columns the equal ones together."""
    if len(old) == len(new):
        return list(zip(old, new, strict=True))
    found: list[tuple[str, str]] = []
    i = j = 0
    for p, q in [*matches(old, new), (len(old), len(new))]:
        gone, come = old[i:p], new[j:q]
        both = min(len(gone), len(come))
        found += list(zip(gone, come, strict=False))
        found += [(cell, "") for cell in gone[both:]] + [("", cell) for cell in come[both:]]
        if p < len(old):
            found.append((old[p], new[q]))
        i, j = p + 1, q + 1
    return found


def formed(old: Block, new: Block) -> list[list[str]]:
    """What differs in formatting: [name, before, after]; of characters the text that it befell."""
    before, after = dict(old.form), dict(new.form)
    found = [
        [n, before.get(n, ""), after.get(n, "")] for n in sorted({*before, *after}) if before.get(n) != after.get(n)
    ]
    if old.text != new.text or old.marks == new.marks:
        return found
    befell: dict[tuple[str, bool], str] = {}
    at = 0
    for length, was, now in _ranges(old.marks, new.marks):
        piece = new.text[at : at + length]
        at += length
        for name in set(was.split()) ^ set(now.split()):
            befell[name, name in now.split()] = befell.get((name, name in now.split()), "") + piece
    for (name, come), text in sorted(befell.items()):
        if text.strip():
            found.append([name, "" if come else text[:80], text[:80] if come else ""])
    return found


def _ranges(old: Sequence[tuple[int, str]], new: Sequence[tuple[int, str]]) -> list[tuple[int, str, str]]:
    """Both sides' formatting cut at the same places: (length, before, after)."""
    was = [names for length, names in old for _ in range(length)]
    now = [names for length, names in new for _ in range(length)]
    return [(len(list(some)), *pair) for pair, some in groupby(zip(was, now, strict=False))]

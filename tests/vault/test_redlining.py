"""The rules of a redline, on any texts: what is marked gives both sides back."""

from __future__ import annotations

import io
from itertools import pairwise

import docx
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.redlining import blocks, plain, tracked, word, words
from vault.redlining.blocks import Block, Counts

TEXT = st.text(st.sampled_from("ab  \t好的。,X1"), max_size=30)
LINE = st.one_of(
    st.sampled_from(["", "yes", "A paragraph that is long enough", "Another that is long enough, 好的"]), TEXT
)


@settings(max_examples=300, deadline=None)
@given(TEXT, TEXT)
def test_the_runs_of_two_texts_give_both_back(old, new):
    found = words.runs(old, new)
    assert "".join(t for s, t in found if s != "+") == old
    assert "".join(t for s, t in found if s != "-") == new


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 6), max_size=40), st.lists(st.integers(0, 6), max_size=40))
def test_matches_rise_on_both_sides_and_are_equal(old, new):
    found = words.matches(old, new)
    assert all(old[i] == new[j] for i, j in found)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))


@settings(max_examples=200, deadline=None)
@given(st.lists(LINE, max_size=14), st.lists(LINE, max_size=14))
def test_the_blocks_give_both_documents_back(old, new):
    found = blocks.compared([Block("line", t) for t in old], [Block("line", t) for t in new], Counts())
    before = ["".join(t for s, t in b["runs"] if s != "+") for b in found if b["op"] not in ("inserted", "moved-here")]
    after = ["".join(t for s, t in b["runs"] if s != "-") for b in found if b["op"] not in ("deleted", "moved-away")]
    assert (before, after) == (old, new)


CELLS = st.lists(st.one_of(TEXT, st.lists(TEXT, min_size=2, max_size=2)), max_size=10)


def built(content) -> list[Block]:
    return [Block("line", c) if isinstance(c, str) else blocks.row(c) for c in content]


@settings(max_examples=120, deadline=None)
@given(CELLS, CELLS)
def test_the_word_file_gives_both_documents_back(old, new):
    before, after = word.opened(plain.document(built(old))), word.opened(plain.document(built(new)))
    wanted = tracked.outlines(before, after)
    made = tracked.woven(before, after, author="Ana", date="2026-11-24T00:00:00Z")
    assert tracked.differences(made.content, wanted) == []
    assert docx.Document(io.BytesIO(made.content)).element.body is not None


def test_a_block_that_moved_and_changed_a_little_is_moved():
    one = "The quick gate opens for each valid ticket within a second"
    other = [f"Filler number {n} with words of its own {n * n}" for n in range(6)]
    counts = Counts()
    found = blocks.compared(
        [Block("line", t) for t in [one, *other]], [Block("line", t) for t in [*other, one.replace("quick", "slow")]], counts
    )  # fmt: skip
    assert counts == Counts(1, 1, 1, 0)
    assert {b["op"] for b in found} == {"equal", "moved-here", "moved-away"}


def test_a_long_list_against_another_is_no_square():
    old = [Block("line", f"Clause {n} says something {n * 31 % 7919}") for n in range(4000)]
    new = [Block("line", f"Absatz {n} sagt etwas anderes {n * 17 % 7919}") for n in range(4000)]
    assert len(blocks.compared(old, new, Counts())) >= 4000


def test_a_kept_first_paragraph_keeps_its_properties_when_all_behind_it_goes():
    """The last paragraph mark can't be deleted: the mark before it goes, and lends its properties."""
    before, after = docx.Document(), docx.Document()
    before.add_heading("Kept", 1)
    before.add_paragraph("Gone entirely")
    after.add_heading("Kept", 1)
    sides = []
    for document in (before, after):
        file = io.BytesIO()
        document.save(file)
        sides.append(word.opened(file.getvalue()))
    made = tracked.woven(*sides, author="Ana", date="2026-11-24T00:00:00Z").content
    package = word.unsettled(word.opened(made).parts)
    word.settle(package.stories[0].root, "new")
    (kept,) = word.Reader(package).sections()["body", ""]
    assert (kept.text, kept.kind) == ("Kept", "heading")

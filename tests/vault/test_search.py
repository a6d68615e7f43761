"""Search: what is found, for whom, and how it follows what happens."""

from __future__ import annotations

import io
import random
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import comments, db
from core.access import CLEARANCES, Standing
from core.errors import NotFound, Refused
from core.ids import new_id, now
from core.reading import Grant, Reader, Rule, Thing
from tests.conftest import OPERATOR
from vault import documents, review, search, search_index, search_query, text, words

ROOT = Path(__file__).parents[2]
CHINESE = [
    *sorted((ROOT / "vault" / "sample" / "zh_CN").glob("*.toml")),
    ROOT / "docs" / "guide" / "zh_CN" / "README.md",
    *sorted((ROOT.parent / "shared" / "guide").glob("*.zh.txt")),  # where it is there
]


def put(shelf, name, content, *, who="manager", **options):
    source = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    given_ = {"class_": "design", "clearance": "internal"} | options
    return documents.put(shelf.by_role(who), shelf.id, source, file_name=name, **given_)


def titles(shelf, typed, *, who="manager", **options):
    search_index.settle()
    return [hit.item.document.title for hit in search.find(shelf.by_role(who), shelf.id, typed, **options).hits]


def snippet(shelf, typed, *, who="manager"):
    search_index.settle()
    return search.find(shelf.by_role(who), shelf.id, typed).hits[0]


# what is found


def test_a_word_in_the_text_finds_the_document_with_the_piece_and_the_place(shelf):
    put(shelf, "gate.md", "# Scope\n\nGates open.\n\n# Timing\n\nThe barrier answers within two seconds.")
    hit = snippet(shelf, "barrier")
    assert hit.place.label == "Timing"
    assert ("barrier", True) in hit.snippet
    assert "".join(piece for piece, _ in hit.snippet).startswith("…") is False


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("系统", True), ("管理系统", True), ("统管", False), ("軟體", True), ("软体", True), ("BIM模型", True), ("模型bim", False),
        ("ｃａｆｅ", True), ("café", True), ("Café", True), ('"two phase commit"', True), ('"phase two"', False),
        ("commit phase", True), ("comm", True), ('"comm"', False), ("commit -软体", False), ("commit -缺席", True),
        ("REQ-12", True), ("req-13", False), ("统", True), ("缺", False), ("南京市长", True),
    ],
)  # fmt: skip
def test_words_are_found_as_people_write_them(shelf, typed, found):
    put(shelf, "a.txt", "信息管理系统与軟體。BIM模型 Café two-phase; two phase commit, REQ-12。南京\n市长江大桥。")
    assert bool(titles(shelf, typed)) is found


def test_no_phrase_crosses_a_full_stop(shelf):
    put(shelf, "a.txt", "项目需求。变更流程")
    assert titles(shelf, "需求变更") == []
    assert titles(shelf, "需求 变更") == ["a"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("tide class:design", ["one"]), ("tide 类别:测试", ["two"]), ("tide 类别：计划", []), ("tide class:design class:test", ["two", "one"]),
        ("tide state:draft", ["two", "one"]), ("tide 状态:草稿", ["two", "one"]), ("tide state:approved", []), ("tide by:member", ["two"]),
        ("tide 作者:manager", ["one"]), ("tide before:2000", []), ("tide after:2000-01-01", ["two", "one"]), ("class:test", ["two"]),
        ("tide clearance:internal", ["two", "one"]), ("tide year:2001", []),
    ],
)  # fmt: skip
def test_a_key_narrows_in_either_language(shelf, typed, found):
    put(shelf, "one.txt", "tide table")
    put(shelf, "two.txt", "tide tables", class_="test", who="member")
    assert titles(shelf, typed) == found


def test_what_makes_no_sense_in_a_question_is_said(shelf):
    found = search.find(shelf.manager, shelf.id, "class:nonsense before:soon state:asleep")
    assert [str(remark) for remark in found.remarks] == [
        "There is no class “nonsense”.", "“soon” is not a date. Write it like 2026-03-31.", "There is no state “asleep”.",
    ]  # fmt: skip
    assert found.total == 0


def test_titles_come_first_then_the_newest(shelf):
    put(shelf, "barrier.txt", "gates")
    put(shelf, "older.txt", "the barrier")
    put(shelf, "newer.txt", "the barrier again")
    assert titles(shelf, "barrier") == ["barrier", "newer", "older"]
    assert titles(shelf, "barrier", limit=1, offset=1) == ["newer"]
    assert titles(shelf, "barrier", limit=2, offset=0) == ["barrier", "newer"]


def test_facets_count_and_a_chosen_value_does_not_hide_the_others(shelf):
    put(shelf, "one.txt", "tide")
    put(shelf, "two.txt", "tide now", class_="test", clearance="public")
    search_index.settle()
    found = search.find(shelf.manager, shelf.id, "tide", chosen={"class": ["test"]})
    assert found.total == 1
    assert found.facets["class"] == {"design": 1, "test": 1}
    assert found.facets["clearance"] == {"public": 1}


def test_a_marked_piece_is_text_and_never_markup(shelf):
    put(shelf, "a.txt", "<script>alert('barrier')</script>")
    hit = snippet(shelf, "barrier")
    assert hit.snippet == (("<script>alert('", False), ("barrier", True), ("')</script>", False))


# for whom


def test_what_somebody_is_not_cleared_for_changes_nothing_they_see(shelf):
    put(shelf, "open.txt", "tide", clearance="public")
    search_index.settle()
    before = search.find(shelf.client, shelf.id, "tide")
    for number in range(5):
        put(shelf, f"secret {number}.txt", f"tide {number} sluice", clearance="restricted", class_="plan")
    search_index.settle()
    assert search.find(shelf.client, shelf.id, "tide") == before
    assert search.find(shelf.client, shelf.id, "sluice").facets == search.find(shelf.client, shelf.id, "nothing").facets
    assert search.find(shelf.manager, shelf.id, "tide").total == 6


def test_a_stranger_finds_no_project(shelf):
    with pytest.raises(NotFound):
        search.find(shelf.stranger, shelf.id, "tide")


def test_one_project_finds_nothing_of_another(shelf):
    from tests.conftest import build_engagement

    other = build_engagement("OTHER")
    put(shelf, "a.txt", "tide", clearance="public")
    assert titles(shelf, "tide") == ["a"]
    assert search.find(other.admin, other.id, "tide").total == 0


def test_notes_of_the_team_find_nothing_for_the_client(shelf):
    stored = put(shelf, "a.txt", "words", clearance="public")
    comments.add(shelf.member, shelf.id, stored.document, "overpriced by a third", internal=True)
    comments.add(shelf.member, shelf.id, stored.document, "well received")
    assert titles(shelf, "overpriced") == ["a"]
    assert titles(shelf, "overpriced", who="client") == []
    assert titles(shelf, "received", who="client") == ["a"]


def grant(shelf, document, account, kind):
    with db.write(OPERATOR) as tx:
        tx.insert(Grant(new_id(), shelf.id, document, account.id, kind, "why", None, "operator", now(), None, 1))


def test_grants_denials_and_rules_hold_in_the_search(shelf):
    one = put(shelf, "one.txt", "tide", clearance="restricted")
    two = put(shelf, "two.txt", "tide 2", clearance="public")
    put(shelf, "three.txt", "tide 3", clearance="public", class_="plan")
    assert titles(shelf, "tide", who="client") == ["three", "two"]
    grant(shelf, one.document, shelf.client, "grant")
    assert titles(shelf, "tide", who="client") == ["three", "two", "one"]
    grant(shelf, two.document, shelf.client, "denial")
    assert titles(shelf, "tide", who="client") == ["three", "one"]
    with db.write(OPERATOR) as tx:
        tx.insert(Rule(new_id(), shelf.id, "client", "plan", None, now(), 1))
    assert titles(shelf, "tide", who="client") == ["one"]
    assert search.find(shelf.client, shelf.id, "tide").facets["class"] == {"design": 1}


def test_the_index_answers_as_the_rule_decides_for_readers_of_every_kind(shelf):
    picks = random.Random(3)
    kinds = ("design", "test", "plan")
    things = []
    for number in range(36):
        level, kind = CLEARANCES[number % 4], kinds[number % 3]
        stored = put(shelf, f"{number}.txt", f"tide {number}", clearance=level, class_=kind)
        things.append(Thing(stored.document, level, kind))
    search_index.settle()
    wanted = search_query.understood("tide")
    for _ in range(300):
        some = picks.sample(things, 8)
        reader = Reader(
            Standing(picks.choice(("manager", "member", "client", "viewer")), picks.choice(CLEARANCES)),
            frozenset(t.id for t in some[:5]), frozenset(t.id for t in some[3:]),
            {kind: picks.randrange(-1, 4) for kind in kinds if picks.random() < 0.4},
        )  # fmt: skip
        found = search_index.index().ask(reader, shelf.id, wanted, limit=100, offset=0)
        expected = {thing.id for thing in things if reader.sees(thing)}
        assert set(found.ids) == expected
        assert found.total == sum(found.facets["clearance"].values()) == len(expected)


# which version


def approve(shelf, document, number):
    asked = review.ask(shelf.member, shelf.id, document, number, people=[shelf.manager.id], due=date(2999, 1, 1))
    review.decide(shelf.manager, shelf.id, asked.id, "approve")


def answers(shelf, typed, who, **options):
    """Everything that somebody is told of a question."""
    search_index.settle()
    found = search.find(shelf.by_role(who), shelf.id, typed, **options)
    return [(h.item.version.number, h.snippet, h.place) for h in found.hits], found.total, found.facets, found.unread


def test_who_gets_the_approved_version_finds_it_by_its_words_and_not_by_the_newer_ones(shelf):
    stored = put(shelf, "agreed.md", "# Gates\n\nThe sluice opens at dawn.", who="member", clearance="public")
    approve(shelf, stored.document, 1)
    nothing = answers(shelf, "nowhere", "client")
    before = {
        word: answers(shelf, word, "client") for word in ("sluice", "class:design", "by:member", "state:approved")
    }
    put(shelf, "margins.md", "# Margins\n\nThe lock costs a third more.", document=stored.document, note="for haggling")
    for who in ("client", "viewer"):
        for word in ("lock", "margins", "haggling"):
            assert answers(shelf, word, who) == nothing, word
        for word, value in (("by:manager", "Manager One"), ("state:draft", "draft")):
            hits, total, facets, _ = answers(shelf, word, who)
            assert (hits, total) == ([], 0)
            assert not [name for name in facets if value in facets[name]]
        hits, total, facets, _ = answers(shelf, "sluice", who)
        assert ([number for number, *_ in hits], total) == ([1], 1)
        assert hits[0][2].label == "Gates"
        assert (facets["author"], facets["state"]) == ({"Member One": 1}, {"approved": 1})
    assert {word: answers(shelf, word, "client") for word in before} == before
    for who in ("member", "manager", "admin"):
        assert answers(shelf, "sluice", who)[1] == 0
        assert [number for number, *_ in answers(shelf, "lock", who)[0]] == [2]
        assert answers(shelf, "lock", who)[2]["state"] == {"draft": 1}
    approve_other = put(shelf, "agreed.md", "The weir holds.", who="member", document=stored.document)
    approve(shelf, approve_other.document, 3)
    assert [answers(shelf, "weir", who)[1] for who in ("client", "manager")] == [1, 1]
    assert [answers(shelf, "sluice", who)[1] for who in ("client", "manager")] == [0, 0]
    search_index.index().forget_old()
    assert len(list(text.folder().glob("*.text"))) == 1
    search_index.close()
    assert answers(shelf, "weir", "client")[1] == 1


def test_a_text_that_is_still_to_be_read_is_told_to_those_only_who_get_that_version(shelf):
    stored = put(shelf, "a.txt", "tide", who="member", clearance="public")
    approve(shelf, stored.document, 1)
    search_index.settle()
    put(shelf, "a.txt", "ebb", document=stored.document)
    search_index.index().follow()
    assert search.find(shelf.client, shelf.id, "tide").unread == 0
    assert search.find(shelf.manager, shelf.id, "tide").unread == 1
    assert search.not_readable(shelf.client, shelf.id, stored.document) is None
    assert search.not_readable(shelf.manager, shelf.id, stored.document) is not None


def test_a_withdrawn_approval_leaves_the_newest_version_to_everybody(shelf):
    stored = put(shelf, "a.txt", "tide", who="member", clearance="public")
    approve(shelf, stored.document, 1)
    put(shelf, "a.txt", "ebb", document=stored.document)
    assert answers(shelf, "ebb", "client")[1] == 0
    review.withdraw(shelf.manager, shelf.id, stored.document, 1, reason="wrong")
    assert [answers(shelf, word, "client")[1] for word in ("ebb", "tide")] == [1, 0]


# as things change


def test_a_change_of_clearance_class_or_title_holds_at_once(shelf):
    stored = put(shelf, "a.txt", "tide", clearance="public")
    assert titles(shelf, "tide", who="client") == ["a"]
    documents.reclassify(
        shelf.manager,
        shelf.id,
        stored.document,
        revision=1,
        clearance="confidential",
        class_="plan",
        title="Sluices",
        reason="prices",
    )
    assert search.find(shelf.client, shelf.id, "tide").total == 0
    assert [h.item.document.title for h in search.find(shelf.member, shelf.id, "sluice class:plan").hits] == ["Sluices"]


def test_a_new_version_takes_the_place_of_the_old(shelf):
    stored = put(shelf, "a.txt", "tide")
    assert titles(shelf, "tide") == ["a"]
    put(shelf, "a.txt", "ebb", document=stored.document)
    assert titles(shelf, "ebb") == ["a"]
    assert titles(shelf, "tide") == []
    search_index.index().forget_old()
    assert len(list(text.folder().glob("*.text"))) == 1


def test_a_document_that_is_archived_is_not_found_any_more(shelf):
    stored = put(shelf, "a.txt", "tide")
    assert titles(shelf, "tide") == ["a"]
    with db.write(OPERATOR) as tx:
        tx.update(tx.get(documents.Document, stored.document), archived=True)
    assert search.find(shelf.manager, shelf.id, "tide").total == 0


def test_the_index_is_made_anew_from_the_kept_texts(shelf):
    put(shelf, "a.txt", "tide")
    assert titles(shelf, "tide") == ["a"]
    search_index.close()
    assert search.find(shelf.manager, shelf.id, "tide").total == 1


def test_a_kept_text_that_was_lost_or_touched_is_read_anew(shelf):
    put(shelf, "a.txt", "tide")
    put(shelf, "b.txt", "tide and ebb")
    search_index.settle()
    first, second = sorted(text.folder().glob("*.text"))
    first.unlink()
    second.write_bytes(second.read_bytes()[:-1] + b"?")
    search_index.close()
    assert sorted(titles(shelf, "tide")) == ["a", "b"]


def test_a_document_that_cannot_be_opened_at_all_keeps_no_other_from_being_read(shelf):
    put(shelf, "a.txt", "tide")
    broken = put(shelf, "b.txt", "tide and ebb")
    with db.database().transaction() as cursor:
        cursor.execute("UPDATE document_version SET wrapped_key = 'key' WHERE document_id = ?", [broken.document])
    assert titles(shelf, "tide") == ["a"]


def test_a_rebuild_reads_everything_and_tells_how_far_it_is(shelf):
    for number in range(3):
        put(shelf, f"{number}.txt", f"tide {number}")
    search_index.settle()
    told = []
    found = search_index.rebuild(OPERATOR, lambda done, left: told.append((done, left)))
    assert (found.documents, found.with_text) == (3, 3)
    assert told[-1] == (3, 3)
    assert search.find(shelf.manager, shelf.id, "tide").total == 3
    with pytest.raises(Refused):
        search_index.rebuild(shelf.manager)


def test_what_is_on_the_disk_holds_no_sentence(shelf, home):
    sentence = "The sluice keeper raises the barrier at dawn"
    put(shelf, "a.txt", f"{sentence}. 闸门管理员黎明升起栏杆。")
    assert titles(shelf, "sluice keeper") == ["a"]
    wanted = [sentence.encode(), b"sluice", "闸门管理员".encode(), "闸门管理员".encode("utf-16-le")]
    for path in (p for p in home.rglob("*") if p.is_file()):
        held = path.read_bytes()
        assert not [one for one in wanted if one in held], path


# recall and exactness


def chinese_words(content, count, lengths, seed=7):
    runs = re.findall(f"[{words.CJK}]{{4,}}", content)
    picks = random.Random(seed)
    for _ in range(count):
        run, length = picks.choice(runs), picks.choice(lengths)
        at = picks.randrange(len(run) - length + 1)
        yield run[at : at + length]


def test_two_to_four_characters_of_real_chinese_find_every_document_that_holds_them(shelf):
    written = "\n".join(path.read_text(encoding="utf-8") for path in CHINESE)
    paragraphs = [p for p in written.split("\n") if len(re.findall(f"[{words.CJK}]", p)) > 12][:120]
    for number, paragraph in enumerate(paragraphs):
        put(shelf, f"{number}.txt", paragraph)
    search_index.settle()
    expected = right = exact = shown = 0
    for word in chinese_words("\n".join(paragraphs), 150, (2, 3, 4)):
        holding = {str(n) for n, p in enumerate(paragraphs) if word in p}
        found = {h.item.document.title for h in search.find(shelf.manager, shelf.id, word, limit=100).hits}
        expected, right = expected + len(holding), right + len(holding & found)
        shown, exact = shown + len(found), exact + len(found & holding)
    assert right / expected >= 0.99
    assert exact / shown >= 0.99


LETTERS = st.sampled_from(list("ab é ß漢汉字系统統市長。, -\n"))


@given(body=st.text(LETTERS, min_size=1, max_size=60), start=st.integers(0, 59), length=st.integers(2, 6))
def test_what_a_text_holds_its_tokens_hold_too(body, start, length):
    typed = body[start : start + length].strip()
    looked_for = words.word(typed, exact=True)
    if looked_for is None or looked_for.single:
        return
    whole = words.tokens(body)
    some = list(looked_for.tokens)
    inside = any(whole[at : at + len(some)] == some for at in range(len(whole)))
    # The other way round is not true: letters may stand within a longer word.
    if words.holds(body, looked_for):
        assert inside


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.text(min_size=0, max_size=80), typed=st.text(min_size=1, max_size=10))
def test_marking_never_loses_or_adds_a_character(body, typed):
    looked_for = words.word(typed)
    if looked_for is None:
        return
    piece = words.marked(body, [looked_for], around=200)
    if piece is not None:
        plain = "".join(part for part, _ in piece)
        assert re.sub(r"\s+", "", plain) == re.sub(r"\s+", "", body)

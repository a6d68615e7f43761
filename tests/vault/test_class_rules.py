"""The rules of a class: what ships, what an administrator makes of them, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from vault import class_rules, classes, verifying
from vault.class_rules import Field, Section


def test_each_shipped_class_has_rules_in_both_languages(home):
    for class_id, rules in class_rules.every().items():
        assert rules.sections, class_id
        assert all(s.english and s.chinese for s in rules.sections)
        assert all(f.english and f.chinese and f.kind in class_rules.KINDS for f in rules.fields)
        class_rules._check(rules)


def test_a_change_holds_and_can_be_taken_back(engagement):
    changed = class_rules.change(engagement.admin, "test", revision=0, approvals=2, retention_years=None)
    assert (changed.approvals, changed.retention_years, changed.revision) == (2, None, 1)
    assert class_rules.of("test") == changed
    assert class_rules.of("test").sections == class_rules.shipped("test").sections
    class_rules.reset(engagement.admin, "test")
    assert class_rules.of("test") == class_rules.shipped("test")
    class_rules.change(engagement.admin, "test", revision=0, approvals=3)
    assert verifying.verify(engagement.admin).problems == ()


def test_only_administrators_change_rules(engagement):
    with pytest.raises(Refused):
        class_rules.change(engagement.manager, "test", revision=0, approvals=2)


def test_two_administrators_do_not_overwrite_one_another(engagement):
    class_rules.change(engagement.admin, "test", revision=0, approvals=2)
    with pytest.raises(Stale) as clash:
        class_rules.change(engagement.admin, "test", revision=0, approvals=3)
    assert clash.value.theirs["approvals"] == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"approvals": 0}, "approvals"), ({"approver_roles": ()}, "approver_roles"), ({"approver_roles": ("boss",)}, "approver_roles"),
        ({"retention_years": -1}, "retention_years"), ({"clearance": "secret"}, "clearance"), ({"naming": ""}, "naming"),
        ({"naming": "{project.__class__}"}, "naming"), ({"naming": "{password}"}, "naming"),
        ({"sections": (Section("", ""),)}, "sections"), ({"sections": (Section("A", "甲"), Section("B", "", ("a",)))}, "sections"),
        ({"fields": (Field("k", "Level", "", "choice", choices=("one",)),)}, "fields"),
        ({"fields": (Field("k", "Level", "", "formula"),)}, "fields"),
        ({"fields": (Field("k", "A", ""), Field("k", "B", ""))}, "fields"),
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused_with_their_field(engagement, changes, field):
    with pytest.raises(Invalid) as refused:
        class_rules.change(engagement.admin, "test", revision=0, **changes)
    assert refused.value.field == field


def test_an_added_class_can_have_rules_a_new_name_and_be_set_aside(engagement):
    made = classes.add(engagement.admin, "Minutes")
    class_rules.change(engagement.admin, made.id, revision=0, sections=class_rules.sections_of("Decisions / 决议"))
    classes.change(engagement.admin, made.id, revision=1, name="Minutes of meetings")
    assert class_rules.every()[made.id].sections[0].chinese == "决议"
    classes.change(engagement.admin, made.id, revision=2, archived=True)
    assert made.id not in classes.names()
    with pytest.raises(Conflict):
        classes.add(engagement.admin, "minutes of meetings")
    with pytest.raises(NotFound):
        classes.change(engagement.admin, "plan", revision=1, archived=True)


WORD = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)


@given(st.lists(st.builds(Section, WORD, WORD, st.lists(WORD, max_size=2).map(tuple), st.booleans()), max_size=6))
def test_sections_are_read_as_they_are_written(sections):
    assert class_rules.sections_of(class_rules.lines_of(sections)) == tuple(sections)

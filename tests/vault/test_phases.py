"""Phases: what each needs, what of that is there, what comes next, and the gate."""

from __future__ import annotations

import io
from datetime import date, timedelta

import docx
import pytest

from core import comments, db
from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from tests.conftest import OPERATOR
from vault import documents, metadata, phases, templates, verifying
from vault.documents import Document

TODAY = date(2026, 11, 24)


def by_code(who, project):
    return {phase.code: phase for phase in phases.listed(who, project)}


def state(document, to):
    with db.write(OPERATOR) as tx:
        tx.update(tx.get(Document, document), state=to)


def complete(shelf, class_id, **about):
    file = docx.Document(io.BytesIO(templates.make(shelf.manager, shelf.id, class_id).content))
    for paragraph in file.paragraphs:
        if paragraph.style.name == "Guidance":
            paragraph.text = "All that has to be said."
    content = io.BytesIO()
    file.save(content)
    content.seek(0)
    given = {"file_name": f"{class_id}.docx", "class_": class_id} | about
    return documents.put(shelf.manager, shelf.id, content, **given).document


def standing(who, project, phase, place=0):
    return [one for one in phases.standings(who, project) if one.phase.code == phase][place]


def test_a_project_begins_with_the_seven_phases_and_what_they_usually_need(engagement):
    found = phases.standings(engagement.viewer, engagement.id)
    assert [p.code for p in phases.listed(engagement.viewer, engagement.id)] == list(phases.NAMES)
    assert {(one.phase.code, one.need.class_id) for one in found} == {
        (p, c) for p, some in phases.NEEDS.items() for c, _ in some
    }
    assert {one.lacks for one in found} == {"missing"}
    assert db.value("SELECT COUNT(*) FROM phase") == 0


def test_the_first_change_writes_them_down_and_what_was_shown_still_counts(engagement):
    shown = phases.standings(engagement.manager, engagement.id)
    test = by_code(engagement.manager, engagement.id)["test"]
    phases.change(engagement.manager, engagement.id, test.id, revision=test.revision, name=test.title,
                  begins=date(2026, 12, 8), ends=date(2027, 1, 8), gated=True)  # fmt: skip
    old = next(one.need for one in shown if one.phase.code == "build")
    phases.change_need(
        engagement.manager, engagement.id, old.id, revision=1, state="approved", title="Report", due=None
    )
    found = by_code(engagement.manager, engagement.id)
    assert (found["test"].begins, found["test"].gated, found["test"].name) == (date(2026, 12, 8), True, "")
    assert standing(engagement.manager, engagement.id, "build").need.title == "Report"
    assert verifying.verify(engagement.admin).problems == ()


def test_phases_are_added_named_ordered_and_removed(engagement):
    who, here = engagement.manager, engagement.id
    added = phases.add(who, here, "Pilot")
    phases.move(who, here, added.id, position=1)
    assert [p.title for p in phases.listed(who, here)][:2] == ["Pilot", "Initiation"]
    phases.need(who, here, added.id, "test", title="Pilot protocol", due=TODAY)
    phases.remove(who, here, "initiation", revision=2)
    assert [p.title for p in phases.listed(who, here)][:2] == ["Pilot", "Requirements"]
    assert not [one for one in phases.standings(who, here) if one.phase.code == "initiation"]
    phases.unneed(who, here, standing(who, here, added.code).need.id)
    assert not [one for one in phases.standings(who, here) if one.phase.id == added.id]


def test_what_makes_no_sense_is_refused(engagement):
    who, here = engagement.manager, engagement.id
    with pytest.raises(Invalid):
        phases.add(who, here, "  ")
    with pytest.raises(Conflict):
        phases.add(who, here, "design")
    with pytest.raises(Invalid):
        phases.need(who, here, "test", "test", state="perfect")
    with pytest.raises(Invalid):
        phases.need(who, here, "test", "novel")
    with pytest.raises(NotFound):
        phases.need(who, here, "none", "test")
    with pytest.raises(Invalid):
        phases.change(who, here, "test", revision=1, name="Test", begins=TODAY, ends=TODAY - timedelta(1), gated=False)
    with pytest.raises(Refused):
        phases.add(engagement.member, here, "Pilot")
    phases.change(who, here, "test", revision=1, name="Trial", begins=None, ends=None, gated=False)
    with pytest.raises(Stale):
        phases.change(who, here, "test", revision=1, name="Test run", begins=None, ends=None, gated=False)


@pytest.mark.store
def test_a_need_is_met_by_a_complete_document_in_the_state_asked_for(shelf):
    assert standing(shelf.manager, shelf.id, "test").message.text() == "Test is missing"
    begun = templates.begin(shelf.manager, shelf.id, "test", title="Report of the gate simulator").document
    assert standing(shelf.manager, shelf.id, "test").message.text() == "Report of the gate simulator is not complete"
    whole = complete(shelf, "test", document=begun)
    found = standing(shelf.manager, shelf.id, "test")
    assert (found.lacks, found.present, found.approved) == ("state", True, False)
    assert found.message.text() == "Report of the gate simulator lacks approval"
    state(whole, "approved")
    found = standing(shelf.manager, shelf.id, "test")
    assert (found.lacks, found.approved) == ("", True)
    state(whole, "withdrawn")
    assert standing(shelf.manager, shelf.id, "test").lacks == "missing"


@pytest.mark.store
def test_a_document_meets_one_need_and_a_title_says_which(shelf):
    phases.need(shelf.manager, shelf.id, "test", "test", state="draft", title="Test plan")
    plan = complete(shelf, "test", title="Test plan")
    named = standing(shelf.manager, shelf.id, "test", 1)
    assert (named.document.id, named.lacks) == (plan, "")
    assert standing(shelf.manager, shelf.id, "test").lacks == "missing"


@pytest.mark.store
def test_what_is_still_needed_before_the_next_phase_and_by_when(shelf):
    who, here = shelf.manager, shelf.id
    for code, begins in (("build", date(2026, 11, 1)), ("test", date(2026, 12, 8))):
        phases.change(
            who, here, code, revision=1, name=phases.NAMES[code].text(), begins=begins, ends=begins, gated=False
        )
    found = phases.pending(who, here, TODAY)
    assert (found.phase.code, found.following.code, found.following.begins) == ("build", "test", date(2026, 12, 8))
    assert [one.phase.code for one in found.lacking] == ["build", "initiation", "requirements", "design"]
    assert found.lacking[0].overdue(TODAY)
    assert phases.figure(who, here, TODAY).percent == 0
    complete(shelf, "progress")
    figure = phases.figure(who, here, TODAY)
    assert (figure.percent, figure.first.message.text()) == (25, "Plan is missing")


@pytest.mark.store
def test_a_gate_keeps_a_phase_open_until_its_documents_are_there(shelf):
    who, here = shelf.manager, shelf.id
    phases.change(who, here, "build", revision=1, name="Build", begins=None, ends=None, gated=True)
    with pytest.raises(Conflict) as refused:
        phases.close(who, here, "build")
    assert str(refused.value) == "“Build” can't be closed yet: Progress is missing."
    complete(shelf, "progress")
    assert phases.close(who, here, "build").closed_at
    assert phases.reopen(who, here, "build").closed_at is None
    assert phases.close(who, here, "design").closed_at  # it has no gate


@pytest.mark.store
def test_a_reminder_is_a_comment_that_mentions_who_is_responsible(shelf):
    paper = complete(shelf, "test", title="Test report")
    metadata.file(shelf.manager, shelf.id, paper, {"responsible": shelf.member.id}, revision=0)
    assert phases.remind(shelf.manager, shelf.id, paper) == "Member One"
    said = comments.listed(shelf.manager, shelf.id, paper)[0]
    assert said.text == "@Member One Test needs this: Test report lacks approval."
    assert said.mentions == (shelf.member.id,)
    assert said.internal
    state(paper, "approved")
    with pytest.raises(Conflict):
        phases.remind(shelf.manager, shelf.id, paper)


@pytest.mark.store
def test_what_one_may_not_read_does_not_count_for_them(shelf):
    state(complete(shelf, "plan", clearance="restricted", title="Margins"), "approved")
    mine, theirs = (standing(who, shelf.id, "initiation") for who in (shelf.manager, shelf.member))
    assert (mine.lacks, theirs.lacks, theirs.title) == ("", "missing", "Plan")
    with pytest.raises(NotFound):
        phases.listed(shelf.stranger, shelf.id)

"""The sample engagement, as it stands when it has been played."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import timedelta

import docx
import pytest

from core import access, accounts, board, comments, db, overview, projects, views
from core import language as language_
from core.errors import Conflict, Refused, Unavailable
from core.ids import now
from core.language import LANGUAGES, speaking
from core.requirements import Requirement
from tests.conftest import OPERATOR
from vault import (
    checkout,
    classes,
    completeness,
    documents,
    downgrades,
    grants,
    metadata,
    phases,
    reviews,
    rules,
    states,
    verifying,
)
from vault.sample import engagement, plot, story
from vault.sample.writing import SINCE


def test_it_tells_the_whole_story(harbour):
    assert (projects.get(OPERATOR, harbour.id).code, harbour.language in LANGUAGES) == ("HARBOUR", True)
    assert len(projects.members(OPERATOR, harbour.id)) == 8
    assert not any(person.has_password for person in accounts.listed(OPERATOR))
    assert list(harbour.heard) == sorted(harbour.heard)
    assert harbour.heard[-1] == 1.0

    cards = board.listed(OPERATOR, harbour.id)
    assert len(cards) == 64
    assert [card.requirement.code for card in cards if card.requirement.number == 52] == ["REQ-52"]
    by_category = {
        record["category"]: (record["cards"], record["wip_limit"])
        for record in db.rows(
            """
            SELECT s.category, COUNT(*) AS cards, MAX(s.wip_limit) AS wip_limit
            FROM requirement r
            JOIN requirement_state s ON s.id = r.state_id
            GROUP BY s.category
            """
        )
    }
    assert by_category == {
        "open": (8, None), "agreed": (8, None), "active": (6, 5), "done": (38, None), "dropped": (4, None),
    }  # fmt: skip
    assert {card.requirement.priority for card in cards} == {"must", "should", "could", "wont"}
    assert sum(1 for card in cards if card.requirement.due and card.requirement.due < now().date()) >= 3
    assert sum(1 for card in cards if card.requirement.acceptance) > 20
    assert len({record["kind"] for record in db.rows("SELECT kind FROM requirement_link")}) == 4
    assert db.value("SELECT COUNT(*) FROM checklist_item WHERE done") == 4
    assert len(views.listed(harbour.ana, harbour.id)) == 2

    # Every write stands in the ledger at its time, by the one who did it.
    events = db.rows("SELECT happened_at, actor_id FROM event WHERE project_id = ?", [harbour.id])
    assert min(e["happened_at"] for e in events) <= now() - timedelta(weeks=14)
    assert max(e["happened_at"] for e in events) < now()
    assert {person.id for key, person in harbour.people.items() if key != "ruth"} <= {e["actor_id"] for e in events}
    assert {e["happened_at"].weekday() for e in events} == {0, 1, 2, 3, 4}
    verified = verifying.verify(OPERATOR, contents=True)
    assert verified.ok, verified.problems

    # The client sees what is meant for clients.
    assert {card.requirement.clearance for card in board.listed(harbour.liwei, harbour.id)} == {"public"}
    for card in board.listed(harbour.liwei, harbour.id):
        assert not any(one.internal for one in comments.listed(harbour.liwei, harbour.id, card.requirement.id))
    assert db.value("SELECT COUNT(*) FROM comment WHERE internal") > 3
    assert db.value("SELECT COUNT(*) FROM comment WHERE mentions <> '[]'") > 10

    refund = next(r for r in db.all_of(Requirement) if r.code == "REQ-52")
    assert timedelta(days=8) < now() - refund.state_since < timedelta(days=12)

    with pytest.raises(Conflict) as refused:
        engagement.add(OPERATOR, language=harbour.language)
    assert "HARBOUR" in str(refused.value)
    assert len(projects.mine(OPERATOR)) == 1
    assert not engagement.addable(OPERATOR)


def test_its_documents_are_complete_but_for_gaps_that_one_would_meet(harbour):
    papers = documents.listed(harbour.ana, harbour.id)
    assert len(papers) == 12
    assert {paper.document.class_id for paper in papers} == set(classes.SHIPPED)
    assert {paper.document.clearance for paper in papers} == set(access.CLEARANCES)
    assert {paper.version.number for paper in papers} == {1, 2, 3, 4}
    assert all(not paper.version.warnings for paper in papers)

    keys = {words["title"]: key for key, words in story.told(harbour.language).papers.items()}
    with speaking("en"):
        found = completeness.listed(harbour.ana, harbour.id)
    by_key = {keys[paper.document.title]: found[paper.document.id] for paper in papers}
    assert all(one.readable for one in by_key.values())
    gaps = {key: [(f.kind, f.what) for f in one.findings] for key, one in by_key.items() if not one.complete}
    assert gaps == {
        "rules": [("missing-section", "Stakeholders")],
        "price": [("missing-section", "Communication")],
        "acceptance": [("empty-section", "Results"), ("empty-section", "Defects"), ("placeholder", "Conclusion")],
    }
    assert min(one.percent for one in by_key.values()) >= 65

    # What is filed about each: who is responsible, and something of its class's own.
    for paper in papers:
        filed = metadata.of(harbour.ana, harbour.id, paper.document.id)
        assert filed.entries["responsible"] in {person.id for person in harbour.people.values()}
        assert len(filed.entries) >= 2

    # They are Word files whose versions differ.
    specification = next(paper for paper in papers if keys[paper.document.title] == "spec")
    texts = [words(harbour.id, specification.document.id, number) for number in (1, 4)]
    assert len(texts[1]) > len(texts[0]) > 250  # Chinese says much in few characters


def test_its_reviews_show_every_way_that_a_review_goes(harbour):
    today = language_.local(now()).date()
    papers = {one.document.id: one for one in documents.listed(harbour.ana, harbour.id)}
    assert Counter(one.document.state for one in papers.values()) == {"approved": 8, "in_review": 2, "draft": 2}
    stands = Counter(states.of(v) for one in papers for v in documents.versions(harbour.ana, harbour.id, one))
    assert stands["superseded"] >= 5

    shown = [one for paper in papers for one in reviews.of_document(harbour.ana, harbour.id, paper)]
    assert Counter(one.review.outcome for one in shown) == {"approved": 17, "changes": 2, None: 2}
    # Four eyes: nobody judged a version of their own; and the client spoke where the class asks for that.
    clients = {harbour.liwei.id, harbour.sofia.id}
    for one in shown:
        judged = documents.version_of(harbour.ana, harbour.id, one.review.document_id, one.review.version)
        assert judged.author_id not in {seat.account_id for seat in one.seats}
        if papers[judged.document_id].document.class_id == "requirements":
            assert clients & {seat.account_id for seat in one.seats}
    for one in (one for one in shown if one.review.outcome == "changes"):
        assert all(seat.reason for seat in one.seats if seat.verdict == "changes")
        assert papers[one.review.document_id].document.version > one.review.version
        assert papers[one.review.document_id].document.state == "approved"
    late, ahead = sorted((one.review for one in shown if one.review.outcome is None), key=lambda review: review.due)
    assert timedelta(days=2) <= today - late.due <= timedelta(days=4)  # over a weekend it is more than two days
    assert ahead.due > today
    remarks = [remark for one in shown for remark in one.remarks]
    assert {remark.settled for remark in remarks} == {True, False}

    assert [one.kind for one in reviews.waiting(harbour.ana, harbour.id)].count("renew") == 1
    out = [one for paper in papers if (one := checkout.current(harbour.ana, harbour.id, paper))]
    assert [(one.account_id, bool(one.reason)) for one in out] == [(harbour.chen.id, True)]


def test_its_phases_tell_one_story(harbour):
    today = language_.local(now()).date()
    found = {one.code: one for one in phases.listed(harbour.ana, harbour.id)}
    assert [code for code, one in found.items() if one.closed_at] == ["initiation", "requirements"]
    running = [code for code, one in found.items() if one.begins <= today <= one.ends]
    assert running == ["build", "test"]
    assert [code for code, one in found.items() if one.begins > today] == ["delivery", "closing"]

    every = phases.standings(harbour.ana, harbour.id)
    lacking = {(one.phase.code, one.lacks) for one in every if one.lacks and one.phase.position <= 5}
    assert lacking == {("test", "state"), ("test", "missing")}
    (late,) = (one for one in every if one.overdue(today))
    assert (late.document.class_id, late.lacks, late.responsible) == ("test", "state", harbour.tomas.name)
    shown = phases.figure(harbour.ana, harbour.id, today)
    assert 75 <= shown.percent < 90
    assert shown.first.document.id == late.document.id
    assert phases.pending(harbour.ana, harbour.id, today).following.code == "delivery"
    with pytest.raises(Conflict):
        phases.close(harbour.ana, harbour.id, "test")


def test_its_rights_hold_for_those_whom_they_name(harbour):
    seen = {
        key: {one.document.clearance for one in documents.listed(who, harbour.id)}
        for key, who in harbour.people.items()
    }
    assert seen["liwei"] == {"public"}
    assert seen["sofia"] == {"public", "confidential"}
    by_kind = {one.grant.kind: one for one in grants.listed(harbour.ana, harbour.id)}
    assert by_kind["grant"].person == harbour.sofia.name
    assert by_kind["grant"].grant.until > now()
    assert by_kind["denial"].code == by_kind["grant"].code
    assert by_kind["denial"].code not in {one.document.code for one in documents.listed(harbour.chen, harbour.id)}
    assert by_kind["denial"].code in {one.document.code for one in documents.listed(harbour.james, harbour.id)}
    plans = [
        plan
        for one in documents.listed(harbour.ana, harbour.id)
        for plan in downgrades.planned(harbour.ana, harbour.id, one.document.id)
    ]
    assert [(plan.clearance, plan.due_at > now()) for plan in plans] == [("public", True)]
    assert [(one.role, one.class_id, one.clearance) for one in rules.listed(harbour.ana, harbour.id)] == [
        ("member", "plan", "internal")
    ]


def test_what_waits_for_someone_is_of_these_weeks(harbour):
    for who in (harbour.ana, harbour.miriam, harbour.liwei):
        waits = overview.waiting(who, harbour.id) + reviews.waiting(who, harbour.id)
        assert waits
        assert all(now() - one.since < timedelta(days=16) for one in waits), waits
    mine = [
        one for one in overview.waiting(harbour.ana, harbour.id) + reviews.waiting(harbour.ana, harbour.id) if one.mine
    ]
    assert 1 < len(mine) < 6


def words(project: str, document: str, version: int) -> str:
    """The text of a Word file, tables included."""
    content = b"".join(documents.fetch(OPERATOR, project, document, version).chunks)
    opened = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in opened.paragraphs), *cells])


def test_it_is_for_administrators(vault, engagement_of_others):
    for person in (engagement_of_others.manager, engagement_of_others.stranger):
        with pytest.raises(Refused):
            engagement.add(person)


def test_without_the_store_nothing_is_begun(home):
    with pytest.raises(Unavailable):
        engagement.add(OPERATOR)
    assert not projects.mine(OPERATOR)
    assert engagement.addable(OPERATOR)


def test_a_person_of_the_story_who_has_an_account_already_stops_it_before_it_begins(vault):
    mail = story.told("en").people["sofia"]["mail"]
    accounts.create(OPERATOR, mail=mail, name="Sofia Lind")
    with pytest.raises(Conflict, match=re.escape(mail)):
        engagement.add(OPERATOR)
    assert not projects.mine(OPERATOR)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_words_for_the_whole_plot_and_nothing_else(language):
    told = story.told(language)
    wishes, papers = plot.wishes(), plot.papers()
    assert list(told.requirements) == [wish.key for wish in wishes]
    assert list(told.papers) == [paper.key for paper in papers]
    assert list(told.people) == [key for key, _role, _clearance in plot.PEOPLE]
    for paper in papers:
        assert len(told.papers[paper.key]["notes"]) == len(paper.days)
    keys = {one.key: one.days[0] for one in (*wishes, *papers)}
    assert {source for source, _kind, _target in plot.LINKS} | {t for _s, _k, t in plot.LINKS} <= set(keys)
    for key, all_words in (told.requirements | told.papers).items():
        assert all(remark.days <= keys[key] for remark in told.talk(all_words)), key
        assert all(remark.by in told.people for remark in told.talk(all_words)), key
    for key, paper in told.papers.items():
        rounds = {
            (one.version, who): one for one in plot.rounds(key) for who in (one.asks, *(a[0] for a in one.answers))
        }
        spoken = {
            (int(number), who) for number, who, _text in (line.split(" ", 2) for line in paper.get("reviews", ()))
        }
        assert spoken <= set(rounds), key
        assert {(one.version, one.asks) for one in plot.rounds(key)} <= spoken, key
        for remark in told.margins(key):
            assert (remark.version, remark.by) in rounds, key
            assert remark.quote in paper["body"], key
    assert set(told.needs) == {key for key, _class in plot.AHEAD}


def test_whoever_asks_for_changes_says_which():
    for told in map(story.told, LANGUAGES):
        for paper in plot.papers():
            for one in plot.rounds(paper.key):
                said = [
                    told.words(paper.key, one.version, who)
                    for who, verdict, _days in one.answers
                    if verdict == "changes"
                ]
                assert all(said), paper.key


def test_the_plot_goes_forward_in_time():
    wishes = plot.wishes()
    for one in (*wishes, *plot.papers()):
        assert list(one.days) == sorted(one.days, reverse=True), one.key
    assert [wish.days[0] for wish in wishes] == sorted((wish.days[0] for wish in wishes), reverse=True)


def test_the_chinese_story_is_chinese():
    told = story.told("zh_CN")
    sentences = [
        told.client,
        told.project,
        told.steps,
        *told.labels.values(),
        *told.versions,
        *told.clearances.values(),
        *told.rights.values(),
        *told.needs.values(),
    ]
    sentences += [place for _days, place in told.places] + [view["name"] for view in told.views]
    for one in (*told.requirements.values(), *told.papers.values()):
        sentences += [
            one["title"],
            one.get("says", ""),
            one.get("first", ""),
            one.get("why", ""),
            one.get("limits", ""),
        ]
        sentences += [*one.get("accept", ()), *one.get("notes", ()), one.get("file", "").removesuffix(".docx")]
        sentences += [step.removeprefix("x ") for step in one.get("steps", ())]
        sentences += [remark.text for remark in told.talk(one)]
        sentences += [line.split(" ", 2)[2] for line in one.get("reviews", ())]
        sentences += one.get("filed", {}).values()
        sentences += [SINCE.sub("", line) for line in one.get("body", "").splitlines()]
    for key in told.papers:
        sentences += [words for one in told.margins(key) for words in (one.section, one.quote, one.text)]
    foreign = [sentence for sentence in sentences if re.search(r"[A-Za-z]", sentence)]
    assert not foreign
    half_width = [s for s in sentences if re.search(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]", s)]
    assert not half_width

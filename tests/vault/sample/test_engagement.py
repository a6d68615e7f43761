"""The sample engagement, as it stands when it has been played."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import docx
import pytest

from core import access, accounts, board, comments, db, projects, views
from core.access import Actor
from core.errors import Conflict, Refused, Unavailable
from core.ids import now
from core.language import LANGUAGES
from core.requirements import Requirement
from tests.conftest import OPERATOR
from vault import classes, documents, verifying
from vault.sample import engagement, plot, story
from vault.sample.writing import SINCE


@pytest.fixture(params=list(LANGUAGES))
def language(request: pytest.FixtureRequest) -> str:
    return request.param


def people(project: str) -> dict[str, Actor]:
    """The sample's people by the keys of the plot."""
    return {
        key: accounts.by_mail(person["mail"]).actor
        for key, person in story.told(projects.get(OPERATOR, project).language).people.items()
    }


def test_it_tells_the_whole_story(vault, language):
    heard: list[float] = []
    project = engagement.add(OPERATOR, language=language, progress=heard.append)
    found = people(project.id)

    assert (project.code, project.language) == ("HARBOUR", language)
    assert len(projects.members(OPERATOR, project.id)) == 8
    assert not any(person.has_password for person in accounts.listed(OPERATOR))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0

    cards = board.listed(OPERATOR, project.id)
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

    # Every write stands in the ledger at its time, by the one who did it.
    events = db.rows("SELECT happened_at, actor_id FROM event WHERE project_id = ?", [project.id])
    assert min(e["happened_at"] for e in events) <= now() - timedelta(weeks=14)
    assert max(e["happened_at"] for e in events) < now()
    assert {found[key].id for key in found if key != "ruth"} <= {e["actor_id"] for e in events}
    weekdays = {e["happened_at"].weekday() for e in events}
    assert weekdays == {0, 1, 2, 3, 4}

    papers = documents.listed(OPERATOR, project.id)
    assert len(papers) == 12
    assert {paper.document.class_id for paper in papers} == set(classes.SHIPPED)
    assert {paper.document.clearance for paper in papers} == set(access.CLEARANCES)
    assert {paper.version.number for paper in papers} == {1, 2, 3, 4}
    assert all(not paper.version.warnings for paper in papers)
    assert len({record["kind"] for record in db.rows("SELECT kind FROM requirement_link")}) == 4
    assert db.value("SELECT COUNT(*) FROM checklist_item WHERE done") == 4
    assert len(views.listed(found["ana"], project.id)) == 2

    # Its words are Word files whose versions differ, and everything is as the ledger says.
    specification = next(p for p in papers if p.document.class_id == "requirements" and p.version.number == 4)
    texts = [words(project.id, specification.document.id, number) for number in (1, 4)]
    assert len(texts[1]) > len(texts[0]) > 250  # Chinese says much in few characters
    verified = verifying.verify(OPERATOR, contents=True)
    assert verified.ok, verified.problems

    # The client sees what is meant for clients.
    client = found["liwei"]
    assert {p.document.clearance for p in documents.listed(client, project.id)} == {"public"}
    assert 0 < len(documents.listed(client, project.id)) < 12
    assert {card.requirement.clearance for card in board.listed(client, project.id)} == {"public"}
    for card in board.listed(client, project.id):
        assert not any(comment.internal for comment in comments.listed(client, project.id, card.requirement.id))
    assert db.value("SELECT COUNT(*) FROM comment WHERE internal") > 3
    assert db.value("SELECT COUNT(*) FROM comment WHERE mentions <> '[]'") > 10

    refund = next(r for r in db.all_of(Requirement) if r.code == "REQ-52")
    assert timedelta(days=8) < now() - refund.state_since < timedelta(days=12)

    with pytest.raises(Conflict) as refused:
        engagement.add(OPERATOR, language=language)
    assert "HARBOUR" in str(refused.value)
    assert len(projects.mine(OPERATOR)) == 1
    assert not engagement.addable(OPERATOR)


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
        sentences += [SINCE.sub("", line) for line in one.get("body", "").splitlines()]
    foreign = [sentence for sentence in sentences if re.search(r"[A-Za-z]", sentence)]
    assert not foreign
    half_width = [s for s in sentences if re.search(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]", s)]
    assert not half_width

"""Templates of the classes: what they hold, in both languages, and what of the project may stand in them."""

from __future__ import annotations

import io

import docx
import pytest

from core import accounts, projects, requirements
from core.errors import Invalid, NotFound, Refused
from core.language import LANGUAGES
from core.requirements import Draft
from tests.conftest import OPERATOR
from vault import class_content, class_rules, documents, metadata, templates


def opened(made):
    return docx.Document(io.BytesIO(made.content))


def words(file) -> str:
    """Everything that can be read in it."""
    body = [p.text for p in file.paragraphs] + [c.text for t in file.tables for r in t.rows for c in r.cells]
    return "\n".join([*body, file.sections[0].header.paragraphs[0].text, file.sections[0].footer.paragraphs[0].text])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("class_id", class_content.PARTS)
def test_a_template_has_the_sections_of_its_class_in_their_order(engagement, class_id, language):
    made = templates.make(engagement.manager, engagement.id, class_id, spoken=language)
    headings = [p.text for p in opened(made).paragraphs if p.style.name == "Heading 1"]
    assert headings == [s.name(language) for s in class_rules.shipped(class_id).sections]


def test_it_is_filled_from_the_project(engagement):
    requirements.create(engagement.manager, engagement.id, Draft("Gate opens within 400 ms", priority="must"))
    made = templates.make(engagement.manager, engagement.id, "requirements", clearance="confidential")
    found = words(opened(made))
    for said in ("Meridian Rail HARBOUR", "Harbour Line ticketing", "Manager One", "Client One", "REQ-01",
                 "Gate opens within 400 ms", "Version 1", "confidential"):  # fmt: skip
        assert said in found
    assert made.file_name == "HARBOUR-Requirements-Requirements specification.docx"


def test_the_chinese_one_speaks_chinese(engagement):
    made = templates.make(engagement.manager, engagement.id, "test", spoken="zh_CN")
    found = words(opened(made))
    assert (made.title, made.file_name) == ("测试报告", "HARBOUR-测试-测试报告.docx")
    assert "版本 1" in found
    assert "内部" in found
    assert "Scope" not in found


def test_contents_and_page_numbers_are_fields(engagement):
    body = opened(templates.make(engagement.manager, engagement.id, "design"))
    assert 'TOC \\o "1-2"' in body.element.xml
    assert "NUMPAGES" in body.sections[0].footer._element.xml


def test_no_requirement_above_the_documents_clearance_gets_in(engagement):
    requirements.create(engagement.manager, engagement.id, Draft("In the open", clearance="public"))
    requirements.create(engagement.manager, engagement.id, Draft("Margin per ticket", clearance="restricted"))
    low = templates.make(engagement.manager, engagement.id, "requirements", clearance="public")
    high = templates.make(engagement.manager, engagement.id, "requirements", clearance="restricted")
    assert "Margin" not in words(opened(low))
    assert "Margin" in words(opened(high))


def test_no_requirement_that_the_maker_may_not_know_gets_in(engagement):
    requirements.create(engagement.manager, engagement.id, Draft("Margin per ticket", clearance="confidential"))
    made = templates.make(engagement.client, engagement.id, "requirements")
    assert "Margin" not in words(opened(made))
    assert made.clearance == "public"


def test_nobody_makes_one_above_their_clearance(engagement):
    with pytest.raises(Refused):
        templates.make(engagement.client, engagement.id, "plan", clearance="internal")
    with pytest.raises(Refused):
        templates.make(engagement.viewer, engagement.id, "plan")
    with pytest.raises(NotFound):
        templates.make(engagement.stranger, engagement.id, "plan")
    with pytest.raises(Invalid):
        templates.make(engagement.manager, engagement.id, "novel")


def test_what_people_typed_is_never_read_as_anything_else(engagement):
    title = '{project} {{client.name}} <w:t>&"\u202e'
    made = templates.make(engagement.manager, engagement.id, "plan", title=title)
    assert opened(made).paragraphs[0].text == title
    assert "/" not in made.file_name


def test_the_sections_that_an_administrator_adds_come_with_it(engagement):
    rules = class_rules.of("plan")
    sections = (*rules.sections, class_rules.Section("Quality gates", "质量关口"))
    class_rules.change(engagement.admin, "plan", revision=0, sections=sections)
    found = words(opened(templates.make(engagement.manager, engagement.id, "plan")))
    assert "[Write “Quality gates” here.]" in found


@pytest.mark.store
def test_a_document_begins_with_its_template_in_the_vault(shelf):
    stored = templates.begin(shelf.member, shelf.id, "plan", title="Plan of the pilot")
    found = documents.get(shelf.member, shelf.id, stored.document)
    assert (found.title, found.class_id, found.clearance, found.state) == (
        "Plan of the pilot",
        "plan",
        "internal",
        "draft",
    )
    fetched = b"".join(documents.fetch(shelf.member, shelf.id, stored.document).chunks)
    assert docx.Document(io.BytesIO(fetched)).paragraphs[0].text == "Plan of the pilot"
    assert metadata.of(shelf.member, shelf.id, stored.document).entries == {"responsible": shelf.member.id}


@pytest.mark.store
def test_a_class_decides_the_clearance_that_nobody_named(shelf):
    class_rules.change(shelf.admin, "plan", revision=0, clearance="restricted")
    assert templates.begin(shelf.manager, shelf.id, "plan").outcome == "stored"
    by_clearance = [d.document.clearance for d in documents.listed(shelf.manager, shelf.id)]
    mine = documents.put(shelf.member, shelf.id, io.BytesIO(b"a plan"), file_name="a.txt", class_="plan")
    assert by_clearance == ["restricted"]
    assert documents.get(shelf.member, shelf.id, mine.document).clearance == "confidential"  # their own


def test_a_person_who_has_left_stands_in_no_table(engagement):
    gone = accounts.create(OPERATOR, mail="gone@example.com", name="Gone Person")
    projects.add_member(OPERATOR, engagement.id, account=gone.id, role="member", clearance="internal")
    accounts.disable(OPERATOR, gone.id)
    assert "Gone Person" not in words(opened(templates.make(engagement.manager, engagement.id, "plan")))

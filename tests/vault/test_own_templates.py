"""An administrator's own Word file as the template of a class: what it may name, how it is filled, how it is kept."""

from __future__ import annotations

import io
import itertools
import zipfile

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import db, requirements
from core.errors import Invalid, NotFound, Refused, Stale
from core.language import speaking
from core.requirements import Draft
from tests.vault.test_inspection import with_member, word
from vault import classes, completeness, documents, envelope, keys, own_templates, templates, verifying
from vault.envelope import Envelope
from vault.inspection import FileRefused
from vault.own_templates import ClassTemplate, TemplateRefused

pytestmark = pytest.mark.store


def split(paragraph, *texts):
    """Text over several runs, as Word leaves it after corrections."""
    for text in texts:
        paragraph.add_run(text)
        paragraph._p.append(parse_xml(f'<w:proofErr {nsdecls("w")} w:type="spellStart"/>'))
    return paragraph


def house_style():
    """A company's template: placeholders in runs that are split, in header, footer, a table and a text box."""
    file = docx.Document()
    split(file.sections[0].header.paragraphs[0], "{{proj", "ect.na", "me}} · ", "{", "{document.clearance}", "}")
    file.sections[0].footer.paragraphs[0].text = "{{organisation}} {{ document.version }}"
    file.add_paragraph("{{document.title}}", style="Title")
    split(file.add_paragraph(), "For ", "{{", "client.name", "}}", " by {{Author.Name}}, {{today}}")
    file.add_heading("Scope", 1)
    file.add_paragraph("[Say what {{project.name}} is for, and who will use it every day.]")
    file.add_heading("People", 1)
    file.add_paragraph("{{people.team}} / {{people.client}}")
    table = file.add_table(rows=2, cols=4)
    for row, cells in enumerate((("Code", "What", "How urgent", "Where it stands"),
                                 ("{{requirement.code}}", "{{requirement.title}} ({{project.code}})", "{{requirement.priority}}", "{{requirement.state}}"))):  # fmt: skip
        for cell, text in zip(table.rows[row].cells, cells, strict=True):
            split(cell.paragraphs[0], text[:5], text[5:])
    box = OxmlElement("w:pict")
    box.append(parse_xml(
        f'<v:shape xmlns:v="urn:schemas-microsoft-com:vml" {nsdecls("w")}><v:textbox><w:txbxContent><w:p><w:r><w:t>{{{{project.code}}}}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape>'
    ))  # fmt: skip
    file.add_paragraph().add_run()._r.append(box)
    return file


def sheet() -> bytes:
    whole = io.BytesIO()
    openpyxl.Workbook().save(whole)
    return whole.getvalue()


def saved(file) -> bytes:
    whole = io.BytesIO()
    file.save(whole)
    return whole.getvalue()


def use(shelf, file, class_id="plan", spoken="en", name="house.docx"):
    return own_templates.use(shelf.admin, class_id, spoken, file if isinstance(file, bytes) else saved(file), file_name=name)  # fmt: skip


def made(shelf, class_id="plan", **about):
    return docx.Document(io.BytesIO(templates.make(shelf.manager, shelf.id, class_id, **about).content))


def everything(file) -> str:
    """Every letter of the file's body, header and footer."""
    section = file.sections[0]
    parts = (file.element.body, section.header._element, section.footer._element)
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for part in parts for p in part.iter(qn("w:p")))


def refused(shelf, file, **about) -> list[str]:
    with pytest.raises(TemplateRefused) as error:
        use(shelf, file, **about)
    return [problem.text() for problem in error.value.problems]


def test_an_own_template_is_filled_wherever_it_names_something(shelf):
    requirements.create(shelf.manager, shelf.id, Draft("Gate opens within 400 ms", priority="must"))
    requirements.create(shelf.manager, shelf.id, Draft("Ticket is read in the dark", priority="could"))
    taken = use(shelf, house_style())
    assert taken.number == 1
    file = made(shelf, title="Plan of the pilot", clearance="internal")
    found = everything(file)
    assert "{{" not in found
    assert "}}" not in found
    for said in ("Harbour Line ticketing · internal", "Plan of the pilot", "For Meridian Rail HARBOUR by Manager One, ",
                 "Manager One, Member One, Viewer One / Client One", "Say what Harbour Line ticketing is for"):  # fmt: skip
        assert said in found
    assert [[c.text for c in row.cells] for row in file.tables[0].rows] == [
        ["Code", "What", "How urgent", "Where it stands"],
        ["REQ-01", "Gate opens within 400 ms (HARBOUR)", "Must", "Draft"],
        ["REQ-02", "Ticket is read in the dark (HARBOUR)", "Could", "Draft"],
    ]
    assert (file.core_properties.title, file.core_properties.author) == ("Plan of the pilot", "Manager One")


def test_other_classes_and_the_other_language_keep_the_shipped_one(shelf):
    use(shelf, house_style())
    assert "目标" in everything(made(shelf, spoken="zh_CN"))
    assert "Architecture" in everything(made(shelf, "design"))


def test_nothing_above_the_documents_clearance_gets_in(shelf):
    requirements.create(shelf.manager, shelf.id, Draft("In the open", clearance="public"))
    requirements.create(shelf.manager, shelf.id, Draft("Margin per ticket", clearance="restricted"))
    use(shelf, house_style())
    assert "Margin" not in everything(made(shelf, clearance="internal"))
    assert "Margin" in everything(made(shelf, clearance="restricted"))


def test_without_requirements_one_empty_row_invites_to_begin(shelf):
    use(shelf, house_style())
    assert [c.text for c in made(shelf).tables[0].rows[1].cells] == ["", " (HARBOUR)", "", ""]


def test_values_are_text_whatever_stands_in_them(shelf):
    title = '{{client.name}} {{requirement.code}} <w:t>&amp;"]]> {project}\u202e'
    requirements.create(shelf.manager, shelf.id, Draft("{{project.code}} </w:p><script/>"))
    use(shelf, house_style())
    file = made(shelf, title=title + "\x0b\x00end")
    assert file.paragraphs[0].text == title + " end"
    assert file.tables[0].rows[1].cells[1].text == "{{project.code}} </w:p><script/> (HARBOUR)"


VALUE = st.text(st.sampled_from("{}<>&\"' \n\x00\ud800{{project.code}}甲a"), max_size=30)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_however_a_placeholder_is_split_it_is_filled_once(vault, data):
    text = "a {{document.title}} b {{client.name}}{{document.title}} c"
    cuts = sorted({0, len(text), *data.draw(st.lists(st.integers(0, len(text)), max_size=8))})
    file = docx.Document()
    split(file.add_paragraph(), *(text[a:b] for a, b in itertools.pairwise(cuts)))
    title, client = data.draw(VALUE), data.draw(VALUE)
    values = dict.fromkeys(own_templates.NAMES, "") | {"document.title": title, "client.name": client}
    found = own_templates._asked(
        {"act": "fill", "values": values, "lines": {}, "properties": {"title": "t", "author": "a", "at": "2026-11-25T00:00:00Z"}},
        saved(file),
    )[1]  # fmt: skip
    plain = {v: " ".join(v.splitlines()).replace("\x00", "").replace("\ud800", "") for v in (title, client)}
    assert docx.Document(io.BytesIO(found)).paragraphs[0].text == f"a {plain[title]} b {plain[client]}{plain[title]} c"


def test_unknown_names_are_refused_with_their_place_and_what_is_allowed(shelf):
    file = house_style()
    split(file.sections[0].header.add_paragraph(), "To {{cli", "ent.adress}}")
    file.add_heading("Costs", 1)
    file.add_paragraph("Total {{ 7*7 }} and {{项目}}")
    file.add_table(rows=1, cols=1).rows[0].cells[0].text = "{{budget}}"
    with pytest.raises(TemplateRefused) as error:
        use(shelf, file)
    assert sorted(p.text() for p in error.value.problems) == [
        "There is no {{ 7*7 }}; it stands in the text below “Costs”: “Total {{ 7*7 }} and {{项目}}”.",
        "There is no {{budget}}; it stands in a table below “Costs”: “{{budget}}”.",
        "There is no {{client.adress}}; it stands in the header: “To {{client.adress}}”.",
        "There is no {{项目}}; it stands in the text below “Costs”: “Total {{ 7*7 }} and {{项目}}”.",
    ]
    assert "client.name, project.name" in error.value.message.text()
    with speaking("zh_CN"):
        assert "没有 {{budget}} 这个占位符" in " ".join(p.text() for p in error.value.problems)
    assert own_templates.kept(shelf.admin, "plan") == []


def test_braces_that_are_alone_and_rows_in_the_wrong_place_are_refused(shelf):
    file = docx.Document()
    file.add_paragraph("{{project.name")
    file.add_paragraph("{{requirement.title}}")
    cells = file.add_table(rows=1, cols=2).rows[0].cells
    cells[0].text, cells[1].text = "{{requirement.code}}", "{{person.name}}"
    found = refused(shelf, file)
    assert found[0] == "Double braces come in pairs; one is alone in the text: “{{project.name”."
    assert found[1].startswith("{{requirement.title}} belongs into a row of a table")
    assert found[2].startswith("A row of a table is repeated for requirements or for people")


def test_what_is_no_plain_word_file_is_refused(shelf):
    with pytest.raises(Invalid, match="macros"):
        use(shelf, with_member(word("x"), "word/vbaProject.bin", b"x"), name="a.docm")
    with pytest.raises(Invalid, match="Word file"):
        use(shelf, b"# A plan", name="plan.docx")
    with pytest.raises(Invalid, match="Word file"):
        use(shelf, sheet(), name="plan.docx")
    with pytest.raises(FileRefused):
        use(shelf, b"")
    with pytest.raises(Invalid, match="5 MB"):
        use(shelf, b"PK\x03\x04" + bytes(own_templates.LIMIT))
    with pytest.raises(Invalid, match="can't be read"):
        use(shelf, saved(house_style())[:-400])
    with pytest.raises(Invalid, match="no class"):
        use(shelf, house_style(), class_id="novel")
    with pytest.raises(Invalid, match="no language"):
        use(shelf, house_style(), spoken="de")
    assert own_templates.kept(shelf.admin, "plan") == []


def test_a_dotx_makes_documents(shelf):
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(house_style()))) as old, zipfile.ZipFile(packed, "w") as new:
        for one in old.infolist():
            content = old.read(one)
            if one.filename == "[Content_Types].xml":
                content = content.replace(b"wordprocessingml.document.main+xml", b"wordprocessingml.template.main+xml")
            new.writestr(one.filename, content)
    use(shelf, packed.getvalue(), name="house.dotx")
    assert "Harbour Line" in everything(made(shelf))


def test_it_is_kept_by_number_and_taken_back_by_a_press(shelf):
    use(shelf, house_style(), name="first.docx")
    second = docx.Document()
    second.add_paragraph("Second {{project.name}}")
    use(shelf, second, name="second.docx")
    kept = own_templates.kept(shelf.admin, "plan")
    assert [(k.number, k.file_name, k.in_use) for k in kept] == [(2, "second.docx", True), (1, "first.docx", False)]
    assert everything(made(shelf)).startswith("Second Harbour Line ticketing")
    own_templates.as_shipped(shelf.admin, kept[0].id, revision=kept[0].revision)
    assert "Goals" in everything(made(shelf))
    with pytest.raises(Stale):
        own_templates.use_again(shelf.admin, kept[1].id, revision=kept[1].revision - 1)
    own_templates.use_again(shelf.admin, kept[1].id, revision=kept[1].revision)
    assert "For Meridian Rail" in everything(made(shelf))
    assert own_templates.fetched(shelf.admin, kept[1].id) == ("first.docx", own_templates.fetched(shelf.admin, kept[1].id)[1])  # fmt: skip
    with pytest.raises(NotFound):
        own_templates.fetched(shelf.admin, "none")
    assert verifying.verify(shelf.admin).ok


def test_only_an_administrator_changes_and_fetches_templates(shelf):
    for who in (shelf.manager, shelf.member, shelf.client, shelf.stranger):
        for call in (
            lambda who: own_templates.use(who, "plan", "en", b"", file_name="a.docx"),
            lambda who: own_templates.kept(who, "plan"),
            lambda who: own_templates.fetched(who, "x"),
            lambda who: own_templates.as_shipped(who, "x", revision=1),
            lambda who: own_templates.use_again(who, "x", revision=1),
            lambda who: templates.blank(who, "plan", "en"),
        ):
            with pytest.raises(Refused):
                call(who)


def test_nothing_of_it_lies_in_clear_and_a_new_master_key_opens_it(shelf, home, tmp_path):
    content = saved(house_style())
    use(shelf, content)
    row = db.one_of(ClassTemplate, "", [])
    assert content[:40].hex() not in row.content
    assert (
        db.value("SELECT COUNT(*) FROM event WHERE entity = 'class_template' AND contains(after, ?)", [row.content])
        == 0
    )
    key = home / "keys" / envelope.KEY_FILE
    old = tmp_path / "old.json"
    old.write_bytes(key.read_bytes())
    keys.rotate(shelf.admin)
    assert "Harbour Line" in everything(made(shelf))
    fresh = db.one_of(ClassTemplate, "", [])
    with pytest.raises(Exception, match="another master key"):
        Envelope(old).unseal(fresh.wrapped_key, own_templates._bound("plan", "en", fresh.id), b"")


def test_what_is_left_of_it_is_found_in_a_document(shelf):
    use(shelf, house_style())
    stored = templates.begin(shelf.manager, shelf.id, "plan", title="Pilot")
    found = [(f.kind, f.what, f.quote) for f in completeness.of(shelf.manager, shelf.id, stored.document).findings]
    assert ("placeholder", "Scope", "[Say what Harbour Line ticketing is for, and who will use it every day.]") in found
    hand = docx.Document()
    hand.add_heading("Goals", 1)
    hand.add_paragraph("By {{person.name}}")
    left = documents.put(shelf.manager, shelf.id, io.BytesIO(saved(hand)), file_name="a.docx", class_="plan")
    assert "{{person.name}}" in [f.quote for f in completeness.of(shelf.manager, shelf.id, left.document).findings]


@pytest.mark.parametrize("class_id", ["requirements", "test", "summary"])
@pytest.mark.parametrize("spoken", ["en", "zh_CN"])
def test_the_shipped_one_with_its_names_unfilled_can_be_ones_own(shelf, class_id, spoken):
    requirements.create(shelf.manager, shelf.id, Draft("Gate opens within 400 ms"))
    shipped = everything(made(shelf, class_id, spoken=spoken))
    name, content = templates.blank(shelf.admin, class_id, spoken)
    use(shelf, content, class_id, spoken, name)
    assert everything(made(shelf, class_id, spoken=spoken)).replace("\n", "")[:200] == shipped.replace("\n", "")[:200]


def test_an_added_class_can_have_one(shelf):
    minutes = classes.add(shelf.admin, "Minutes")
    use(shelf, house_style(), class_id=minutes.id)
    assert "For Meridian Rail" in everything(made(shelf, minutes.id, title="Minutes of Monday"))

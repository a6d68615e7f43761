"""What a version lacks: sections, text, metadata, comments, tracked changes; with places, a version at a time."""

from __future__ import annotations

import copy
import io
import zipfile

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import db
from core.errors import Invalid, NotFound, Refused, Stale
from core.language import speaking
from vault import class_content, class_rules, completeness, documents, metadata, templates
from vault.class_rules import Field

pytestmark = pytest.mark.store

CLASSES = list(class_content.PARTS)
WORDS = st.text(st.characters(categories=("L", "N", "Zs", "P"), exclude_characters="[]{}"), min_size=1, max_size=60).filter(
    lambda words: words.strip()
)  # fmt: skip


def template(shelf, class_id="design", language="en"):
    return docx.Document(io.BytesIO(templates.make(shelf.manager, shelf.id, class_id, spoken=language).content))


def placeholders(file):
    return [p for p in file.paragraphs if p.style.name == "Guidance"]


def filled(file, words=("Everything that has to be said.",)):
    for place, paragraph in enumerate(placeholders(file)):
        paragraph.text = words[place % len(words)]
    return file


def put(shelf, file, class_id="design", **about):
    content = io.BytesIO()
    file.save(content) if hasattr(file, "save") else content.write(file)
    content.seek(0)
    return documents.put(shelf.manager, shelf.id, content, **{"file_name": "a.docx", "class_": class_id} | about)


def lacks(shelf, stored, version=None):
    found = completeness.of(shelf.manager, shelf.id, stored.document, version)
    return [(f.kind, f.what) for f in found.findings]


def removed(file, name):
    """The section with this heading is cut out."""
    inside = False
    for block in list(file.element.body):
        if block.tag == qn("w:p") and block.find(f".//{qn('w:pStyle')}") is not None:
            style = block.find(f".//{qn('w:pStyle')}").get(qn("w:val"))
            if style.startswith("Heading"):
                inside = "".join(t.text or "" for t in block.iter(qn("w:t"))) == name
        if inside and block.tag != qn("w:sectPr"):
            file.element.body.remove(block)
    return file


def test_a_fresh_template_still_holds_the_words_of_the_template(shelf):
    found = completeness.of(shelf.manager, shelf.id, put(shelf, template(shelf)).document)
    assert {f.kind for f in found.findings} == {"placeholder"}
    assert [f.what for f in found.findings] == [s.english for s in class_rules.shipped("design").sections]
    assert 0 < found.percent < 50
    assert found.findings[0].place.text().startswith("Purpose and context, paragraph ")


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CLASSES), st.sampled_from(["en", "zh_CN"]), st.lists(WORDS, min_size=1, max_size=4), st.data())
def test_with_every_placeholder_replaced_it_is_complete_and_a_section_that_is_cut_out_is_found(
    shelf, class_id, language, words, data
):
    whole = filled(template(shelf, class_id, language), words)
    rules = class_rules.shipped(class_id)
    # The child is asked itself: hundreds of uploads would test the store.
    found = judged(whole, rules)
    assert found == []
    section = data.draw(st.sampled_from([s for s in rules.sections if s.required]))
    assert judged(removed(whole, section.name(language)), rules) == [("missing-section", section.english)]


def judged(file, rules):
    content = io.BytesIO()
    file.save(content)
    about = {"name": "a.docx", "guidance": templates.guidance(rules), "names": templates.names()}
    facts, _ = completeness._CHILDREN.ask(about, content.getvalue())
    document = documents.Document("d", "p", 1, "DOC-01", "t", rules.class_id, "public", "draft", 1, False, None, 1)
    version = type("Version", (), {"number": 1})()
    return [(f.kind, f.what) for f in completeness._judged(document, version, rules, facts, {}).findings]


def test_a_section_without_text_is_empty_and_a_picture_or_a_subsection_fills_it(shelf):
    file = filled(template(shelf))
    for paragraph in file.paragraphs:
        if paragraph.style.name == "Guidance":
            paragraph.text = ""
    first = put(shelf, file)
    empty = [s.english for s in class_rules.shipped("design").sections]
    assert lacks(shelf, first) == [("empty-section", name) for name in empty]
    places = placeholders(file)
    places[0]._p.append(parse_xml(f"<w:r {nsdecls('w')}><w:drawing/></w:r>"))
    places[1].insert_paragraph_before("How it hangs together", "Heading 2")
    places[1].text = "In three layers."
    second = put(shelf, file, document=first.document)
    assert lacks(shelf, second) == [("empty-section", name) for name in empty[2:]]
    # What was found of a version stays with it.
    assert len(lacks(shelf, first, version=1)) == len(empty)


def test_a_table_with_nothing_but_its_heading_is_empty(shelf):
    file = filled(template(shelf))
    places = placeholders(file)
    interfaces = next(p for p in places if p._p.getprevious().xpath("string(.)") == "Interfaces")
    interfaces.text = ""
    assert lacks(shelf, put(shelf, file)) == [("empty-section", "Interfaces")]
    table = next(t for t in file.tables if t.cell(0, 0).text == "Interface")
    table.cell(1, 0).text = "Gate to backend"
    assert lacks(shelf, put(shelf, file, title="again")) == []


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        ("en", ["1. PURPOSE", "2 System architecture:", "Chapter 3 Modules", "IV. APIs", "5) Data model", "6.1 Security", "Design decisions"]),
        ("zh", ["第一章 目的", "二、系统架构", "（三）模块设计", "4．接口设计", "5、数据模型", "六. 安全设计", "7 设计决策："]),
    ],
)  # fmt: skip
def test_headings_are_known_by_other_words_numbers_and_styles(shelf, language, headings):
    file = docx.Document()
    own = file.styles.add_style("Überschrift eigen", 1)
    own.base_style = file.styles["Heading 1"]
    for place, name in enumerate(headings):
        paragraph = file.add_paragraph(name, style=own if place % 2 else "Heading 1")
        if place == 0:
            paragraph.style = file.styles["Normal"]
            level = OxmlElement("w:outlineLvl")
            level.set(qn("w:val"), "0")
            paragraph._p.get_or_add_pPr().append(level)
        file.add_paragraph("There is something to read.")
    assert lacks(shelf, put(shelf, file)) == []


def test_markdown_is_read_by_its_headings(shelf):
    text = "\n".join(f"## {s.english}\n\nSomething.\n" for s in class_rules.shipped("design").sections[1:])
    stored = put(shelf, ("```\n# Purpose and context\n```\n" + text).encode(), file_name="a.md")
    assert lacks(shelf, stored) == [("missing-section", "Purpose and context")]


def test_comments_that_nobody_settled_are_named_with_their_place(shelf):
    file = filled(template(shelf))
    paragraph = placeholders(file)[1]
    file.add_comment(paragraph.runs, text="Which bus?", author="Li Wei")
    stored = put(shelf, file)
    found = completeness.of(shelf.manager, shelf.id, stored.document).findings
    assert [(f.kind, f.what, f.quote) for f in found] == [("comment", "Li Wei", "Which bus?")]
    assert found[0].path == ("Architecture",)
    assert found[0].paragraph > 0


def test_a_settled_comment_is_none(shelf):
    file = filled(template(shelf))
    file.add_comment(placeholders(file)[1].runs, text="Which bus?", author="Li Wei")
    content = io.BytesIO()
    file.save(content)
    w14, w15 = (f"http://schemas.microsoft.com/office/word/{n}/wordml" for n in (2010, 2012))
    source, settled = zipfile.ZipFile(content), io.BytesIO()
    with zipfile.ZipFile(settled, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/comments.xml":
                tree = parse_xml(data)
                for one in tree.iter(qn("w:p")):
                    one.set(f"{{{w14}}}paraId", "0A0B0C0D")
                data = docx.oxml.parser.etree.tostring(tree)
            target.writestr(name, data)
        target.writestr(
            "word/commentsExtended.xml",
            f'<w15:commentsEx xmlns:w15="{w15}"><w15:commentEx w15:paraId="0A0B0C0D" w15:done="1"/></w15:commentsEx>',
        )
    assert lacks(shelf, put(shelf, settled.getvalue())) == []


def test_tracked_changes_are_counted_where_they_stand_and_deleted_text_is_none(shelf):
    file = filled(template(shelf))
    paragraph = placeholders(file)[2]
    for kind in ("ins", "del"):
        change = OxmlElement(f"w:{kind}")
        run = copy.deepcopy(paragraph.runs[0]._r)
        if kind == "del":
            run.find(qn("w:t")).tag = qn("w:delText")
        change.append(run)
        paragraph._p.append(change)
    found = completeness.of(shelf.manager, shelf.id, put(shelf, file).document).findings
    assert [(f.kind, f.path, f.count) for f in found] == [("tracked-change", ("Components",), 2)]
    for run in paragraph.runs:
        run._r.getparent().remove(run._r)
    paragraph._p.remove(paragraph._p.find(qn("w:ins")))
    kinds = lacks(shelf, put(shelf, file, title="deleted"))
    assert kinds == [("empty-section", "Components"), ("tracked-change", "")]


def test_metadata_that_the_class_asks_for_are_typed_checked_and_missed(shelf):
    fields = (
        Field("day", "Agreed on", "确认日期", "day", True), Field("n", "Cases", "用例数", "number"),
        Field("level", "Level", "级别", "choice", choices=("unit", "system")), Field("who", "Owner", "负责人", "person"),
        Field("ok", "Accepted", "已验收", "yes"),
    )  # fmt: skip
    class_rules.change(shelf.admin, "design", revision=0, fields=fields)
    stored = put(shelf, filled(template(shelf)))
    assert lacks(shelf, stored) == [("metadata", "Agreed on")]
    for key, wrong in (("day", "soon"), ("n", "many"), ("n", "NaN"), ("level", "deep"), ("who", shelf.stranger.id),
                       ("ok", "perhaps"), ("other", "x")):  # fmt: skip
        with pytest.raises(Invalid):
            metadata.file(shelf.member, shelf.id, stored.document, {key: wrong}, revision=0)
    good = {"day": "2026-11-24", "n": "12.50", "level": "unit", "who": shelf.member.id, "ok": True}
    filed = metadata.file(shelf.member, shelf.id, stored.document, good, revision=0)
    assert filed.entries == good | {"ok": "yes"}
    assert lacks(shelf, stored) == []
    with pytest.raises(Stale):
        metadata.file(shelf.member, shelf.id, stored.document, {"day": "2026-11-25"}, revision=0)
    with pytest.raises(Refused):
        metadata.file(shelf.client, shelf.id, stored.document, {"day": ""}, revision=1)


def test_new_rules_are_asked_of_what_is_there_already(shelf):
    stored = put(shelf, filled(template(shelf)))
    assert lacks(shelf, stored) == []
    more = (*class_rules.shipped("design").sections, class_rules.Section("Licences", "许可"))
    class_rules.change(shelf.admin, "design", revision=0, sections=more)
    assert lacks(shelf, stored) == [("missing-section", "Licences")]
    with speaking("zh_CN"):
        assert lacks(shelf, stored) == [("missing-section", "许可")]


def test_a_file_is_opened_once_a_version(shelf, monkeypatch):
    stored = put(shelf, filled(template(shelf)))
    lacks(shelf, stored)
    monkeypatch.setattr(completeness, "_read", None)
    assert lacks(shelf, stored) == []
    assert completeness.listed(shelf.manager, shelf.id)[stored.document].complete


def test_what_was_found_says_nothing_on_the_disk(shelf):
    file = filled(template(shelf))
    file.add_heading("Price of the secret gate", 1)
    placeholder = file.add_paragraph()
    file.add_comment(placeholder.add_run("4711"), text="far too dear", author="Li Wei")
    lacks(shelf, put(shelf, file))
    kept = db.rows("SELECT * FROM document_findings")
    assert len(kept) == 1
    assert "secret gate" not in repr(kept)
    assert "too dear" not in repr(kept)


def test_other_files_are_asked_for_metadata_only(shelf):
    class_rules.change(shelf.admin, "design", revision=0, fields=(Field("day", "Agreed on", "确认日期", "day", True),))
    found = completeness.of(shelf.manager, shelf.id, put(shelf, b"a note", file_name="a.txt").document)
    assert not found.readable
    assert [f.kind for f in found.findings] == ["metadata"]


def hostile():
    def archive(document, **more):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr("[Content_Types].xml", "<Types/>")
            target.writestr("_rels/.rels", more.pop("rels", "<Relationships/>"))
            target.writestr("word/document.xml", document)
            for name, data in more.items():
                target.writestr(name.replace("__", "/") + ".xml", data)
        return made.getvalue()

    space = nsdecls("w")
    yield "not a zip", b"PK\x03\x04" + b"\x00" * 200
    yield "broken", archive(f"<w:document {space}><w:body><w:p>")
    yield (
        "entity",
        archive(f'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document {space}>&a;</w:document>'),
    )
    yield (
        "deep",
        archive(
            f"<w:document {space}><w:body>"
            + "<w:tbl><w:tr><w:tc>" * 3000
            + "</w:tc></w:tr></w:tbl>" * 3000
            + "</w:body></w:document>"
        ),
    )
    yield (
        "circle of styles",
        archive(
            f'<w:document {space}><w:body><w:p><w:pPr><w:pStyle w:val="A"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p></w:body></w:document>',
            word__styles=f'<w:styles {space}><w:style w:styleId="A"><w:basedOn w:val="B"/></w:style><w:style w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>',
        ),
    )
    yield (
        "points elsewhere",
        archive(
            "<x/>",
            rels='<Relationships><Relationship Type="x/officeDocument" Target="../../etc/passwd"/></Relationships>',
        ),
    )
    yield "zeros", archive(f"<w:document {space}><w:body>" + " " * (70 << 20) + "</w:body></w:document>")


@pytest.mark.parametrize("content", [c for _n, c in hostile()], ids=[n for n, _c in hostile()])
def test_no_file_breaks_it(shelf, content):
    about = {"name": "a.docx", "guidance": [], "names": []}
    facts, _ = completeness._CHILDREN.ask(about, content)
    assert "read" in facts
    sound = filled(template(shelf))
    assert judged(sound, class_rules.shipped("design")) == []


def test_what_one_may_not_read_is_not_there(shelf):
    secret = put(shelf, template(shelf), clearance="restricted")
    with pytest.raises(NotFound):
        completeness.of(shelf.member, shelf.id, secret.document)
    with pytest.raises(NotFound):
        metadata.of(shelf.member, shelf.id, secret.document)
    assert completeness.listed(shelf.member, shelf.id) == {}
    assert list(completeness.listed(shelf.manager, shelf.id)) == [secret.document]

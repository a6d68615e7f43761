"""What happened, in words: sentences, lines of what belongs together, and what nobody else may learn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from core import activity, columns, comments, db, history, language, links, projects, requirements, undo, views
from core.access import CLEARANCES, Actor
from core.errors import NotFound
from core.exchange import imports, trello
from core.ids import new_id
from core.requirements import Draft
from tests.core.exchange.boards import harbour
from vault.documents import Document, Version


def said(engagement, actor=None, **asked):
    return [line.text for line in history.told(actor or engagement.manager, engagement.id, **asked).lines]


def written(engagement, title="Group tickets", **fields):
    return requirements.create(engagement.manager, engagement.id, Draft(title, **fields))


def column(engagement, name):
    return next(s.id for s in columns.states(engagement.manager, engagement.id) if s.name == name)


def document(engagement, title="Interface design", clearance="public", number=1, at=None):
    """A document's rows as an upload writes them."""
    with db.write(engagement.member, at=at) as tx:
        row = tx.insert(
            Document(new_id(), engagement.id, number, f"DOC-{number:02d}", title, "design", clearance, "draft", 1,
                     False, tx.at, 1)
        )  # fmt: skip
        tx.insert(
            Version(new_id(), engagement.id, row.id, 1, "a.docx", "application/pdf", 1, 1, "0", new_id(), "key", "", (),
                    engagement.member.id, engagement.member.name, tx.at),
            action="uploaded",
        )  # fmt: skip
    return row


def test_a_move_names_both_columns(engagement):
    found = written(engagement)
    requirements.move(engagement.member, engagement.id, [found.id], state=column(engagement, "Agreed"))
    assert said(engagement)[:2] == ["Member One moved REQ-01 from Draft to Agreed", "Manager One added REQ-01"]


def test_a_move_keeps_the_names_that_the_columns_had_then(engagement):
    found = written(engagement)
    requirements.move(engagement.member, engagement.id, [found.id], state=column(engagement, "Agreed"))
    states = columns.states(engagement.manager, engagement.id)
    columns.configure_states(
        engagement.manager, engagement.id, [replace(s, name="Signed" if s.name == "Agreed" else s.name) for s in states]
    )
    assert said(engagement)[:2] == [
        "Manager One renamed the column Agreed to Signed",
        "Member One moved REQ-01 from Draft to Agreed",
    ]


def test_several_cards_moved_at_once_are_one_line(engagement):
    cards = [written(engagement, f"Ticket {n}") for n in range(5)]
    requirements.move(engagement.member, engagement.id, [c.id for c in cards], state=column(engagement, "Agreed"))
    assert said(engagement)[0] == "Member One moved 5 requirements from Draft to Agreed"
    requirements.move(engagement.member, engagement.id, [c.id for c in cards[:2]], state=column(engagement, "Done"))
    assert said(engagement)[0] == "Member One moved REQ-01, REQ-02 from Agreed to Done"
    requirements.move(engagement.member, engagement.id, [c.id for c in cards], state=column(engagement, "Proposed"))
    assert said(engagement)[0] == "Member One moved 5 requirements to Proposed"


def test_changed_fields_are_told_with_old_and_new_and_long_ones_without(engagement):
    found = written(engagement, due=date(2026, 3, 3), owner_id=engagement.member.id)
    requirements.edit(
        engagement.manager, engagement.id, found.id, revision=1,
        due=date(2026, 3, 9), statement="All of it.", owner_id=engagement.manager.id, priority="must", labels=("fares",),
    )  # fmt: skip
    assert said(engagement)[0] == (
        "Manager One changed REQ-01: statement rewritten, priority from Should to Must, owner from Member One to "
        "Manager One, labels added: fares, due date from Mar 3, 2026 to Mar 9, 2026"
    )


def test_the_same_event_is_told_in_the_readers_language(engagement):
    found = written(engagement)
    requirements.move(engagement.member, engagement.id, [found.id], state=column(engagement, "Agreed"))
    with language.speaking("zh_CN"):
        assert said(engagement)[0] == "Member One 将 REQ-01 从“Draft”移至“Agreed”"


def test_the_order_within_a_column_and_saved_views_are_not_told(engagement):
    a, b = written(engagement, "A"), written(engagement, "B")
    before = said(engagement)
    requirements.move(engagement.member, engagement.id, [b.id], state=a.state_id, before=a.id)
    views.save(engagement.member, engagement.id, name="Mine", query="mine=1")
    assert said(engagement) == before


def test_links_comments_notes_labels_people_and_archiving_are_told(engagement):
    a, b = written(engagement, "A"), written(engagement, "B")
    links.link(engagement.member, engagement.id, a.id, kind="depends on", target=b.id)
    comment = comments.add(engagement.client, engagement.id, a.id, "Is this the summer timetable?")
    comments.add(engagement.member, engagement.id, a.id, "They will not like it.", internal=True)
    comments.remove(engagement.client, engagement.id, comment.id)
    requirements.edit(engagement.member, engagement.id, b.id, revision=1, archived=True)
    guest = projects.add_member(
        engagement.manager, engagement.id, account=engagement.stranger.id, role="viewer", clearance="internal"
    )
    projects.change_member(engagement.manager, engagement.id, guest.id, role="member", clearance="internal")
    projects.remove_member(engagement.manager, engagement.id, guest.id)
    assert said(engagement)[:8] == [
        "Manager One ended the membership of Stranger One",
        "Manager One changed what Stranger One may do: role from viewer to member",
        "Manager One added Stranger One as viewer",
        "Member One archived REQ-02",
        "Client One took back a comment on REQ-01",
        "Member One left an internal note on REQ-01",
        "Client One commented on REQ-01",
        "Member One noted that REQ-01 depends on REQ-02",
    ]  # fmt: skip


def test_a_comment_is_quoted_while_it_stands(engagement):
    found = written(engagement)
    comment = comments.add(engagement.client, engagement.id, found.id, "Is this the\n\nsummer timetable?")
    line = history.told(engagement.manager, engagement.id).lines[0]
    assert (line.quote, line.thing.code) == ("Is this the summer timetable?", "REQ-01")
    comments.remove(engagement.client, engagement.id, comment.id)
    assert not any(line.quote for line in history.told(engagement.manager, engagement.id).lines)


def test_undoing_is_told(engagement):
    found = written(engagement)
    requirements.move(engagement.member, engagement.id, [found.id], state=column(engagement, "Agreed"))
    undo.undo(engagement.member, engagement.id, undo.last(engagement.member, engagement.id).batch)
    assert said(engagement)[0] == "Member One took back a change of REQ-01"


def test_an_upload_is_one_line_and_its_download_is_for_managers_and_oneself(engagement):
    row = document(engagement)
    with db.write(engagement.viewer) as tx:
        tx.event("document", row.id, "downloaded", project=engagement.id, subject=row.id, data={"version": 1})
    fetched = "Viewer One fetched version 1 of DOC-01"
    assert said(engagement)[:2] == [fetched, "Member One uploaded DOC-01"]
    assert said(engagement, engagement.viewer)[0] == fetched
    assert said(engagement, engagement.member)[0] == "Member One uploaded DOC-01"
    assert said(engagement, engagement.client)[0] == "Member One uploaded DOC-01"


def test_the_history_of_one_thing_holds_nothing_of_another(engagement):
    a, _b = written(engagement, "A"), written(engagement, "B")
    assert said(engagement, subject=a.id) == ["Manager One added REQ-01"]


def test_lines_are_narrowed_by_person_and_kind_and_come_in_pages(engagement):
    for n in range(5):
        found = written(engagement, f"Ticket {n}")
    comments.add(engagement.client, engagement.id, found.id, "Yes.")
    assert said(engagement, kinds=["comments"]) == ["Client One commented on REQ-05"]
    assert said(engagement, who=[engagement.client.id]) == ["Client One commented on REQ-05"]
    assert len(said(engagement, but=engagement.manager.id, kinds=["requirements"])) == 0
    first = history.told(engagement.manager, engagement.id, kinds=["requirements"], limit=2)
    last = history.told(engagement.manager, engagement.id, kinds=["requirements"], limit=2, page=3)
    assert (first.total, len(first.lines), [line.text for line in last.lines]) == (5, 2, ["Manager One added REQ-01"])


def test_lines_stand_when_they_happened(engagement):
    written(engagement, "Now")
    requirements.create(engagement.manager, engagement.id, Draft("Long ago"), at=datetime(2020, 1, 1))
    assert [line.at.year for line in history.told(engagement.manager, engagement.id, kinds=["requirements"]).lines][
        -1
    ] == 2020


def test_an_import_is_one_line_and_taking_it_back_another(engagement):
    file, _ = harbour()
    done = trello.run(engagement.manager, engagement.id, file.data, file_name="board.json")
    assert said(engagement, kinds=["imports"]) == ["Manager One imported 3 requirements, 1 comment"]
    assert said(engagement)[0] == "Manager One imported 3 requirements, 1 comment"
    imports.undo(engagement.manager, engagement.id, done.id)
    assert said(engagement)[:2] == [
        "Manager One took back an import",
        "Manager One imported 3 requirements, 1 comment",
    ]


def test_an_imported_thing_has_its_own_history_in_the_names_of_over_there(engagement):
    file, _ = harbour()
    trello.run(engagement.manager, engagement.id, file.data, file_name="board.json")
    moved = db.row("SELECT subject_id, on_behalf FROM event WHERE action = 'moved' AND on_behalf IS NOT NULL")
    lines = history.told(engagement.manager, engagement.id, subject=moved["subject_id"]).lines
    assert any(line.text.startswith(f"{moved['on_behalf']} moved ") and line.at.year == 2026 for line in lines)


# What nobody else may learn.


def test_what_hangs_on_a_thing_above_the_clearance_is_not_told(engagement):
    secret = written(engagement, "Price ceiling", clearance="confidential")
    comments.add(engagement.manager, engagement.id, secret.id, "not for them")
    before = said(engagement, engagement.client)
    requirements.edit(engagement.manager, engagement.id, secret.id, revision=1, title="Price floor")
    assert said(engagement, engagement.client) == before
    assert "REQ-01" not in " ".join(before)
    assert history.told(engagement.client, engagement.id, subject=secret.id).total == 0


def test_a_link_with_something_above_the_clearance_is_not_told_nor_counted(engagement):
    open_one, secret = written(engagement, "Open"), written(engagement, "Secret", clearance="confidential")
    before = history.told(engagement.client, engagement.id).total, activity.count(engagement.client, engagement.id)
    links.link(engagement.manager, engagement.id, open_one.id, kind="depends on", target=secret.id)
    after = history.told(engagement.client, engagement.id).total, activity.count(engagement.client, engagement.id)
    assert before == after
    assert said(engagement)[0] == "Manager One noted that REQ-01 depends on REQ-02"


def test_what_a_thing_was_before_it_came_down_to_a_reader_stays_above(engagement):
    found = written(engagement, "Layoffs", clearance="restricted")
    requirements.edit(engagement.manager, engagement.id, found.id, revision=1, title="Layoffs in May")
    requirements.edit(engagement.manager, engagement.id, found.id, revision=2, title="Staffing", clearance="public")
    told = " ".join(said(engagement, engagement.client))
    assert "Layoffs" not in told
    assert "restricted" not in told
    assert said(engagement, engagement.client, subject=found.id) == [
        "Manager One changed REQ-01: title set to “Staffing”, who may read it set to public"
    ]
    assert "from “Layoffs in May” to “Staffing”" in said(engagement)[0]


def test_a_client_reads_no_internal_note(engagement):
    found = written(engagement)
    comments.add(engagement.member, engagement.id, found.id, "Overpriced.", internal=True)
    lines = history.told(engagement.client, engagement.id).lines
    assert "internal note" not in " ".join(line.text for line in lines)
    assert not any(line.quote for line in lines)


def test_a_stranger_is_told_nothing(engagement):
    for read in (history.told, history.people):
        with pytest.raises(NotFound):
            read(engagement.stranger, engagement.id)


@pytest.mark.parametrize("role", ["manager", "member", "client", "viewer"])
def test_lines_are_told_of_events_that_the_feed_lists(engagement, role):
    for clearance in CLEARANCES:
        found = written(engagement, clearance, clearance=clearance)
        comments.add(engagement.manager, engagement.id, found.id, "said")
    reader: Actor = engagement.by_role(role)
    seen = {h.seq for h in activity.listed(reader, engagement.id)}
    assert {line.seq for line in history.told(reader, engagement.id, limit=500).lines} <= seen

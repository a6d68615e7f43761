"""The trash, holds, retention and disposal by two people."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest

from core import accounts, activity, db, history, links, overview, projects, requirements, telling
from core.errors import Conflict, Invalid, NotFound, Refused
from core.ids import new_id, now
from core.requirements import Draft
from tests.conftest import OPERATOR
from vault import (
    checkout,
    disposal,
    documents,
    holds,
    keys,
    retention,
    review,
    search_index,
    sweeping,
    text,
    trash,
    verifying,
)
from vault import shelf as at_a_glance

pytestmark = pytest.mark.store


@pytest.fixture
def second(shelf):
    """Another manager, who can confirm."""
    account = accounts.create(OPERATOR, mail="second@example.com", name="Manager Two")
    projects.add_member(OPERATOR, shelf.id, account=account.id, role="manager", clearance="restricted")
    return account.actor


def put(actor, here, content=None, **about):
    source = io.BytesIO(content or new_id().encode())
    return documents.put(actor, here.id, source, **{"file_name": "price list.txt", "class_": "design"} | about).document


def approve(here, document):
    version = documents.get(here.member, here.id, document).version
    asked = review.ask(here.member, here.id, document, version, people=[here.manager.id],
                       due=date.today() + timedelta(days=1), message="")  # fmt: skip
    review.decide(here.manager, here.id, asked.id, "approve")
    return document


def dispose_of(here, second, *some):
    found = disposal.propose(here.manager, here.id, some, reason="a mistake")
    return disposal.confirm(second, here.id, found.id)


def whole() -> None:
    found = verifying.verify(OPERATOR, contents=True)
    assert found.problems == ()


# the trash


def test_a_discarded_document_is_nowhere_and_comes_back_as_it_was(shelf):
    paper = put(shelf.member, shelf, b"The price is 4711.")
    before = documents.get(shelf.member, shelf.id, paper)
    card = requirements.create(shelf.member, shelf.id, Draft(title="Gate opens"))
    links.link(shelf.member, shelf.id, card.id, kind="document", target=paper)
    trash.discard(shelf.member, shelf.id, paper, version=1, reason="wrong project")
    assert documents.listed(shelf.manager, shelf.id) == []
    assert at_a_glance.counted(shelf.manager, shelf.id).total == 0
    assert links.links(shelf.member, shelf.id, card.id) == []
    assert paper not in {t.id for t in links.targets(shelf.member, shelf.id)}
    for act in (documents.get, documents.fetch, documents.versions, trash.discard):
        with pytest.raises(NotFound):
            act(shelf.member, shelf.id, paper)
    with pytest.raises(NotFound):
        put(shelf.member, shelf, document=paper)
    assert [d.id for d in trash.listed(shelf.member, shelf.id)] == [paper]
    back = trash.bring_back(shelf.member, shelf.id, "doc-01")
    assert (back.title, back.version, back.state, back.discarded_at) == (before.title, 1, before.state, None)
    assert b"".join(documents.fetch(shelf.member, shelf.id, paper).chunks) == b"The price is 4711."
    assert len(links.links(shelf.member, shelf.id, card.id)) == 1
    whole()


def test_what_one_is_not_cleared_for_is_not_in_the_trash_either(shelf):
    secret = put(shelf.manager, shelf, clearance="restricted")
    trash.discard(shelf.manager, shelf.id, secret)
    assert trash.listed(shelf.member, shelf.id) == []
    with pytest.raises(NotFound):
        trash.bring_back(shelf.member, shelf.id, secret)
    for role in ("client", "viewer"):
        with pytest.raises(Refused):
            trash.listed(shelf.by_role(role), shelf.id)


def test_a_newer_version_than_the_screen_showed_is_not_discarded_unseen(shelf):
    paper = put(shelf.member, shelf)
    put(shelf.manager, shelf, document=paper)
    with pytest.raises(Conflict, match="Version 2"):
        trash.discard(shelf.member, shelf.id, paper, version=1)


def test_what_somebody_works_on_is_not_discarded_by_others(shelf):
    paper = put(shelf.member, shelf)
    checkout.take(shelf.member, shelf.id, paper, reason="prices", until=now() + timedelta(hours=1))
    with pytest.raises(Conflict, match="checked out"):
        trash.discard(shelf.manager, shelf.id, paper)


def test_a_project_in_the_trash_exists_for_nobody_and_comes_back_whole(shelf):
    paper = put(shelf.member, shelf, clearance="public")
    with pytest.raises(Refused):
        trash.discard_project(shelf.manager, shelf.id)
    trash.discard_project(shelf.admin, shelf.id, reason="called off")
    for who in (shelf.admin, shelf.manager, shelf.member, shelf.client, OPERATOR):
        assert shelf.id not in {p.id for p in projects.mine(who)}
        assert overview.lines(who, now=now()) == []
        with pytest.raises(NotFound):
            projects.get(who, shelf.id)
        with pytest.raises(NotFound):
            documents.project_of(who, paper)
        with pytest.raises(NotFound):
            documents.listed(who, shelf.id)
    with pytest.raises(NotFound):
        trash.discard_project(shelf.admin, shelf.id)
    assert [p.id for p in trash.projects(shelf.admin)] == [shelf.id]
    trash.bring_back_project(shelf.admin, shelf.id)
    assert documents.get(shelf.client, shelf.id, paper).clearance == "public"
    assert trash.projects(shelf.admin) == []
    whole()


# holds


def test_a_hold_beats_everything(shelf, second):
    kept, other = put(shelf.member, shelf), put(shelf.member, shelf)
    trash.discard(shelf.member, shelf.id, other)
    waiting = disposal.propose(shelf.manager, shelf.id, [other], reason="a mistake")
    for document in (kept, other):
        holds.place(shelf.manager, shelf.id, document=document, reason="claim 12")
    for act in (
        lambda: trash.discard(shelf.member, shelf.id, kept),
        lambda: trash.discard_project(shelf.admin, shelf.id),
        lambda: disposal.confirm(second, shelf.id, waiting.id),
    ):
        with pytest.raises(Conflict, match="hold"):
            act()
    assert disposal.candidates(shelf.manager, shelf.id) == []
    holds.release_from(shelf.manager, shelf.id, kept, reason="settled")
    trash.discard(shelf.member, shelf.id, kept)
    for one in holds.listed(shelf.manager, shelf.id):
        holds.release(shelf.manager, shelf.id, one.hold.id, reason="settled")
    disposal.confirm(second, shelf.id, waiting.id)
    whole()


def test_a_hold_on_the_project_covers_what_comes_later(shelf):
    holds.place(shelf.manager, shelf.id, reason="claim 12")
    paper = put(shelf.member, shelf)
    with pytest.raises(Conflict, match="claim 12"):
        trash.discard(shelf.member, shelf.id, paper)
    with pytest.raises(Conflict, match="itself"):
        holds.release_from(shelf.manager, shelf.id, paper, reason="settled")


def test_a_hold_needs_a_reason_and_a_manager_and_is_not_told_to_the_client(shelf):
    paper = put(shelf.member, shelf, clearance="public")
    with pytest.raises(Invalid):
        holds.place(shelf.manager, shelf.id, document=paper, reason=" ")
    with pytest.raises(Refused):
        holds.place(shelf.member, shelf.id, document=paper, reason="claim 12")
    placed = holds.place(shelf.manager, shelf.id, document=paper, reason="claim 12")
    with pytest.raises(Invalid):
        holds.release(shelf.manager, shelf.id, placed.id, reason="")
    assert [one.document.id for one in holds.listed(shelf.viewer, shelf.id, document=paper)] == [paper]
    with pytest.raises(Refused):
        holds.listed(shelf.client, shelf.id)
    told = {who: [e.entity for e in activity.listed(shelf.by_role(who), shelf.id)] for who in ("client", "viewer")}
    assert "legal_hold" not in told["client"]
    assert "legal_hold" in told["viewer"]


def test_a_hold_on_what_one_is_not_cleared_for_does_not_exist(shelf):
    secret = put(shelf.manager, shelf, clearance="restricted")
    placed = holds.place(shelf.manager, shelf.id, document=secret, reason="claim 12")
    low = accounts.create(OPERATOR, mail="low@example.com", name="Low Manager")
    projects.add_member(OPERATOR, shelf.id, account=low.id, role="manager", clearance="internal")
    assert holds.listed(low.actor, shelf.id) == []
    with pytest.raises(NotFound):
        holds.release(low.actor, shelf.id, placed.id, reason="settled")


# retention


def test_documents_are_kept_as_many_years_after_the_projects_end_as_their_class_says(shelf):
    paper = put(shelf.member, shelf)
    years = retention.of(shelf.member, shelf.id, paper).years
    assert retention.of(shelf.member, shelf.id, paper).until is None
    projects.end(shelf.manager, shelf.id, date(2024, 2, 29))
    found = retention.of(shelf.member, shelf.id, paper)
    assert found.until == date(2024 + years, 3, 1)
    assert not found.is_due(found.until - timedelta(days=1))
    assert found.is_due(found.until)


def test_what_has_been_kept_long_enough_may_go_without_the_trash_approved_or_not(shelf, second):
    paper = approve(shelf, put(shelf.member, shelf))
    with pytest.raises(Conflict, match="long enough"):
        disposal.propose(shelf.manager, shelf.id, [paper], reason="time is up")
    projects.end(shelf.manager, shelf.id, date(1990, 1, 1))
    assert [one.document.id for one in disposal.candidates(shelf.manager, shelf.id)] == [paper]
    dispose_of(shelf, second, paper)
    whole()


def test_what_was_approved_is_kept_its_years_even_from_the_trash(shelf):
    record, draft = approve(shelf, put(shelf.member, shelf)), put(shelf.member, shelf)
    projects.end(shelf.manager, shelf.id, date.today())
    for document in (record, draft):
        trash.discard(shelf.member, shelf.id, document)
    assert [one.document.id for one in disposal.candidates(shelf.manager, shelf.id)] == [draft]
    with pytest.raises(Conflict, match="kept until"):
        disposal.propose(shelf.manager, shelf.id, [record, draft], reason="a mistake")


# disposal


def test_it_takes_two_and_leaves_a_tombstone_without_a_key(shelf, second, vault, home):
    paper = put(shelf.member, shelf, b"The price is 4711. " * 50, title="Secret price", note="first offer")
    put(shelf.member, shelf, b"The price is 4712. " * 50, document=paper)
    other = put(shelf.member, shelf)
    before = documents.versions(shelf.member, shelf.id, paper)
    search_index.index().follow()
    search_index.index().read()
    trash.discard(shelf.member, shelf.id, paper)
    found = disposal.propose(shelf.manager, shelf.id, ["DOC-01"], reason="a mistake")
    with pytest.raises(Refused, match="two"):
        disposal.confirm(shelf.manager, shelf.id, found.id)
    disposal.confirm(second, shelf.id, found.id)
    assert {o.key for o in vault.store.listed("v1/")} & {v.object_key for v in before} == set()
    (stone,) = disposal.tombstones(shelf.manager, shelf.id)
    assert (stone.document.title, stone.proposed, stone.confirmed) == ("DOC-01", "Manager One", "Manager Two")
    assert [(v.sha256, v.author_name, v.file_name, v.note, v.wrapped_key) for v in stone.versions] == [
        (v.sha256, "Member One", "", "", "") for v in reversed(before)
    ]
    assert not any((text.folder() / f"{v.id}.text").exists() for v in before)
    for act in (documents.get, trash.bring_back, retention.of):
        with pytest.raises(NotFound):
            act(shelf.member, shelf.id, paper)
    with pytest.raises(NotFound):
        holds.place(shelf.manager, shelf.id, document=paper, reason="claim 12")
    with pytest.raises(Conflict, match="decided"):
        disposal.confirm(second, shelf.id, found.id)
    assert [d.document.id for d in documents.listed(shelf.member, shelf.id)] == [other]
    keys.rotate(OPERATOR)
    whole()
    said = [telling.plain(line.sentence) for line in history.told(shelf.manager, shelf.id).lines]
    assert "With the word of Manager Two, DOC-01 was disposed of" in said
    assert "Member One put DOC-01 into the trash" in said


def test_lists_are_of_documents_that_may_go_of_people_and_with_a_reason(shelf):
    paper = put(shelf.member, shelf)
    with pytest.raises(Conflict, match="not in the trash"):
        disposal.propose(shelf.manager, shelf.id, [paper], reason="a mistake")
    trash.discard(shelf.member, shelf.id, paper)
    for some, reason in (([], "a mistake"), ([paper], " ")):
        with pytest.raises(Invalid):
            disposal.propose(shelf.manager, shelf.id, some, reason=reason)
    with pytest.raises(Refused):
        disposal.propose(shelf.member, shelf.id, [paper], reason="a mistake")
    with pytest.raises(Refused):
        disposal.propose(OPERATOR, shelf.id, [paper], reason="a mistake")
    disposal.propose(shelf.manager, shelf.id, [paper], reason="a mistake")
    with pytest.raises(Conflict, match="waits already"):
        disposal.propose(shelf.admin, shelf.id, [paper], reason="a mistake")


def test_what_changed_since_it_was_proposed_stays(shelf, second, vault):
    paper = put(shelf.member, shelf)
    trash.discard(shelf.member, shelf.id, paper)
    found = disposal.propose(shelf.manager, shelf.id, [paper], reason="a mistake")
    trash.bring_back(shelf.member, shelf.id, paper)
    with pytest.raises(Conflict, match="not in the trash"):
        disposal.confirm(second, shelf.id, found.id)
    put(shelf.member, shelf, document=paper)
    trash.discard(shelf.member, shelf.id, paper)
    with pytest.raises(Conflict, match="newer version"):
        disposal.confirm(second, shelf.id, found.id)
    disposal.take_back(second, shelf.id, found.id)
    assert disposal.waiting(second, shelf.id) == []
    with pytest.raises(Conflict):
        disposal.confirm(second, shelf.id, found.id)
    trash.bring_back(shelf.member, shelf.id, paper)
    whole()


def test_a_list_with_something_one_is_not_cleared_for_does_not_exist(shelf):
    secret = put(shelf.manager, shelf, clearance="restricted")
    trash.discard(shelf.manager, shelf.id, secret)
    found = disposal.propose(shelf.manager, shelf.id, [secret], reason="a mistake")
    low = accounts.create(OPERATOR, mail="low@example.com", name="Low Manager")
    projects.add_member(OPERATOR, shelf.id, account=low.id, role="manager", clearance="internal")
    assert disposal.waiting(low.actor, shelf.id) == []
    with pytest.raises(NotFound):
        disposal.confirm(low.actor, shelf.id, found.id)


def test_verify_finds_a_key_that_stayed_and_an_object_that_stayed(shelf, second, vault):
    paper = put(shelf.member, shelf)
    (version,) = documents.versions(shelf.member, shelf.id, paper)
    trash.discard(shelf.member, shelf.id, paper)
    dispose_of(shelf, second, paper)
    writer = vault.store.writer(version.object_key)
    writer.write(b"left over")
    writer.commit()
    assert [p.what for p in verifying.verify(OPERATOR).problems] == ["was disposed of, but is still in the store"]
    sweeping.sweep(OPERATOR, after=timedelta(0))  # seen in the first pass, removed in the second
    assert verifying.verify(OPERATOR).ok
    sweeping.sweep(OPERATOR, after=timedelta(0))
    assert version.object_key not in {o.key for o in vault.store.listed()}
    db.database().cursor().execute("UPDATE document_version SET wrapped_key = 'x' WHERE id = ?", [version.id])
    assert "was disposed of, but its key is still there" in {p.what for p in verifying.verify(OPERATOR).problems}

from __future__ import annotations

import pytest

from core import checklists, db, requirements, views
from core.checklists import Attachment, Checklist, ChecklistItem
from core.errors import Conflict, Invalid, NotFound, Refused
from core.ids import new_id, now
from core.requirements import Draft


def test_a_view_is_ones_own_until_it_is_shared(engagement):
    views.save(engagement.member, engagement.id, name="Mine first", query="?mine=1")
    views.save(engagement.manager, engagement.id, name="For the meeting", query="priority=must", shared=True)
    assert [v.name for v in views.listed(engagement.member, engagement.id)] == ["For the meeting", "Mine first"]
    assert [v.name for v in views.listed(engagement.client, engagement.id)] == ["For the meeting"]
    assert views.listed(engagement.member, engagement.id)[1].query == "mine=1"


def test_saving_under_the_same_name_replaces_ones_own(engagement):
    first = views.save(engagement.member, engagement.id, name="V", query="a=1")
    again = views.save(engagement.member, engagement.id, name="V", query="a=2")
    assert (first.id, again.query) == (again.id, "a=2")


def test_a_shared_name_is_taken(engagement):
    views.save(engagement.manager, engagement.id, name="V", query="", shared=True)
    with pytest.raises(Conflict):
        views.save(engagement.member, engagement.id, name="V", query="", shared=True)


def test_a_client_shares_no_view_and_a_view_needs_a_name(engagement):
    with pytest.raises(Refused):
        views.save(engagement.client, engagement.id, name="V", query="", shared=True)
    with pytest.raises(Invalid):
        views.save(engagement.client, engagement.id, name=" ", query="")


def test_another_persons_view_does_not_exist_and_a_shared_one_is_theirs(engagement):
    own = views.save(engagement.member, engagement.id, name="V", query="")
    shared = views.save(engagement.member, engagement.id, name="S", query="", shared=True)
    with pytest.raises(NotFound):
        views.remove(engagement.viewer, engagement.id, own.id)
    with pytest.raises(Refused):
        views.remove(engagement.viewer, engagement.id, shared.id)
    views.remove(engagement.manager, engagement.id, shared.id)
    views.remove(engagement.member, engagement.id, own.id)
    assert views.listed(engagement.member, engagement.id) == []


def test_items_of_a_checklist_are_ticked(engagement):
    card = requirements.create(engagement.member, engagement.id, Draft("A"))
    with db.write(engagement.member) as tx:
        kept = tx.insert(Checklist(new_id(), engagement.id, card.id, "Before go-live", 1.0, 1))
        item = tx.insert(ChecklistItem(new_id(), engagement.id, card.id, kept.id, "Ask legal", False, 1.0, 1))
        tx.insert(Attachment(new_id(), engagement.id, card.id, "a.pdf", "https://example.com/a.pdf", 12, now(), 1))
    checklists.tick(engagement.member, engagement.id, item.id, done=True)
    assert checklists.listed(engagement.viewer, engagement.id, card.id)[0].items[0].done
    assert checklists.attachments(engagement.viewer, engagement.id, card.code)[0].name == "a.pdf"
    with pytest.raises(Refused):
        checklists.tick(engagement.client, engagement.id, item.id, done=False)

"""Grants, denials, rules, planned downgrades; why somebody sees something, and what a change would do."""

from __future__ import annotations

import io
import random
from datetime import timedelta

import pytest

from core import accounts, activity, db, projects, reading
from core.access import CLEARANCES
from core.errors import Conflict, Invalid, NotFound, Refused
from core.ids import now
from tests.conftest import OPERATOR
from vault import audit, documents, downgrades, grants, rights, rules, verifying
from vault import shelf as shelves

pytestmark = pytest.mark.store


def put(shelf, clearance="restricted", class_="plan", who=None, name="prices"):
    content = io.BytesIO(f"{name} {clearance} {class_}".encode())
    return documents.put(
        who or shelf.manager, shelf.id, content, file_name=f"{name}.txt", class_=class_, clearance=clearance
    ).document


def grant(shelf, document, who, kind="grant", **about):
    return grants.give(
        shelf.manager, shelf.id, document, account=who.id, kind=kind, **{"reason": "for the tender"} | about
    )


def seen(shelf, who):
    """What exists for somebody, by every way of asking; they have to agree."""
    codes = {one.document.id for one in documents.listed(who, shelf.id)}
    assert shelves.counted(who, shelf.id).total == len(codes)
    for document in db.rows("SELECT id FROM document WHERE project_id = ?", [shelf.id]):
        if document["id"] in codes:
            assert b"".join(documents.fetch(who, shelf.id, document["id"]).chunks)
        else:
            with pytest.raises(NotFound):
                documents.get(who, shelf.id, document["id"])
    return codes


# grants and denials


def test_a_grant_opens_one_document_above_the_clearance_until_it_ends(shelf):
    paper, other = put(shelf), put(shelf, name="other")
    given = grant(shelf, paper, shelf.client)
    assert seen(shelf, shelf.client) == {paper}
    grants.end(shelf.manager, shelf.id, given.id)
    assert seen(shelf, shelf.client) == set()
    assert seen(shelf, shelf.manager) == {paper, other}


def test_a_grant_holds_before_its_moment_and_not_after_it(shelf, monkeypatch):
    paper = put(shelf)
    until = now() + timedelta(days=1)
    grant(shelf, paper, shelf.client, until=until)
    assert seen(shelf, shelf.client) == {paper}
    monkeypatch.setattr(reading, "now", lambda: until)
    assert seen(shelf, shelf.client) == set()


def test_a_denial_is_stronger_than_clearance_grant_and_office(shelf):
    paper = put(shelf, "public")
    grant(shelf, paper, shelf.member)
    for who in (shelf.member, shelf.admin):
        denied = grant(shelf, paper, who, kind="denial")
        assert seen(shelf, who) == set()
        grants.end(shelf.manager, shelf.id, denied.id)
        assert seen(shelf, who) == {paper}


def test_the_operator_is_bound_by_no_denial(shelf):
    paper = put(shelf)
    grant(shelf, paper, shelf.admin, kind="denial")
    assert seen(shelf, OPERATOR) == {paper}


def test_what_is_denied_is_not_granted_meanwhile(shelf):
    paper = put(shelf)
    grant(shelf, paper, shelf.client, kind="denial")
    with pytest.raises(Conflict, match="Client One"):
        grant(shelf, paper, shelf.client)


def test_a_second_grant_takes_the_place_of_the_first(shelf):
    paper = put(shelf)
    grant(shelf, paper, shelf.client)
    later = now() + timedelta(days=9)
    grant(shelf, paper, shelf.client, until=later, reason="longer")
    assert [
        (one.person, one.giver, one.grant.until, one.grant.reason) for one in grants.listed(shelf.manager, shelf.id)
    ] == [("Client One", "Manager One", later, "longer")]


def test_a_grant_asks_for_a_reason_a_day_to_come_a_person_of_the_project_and_somebody_else(shelf):
    paper = put(shelf)
    for wrong, error in (
        ({"reason": " "}, Invalid), ({"until": now()}, Invalid), ({"kind": "loan"}, Invalid),
    ):  # fmt: skip
        with pytest.raises(error):
            grant(shelf, paper, shelf.client, **wrong)
    with pytest.raises(NotFound):
        grant(shelf, paper, shelf.stranger)
    with pytest.raises(Refused):
        grant(shelf, paper, shelf.manager)
    assert grants.listed(shelf.manager, shelf.id) == []


def test_who_reads_by_a_grant_gives_nothing_on_and_classifies_nothing(shelf):
    low = accounts.create(OPERATOR, mail="low@example.com", name="Low Manager")
    projects.add_member(OPERATOR, shelf.id, account=low.id, role="manager", clearance="internal")
    paper = put(shelf)
    grant(shelf, paper, low.actor)
    assert seen(shelf, low.actor) == {paper}
    with pytest.raises(Refused):
        grants.give(low.actor, shelf.id, paper, account=shelf.client.id, kind="grant", reason="mine")
    with pytest.raises(Refused):
        documents.reclassify(low.actor, shelf.id, paper, revision=1, clearance="public", reason="mine")
    with pytest.raises(Refused):
        downgrades.order(low.actor, shelf.id, paper, clearance="public", due=now() + timedelta(1), reason="mine")


def test_nobody_ends_a_denial_of_their_own(shelf):
    paper = put(shelf)
    denied = grants.give(shelf.admin, shelf.id, paper, account=shelf.manager.id, kind="denial", reason="conflict")
    assert grants.listed(shelf.manager, shelf.id) == []
    with pytest.raises(NotFound):
        grants.end(shelf.manager, shelf.id, denied.id)


def test_the_list_of_grants_names_only_what_exists_for_the_one_who_asks(shelf):
    low = accounts.create(OPERATOR, mail="low@example.com", name="Low Manager")
    projects.add_member(OPERATOR, shelf.id, account=low.id, role="manager", clearance="internal")
    grant(shelf, put(shelf), shelf.client)
    grant(shelf, put(shelf, "internal"), shelf.client)
    assert len(grants.listed(shelf.manager, shelf.id)) == 2
    assert [one.clearance for one in grants.listed(low.actor, shelf.id)] == ["internal"]


def test_the_client_reads_nothing_of_grants_in_what_happened(shelf):
    paper = put(shelf, "public")
    grant(shelf, paper, shelf.member)
    told = {(one.entity, one.action) for one in activity.listed(shelf.manager, shelf.id)}
    assert ("reading_grant", "granted") in told
    assert "reading_grant" not in {one.entity for one in activity.listed(shelf.client, shelf.id)}


def test_a_grant_is_worth_nothing_outside_the_project(shelf):
    paper = put(shelf)
    grant(shelf, paper, shelf.client)
    for member in projects.members(shelf.admin, shelf.id):
        if member.account_id == shelf.client.id:
            projects.remove_member(shelf.admin, shelf.id, member.id)
    with pytest.raises(NotFound):
        documents.project_of(shelf.client, paper)


# rules


def test_a_rule_limits_what_a_role_reads_of_a_class(shelf):
    plan, design = put(shelf, "internal"), put(shelf, "internal", "design")
    public = put(shelf, "public")
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance="public")
    assert seen(shelf, shelf.viewer) == {design, public}
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance=None)
    assert seen(shelf, shelf.viewer) == {design}
    assert seen(shelf, shelf.member) == {plan, design, public}
    rules.lift(shelf.manager, shelf.id, rules.listed(shelf.manager, shelf.id)[0].id)
    assert seen(shelf, shelf.viewer) == {plan, design, public}


def test_a_rule_never_opens_anything_and_a_grant_goes_past_it(shelf):
    plan = put(shelf, "confidential")
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance="restricted")
    assert seen(shelf, shelf.viewer) == set()
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance=None)
    grant(shelf, plan, shelf.viewer)
    assert seen(shelf, shelf.viewer) == {plan}


def test_of_two_rules_the_stricter_one_holds(shelf):
    put(shelf, "internal")
    low = put(shelf, "public")
    rules.limit_everywhere(shelf.admin, role="viewer", class_="plan", clearance="public")
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance="restricted")
    assert seen(shelf, shelf.viewer) == {low}
    with pytest.raises(NotFound):
        rules.lift(shelf.manager, shelf.id, rules.everywhere(shelf.admin)[0].id)


def test_a_rule_names_a_role_that_it_can_bind(shelf):
    with pytest.raises(Invalid):
        rules.limit(shelf.manager, shelf.id, role="admin", class_="plan", clearance=None)


# classification


def test_a_planned_downgrade_comes_on_its_day_as_accords_own_act(shelf):
    paper = put(shelf, "confidential")
    due = now() + timedelta(days=1)
    downgrades.order(shelf.manager, shelf.id, paper, clearance="internal", due=due, reason="tender is over")
    downgrades.settle(at=due - timedelta(seconds=1))
    assert seen(shelf, shelf.viewer) == set()
    downgrades.settle(at=due)
    assert seen(shelf, shelf.viewer) == {paper}
    event = db.row("SELECT actor_id, note FROM event WHERE action = 'reclassified'")
    assert (event["actor_id"], event["note"]) == ("system", "tender is over")
    assert downgrades.planned(shelf.manager, shelf.id, paper) == []


def test_whoever_raises_a_document_ends_what_was_planned_for_it(shelf):
    paper = put(shelf, "confidential")
    due = now() + timedelta(days=1)
    downgrades.order(shelf.manager, shelf.id, paper, clearance="internal", due=due, reason="tender is over")
    documents.reclassify(shelf.manager, shelf.id, paper, revision=1, clearance="restricted", reason="a second tender")
    downgrades.settle(at=due)
    assert documents.get(shelf.manager, shelf.id, paper).clearance == "restricted"


def test_a_planned_downgrade_never_raises(shelf):
    paper = put(shelf, "confidential")
    due = now() + timedelta(days=1)
    downgrades.order(shelf.manager, shelf.id, paper, clearance="internal", due=due, reason="tender is over")
    documents.reclassify(shelf.manager, shelf.id, paper, revision=1, clearance="public", reason="published")
    downgrades.settle(at=due)
    assert documents.get(shelf.manager, shelf.id, paper).clearance == "public"


def test_a_planned_downgrade_can_be_taken_back(shelf):
    paper = put(shelf, "confidential")
    due = now() + timedelta(days=1)
    plan = downgrades.order(shelf.manager, shelf.id, paper, clearance="internal", due=due, reason="tender is over")
    downgrades.take_back(shelf.member, shelf.id, plan.id)
    downgrades.settle(at=due)
    assert documents.get(shelf.manager, shelf.id, paper).clearance == "confidential"


def test_a_downgrade_goes_down_on_a_day_to_come_with_a_reason(shelf):
    paper = put(shelf, "internal")
    good = {"clearance": "public", "due": now() + timedelta(days=1), "reason": "published"}
    for wrong in ({"clearance": "internal"}, {"clearance": "secret"}, {"due": now()}, {"reason": " "}):
        with pytest.raises(Invalid):
            downgrades.order(shelf.manager, shelf.id, paper, **good | wrong)


def test_who_will_read_a_document_knows_of_rules_grants_and_denials(shelf):
    paper = put(shelf, "internal")
    assert documents.readers(shelf.manager, shelf.id, "internal", document=paper).team == (
        "Manager One",
        "Member One",
        "Viewer One",
    )
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance="public")
    grant(shelf, paper, shelf.client)
    grant(shelf, paper, shelf.member, kind="denial")
    found = documents.readers(shelf.manager, shelf.id, "internal", document=paper)
    assert (found.team, found.client) == (("Manager One",), ("Client One",))
    assert documents.readers(shelf.manager, shelf.id, "internal", class_="plan").team == ("Manager One", "Member One")


def test_the_form_for_new_documents_knows_where_a_rule_makes_it_fewer(shelf):
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance="public")
    found = rights.audiences(shelf.member, shelf.id)
    assert {clearance for _class, clearance in found} == {"public", "internal", "confidential"}
    assert {class_ for class_, _clearance in found} == {"", "plan"}
    assert "Viewer One" in found["", "internal"].team
    assert found["plan", "internal"].team == ("Manager One", "Member One")


# why, and what if


def rule_of(shelf, who, paper):
    found = rights.why(shelf.manager, shelf.id, account=who.id, document=paper)
    return found.sees, found.chain[-1].rule


def test_why_names_the_rule_that_decided(shelf):
    paper = put(shelf)
    assert rule_of(shelf, shelf.admin, paper) == (True, "clearance")
    assert rule_of(shelf, shelf.member, paper) == (False, "clearance")
    assert rule_of(shelf, shelf.stranger, paper) == (False, "membership")
    grant(shelf, paper, shelf.member, until=now() + timedelta(days=1))
    assert rule_of(shelf, shelf.member, paper) == (True, "grant")
    told = rights.why(shelf.manager, shelf.id, account=shelf.member.id, document=paper).chain[-1].text.text()
    assert told.startswith("Manager One granted it to this person until ")
    assert told.endswith(": for the tender")
    grant(shelf, paper, shelf.member, kind="denial", reason="conflict of interest")
    assert rule_of(shelf, shelf.member, paper) == (False, "denial")
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance=None)
    assert rule_of(shelf, shelf.viewer, paper) == (False, "rule")


def test_why_is_for_those_who_grant_and_about_oneself(shelf):
    paper = put(shelf, "public")
    assert rights.why(shelf.client, shelf.id, account=shelf.client.id, document=paper).sees
    with pytest.raises(Refused):
        rights.why(shelf.client, shelf.id, account=shelf.member.id, document=paper)
    with pytest.raises(NotFound):
        rights.why(shelf.client, shelf.id, account=shelf.client.id, document=put(shelf, "internal"))


def test_a_disabled_account_and_its_reason(shelf):
    paper = put(shelf, "public")
    accounts.disable(shelf.admin, shelf.viewer.id)
    found = rights.why(shelf.manager, shelf.id, account=shelf.viewer.id, document=paper)
    assert (found.sees, found.chain[-1].text.text()) == (False, "The account of Viewer One is disabled.")


def changes(effect):
    return {c.person for c in effect.gains}, {c.person for c in effect.loses}


def test_what_if_names_who_gains_and_who_loses_before_anything_is_saved(shelf):
    paper = put(shelf, "confidential")
    events = db.head_seq()
    manager = (shelf.manager, shelf.id)
    assert changes(rights.if_classified(*manager, paper, clearance="public")) == ({"Client One", "Viewer One"}, set())
    assert changes(rights.if_classified(*manager, paper, clearance="restricted")) == (set(), {"Member One"})
    assert changes(rights.if_given(*manager, paper, account=shelf.client.id, kind="grant")) == ({"Client One"}, set())
    assert changes(rights.if_given(*manager, paper, account=shelf.admin.id, kind="denial")) == (set(), {"Admin One"})
    assert changes(rights.if_limited(*manager, role="member", class_="plan", clearance=None)) == (set(), {"Member One"})
    placed = rights.if_placed(*manager, account=shelf.client.id, role="member", clearance="restricted")
    assert [(c.person, c.documents) for c in placed.gains] == [("Client One", ("DOC-01",))]
    assert changes(rights.if_placed(*manager, account=shelf.member.id, role=None, clearance="public")) == (
        set(),
        {"Member One"},
    )
    assert db.head_seq() == events


def test_the_end_of_a_grant_and_of_a_rule_are_seen_before(shelf):
    paper = put(shelf, "confidential")
    given = grant(shelf, paper, shelf.client)
    assert changes(rights.if_ended(shelf.manager, shelf.id, given.id)) == (set(), {"Client One"})
    rule = rules.limit(shelf.manager, shelf.id, role="member", class_="plan", clearance=None)
    assert changes(rights.if_lifted(shelf.manager, shelf.id, rule.id)) == ({"Member One"}, set())


def test_nobody_learns_by_what_if_who_stands_above_them_or_what_is_not_theirs(shelf):
    paper = put(shelf, "public")
    with pytest.raises(Refused):
        rights.if_classified(shelf.member, shelf.id, paper, clearance="restricted")
    low = accounts.create(OPERATOR, mail="low@example.com", name="Low Manager")
    projects.add_member(OPERATOR, shelf.id, account=low.id, role="manager", clearance="public")
    put(shelf, "restricted")
    found = rights.if_limited(low.actor, shelf.id, role="member", class_="plan", clearance=None)
    assert [c.documents for c in found.loses] == [("DOC-01",)]


def test_what_was_foretold_is_what_comes(shelf):
    """Random grants, denials, rules and classes: the foretold change is the difference in what everybody sees."""
    chance = random.Random(4)
    everybody = [shelf.by_role(role) for role in ("admin", "manager", "member", "client", "viewer")]
    papers = [put(shelf, level, class_, shelf.admin, f"p{n}") for n, (level, class_) in
              enumerate((level, class_) for level in CLEARANCES for class_ in ("plan", "design"))]  # fmt: skip

    def listing():
        return {who.id: {d.document.code for d in documents.listed(who, shelf.id)} for who in everybody}

    for _ in range(30):
        before, admin = listing(), (OPERATOR, shelf.id)
        paper, who = chance.choice(papers), chance.choice(everybody)
        kind = chance.choice(["grant", "denial", "limit", "classified"])
        if kind in ("grant", "denial"):
            effect = rights.if_given(*admin, paper, account=who.id, kind=kind)
            try:
                grants.give(*admin, paper, account=who.id, kind=kind, reason="chance")
            except Conflict:
                continue
        elif kind == "limit":
            asked = {"role": chance.choice(rules.LIMITED), "class_": chance.choice(["plan", "design"]),
                     "clearance": chance.choice([None, *CLEARANCES])}  # fmt: skip
            effect = rights.if_limited(*admin, **asked)
            rules.limit(*admin, **asked)
        else:
            level = chance.choice(CLEARANCES)
            effect = rights.if_classified(*admin, paper, clearance=level)
            documents.reclassify(
                *admin, paper, revision=documents.get(*admin, paper).revision, clearance=level, reason="c"
            )
        after = listing()
        gained = {who.id: after[who.id] - before[who.id] for who in everybody if after[who.id] - before[who.id]}
        lost = {who.id: before[who.id] - after[who.id] for who in everybody if before[who.id] - after[who.id]}
        assert {c.account_id: set(c.documents) for c in effect.gains} == gained
        assert {c.account_id: set(c.documents) for c in effect.loses} == lost
    circle = reading.circle(db.rows, shelf.id)
    for person in circle.people:
        actor = next(a for a in everybody if a.id == person.account_id)
        assert circle.reader(person) == reading.reader(actor, shelf.id)


def test_the_audit_tells_who_was_given_what_and_what_was_planned(shelf):
    paper = put(shelf, "confidential")
    given = grant(shelf, paper, shelf.client)
    grants.end(shelf.manager, shelf.id, given.id)
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance="public")
    downgrades.order(shelf.manager, shelf.id, paper, clearance="public", due=now() + timedelta(days=1), reason="over")

    def told(kind):
        return [line.action for line in audit.listed(shelf.manager, shelf.id, audit.Asked(kinds=(kind,))).lines]

    assert told("shared") == ["ended", "granted"]
    assert told("changed")[:2] == ["planned", "created"]


def test_the_ledger_knows_all_of_it(shelf):
    paper = put(shelf, "confidential")
    given = grant(shelf, paper, shelf.client)
    grants.end(shelf.manager, shelf.id, given.id)
    rules.limit(shelf.manager, shelf.id, role="viewer", class_="plan", clearance="public")
    downgrades.order(shelf.manager, shelf.id, paper, clearance="public", due=now() + timedelta(days=1), reason="over")
    assert verifying.verify(OPERATOR).ok

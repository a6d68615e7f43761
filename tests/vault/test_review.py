from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core import accounts, db, projects
from core.errors import AccordError, Conflict, Invalid, NotFound, Refused
from core.ids import new_id, now
from tests.conftest import OPERATOR
from vault import class_rules, documents, review, reviews, states, verifying
from vault import shelf as at_a_glance

pytestmark = pytest.mark.store

LATER = date(2999, 1, 1)


def put(actor, here, content=None, **about):
    source = io.BytesIO(content or new_id().encode())
    return documents.put(actor, here.id, source, **{"file_name": "note.txt", "class_": "design"} | about)


def ask(here, document, version=1, *, of=("manager",), by="member", **about):
    people = [here.by_role(role).id for role in of]
    return review.ask(here.by_role(by), here.id, document, version, people=people, **{"due": LATER} | about)


def decide(here, role, asked, verdict="approve", reason=""):
    return review.decide(here.by_role(role), here.id, asked.id, verdict, reason=reason)


def stands(here, document):
    """(the states of the versions, oldest first; the approved one)."""
    every = documents.versions(here.admin, here.id, document)[::-1]
    found = documents.get(here.admin, here.id, document)
    assert found.state == states.of(every[-1])
    return [states.of(version) for version in every], found.approved_version


@pytest.fixture
def drafted(shelf):
    return put(shelf.member, shelf, clearance="public").document


def approved(here, document, version=1, **about):
    decide(here, "manager", ask(here, document, version, **about))


def test_a_version_is_approved_when_everybody_who_was_asked_approves(shelf, drafted):
    asked = ask(shelf, drafted, of=("manager", "client"))
    assert stands(shelf, drafted) == (["in_review"], None)
    assert decide(shelf, "client", asked).outcome is None
    assert decide(shelf, "manager", asked).outcome == "approved"
    assert stands(shelf, drafted) == (["approved"], 1)
    assert verifying.verify(OPERATOR).ok


def test_the_hash_of_what_was_approved_stands_in_the_events(shelf, drafted):
    approved(shelf, drafted)
    digest = documents.versions(shelf.member, shelf.id, drafted)[0].sha256
    assert digest in db.value("SELECT after FROM event WHERE entity = 'review_seat' AND action = 'approve'")
    assert db.value("SELECT note FROM event WHERE entity = 'document' AND action = 'approved'") == digest


def test_nobody_approves_what_they_uploaded(shelf):
    content = new_id().encode()
    paper = put(shelf.manager, shelf, content).document
    with pytest.raises(Invalid):
        ask(shelf, paper, of=("manager",))
    asked = ask(shelf, paper, of=("member",))
    put(shelf.member, shelf, content, title="The same bytes elsewhere")
    with pytest.raises(Refused):
        decide(shelf, "member", asked)
    decide(shelf, "member", asked, "changes", "mine are better")
    assert stands(shelf, paper) == (["draft"], None)


def test_only_those_for_whom_it_exists_can_be_asked(shelf):
    secret = put(shelf.manager, shelf, clearance="restricted").document
    with pytest.raises(Invalid):
        ask(shelf, secret, of=("member",), by="manager")
    assert [one.name for one in review.candidates(shelf.manager, shelf.id, secret, 1)] == []
    with pytest.raises(NotFound):
        review.candidates(shelf.member, shelf.id, secret, 1)


def test_viewers_are_not_asked(shelf, drafted):
    with pytest.raises(Invalid):
        ask(shelf, drafted, of=("viewer",))
    names = [one.name for one in review.candidates(shelf.member, shelf.id, drafted, 1)]
    assert names == ["Client One", "Manager One"]


def test_who_was_not_asked_gives_no_verdict(shelf, drafted):
    asked = ask(shelf, drafted, of=("manager", "client"))
    for role in ("admin", "member"):
        with pytest.raises(Refused):
            decide(shelf, role, asked)


def test_changes_and_declining_need_a_reason_and_end_the_review(shelf, drafted):
    asked = ask(shelf, drafted, of=("manager", "client"))
    for verdict in ("changes", "decline"):
        with pytest.raises(Invalid):
            decide(shelf, "manager", asked, verdict, "  ")
    decide(shelf, "manager", asked, "changes", "the gate is missing")
    assert stands(shelf, drafted) == (["draft"], None)
    with pytest.raises(Conflict):
        decide(shelf, "client", asked)
    decide(shelf, "manager", ask(shelf, drafted), "decline", "nobody wants it")
    assert stands(shelf, drafted) == (["withdrawn"], None)
    with pytest.raises(Conflict):
        ask(shelf, drafted)


def test_a_new_version_leaves_the_verdicts_with_theirs(shelf, drafted):
    asked = ask(shelf, drafted, of=("manager", "client"))
    decide(shelf, "client", asked)
    put(shelf.member, shelf, document=drafted)
    assert stands(shelf, drafted) == (["in_review", "draft"], None)
    decide(shelf, "manager", asked)
    assert stands(shelf, drafted) == (["approved", "draft"], 1)


def test_a_later_approval_supersedes_and_ends_older_reviews(shelf, drafted):
    approved(shelf, drafted)
    put(shelf.member, shelf, document=drafted)
    older = ask(shelf, drafted, 2, of=("manager", "client"))
    put(shelf.member, shelf, document=drafted)
    approved(shelf, drafted, 3)
    assert stands(shelf, drafted) == (["superseded", "superseded", "approved"], 3)
    with pytest.raises(Conflict, match="later version"):
        decide(shelf, "client", older)


def test_an_older_version_is_not_approved_over_a_newer_one(shelf, drafted):
    put(shelf.member, shelf, document=drafted)
    approved(shelf, drafted, 2)
    with pytest.raises(Conflict):
        ask(shelf, drafted, 1)


def test_readers_get_the_approved_version_by_default_and_the_team_the_newest(shelf, drafted):
    approved(shelf, drafted)
    put(shelf.member, shelf, b"the second one", document=drafted)
    for role, number, state in (("client", 1, "approved"), ("viewer", 1, "approved"), ("member", 2, "draft")):
        who = shelf.by_role(role)
        assert documents.fetch(who, shelf.id, drafted).version == number
        assert [one.version.number for one in documents.listed(who, shelf.id, state=state)] == [number]
        assert dict(shelf_of(who, shelf).by_state) == {state: 1}
    assert documents.fetch(shelf.client, shelf.id, drafted, 2).version == 2


def shelf_of(who, here):
    return at_a_glance.counted(who, here.id)


def test_what_is_withdrawn_is_no_default_any_more(shelf, drafted):
    approved(shelf, drafted)
    put(shelf.member, shelf, document=drafted)
    with pytest.raises(Invalid):
        review.withdraw(shelf.manager, shelf.id, drafted, 1, reason="")
    with pytest.raises(Conflict):
        review.withdraw(shelf.manager, shelf.id, drafted, 2, reason="wrong prices")
    with pytest.raises(Refused):
        review.withdraw(shelf.member, shelf.id, drafted, 1, reason="wrong prices")
    review.withdraw(shelf.manager, shelf.id, drafted, 1, reason="wrong prices")
    assert stands(shelf, drafted) == (["withdrawn", "draft"], None)
    assert documents.fetch(shelf.client, shelf.id, drafted).version == 2


def test_the_same_file_comes_again_after_it_was_withdrawn(shelf):
    content = new_id().encode()
    paper = put(shelf.member, shelf, content).document
    approved(shelf, paper)
    review.withdraw(shelf.manager, shelf.id, paper, 1, reason="too early")
    assert put(shelf.member, shelf, content, document=paper).version == 2


def test_a_review_is_called_off_by_who_asked_or_a_manager(shelf, drafted):
    other = accounts.create(OPERATOR, mail="second@example.com", name="Second")
    projects.add_member(OPERATOR, shelf.id, account=other.id, role="member")
    asked = ask(shelf, drafted)
    with pytest.raises(Refused):
        review.call_off(other.actor, shelf.id, asked.id, reason="why not")
    with pytest.raises(Invalid):
        review.call_off(shelf.member, shelf.id, asked.id, reason="")
    review.call_off(shelf.member, shelf.id, asked.id, reason="a page is missing")
    assert stands(shelf, drafted) == (["draft"], None)


def test_remarks_have_a_place_and_are_settled(shelf, drafted):
    asked = ask(shelf, drafted)
    said = review.remark(shelf.manager, shelf.id, asked.id, "Which gate?", section="3.2", page=4, quote="the gate")
    with pytest.raises(Invalid):
        review.remark(shelf.manager, shelf.id, asked.id, " ")
    assert review.settle(shelf.member, shelf.id, said.id).settled
    (shown,) = reviews.of_document(shelf.member, shelf.id, drafted)
    assert [(r.section, r.page, r.quote, r.settled) for r in shown.remarks] == [("3.2", 4, "the gate", True)]


def test_the_client_is_told_nothing_of_a_review_among_the_team(shelf, drafted):
    asked = ask(shelf, drafted)
    assert reviews.of_document(shelf.client, shelf.id, drafted) == []
    assert reviews.waiting(shelf.client, shelf.id) == []
    for act in (lambda: decide(shelf, "client", asked), lambda: review.remark(shelf.client, shelf.id, asked.id, "x")):
        with pytest.raises(NotFound):
            act()
    assert len(reviews.of_document(shelf.viewer, shelf.id, drafted)) == 1


def test_what_waits_for_whom(shelf, drafted):
    ask(shelf, drafted, of=("manager", "client"))
    assert [(one.code, one.due) for one in reviews.mine(shelf.client, shelf.id)] == [("DOC-01", LATER)]
    assert reviews.mine(shelf.member, shelf.id) == []
    (waits,) = reviews.waiting(shelf.member, shelf.id)
    assert (waits.kind, waits.who, waits.mine) == ("review", ("Client One", "Manager One"), False)
    assert reviews.waiting(shelf.manager, shelf.id)[0].mine


def test_a_day_that_is_past_is_refused(shelf, drafted):
    with pytest.raises(Invalid):
        ask(shelf, drafted, due=date(2020, 1, 1))
    with pytest.raises(Invalid):
        ask(shelf, drafted, review_by=date(2020, 1, 1))


def test_what_was_approved_comes_up_again(shelf, drafted):
    approved(shelf, drafted, review_by=LATER)
    assert shelf_of(shelf.manager, shelf).overdue == 0
    with db.write(OPERATOR) as tx:
        tx.update(documents.get(shelf.admin, shelf.id, drafted), review_by=now().date() - timedelta(days=2))
    assert shelf_of(shelf.manager, shelf).overdue == 1
    assert [w.kind for w in reviews.waiting(shelf.manager, shelf.id)] == ["renew"]
    assert [one.document.id for one in documents.listed(shelf.manager, shelf.id, overdue=now().date())] == [drafted]
    review.renew(shelf.manager, shelf.id, drafted, 1, review_by=LATER)
    assert reviews.waiting(shelf.manager, shelf.id) == []
    assert documents.listed(shelf.manager, shelf.id, overdue=now().date()) == []


def test_nobody_renews_what_they_uploaded(shelf):
    paper = put(shelf.manager, shelf).document
    decide(shelf, "member", ask(shelf, paper, of=("member",)))
    with pytest.raises(Refused):
        review.renew(shelf.manager, shelf.id, paper, 1, review_by=LATER)


def test_a_class_may_ask_for_two_or_for_the_client(shelf, drafted):
    class_id = documents.get(shelf.member, shelf.id, drafted).class_id
    class_rules.change(shelf.admin, class_id, revision=0, approvals=2, client_word=True)
    with pytest.raises(Invalid, match="2"):
        ask(shelf, drafted, of=("client",))
    other = accounts.create(OPERATOR, mail="second@example.com", name="Second")
    projects.add_member(OPERATOR, shelf.id, account=other.id, role="member")
    with pytest.raises(Invalid, match="client"):
        review.ask(shelf.member, shelf.id, drafted, 1, people=[shelf.manager.id, other.id], due=LATER)
    assert ask(shelf, drafted, of=("client", "manager")).outcome is None


def test_two_who_approve_at_once_make_one_approval(shelf, drafted):
    asked = ask(shelf, drafted, of=("manager", "client"))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda role: decide(shelf, role, asked), ("manager", "client")))
    assert stands(shelf, drafted) == (["approved"], 1)
    assert db.value("SELECT COUNT(*) FROM event WHERE entity = 'document' AND action = 'approved'") == 1


ROLES = ("manager", "member", "client")


def test_no_sequence_lets_the_uploader_approve_or_a_state_come_about_otherwise(shelf):
    class Life(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.texts = [new_id().encode() for _ in range(3)]
            self.document = put(shelf.member, shelf, self.texts[0], clearance="public").document
            self.before = ["draft"]

        def tries(self, act):
            try:
                act()
            except AccordError:
                return

        def running(self):
            return [s.review for s in reviews.of_document(shelf.admin, shelf.id, self.document) if not s.review.outcome]

        @rule(role=st.sampled_from(ROLES), text=st.integers(0, 2))
        def uploads(self, role, text):
            self.tries(lambda: put(shelf.by_role(role), shelf, self.texts[text], document=self.document))

        @rule(role=st.sampled_from(ROLES), text=st.integers(0, 2))
        def uploads_elsewhere(self, role, text):
            self.tries(lambda: put(shelf.by_role(role), shelf, self.texts[text], clearance="public"))

        @rule(version=st.integers(1, 4), of=st.sets(st.sampled_from(ROLES), min_size=1))
        def asks(self, version, of):
            self.tries(lambda: ask(shelf, self.document, version, of=sorted(of), by="manager"))

        @rule(role=st.sampled_from(ROLES), verdict=st.sampled_from(("approve", "approve", "approve", "changes")))
        def decides(self, role, verdict):
            for one in self.running():
                self.tries(lambda one=one: decide(shelf, role, one, verdict, "why"))

        @rule(version=st.integers(1, 4))
        def withdraws(self, version):
            self.tries(lambda: review.withdraw(shelf.manager, shelf.id, self.document, version, reason="why"))

        @invariant()
        def holds(self):
            after, approved_version = stands(shelf, self.document)
            ways = set(states.TRANSITIONS.values())
            for was, state in zip(self.before, after, strict=False):
                steps = {was} | {b for a, b in ways if a == was}
                steps |= {b for a, b in ways if a in steps}
                assert state in steps
            assert [n for n, s in enumerate(after, 1) if s == "approved"] == [approved_version] * after.count(
                "approved"
            )
            assert (approved_version is None) == ("approved" not in after)
            self.before = after
            broken = db.value(
                """
                SELECT COUNT(*)
                FROM review_seat s
                JOIN document_version v ON v.sha256 = s.sha256 AND v.author_id = s.account_id
                WHERE s.verdict = 'approve' AND v.created_at < s.given_at
                """
            )
            assert broken == 0

    run_state_machine_as_test(
        Life, settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

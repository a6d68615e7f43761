"""Who is asked for a review gets a mail, in their language, of what exists for them."""

from __future__ import annotations

import io
from datetime import date

import pytest

from core import accounts
from core.errors import NotFound, Refused, Unavailable
from tests.vault.test_checkout import mailbox
from vault import documents, grants, review, review_mail

pytestmark = pytest.mark.store

SITE = "https://accord.northwind.example"


@pytest.fixture
def paper(shelf):
    source = io.BytesIO(b"how the gates talk")
    return documents.put(
        shelf.member, shelf.id, source, file_name="gates.txt", class_="design", clearance="public", title="Gate\ninterface"
    ).document  # fmt: skip


def ask(shelf, paper, *roles):
    people = [shelf.by_role(role).id for role in roles]
    return review.ask(
        shelf.member, shelf.id, paper, 1, people=people, due=date(2999, 1, 8), message="The retries, please."
    )


def told(shelf, home, asked, who="member"):
    heard = []
    with mailbox(home, heard) as chosen:
        names = review_mail.asked(shelf.by_role(who), shelf.id, asked.id, chosen, site=SITE)
    return names, {to[0]: message for to, message in heard}


def test_each_gets_one_in_their_language_with_the_way_there(shelf, paper, home):
    accounts.change_own(shelf.client, language="zh_CN")
    names, mails = told(shelf, home, ask(shelf, paper, "manager", "client"))
    assert names == ["Manager One", "Client One"]
    english, chinese = mails[shelf.manager.mail], mails[shelf.client.mail]
    assert english["Subject"] == "Review until Jan 8, 2999: DOC-01 Gate interface"
    assert (
        "Member One asks you to review version 1 of DOC-01 Gate interface until January 8, 2999."
        in english.get_content()
    )
    assert f"{SITE}/documents?project=HARBOUR&document=DOC-01" in english.get_content()
    assert "The retries, please." in english.get_content()
    assert chinese["Subject"] == "请于 2999年1月8日 前评审：DOC-01 Gate interface"
    assert "Member One 请您在 2999年1月8日 前评审 DOC-01 Gate interface 的第 1 版。" in chinese.get_content()
    for mail in mails.values():  # nobody is told who else is asked
        assert ("Client One" in mail.get_content()) + ("Manager One" in mail.get_content()) <= 1


def test_nothing_goes_to_those_for_whom_it_does_not_exist_any_more(shelf, paper, home):
    asked = ask(shelf, paper, "manager", "client")
    grants.give(shelf.manager, shelf.id, paper, account=shelf.client.id, kind="denial", reason="a conflict of interest")
    names, mails = told(shelf, home, asked)
    assert names == ["Manager One"]
    assert list(mails) == [shelf.manager.mail]


def test_nothing_is_mailed_of_a_review_that_is_over_or_none_of_ones_own(shelf, paper, home):
    asked = ask(shelf, paper, "manager")
    with pytest.raises(Refused):
        told(shelf, home, asked, "viewer")
    with pytest.raises(NotFound):
        told(shelf, home, asked, "stranger")
    review.call_off(shelf.member, shelf.id, asked.id, reason="too early")
    with pytest.raises(NotFound):
        told(shelf, home, asked)


def test_a_server_that_does_not_answer_is_told_and_the_review_stands(shelf, paper, home):
    asked = ask(shelf, paper, "manager")
    with mailbox(home, []) as chosen:
        pass  # it is gone again
    with pytest.raises(Unavailable, match="could not be sent"):
        review_mail.asked(shelf.member, shelf.id, asked.id, chosen, site=SITE)
    assert review.candidates(shelf.member, shelf.id, paper, 1)

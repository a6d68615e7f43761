from __future__ import annotations

from datetime import timedelta

from core import accounts, db, invitations
from core.invitations import Invitation

PASSWORD = "lanterns over the harbour 7"


def state_of(engagement, account):
    return next(p.state for p in accounts.listed(engagement.admin) if p.id == account)


def test_the_state_of_an_account_follows_what_happens_to_it(engagement):
    link = invitations.invite(engagement.admin, mail="noor@example.com", name="Noor")
    noor = link.account.id
    assert state_of(engagement, noor) == "invited"
    with db.write(engagement.admin) as tx:
        invitation = tx.all_of(Invitation, "WHERE account_id = ?", [noor])[0]
        tx.update(invitation, expires_at=invitation.created_at - timedelta(days=1))
    assert state_of(engagement, noor) == "lapsed"
    invitations.accept(invitations.link(engagement.admin, noor).token, PASSWORD)
    assert state_of(engagement, noor) == "active"
    accounts.disable(engagement.admin, noor)
    assert state_of(engagement, noor) == "disabled"

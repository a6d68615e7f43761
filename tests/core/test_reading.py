"""What exists for somebody is decided once: in Python for one thing, in SQL for lists, with one answer."""

from __future__ import annotations

import random

import pytest

from core import access, db, reading
from core.access import CLEARANCES, ROLES, Standing
from core.reading import Reader, Thing
from tests.conftest import build_engagement

CASES = 100_000


def test_the_condition_in_sql_is_the_decision_over_100000_random_cases(home):
    chance = random.Random(20261124)
    classes = ["requirements", "design", "test", "own", None]
    things = [Thing(f"t{n}", chance.choice(CLEARANCES), chance.choice(classes)) for n in range(1000)]
    cursor = db.database().cursor()
    cursor.execute("CREATE TEMP TABLE thing (id VARCHAR, clearance VARCHAR, class_id VARCHAR)")
    cursor.executemany("INSERT INTO thing VALUES (?, ?, ?)", [[t.id, t.clearance, t.class_id] for t in things])
    for _ in range(CASES // len(things)):
        some = [t.id for t in things]
        reader = Reader(
            Standing(chance.choice(ROLES), chance.choice(CLEARANCES)),
            frozenset(chance.sample(some, chance.choice([0, 1, 40]))),
            frozenset(chance.sample(some, chance.choice([0, 1, 40]))),
            {c: chance.randint(-1, 3) for c in chance.sample(classes[:-1], chance.randint(0, 3))},
        )
        clause, params = reader.condition("thing")
        found = {row[0] for row in cursor.execute(f"SELECT id FROM thing WHERE {clause}", params).fetchall()}
        assert found == {t.id for t in things if reader.sees(t)}


@pytest.mark.parametrize(
    ("reader", "thing", "rule", "sees"),
    [
        (Reader(Standing("client", "public")), Thing("d", "internal"), "clearance", False),
        (Reader(Standing("client", "public"), granted=frozenset({"d"})), Thing("d", "restricted"), "grant", True),
        (Reader(Standing("admin", "restricted"), denied=frozenset({"d"}), granted=frozenset({"d"})), Thing("d", "public"), "denial", False),
        (Reader(Standing("viewer", "restricted"), limits={"plan": 0}), Thing("d", "internal", "plan"), "rule", False),
        (Reader(Standing("viewer", "restricted"), limits={"plan": reading.NOTHING}), Thing("d", "public", "plan"), "rule", False),
        (Reader(Standing("viewer", "internal"), limits={"plan": 3}), Thing("d", "internal", "plan"), "clearance", True),
    ],
)  # fmt: skip
def test_the_last_step_of_the_chain_is_the_one_that_decided(reader, thing, rule, sees):
    decision = reader.decide(thing)
    assert decision.sees is sees
    assert decision.chain[-1].rule == rule
    assert decision.chain[-1].opens is sees


def test_what_is_the_teams_own_is_read_by_roles_that_read_its_notes(home):
    engagement = build_engagement()
    own = Thing("r", "public", db.TEAM_ONLY)
    seen = {role: reading.reader(engagement.by_role(role), engagement.id).sees(own) for role in access.ROLES}
    assert seen == {role: role in access.PERMISSIONS["note.read"] for role in access.ROLES}

from __future__ import annotations

import json
import random
from datetime import timedelta

import duckdb
import pytest

from core import chain, comments, db, ledger, projects, requirements
from core.access import SYSTEM
from core.errors import Refused
from core.ids import new_id, now
from core.requirements import Draft
from core.rows import ENTITIES
from tests.conftest import OPERATOR, build_engagement
from vault import verifying

ATTACKS = 1000


def test_a_whole_ledger_is_found_whole(engagement):
    found = verifying.verify(OPERATOR)
    assert found.ok
    assert found.events == db.head_seq()


def test_only_administrators_verify(engagement):
    with pytest.raises(Refused):
        verifying.verify(engagement.manager)


def test_a_crash_before_the_head_was_put_outside_is_no_attack(home):
    with db.write(SYSTEM) as tx:
        tx.insert(projects.Client(new_id(), "A", now(), 1))
    older = (home / chain.HEAD_FILE).read_text()
    with db.write(SYSTEM) as tx:
        tx.insert(projects.Client(new_id(), "B", now(), 1))
    (home / chain.HEAD_FILE).write_text(older)
    assert verifying.verify(OPERATOR).ok


def test_a_head_that_is_gone_is_told(engagement, home):
    (home / chain.HEAD_FILE).unlink()
    assert [p.kind for p in verifying.verify(OPERATOR).problems] == ["head"]


def test_a_head_of_another_key_is_told(engagement, home):
    found = json.loads((home / chain.HEAD_FILE).read_text())
    (home / chain.HEAD_FILE).write_text(json.dumps(found | {"seq": found["seq"] - 1}))
    assert [p.where for p in verifying.verify(OPERATOR).problems] == [chain.HEAD_FILE]


def lived_in():
    """A project in which things have happened: rows that were made, changed and removed."""
    here = build_engagement()
    cards = [requirements.create(here.member, here.id, Draft(f"Card {n}", labels=("a",))) for n in range(6)]
    for card in cards[:3]:
        requirements.edit(here.member, here.id, card.id, revision=1, title=f"{card.title}, better")
    said = [
        comments.add(here.member, here.id, card.id, "so be it", internal=n % 2 == 0) for n, card in enumerate(cards)
    ]
    comments.remove(here.member, here.id, said[0].id)
    return here


def altered(value, rng):
    """Another value of the same kind."""
    if value is None:
        return "x"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + rng.choice([1, -1, 1000])
    if isinstance(value, str):
        return value + "x" if rng.random() < 0.5 or not value else value[:-1] + chr(ord(value[-1]) + 1)
    return value + timedelta(microseconds=1)


def rows_of(cursor, table):
    found = cursor.execute(f"SELECT * FROM {table}")
    names = [c[0] for c in found.description]
    return [dict(zip(names, r, strict=True)) for r in found.fetchall()]


def attack(cursor, rng, ledgered) -> str | None:
    """One attack; what it was, or None when this one can't be made on what there is."""
    kind = rng.choice(["edit row", "delete row", "forge row", "swap rows", "edit event", "delete event",
                       "swap events", "cut off", "forge event", "edit head", "rechain"])  # fmt: skip
    if kind in ("edit row", "delete row", "forge row", "swap rows"):
        table = rng.choice(ledgered)
        entity = ENTITIES.get(table)
        rows = rows_of(cursor, table)
        row = rng.choice(rows)
        column = rng.choice([c for c in row if c != "id" and not (entity and c in entity.volatile)])
        if kind == "edit row":
            cursor.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", [altered(row[column], rng), row["id"]])
        elif kind == "delete row":
            cursor.execute(f"DELETE FROM {table} WHERE id = ?", [row["id"]])
        elif kind == "forge row":
            fresh = {**row, "id": new_id()} | {
                c: f"{row[c]}x" for c in ("mail", "name", "code", "account_id") if c in row
            }
            cursor.execute(f"INSERT INTO {table} VALUES ({db.marks(list(fresh))})", list(fresh.values()))
        else:
            other = rng.choice(rows)
            if other[column] == row[column]:
                return None
            for target, value in ((row["id"], other[column]), (other["id"], row[column])):
                cursor.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", [value, target])
        return f"{kind}: {table}.{column}"
    events = rows_of(cursor, "event")
    event = rng.choice(events)
    if kind == "edit event":
        column = rng.choice([c for c in event if c != "seq"])
        cursor.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", [altered(event[column], rng), event["seq"]])
        return f"{kind}: {column}"
    if kind == "delete event":
        cursor.execute("DELETE FROM event WHERE seq = ?", [event["seq"]])
    elif kind == "swap events":
        other = rng.choice(events)
        if other["seq"] == event["seq"]:
            return None
        for target, source in ((event, other), (other, event)):
            cursor.execute("UPDATE event SET hash = ?, after = ?, id = ? WHERE seq = ?",
                           [source["hash"], source["after"], source["id"], target["seq"]])  # fmt: skip
    elif kind == "cut off":
        # With care: the head in the file is set back as well.
        ends = [e for e in events if e["signature"] and e["seq"] < events[-1]["seq"]]
        end = rng.choice(ends)
        cursor.execute("DELETE FROM event WHERE seq > ?", [end["seq"]])
        cursor.execute(
            "UPDATE ledger_head SET seq = ?, hash = ?, signature = ?", [end["seq"], end["hash"], end["signature"]]
        )
    elif kind == "forge event":
        last = events[-1]
        forged = {**last, "seq": last["seq"] + 1, "id": new_id(), "note": "forged"}
        head = chain.Head(last["seq"], last["hash"], last["signature"] or "")
        forged["hash"] = chain.event_hash(head, {c: forged[c] for c in db.EVENT_COLUMNS})
        cursor.execute(f"INSERT INTO event VALUES ({db.marks(list(forged))})", list(forged.values()))
        cursor.execute(
            "UPDATE ledger_head SET seq = ?, hash = ?, signature = ?",
            [forged["seq"], forged["hash"], forged["signature"]],
        )
    elif kind == "edit head":
        column = rng.choice(["seq", "hash", "signature"])
        value = cursor.execute(f"SELECT {column} FROM ledger_head").fetchone()[0]
        cursor.execute(f"UPDATE ledger_head SET {column} = ?", [altered(value, rng)])
    else:
        # Change an event and make every hash after it anew: without the key the signatures fail.
        head = chain.START
        for one in events:
            if one["seq"] == event["seq"]:
                one["note"] = "never happened"
            fresh = chain.event_hash(head, {c: one[c] for c in db.EVENT_COLUMNS})
            cursor.execute("UPDATE event SET note = ?, hash = ? WHERE seq = ?", [one["note"], fresh, one["seq"]])
            head = chain.Head(one["seq"], fresh, one["signature"] or "")
        cursor.execute("UPDATE ledger_head SET hash = ?", [head.hash])
    return kind


@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_attacks_are_all_found(home, seed):
    lived_in()
    assert verifying.verify(OPERATOR).ok
    rng = random.Random(seed)
    ledgered = [e.table for e in ENTITIES.values() if db.value(f"SELECT COUNT(*) FROM {e.table}")] + ["subject"]
    made, missed = 0, []
    while made < ATTACKS // 4:
        cursor = db.database().cursor()
        cursor.execute("BEGIN TRANSACTION")
        try:
            what = attack(cursor, rng, ledgered)
        except duckdb.Error:
            what = None  # the database itself does not allow this one
        if what is not None:
            made += 1
            found = ledger.checked(cursor)
            if found.ok or not all(p.where for p in found.problems):
                missed.append(what)
        cursor.execute("ROLLBACK")
        cursor.close()
    assert not missed
    assert verifying.verify(OPERATOR).ok


def test_a_changed_row_is_named_with_its_column(home):
    here = lived_in()
    card = db.row("SELECT id FROM requirement WHERE code = 'REQ-02'")
    cursor = db.database().cursor()
    cursor.execute("UPDATE requirement SET title = 'cheaper' WHERE id = ?", [card["id"]])
    assert here.id
    problems = verifying.verify(OPERATOR).problems
    assert [(p.kind, p.where, p.what.rsplit(": ")[-1]) for p in problems if p.kind == "row"] == [
        ("row", f"requirement {card['id']}", "title")
    ]


def test_a_table_that_is_not_ours_is_told(home):
    db.database().cursor().execute("CREATE TABLE smuggled (id VARCHAR)")
    assert [(p.kind, p.where) for p in verifying.verify(OPERATOR).problems] == [("table", "smuggled")]

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

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


class Unmade(Exception):
    """This attack can't be made on what there is."""


@dataclass
class Attack:
    """Where an attack is made: the file's cursor, the head outside, and what there is to attack."""

    cursor: Any
    rng: random.Random
    head_file: Path
    tables: list[str]

    def events(self):
        return rows_of(self.cursor, "event")

    def run(self, sql, *values):
        return self.cursor.execute(sql, list(values))

    def row(self):
        """A table, one of its rows, and a column of it that the ledger knows."""
        table = self.rng.choice(self.tables)
        row = self.rng.choice(rows_of(self.cursor, table))
        volatile = ENTITIES[table].volatile if table in ENTITIES else ()
        return table, row, self.rng.choice([c for c in row if c != "id" and c not in volatile])

    def set_head(self, event):
        self.run("UPDATE ledger_head SET seq = ?, hash = ?, signature = ?",
                 event["seq"], event["hash"], event["signature"] or "")  # fmt: skip

    def put_outside(self, **values):
        self.head_file.write_text(json.dumps(values))


# Each attack returns the places of which every one has to be named; a tuple is a choice.


def edit_a_row(a):
    table, row, column = a.row()
    a.run(f"UPDATE {table} SET {column} = ? WHERE id = ?", altered(row[column], a.rng), row["id"])
    return [row["id"]]


def delete_a_row(a):
    table, row, _column = a.row()
    a.run(f"DELETE FROM {table} WHERE id = ?", row["id"])
    return [row["id"]]


def empty_a_table(a):
    table, _row, _column = a.row()
    ids = [row["id"] for row in rows_of(a.cursor, table)]
    a.run(f"DELETE FROM {table}")
    return ids


def forge_a_row(a):
    table, row, _column = a.row()
    fresh = {**row, "id": new_id()} | {c: f"{row[c]}x" for c in ("mail", "name", "code", "account_id") if c in row}
    a.run(f"INSERT INTO {table} VALUES ({db.marks(list(fresh))})", *fresh.values())
    return [fresh["id"]]


def swap_two_rows(a):
    table, row, column = a.row()
    other = a.rng.choice(rows_of(a.cursor, table))
    if other[column] == row[column]:
        raise Unmade
    for target, value in ((row["id"], other[column]), (other["id"], row[column])):
        a.run(f"UPDATE {table} SET {column} = ? WHERE id = ?", value, target)
    return [row["id"], other["id"]]


def edit_an_event(a):
    event = a.rng.choice(a.events())
    column = a.rng.choice([c for c in event if c != "seq"])
    a.run(f"UPDATE event SET {column} = ? WHERE seq = ?", altered(event[column], a.rng), event["seq"])
    return [f"event {event['seq']}"]


def delete_an_event(a):
    events = a.events()
    event = a.rng.choice(events)
    a.run("DELETE FROM event WHERE seq = ?", event["seq"])
    return [chain.HEAD_FILE if event is events[-1] else f"event {event['seq'] + 1}"]


def delete_the_beginning(a):
    event = a.rng.choice(a.events()[:-1])
    a.run("DELETE FROM event WHERE seq <= ?", event["seq"])
    return [f"event {event['seq'] + 1}"]


def delete_all_events(a):
    a.run("DELETE FROM event")
    if a.rng.random() < 0.5:
        a.run("DELETE FROM ledger_head")
    return [chain.HEAD_FILE]


def swap_two_events(a):
    one, other = a.rng.sample(a.events(), 2)
    for target, source in ((one, other), (other, one)):
        a.run("UPDATE event SET hash = ?, after = ?, id = ? WHERE seq = ?",
              source["hash"], source["after"], source["id"], target["seq"])  # fmt: skip
    return [f"event {one['seq']}", f"event {other['seq']}"]


def reorder_events(a):
    """Numbers are dealt anew among some neighbours, everything else of them stays."""
    events = a.events()
    start = a.rng.randrange(len(events) - 3)
    some = events[start : start + a.rng.randint(2, 4)]
    dealt = some[1:] + some[:1]
    for event in some:
        a.run("DELETE FROM event WHERE seq = ?", event["seq"])
    for event, source in zip(some, dealt, strict=True):
        moved = {**source, "seq": -event["seq"]}  # DuckDB keeps a key that was freed until the commit
        a.run(f"INSERT INTO event VALUES ({db.marks(list(moved))})", *moved.values())
    return [tuple(f"event {seq}" for event in some for seq in (-event["seq"], event["seq"]))]


def cut_off_the_end(a):
    """With care: the head in the file is set back as well."""
    events = a.events()
    end = a.rng.choice([e for e in events if e["signature"] and e["seq"] < events[-1]["seq"]])
    a.run("DELETE FROM event WHERE seq > ?", end["seq"])
    a.set_head(end)
    return [chain.HEAD_FILE]


def cut_off_the_end_with_an_older_head(a):
    """With more care: the head outside is set back too. The rows tell, as long as they stand as they are."""
    events = a.events()
    end = a.rng.choice([e for e in events if e["signature"] and e["seq"] < events[-1]["seq"]])
    rest = [e for e in events if e["seq"] > end["seq"] and e["entity"] in ENTITIES and e["after"] != e["before"]]
    ids = {e["entity_id"] for e in rest if "," in (e["after"] or e["before"] or "")}
    kept = [e for e in rest if e["entity_id"] in ids and e["after"] is not None and e["before"] is None
            and not any(x["entity_id"] == e["entity_id"] and x["after"] is None for x in rest)]  # fmt: skip
    if not kept:
        raise Unmade
    a.run("DELETE FROM event WHERE seq > ?", end["seq"])
    a.set_head(end)
    a.put_outside(seq=end["seq"], hash=end["hash"], signature=end["signature"])
    return [kept[-1]["entity_id"]]


def cut_off_within_a_transaction(a):
    """To an event that was never signed."""
    unsigned = [e for e in a.events() if not e["signature"]]
    if not unsigned:
        raise Unmade
    end = a.rng.choice(unsigned)
    a.run("DELETE FROM event WHERE seq > ?", end["seq"])
    a.set_head(end)
    a.put_outside(seq=end["seq"], hash=end["hash"], signature="")
    return [f"event {end['seq']}", chain.HEAD_FILE]


def forge_an_event(a):
    last = a.events()[-1]
    forged = {**last, "seq": last["seq"] + 1, "id": new_id(), "note": "forged"}
    head = chain.Head(last["seq"], last["hash"], last["signature"] or "")
    forged["hash"] = chain.event_hash(head, {c: forged[c] for c in db.EVENT_COLUMNS})
    a.run(f"INSERT INTO event VALUES ({db.marks(list(forged))})", *forged.values())
    a.set_head(forged)
    return [f"event {forged['seq']}"]


def edit_the_head(a):
    column = a.rng.choice(["seq", "hash", "signature"])
    value = a.run(f"SELECT {column} FROM ledger_head").fetchone()[0]
    a.run(f"UPDATE ledger_head SET {column} = ?", altered(value, a.rng))
    return ["ledger_head"]


def edit_the_head_outside(a):
    found = json.loads(a.head_file.read_text())
    name = a.rng.choice(list(found))
    a.put_outside(**found | {name: altered(found[name], a.rng)})
    return [chain.HEAD_FILE]


def spoil_the_head_outside(a):
    how = a.rng.choice(["", "{", "[]", "null", '{"seq": 1}', None])
    if how is None:
        a.head_file.unlink()
    else:
        a.head_file.write_text(how)
    return [chain.HEAD_FILE]


def make_all_hashes_anew(a):
    """Change an event and make every hash after it anew: without the key the signatures fail."""
    events = a.events()
    event, head = a.rng.choice(events), chain.START
    for one in events:
        if one["seq"] == event["seq"]:
            one["note"] = "never happened"
        fresh = chain.event_hash(head, {c: one[c] for c in db.EVENT_COLUMNS})
        a.run("UPDATE event SET note = ?, hash = ? WHERE seq = ?", one["note"], fresh, one["seq"])
        head = chain.Head(one["seq"], fresh, one["signature"] or "")
    a.run("UPDATE ledger_head SET hash = ?", head.hash)
    signed = next(e["seq"] for e in events if e["signature"] and e["seq"] >= event["seq"])
    return [f"event {signed}"]


def add_a_column(a):
    table = a.rng.choice([*a.tables, "event", "ledger_head"])
    a.run(f"ALTER TABLE {table} ADD COLUMN smuggled VARCHAR")
    return [table]


def rename_a_column(a):
    table, _row, column = a.row()
    a.run(f"ALTER TABLE {table} RENAME COLUMN {column} TO renamed")
    return [table]


def add_a_table(a):
    kind = a.rng.choice(["TABLE smuggled (id VARCHAR)", "VIEW smuggled AS SELECT 1 AS id"])
    schema = a.rng.choice(["", "aside."])
    if schema:
        a.run("CREATE SCHEMA aside")
    a.run(f"CREATE {kind.replace('smuggled', schema + 'smuggled')}")
    return [f"{schema}smuggled"]


def drop_a_table(a):
    table = a.rng.choice([*a.tables, "event", "ledger_head"])
    a.run(f"DROP TABLE {table}")
    return [table]


KINDS = [
    edit_a_row, edit_a_row, edit_a_row, delete_a_row, empty_a_table, forge_a_row, swap_two_rows, swap_two_rows,
    edit_an_event, edit_an_event, edit_an_event, delete_an_event, delete_the_beginning, delete_all_events,
    swap_two_events, reorder_events, cut_off_the_end, cut_off_the_end_with_an_older_head,
    cut_off_within_a_transaction, forge_an_event, edit_the_head, edit_the_head_outside, spoil_the_head_outside,
    make_all_hashes_anew, add_a_column, rename_a_column, add_a_table, drop_a_table,
]  # fmt: skip
"""Those with many forms stand here more than once."""


def unnamed(places, problems):
    """The places of an attack that no problem names."""
    named = " ".join(problem.where for problem in problems).split()
    whole = {problem.where for problem in problems}
    return [
        place
        for place in places
        if not any(one in whole or one in named for one in (place if isinstance(place, tuple) else (place,)))
    ]


@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_attacks_are_all_found_and_where_is_said(home, seed):
    lived_in()
    assert verifying.verify(OPERATOR).ok
    rng, head_file = random.Random(seed), home / chain.HEAD_FILE
    head = head_file.read_text()
    tables = [e.table for e in ENTITIES.values() if db.value(f"SELECT COUNT(*) FROM {e.table}")] + ["subject"]
    made, missed = Counter(), []
    while made.total() < ATTACKS // 4:
        cursor = db.database().cursor()
        cursor.execute("BEGIN TRANSACTION")
        kind = rng.choice(KINDS)
        try:
            places = kind(Attack(cursor, rng, head_file, tables))
        except (duckdb.Error, Unmade):
            places = None  # the database itself does not allow this one, or there is nothing to make it on
        if places is not None:
            made[kind.__name__] += 1
            found = ledger.checked(cursor)
            if found.ok or unnamed(places, found.problems):
                missed.append((kind.__name__, unnamed(places, found.problems), [p.where for p in found.problems][:5]))
        cursor.execute("ROLLBACK")
        cursor.close()
        head_file.write_text(head)
    assert not missed
    assert set(made) == {kind.__name__ for kind in KINDS}
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

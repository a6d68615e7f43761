"""The lock: every public function of core/ and vault/, tried by everybody there is.

The list is made from the code (tests/rules.py), so that a new function without its rule fails here.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core import access, accounts, db, projects
from core.access import CLEARANCES, PERMISSIONS, SYSTEM
from core.errors import NotFound, Refused
from core.ids import new_id
from tests.conftest import OPERATOR, build_engagement
from tests.rules import ASIDE, ASIDE_FUNCTIONS, Public, functions, modules, ruled

ROOT = Path(__file__).parents[1]
PLACED = ("manager", "member", "client", "viewer")
KNOWS_MEMBERSHIP = {"account", "membership", "project"}
"""Tables that the check itself may look at."""


# the list


def test_every_public_function_states_its_rule():
    bare = [
        one.name
        for one in functions()
        if one.rule is None
        and not one.within
        and one.name.rpartition(".")[0] not in ASIDE
        and one.name not in ASIDE_FUNCTIONS
    ]
    assert bare == [], "decorate with @in_project, @in_organisation or @open_to_all (core/access.py)"


def test_the_exceptions_exist_and_are_needed():
    by_name = {one.name: one for one in functions()}
    assert set(ASIDE) <= {module.__name__ for module in modules()}
    assert [name for name in ASIDE_FUNCTIONS if name not in by_name or by_name[name].rule] == []


def test_modules_below_the_rule_ask_no_database():
    asking = {"core.access", "core.db", "core.ledger", "vault.opening", "vault.transfer"}
    assert [m.__name__ for m in modules() if m.__name__ in set(ASIDE) - asking and hasattr(m, "db")] == []


def test_the_actor_comes_first_and_the_project_second():
    wrong = [one.name for one in ruled("project") if [p.name for p in one.parameters[:2]] != ["actor", "project"]]
    wrong += [one.name for one in ruled("organisation") if one.parameters[0].name != "actor"]
    assert wrong == []


def test_what_is_open_says_why_and_every_permission_is_in_the_table():
    assert [one.name for one in ruled("open") if len(one.rule.reason) < 10] == []
    assert {one.rule.permission for one in functions() if one.rule and one.rule.permission} <= set(PERMISSIONS)


def test_screens_and_command_line_write_and_read_no_table_themselves():
    """What runs inside a transaction is safe only as long as nobody outside can open one."""
    forbidden = {
        "db": {"write", "rows", "row", "value", "all_of", "one_of"},
        "reading": {"reader", "reader_of", "circle"},
        "search_index": {"index"},
    }
    found = []
    for path in [
        *sorted((ROOT / "pages").rglob("*.py")),
        *sorted((ROOT / "commands").rglob("*.py")),
        ROOT / "cli.py",
        ROOT / "app.py",
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if asked and node.attr in forbidden.get(node.value.id, ()):
                found.append(f"{path.name}:{node.lineno} {node.value.id}.{node.attr}")
    assert found == []


# the matrix


class Entered(BaseException):
    """The function's own first line was reached."""


class Watch:
    """Runs a function up to its own first line, and notes each statement that reaches the database."""

    def __init__(self, monkeypatch) -> None:
        self.statements: list[str] = []
        cursor = db.Database.cursor
        monkeypatch.setattr(db.Database, "cursor", lambda held: _Noted(cursor(held), self.statements))

    def passes(self, one, actor, *project) -> bool:
        """Whether the check lets `actor` in. Raises what the check raises."""
        self.statements.clear()
        body = inspect.unwrap(one.call).__code__

        def entering(frame, event, _argument):
            if event == "call" and frame.f_code is body:
                raise Entered

        given = {
            p.name: None
            for p in one.parameters[1 + len(project) :]
            if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        }
        places = [p for p in one.parameters[1 + len(project) :] if p.kind is p.POSITIONAL_ONLY]
        positional = [given.pop(p.name) for p in places if p.name in given]
        sys.setprofile(entering)
        try:
            found = one.call(actor, *project, *positional, **given)
            if inspect.isgenerator(found):
                next(found)
        except Entered:
            return True
        finally:
            sys.setprofile(None)
        return False

    def tables(self) -> set[str]:
        """The tables that were read or written."""
        return {
            word
            for statement in self.statements
            for word in re.findall(r"(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", statement)
        }


class _Noted:
    def __init__(self, cursor, statements) -> None:
        self._cursor, self._statements = cursor, statements

    def execute(self, sql, params=()):
        self._statements.append(sql)
        return self._cursor.execute(sql, params)

    def __getattr__(self, name):
        return getattr(self._cursor, name)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Everybody who may come: (who, what they are in the project or None, actor)."""
    db.open_home(tmp_path_factory.mktemp("access") / "data")
    yield _people()
    db.close()


def _people():
    here, elsewhere = build_engagement(), build_engagement("ELSEWHERE")
    found = [("admin", "admin", here.admin), ("the operator", "admin", OPERATOR), ("Accord", "admin", SYSTEM)]
    for role in PLACED:
        for clearance in CLEARANCES:
            account = accounts.create(OPERATOR, mail=f"{role}.{clearance}@example.com", name=f"{role} {clearance}")
            projects.add_member(OPERATOR, here.id, account=account.id, role=role, clearance=clearance)
            found.append((f"{role}, {clearance}", role, account.actor))
    disabled = accounts.create(OPERATOR, mail="gone@example.com", name="Gone")
    projects.add_member(OPERATOR, here.id, account=disabled.id, role="manager", clearance="restricted")
    accounts.disable(OPERATOR, disabled.id)
    former = accounts.create(OPERATOR, mail="former@example.com", name="Former", administrator=True)
    accounts.set_administrator(OPERATOR, former.id, False)
    closed = accounts.create(OPERATOR, mail="closed@example.com", name="Closed", administrator=True)
    accounts.disable(OPERATOR, closed.id)
    left = accounts.create(OPERATOR, mail="left@example.com", name="Left")
    place = projects.add_member(OPERATOR, here.id, account=left.id, role="manager", clearance="restricted")
    projects.remove_member(OPERATOR, here.id, place.id)
    found += [
        ("a stranger", None, here.stranger),
        ("a disabled manager", None, disabled.actor),
        ("a manager of another project", None, elsewhere.manager),
        ("a former member", None, left.actor),
        ("a former administrator", None, former.actor),
        ("a disabled administrator", None, closed.actor),
        ("somebody who has no account", None, replace(here.stranger, id=new_id())),
    ]
    return here.id, found


@pytest.mark.parametrize("one", ruled("project"), ids=lambda one: one.name)
def test_in_a_project_the_role_decides_before_anything_is_read(one, people, monkeypatch):
    project, found = people
    watch = Watch(monkeypatch)
    for who, role, actor in found:
        if role is None:
            with pytest.raises(NotFound):
                watch.passes(one, actor, project)
        elif role in PERMISSIONS[one.rule.permission]:
            assert watch.passes(one, actor, project), who
        else:
            with pytest.raises(Refused):
                watch.passes(one, actor, project)
        assert watch.tables() <= KNOWS_MEMBERSHIP, who
        assert len(watch.statements) <= 1, who
    for _who, _role, actor in found:
        with pytest.raises(NotFound):
            watch.passes(one, actor, new_id())


@pytest.mark.parametrize("one", ruled("organisation"), ids=lambda one: one.name)
def test_for_the_organisation_only_administrators_pass(one, people, monkeypatch):
    _project, found = people
    watch = Watch(monkeypatch)
    for who, role, actor in found:
        if role == "admin":
            assert watch.passes(one, actor), who
        else:
            with pytest.raises(Refused):
                watch.passes(one, actor)
        assert watch.tables() <= {"account"}, who


def test_a_function_without_its_check_would_be_found(people, monkeypatch):
    """The watch itself: it sees a read before the check, and an open door."""
    project, found = people
    watch = Watch(monkeypatch)
    stranger = next(actor for who, _role, actor in found if who == "a stranger")

    @access.open_to_all("a door that should not be open")
    def careless(actor, project):
        return db.rows("SELECT * FROM requirement")

    assert watch.passes(Public("careless", careless, careless.__rule__), stranger, project)
    careless(stranger, project)
    assert watch.tables() == {"requirement"}


def test_a_standing_is_looked_up_once_and_a_change_of_it_holds_at_once(people, monkeypatch):
    project, _found = people
    account = accounts.create(OPERATOR, mail="moving@example.com", name="Moving")
    place = projects.add_member(OPERATOR, project, account=account.id, role="member", clearance="internal")
    watch = Watch(monkeypatch)
    assert [access.standing(account.actor, project).role for _time in range(3)] == ["member"] * 3
    assert len(watch.statements) == 1

    place = projects.change_member(OPERATOR, project, place.id, role="viewer", clearance="public")
    assert access.standing(account.actor, project) == access.Standing("viewer", "public")
    accounts.disable(OPERATOR, account.id)
    with pytest.raises(NotFound):
        access.standing(account.actor, project)
    accounts.enable(OPERATOR, account.id)
    assert access.standing(account.actor, project).role == "viewer"
    projects.remove_member(OPERATOR, project, place.id)
    with pytest.raises(NotFound):
        access.standing(account.actor, project)

    # An administrator's office too, also for an actor that was made before.
    chief = accounts.create(OPERATOR, mail="chief@example.com", name="Chief", administrator=True)
    assert access.standing(chief.actor, project).role == "admin"
    accounts.set_administrator(OPERATOR, chief.id, False)
    with pytest.raises(NotFound):
        access.standing(chief.actor, project)

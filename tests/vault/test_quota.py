"""Quotas of projects and people, and a disk that has no room."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from core import db, projects, settings
from core.errors import Invalid, NotFound, Refused, Unavailable
from core.ids import new_id
from tests.conftest import OPERATOR, build_engagement
from vault import disk, disposal, documents, opening, quota, trash, verifying
from vault.documents import FileRefused

pytestmark = pytest.mark.store

MEGABYTE = 1024 * 1024


def put(actor, here, size=MEGABYTE // 2, **about):
    content = os.urandom(size)
    return documents.put(
        actor, here.id, io.BytesIO(content), **{"file_name": "plan.bin", "class_": "plan"} | about
    ).document


def refused(code, act):
    with pytest.raises(FileRefused) as said:
        act()
    assert said.value.reason.code == code
    return str(said.value)


def test_a_full_project_refuses_in_words_and_keeps_what_it_has(shelf, vault):
    quota.limit(OPERATOR, "project", shelf.id, 1)
    paper = put(shelf.member, shelf)
    put(shelf.manager, shelf, document=paper)
    before = {o.key for o in vault.store.listed()}
    assert "project's 1 MB" in refused("quota-project", lambda: put(shelf.client, shelf, 10))
    with pytest.raises(FileRefused):
        quota.look(shelf.member, shelf.id, 10)
    assert {o.key for o in vault.store.listed()} == before
    assert [v.number for v in documents.versions(shelf.member, shelf.id, paper)] == [2, 1]
    quota.limit(OPERATOR, "project", shelf.id, 2)
    put(shelf.client, shelf, 10)
    quota.limit(OPERATOR, "project", shelf.id, None)
    put(shelf.client, shelf, 3 * MEGABYTE)
    assert verifying.verify(OPERATOR).ok


def test_a_persons_quota_counts_in_every_project_and_nobody_elses_uploads(shelf):
    other = build_engagement("OTHER")
    projects.add_member(OPERATOR, other.id, account=shelf.member.id, role="member")
    quota.limit(OPERATOR, "person", shelf.member.id, 1)
    put(shelf.member, shelf)
    put(shelf.member, other)
    refused("quota-person", lambda: put(shelf.member, shelf, 10))
    put(shelf.manager, shelf)
    assert [str(one) for one in quota.nearly(shelf.member, shelf.id)] == ["You keep 1 of your 1 MB."]
    assert quota.nearly(shelf.manager, shelf.id) == ()


def test_what_is_too_much_is_found_before_its_bytes_are_sent(shelf, vault, monkeypatch):
    quota.limit(OPERATOR, "project", shelf.id, 1)
    monkeypatch.setattr(vault.store, "writer", lambda key: pytest.fail("it was sent"))
    refused("quota-project", lambda: put(shelf.member, shelf, 2 * MEGABYTE))


def test_the_trash_counts_until_it_is_disposed_of(shelf):
    quota.limit(OPERATOR, "project", shelf.id, 1)
    paper = put(shelf.member, shelf, MEGABYTE)
    trash.discard(shelf.member, shelf.id, paper)
    refused("quota-project", lambda: put(shelf.member, shelf, 10))
    found = disposal.propose(shelf.manager, shelf.id, [paper], reason="a mistake")
    disposal.confirm(shelf.admin, shelf.id, found.id)
    put(shelf.member, shelf, MEGABYTE)


def test_administrators_see_who_keeps_what_and_set_the_limits(shelf):
    put(shelf.member, shelf)
    quota.limit(OPERATOR, "person", shelf.member.id, 4)
    found = {one.id: one for one in quota.usage(shelf.admin)}
    assert (found[shelf.id].used, found[shelf.id].most) == (MEGABYTE // 2, None)
    assert found[shelf.member.id].share == 0.125
    for role in ("manager", "member"):
        with pytest.raises(Refused):
            quota.limit(shelf.by_role(role), "project", shelf.id, 5)
    with pytest.raises(NotFound):
        quota.limit(OPERATOR, "project", new_id(), 5)
    for kind, many in (("project", 0), ("planet", 5)):
        with pytest.raises(Invalid):
            quota.limit(OPERATOR, kind, shelf.id, many)


def test_below_its_reserve_the_disk_takes_nothing_and_says_so(shelf, vault):
    paper = put(shelf.member, shelf)
    documents.attach(replace(vault, reserve=shutil.disk_usage(db.database().home).free + 1024 * MEGABYTE))
    assert disk.state(OPERATOR).low
    with pytest.raises(Unavailable, match="free"):
        put(shelf.member, shelf)
    assert b"".join(documents.fetch(shelf.member, shelf.id, paper).chunks)


@pytest.fixture
def small(tmp_path):
    """A file system of 160 MB."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160m", "none", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("this account mounts nothing: a disk that is really full is not tried")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("reserve", ["32", "1"], ids=["watched", "full to the last block"])
def test_a_full_disk_refuses_in_words_and_loses_nothing(small, reserve):
    home = small / "data"
    db.open_home(home)
    try:
        with opening.open_vault(settings.load(home, {"ACCORD_VAULT_RESERVE_MB": reserve})):
            here, kept = build_engagement(), {}
            for _number in range(60):
                content = os.urandom(6 * MEGABYTE)
                try:
                    stored = documents.put(
                        here.member, here.id, io.BytesIO(content), file_name="plan.bin", class_="plan"
                    )
                except Unavailable:
                    break
                kept[stored.document] = content
            else:
                pytest.fail("the disk was never full")
            assert kept
            for document, content in kept.items():
                assert b"".join(documents.fetch(here.member, here.id, document).chunks) == content
            assert verifying.verify(OPERATOR, contents=True).problems == ()
            assert len(documents.listed(here.member, here.id)) == len(kept)
    finally:
        db.close()

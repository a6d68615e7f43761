"""The table of permissions reads well: each has words, and each role has a meaning."""

from __future__ import annotations

from core import access


def test_every_permission_has_words():
    assert set(access.MEANINGS) == set(access.PERMISSIONS)


def test_every_role_has_a_meaning():
    assert set(access.ROLE_MEANINGS) == set(access.ROLES)

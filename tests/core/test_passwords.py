from __future__ import annotations

import time

import pytest

from core import passwords
from core.errors import Invalid


@pytest.mark.parametrize(
    "password", ["a quiet harbour", "Lantern-Orbit-19", "我们的港口很安静，灯塔也亮了", "xK9$vQ2!pL"]
)
def test_a_long_or_a_strong_password_is_taken(password):
    passwords.check(password)


@pytest.mark.parametrize("password", ["", "   ", "short1", "password", "Summer2024", "x" * 300])
def test_a_short_weak_or_endless_password_is_not(password):
    with pytest.raises(Invalid) as error:
        passwords.check(password)
    assert error.value.field == "password"


@pytest.mark.parametrize(
    "password", ["qwerty123456", "QWERTY123456", "1qaz2wsx3edc", "password123456", "aaaaaaaaaaaa", "dragon123456"]
)
def test_a_common_password_is_not_taken_however_long(password):
    with pytest.raises(Invalid):
        passwords.check(password)


def test_ones_own_address_is_no_password():
    with pytest.raises(Invalid):
        passwords.check("ana.keller@example.com", about=["ana.keller@example.com"])


def test_the_list_of_common_passwords_is_shipped():
    assert len(passwords.common()) > 25_000


def test_a_hash_is_argon2id_and_matches_its_password_alone():
    kept = passwords.hashed("a quiet harbour")
    assert kept.startswith("$argon2id$")
    assert passwords.matches(kept, "a quiet harbour")
    assert passwords.matches(kept, " a quiet harbour ")
    assert not passwords.matches(kept, "a quiet harbor")


def test_characters_beyond_the_72nd_byte_count():
    kept = passwords.hashed("港" * 30 + "一")
    assert not passwords.matches(kept, "港" * 30 + "二")


def test_without_a_hash_it_costs_the_same_and_never_matches():
    kept = passwords.hashed("a quiet harbour")
    passwords.matches(None, "warm up")

    def fastest(known: str | None) -> float:
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            assert not passwords.matches(known, "wrong")
            times.append(time.perf_counter() - begun)
        return min(times)

    assert 0.5 < fastest(None) / fastest(kept) < 2

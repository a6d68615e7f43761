"""Passwords: the rule, the strength that is shown, and the slow hash (argon2id, RFC 9106).

The list of common ones is the 30,000 most used passwords that come with zxcvbn (MIT licence).
bcrypt, which streamlit-authenticator brings, reads 72 bytes and no more: 24 Chinese characters.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from core.errors import Invalid
from core.language import Message, say

LONG_ENOUGH = 12
GOOD_SCORE = 3
LONGEST = 256  # longer ones only cost time
LOOKED_AT = 72  # characters that zxcvbn estimates; its time grows faster than the length

HASHER = PasswordHasher()  # RFC 9106, second choice: 3 passes, 64 MiB, 4 lanes; about 0.1 s

ONE_BY_ONE = threading.BoundedSemaphore(2)
"""Two hashes at a time: each takes 64 MiB, and a crowd of guesses must not take them all."""


@dataclass(frozen=True)
class Strength:
    """How good a password is: `score` 0-4, and the reason why it can't be taken, if there is one."""

    score: int
    refusal: Message | None


def strength(password: str, *, about: Sequence[str] = ()) -> Strength:
    """Judge a password by the rule; `about` holds words that a guesser would try (name, mail)."""
    word = normalised(password)
    if not word:
        return Strength(0, say("Choose a password."))
    if len(word) > LONGEST:
        return Strength(0, say("A password has {most} characters at most.", most=LONGEST))
    score = int(zxcvbn(word[:LOOKED_AT], user_inputs=[w for text in about for w in _words(text)])["score"])
    # Repetitions ("aaaaaaaaaaaa") and one's own address reach twelve characters and stay guessable.
    if score == 0 or word.lower() in common() or (score < GOOD_SCORE and _stem(word) in common()):
        return Strength(min(score, 1), say("This password is among the first that a guesser tries. Choose another."))
    if len(word) < LONG_ENOUGH and score < GOOD_SCORE:
        return Strength(score, say("Use {least} characters or more, or several unusual words.", least=LONG_ENOUGH))
    return Strength(score, None)


def check(password: str, *, about: Sequence[str] = ()) -> None:
    """Raise Invalid when the rule does not allow this password."""
    refusal = strength(password, about=about).refusal
    if refusal:
        raise Invalid(refusal, field="password")


def hashed(password: str) -> str:
    """The slow hash that is kept of a password."""
    with ONE_BY_ONE:
        return HASHER.hash(normalised(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the one behind the hash. Without a hash it costs the same and is False."""
    try:
        HASHER.verify(password_hash or _nobody(), normalised(password)[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with parameters weaker than today's."""
    return HASHER.check_needs_rehash(password_hash)


def normalised(password: str) -> str:
    """One form for what different keyboards send (NFKC), without spaces around it."""
    return unicodedata.normalize("NFKC", password).strip()


@cache
def common() -> frozenset[str]:
    """The shipped list of common passwords."""
    return frozenset(FREQUENCY_LISTS["passwords"])


@cache
def _nobody() -> str:
    """The hash that an unknown name is compared with, so that it costs what a known one costs."""
    return HASHER.hash(secrets.token_hex(16))


def _stem(word: str) -> str:
    """A word without the digits and signs that people hang on it: "Dragon2024!!!!" -> "dragon"."""
    return word.lower().strip("0123456789!?.,;:*#+-_=@$%&/()[]{}<>^~'\" ")


def _words(text: str) -> list[str]:
    return [text, *text.replace("@", " ").replace(".", " ").split()]

from __future__ import annotations

import io
import stat

import pytest
import tink

from core import settings
from core.errors import Unavailable
from tests.vault.test_documents import put
from vault import envelope, opening
from vault.envelope import Envelope


class Kept(io.BytesIO):
    def close(self):
        self.kept = self.getvalue()


def sealed(held, wrapped, place, content):
    into = Kept()
    with held.encrypting(wrapped, place, into) as stream:
        stream.write(content)
    return into.kept


@pytest.fixture
def held(tmp_path):
    return Envelope(tmp_path / "keys" / envelope.KEY_FILE)


@pytest.mark.parametrize("size", [1, (1 << 20) - 57, 1 << 20, (1 << 20) + 1, (3 << 20) + 5])
def test_what_is_sealed_opens_again_and_hides(held, size):
    wrapped = held.fresh_key("a/b/c")
    content = (b"a sentence to hide " * (size // 19 + 1))[:size]
    hidden = sealed(held, wrapped, "a/b/c", content)
    assert b"a sentence" not in hidden
    assert held.decrypting(wrapped, "a/b/c", io.BytesIO(hidden)).read() == content


def test_content_and_key_belong_to_their_place(held):
    wrapped = held.fresh_key("a/b/c")
    hidden = sealed(held, wrapped, "a/b/c", b"text")
    with pytest.raises(Unavailable):
        held.decrypting(wrapped, "a/b/d", io.BytesIO(hidden))


@pytest.mark.parametrize("harm", [lambda b: b[:-1], lambda b: b[: 1 << 20], lambda b: b + b"x",
                                  lambda b: b[:90] + bytes([b[90] ^ 1]) + b[91:]])  # fmt: skip
def test_harm_is_noticed(held, harm):
    wrapped = held.fresh_key("p")
    hidden = sealed(held, wrapped, "p", b"x" * (2 << 20))
    with pytest.raises(tink.TinkError):
        held.decrypting(wrapped, "p", io.BytesIO(harm(hidden))).read()


def test_the_master_key_is_this_accounts_alone_and_stays(tmp_path):
    path = tmp_path / "keys" / envelope.KEY_FILE
    wrapped = Envelope(path).fresh_key("p")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    hidden = sealed(Envelope(path), wrapped, "p", b"text")
    assert Envelope(path).decrypting(wrapped, "p", io.BytesIO(hidden)).read() == b"text"


def test_a_damaged_master_key_is_a_sentence(tmp_path):
    (tmp_path / "master.json").write_text("")
    with pytest.raises(Unavailable, match="backup"):
        Envelope(tmp_path / "master.json")


@pytest.mark.store
def test_no_new_master_key_is_made_over_documents(shelf, home):
    put(shelf.member, shelf)
    (home / "keys" / envelope.KEY_FILE).unlink()
    with pytest.raises(Unavailable, match="missing"), opening.open_vault(settings.load(home, {})):
        pass

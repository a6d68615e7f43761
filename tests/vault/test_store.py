"""What the vault relies on in an S3 store; the embedded one here, any other by the same names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import NotFound, Unavailable
from core.ids import new_id, now
from vault.store import PART

pytestmark = pytest.mark.store


def written(store, content, key=None):
    key = key or f"v1/test/{new_id()}"
    writer = store.writer(key)
    writer.write(content)
    writer.commit()
    return key


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 3 * PART + 7])
def test_what_goes_in_comes_out(store, size):
    content = (b"0123456789abcde\n" * (size // 16 + 1))[:size]
    key = written(store, content)
    assert store.size(key) == size
    assert store.reader(key, size).read() == content


@pytest.mark.parametrize("size", [1, PART + 1])
def test_an_object_is_never_replaced(store, size):
    key = written(store, b"1" * size)
    again = store.writer(key)
    again.write(b"2" * size)
    with pytest.raises(Unavailable):
        again.commit()
    again.abandon()
    assert store.reader(key, size).read() == b"1" * size


def test_nothing_is_there_before_it_is_whole(store):
    key = f"v1/test/{new_id()}"
    writer = store.writer(key)
    writer.write(b"x" * (2 * PART))
    with pytest.raises(NotFound):
        store.size(key)
    writer.abandon()
    assert store.abort_unfinished(now() + timedelta(hours=1)) == 0


def test_an_unfinished_upload_is_given_up_by_age(store):
    writer = store.writer(f"v1/test/{new_id()}")
    writer.write(b"x" * PART)
    assert store.abort_unfinished(now() - timedelta(hours=1)) == 0
    assert store.abort_unfinished(now() + timedelta(hours=1)) >= 1


def test_what_is_deleted_is_gone_and_may_be_deleted_again(store):
    key = written(store, b"x")
    store.delete(key)
    store.delete(key)
    with pytest.raises(NotFound):
        store.size(key)


def test_listing_tells_key_and_size(store):
    key = written(store, b"four")
    assert [(o.key, o.size) for o in store.listed(key)] == [(key, 4)]

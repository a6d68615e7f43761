"""Identities of rows: UUIDv7 text, sorted by the time they were made, and the clock they share."""

from __future__ import annotations

from datetime import UTC, datetime

import uuid_utils


def new_id() -> str:
    """A new identity (RFC 9562 UUIDv7); later ones sort after earlier ones."""
    return str(uuid_utils.uuid7())


def now() -> datetime:
    """This moment as naive UTC with microseconds, the form the database keeps."""
    return datetime.now(UTC).replace(tzinfo=None)

"""`accord verify`: the ledger (core/ledger.py), and the objects that the versions name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from core import db, entities, ledger
from core.access import Actor, in_organisation
from core.errors import AccordError, NotFound
from core.ledger import Problem, Verified
from vault import documents
from vault.documents import Version

entities.load(
    (
        "core.refusals", "vault.class_rules", "vault.classes", "vault.completeness", "vault.documents", "vault.holder",
        "vault.metadata", "vault.own_templates", "vault.phases", "vault.planned", "vault.review", "vault.text",
    )
)  # fmt: skip


@in_organisation("ledger.verify")
def verify(actor: Actor, *, contents: bool = False) -> Verified:
    """Compare the database with its ledger, and the store with the database.

    Each version's object has to be there in its size, where the vault is open; with `contents` it is
    read back, decrypted and compared with its SHA-256. Raises Unavailable for `contents` without a vault.
    """
    with db.database().transaction() as cursor:
        found = ledger.checked(cursor)
    if contents:
        documents.vault()
    problems = tuple(_objects(contents)) if documents.is_open() else ()
    count = int(db.value("SELECT COUNT(*) FROM document") or 0)
    return replace(found, ok=found.ok and not problems, problems=(*found.problems, *problems), documents=count)


def _objects(contents: bool) -> Iterator[Problem]:
    held = documents.vault()
    for version in db.all_of(Version, "ORDER BY document_id, number"):
        where = f"document {version.document_id} version {version.number}"
        try:
            size = held.store.size(version.object_key)
            if size != version.stored_size:
                yield Problem("object", where, f"has {size} bytes in the store instead of {version.stored_size}")
            elif contents and _digest(version) != version.sha256:
                yield Problem("object", where, "its content is not what was uploaded")
        except NotFound:
            yield Problem("object", where, "is not in the store")
        except AccordError as error:
            yield Problem("object", where, str(error))


def _digest(version: Version) -> str:
    digest = hashlib.sha256()
    for piece in documents.content(version):
        digest.update(piece)
    return digest.hexdigest()

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
        "core.refusals", "vault.class_rules", "vault.classes", "vault.completeness", "vault.disposal", "vault.documents",
        "vault.holder", "vault.holds", "vault.metadata", "vault.own_templates", "vault.phases", "vault.planned",
        "vault.quota", "vault.review", "vault.sharing", "vault.text",
    )
)  # fmt: skip


@in_organisation("ledger.verify")
def verify(actor: Actor, *, contents: bool = False) -> Verified:
    """Compare the database with its ledger, and the store with the database.

    Each version's object has to be there in its size, where the vault is open; with `contents` it is
    read back, decrypted and compared with its SHA-256. Of what was disposed of neither key nor object may be
    left. Raises Unavailable for `contents` without a vault.
    """
    with db.database().transaction() as cursor:
        found = ledger.checked(cursor)
    if contents:
        documents.vault()
    problems = (*_tombstones(), *(_objects(contents) if documents.is_open() else ()))
    count = int(db.value("SELECT COUNT(*) FROM document") or 0)
    return replace(found, ok=found.ok and not problems, problems=(*found.problems, *problems), documents=count)


def _objects(contents: bool) -> Iterator[Problem]:
    held = documents.vault()
    for version in db.all_of(Version, "ORDER BY document_id, number"):
        where = f"document {version.document_id} version {version.number}"
        if not version.wrapped_key:
            yield from _left_over(version, where)
            continue
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


def _tombstones() -> Iterator[Problem]:
    """A version has no key exactly when its document was disposed of."""
    for record in db.rows(
        """
        SELECT v.document_id, v.number, d.disposed_at
        FROM document_version v
        JOIN document d ON d.id = v.document_id
        WHERE (v.wrapped_key = '') <> (d.disposed_at IS NOT NULL)
        ORDER BY v.document_id, v.number
        """
    ):
        where = f"document {record['document_id']} version {record['number']}"
        what = "was disposed of, but its key is still there" if record["disposed_at"] else "has no key"
        yield Problem("object", where, what)


def _left_over(version: Version, where: str) -> Iterator[Problem]:
    """What was disposed of is gone from the store, or noted to be removed by the sweep."""
    try:
        documents.vault().store.size(version.object_key)
    except NotFound:
        return
    except AccordError as error:
        yield Problem("object", where, str(error))
        return
    if not db.value("SELECT COUNT(*) FROM upload_intent WHERE object_key = ?", [version.object_key]):
        yield Problem("object", where, "was disposed of, but is still in the store")


def _digest(version: Version) -> str:
    digest = hashlib.sha256()
    for piece in documents.content(version):
        digest.update(piece)
    return digest.hexdigest()

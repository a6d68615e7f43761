"""Documents and their versions: put, fetch, list, reclassify.

Object first, row second (docs/architecture.md): a version is there when its row is, and its row
comes after its bytes are in the store, whole and measured. What is cut off in between is an object
without a row, which `vault/sweeping.py` removes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

import tink

from core import access, db
from core.access import Actor, Standing, in_project, open_to_all
from core.errors import Conflict, Invalid, NotFound, Unavailable
from core.ids import new_id, now
from core.language import Message, say
from core.rows import entity, entity_of
from vault import classes, inspection
from vault.envelope import Envelope
from vault.inspection import Reason
from vault.store import Store

CHUNK = 1024 * 1024
INSPECTED_UP_TO = 32 * 1024 * 1024  # bytes that are held in memory to look inside; larger files are not opened

db.unledgered("upload_intent")


@entity("document", subject=True)
@dataclass(frozen=True)
class Document:
    """A document of a project; `version` is the number of its current version."""

    id: str
    project_id: str
    number: int
    code: str
    title: str
    class_id: str
    clearance: str
    state: str
    version: int
    archived: bool
    created_at: datetime
    revision: int


# The wrapped key is a digest in the ledger: an event is for ever, a key must be destroyable.
@entity("document_version", sealed=("wrapped_key",), hangs_on="document_id")
@dataclass(frozen=True)
class Version:
    """One upload: never changed. `size` in bytes, `sha256` of the content in clear."""

    id: str
    project_id: str
    document_id: str
    number: int
    file_name: str
    media_type: str
    size: int
    stored_size: int
    sha256: str
    object_key: str
    wrapped_key: str
    note: str
    warnings: tuple[str, ...]
    author_id: str | None
    author_name: str
    created_at: datetime


@dataclass(frozen=True)
class Listed:
    """A document with what its current version says, as lists show it."""

    document: Document
    version: Version


@dataclass(frozen=True)
class Stored:
    """What came of an upload. `outcome` is stored or warning; a refusal is FileRefused."""

    document: str
    code: str
    title: str
    version: int
    size: int
    sha256: str
    outcome: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Fetched:
    """A version on its way out; `chunks` is its content in clear."""

    document: str
    file_name: str
    media_type: str
    version: int
    size: int
    sha256: str
    chunks: Iterator[bytes]


class FileRefused(Invalid):
    """A file that is not taken, with the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message, field="file")
        self.reason = reason


@dataclass(frozen=True)
class Vault:
    """The open vault of this process. `limit` is the largest file in bytes."""

    store: Store
    envelope: Envelope
    limit: int


_open: Vault | None = None


def attach(vault: Vault | None) -> None:
    """Open the vault for this process, or close it with None (vault/opening.py)."""
    global _open
    _open = vault


def is_open() -> bool:
    """Whether documents can be put and fetched now."""
    return _open is not None


def vault() -> Vault:
    """The open vault. Raises Unavailable without one."""
    if _open is None:
        raise Unavailable(say("The document store is not running. Start Accord anew."))
    return _open


@in_project("document.write")
def put(
    actor: Actor,
    project: str,
    source: BinaryIO,
    *,
    file_name: str,
    class_: str,
    clearance: str | None = None,
    title: str | None = None,
    document: str | None = None,
    note: str = "",
    at: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Stored:
    """Store what `source` gives as a new document, or as the next version of `document`.

    Without a clearance a client's is `public`, everybody else's `internal`. A new version keeps class
    and clearance of its document. `progress` hears the bytes taken so far.

    Raises FileRefused with its reason, Invalid for a class that there is not, Refused for a clearance
    above the actor's own, NotFound for a document that does not exist for them, Conflict for the same
    content as the current version, Unavailable when the store does not answer. Nothing stays then.
    """
    own = access.standing(actor, project)
    held = vault()
    class_id = classes.named(class_)
    file_name = plain_name(file_name)
    known = _seen(own, project, document) if document else None
    level = known.clearance if known else clearance or ("public" if own.role == "client" else "internal")
    if level not in access.CLEARANCES:
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
    access.require_clearance(own, level)

    document_id, version_id = known.id if known else new_id(), new_id()
    key, place = f"v1/{project}/{document_id}/{version_id}", f"{project}/{document_id}/{version_id}"
    first = _read_up_to(source, INSPECTED_UP_TO + 1, progress)
    findings = inspection.inspect(
        first if len(first) <= INSPECTED_UP_TO else first[:CHUNK], file_name=file_name,
        whole=len(first) <= INSPECTED_UP_TO,
    )  # fmt: skip
    if findings.refusal:
        raise FileRefused(findings.refusal)
    digest_of_first = hashlib.sha256(first).hexdigest() if len(first) <= INSPECTED_UP_TO else None
    if known and digest_of_first:
        _refuse_same(known, digest_of_first)
    with db.write(actor) as tx:
        tx.execute("INSERT INTO upload_intent (object_key, started_at, passes) VALUES (?, ?, 0)", [key, now()])
    wrapped = held.envelope.fresh_key(place)
    try:
        size, stored_size, digest = _transfer(held, key, wrapped, place, first, source, progress)
    except BaseException:
        _forget(actor, held, key)
        raise
    with db.write(actor, at=at) as tx:
        tx.execute("DELETE FROM upload_intent WHERE object_key = ?", [key])
        row = _document_row(tx, own, project, document_id, known, class_id, level, title, file_name)
        tx.insert(
            Version(
                version_id, project, row.id, row.version, file_name, findings.media_type, size, stored_size, digest,
                key, wrapped, note.strip(), tuple(r.code for r in findings.warnings),
                actor.id if actor.kind == "person" else None, actor.name, tx.at,
            ),
            action="uploaded",
        )  # fmt: skip
    outcome = "warning" if findings.warnings else "stored"
    return Stored(row.id, row.code, row.title, row.version, size, digest, outcome, findings.warnings)


@in_project("document.read")
def fetch(actor: Actor, project: str, document: str, version: int | None = None) -> Fetched:
    """A version's content, the current one unless `version` names another; the fetch is an event.

    Raises NotFound, Unavailable when the store does not answer.
    """
    own = access.standing(actor, project)
    vault()
    found = _seen(own, project, document)
    wanted = _version(found, version)
    with db.write(actor) as tx:
        tx.event("document", found.id, "downloaded", project=project, subject=found.id, data={"version": wanted.number})
    return Fetched(
        found.id, wanted.file_name, wanted.media_type, wanted.number, wanted.size, wanted.sha256, content(wanted)
    )


@in_project("document.read")
def get(actor: Actor, project: str, document: str) -> Document:
    """A document by its id or code (DOC-3). Raises NotFound, also when not cleared for it."""
    return _seen(access.standing(actor, project), project, document)


@in_project("document.read")
def versions(actor: Actor, project: str, document: str) -> list[Version]:
    """Every version of a document, the newest first."""
    found = _seen(access.standing(actor, project), project, document)
    return db.all_of(Version, "WHERE document_id = ? ORDER BY number DESC", [found.id])


SORTS = {
    "changed": "v.created_at DESC, d.number DESC",
    "title": "lower(d.title), d.number",
    "class": "d.class_id, lower(d.title)",
    "clearance": "d.clearance, lower(d.title)",
    "size": "v.size DESC, d.number",
    "code": "d.number",
}


@in_project("document.read")
def listed(
    actor: Actor,
    project: str,
    *,
    class_: str | None = None,
    state: str | None = None,
    clearance: str | None = None,
    text: str = "",
    sort: str = "changed",
) -> list[Listed]:
    """The documents that exist for the actor and pass the filters, sorted by one of SORTS."""
    own = access.standing(actor, project)
    clauses, params = "", []
    for column, wanted in (("d.class_id", class_), ("d.state", state), ("d.clearance", clearance)):
        if wanted:
            clauses += f" AND {column} = ?"
            params.append(wanted)
    if text.strip():
        clauses += " AND contains(lower(d.title || ' ' || d.code || ' ' || v.file_name), lower(?))"
        params.append(text.strip())
    records = db.rows(
        f"""
        SELECT {", ".join(f"d.{c} AS d_{c}" for c in _DOCUMENT.columns)},
               {", ".join(f"v.{c} AS v_{c}" for c in _VERSION.columns)}
        FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number = d.version
        WHERE d.project_id = ? AND NOT d.archived AND d.clearance IN ({db.marks(own.clearances)}) {clauses}
        ORDER BY {SORTS.get(sort, SORTS["changed"])}
        """,
        [project, *own.clearances, *params],
    )
    return [
        Listed(
            cast(Document, _DOCUMENT.loaded({c: r[f"d_{c}"] for c in _DOCUMENT.columns})),
            cast(Version, _VERSION.loaded({c: r[f"v_{c}"] for c in _VERSION.columns})),
        )
        for r in records
    ]


@in_project("document.classify")
def reclassify(
    actor: Actor,
    project: str,
    document: str,
    *,
    revision: int,
    title: str | None = None,
    class_: str | None = None,
    clearance: str | None = None,
) -> Document:
    """Change title, class or clearance; what is None stays.

    Raises Invalid, Refused for a clearance above the actor's own, Stale, NotFound.
    """
    own = access.standing(actor, project)
    changes: dict[str, Any] = {}
    if title is not None:
        if not title.strip():
            raise Invalid(say("A document needs a title."), field="title")
        changes["title"] = title.strip()
    if class_ is not None:
        changes["class_id"] = classes.named(class_)
    if clearance is not None:
        if clearance not in access.CLEARANCES:
            raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
        access.require_clearance(own, clearance)
        changes["clearance"] = clearance
    with db.write(actor) as tx:
        found = tx.get(Document, _seen(own, project, document).id)
        if not own.cleared(found.clearance):
            raise NotFound(MISSING)
        return tx.update(found, revision=revision, action="reclassified", **changes)


@dataclass(frozen=True)
class Readers:
    """Who can read something of a clearance in a project: names by side."""

    team: tuple[str, ...]
    client: tuple[str, ...]


@in_project("document.write")
def readers(actor: Actor, project: str, clearance: str) -> Readers:
    """Who would be able to read a document of this clearance: for the form, before it is sent.

    Raises Refused for a clearance above the actor's own: who stands there is not theirs to know.
    """
    access.require_clearance(access.standing(actor, project), clearance)
    allowed = access.CLEARANCES[access.CLEARANCES.index(clearance) :]
    found = db.rows(
        f"""
        SELECT a.name, m.role
        FROM membership m
        JOIN account a ON a.id = m.account_id
        WHERE m.project_id = ? AND a.active AND m.clearance IN ({db.marks(allowed)})
        ORDER BY a.name
        """,
        [project, *allowed],
    )
    return Readers(
        tuple(r["name"] for r in found if r["role"] != "client"),
        tuple(r["name"] for r in found if r["role"] == "client"),
    )


@open_to_all("it answers only for a project in which the actor may read the document")
def project_of(actor: Actor, document: str) -> str:
    """The project of a document that exists for the actor. Raises NotFound."""
    project = db.value("SELECT project_id FROM document WHERE id = ?", [document])
    if project is None:
        raise NotFound(MISSING)
    try:
        own = access.standing(actor, project)
    except NotFound as error:
        raise NotFound(MISSING) from error
    _seen(own, project, document)
    return str(project)


MISSING = say("There is no such document.")
_DOCUMENT = entity_of(Document)
_VERSION = entity_of(Version)


@open_to_all("it only looks at the text it is given")
def plain_name(file_name: str) -> str:
    """The last part of a path, without control characters; 255 characters at most, the ending kept."""
    name = "".join(c for c in file_name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip(" .")
    if len(name) > 255:
        stem, dot, ending = name.rpartition(".")
        name = (stem[: 254 - len(ending)] + dot + ending) if dot and len(ending) < 16 else name[:255]
    return name or "file"


def _seen(own: Standing, project: str, document: str) -> Document:
    found = db.one_of(
        Document,
        f"WHERE project_id = ? AND (id = ? OR code = ?) AND NOT archived AND clearance IN ({db.marks(own.clearances)})",
        [project, document, document.upper(), *own.clearances],
    )
    if found is None:
        raise NotFound(MISSING)
    return found


def _version(document: Document, number: int | None) -> Version:
    found = db.one_of(
        Version, "WHERE document_id = ? AND number = ?", [document.id, document.version if number is None else number]
    )
    if found is None:
        raise NotFound(say("{code} has no version {number}.", code=document.code, number=number))
    return found


def _refuse_same(document: Document, digest: str) -> None:
    current = _version(document, None)
    if current.sha256 == digest:
        raise Conflict(
            say("This is the same file as version {number} of {code}.", number=current.number, code=document.code)
        )


def _document_row(
    tx: db.Transaction, own: Standing, project: str, document_id: str, known: Document | None,
    class_id: str, clearance: str, title: str | None, file_name: str,
) -> Document:  # fmt: skip
    """The document that the new version belongs to, inserted or counted up."""
    if known is None:
        number = int(tx.value("SELECT COALESCE(MAX(number), 0) FROM document WHERE project_id = ?", [project])) + 1
        return tx.insert(
            Document(
                document_id, project, number, f"DOC-{number:02d}", (title or "").strip() or title_of(file_name),
                class_id, clearance, "draft", 1, False, tx.at, 1,
            )
        )  # fmt: skip
    current = tx.get(Document, known.id)
    if current.archived or not own.cleared(current.clearance):
        raise NotFound(MISSING)
    return tx.update(current, action="new version", version=current.version + 1, state="draft")


@open_to_all("it only looks at the text it is given")
def title_of(file_name: str) -> str:
    """A title from a file's name: "interface_design-v2.docx" -> "interface design v2"."""
    stem = file_name.rsplit(".", 1)[0] if "." in file_name[1:] else file_name
    return stem.replace("_", " ").strip() or file_name


def _read_up_to(source: BinaryIO, limit: int, progress: Callable[[int], None] | None) -> bytes:
    taken = bytearray()
    while len(taken) < limit:
        piece = source.read(min(CHUNK, limit - len(taken)))
        if not piece:
            break
        taken += piece
        if progress:
            progress(len(taken))
    return bytes(taken)


def _transfer(
    held: Vault, key: str, wrapped: str, place: str, first: bytes, source: BinaryIO,
    progress: Callable[[int], None] | None,
) -> tuple[int, int, str]:  # fmt: skip
    """Encrypt `first` and the rest of `source` into the store; size, stored size, SHA-256 in clear."""
    digest, size = hashlib.sha256(), 0
    writer = held.store.writer(key)
    try:
        encrypting = held.envelope.encrypting(wrapped, place, cast(BinaryIO, _Open(writer)))
        pieces = iter([memoryview(first)[i : i + CHUNK] for i in range(0, len(first), CHUNK)])
        piece: Any = next(pieces, None)
        while piece:
            size += len(piece)
            _refuse_above(held.limit, size)
            digest.update(piece)
            encrypting.write(piece if isinstance(piece, bytes) else bytes(piece))
            if progress:
                progress(max(size, len(first)))
            piece = next(pieces, None) or source.read(CHUNK)
        encrypting.close()
        writer.commit()
    except BaseException:
        writer.abandon()
        raise
    if held.store.size(key) != writer.size:
        raise Unavailable(
            say("The document store kept less than it was given. Try again; tell your administrator if it stays.")
        )
    held.store.make_lasting()
    return size, writer.size, digest.hexdigest()


def _refuse_above(limit: int, size: int) -> None:
    if size > limit:
        raise FileRefused(inspection.too_large(limit))


class _Open(io.RawIOBase):
    """Lets the encrypting stream close itself without ending the object, which `commit` does."""

    def __init__(self, writer: io.RawIOBase) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._writer.write(data) or 0


def _forget(actor: Actor, held: Vault, key: str) -> None:
    """Leave nothing of an upload that failed; what can't be removed now is swept later."""
    try:
        held.store.delete(key)
    except (Unavailable, NotFound):
        return
    with db.write(actor) as tx:
        tx.execute("DELETE FROM upload_intent WHERE object_key = ?", [key])


def content(version: Version) -> Iterator[bytes]:
    """A version's content in clear, piece by piece, for those who have asked whether it may be read.

    Raises Unavailable when it was touched in the store.
    """
    held = vault()
    place = f"{version.project_id}/{version.document_id}/{version.id}"
    with held.store.reader(version.object_key, version.stored_size) as source:
        clear = held.envelope.decrypting(version.wrapped_key, place, cast(BinaryIO, source))
        given = 0
        try:
            while piece := clear.read(CHUNK):
                given += len(piece)
                yield piece
        except tink.TinkError as error:
            raise Unavailable(TOUCHED) from error
        if given != version.size:
            raise Unavailable(TOUCHED)


TOUCHED: Message = say(
    "The content of this version was changed in the store. Tell your administrator; `accord verify --contents` names what."
)

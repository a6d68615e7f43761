"""Documents and their versions: put, fetch, list, reclassify.

Object first, row second (docs/architecture.md): a version is there when its row is, and its row
comes after its bytes are in the store, whole and measured. What is cut off in between is an object
without a row, which `vault/sweeping.py` removes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO, cast

from core import access, db, projects, reading
from core.access import Actor, Standing, in_project, open_to_all, rank_of
from core.errors import AccordError, Conflict, Invalid, NotFound, Refused, Unavailable
from core.ids import new_id, now
from core.language import say
from core.reading import Circle, Reader, Thing
from core.rows import entity, entity_of
from vault import antivirus, class_rules, classes, holder, inspection, planned, quota, transfer
from vault.inspection import FileRefused, Reason
from vault.transfer import Place, Vault

INSPECTED_UP_TO = 32 * 1024 * 1024  # bytes that are held in memory to look inside; larger files are not opened

db.unledgered("upload_intent")


@entity("document", subject=True)
@dataclass(frozen=True)
class Document:
    """A document of a project; `version` is the number of its newest version, `state` that version's.

    `approved_version` is what readers get by default, `review_by` when it comes up again. An `archived` one is
    in the trash since `discarded_at` (vault/trash.py), or disposed of: then this row is all that is left of it.
    `came_with` is the mail that it was attached to.
    """

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
    approved_version: int | None = None
    review_by: date | None = None
    discarded_at: datetime | None = None
    discarded_by: str | None = None
    disposed_at: datetime | None = None
    came_with: str | None = None


# The wrapped key is a digest in the ledger: an event is for ever, a key must be destroyable.
@entity("document_version", sealed=("wrapped_key",), hangs_on="document_id")
@dataclass(frozen=True)
class Version:
    """One upload, whose content never changes. `size` in bytes, `sha256` of the content in clear.

    `state` is empty for a draft (vault/states.py moves it), `restored_from` names the version it came from.
    """

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
    state: str | None = None
    restored_from: int | None = None


@dataclass(frozen=True)
class Listed:
    """A document with what the version that the reader gets by default says, as lists show it."""

    document: Document
    version: Version


@dataclass(frozen=True)
class Stored:
    """What came of an upload. `outcome` is stored or warning; a refusal is FileRefused.

    Among the `reasons` stands that the class asks for a higher clearance than was named, where it does.
    """

    document: str
    code: str
    title: str
    version: int
    size: int
    sha256: str
    outcome: str
    reasons: tuple[Reason, ...]
    clearance: str


@dataclass(frozen=True)
class Fetched:
    """A version on its way out, uploaded at `at` (UTC); `chunks` is its content in clear."""

    document: str
    file_name: str
    media_type: str
    version: int
    size: int
    sha256: str
    at: datetime
    chunks: Iterator[bytes]


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
    restored_from: int | None = None,
    came_with: str | None = None,
) -> Stored:
    """Store what `source` gives as a new document, or as the next version of `document`.

    Without a clearance a client's is `public`, everybody else's what its class says (`internal`); where the
    class asks for a higher one at least, that holds. A new version keeps class and clearance of its document.
    `progress` hears the bytes taken so far; `restored_from` is the version that the bytes come from
    (vault/restoring.py), `came_with` the mail that a new document was attached to (vault/mail_in.py).

    Raises FileRefused with its reason (a quota among them), Invalid for a class that there is not, Refused for a clearance
    above the actor's own, NotFound for a document that does not exist for them, Conflict for the same
    content as the newest version or a document that somebody else has checked out, Unavailable when the store does not answer or the disk has no room. Nothing stays then.
    """
    reader = reading.reader(actor, project)
    own, held = reader.standing, vault()
    file_name = plain_name(file_name)
    known = _seen(reader, project, document) if document else None
    if known:
        holder.require_free(db.all_of, actor, known.id)
    class_id = known.class_id if known else classes.named(class_)
    level = known.clearance if known else clearance or usual_clearance(own, class_id)
    if level not in access.CLEARANCES:
        raise Invalid(say("A clearance is one of public, internal, confidential, restricted."), field="clearance")
    access.require_clearance(own, level)
    named = level
    if not known:
        class_rules.at_least(own, class_id, level)  # asked before the bytes; what holds is asked after them

    document_id, version_id = known.id if known else new_id(), new_id()
    bound = f"{project}/{document_id}/{version_id}"
    transfer.require_disk(held)
    first, whole = transfer.beginning(source, INSPECTED_UP_TO, progress)
    known_size = sum(len(piece) for piece in first)
    transfer.require_disk(held, known_size)
    quota.require_room(db.rows, actor, project, known_size)
    findings = inspection.inspect(b"".join(first) if whole else first[0], file_name=file_name, whole=whole)
    if findings.refusal:
        raise FileRefused(findings.refusal)
    if known and whole:
        _refuse_same(_version(known, known.version), known, transfer.digest(first))
    place = Place(f"v1/{bound}", held.envelope.fresh_key(bound), bound)
    with db.write(actor) as tx:
        tx.execute("INSERT INTO upload_intent (object_key, started_at, passes) VALUES (?, ?, 0)", [place.key, now()])
    try:
        sent = transfer.send(held, place, first, source, progress)
    except BaseException as error:
        _forget(actor, held, place.key)
        if isinstance(error, FileRefused) and error.reason.code == antivirus.MALWARE:
            with db.write(actor) as tx:
                tx.event("project", project, "malware found", project=project, note=file_name, team_only=True)
        raise
    try:
        with db.write(actor, at=at) as tx:
            # Hours may have passed since the first byte: whoever lost the right meanwhile puts nothing.
            access.require(actor, "document.write", project)
            reader = reading.reader(actor, project, rows=tx.rows)
            if not known:
                level = class_rules.at_least(reader.standing, class_id, named)
            tx.execute("DELETE FROM upload_intent WHERE object_key = ?", [place.key])
            # The master key may have been changed meanwhile: the old one opens nothing once this is over.
            wrapped = held.envelope.renewed(place.wrapped, place.bound)
            # The vault may have moved: then what has just gone into the old store follows.
            if (now_held := vault()).store is not held.store:
                transfer.carry(held.store, now_held.store, place.key, sent.stored_size)
            row = _document_row(tx, reader, project, document_id, known, class_id, level, title, file_name, sent.sha256,
                                came_with)  # fmt: skip
            # Others have sent files meanwhile; of the last ones only as many get in as there is room for.
            quota.require_room(tx.rows, actor, project, sent.size)
            if known:
                holder.check_in(tx, actor, known.id)
            tx.insert(
                Version(
                    version_id, project, row.id, row.version, file_name, findings.media_type, sent.size,
                    sent.stored_size, sent.sha256, place.key, wrapped, note.strip(),
                    tuple(r.code for r in findings.warnings),
                    actor.id if actor.kind == "person" else None, actor.name, tx.at, restored_from=restored_from,
                ),
                action="restored" if restored_from else "uploaded",
            )  # fmt: skip
    except Unavailable:
        # Whether that commit reached the disk is not known: the object stays, the sweep will tell.
        raise
    except AccordError:
        _forget(actor, held, place.key)
        raise
    outcome = "warning" if findings.warnings else "stored"
    reasons = (*findings.warnings, _raised(row.clearance)) if not known and level != named else findings.warnings
    return Stored(row.id, row.code, row.title, row.version, sent.size, sent.sha256, outcome, reasons, row.clearance)


@in_project("document.read")
def fetch(actor: Actor, project: str, document: str, version: int | None = None) -> Fetched:
    """A version's content, the reader's default one unless `version` names another; the fetch is an event.

    Raises NotFound, Unavailable when the store does not answer.
    """
    reader = reading.reader(actor, project)
    vault()
    found = _seen(reader, project, document)
    wanted = _version(found, default_version(reader.standing, found) if version is None else version)
    chunks = content(wanted)
    # The first piece comes before the answer begins: what is missing or touched is an error, not half a file.
    beginning = next(chunks)
    with db.write(actor) as tx:
        tx.event("document", found.id, "downloaded", project=project, subject=found.id, data={"version": wanted.number})
    return Fetched(
        found.id, wanted.file_name, wanted.media_type, wanted.number, wanted.size, wanted.sha256,
        wanted.created_at, continued(beginning, chunks),
    )  # fmt: skip


@in_project("document.read")
def get(actor: Actor, project: str, document: str) -> Document:
    """A document by its id or code (DOC-3). Raises NotFound, also when not cleared for it."""
    return _seen(reading.reader(actor, project), project, document)


@in_project("document.read")
def versions(actor: Actor, project: str, document: str) -> list[Version]:
    """Every version of a document, the newest first."""
    found = _seen(reading.reader(actor, project), project, document)
    return db.all_of(Version, "WHERE document_id = ? ORDER BY number DESC", [found.id])


@in_project("document.read")
def version_of(actor: Actor, project: str, document: str, number: int) -> Version:
    """One version of a document. Raises NotFound."""
    return _version(_seen(reading.reader(actor, project), project, document), number)


SORTS = {
    "changed": "v.created_at DESC, d.number DESC",
    "title": "lower(d.title), d.number",
    "class": "d.class_id, lower(d.title)",
    "clearance": f"{rank_of('d.clearance')}, lower(d.title)",
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
    overdue: date | None = None,
) -> list[Listed]:
    """The documents that exist for the actor and pass the filters, sorted by one of SORTS; `-` before it turns it round.

    With `overdue`, those only whose approval should have been looked at again before that day.
    """
    reader = reading.reader(actor, project)
    exists, cleared = reader.condition("d")
    clauses, params = "", list[Any]()
    if overdue:
        clauses += " AND d.review_by < ?"
        params.append(overdue)
    for column, wanted in (("d.class_id", class_), (STATE, state), ("d.clearance", clearance)):
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
        JOIN document_version v ON v.document_id = d.id AND v.number = {shown(reader, "d")}
        WHERE d.project_id = ? AND NOT d.archived AND {exists} {clauses}
        ORDER BY {SORTS.get(sort.removeprefix("-"), SORTS["changed"])}
        """,
        [project, *cleared, *params],
    )
    width = len(_DOCUMENT.columns)
    lines = (list(record.values()) for record in (reversed(records) if sort.startswith("-") else records))
    return [Listed(_DOCUMENT.made_of(line[:width]), _VERSION.made_of(line[width:])) for line in lines]


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
    reason: str = "",
) -> Document:
    """Change title, class or clearance; what is None stays. Another clearance needs a reason, which the event keeps.

    Where the class asks for a higher clearance than is named or stands, that holds. Raises Invalid, Refused for a clearance above the actor's own, Stale, NotFound.
    """
    reader = reading.reader(actor, project)
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
        access.require_clearance(reader.standing, clearance)
        changes["clearance"] = clearance
    with db.write(actor) as tx:
        found = again(tx, reader, _seen(reader, project, document).id)
        require_own(reader, found)
        if class_ is not None or clearance is not None:
            wanted = clearance or found.clearance
            level = class_rules.at_least(reader.standing, changes.get("class_id", found.class_id), wanted)
            if level != found.clearance:
                changes["clearance"] = level
                if clearance in (None, found.clearance) and not reason.strip():
                    reason = LEAST.text()
            else:
                changes.pop("clearance", None)
        if "clearance" in changes and not reason.strip():
            raise Invalid(say("Say why it gets another clearance."), field="reason")
        about = {"note": reason.strip()} if "clearance" in changes else {}
        fresh = tx.update(found, revision=revision, action="reclassified", about=about, **changes)
        planned.overtaken(tx, found.id, found.clearance, fresh.clearance)
        return fresh


@dataclass(frozen=True)
class Readers:
    """Who can read something of a clearance in a project: names by side."""

    team: tuple[str, ...]
    client: tuple[str, ...]


@in_project("document.write")
def readers(
    actor: Actor, project: str, clearance: str, *, class_: str | None = None, document: str | None = None
) -> Readers:
    """Who would be able to read a document of this clearance (and class), or `document` with it; before it is saved.

    Administrators are not named. Raises Refused for a clearance above the actor's own, since who stands
    there is not theirs to know; NotFound for a document that does not exist for them.
    """
    reader = reading.reader(actor, project)
    known = _seen(reader, project, document) if document else None
    if known is None or known.clearance != clearance:
        access.require_clearance(reader.standing, clearance)
    asked = Thing(known.id if known else "", clearance, class_ or (known.class_id if known else None))
    return sides(reader, reading.circle(db.rows, project), asked)


def sides(reader: Reader, circle: Circle, asked: Thing) -> Readers:
    """Those of a circle who would read something, without administrators, for a reader who may know."""
    found = [p for p in circle.seeing(asked) if p.standing.role != "admin"]
    return Readers(
        tuple(p.name for p in found if p.standing.role != "client"),
        tuple(p.name for p in found if p.standing.role == "client"),
    )


@open_to_all("it answers only for a project in which the actor may read the document")
def project_of(actor: Actor, document: str, *, trashed: bool = False) -> str:
    """The project of a document that exists for the actor, with `trashed` also in the trash. Raises NotFound.

    What is not there costs what is not theirs costs: the same questions are asked of one of their projects.
    """
    known = [project.id for project in projects.mine(actor)]
    if not known:
        raise NotFound(MISSING)
    found = db.one_of(
        Document,
        f"WHERE id = ? AND (NOT archived OR ?) AND disposed_at IS NULL AND project_id IN ({db.marks(known)})",
        [document, trashed, *known],
    )
    reader = reading.reader(actor, found.project_id if found else known[0])
    if found is None or not reader.sees(thing(found)):
        raise NotFound(MISSING)
    return found.project_id


@open_to_all("it only looks at the standing it is given and at the class's rules")
def usual_clearance(own: access.Standing, class_id: str) -> str:
    """The clearance of a new document for which none was named; never above the standing's own."""
    if own.role == "client":
        return "public"
    rules = class_rules.of(class_id)
    wanted = class_rules.higher(rules.clearance, rules.least)
    return wanted if own.cleared(wanted) else own.clearance


MISSING = say("There is no such document.")
LEAST = say("Its class asks for this clearance at least.")
JOINERS = "\u200c\u200d"
"""Persian and Indic names need them; other invisible characters can disguise a name and are left out."""
_DOCUMENT = entity_of(Document)
_VERSION = entity_of(Version)


@open_to_all("it only looks at the text it is given")
def plain_name(file_name: str) -> str:
    """The last part of a path, without control characters; 255 characters at most, the ending kept."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in last if c.isprintable() or c in JOINERS).strip(" .")
    if len(name) > 255:
        stem, dot, ending = name.rpartition(".")
        name = (stem[: 254 - len(ending)] + dot + ending) if dot and len(ending) < 16 else name[:255]
    return name or "file"


def _seen(reader: Reader, project: str, document: str) -> Document:
    found = kept(reader, project, document)
    if found.archived:
        raise NotFound(MISSING)
    return found


def kept(reader: Reader, project: str, document: str) -> Document:
    """A document by its id or code, also one that is in the trash. Raises NotFound, also for what was disposed of."""
    found = db.one_of(
        Document,
        "WHERE project_id = ? AND (id = ? OR code = ?) AND disposed_at IS NULL",
        [project, document, document.upper()],
    )
    if found is None or not reader.sees(thing(found)):
        raise NotFound(MISSING)
    return found


@open_to_all("it only looks at what it is given")
def thing(document: Document) -> Thing:
    """A document as the rules of reading take it."""
    return Thing(document.id, document.clearance, document.class_id)


def require_own(reader: Reader, document: Document) -> None:
    """Raise NotFound for a document that does not exist for the reader, Refused for one that does by a grant only.

    A grant is for reading: who it is given to classifies nothing and gives it to nobody.
    """
    if not reader.sees(thing(document)):
        raise NotFound(MISSING)
    if not reader.standing.cleared(document.clearance):
        raise Refused(say("You read this by a grant. Only who is cleared for it may change who reads it."))


def again(tx: db.Transaction, reader: Reader, document: str) -> Document:
    """A document by its id as it stands now, inside the change. Raises NotFound, as when it was first asked for."""
    found = tx.get(Document, document)
    if found.archived or not reader.sees(thing(found)):
        raise NotFound(MISSING)
    return found


@open_to_all("it only looks at what it is given")
def default_version(standing: Standing, document: Document) -> int:
    """What somebody gets where no version is named: the team the newest, others the approved one, if there is one."""
    if document.approved_version is None or standing.may("version.newest"):
        return document.version
    return document.approved_version


def shown(reader: Reader, table: str) -> str:
    """`default_version` as SQL on `table`."""
    newest = f"{table}.version"
    return newest if reader.standing.may("version.newest") else f"COALESCE({table}.approved_version, {newest})"


STATE = "COALESCE(v.state, 'draft')"
"""The state of the version `v`, as SQL."""


def _version(document: Document, number: int) -> Version:
    found = db.one_of(Version, "WHERE document_id = ? AND number = ?", [document.id, number])
    if found is None:
        raise no_version(document, number)
    return found


@open_to_all("it only makes a sentence")
def no_version(document: Document, number: int | None) -> NotFound:
    """The answer to a version that a document does not have."""
    return NotFound(say("{code} has no version {number}.", code=document.code, number=number))


def _refuse_same(current: Version, document: Document, digest: str) -> None:
    if (
        current.sha256 == digest and current.state != "withdrawn"
    ):  # what was withdrawn may come again, to be judged anew
        raise Conflict(
            say("This is the same file as version {number} of {code}.", number=current.number, code=document.code)
        )


def _document_row(
    tx: db.Transaction, reader: Reader, project: str, document_id: str, known: Document | None,
    class_id: str, clearance: str, title: str | None, file_name: str, digest: str, came_with: str | None,
) -> Document:  # fmt: skip
    """The document that the new version belongs to, inserted or counted up."""
    if known is None:
        number = int(tx.value("SELECT COALESCE(MAX(number), 0) FROM document WHERE project_id = ?", [project])) + 1
        return tx.insert(
            Document(
                document_id, project, number, f"DOC-{number:02d}", (title or "").strip() or title_of(file_name),
                class_id, clearance, "draft", 1, False, tx.at, 1, came_with=came_with,
            )
        )  # fmt: skip
    current = again(tx, reader, known.id)
    newest = tx.all_of(Version, "WHERE document_id = ? AND number = ?", [current.id, current.version])
    _refuse_same(newest[0], current, digest)
    return tx.update(current, action="new version", version=current.version + 1, state="draft")


def _raised(clearance: str) -> Reason:
    """What is said of a document whose class asks for a higher clearance than was named."""
    return Reason(
        "least-clearance",
        say("It is {clearance}: its class asks for that at least.", clearance=access.clearance_name(clearance)),
    )


@open_to_all("it only looks at the text it is given")
def title_of(file_name: str) -> str:
    """A title from a file's name: "interface_design-v2.docx" -> "interface design v2"."""
    stem = file_name.rsplit(".", 1)[0] if "." in file_name[1:] else file_name
    return stem.replace("_", " ").strip() or file_name


def _forget(actor: Actor, held: Vault, key: str) -> None:
    """Leave nothing of an upload that failed; what can't be removed now is swept later."""
    try:
        held.store.delete(key)
    except (Unavailable, NotFound):
        return
    with db.write(actor) as tx:
        tx.execute("DELETE FROM upload_intent WHERE object_key = ?", [key])


@open_to_all("for those who have asked whether it may be read")
def content(version: Version) -> Iterator[bytes]:
    """A version's content in clear, piece by piece, for those who have asked whether it may be read.

    Raises Unavailable when it was touched or lost in the store.
    """
    return transfer.content(vault(), _place(version), size=version.size, stored_size=version.stored_size)


@open_to_all("it names a place")
def bound_to(version: Version) -> str:
    """What the encryption of a version's content and key is bound to."""
    return f"{version.project_id}/{version.document_id}/{version.id}"


def _place(version: Version) -> Place:
    return Place(version.object_key, version.wrapped_key, bound_to(version))


@open_to_all("bytes of those who have asked")
def continued(beginning: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """`beginning` and then the rest, which is let go of in any case."""
    try:
        yield beginning
        yield from rest
    finally:
        cast(Generator[bytes, None, None], rest).close()


__all__ = [
    "Document", "Fetched", "FileRefused", "Listed", "Readers", "Stored", "Vault", "Version", "again", "attach", "bound_to",
    "content", "continued", "default_version", "fetch", "get", "is_open", "kept", "listed", "plain_name", "project_of", "put", "readers",
    "reclassify", "require_own", "shown", "sides", "title_of", "vault", "versions",
]  # fmt: skip

"""The index of all documents as somebody gets them by default, in the memory of the process and nowhere else.

On disk lies only the text of each document, encrypted under the document's own key (vault/text.py);
at the start the index is made from it. It follows the ledger: before a question is answered, every
document that has an event since the last one is looked at anew, so that a change of class, clearance
or title, a comment or a removal holds from the moment its transaction is committed, whichever module
made it. Only the reading of new files takes its time, in a thread of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from core import db
from core.access import Actor, in_organisation, open_to_all
from core.errors import AccordError, Unavailable
from core.language import say
from core.reading import Reader
from vault import documents, search_ask, search_entry, text
from vault.documents import Version
from vault.search_ask import Hits
from vault.search_entry import SCHEMA
from vault.search_query import Wanted

LOOK = 0.5  # seconds between looks of the thread
PATIENCE = 3.0  # seconds that a question waits for the index to be made
AGAIN = 60.0  # seconds before a file that could not be had is asked for again
TRIES = 3  # of `settle` without the thread
AT_ONCE = 20  # documents that are read between two looks at what waits
BATCH = 500  # documents that are taken into the index between two looks at whether to stop
HEAP = 16 * 1024 * 1024  # bytes that the writer gathers before it makes a segment; Tantivy takes 15 MB at least
FOLLOWED = ("document", "document_version", "comment")

log = logging.getLogger("accord.search")


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild read: documents, how many of them have text, characters, seconds."""

    documents: int
    with_text: int
    characters: int
    seconds: float


class Index:
    """The index of this process."""

    def __init__(self) -> None:
        self.database = db.database()
        self._index = tantivy.Index(SCHEMA)
        self._writer = self._index.writer(heap_size=HEAP, num_threads=1)
        self._known: dict[str, tuple[Any, ...]] = {}  # document -> what its entry was made from
        self._cells: set[tuple[str, str]] = set()  # class and clearance of every entry there was
        self._unread: set[tuple[str, str]] = set()  # document and audience: the text of their version is not there yet
        self._lock = threading.RLock()
        self._seq = -1
        self._later: dict[str, float] = {}  # version -> when it is tried again
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self.loaded = threading.Event()

    # following the ledger

    def follow(self) -> None:
        """Bring the index to where the ledger is; at the first time it is made whole."""
        with self._lock:
            newest = db.head_seq()
            if self._seq < 0:
                self._take([r["id"] for r in db.rows("SELECT id FROM document WHERE NOT archived ORDER BY id")])
                self.loaded.set()
            elif newest != self._seq:
                changed = db.rows(
                    f"""
                    SELECT DISTINCT COALESCE(subject_id, entity_id) AS id
                    FROM event
                    WHERE seq > ? AND entity IN ({db.marks(FOLLOWED)})
                    """,
                    [self._seq, *FOLLOWED],
                )
                self._take([r["id"] for r in changed])
            self._seq = newest

    def _take(self, ids: Sequence[str], *, anew: bool = False) -> None:
        """Make the entries of these documents as they stand now, or remove them."""
        changed = False
        for start in range(0, len(ids), BATCH):
            if self._stopping.is_set():
                break
            some = list(ids[start : start + BATCH])
            standing: dict[str, list[dict[str, Any]]] = {}
            for record in search_entry.records(some):
                standing.setdefault(record["id"], []).append(record)
            for document in some:
                records = standing.get(document, [])
                form = search_entry.form(records) if records else None
                if form == self._known.get(document) and not anew:
                    continue
                self._unread -= {(document, search_entry.TEAM), (document, search_entry.OTHERS)}
                for record in records:
                    if record["read_at"] is None:
                        self._unread |= {(document, audience) for audience in search_entry.audiences(record)}
                if document in self._known:
                    self._writer.delete_documents_by_term("id", document)
                    del self._known[document]
                for record in records:
                    self._writer.add_document(search_entry.entry(record))
                    self._cells.add((record["class_id"], record["clearance"]))
                if form is not None:
                    self._known[document] = form
                changed = True
        if changed:
            self._writer.commit()
            self._index.reload()

    # reading new files

    def read(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Take the text out of every version that somebody gets by default and that has none yet; how many were read."""
        done = 0
        while not self._stopping.is_set():
            # Some at a time: what comes in meanwhile is wanted before what has waited long already.
            some, waiting = self._waiting()
            if not some:
                return done
            for number, version in enumerate(some, 1):
                if self._stopping.is_set():
                    return done
                try:
                    text.read(version)
                except Exception as error:  # whatever one document does, the others are read
                    known = isinstance(error, AccordError)
                    log.warning("the text of version %s could not be had: %s", version.id, error, exc_info=not known)
                    self._later[version.id] = time.monotonic() + AGAIN
                    continue
                done += 1
                self._later.pop(version.id, None)
                if progress is not None:
                    progress(done, done + waiting - number)
                if waiting < AT_ONCE:  # one after the other while somebody waits for the first
                    with self._lock:
                        self._take([version.document_id])
            if waiting >= AT_ONCE:
                with self._lock:
                    self._take([version.document_id for version in some])
        return done

    def _waiting(self) -> tuple[list[Version], int]:
        """The newest versions whose text is wanted and not there, AT_ONCE at most, and how many there are in all."""
        moment = time.monotonic()
        later = [version for version, again in self._later.items() if again >= moment]
        source = f"""
            FROM document d
            JOIN document_version v ON v.document_id = d.id AND v.number IN (d.version, d.approved_version)
            WHERE NOT d.archived AND v.id NOT IN (SELECT t.version_id FROM document_text t WHERE t.format = ?)
              {f"AND v.id NOT IN ({db.marks(later)})" if later else ""}
        """
        asked = [text.FORMAT, *later]
        found = db.all_of(
            Version,
            f"WHERE id IN (SELECT v.id {source} ORDER BY v.created_at DESC LIMIT {AT_ONCE}) ORDER BY created_at DESC",
            asked,
        )
        return found, len(found) if len(found) < AT_ONCE else int(db.value(f"SELECT COUNT(*) {source}", asked))

    def forget_old(self) -> None:
        """Let go of the texts of versions that nobody gets by default any more, or whose document is gone."""
        for record in db.rows(
            """
            SELECT t.version_id
            FROM document_text t
            LEFT JOIN document_version v ON v.id = t.version_id
            LEFT JOIN document d
                ON d.id = v.document_id AND v.number IN (d.version, d.approved_version) AND NOT d.archived
            WHERE d.id IS NULL
            """
        ):
            text.forget(record["version_id"])

    # the thread

    def start(self) -> None:
        """Follow and read in a thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="search", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        told = False
        while not self._stopping.is_set():
            try:
                before = self._seq
                self.follow()
                if before != self._seq:
                    self.read()
                    self.forget_old()
                elif self._later and min(self._later.values()) < time.monotonic():
                    self._later = {}
                    self.read()
                told = False
            except Exception:  # the search must not die of one look; the log tells once
                if not told:
                    log.exception("the index could not follow")
                told = True
            self._stopping.wait(LOOK)

    @property
    def running(self) -> bool:
        """Whether a thread follows by itself."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Stop the thread; nothing is lost."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(10)

    # asking

    def unread(self, reader: Reader | None = None) -> list[str]:
        """The documents whose text, of the version that such a reader (or anybody) gets, is not there yet.

        Whether they exist for the reader is not asked here.
        """
        with self._lock:
            waiting = set(self._unread)
        wanted = {search_entry.audience(reader.standing)} if reader else {search_entry.TEAM, search_entry.OTHERS}
        return sorted({document for document, audience in waiting if audience in wanted})

    def ask(self, reader: Reader, project: str, wanted: Wanted, *, limit: int, offset: int) -> Hits:
        """What is wanted of a project, for the reader. Raises Unavailable while the index is made after a start."""
        if self.running and not self.loaded.wait(PATIENCE):
            raise Unavailable(say("The search is still getting ready after the start. Try again in a moment."))
        self.follow()
        with self._lock:
            authors = (
                {name for form in self._known.values() for name in form[-1]} if "author" in wanted.narrowed else set()
            )
            cells = set(self._cells)
        return search_ask.asked(
            self._index.searcher(), reader, project, wanted, cells=cells, authors=authors, limit=limit, offset=offset
        )


# the one of this process

_open: Index | None = None
_making = threading.Lock()


@open_to_all("it tells nothing; vault/search.py asks for the reader")
def index() -> Index:
    """The index of this process, made when it is first asked for."""
    global _open
    with _making:
        if _open is None or _open.database is not db.database():
            _open = Index()
        return _open


@open_to_all("it tells nothing")
def start() -> None:
    """Have a thread follow what happens and read what is new, as long as the vault is open."""
    index().start()


@open_to_all("it tells nothing")
def close() -> None:
    """Let go of the index."""
    global _open
    with _making:
        held, _open = _open, None
    if held is not None:
        held.stop()


@open_to_all("it tells nothing; what is found is asked for each reader")
def settle(seconds: float = 600.0) -> None:
    """Wait until every file that can be read has been; without the thread it is done here."""
    held = index()
    if not held.running:
        for _ in range(TRIES):
            held.follow()
            held.read()
            if not held._later:
                return
            held._later = {}  # a store that did not answer a moment ago may answer now
            time.sleep(LOOK)
        return
    until = time.monotonic() + seconds
    while (not held.loaded.is_set() or held._waiting()[0]) and time.monotonic() < until:
        time.sleep(0.05)


@in_organisation("index.rebuild")
def rebuild(actor: Actor, progress: Callable[[int, int], None] | None = None) -> Rebuilt:
    """Read every document anew and make the index from it. `progress` hears how many are done, of how many.

    Raises Unavailable without the document store.
    """
    documents.vault()
    begun = time.monotonic()
    held = index()
    with held._lock:
        text.forget_all()
        held._later = {}
    held.follow()
    held.read(progress)
    settle()
    with held._lock:
        held._take(list(_ids()), anew=True)
    found = db.row(
        """
        SELECT COUNT(DISTINCT document_id) AS documents,
               COUNT(DISTINCT document_id) FILTER (WHERE characters > 0) AS with_text,
               COALESCE(SUM(characters), 0) AS characters
        FROM document_text
        """
    ) or {}  # fmt: skip
    return Rebuilt(int(found["documents"]), int(found["with_text"]), int(found["characters"]), time.monotonic() - begun)


def _ids() -> Iterator[str]:
    yield from (r["id"] for r in db.rows("SELECT id FROM document WHERE NOT archived"))

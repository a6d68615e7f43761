"""The command line: `accord [--home DIR] [--as MAIL] COMMAND … [--json]`.

Programs rely on it: names, fields and exit status are a contract (docs/cli.md). 0 is done, 1 means
that the domain said no, 2 wrong usage. While the app holds the data folder a command is handed over
to it (core/control.py), otherwise it opens the folder itself; `perform` is the same in both.
What is imported late is imported late so that `accord --help` answers at once.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from core.access import Actor
    from core.errors import AccordError
    from core.settings import Settings

Tell = Callable[[str], None]

WAIT = 10.0  # seconds for an app that starts or stops, or another command that holds the folder
COPIED_AT_ONCE = 1024 * 1024

log = logging.getLogger("accord.command")


@dataclass(frozen=True)
class Asked:
    """A command on its way: who asks, what was typed, and where files are looked for."""

    actor: Actor
    options: dict[str, Any]
    folder: Path
    tell: Tell = lambda words: None  # where progress is told

    def progress(self, done: int, total: int) -> None:
        """Tell how far something long has come."""
        self.tell(f"{done} / {total}\n")

    def __getitem__(self, name: str) -> Any:
        return self.options[name]

    def path(self, name: str) -> Path:
        """A file as the asker named it."""
        return self.folder / name

    @property
    def project(self) -> str:
        """The id of the project that --project names. Raises NotFound."""
        from core import projects

        return projects.by_code(self.actor, self["project"]).id


@dataclass(frozen=True)
class Answer:
    """What a command prints: `data` with --json, else `text`. `ok` is False when the domain said no."""

    data: dict[str, Any]
    text: str
    ok: bool = True


# commands


def setup(asked: Asked) -> Answer:
    """Name the organisation and make its first administrator; with --sample also the sample engagement."""
    from core import setup as first
    from core.language import text

    if asked["sample"]:
        from vault import documents

        documents.vault()  # without the store nothing is begun
    account = first.setup(
        organisation=asked["organisation"], mail=asked["mail"], name=asked["name"], password=asked["password"],
        language=asked["language"],
    )  # fmt: skip
    if asked["sample"]:
        from vault.sample import engagement

        engagement.add(account.actor, language=account.language)
    return Answer({"account": account.id}, text("Accord is set up. {name} can sign in.", name=account.name))


def user_add(asked: Asked) -> Answer:
    """Add a person with a password."""
    from core import accounts, passwords
    from core.language import text

    passwords.check(asked["password"], about=[asked["mail"], asked["name"]])
    account = accounts.create(asked.actor, mail=asked["mail"], name=asked["name"])
    accounts.give_password(asked.actor, account.id, asked["password"])
    return Answer({"account": account.id}, text("{name} has an account.", name=account.name))


def member_add(asked: Asked) -> Answer:
    """Give a person a role in a project."""
    from core import accounts, projects
    from core.language import text

    project, account = asked.project, accounts.by_mail(asked["mail"])
    membership = projects.add_member(
        asked.actor, project, account=account.id, role=asked["role"], clearance=asked["clearance"]
    )
    return Answer(
        {"membership": membership.id},
        text("{name} belongs to {code}.", name=account.name, code=asked["project"].upper()),
    )


def client_add(asked: Asked) -> Answer:
    """Add a client."""
    from core import projects
    from core.language import text

    client = projects.add_client(asked.actor, name=asked["name"])
    return Answer({"client": client.id}, text("The client “{name}” is added.", name=client.name))


def project_add(asked: Asked) -> Answer:
    """Add a project."""
    from core import projects
    from core.language import text

    project = projects.add_project(asked.actor, code=asked["code"], name=asked["name"], client=asked["client"])
    return Answer(
        {"project": project.id, "code": project.code}, text("The project {code} is added.", code=project.code)
    )


def import_trello(asked: Asked) -> Answer:
    """Take a board's export in."""
    from core.exchange import trello
    from core.language import text

    path = asked.path(asked["file"])
    with _opened(path) as source:
        data = source.read()
    found = trello.run(asked.actor, asked.project, data, file_name=path.name)
    counts = {"read": found.read, "created": found.created, "updated": found.updated, "unchanged": found.unchanged}
    dropped = [{"kind": n.kind, "id": n.id, "reason": n.reason.text()} for n in found.dropped]
    lines = [
        f"{kind:16} " + "  ".join(f"{name} {count.get(kind, 0)}" for name, count in counts.items())
        for kind in found.read
    ]
    lines += [f"- {one['kind']} {one['id']}: {one['reason']}" for one in dropped]
    lines.append(text("Undo it with: accord import undo {id}", id=found.id))
    return Answer({"import": found.id, **counts, "dropped": dropped}, "\n".join(lines))


def import_undo(asked: Asked) -> Answer:
    """Take an import back."""
    from core.exchange import imports

    found = imports.undo(asked.actor, imports.project_of(asked.actor, asked["import"]), asked["import"])
    kept = [{"kind": n.kind, "id": n.id, "reason": n.reason.text()} for n in found.kept]
    lines = [f"{kind:16} {count}" for kind, count in found.reversed.items()]
    lines += [f"- {one['kind']} {one['id']}: {one['reason']}" for one in kept]
    return Answer({"reversed": found.reversed, "kept": kept}, "\n".join(lines))


def list_requirements(asked: Asked) -> Answer:
    """The requirements that exist for the one who asks, column by column."""
    from core import board, columns
    from core.board import Filters

    project = asked.project
    names = columns.names(asked.actor, project)
    order = {state: place for place, state in enumerate(names)}
    cards = board.listed(asked.actor, project) + board.listed(asked.actor, project, Filters(archived=True))
    cards.sort(key=lambda c: (c.requirement.archived, order[c.requirement.state_id]))
    items = [
        {
            "id": c.requirement.id, "code": c.requirement.code, "title": c.requirement.title,
            "state": names[c.requirement.state_id], "priority": c.requirement.priority,
            "owner": c.owner_name or None, "labels": list(c.requirement.labels), "due": c.requirement.due,
            "archived": c.requirement.archived, "revision": c.requirement.revision,
        }
        for c in cards
    ]  # fmt: skip
    return _listing(items, ("code", "state", "priority", "owner", "due", "title"))


def list_documents(asked: Asked) -> Answer:
    """The documents that exist for the one who asks, in the order of their codes."""
    from vault import documents

    items = [
        {
            "id": one.document.id, "code": one.document.code, "title": one.document.title,
            "class": one.document.class_id, "clearance": one.document.clearance, "version": one.version.number,
            "size": one.version.size, "sha256": one.version.sha256,
        }
        for one in documents.listed(asked.actor, asked.project, sort="code")
    ]  # fmt: skip
    return _listing(items, ("id", "code", "class", "clearance", "version", "size", "title"))


def list_events(asked: Asked) -> Answer:
    """What happened, the newest first, as far as it exists for the one who asks."""
    from core import activity

    project = asked.project
    items = [
        {"id": e.id, "at": e.at, "actor": e.on_behalf or e.actor, "entity": e.entity, "action": e.action}
        for e in activity.listed(asked.actor, project, limit=asked["limit"])
    ]
    return _listing(items, ("at", "actor", "entity", "action"), total=activity.count(asked.actor, project))


def put(asked: Asked) -> Answer:
    """Store files as documents, or as next versions of one."""
    from core.errors import AccordError

    project, items = asked.project, list[dict[str, Any]]()
    for name in asked["files"]:
        try:
            items.append(_put(asked, project, name))
        except AccordError as error:
            # What was stored before it stands and has to be told.
            if not items:
                raise
            items.append(_refused(name, error.kind, str(error)))
    lines = [
        f"{one['file']}: {one['outcome']}"
        + (f" {one['document']} v{one['version']}" if one["document"] else "")
        + "".join(f"\n  {reason['message']}" for reason in one["reasons"])
        for one in items
    ]
    return Answer({"items": items}, "\n".join(lines), ok=all(one["outcome"] != "refused" for one in items))


def _put(asked: Asked, project: str, name: str) -> dict[str, Any]:
    from vault import documents
    from vault.documents import FileRefused

    known = documents.get(asked.actor, project, asked["document"]) if asked["document"] else None
    with _opened(asked.path(name)) as source:
        try:
            stored = documents.put(
                asked.actor, project, source, file_name=Path(name).name, title=asked["title"],
                class_=known.class_id if known else asked["class"], clearance=asked["clearance"],
                document=known.id if known else None, note=asked["note"],
            )  # fmt: skip
        except FileRefused as error:
            return _refused(name, error.reason.code, error.reason.message.text())
    return {
        "file": name, "outcome": stored.outcome, "document": stored.document, "version": stored.version,
        "sha256": stored.sha256, "size": stored.size,
        "reasons": [{"code": r.code, "message": r.message.text()} for r in stored.reasons],
    }  # fmt: skip


def _refused(name: str, code: str, message: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("document", "version", "sha256", "size"))
    return {"file": name, "outcome": "refused", **nothing, "reasons": [{"code": code, "message": message}]}


def get(asked: Asked) -> Answer:
    """Fetch a version; the file stands whole under its name or not at all."""
    from vault import documents

    project = _project_of(asked)
    out = _file_to_be(asked)
    found = documents.fetch(asked.actor, project, asked["document"], asked["version"])
    _write(out, found.chunks)
    return Answer(
        {"document": found.document, "version": found.version, "sha256": found.sha256, "size": found.size},
        f"{out}: v{found.version}, {found.size} B, sha256 {found.sha256}",
    )


def redline(asked: Asked) -> Answer:
    """Write what changed between two versions as a Word file with tracked changes."""
    from core.errors import Invalid
    from core.language import say, text
    from vault import documents
    from vault import redline as redlines

    old, new = redlines.named(asked["old"]), redlines.named(asked["new"])
    if asked["project"]:
        project = asked.project
    else:
        project = documents.project_of(asked.actor, old[0])
        if documents.project_of(asked.actor, new[0]) != project:
            raise Invalid(say("The two documents belong to different projects."))
    out = _file_to_be(asked)
    found = redlines.tracked(asked.actor, project, old, new)
    _write(out, [found.content])
    counts, notes = found.counts, [note.text() for note in found.notes]
    lines = [
        text("{file}: {insertions} inserted, {deletions} deleted, {moved} moved.", file=str(out),
             insertions=counts.insertions, deletions=counts.deletions, moved=counts.moved),
        *notes,
    ]  # fmt: skip
    data = {"insertions": counts.insertions, "deletions": counts.deletions, "moved": counts.moved, "notes": notes}
    return Answer(data, "\n".join(lines))


def template_new(asked: Asked) -> Answer:
    """Write the template of a class, filled from the project."""
    from vault import templates

    project, out = asked.project, _file_to_be(asked)
    made = templates.make(
        asked.actor,
        project,
        asked["class"],
        title=asked["title"],
        clearance=asked["clearance"],
        spoken=asked["language"],
    )
    _write(out, iter([made.content]))
    data = {"file": str(out), "class": made.class_id, "title": made.title, "clearance": made.clearance,
            "size": len(made.content)}  # fmt: skip
    return Answer(data, f"{out}: {made.title}, {len(made.content)} B")


def completeness(asked: Asked) -> Answer:
    """What documents still lack, and which documents the phases need."""
    from vault import completeness as complete
    from vault import documents, phases

    project = asked.project
    found = complete.listed(asked.actor, project)
    papers = [one.document for one in documents.listed(asked.actor, project, sort="code") if one.document.id in found]
    items: list[dict[str, Any]] = [
        {
            "document": paper.id, "code": paper.code, "title": paper.title, "class": paper.class_id,
            "version": found[paper.id].version, "percent": found[paper.id].percent,
            "missing": [one.message.text() for one in found[paper.id].findings],
            "findings": [
                {"kind": one.kind, "what": one.what, "place": one.place.text() if one.place else None, "count": one.count}
                for one in found[paper.id].findings
            ],
        }
        for paper in papers
    ]  # fmt: skip
    required = [
        {
            "phase": one.phase.code if one.phase.code in phases.NAMES else one.phase.name, "class": one.need.class_id,
            "state": one.need.state, "present": one.present, "approved": one.approved, "due": one.due,
            "title": one.title, "document": one.document.id if one.document else None, "lacks": one.lacks or None,
        }
        for one in phases.standings(asked.actor, project)
    ]  # fmt: skip
    lines = [
        f"{item['code']}  {item['percent']} %  {item['title']}" + "".join(f"\n  {m}" for m in item["missing"])
        for item in items
    ]
    lines += [f"{one['phase']}: {one['title']}  {one['lacks'] or '+'}  {_cell(one['due'])}" for one in required]
    return Answer({"documents": items, "required": required}, "\n".join(lines))


def _file_to_be(asked: Asked) -> Path:
    """The file that --out names."""
    from core.errors import Invalid
    from core.language import say

    out = asked.path(asked["out"])
    if out.is_dir():
        raise Invalid(say("{file} is a folder. Name a file.", file=str(out)))
    return out


def _write(out: Path, pieces: Iterable[bytes], *, mode: int = 0o666) -> None:
    """The file stands whole under its name or not at all."""
    from core.errors import Invalid
    from core.language import say

    fresh = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        made = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with os.fdopen(made, "wb") as target:
            for piece in pieces:
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(out)
    except OSError as error:
        raise Invalid(
            say("{file} can't be written: {reason}.", file=str(out), reason=error.strerror or str(error))
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


def search(asked: Asked) -> Answer:
    """The documents that hold the words, as far as they exist for the one who asks."""
    from vault import search as searching
    from vault import search_index

    project = asked.project
    searching.find(asked.actor, project, "")  # who may not ask shall not have the index made
    search_index.settle()
    found = searching.find(asked.actor, project, " ".join(asked["words"]), limit=asked["limit"] or searching.PAGE)
    items = [
        {
            "document": hit.item.document.id, "version": hit.item.version.number, "title": hit.item.document.title,
            "snippet": "".join(piece for piece, _marked in hit.snippet),
        }
        for hit in found.hits
    ]  # fmt: skip
    lines = [f"{hit.item.document.code}  {one['title']}\n    {one['snippet']}".rstrip()
             for hit, one in zip(found.hits, items, strict=True)]  # fmt: skip
    return Answer(
        {"items": items, "total": found.total}, "\n".join([*(str(remark) for remark in found.remarks), *lines])
    )


def index_rebuild(asked: Asked) -> Answer:
    """Read every document anew for the search."""
    from core.language import text
    from vault import search_index

    def progress(done: int, count: int) -> None:
        if done % 10 == 0 or done == count:
            asked.tell(text("{done} of {count} read", done=done, count=count) + "\n")

    found = search_index.rebuild(asked.actor, progress)
    return Answer(
        {
            "documents": found.documents, "with_text": found.with_text, "characters": found.characters,
            "seconds": round(found.seconds, 3),
        },
        text("{documents} documents read, {with_text} of them with text.", documents=found.documents,
             with_text=found.with_text),
    )  # fmt: skip


def why(asked: Asked) -> Answer:
    """Whether a document exists for a person, and the chain of rules that says so."""
    from core import accounts
    from core.language import text
    from vault import rights

    project = _project_of(asked)
    found = rights.why(asked.actor, project, account=accounts.by_mail(asked["mail"]).id, document=asked["document"])
    chain = [{"rule": step.rule, "opens": step.opens, "text": step.text.text()} for step in found.chain]
    outcome = (
        text("{person} sees it.", person=found.person) if found.sees
        else text("It does not exist for {person}.", person=found.person)
    )  # fmt: skip
    lines = [f"{'+' if step['opens'] else '-'} {step['text']}" for step in chain]
    return Answer({"sees": found.sees, "chain": chain}, "\n".join([*lines, outcome]))


def document_classify(asked: Asked) -> Answer:
    """Give a document another clearance or class, at once or from a day on."""
    from core import access, language
    from core.language import text
    from vault import documents, downgrades

    project = _project_of(asked)
    known = documents.get(asked.actor, project, asked["document"])
    if asked["from"]:
        plan = downgrades.order(
            asked.actor, project, known.id, clearance=asked["clearance"], due=language.midnight(date.fromisoformat(asked["from"])),
            reason=asked["reason"],
        )  # fmt: skip
        said = text("{code} becomes {clearance} on {day}.", code=known.code, day=language.day(plan.due_at),
                    clearance=access.clearance_name(plan.clearance))  # fmt: skip
        return Answer({"document": known.id, "class": known.class_id, "clearance": known.clearance,
                       "planned": {"clearance": plan.clearance, "from": plan.due_at}}, said)  # fmt: skip
    found = documents.reclassify(
        asked.actor, project, known.id, revision=known.revision, class_=asked["class"], clearance=asked["clearance"],
        reason=asked["reason"],
    )  # fmt: skip
    said = text("{code} is {clearance}.", code=found.code, clearance=access.clearance_name(found.clearance))
    return Answer({"document": found.id, "class": found.class_id, "clearance": found.clearance, "planned": None}, said)


def document_discard(asked: Asked) -> Answer:
    """Put a document into the trash, or bring it back."""
    from core.language import text
    from vault import trash

    project = _project_of(asked, trashed=asked["undo"])
    if asked["undo"]:
        found = trash.bring_back(asked.actor, project, asked["document"])
        said = text("{code} is back from the trash.", code=found.code)
    else:
        found = trash.discard(asked.actor, project, asked["document"], reason=asked["reason"])
        said = text("{code} is in the trash.", code=found.code)
    return Answer({"document": found.id, "discarded": found.archived}, said)


def document_hold(asked: Asked) -> Answer:
    """Place a legal hold on a document, or release those that are on it."""
    from core.language import text
    from vault import holds

    project, document = _project_of(asked, trashed=True), asked["document"]
    if asked["release"]:
        count = holds.release_from(asked.actor, project, document, reason=asked["reason"])
        return Answer({"held": False, "hold": None, "released": count}, text("Released: {count}.", count=count))
    hold = holds.place(asked.actor, project, document=document, reason=asked["reason"])
    return Answer({"held": True, "hold": hold.id, "released": 0}, text("It is under a legal hold."))


def _project_of(asked: Asked, *, trashed: bool = False) -> str:
    """The project of the document that is named, or the one that --project names. Raises NotFound."""
    from vault import documents

    if asked["project"]:
        return asked.project
    return documents.project_of(asked.actor, asked["document"], trashed=trashed)


def document_restore(asked: Asked) -> Answer:
    """Make an old version the newest one again, as a version of its own."""
    from core.language import text
    from vault import restoring

    project = _project_of(asked)
    stored = restoring.restore(asked.actor, project, asked["document"], asked["version"], note=asked["note"])
    return Answer(
        {
            "document": stored.document, "version": stored.version, "restored_from": asked["version"],
            "sha256": stored.sha256, "size": stored.size,
        },
        text("Version {old} of {code} is back as version {number}.", old=asked["version"], code=stored.code,
             number=stored.version),
    )  # fmt: skip


def verify(asked: Asked) -> Answer:
    """Compare the database with its ledger, and the store with the database."""
    from core.language import text
    from vault import verifying

    found = verifying.verify(asked.actor, contents=asked["contents"])
    problems = [{"kind": p.kind, "where": p.where, "what": p.what} for p in found.problems]
    lines = [f"{p['kind']}  {p['where']}: {p['what']}" for p in problems]
    lines.append(
        text("All is as the ledger says: {events} events, {documents} documents.", events=found.events,
              documents=found.documents)
        if found.ok
        else text("Not as the ledger says: {count} problems.", count=len(problems))
    )  # fmt: skip
    return Answer(
        {
            "ok": found.ok,
            "events": found.events,
            "head": found.head,
            "documents": found.documents,
            "problems": problems,
        },
        "\n".join(lines),
        ok=found.ok,
    )


def proof(asked: Asked) -> Answer:
    """Write the proof of a version, for tools/verify_proof.py."""
    from core import db
    from core.language import text
    from vault import proof

    project = _project_of(asked)
    out = _file_to_be(asked)
    found = proof.proof(asked.actor, project, asked["document"], asked["version"])
    _write(out, [json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n"])
    record, fingerprint = found["record"], db.database().seal.fingerprint()
    return Answer(
        {
            "document": record["document_id"], "version": record["number"], "event": found["event"]["seq"],
            "head": found["head"]["hash"], "fingerprint": fingerprint,
        },
        f"{out}: v{record['number']}, " + text("give the fingerprint on another way: {fingerprint}",
                                               fingerprint=fingerprint),
    )  # fmt: skip


def keys_rotate(asked: Asked) -> Answer:
    """Change the master key."""
    from core.language import text
    from vault import keys

    found = keys.rotate(asked.actor, asked.progress)
    return Answer(
        {"key": found.key, "renewed": found.renewed},
        text("The master key is {key} now; {count} data keys were wrapped anew. The recovery sheet of the old one is "
             "worth nothing: make a new one with `accord keys sheet`.", key=found.key, count=found.renewed),
    )  # fmt: skip


def keys_show(asked: Asked) -> Answer:
    """Tell the numbers of the keys."""
    from core.language import text
    from vault import keys

    found = keys.known(asked.actor)
    lines = [
        text("master key {key}", key=found.master)
        + (" · " + text("being changed: `accord keys rotate` ends it") if found.changing else ""),
        text("a recovery sheet was made") if found.sheet else text("no recovery sheet: make one with `accord keys sheet`"),
        text("fingerprint of the key that signs the ledger: {fingerprint}", fingerprint=found.fingerprint),
        found.public_key,
    ]  # fmt: skip
    return Answer(
        {
            "master": found.master, "changing": found.changing, "sheet": found.sheet,
            "fingerprint": found.fingerprint, "public_key": found.public_key,
        },
        "\n".join(lines),
    )  # fmt: skip


def keys_sheet(asked: Asked) -> Answer:
    """Write the recovery sheet, readable by this account alone."""
    from core.language import text
    from vault import recovery

    out = _file_to_be(asked)
    made = recovery.sheet(asked.actor)
    _write(out, [recovery.page(made).encode()], mode=0o600)
    return Answer(
        {"key": made.key},
        "\n".join(
            [text("{file}: print it, put it into a safe, and remove the file.", file=str(out)), *recovery.advice()]
        ),
    )


def keys_restore(asked: Asked) -> Answer:
    """Put the master key of a recovery sheet back."""
    from core import db, settings
    from core.language import text
    from vault import recovery

    with _opened(asked.path(asked["file"])) as source:
        typed = source.read(1_000_000).decode("utf-8-sig", errors="replace")
    key = recovery.restore(asked.actor, settings.load(db.database().home), typed)
    return Answer({"key": key}, text("The master key {key} is in its place. The documents open again.", key=key))


def vault_move(asked: Asked) -> Answer:
    """Carry the vault to another store."""
    from core import db, settings
    from core.language import text
    from vault import moving

    found = moving.move(
        asked.actor, settings.load(db.database().home), asked["to"], access_key=asked["access_key"] or "",
        secret_key=asked["password"] if asked["access_key"] else "", progress=asked.progress,
    )  # fmt: skip
    words = [text("The vault lies in {place} now: {count} objects, compared one by one.", place=asked["to"],
                  count=found.objects)]  # fmt: skip
    if not found.switched:
        words.append(text("The environment names the old store: change ACCORD_VAULT before the next start."))
    words.append(text("The old store still holds everything; remove it when you are sure."))
    return Answer({"carried": found.carried, "objects": found.objects, "switched": found.switched}, "\n".join(words))


# commands on a stated file: they need no data folder


def risk_simulate_model(options: dict[str, Any]) -> Answer:
    """Simulate the model of a file."""
    from core.language import number, text
    from core.simulation import engine, model

    found = engine.simulated(
        model.stated(_stated(Path(options["file"]))), trials=options["trials"], seed=options["seed"]
    )
    lines = [
        text("{trials} trials, seed {seed}", trials=number(found.trials), seed=found.seed),
        text("mean {mean}, deviation {sd}", mean=number(found.mean), sd=number(found.sd)),
        f"P10 {number(found.p10)}  P50 {number(found.p50)}  P80 {number(found.p80)} ± {number(found.standard_error_p80)}"
        f"  P90 {number(found.p90)}",
        *(text("within {limit}: {share} %", limit=number(limit), share=number(100 * share, 1))
          for limit, share in found.probability_within.items()),
    ]  # fmt: skip
    if found.moved:
        lines.append(text("The correlations did not fit together; the nearest that do differ by {moved} at most.",
                          moved=number(found.moved, 3)))  # fmt: skip
    return Answer(found.described(), "\n".join(lines))


def risk_emv(options: dict[str, Any]) -> Answer:
    """What the alternatives of a decision are worth on average."""
    from core.language import number
    from core.simulation import decisions

    found = decisions.expected(_stated(Path(options["file"])))
    lines = [f"{'→' if name == found.best else ' '} {name}  {number(value)}" for name, value in found.values.items()]
    return Answer({"best": found.best, "values": found.values}, "\n".join(lines))


def _stated(path: Path) -> Any:
    """The JSON of a file. Raises Invalid with the place where it is none."""
    from core.errors import Invalid
    from core.language import say

    with _opened(path) as file:
        content = file.read()
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise Invalid(
            say(
                "{file} is no JSON: line {line}, column {column}.",
                file=path.name,
                line=error.lineno,
                column=error.colno,
            )
        ) from error
    except UnicodeDecodeError as error:
        raise Invalid(say("{file} is no JSON: it is not UTF-8.", file=path.name)) from error


ON_A_FILE = {"risk simulate-model": risk_simulate_model, "risk emv": risk_emv}


@dataclass(frozen=True)
class Command:
    """What does a command, whether it needs the store (`setup` only with --sample), and whether a data folder
    has to stand already.
    """

    run: Callable[[Asked], Answer]
    store: bool = False
    standing: bool = False


COMMANDS = {
    "setup": Command(setup),
    "user add": Command(user_add),
    "member add": Command(member_add, standing=True),
    "client add": Command(client_add),
    "project add": Command(project_add),
    "import trello": Command(import_trello, standing=True),
    "import undo": Command(import_undo, standing=True),
    "list requirements": Command(list_requirements, standing=True),
    "list documents": Command(list_documents, standing=True),
    "list events": Command(list_events, standing=True),
    "put": Command(put, store=True, standing=True),
    "get": Command(get, store=True, standing=True),
    "redline": Command(redline, store=True, standing=True),
    "search": Command(search, store=True, standing=True),
    "index rebuild": Command(index_rebuild, store=True, standing=True),
    "why": Command(why, standing=True),
    "document classify": Command(document_classify, standing=True),
    "document restore": Command(document_restore, store=True, standing=True),
    "document discard": Command(document_discard, standing=True),
    "document hold": Command(document_hold, standing=True),
    "completeness": Command(completeness, store=True, standing=True),
    "template new": Command(template_new, standing=True),
    "verify": Command(verify, store=True, standing=True),
    "proof": Command(proof, standing=True),
    "keys show": Command(keys_show, store=True, standing=True),
    "keys rotate": Command(keys_rotate, store=True, standing=True),
    "keys sheet": Command(keys_sheet, store=True, standing=True),
    "keys restore": Command(keys_restore, standing=True),
    "vault move": Command(vault_move, store=True, standing=True),
}


# doing one: in the app, or here


def perform(request: dict[str, Any], out: Tell, err: Tell) -> int:
    """Do a command on the data folder that this process holds; the exit status."""
    from core import access, accounts, language
    from core.errors import AccordError
    from core.language import text

    actor = None
    with language.speaking(request["language"]):
        try:
            who = request["options"]["as"]
            actor = (
                accounts.by_mail(who).actor
                if who
                else access.Actor(id="operator", name=request["user"], kind="operator")
            )
            asked = Asked(actor, request["options"], Path(request["folder"]), err)
            answer = COMMANDS[request["command"]].run(asked)
        except AccordError as error:
            status = _no(error.kind, str(error), request["options"]["json"], out, err)
            if actor is not None:
                _on_record(actor, request, error)
            return status
        except Exception as error:
            number = secrets.token_hex(3).upper()
            log.exception("reference %s", number, exc_info=error)
            err(
                text("Something failed on our side (reference {number}). More is in log/accord.log.", number=number)
                + "\n"
            )
            return 1
    out(_json(answer.data) if request["options"]["json"] else answer.text.rstrip("\n") + "\n")
    return 0 if answer.ok else 1


def _on_record(actor: Actor, request: dict[str, Any], error: AccordError) -> None:
    """A refusal of somebody whom --as names stands in the audit."""
    from core import refusals

    options = request["options"]
    refusals.note(actor, request["command"], error, project=options.get("project"), document=options.get("document"))


def _here(settings: Settings, request: dict[str, Any], out: Tell, err: Tell) -> int:
    """Do a command with the data folder opened for it."""
    from core import db
    from core.errors import Unavailable

    command = COMMANDS[request["command"]]
    with ExitStack() as closing:
        db.open_home(settings.home)
        closing.callback(db.close)
        closing.enter_context(_logging(settings.home))
        if command.store or request["options"].get("sample"):
            from vault.opening import open_vault

            try:
                closing.enter_context(open_vault(settings))
            except Unavailable as error:
                if request["command"] != "verify" or request["options"]["contents"]:
                    raise
                err(f"{error}\n")  # the ledger can be read without the store
        return perform(request, out, err)


def _do(settings: Settings, request: dict[str, Any], out: Tell, err: Tell) -> int:
    """Hand the command to the app, or do it here; wait a little for a folder that changes hands."""
    from core import control, db
    from core.errors import NotFound, Unavailable
    from core.language import say

    if COMMANDS[request["command"]].standing and not (settings.home / db.FILE_NAME).exists():
        raise NotFound(
            say("There is no Accord in {home}. Begin with `accord setup`, or name another folder with --home.",
                home=str(settings.home))
        )  # fmt: skip
    until = time.monotonic() + WAIT
    while True:
        status = control.ask(settings.home, request, out, err)
        if status is not None:
            return status
        try:
            return _here(settings, request, out, err)
        except Unavailable:
            if db.is_open() or not _held(settings.home) or time.monotonic() > until:
                raise
        time.sleep(0.1)


def _held(home: Path) -> bool:
    """Whether another process has the data folder now."""
    import duckdb

    from core import db

    try:
        duckdb.connect(str(home / db.FILE_NAME), config=db.CONFIG).close()
    except duckdb.IOException as error:
        return "Could not set lock" in str(error)
    return True  # it has just been let go of


def serve(settings: Settings, options: dict[str, Any]) -> int:
    """Serve until Ctrl-C."""
    from pages.serving import serve as serving

    return serving(settings, host=options["host"], port=options["port"], run=perform)


def config(settings: Settings, options: dict[str, Any], out: Tell) -> int:
    """Print each setting with its value and where that comes from; secrets hidden."""
    from core.settings import SECRETS, TABLE

    items = [
        {
            "name": s.name,
            "value": "********" if s.name in SECRETS and settings.values[s.name] else settings.values[s.name],
            "from": settings.origins[s.name],
            "meaning": s.meaning.text(),
        }
        for s in TABLE
    ]
    if options["json"]:
        out(_json({"home": str(settings.home.resolve()), "settings": items}))
        return 0
    out(f"home = {settings.home.resolve()}\n\n")
    for one in items:
        out(f"{one['name']} = {json.dumps(one['value'], ensure_ascii=False)}\n    {one['meaning']}  [{one['from']}]\n")
    return 0


# the words on the command line


def parser() -> argparse.ArgumentParser:
    """Every command with its options; docs/cli.md is made from it."""
    everywhere = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    everywhere.add_argument("--home", metavar="DIR", help="the data folder (default: ACCORD_HOME, else ./data)")
    everywhere.add_argument(
        "--as", metavar="MAIL", help="act as this person, with their rights (default: the operator)"
    )
    everywhere.add_argument("--json", action="store_true", help="print JSON and nothing else")
    top = argparse.ArgumentParser(
        prog="accord", parents=[everywhere], allow_abbrev=False,
        description="The room where a delivery team and its client keep their agreement.",
        epilog="Exit status: 0 done, 1 refused (why is on stderr, with --json also on stdout), 2 wrong usage.",
    )  # fmt: skip
    groups: dict[str, Any] = {"": top.add_subparsers(metavar="COMMAND", required=True)}

    def group(name: str, about: str) -> None:
        groups[name] = (
            groups[""]
            .add_parser(name, help=about, description=about, allow_abbrev=False)
            .add_subparsers(metavar="WHAT", required=True)
        )

    def command(name: str, about: str, more: str = "") -> argparse.ArgumentParser:
        within, _, word = name.rpartition(" ")
        found: argparse.ArgumentParser = groups[within].add_parser(
            word,
            help=about,
            description=f"{about[0].upper()}{about[1:]}. {more}".strip(),
            parents=[everywhere],
            allow_abbrev=False,
        )
        found.set_defaults(command=name)
        return found

    group("user", "people who can sign in")
    group("member", "who belongs to a project")
    group("client", "the companies that projects are done for")
    group("project", "projects")
    group("import", "take in what stands in other systems")
    group("document", "what becomes of a document")
    group("template", "Word templates of the classes")
    group("list", "what stands in a project")
    group("keys", "the keys of this installation")
    group("vault", "where documents lie")
    group("index", "the search's index")

    some = command("serve", "serve the screens until Ctrl-C")
    some.add_argument("--host", metavar="H", help="address to listen on (default: the setting host)")
    some.add_argument("--port", metavar="N", type=_port, help="port to listen on (default: the setting port)")

    some = command("setup", "name the organisation and make the first administrator", "It can be done once.")
    some.add_argument("--organisation", metavar="O", required=True, help="whose installation this is")
    _person(some)
    some.add_argument("--language", metavar="L", default="en", help="en or zh_CN (default: en)")
    some.add_argument("--sample", action="store_true", help="add the sample engagement, in that language")

    _person(command("user add", "add a person with a password"))

    some = command("member add", "give a person a role in a project")
    _project(some)
    some.add_argument("--mail", metavar="M", required=True, help="whose")
    some.add_argument("--role", metavar="R", required=True, help="manager, member, client or viewer")
    some.add_argument("--clearance", metavar="L", help="public, internal, confidential or restricted "
                      "(default: public for a client, else internal)")  # fmt: skip

    some = command("client add", "add a client")
    some.add_argument("--name", metavar="N", required=True, help="the client's name")

    some = command("project add", "add a project")
    some.add_argument("--code", metavar="C", required=True, help="short and unique: HARBOUR")
    some.add_argument("--name", metavar="N", required=True, help="the project's name")
    some.add_argument("--client", metavar="NAME", required=True, help="the client's name")

    some = command("import trello", "take in the JSON export of a Trello board", "The same board again updates.")
    some.add_argument("file", metavar="FILE", help="the export")
    _project(some)
    some = command("import undo", "take an import back", "What somebody has worked on since is kept and named.")
    some.add_argument("import", metavar="IMPORT", help="the id that the import printed")

    _project(command("list requirements", "the requirements, column by column"))
    _project(command("list documents", "the documents"))
    some = command("list events", "what happened, the newest first")
    _project(some)
    some.add_argument("--limit", metavar="N", type=_count, help="that many at most (default: all)")

    some = command("put", "store files as documents", "With --document, as next versions of it.")
    some.add_argument("files", metavar="FILE", nargs="+", help="what to store")
    _project(some)
    some.add_argument("--class", metavar="K", help="requirements, design, test, plan, progress, summary, or your own")
    some.add_argument("--clearance", metavar="L", help="public, internal, confidential or restricted")
    some.add_argument("--title", metavar="T", help="the title (default: from the file's name)")
    some.add_argument("--document", metavar="ID", help="the document that gets a next version")
    some.add_argument("--note", metavar="T", default="", help="what is new in this version")

    some = command("get", "fetch a document")
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--version", metavar="N", type=_count, help="which version (default: the approved one, if there is "
                      "one; for managers and members the newest)")  # fmt: skip
    some.add_argument("--out", metavar="FILE", required=True, help="where to write it")
    some.add_argument("--project", metavar="C", help="the project's code")

    some = command("redline", "what changed between two versions, as a Word file with tracked changes",
                   "It is checked before it is written: accepting all gives the new text, rejecting all the old one.")  # fmt: skip
    some.add_argument("old", metavar="DOCUMENT[:VERSION]", help="the old one: its id, with --project also its code "
                      "(default version: as in get)")  # fmt: skip
    some.add_argument("new", metavar="DOCUMENT[:VERSION]", help="the new one")
    some.add_argument("--out", metavar="FILE", required=True, help="where to write it")
    some.add_argument("--project", metavar="C", help="the project's code")

    some = command("proof", "write the proof that a version stands in the ledger",
                   "tools/verify_proof.py checks it, without Accord.")  # fmt: skip
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--version", metavar="N", type=_count, help="which version (default: the current one)")
    some.add_argument("--out", metavar="FILE", required=True, help="where to write it")
    some.add_argument("--project", metavar="C", help="the project's code")

    command("keys show", "which keys hold: numbers and fingerprints, no key")
    command("keys rotate", "change the master key while people work",
            "Afterwards the old one opens nothing. One that was cut off is ended.")  # fmt: skip

    some = command("keys sheet", "write the recovery sheet: the master key on paper")
    some.add_argument("--out", metavar="FILE", required=True, help="the page to print (HTML)")
    some = command("keys restore", "put the master key of a recovery sheet back in its place")
    some.add_argument("file", metavar="FILE", help="the four lines as they were typed, or the sheet's own file")

    some = command("vault move", "carry the vault to another store while people work",
                   "Each object is read back and compared. One that was cut off goes on.")  # fmt: skip
    some.add_argument("to", metavar="TO", help="s3://bucket?endpoint=https://…&region=…, or embedded")
    some.add_argument("--access-key", metavar="K", help="access key of that store (default: AWS's usual places)")
    some.add_argument("--password-file", metavar="F", help="file whose first line is the secret key")
    some = command(
        "search", "find documents by what is in them", "All words have to be there; titles come first, then the newest."
    )
    some.add_argument(
        "words",
        metavar="WORDS",
        nargs="+",
        help='words, "a phrase", class:design, by:ana, before:2026-03; after --, -word',
    )
    _project(some)
    some.add_argument("--limit", metavar="N", type=_count, help="that many at most (default: 20)")
    command("index rebuild", "read every document anew for the search", "How far it is stands on stderr.")

    some = command("why", "say whether a document exists for a person, and by which rules")
    some.add_argument("--mail", metavar="M", required=True, help="whose")
    _document(some)

    some = command("document classify", "give a document another clearance or class",
                   "With --from a lower clearance from that day on.")  # fmt: skip
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--clearance", metavar="L", required=True, help="public, internal, confidential or restricted")
    some.add_argument("--reason", metavar="T", required=True, help="why, for the record")
    some.add_argument("--class", metavar="K", help="another class (default: stays)")
    some.add_argument("--from", metavar="DATE", type=_day, help="the first day of it: 2027-03-01")
    some.add_argument("--project", metavar="C", help="the project's code")

    some = command("document restore", "make an old version of a document the newest one again",
                   "It becomes a version of its own; nothing is rewritten.")  # fmt: skip
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--version", metavar="N", type=_count, required=True, help="which version")
    some.add_argument("--project", metavar="C", help="the project's code")
    some.add_argument("--note", metavar="T", default="", help="why, or what is new in it")

    some = command("document discard", "put a document into the trash", "With --undo bring it back as it was.")
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--undo", action="store_true", help="bring it back from the trash")
    some.add_argument("--reason", metavar="T", default="", help="why, for the record")
    some.add_argument("--project", metavar="C", help="the project's code")

    some = command("document hold", "place a legal hold on a document: it can't be put into the trash or disposed of")
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--reason", metavar="T", required=True, help="why, for the record")
    some.add_argument("--release", action="store_true", help="release the holds that are on it")
    some.add_argument("--project", metavar="C", help="the project's code")
    _project(command("completeness", "what documents still lack, and which documents the phases need",
                     "Files that have not been read since the class's rules changed are read now."))  # fmt: skip

    some = command("template new", "write the Word template of a class, filled from the project")
    some.add_argument("--class", metavar="K", required=True, help="requirements, design, test, plan, progress, summary, "
                      "or your own")  # fmt: skip
    _project(some)
    some.add_argument("--out", metavar="FILE", required=True, help="where to write it")
    some.add_argument("--title", metavar="T", help="the document's title (default: by the class)")
    some.add_argument("--clearance", metavar="L", help="public, internal, confidential or restricted: no requirement "
                      "above it gets in (default: by the class)")  # fmt: skip
    some.add_argument("--language", metavar="L", help="en or zh_CN (default: the project's)")

    group("risk", "numbers of risks")
    some = command("risk simulate-model", "simulate a model that a file states", "It needs no data folder.")
    some.add_argument("file", metavar="FILE.json", help="the model (docs/simulation.md)")
    some.add_argument(
        "--trials", metavar="N", type=_count, default=100_000, help="how often it is drawn (default: 100,000)"
    )
    some.add_argument("--seed", metavar="S", type=int, default=1, help="where chance begins (default: 1)")
    some = command("risk emv", "what the alternatives of a decision are worth on average", "It needs no data folder.")
    some.add_argument("file", metavar="FILE.json", help="the tree (docs/simulation.md)")

    some = command("verify", "compare everything with the ledger", "Exit status 1 when something is wrong.")
    some.add_argument("--contents", action="store_true", help="also read every object back from the store")

    command("config", "each setting, its value and where that comes from")
    return top


def _person(some: argparse.ArgumentParser) -> None:
    some.add_argument("--mail", metavar="M", required=True, help="mail address, the name to sign in with")
    some.add_argument("--name", metavar="N", required=True, help="the person's name")
    some.add_argument("--password-file", metavar="F", required=True, help="file whose first line is the password")


def _project(some: argparse.ArgumentParser) -> None:
    some.add_argument("--project", metavar="C", required=True, help="the project's code")


def _document(some: argparse.ArgumentParser) -> None:
    some.add_argument("--document", metavar="D", required=True, help="its id; with --project also its code")
    some.add_argument("--project", metavar="C", help="the project's code")


def _day(word: str) -> str:
    return date.fromisoformat(word).isoformat()


def _count(word: str) -> int:
    number = int(word)
    if number < 1:
        raise ValueError
    return number


def _port(word: str) -> int:
    number = _count(word)
    if number > 65535:
        raise ValueError
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    top = parser()
    options = vars(top.parse_args(arguments))
    command = options.pop("command")
    options = {"home": None, "as": None, "json": False} | options
    if command == "document classify" and options["from"] and options["class"]:
        top.error("--from is for a clearance alone; give the class without it")
    if command == "put":
        if not options["class"] and not options["document"]:
            top.error("put needs --class, or --document for a next version")
        if options["title"] and len(options["files"]) > 1:
            top.error("--title is for one file")
    if command == "vault move" and bool(options["access_key"]) != bool(options["password_file"]):
        top.error("--access-key and --password-file belong together")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    return _run(command, options)


def _run(command: str, options: dict[str, Any]) -> int:
    from core import language, settings
    from core.errors import AccordError

    out, err = _writer(sys.stdout), _writer(sys.stderr)
    spoken = _spoken()
    language.use(spoken)
    home = Path(options["home"] or os.environ.get("ACCORD_HOME") or "data").absolute()
    try:
        if command in ON_A_FILE:
            answer = ON_A_FILE[command](options)
            out(_json(answer.data) if options["json"] else answer.text + "\n")
            return 0
        found = settings.load(home)
        if command == "serve":
            return serve(found, options)
        if command == "config":
            return config(found, options, out)
        if options.get("password_file"):
            options["password"] = _password(Path(options.pop("password_file")))
        request = {
            "command": command, "options": options, "folder": str(Path.cwd()), "user": _user(), "language": spoken,
        }  # fmt: skip
        return _do(found, request, out, err)
    except AccordError as error:
        return _no(error.kind, str(error), options["json"], out, err)
    except KeyboardInterrupt:
        return 130


# small things


def _no(kind: str, message: str, as_json: bool, out: Tell, err: Tell) -> int:
    err(message + "\n")
    if as_json:
        out(_json({"error": {"kind": kind, "message": message}}))
    return 1


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: object) -> str:
    """Moments as ISO 8601 with Z, days as ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _listing(items: list[dict[str, Any]], columns: Sequence[str], total: int | None = None) -> Answer:
    """Items as JSON, or as a table of some of their columns."""
    lines = [[_cell(item[name]) for name in columns] for item in items]
    widths = [max((len(line[i]) for line in lines), default=0) for i in range(len(columns))]
    table = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
    return Answer({"items": items, "total": len(items) if total is None else total}, table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return _plain(value) if isinstance(value, date) else str(value)


def _opened(path: Path) -> BinaryIO:
    from core.errors import Invalid
    from core.language import say

    try:
        return path.open("rb")
    except OSError as error:
        raise Invalid(
            say("{file} can't be read: {reason}.", file=str(path), reason=error.strerror or str(error))
        ) from error


def _password(path: Path) -> str:
    """The first line of a file; read here, because the app may not be able to."""
    from core.errors import Invalid
    from core.language import say

    with _opened(path) as source:
        try:
            return source.readline(4096).decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise Invalid(say("{file} is not a text in UTF-8.", file=str(path)), field="password") from error


def _user() -> str:
    """The account of the system, for the ledger."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "operator"


def _spoken() -> str:
    """zh_CN when the shell speaks Chinese, else en."""
    told = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh_CN" if told.startswith("zh") else "en"


def _writer(stream: IO[str]) -> Tell:
    def write(piece: str) -> None:
        stream.write(piece)
        stream.flush()

    return write


@contextmanager
def _logging(home: Path) -> Iterator[None]:
    """What is logged while a command holds the folder goes where the app's log is."""
    (home / "log").mkdir(mode=0o700, exist_ok=True)
    handler = logging.FileHandler(home / "log" / "accord.log", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


if __name__ == "__main__":
    sys.exit(main())

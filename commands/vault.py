"""The ledger, the keys and the store."""

from __future__ import annotations

import json

from commands.asked import Answer, Asked, file_to_be, opened, project_of_document, write


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

    project = project_of_document(asked)
    out = file_to_be(asked)
    found = proof.proof(asked.actor, project, asked["document"], asked["version"])
    write(out, [json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n"])
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

    out = file_to_be(asked)
    made = recovery.sheet(asked.actor)
    write(out, [recovery.page(made).encode()], mode=0o600)
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

    with opened(asked.path(asked["file"])) as source:
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

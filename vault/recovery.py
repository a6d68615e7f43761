"""The recovery sheet: the master key on paper, and back from it.

Whoever loses the master key loses every document, for good. So the key can be printed in a form that a
person can type: four lines of base32, each with a character that tells a slip, and a QR code of the same.
A sheet belongs to one key; after a change of the key a new one is due.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

import segno
from tink.proto import aes_gcm_pb2, tink_pb2

from core import db, language, projects
from core.access import Actor, in_organisation, open_to_all
from core.errors import Conflict, Invalid, Unavailable
from core.ids import now
from core.language import say, text
from core.settings import Settings
from vault import documents, envelope
from vault.documents import Version

TYPE = "type.googleapis.com/google.crypto.tink.AesGcmKey"
LINES, LETTERS = 4, 16
SLIPS = str.maketrans("018", "OIB")  # digits that base32 does not have, for the letters they look like


@dataclass(frozen=True)
class Sheet:
    """What the paper holds. `key` is the number of the master key, `lines` the key itself."""

    organisation: str
    key: str
    made_at: datetime
    lines: tuple[str, ...]

    @property
    def code(self) -> str:
        """The lines as one text: what the QR code holds and what is typed."""
        return "\n".join(self.lines)


@in_organisation("key.manage")
def sheet(actor: Actor) -> Sheet:
    """The sheet of the master key that holds now; making it is on record.

    Raises Conflict while the key is being changed: it would be the sheet of two.
    """
    sealed = documents.vault().envelope
    if sealed.keys > 1:
        raise Conflict(say("The master key is being changed. Make the sheet when that has ended."))
    with db.write(actor) as tx:
        tx.event("vault", sealed.key, "recovery sheet made")
    named = projects.organisation()
    return Sheet(named.name if named else "Accord", sealed.key, now(), written(sealed.secret))


@in_organisation("key.manage")
def restore(actor: Actor, settings: Settings, typed: str) -> str:
    """Put the master key of a sheet back in its place; the key's number.

    Raises Invalid for a slip (with its line), or a sheet that does not open the documents; Conflict
    when the key that stands there opens them.
    """
    keyset = read(typed)
    path = place(settings)
    newest = db.all_of(Version, "WHERE wrapped_key <> '' ORDER BY created_at DESC LIMIT 20")
    beside = path.with_name(path.name + ".sheet")
    if path.exists() and _opens(path, settings, newest):
        raise Conflict(say("The master key {file} is in its place and opens the documents.", file=str(path)))
    try:
        envelope.restore(beside, keyset, settings.text("vault.lock"))
        if not _opens(beside, settings, newest):
            raise Invalid(
                say(
                    "This sheet is of the master key {key}, and the documents were sealed with another. Look for a newer sheet.",
                    key=f"{keyset.primary_key_id:08x}",
                )
            )
        if path.exists():
            path.replace(path.with_name(path.name + f".set-aside-{now():%Y%m%dT%H%M%S}"))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    with db.write(actor) as tx:
        tx.event("vault", f"{keyset.primary_key_id:08x}", "master key restored")
    return f"{keyset.primary_key_id:08x}"


def _opens(path: Path, settings: Settings, versions: list[Version]) -> bool:
    try:
        held = envelope.Envelope(path, settings.text("vault.lock"))
        for version in versions:
            held.renewed(version.wrapped_key, documents.bound_to(version))
    except Unavailable:
        return False
    return True


@open_to_all("it only reads the settings")
def place(settings: Settings) -> Path:
    """Where the master key's file is."""
    named = settings.text("vault.master_key")
    return Path(named) if named else settings.home / "keys" / envelope.KEY_FILE


@open_to_all("it writes the key that it is given")
def written(keyset: tink_pb2.Keyset) -> tuple[str, ...]:
    """A key as four lines: number, key and a check over both as base32, in groups of four, with a letter each."""
    key = aes_gcm_pb2.AesGcmKey.FromString(keyset.key[0].key_data.value).key_value
    whole = keyset.primary_key_id.to_bytes(4, "big") + key
    letters = base64.b32encode(whole + hashlib.sha256(whole).digest()[:4]).decode()
    lines = [letters[i * LETTERS : (i + 1) * LETTERS] for i in range(LINES)]
    return tuple(
        f"{' '.join(line[i : i + 4] for i in range(0, LETTERS, 4))}  {_check(n, line)}" for n, line in enumerate(lines)
    )


@open_to_all("it reads the text that it is given")
def read(typed: str) -> tink_pb2.Keyset:
    """The key of four typed lines, or of the sheet's file. Raises Invalid with the line that has a slip."""
    found = re.findall(r">\s*((?:[A-Z2-7]{4} ){4} [A-Z2-7])\s*<", typed)
    lines = found or [line for line in typed.splitlines() if line.strip()]
    plain = ["".join(c for c in line.upper().translate(SLIPS) if c.isalnum()) for line in lines]
    if len(plain) != LINES:
        raise Invalid(say("The recovery key has {count} lines of 17 characters.", count=LINES), field="key")
    for number, line in enumerate(plain):
        if len(line) != LETTERS + 1 or not re.fullmatch("[A-Z2-7]+", line) or _check(number, line[:-1]) != line[-1]:
            raise Invalid(
                say("Line {number} of the recovery key has a slip. Compare it with the sheet.", number=number + 1),
                field="key",
            )
    whole = base64.b32decode("".join(line[:-1] for line in plain))
    if hashlib.sha256(whole[:-4]).digest()[:4] != whole[-4:]:
        raise Invalid(say("These lines do not belong together: are they all of one sheet?"), field="key")
    number = int.from_bytes(whole[:4], "big")
    data = tink_pb2.KeyData(
        type_url=TYPE, value=aes_gcm_pb2.AesGcmKey(key_value=whole[4:36]).SerializeToString(),
        key_material_type=tink_pb2.KeyData.SYMMETRIC,
    )  # fmt: skip
    key = tink_pb2.Keyset.Key(key_data=data, status=tink_pb2.ENABLED, key_id=number, output_prefix_type=tink_pb2.TINK)
    return tink_pb2.Keyset(primary_key_id=number, key=[key])


@open_to_all("it draws the sheet that it is given")
def page(made: Sheet) -> str:
    """The sheet as a page of HTML to print, in the reader's language: one side of A4, nothing from outside."""
    code = segno.make(made.code, error="m").svg_inline(scale=4, border=2)
    sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in advice())
    lines = "".join(f"<code>{escape(line)}</code>" for line in made.lines)
    return f"""<!doctype html>
<html lang="{language.current().replace("_", "-")}"><meta charset="utf-8">
<title>{escape(text("Recovery sheet"))} · {escape(made.organisation)}</title>
<style>
@page {{ size: A4; margin: 18mm }}
body {{ font: 12pt/1.5 system-ui, sans-serif; max-width: 170mm; margin: 12mm auto; color: #111; background: #fff }}
h1 {{ font-size: 20pt; margin: 0 }}
code {{ display: block; font: 17pt/1.7 ui-monospace, monospace; letter-spacing: .04em; white-space: pre }}
.key {{ border: 1.5pt solid #111; border-radius: 3mm; padding: 5mm 7mm; margin: 6mm 0; display: flex; gap: 8mm;
        align-items: center; justify-content: space-between; flex-wrap: wrap }}
</style>
<h1>{escape(text("Recovery sheet"))}</h1>
<p>{escape(made.organisation)} · {escape(text("master key {key}", key=made.key))} · {escape(language.day(made.made_at))}</p>
<div class="key"><div>{lines}</div>{code}</div>
<ul>{sentences}</ul>
</html>
"""


@open_to_all("sentences that are the same for everybody")
def advice() -> tuple[str, ...]:
    """What the sheet is for, where to keep it, how it is used."""
    return (
        text("Every document is encrypted. Without the master key nobody can open them again: not you, not we, not with any backup of the rest."),
        text("The key lies on the server in the folder keys. This sheet is for the day on which that is gone."),
        text("Keep it on paper, in a safe or with a notary, away from the server and from the backups of the store. Whoever has it and a copy of the store can read everything."),
        text("Restoring: put the database back, type the four lines into a file and run `accord keys restore FILE`. A slip is told with its line."),
        text("It is of one master key. After the key has been changed, make a new sheet and destroy this one."),
    )  # fmt: skip


def _check(number: int, line: str) -> str:
    """A letter that changes with every slip but one in 32, and with the order of the lines."""
    return base64.b32encode(hashlib.sha256(f"{number}{line}".encode()).digest()).decode()[0]

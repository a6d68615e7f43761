"""Hostile files, one after the other: each ends stored, stored with a warning, or refused, and the app stays as it was.

They are made by a seed from real files (ACCORD_BENCH_SAMPLES, or ../shared/samples/documents, or what is written
here where neither is there): cut off, bits turned, blocks torn out or doubled, a document type or a bomb
put into them, entries that lie about their size, names that pretend, formats inside formats. They go through the
upload's route of a running Accord, which looks into them, stores and reads them for the search meanwhile.
Growth is the resident memory of the web process after all of them, against what it was after the first ones.
The search's index is in it: what can be read of these files is kept in memory to be found.
"""

from __future__ import annotations

import io
import json
import os
import random
import struct
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from bench.running import Project, Running, figure, folder, opened, project, serving

ROOT = Path(__file__).parents[1]
SAMPLES = Path(os.environ.get("ACCORD_BENCH_SAMPLES") or ROOT.parent / "shared" / "samples" / "documents")
COUNT, QUICK_COUNT = 400, 60
WARM = 40  # files after which the app has loaded what it needs
WITHIN, GROWTH = 10.0, 20.0  # seconds a file, MB of the web process
OUTCOMES = ("stored", "warning", "refused")
DTD = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&d;</a>'
ENDINGS = (
    "docx",
    "xlsx",
    "pptx",
    "pdf",
    "odt",
    "eml",
    "msg",
    "rtf",
    "html",
    "zip",
    "png",
    "txt",
    "csv",
    "md",
    "docm",
    "svg",
    "",
)
NAMES = (
    "../../etc/passwd",
    "a" * 300,
    "\u202excod.exe",
    "CON",
    "a\x00b.docx",
    "報告 終版（二）",
    " ",
    "x.docx.exe",
    "‮fdp.docx",
)


@dataclass(frozen=True)
class File:
    """A file to send, and how it was made."""

    name: str
    content: bytes
    made: str


@dataclass
class Outcome:
    """What came of some files: how many ended how, the slowest, and what did not end as it should."""

    ended: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    problems: list[str] = field(default_factory=list)


def originals() -> list[tuple[str, bytes]]:
    """Real files, or files of each kind that are written here."""
    if SAMPLES.is_dir():
        found = [(path.name, path.read_bytes()) for path in sorted(SAMPLES.iterdir()) if path.is_file()]
        if found:
            return found + _written()
    return _written()


def _written() -> list[tuple[str, bytes]]:
    import docx
    import openpyxl

    word, sheet = io.BytesIO(), io.BytesIO()
    document = docx.Document()
    document.add_heading("Scope", 1)
    for number in range(40):
        document.add_paragraph(f"Requirement {number}: the gate opens within 400 ms. 闸机须在 400 毫秒内打开。")
    document.add_table(rows=3, cols=3)
    document.save(word)
    book = openpyxl.Workbook()
    for number in range(200):
        book.active.append([number, f"Row {number}", number * 1.5])
    book.save(sheet)
    mail = (
        b"From: a@example.com\r\nTo: b@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nHello\r\n'
        b"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-1.4\r\n--x--\r\n"
    )
    return [
        ("plan.docx", word.getvalue()), ("costs.xlsx", sheet.getvalue()), ("hello.eml", mail), ("scan.pdf", _pdf()),
        ("note.txt", "The gate opens. 闸机打开。\n".encode() * 200), ("note.rtf", rb"{\rtf1\ansi Hello \b bold\b0 .}" * 20),
        ("page.html", b"<html><body><p>Hello</p>" * 50), ("numbers.csv", b"a;b;c\n1;2;3\n" * 500),
    ]  # fmt: skip


def _pdf() -> bytes:
    """A page with a line of text."""
    stream = b"BT /F1 24 Tf 72 700 Td (The gate opens) Tj ET"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)
    )


# ways to make a file hostile


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(1, max(2, len(content)))]


def _turned(content: bytes, rng: random.Random) -> bytes:
    some = bytearray(content)
    for _ in range(rng.choice((1, 8, 200))):
        some[rng.randrange(len(some))] ^= 1 << rng.randrange(8)
    return bytes(some)


def _torn(content: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:first] + content[second:] or b"x"


def _doubled(content: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:second] + content[first:second] * rng.choice((1, 3)) + content[second:]


def _emptied(content: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:first] + bytes(second - first) + content[second:] or b"\0"


def _before(content: bytes, rng: random.Random) -> bytes:
    return (
        rng.choice(
            (
                b"%PDF-1.7\n",
                b"PK\x03\x04",
                b"\x89PNG\r\n\x1a\n",
                b"{\\rtf",
                b"MZ\x90",
                b"\xff\xfe",
                b"<?xml version='1.0'?>",
            )
        )
        + content
    )


def _repacked(content: bytes, change: Callable[[str, bytes], list[tuple[str, bytes]]]) -> bytes:
    """A zip with each entry changed; what is no zip becomes the only entry of one."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as old:
                entries = [(one.filename, old.read(one)) for one in old.infolist()]
        except Exception:  # a sample that is hostile already
            entries = [("word/document.xml", content)]
        for name, data in entries:
            for fresh, changed in change(name, data):
                made.writestr(fresh, changed)
    return into.getvalue()


def _with_dtd(content: bytes, rng: random.Random) -> bytes:
    return _repacked(
        content, lambda name, data: [(name, DTD if name.endswith(".xml") and rng.random() < 0.4 else data)]
    )


def _deep(content: bytes, rng: random.Random) -> bytes:
    depth = rng.choice((2_000, 200_000))
    xml = b"<w:p>" * depth + b"<w:t>x</w:t>" + b"</w:p>" * depth
    head = b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    return _repacked(
        content,
        lambda name, data: [(name, head + xml + b"</w:body></w:document>" if name.endswith("document.xml") else data)],
    )


def _bomb(content: bytes, rng: random.Random) -> bytes:
    size = rng.choice((20, 150)) << 20
    return _repacked(
        content,
        lambda name, data: [(name, data)] + ([("word/media/a.bin", bytes(size))] if name.startswith("[") else []),
    )


def _wide(content: bytes, rng: random.Random) -> bytes:
    """Very many small things: cells, paragraphs, entries."""
    count = rng.choice((5_000, 25_000))
    return _repacked(
        content,
        lambda name, data: (
            [(name, data)] + ([(f"word/{n}.xml", b"<a/>") for n in range(count)] if name.startswith("[") else [])
        ),
    )


def _lying(content: bytes, rng: random.Random) -> bytes:
    """Entries that say another size, flag or offset than they have."""
    some, at = bytearray(content), content.find(b"PK\x01\x02")
    while at >= 0:
        if rng.random() < 0.5:
            place, value = rng.choice(
                ((8, rng.randrange(1 << 16)), (20, rng.randrange(1 << 31)), (24, 0xFFFFFFFF), (42, 0))
            )
            some[at + place : at + place + (2 if place == 8 else 4)] = struct.pack("<I", value)[
                : 2 if place == 8 else 4
            ]
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(some)


def _twice(content: bytes, rng: random.Random) -> bytes:
    return _repacked(content, lambda name, data: [(name, data), (name, data)])


def _nested(content: bytes, rng: random.Random) -> bytes:
    for number in range(rng.choice((2, 12))):
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr(f"{number}.zip", content)
        content = into.getvalue()
    return content


def _mail(content: bytes, rng: random.Random) -> bytes:
    """Mails inside mails, or a line without end."""
    if rng.random() < 0.5:
        return b"Subject: x\r\n\r\n" + b"a" * (4 << 20)
    out = b""
    for number in range(rng.choice((50, 800))):
        out += b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (number, number)
    return b"MIME-Version: 1.0\r\n" + out + content[:2000]


def _markup(content: bytes, rng: random.Random) -> bytes:
    return rng.choice(
        (
            b"<div>" * 100_000,
            b"<table>" * 20_000 + b"x",
            b"<script>while(1);</script>" * 5_000,
            rb"{\rtf1" + b"{" * 200_000,
        )
    )


def _noise(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.choice((8, 64, 512))] + rng.randbytes(rng.choice((100, 300_000)))


WAYS = (
    _cut, _turned, _torn, _doubled, _emptied, _before, _with_dtd, _deep, _bomb, _wide, _lying, _twice, _nested, _mail,
    _markup, _noise,
)  # fmt: skip


def files(count: int, seed: int) -> Iterator[File]:
    """The real ones first, then as many as are wanted."""
    import warnings

    whole, rng = originals(), random.Random(seed)
    yield from (File(name, content, "as it is") for name, content in whole[:count])
    for number in range(max(0, count - len(whole))):
        name, content = whole[rng.randrange(len(whole))]
        way = WAYS[number % len(WAYS)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that stand in an archive twice
            made = way(content, rng)
        if rng.random() < 0.2:
            made = rng.choice((_turned, _cut))(made, rng)
        if rng.random() < 0.25:
            stem, ending = f"{number} {rng.choice(NAMES)}", rng.choice(ENDINGS)
            name = f"{stem}.{ending}" if ending else stem
        else:
            name = f"{number} {name}"
        yield File(name, made[: 30 << 20], f"{way.__name__[1:]} of {name}")


def sent(some: Iterator[File], send: Callable[[File], str], each: Callable[[], None] = lambda: None) -> Outcome:
    """Send each file and see how it ends; `each` is called after each."""
    found = Outcome()
    for one in some:
        begun = time.perf_counter()
        try:
            ended = send(one)
        except Exception as error:  # whatever it is, it is what is looked for
            ended = f"{type(error).__name__}: {error}"
        took = time.perf_counter() - begun
        found.ended[ended if ended in OUTCOMES else "neither"] += 1
        found.slowest = max(found.slowest, took)
        if ended not in OUTCOMES:
            found.problems.append(f"{one.made}: {ended}")
        if took > WITHIN:
            found.problems.append(f"{one.made}: {took:.1f} s")
        each()
    return found


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """The figures for docs/performance.md."""
    count = QUICK_COUNT if quick else COUNT
    with folder() as place:
        home = place / "data"
        with opened(home):
            made = project("HOSTILE")
        with serving(home) as running:
            process, memory = psutil.Process(running.process.pid), list[int]()
            found = sent(
                files(count, 11), lambda one: _up(running, made, one), lambda: memory.append(process.memory_info().rss)
            )
            time.sleep(5)  # the search reads what came last
            memory.append(process.memory_info().rss)
            alive = (
                running.process.poll() is None
                and _up(running, made, File("last.txt", b"The last one.", "")) == "stored"
            )
    grown = (memory[-1] - memory[min(WARM, len(memory) // 2)]) / 1e6
    for problem in found.problems:
        print(f"  {problem}", flush=True)
    told = ", ".join(f"{found.ended[name]} {name}" for name in OUTCOMES)
    wrong = len(found.problems) + (not alive)
    return [
        figure(f"{count} real and hostile files ({told}): neither, late, or the app gone", wrong, "", goal="0", met=not wrong),
        figure("the slowest of them", found.slowest, "s", goal=f"< {WITHIN:.0f}", met=found.slowest < WITHIN),
        figure("growth of the web process", grown, "MB", goal=f"< {GROWTH:.0f}", met=grown < GROWTH),
    ]  # fmt: skip


def _up(running: Running, to: Project, one: File) -> str:
    """Send a file by the upload's route; how it ended."""
    connection = running.connection()
    asked = urlencode({"project": to.id, "name": one.name, "class": "test"}, errors="replace")
    try:
        connection.request(
            "PUT", f"/vault/upload?{asked}", body=one.content,
            headers={"content-length": str(len(one.content)), "cookie": f"accord_session={to.tokens[0]}"},
        )  # fmt: skip
        answer = connection.getresponse()
        said = answer.read()
    finally:
        connection.close()
    if answer.status >= 500:
        return f"{answer.status} {said[:200]!r}"
    return str(json.loads(said)["outcome"])

"""Looks at files that may be hostile. Run by vault/inspection.py as `python -I`, imported by other children alone.

Takes requests as vault/children.py sends them, answers each with a line of JSON. Before the first it gives up what it does not need: network, new files, memory and time beyond
a limit.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # -I leaves out the script's own folder

from vault import child

UNPACKED = 1024 * 1024 * 1024  # bytes that an archive may declare
RATIO = 250  # how much an archive above 64 MiB may grow
MEMBERS = 20_000
READ = 48 * 1024 * 1024  # bytes of XML that are looked at
PAGES = 5  # of a PDF that are asked for text

OOXML = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
KINDS = {
    # ending -> what its content may be
    **dict.fromkeys(("docx", "docm", "dotx", "dotm"), ("word/",)),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xltm", "xlsb"), ("xl/",)),
    **dict.fromkeys(("pptx", "pptm", "potx", "ppsx"), ("ppt/",)),
    **dict.fromkeys(("doc", "xls", "ppt", "msg", "vsd", "mpp"), ("ole",)),
    **dict.fromkeys(("odt", "ods", "odp", "zip", "jar", "epub"), ("zip", "word/", "xl/", "ppt/")),
    "pdf": ("pdf",), "png": ("png",), "jpg": ("jpeg",), "jpeg": ("jpeg",), "gif": ("gif",), "rtf": ("rtf",),
    **dict.fromkeys(("txt", "md", "csv", "eml", "json", "xml", "svg", "html", "htm", "log", "yaml", "yml", "toml"), ("text",)),
}  # fmt: skip
SIGNATURES = (
    (b"%PDF-", "pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpeg", "image/jpeg"),
    (b"GIF8", "gif", "image/gif"),
    (b"{\\rtf", "rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole", "application/x-ole-storage"),
    (b"PK\x03\x04", "zip", "application/zip"),
    (b"PK\x05\x06", "zip", "application/zip"),
)
TEXT_TYPES = {
    "csv": "text/csv", "md": "text/markdown", "eml": "message/rfc822", "json": "application/json",
    "xml": "application/xml", "svg": "image/svg+xml", "html": "text/html", "htm": "text/html",
}  # fmt: skip


class Refusal(Exception):
    """The file is not taken; the argument is the code."""


def look(content: bytes, name: str, whole: bool) -> dict[str, object]:
    """The answer about one file."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    kind, media_type = kind_of(content, ending)
    warnings: list[str] = []
    try:
        if whole:
            if kind == "zip":
                kind, media_type = look_into_archive(content, warnings, media_type)
            elif kind == "pdf":
                look_into_pdf(content, warnings)
            elif kind == "ole" and "EncryptedPackage".encode("utf-16-le") in content:
                warnings.append("password-protected")
            elif kind == "text" and (
                ending in ("xml", "svg", "xsd", "xsl", "rels") or content.lstrip()[:5] == b"<?xml"
            ):
                refuse_dtd(content)
        elif kind == "zip" and ending in KINDS:
            kind = KINDS[ending][0]
    except Refusal as refusal:
        return {"media_type": media_type, "refusal": str(refusal)}
    except Exception:  # whatever a hostile file does to a parser is one thing to us
        warnings.append("unreadable")
    if ending in KINDS and kind not in KINDS[ending] and not {"password-protected", "unreadable"} & set(warnings):
        warnings.append("unlike-name")
    return {"media_type": media_type, "warnings": list(dict.fromkeys(warnings))}


def kind_of(content: bytes, ending: str) -> tuple[str, str]:
    """A kind of ours and the media type, by the first bytes."""
    for signature, kind, media_type in SIGNATURES:
        if content.startswith(signature):
            return kind, media_type
    if is_text(content[:65536]):
        return "text", TEXT_TYPES.get(ending, "text/plain")
    import puremagic

    try:
        found = puremagic.from_string(content[:65536], mime=True)
    except (puremagic.PureError, ValueError):
        found = ""
    return "other", found or "application/octet-stream"


def is_text(beginning: bytes) -> bool:
    """Whether it reads as text in an encoding that people use."""
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\x00" in beginning:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = beginning.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(beginning) - 4:
                continue
            text = beginning[: error.start].decode(encoding, "replace")
        odd = sum(1 for c in text if ord(c) < 32 and c not in "\t\r\n\f\x1b")
        return odd * 100 <= len(text)
    return False


def look_into_archive(content: bytes, warnings: list[str], media_type: str) -> tuple[str, str]:
    """Check the directory before any member is read; then what an office document holds."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    members = archive.infolist()
    declared = sum(m.file_size for m in members)
    if len(members) > MEMBERS or declared > UNPACKED or (declared > 64 << 20 and declared > RATIO * len(content)):
        raise Refusal("zip-bomb")
    names = [m.filename for m in members]
    if len(set(names)) != len(names):
        raise Refusal("zip-duplicate")
    # Not fixed in every Python we run on (CVE-2024-0450): entries over the same bytes.
    end = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        if member.header_offset < end:
            raise Refusal("zip-overlap")
        end = member.header_offset + 30 + len(member.orig_filename.encode("utf-8", "replace")) + member.compress_size
    if any(m.flag_bits & 1 for m in members):
        warnings.append("password-protected")
        return "zip", media_type
    part = next((p for p in OOXML if any(n.startswith(p) for n in names)), None)
    if "[Content_Types].xml" not in names or part is None:
        return "zip", media_type
    look_into_office(archive, members, names, warnings)
    return part, OOXML[part]


def look_into_office(archive: zipfile.ZipFile, members: list, names: list[str], warnings: list[str]) -> None:  # type: ignore[type-arg]
    """DTDs, macros, links to elsewhere, and whether there is any text."""
    if any(n.lower().endswith("vbaproject.bin") for n in names):
        warnings.append("macros")
    left, has_text, external = READ, False, False
    for member in members:
        if not member.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        with archive.open(member) as source:
            xml = source.read(min(left, member.file_size) + 1)
        left -= len(xml)
        if left <= 0:
            raise Refusal("zip-bomb") if len(xml) > member.file_size else ValueError("too much XML to look at")
        refuse_dtd(xml)
        if member.filename.endswith(".rels"):
            for relation in re.findall(rb"<Relationship\b[^>]*>", xml):
                # An ordinary hyperlink is fetched when somebody clicks it; the others when the file opens.
                if b'TargetMode="External"' in relation and b"/hyperlink" not in relation:
                    external = True
        elif not has_text:
            has_text = re.search(rb"<(?:w:t|a:t|t|v)(?:\s[^>]*)?>[^<]*[^<\s]", xml) is not None
    if external:
        warnings.append("external-links")
    if not has_text and any("/media/" in n for n in names):
        warnings.append("image-only")


def refuse_dtd(xml: bytes) -> None:
    """Refuse a document type before the first element, in whichever encoding."""
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in xml[:4]:
        big = xml.startswith(b"\xfe\xff") or xml[:1] == b"\x00"
        xml = xml.decode("utf-16-be" if big else "utf-16-le", "replace").encode()
    first = re.search(rb"<[A-Za-z_]", re.sub(rb"<!--.*?-->", b"", xml, flags=re.S))
    prolog = re.sub(rb"<!--.*?-->", b"", xml, flags=re.S)[: first.start() if first else len(xml)]
    if b"<!DOCTYPE" in prolog or b"<!ENTITY" in prolog:
        raise Refusal("dtd")


def look_into_pdf(content: bytes, warnings: list[str]) -> None:
    """Whether a password is needed, and whether the first pages hold any text."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        warnings.append("password-protected")
        return
    pages = reader.pages[:PAGES]
    if pages and not any((page.extract_text() or "").strip() for page in pages):
        warnings.append("image-only")


def main() -> None:
    """Answer until the parent goes."""
    import puremagic  # noqa: F401  imported while files may still be opened by nobody but us
    import pypdf  # noqa: F401

    child.give_up_rights()
    for about, content in child.requests():
        try:
            answer = look(content, about["name"], about["whole"])
        except MemoryError:
            answer = {"warnings": ["unreadable"]}
        child.tell(answer)


if __name__ == "__main__":
    main()

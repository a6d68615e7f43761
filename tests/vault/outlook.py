"""Outlook messages (.msg) for tests: a compound file [MS-CFB] with what a message with attachments has [MS-OXMSG]."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SECTOR, SMALL = 512, 64
CUTOFF = 4096  # bytes; shorter streams lie among the small ones
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
ROOT, STORAGE, STREAM = 5, 1, 2


@dataclass
class Node:
    """A storage with what is in it, or a stream."""

    name: str
    content: bytes | None = None
    inside: list[Node] = field(default_factory=list)


def message(subject: str, attachments: list[tuple[str, bytes]]) -> bytes:
    """A message with files attached."""
    inside = [
        Node("__nameid_version1.0", inside=[]),
        Node("__properties_version1.0", bytes(32) + known(0x0037, 0x001F)),
        Node("__substg1.0_0037001F", subject.encode("utf-16-le")),
    ]
    for number, (name, content) in enumerate(attachments):
        properties = known(0x3705, 0x0003, 1) + known(0x3707, 0x001F) + known(0x3701, 0x0102)
        streams = [
            Node("__properties_version1.0", bytes(8) + properties),
            Node("__substg1.0_3707001F", name.encode("utf-16-le")),
            Node("__substg1.0_37010102", content),
        ]
        inside.append(Node(f"__attach_version1.0_#{number:08X}", inside=streams))
    return compound(Node("Root Entry", inside=inside))


def known(number: int, kind: int, value: int = 0) -> bytes:
    """A line of the properties: a number as it is, of texts and bytes only that there is a stream with them."""
    return struct.pack("<HHIII", kind, number, 6, value, 0)


def compound(root: Node) -> bytes:
    """The file of a tree: its sectors, the table that chains them, and the small streams in one stream of their own."""
    nodes = [root]
    for node in nodes:
        nodes += node.inside
    place = {id(node): number for number, node in enumerate(nodes)}
    sectors, table = list[bytes](), list[int]()
    small, small_table = list[bytes](), list[int]()
    starts = {
        id(node): _put(node.content, small, small_table, SMALL) if len(node.content) < CUTOFF
        else _put(node.content, sectors, table, SECTOR)
        for node in nodes if node.content
    }  # fmt: skip
    little = b"".join(small)
    starts[id(root)] = _put(little, sectors, table, SECTOR)
    packed = b"".join(struct.pack("<I", one) for one in small_table)
    small_start, small_count = _put(packed, sectors, table, SECTOR, b"\xff"), -(-len(packed) // SECTOR)
    entries = b"".join(_entry(node, root, place, starts, nodes, len(little)) for node in nodes)
    directory = _put(entries, sectors, table, SECTOR)
    count = 1
    while len(table) + count > count * SECTOR // 4:
        count += 1
    fat = len(sectors)
    table += [FAT] * count
    _put(b"".join(struct.pack("<I", one) for one in table), sectors, [], SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHH6sIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, count, directory, 0, CUTOFF, small_start, small_count, END, 0
    )  # fmt: skip
    places = [fat + i for i in range(count)]
    return head + b"".join(struct.pack("<I", one) for one in places + [FREE] * (109 - count)) + b"".join(sectors)


def _put(content: bytes, into: list[bytes], table: list[int], size: int, filler: bytes = b"\0") -> int:
    """Cut content into sectors of a size and chain them; where it starts."""
    count = -(-len(content) // size)
    if not count:
        return END
    start = len(into)
    into.extend(content[i * size : (i + 1) * size].ljust(size, filler) for i in range(count))
    table.extend([*range(start + 1, start + count), END])
    return start


def _entry(
    node: Node, root: Node, place: dict[int, int], starts: dict[int, int], nodes: list[Node], little: int
) -> bytes:
    """A line of the directory; what lies in the same storage is a list to the right."""
    name = node.name.encode("utf-16-le") + b"\0\0"
    kind = ROOT if node is root else STREAM if node.content is not None else STORAGE
    child = place[id(node.inside[0])] if node.inside else FREE
    siblings = next((one.inside for one in nodes if any(node is inner for inner in one.inside)), [node])
    after = next(number for number, one in enumerate(siblings) if one is node) + 1
    right = place[id(siblings[after])] if after < len(siblings) else FREE
    size = little if node is root else len(node.content or b"")
    return name.ljust(64, b"\0") + struct.pack(
        "<HBBIII16sIQQIQ", len(name), kind, 1, FREE, right, child, b"", 0, 0, 0, starts.get(id(node), END), size
    )

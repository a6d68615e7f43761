"""What every child that opens files does: it gives up its rights, then answers until the parent goes.

The other end of the pipe is vault/children.py. Imported by the children alone, inside their process.
"""

from __future__ import annotations

import ctypes
import json
import struct
import sys
from collections.abc import Iterator
from typing import Any

MEMORY = 1024 * 1024 * 1024  # bytes of address space
CPU = 120  # seconds over its whole life

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def give_up_rights(memory: int = MEMORY, cpu: int = CPU) -> None:
    """No network, no files, bounded memory and time; where the system can't, the rest still holds."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit and the audit hook remain
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
        if libc.unshare(CLONE_NEWNET):
            libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)

    def refuse(event: str, _arguments: object) -> None:
        if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "shutil.")):
            raise PermissionError(event)

    sys.addaudithook(refuse)


def requests() -> Iterator[tuple[dict[str, Any], bytes]]:
    """What is asked, one after the other: the JSON head and the bytes."""
    source = sys.stdin.buffer
    while head := source.read(12):
        about_length, length = struct.unpack(">IQ", head)
        about = json.loads(source.read(about_length))
        yield about, source.read(length)


def tell(what: dict[str, Any], made: bytes = b"") -> None:
    """A line of JSON, then the bytes that it announces; surrogates, which no one could read, become question marks."""
    line = json.dumps(what | ({"bytes": len(made)} if made else {}), ensure_ascii=False)
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n" + made)
    sys.stdout.buffer.flush()


def progress(share: float) -> None:
    """How far the present answer is, 0 to 1."""
    tell({"progress": round(share, 3)})

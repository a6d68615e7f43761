"""A virus scanner beside uploads: clamd, asked by its own protocol (INSTREAM) while the bytes go through.

Where one is set (`antivirus.socket`) nothing is stored that it has not called clean: when it does not
answer, answers something else, or gives up because the file is too large for it, the upload is refused in
words. The bytes go to it as they come and are kept nowhere; memory stays constant.
"""

from __future__ import annotations

import logging
import re
import socket
import struct

from core.errors import Unavailable
from core.language import Message, say
from vault.inspection import FileRefused, Reason

PATIENCE = 120.0  # seconds for an answer; a large archive takes clamd a while
CONNECT_WITHIN = 5.0
PIECE = 256 * 1024
MALWARE = "malware"

log = logging.getLogger("accord.antivirus")


class Scan:
    """One file on its way past the scanner at `address`: a path of a socket, or host:port.

    Raises Unavailable wherever the scanner is not there or does not do its work.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        try:
            self._line = _connected(address)
            self._line.sendall(b"zINSTREAM\0")
        except (OSError, ValueError) as error:
            raise self._silent(error) from error

    def pass_on(self, piece: bytes) -> None:
        """Show it the next piece."""
        try:
            for start in range(0, len(piece), PIECE):
                some = piece[start : start + PIECE]
                self._line.sendall(struct.pack(">I", len(some)) + some)
        except OSError as error:
            # It may have hung up with a reason: that the file is too large for it.
            raise self._unclear(self._heard()) from error

    def require_clean(self) -> None:
        """That was all: raise FileRefused when it found something."""
        try:
            self._line.sendall(struct.pack(">I", 0))
        except OSError as error:
            raise self._unclear(self._heard()) from error
        answer = self._heard()
        if answer == "stream: OK":
            return
        if found := re.fullmatch(r"stream: (.+) FOUND", answer):
            raise FileRefused(malware(found[1]))
        raise self._unclear(answer)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _heard(self) -> str:
        """What it says until it ends its answer; empty when it says nothing."""
        said = b""
        try:
            while not said.endswith(b"\0") and len(said) < 4096:
                piece = self._line.recv(4096)
                if not piece:
                    break
                said += piece
        except OSError:
            log.warning("The virus scanner at %s hung up.", self._address, exc_info=True)
        return said.rstrip(b"\0\r\n").decode("utf-8", "replace")

    def _unclear(self, answer: str) -> Unavailable:
        log.warning("The virus scanner at %s did not call a file clean: %s", self._address, answer or "no answer")
        if "size limit exceeded" in answer:
            return Unavailable(TOO_LARGE)
        return Unavailable(SILENT)

    def _silent(self, error: Exception) -> Unavailable:
        log.warning("The virus scanner at %s does not answer: %s", self._address, error)
        return Unavailable(SILENT)


SILENT: Message = say(
    "The virus scanner does not answer, so nothing is taken. Nothing was stored; try again later, or tell your administrator."
)
TOO_LARGE: Message = say(
    "The file is larger than the virus scanner looks at, so it is not taken. An administrator can raise StreamMaxLength of clamd."
)


def malware(name: str) -> Reason:
    """The refusal of a file in which the scanner found something."""
    return Reason(MALWARE, say("The virus scanner found {name} in it. Nothing of it was stored.", name=name))


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(CONNECT_WITHIN)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
    else:
        host, _colon, port = address.rpartition(":")
        line = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_WITHIN)
    line.settimeout(PATIENCE)
    return line

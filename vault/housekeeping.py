"""What the running app does by itself: it ends a change of keys that was cut off, and sends the head of the day."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from core.access import SYSTEM
from core.settings import Settings
from vault import heads, keys

EVERY = 3600.0  # seconds
STOP_WITHIN = 5.0

log = logging.getLogger("accord.housekeeping")


class Housekeeping:
    """A thread beside those who work, until `close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop at the next step; what is not done is done after the next start."""
        self._stopping.set()
        self._thread.join(STOP_WITHIN)

    def _run(self) -> None:
        self._try(self._end_key_change)
        self._try(self._head_of_the_day)
        while not self._stopping.wait(EVERY):
            self._try(self._head_of_the_day)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except InterruptedError:
            log.info("Stopped in the middle; it goes on after the next start.")
        except Exception:  # one thing that fails must not keep the others from being done
            if not self._stopping.is_set():
                log.exception("Something that is done regularly failed; it is tried again.")

    def _end_key_change(self) -> None:
        keys.resume(SYSTEM, self._go_on)

    def _head_of_the_day(self) -> None:
        for error in heads.daily(SYSTEM, self._settings).failed:
            log.warning("The head of the day could not be sent; it is tried again in an hour: %s", error)

    def _go_on(self, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise InterruptedError(f"{done} of {total}")

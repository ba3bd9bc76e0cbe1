"""A heartbeat: while work goes on, its message stays hidden from other workers."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from shared.observability import logger

# Work that has saved no checkpoint for so long hangs, and another worker shall have it.
MOST_SILENCE_SECONDS = 900


class Heartbeat:
    """Calls `beat` every so many seconds, from the start of a block to its end."""

    def __init__(self, beat: Callable[[], None], seconds: float) -> None:
        self._beat = beat
        self._seconds = seconds
        self._ended = threading.Event()
        self._alive_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def alive(self) -> None:
        """Tell that the work has come forward."""
        self._alive_at = time.monotonic()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            if time.monotonic() - self._alive_at > MOST_SILENCE_SECONDS:
                logger.error("the work hangs")
                return
            try:
                self._beat()
            except Exception:  # noqa: BLE001 - the next beat may succeed, and it is logged
                logger.exception("heartbeat failed")

"""Waiting for what comes about by itself."""

import time
from collections.abc import Callable

SECONDS = 60


def until(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until something holds, and fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)

"""One command at a time on one stage; a command that is killed lets go."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from local.errors import LocalError

PATIENCE_SECONDS = 900.0


@contextmanager
def held(
    path: Path, what: str, report: Callable[[str], None], *, patience: float = PATIENCE_SECONDS
) -> Iterator[None]:
    """Hold the lock of a file, which is gone afterwards; wait for a command that holds it.

    Raises:
        LocalError: when the other command does not end.
    """
    deadline = time.monotonic() + patience
    waiting = False
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+") as file:
            if _taken(file) and _current(file, path):
                file.truncate(0)
                file.write(str(os.getpid()))
                file.flush()
                try:
                    yield
                finally:
                    # Unlinked while held: who waits for this file finds it gone, and starts anew.
                    path.unlink(missing_ok=True)
                return
            file.seek(0)
            holder = file.read()
        if time.monotonic() > deadline:
            raise LocalError(f"another command (process {holder}) works on {what}: end it first")
        if not waiting and holder:
            report(f"another command (process {holder}) works on {what}: waiting for it …")
            waiting = True
        time.sleep(0.1)


def _taken(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _current(file: TextIO, path: Path) -> bool:
    """Whether the file that is locked is still the one with this name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False

"""Finds processes by a mark in their environment, and ends them: no other is ever touched."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

import psutil


def marked(name: str, value: str) -> Iterator[psutil.Process]:
    """Yield each living process, but this one, whose environment has the variable so.

    Children inherit it, so that orphans of a killed process are found too.
    """
    for process in psutil.process_iter():
        # Processes of other users, and those that end meanwhile, cannot be asked.
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(name) == value:
                yield process


def end(
    name: str,
    value: str,
    *,
    polite: signal.Signals = signal.SIGTERM,
    wait: float = 0,
    grace: float = 5,
) -> bool:
    """End all that carry the mark; return whether all of them ended by themselves.

    They have `wait` seconds to end unasked, and then `grace` more once they were asked to.
    """
    started = time.monotonic()
    asked: set[int] = set()
    forced = False
    while found := list(marked(name, value)):
        passed = time.monotonic() - started
        for process in found:
            with contextlib.suppress(psutil.Error):
                if passed > wait + grace:
                    forced = True
                    process.kill()
                elif passed >= wait and process.pid not in asked:
                    asked.add(process.pid)
                    process.send_signal(polite)
        time.sleep(0.02)
    return not forced

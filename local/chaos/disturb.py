"""What befalls processes: functions are killed, and the emulator stands still for a while."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psutil

from local.chaos.plan import PAUSE_SECONDS, Moment
from local.emulator.process import Emulator
from local.provider.runtime import LOOP
from local.runtime.faults import CARRIERS


@dataclass
class Disturbance:
    """Does what the moments of a plan say, each once so many orders are placed."""

    emulator: Emulator
    moments: list[Moment]
    poison: Callable[[], object]
    done: Counter[str] = field(default_factory=Counter)

    def catch_up(self, placed: int) -> None:
        """Do what is due."""
        while self.moments and self.moments[0].after <= placed:
            moment = self.moments.pop(0)
            match moment.what:
                case "kill a function":
                    happened = self._kill(moment.pick)
                case "pause the emulator":
                    happened = self._pause(moment.pick)
                case _:
                    self.poison()
                    happened = True
            self.done[moment.what] += happened

    def functions(self) -> list[psutil.Process]:
        """Return the processes of functions, the oldest first; not those that stand for AWS."""
        return sorted(self._functions(), key=lambda process: process.pid)

    def _functions(self) -> Iterator[psutil.Process]:
        for process in self.emulator.process.children(recursive=True):
            # It may have ended meanwhile.
            with contextlib.suppress(psutil.Error):
                name = process.environ().get("AWS_LAMBDA_FUNCTION_NAME", "")
                if str(LOOP) in process.cmdline() and name.rsplit("-", 2)[0] not in CARRIERS:
                    yield process

    def _kill(self, pick: float) -> bool:
        running = self.functions()
        if not running:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            running[int(pick * len(running))].kill()
            return True
        return False

    def _pause(self, pick: float) -> bool:
        shortest, longest = PAUSE_SECONDS
        self.emulator.process.suspend()
        try:
            time.sleep(shortest + pick * (longest - shortest))
        finally:
            self.emulator.process.resume()
        return True

"""A small job: it counts to a number, and tells which numbers it has said."""

from typing import Any

from shared.events import Part
from shared.jobs.checkpoint import Checkpoint
from shared.jobs.decision import Estimate
from shared.jobs.errors import JobRefusedError


class Count(Part):
    """How far to count, and how long to rest after each number."""

    to: int
    seconds: float = 1
    rest_seconds: float = 0


class CountJob:
    """Counts, and saves a checkpoint after each number."""

    kind = "count"
    request = Count

    def __init__(self) -> None:
        self.said: list[int] = []
        self.fails_at: dict[int, Exception] = {}

    def estimate(self, request: Count, memory_mb: int) -> Estimate:
        steps = max(1, request.to)
        rest = steps * request.rest_seconds
        seconds = steps * request.seconds + rest
        return Estimate(seconds=seconds, waiting_seconds=rest, steps=steps)

    def run(self, request: Count, progress: Any) -> dict[str, int]:
        if request.to < 0:
            raise JobRefusedError("nobody counts down")
        for number in range(progress.checkpoint.position + 1, request.to + 1):
            if error := self.fails_at.pop(number, None):
                raise error
            self.said.append(number)
            done = Checkpoint(position=number, counts={"said": number}, state={"last": number})
            if request.rest_seconds and number < request.to:
                progress.wait(request.rest_seconds, done)
            elif progress.stopping:
                progress.pause(done)
            else:
                progress.save(done)
        return {"said": request.to}

"""What a job is: one piece of code for every place."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn, Protocol, TypeVar

from shared.events import Part
from shared.jobs import records
from shared.jobs.checkpoint import Checkpoint
from shared.jobs.decision import Estimate
from shared.jobs.errors import JobPausedError
from shared.jobs.records import Claim

Request = TypeVar("Request", bound=Part)
# A job that sleeps looks this often whether it must stop.
NAP_SECONDS = 1.0


def never() -> bool:
    """Tell that nothing asks the work to stop."""
    return False


def nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a place tells a job, and is told by it.

    `stopping` tells that the place is about to end, and `saved` is called after each checkpoint.
    A place that `suspends` is paid for by the second: its waits end the invocation.
    """

    lease_seconds: float
    stopping: Callable[[], bool] = field(default=never)
    saved: Callable[[], None] = field(default=nothing)
    suspends: bool = False


class Progress:
    """How far a job has come: it begins at `checkpoint`, and saves new ones as it goes."""

    def __init__(self, claim: Claim, surroundings: Surroundings) -> None:
        self.checkpoint = claim.checkpoint
        self._claim = claim
        self._surroundings = surroundings

    @property
    def started_at(self) -> datetime:
        """When the job began, on its first worker."""
        return self._claim.started_at

    @property
    def stopping(self) -> bool:
        """Whether the job must pause as soon as it can."""
        return self._surroundings.stopping()

    def save(self, checkpoint: Checkpoint) -> None:
        """Save a checkpoint.

        Raises:
            LeaseLostError: when another worker has gone on with the job, and this one must end.
        """
        records.save(self._claim, checkpoint)
        self.checkpoint = checkpoint
        self._surroundings.saved()

    def pause(self, checkpoint: Checkpoint, seconds: float = 0) -> NoReturn:
        """Save a checkpoint and end, so that the job goes on elsewhere or later."""
        self.save(checkpoint)
        raise JobPausedError(seconds)

    def wait(self, seconds: float, checkpoint: Checkpoint) -> None:
        """Save a checkpoint and wait; where waiting is paid for, the job ends and comes back."""
        if self._surroundings.suspends:
            self.pause(checkpoint, seconds)
        self.save(checkpoint)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.stopping:
                self.pause(checkpoint, left)
            time.sleep(min(left, NAP_SECONDS))


class Job(Protocol[Request]):
    """A piece of work that is estimated before it runs, and goes on behind its checkpoint.

    What it writes must be safe to repeat: all since the last checkpoint is done again when a
    worker dies.
    """

    @property
    def kind(self) -> str:
        """The name by which messages tell what to run."""

    @property
    def request(self) -> type[Request]:
        """The model of what it is asked."""

    def estimate(self, request: Request, memory_mb: int) -> Estimate:
        """Tell what it needs in a function of this memory, which its share of a CPU goes by."""

    def run(self, request: Request, progress: Progress) -> Mapping[str, int]:
        """Do it from `progress.checkpoint` on, and return what was counted.

        Raises:
            JobRefusedError: when it can never be done.
        """

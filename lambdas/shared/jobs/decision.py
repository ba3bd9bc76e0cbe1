"""Where a job runs: what it needs, what a place takes, and what follows from the two."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from shared.events import Part

Place: TypeAlias = Literal["function", "durable-function", "service"]
Limit: TypeAlias = Literal["seconds", "memory_mb", "disk_mb", "payload_bytes"]
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_SECONDS = 900
MOST_MEMORY_MB = MOST_DISK_MB = 10_240
SYNCHRONOUS_PAYLOAD_BYTES = 6 * 1024 * 1024
ASYNCHRONOUS_PAYLOAD_BYTES = 1024 * 1024
# An estimate is one: a fifth of what a function has is left for what it does not know.
MARGIN = 0.8
# A durable function pays for waiting: less of it than this, and a container is the simpler place.
LEAST_WAITING = 0.5


class Limits(Part):
    """What one invocation of a function takes; the defaults are the most that Lambda has."""

    seconds: Annotated[int, Field(ge=1, le=MOST_SECONDS)] = MOST_SECONDS
    memory_mb: Annotated[int, Field(ge=128, le=MOST_MEMORY_MB)] = MOST_MEMORY_MB
    disk_mb: Annotated[int, Field(ge=512, le=MOST_DISK_MB)] = MOST_DISK_MB
    payload_bytes: Annotated[int, Field(ge=1, le=SYNCHRONOUS_PAYLOAD_BYTES)] = (
        ASYNCHRONOUS_PAYLOAD_BYTES
    )


class Estimate(Part):
    """What a job needs: its seconds, those of them in which it waits, and in how many steps."""

    seconds: Annotated[float, Field(ge=0)]
    waiting_seconds: Annotated[float, Field(ge=0)] = 0
    steps: Annotated[int, Field(ge=1)] = 1
    memory_mb: Annotated[float, Field(ge=0)] = 0
    disk_mb: Annotated[float, Field(ge=0)] = 0
    payload_bytes: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _wait_within_the_whole(self) -> Self:
        if self.waiting_seconds > self.seconds:
            raise ValueError("waiting_seconds is more than seconds")
        return self

    @property
    def step_seconds(self) -> float:
        """How long each step works, between one wait and the next."""
        return (self.seconds - self.waiting_seconds) / self.steps

    def over(self, limits: Limits) -> Iterator[Limit]:
        """Yield the limits that the job is over, with the margin; a payload's size is known."""
        if self.seconds > MARGIN * limits.seconds:
            yield "seconds"
        if self.memory_mb > MARGIN * limits.memory_mb:
            yield "memory_mb"
        if self.disk_mb > MARGIN * limits.disk_mb:
            yield "disk_mb"
        if self.payload_bytes > limits.payload_bytes:
            yield "payload_bytes"

    def fits_by_steps(self, durable: Limits) -> bool:
        """Tell whether a durable function takes the job: it mostly waits, and each step fits."""
        waits = self.waiting_seconds >= LEAST_WAITING * self.seconds
        works = self.step_seconds <= MARGIN * durable.seconds
        return waits and works and not {*self.over(durable)} - {"seconds"}


class Decision(Part):
    """Where a job runs; the limit that kept it from a plain function; whether somebody chose."""

    where: Place
    limit: Limit | None = None
    estimate: Estimate
    overridden: bool = False


def decide(
    estimate: Estimate,
    function: Limits,
    durable: Limits | None = None,
    run_on: Place | None = None,
) -> Decision:
    """Decide where a job runs; `run_on` overrules what its estimate says.

    Raises:
        ValueError: for a durable function where there is none.
    """
    if run_on == "durable-function" and durable is None:
        raise ValueError("run-on is 'durable-function': allowed is 'function', 'service'")
    limit = next(estimate.over(function), None)
    fitting: Place = "service"
    if limit is None:
        fitting = "function"
    elif durable and estimate.fits_by_steps(durable):
        fitting = "durable-function"
    where = run_on or fitting
    return Decision(where=where, limit=limit, estimate=estimate, overridden=where != fitting)

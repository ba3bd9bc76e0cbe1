"""Runs a job in a durable function: each stretch of work is a step, each wait suspends it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_durable_execution_sdk_python.config import Duration

from shared.jobs.errors import JobDoneError, JobPausedError, JobRefusedError
from shared.jobs.job import Job, Surroundings
from shared.jobs.message import JobRequested
from shared.jobs.run import run
from shared.observability import count

if TYPE_CHECKING:
    from aws_durable_execution_sdk_python import DurableContext

LEASE_SECONDS = 50
RESERVE_MS = 25_000


def run_durably(
    job: Job[Any], event: Mapping[str, Any], context: "DurableContext"
) -> dict[str, Any]:
    """Run a job to its end, however long it waits; a step that was interrupted runs again.

    Raises:
        JobRefusedError: when it can never be done, so that the execution fails.
    """
    message = JobRequested.model_validate(event)
    while True:
        outcome = context.step(lambda _: _stretch(job, message, context), "work")
        if "reason" in outcome:
            raise JobRefusedError(outcome["reason"])
        if "wait" not in outcome:
            return {"job_id": message.job_id}
        # The least that a durable function waits for.
        context.wait(Duration.from_seconds(max(1, round(outcome["wait"]))), "wait")


def _stretch(job: Job[Any], message: JobRequested, context: "DurableContext") -> dict[str, Any]:
    """Work until the next wait, the end, or the last seconds of the invocation."""
    invocation: Any = context.lambda_context
    surroundings = Surroundings(
        lease_seconds=LEASE_SECONDS,
        stopping=lambda: invocation.get_remaining_time_in_millis() < RESERVE_MS,
        suspends=True,
    )
    try:
        run(job, message, surroundings, give_up=lambda _: count("JobsGivenUp"))
    except JobPausedError as pause:
        return {"wait": pause.seconds}
    except JobRefusedError as error:
        return {"reason": str(error)}
    except JobDoneError:
        pass
    return {}

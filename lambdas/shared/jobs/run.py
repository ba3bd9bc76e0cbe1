"""Runs a job, from wherever it has come to, to its end or its next pause."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from shared.jobs import records
from shared.jobs.errors import JobPausedError, JobRefusedError, LeaseLostError
from shared.jobs.job import Job, Progress, Surroundings
from shared.jobs.message import JobRequested
from shared.jobs.records import Claim
from shared.observability import logger
from shared.problems import in_words

# Without a checkpoint between them; a stop that was asked for saves one.
MOST_TRIES = 5
REASON_CHARACTERS = 1_000


def run(
    job: Job[Any],
    message: JobRequested,
    surroundings: Surroundings,
    give_up: Callable[[str], None],
) -> None:
    """Run a job to its end, and write the end down.

    `give_up` is told the reason of a job that can never be done, or that has died five times
    since its last checkpoint, before that is written down: so it may be told twice, but never
    not at all.

    Raises:
        JobDoneError, JobTakenError: when there is nothing to do, or not yet.
        JobPausedError: when it stopped before its end, and goes on elsewhere or later.
        JobRefusedError: after `give_up` has been told.
        LeaseLostError: when another worker has gone on with it.
    """
    claim = records.claim(message, surroundings.lease_seconds)
    try:
        _check_tries(claim)
        counts = job.run(_request(job, message), Progress(claim, surroundings))
    except JobPausedError:
        records.release(claim)
        raise
    except LeaseLostError:
        raise
    except JobRefusedError as error:
        give_up(str(error))
        records.end(claim, "FAILED", reason=str(error))
        raise
    except Exception as error:
        _release(claim, error)
        raise
    records.end(claim, "DONE", counts)
    logger.info("job done", extra={"job_id": message.job_id, "counts": dict(counts)})


def _check_tries(claim: Claim) -> None:
    if claim.tries > MOST_TRIES:
        last = claim.last_error or "the worker died"
        raise JobRefusedError(f"no progress in {MOST_TRIES} attempts, at last: {last}")


def _request(job: Job[Any], message: JobRequested) -> Any:
    try:
        return job.request.model_validate(message.request)
    except ValidationError as error:
        raise JobRefusedError(f"the request cannot be read: {in_words(error)}") from None


def _release(claim: Claim, error: Exception) -> None:
    """Let somebody else try; that this cannot be written must not hide the error itself."""
    try:
        records.release(claim, repr(error)[:REASON_CHARACTERS])
    except Exception:  # noqa: BLE001 - the lease runs out by itself, and it is logged
        logger.exception("not released", extra={"job_id": claim.job_id})

"""Starts a job where it fits: here, in a durable function, or on the service."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, Json

from shared.aws import client
from shared.environment import Environment
from shared.events import Part
from shared.jobs import records
from shared.jobs.decision import Decision, Limits, Place, decide
from shared.jobs.errors import JobDoneError, JobPausedError, JobRefusedError
from shared.jobs.job import Job, Surroundings
from shared.jobs.message import JobRequested
from shared.jobs.run import run
from shared.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

# A checkpoint renews it; a function that died is invoked again after a minute.
LEASE_SECONDS = 50
# Two writes one after the other that each succeed in the last attempt, and the checkpoint.
RESERVE_MS = 25_000


class Places(Part):
    """What the function and the durable function take, as they are deployed."""

    function: Limits
    durable: Limits | None = None


class Submission(Environment):
    """Where jobs go that this function does not run itself."""

    queue_url: str = Field(alias="JOB_QUEUE_URL")
    places: Annotated[Json[Places], Field(alias="JOB_LIMITS")]
    durable_arn: str | None = Field(default=None, alias="JOB_DURABLE_FUNCTION_ARN")


submission = Submission.read()


@cache
def sqs() -> "SQSClient":
    """Make a client when one is needed: most jobs run here."""
    return client("sqs")


@cache
def lambdas() -> "LambdaClient":
    """Make a client when one is needed."""
    return client("lambda")


def start(
    job: Job[Any],
    request: Part,
    job_id: str,
    remaining_ms: Callable[[], int],
    run_on: Place | None = None,
) -> Decision:
    """Run a job here, or have it run where it fits; one id is one job, however often it is asked.

    What runs here and is not done in time goes on at the service, behind its checkpoint.

    Raises:
        ValueError: for a place that there is none of.
        Exception: what the job raises, when it runs here; the next start goes on with it.
    """
    places = submission.places
    estimate = job.estimate(request, places.function.memory_mb)
    decision = decide(estimate, places.function, places.durable, run_on)
    message = JobRequested(
        job_id=job_id,
        kind=job.kind,
        request=request.model_dump(mode="json"),
        decision=decision,
        requested_at=datetime.now(UTC),
    )
    logger.info("job decided", extra={"job_id": job_id, "decision": decision.model_dump()})
    if decision.where == "function":
        return _here(job, message, remaining_ms)
    records.submitted(message)
    _send(message)
    return decision


def _here(job: Job[Any], message: JobRequested, remaining_ms: Callable[[], int]) -> Decision:
    surroundings = Surroundings(
        lease_seconds=LEASE_SECONDS, stopping=lambda: remaining_ms() < RESERVE_MS
    )
    try:
        run(job, message, surroundings, give_up=lambda _: count("JobsGivenUp"))
    except JobDoneError:
        logger.info("job done before", extra={"job_id": message.job_id})
    except JobRefusedError as error:
        logger.error("job given up", extra={"job_id": message.job_id, "reason": str(error)})
    except JobPausedError:
        changes = {"where": "service", "limit": "seconds"}
        later = message.decision.model_copy(update=changes)
        logger.info("job goes on", extra={"job_id": message.job_id, "decision": later.where})
        _send(message.model_copy(update={"decision": later}))
        return later
    return message.decision


def _send(message: JobRequested) -> None:
    text = message.model_dump_json()
    if message.decision.where == "durable-function" and submission.durable_arn:
        # One name starts one execution: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
        with suppress(lambdas().exceptions.DurableExecutionAlreadyStartedException):
            lambdas().invoke(
                FunctionName=submission.durable_arn,
                InvocationType="Event",
                DurableExecutionName=hashlib.sha256(message.job_id.encode()).hexdigest(),
                Payload=text.encode(),
            )
    else:
        sqs().send_message(QueueUrl=submission.queue_url, MessageBody=text)
    count("JobsHandedOver")

"""Jobs as tests ask for them, and what is written down of them."""

import importlib
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
from mypy_boto3_sqs import SQSClient

from shared.attributes import from_item
from tests.lambdas.builders import JOBS, QUEUE_URL, REGION


def modules() -> Any:
    """Import what reads the environment, which a test has set by now."""
    names = ("records", "run", "start", "job", "message", "errors", "decision", "checkpoint")
    return SimpleNamespace(**{n: importlib.import_module(f"shared.jobs.{n}") for n in names})


def asked(kind: str = "count", job_id: str = "job-1", **request: Any) -> Any:
    """Return the message of a job that goes to the service."""
    lib = modules()
    estimate = lib.decision.Estimate(seconds=1_000)
    return lib.message.JobRequested(
        job_id=job_id,
        kind=kind,
        request={"to": 3, **request} if kind == "count" else request,
        decision=lib.decision.decide(estimate, lib.decision.Limits()),
        requested_at=datetime(2026, 11, 24, 10, tzinfo=UTC),
    )


def record(job_id: str = "job-1") -> dict[str, Any]:
    """Return what the table has of a job."""
    client = boto3.client("dynamodb", region_name=REGION)
    answer = client.get_item(TableName=JOBS, Key={"job_id": {"S": job_id}}, ConsistentRead=True)
    return from_item(answer["Item"])


def waiting(sqs: SQSClient, name: str = "jobs") -> list[Any]:
    """Return what can be received of a queue now, with its attributes."""
    answer = sqs.receive_message(
        QueueUrl=f"{QUEUE_URL}/{name}",
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        VisibilityTimeout=0,
    )
    return [*answer.get("Messages", [])]


def sent(sqs: SQSClient) -> list[dict[str, Any]]:
    """Return the jobs in the queue."""
    return [json.loads(message["Body"]) for message in waiting(sqs)]


def reasons(sqs: SQSClient) -> list[str]:
    """Return why jobs were given up."""
    given_up = waiting(sqs, "jobs-dead-letters")
    return [message["MessageAttributes"]["Reason"]["StringValue"] for message in given_up]

"""The table of jobs: how far each has come, and who works on it."""

import json
import time
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field

from shared.attributes import from_item, to_item
from shared.aws import client
from shared.environment import Environment
from shared.jobs.checkpoint import Checkpoint
from shared.jobs.errors import JobDoneError, JobTakenError, LeaseLostError
from shared.jobs.message import JobRequested

KEPT_SECONDS = 90 * 24 * 3_600
# An item has 400 KB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Limits.html
MOST_STATE_BYTES = 350_000
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class Jobs(Environment):
    """Where jobs are kept."""

    table_name: str = Field(alias="JOBS_TABLE_NAME")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to work on a job, until its lease has run out and somebody else has claimed it.

    `token` grows with every claim, and each write names it: a worker that was away and comes back
    never moves a checkpoint of its successor. `tries` counts the claims since the last checkpoint.
    """

    job_id: str
    token: int
    lease_seconds: float
    started_at: datetime
    checkpoint: Checkpoint
    tries: int
    last_error: str


jobs = Jobs.read()
dynamodb = client("dynamodb")


def now_ms() -> int:
    """Return the time in milliseconds, which tests set."""
    return time.time_ns() // 1_000_000


def submitted(message: JobRequested) -> None:
    """Write down that a job was sent to another place, unless it has begun."""
    item = {
        **_asked(message),
        "job_id": message.job_id,
        "status": "SUBMITTED",
        "leased_until_ms": 0,
        "expires_at": now_ms() // 1_000 + KEPT_SECONDS,
    }
    try:
        dynamodb.put_item(
            TableName=jobs.table_name,
            Item=to_item(item),
            ConditionExpression="attribute_not_exists(job_id)",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return


def claim(message: JobRequested, lease_seconds: float) -> Claim:
    """Take a job, and go on where its checkpoint says.

    Raises:
        JobDoneError: when it was done before.
        JobTakenError: while somebody else has a lease.
    """
    at, owner = now_ms(), uuid.uuid4().hex
    try:
        item = _update(
            message.job_id,
            {
                **_asked(message),
                "status": "RUNNING",
                "owner": owner,
                "leased_until_ms": at + int(lease_seconds * 1_000),
                "expires_at": at // 1_000 + KEPT_SECONDS,
            },
            # Its own claim, when the answer was lost and the SDK asks again.
            condition="attribute_not_exists(job_id) OR #owner = :owner"
            " OR (#status <> :done AND leased_until_ms <= :now)",
            values={":done": "DONE", ":now": at, ":first": _stamp(at), ":one": 1, ":none": 0},
            more="started_at = if_not_exists(started_at, :first),"
            " fence = if_not_exists(fence, :none) + :one, tries = if_not_exists(tries, :none)"
            " + :one",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        response: Mapping[str, Any] = {**error.response}
        there = from_item(response["Item"])
        if there["status"] == "DONE":
            raise JobDoneError(f"{message.job_id} was done before") from None
        left = max(0, there["leased_until_ms"] - at) / 1_000
        raise JobTakenError(message.job_id, left) from None
    return Claim(
        job_id=message.job_id,
        token=item["fence"],
        lease_seconds=lease_seconds,
        started_at=datetime.strptime(item["started_at"], TIME).replace(tzinfo=UTC),
        checkpoint=Checkpoint(
            position=item.get("position", 0),
            counts=item.get("counts", {}),
            state=_unpacked(item["state"]) if "state" in item else {},
        ),
        tries=item["tries"],
        last_error=item.get("last_error", ""),
    )


def save(claim: Claim, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, and keep the lease for as long again.

    Raises:
        LeaseLostError: when somebody else has claimed the job since.
        ValueError: when the state is over 350,000 bytes, compressed.
    """
    _write(
        claim,
        {
            **_written(checkpoint),
            "tries": 0,
            "leased_until_ms": now_ms() + int(claim.lease_seconds * 1_000),
        },
    )


def release(claim: Claim, error: str = "") -> None:
    """Let the next worker have the job at once; raises LeaseLostError, as `save` does."""
    _write(claim, {"leased_until_ms": 0, **({"last_error": error} if error else {})})


def end(
    claim: Claim,
    status: Literal["DONE", "FAILED"],
    counts: Mapping[str, int] | None = None,
    reason: str = "",
) -> None:
    """Write how a job ended; one that failed may be claimed again, when its cause is mended."""
    at = now_ms()
    ended = {"status": status, "ended_on": _stamp(at)[:10], "ended_at": _stamp(at)}
    told = {"counts": dict(counts)} if counts is not None else {}
    _write(claim, {**ended, **told, "reason": reason, "leased_until_ms": 0})


def _write(claim: Claim, values: Mapping[str, Any]) -> None:
    try:
        _update(claim.job_id, values, condition="fence = :fence", values={":fence": claim.token})
    except dynamodb.exceptions.ConditionalCheckFailedException:
        raise LeaseLostError(f"somebody else works on {claim.job_id}") from None


def _update(
    job_id: str,
    sets: Mapping[str, Any],
    *,
    condition: str,
    values: Mapping[str, Any],
    more: str = "",
) -> dict[str, Any]:
    # Some of the names are reserved words.
    named = ", ".join([*(f"#{name} = :{name}" for name in sets), *([more] if more else [])])
    answer = dynamodb.update_item(
        TableName=jobs.table_name,
        Key=to_item({"job_id": job_id}),
        UpdateExpression=f"SET {named}",
        ConditionExpression=condition,
        ExpressionAttributeNames={f"#{name}": name for name in sets},
        ExpressionAttributeValues=to_item(
            {**{f":{name}": value for name, value in sets.items()}, **values}
        ),
        ReturnValues="ALL_NEW",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    return from_item(answer["Attributes"])


def _asked(message: JobRequested) -> dict[str, Any]:
    """Return what was asked for, as text that a person can read in the table."""
    return {
        "kind": message.kind,
        "request": json.dumps(message.request),
        "decision": message.decision.model_dump_json(),
    }


def _written(checkpoint: Checkpoint) -> dict[str, Any]:
    state = zlib.compress(json.dumps(checkpoint.state).encode())
    if len(state) > MOST_STATE_BYTES:
        raise ValueError(f"state has {len(state):,} bytes: allowed is {MOST_STATE_BYTES:,}")
    counts = dict(checkpoint.counts)
    return {"position": checkpoint.position, "counts": counts, "state": state}


def _unpacked(state: bytes) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(zlib.decompress(state))
    return whole


def _stamp(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).strftime(TIME)

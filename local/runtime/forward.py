"""Puts a rule's events into a Kinesis stream, which the emulator's rules do not know.

The provider deploys it beside such a target, with the target's own role.
"""

import json
import os
from typing import Any


def handle(event: Any, context: Any) -> None:
    """Put one event under the partition key that the target's path names."""
    import boto3  # noqa: PLC0415  the provider reads this file and never runs it

    boto3.client("kinesis").put_record(
        StreamARN=os.environ["STREAM_ARN"],
        Data=json.dumps(event).encode(),
        PartitionKey=partition_key(event, context.aws_request_id),
    )


def partition_key(event: Any, otherwise: str) -> str:
    """Return what the path leads to in the event, as text; a key has 256 characters at most."""
    found = event
    for part in os.environ["PARTITION_KEY_PATH"].split(".")[1:]:
        found = found.get(part) if isinstance(found, dict) else None
    return str(found or otherwise)[:256]

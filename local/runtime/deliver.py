"""Sends to the targets of schedules and pipes, with the role of the schedule or the pipe.

The provider deploys it with the programs that carry what the emulator does not.
"""

import functools
import json
import os
from collections.abc import Mapping
from typing import Any

Parameters = Mapping[str, Any]


class RefusedError(Exception):
    """A target that took the request and not what is in it."""


@functools.cache
def client(service: str) -> Any:
    """Return the client of a service."""
    import boto3  # noqa: PLC0415  the provider reads this file and never runs it

    return boto3.client(service)  # type: ignore[call-overload]


def service_of(arn: str) -> str:
    """Return the service of an ARN."""
    return arn.split(":")[2]


def queue_url(arn: str) -> str:
    """Return a queue's URL, which a sender may not ask for."""
    account, name = arn.split(":")[4:6]
    return f"{os.environ['AWS_ENDPOINT_URL']}/{account}/{name}"


def send(arn: str, payload: str, parameters: Parameters) -> None:
    """Send one payload; `parameters` are the target's, by the names of its own service."""
    SENDERS[service_of(arn)](arn, payload, parameters)


def _to_queue(arn: str, payload: str, parameters: Parameters) -> None:
    client("sqs").send_message(QueueUrl=queue_url(arn), MessageBody=payload, **parameters)


def _to_topic(arn: str, payload: str, _: Parameters) -> None:
    client("sns").publish(TopicArn=arn, Message=payload)


def _to_stream(arn: str, payload: str, parameters: Parameters) -> None:
    client("kinesis").put_record(StreamARN=arn, Data=payload.encode(), **parameters)


def _to_bus(arn: str, payload: str, parameters: Parameters) -> None:
    entry = {"EventBusName": arn, "Detail": payload, **parameters}
    answer = client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RefusedError(json.dumps(answer["Entries"]))


def _to_function(arn: str, payload: str, _: Parameters) -> None:
    client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=payload.encode())


def _to_workflow(arn: str, payload: str, _: Parameters) -> None:
    client("stepfunctions").start_execution(stateMachineArn=arn, input=payload)


SENDERS = {
    "events": _to_bus,
    "kinesis": _to_stream,
    "lambda": _to_function,
    "sns": _to_topic,
    "sqs": _to_queue,
    "states": _to_workflow,
}


def called(arn: str, payload: str) -> Any:
    """Invoke a function, wait for it, and return its answer."""
    answer = client("lambda").invoke(FunctionName=arn, Payload=payload.encode())
    content = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise RefusedError(content)
    return json.loads(content or "null")

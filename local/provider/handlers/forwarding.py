"""Carries a rule's events to a Kinesis stream, which the emulator's rules drop.

The emulator's rule gets a function as its target, that puts the events into the stream with the
role of the program's target; the state keeps what the program gave.
"""

import hashlib
from typing import Any

from local.provider.clients import Clients
from local.provider.wire import Properties


def needed(target: Properties) -> bool:
    """Whether a target is a stream."""
    return ":kinesis:" in target["arn"]


def emulated(aws: Clients, target: Properties) -> Properties:
    """Return the target that the emulator's rule gets."""
    if not needed(target):
        return target
    return {**target, "arn": aws.arn("lambda", f"function:{_name(target)}"), "roleArn": None}


def put(aws: Clients, target: Properties) -> None:
    """Make the function of a target, or change it after the target."""
    client, name = aws("lambda"), _name(target)
    try:
        client.create_function(
            FunctionName=name,
            Runtime="provided.al2023",
            Code={"ZipFile": aws.runtime.forwarder()},
            Handler="forward.handle",
            Timeout=30,
            **_configuration(target),
        )
    except client.exceptions.ResourceConflictException:
        client.update_function_configuration(FunctionName=name, **_configuration(target))
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def told(aws: Clients, target: Properties) -> Properties:
    """Return the stream, role and path of a target, as its function has them."""
    live = aws("lambda").get_function_configuration(FunctionName=_name(target))
    variables = live["Environment"]["Variables"]
    return {
        "arn": variables["STREAM_ARN"],
        "roleArn": live["Role"],
        "kinesisTarget": {"partitionKeyPath": variables["PARTITION_KEY_PATH"]},
    }


def remove(aws: Clients, target: Properties) -> None:
    """Remove the function of a target."""
    aws("lambda").delete_function(FunctionName=_name(target))


def _name(target: Properties) -> str:
    bus = target.get("eventBusName", "default")
    whole = f"{bus}/{target['rule']}/{target['targetId']}"
    return f"forward-{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


def _configuration(target: Properties) -> dict[str, Any]:
    path = (target.get("kinesisTarget") or {}).get("partitionKeyPath") or "$.id"
    variables = {"STREAM_ARN": target["arn"], "PARTITION_KEY_PATH": path}
    return {"Role": target.get("roleArn"), "Environment": {"Variables": variables}}

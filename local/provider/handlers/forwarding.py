"""Carries a rule's events to a Kinesis stream, which the emulator's rules drop.

The emulator's rule gets a function as its target, that puts the events into the stream with the
role of the program's target; the state keeps what the program gave.
"""

from local.provider.clients import Clients
from local.provider.handlers import carriers
from local.provider.wire import Properties


def needed(target: Properties) -> bool:
    """Whether a target is a stream."""
    return ":kinesis:" in target["arn"]


def emulated(aws: Clients, target: Properties) -> Properties:
    """Return the target that the emulator's rule gets."""
    if not needed(target):
        return target
    return {**target, "arn": carriers.arn(aws, _name(target)), "roleArn": None}


def put(aws: Clients, target: Properties) -> None:
    """Make the function of a target, or change it after the target."""
    path = (target.get("kinesisTarget") or {}).get("partitionKeyPath") or "$.id"
    carrier = carriers.Carrier(
        name=_name(target),
        modules=("forward",),
        role_arn=target.get("roleArn"),
        variables={"STREAM_ARN": target["arn"], "PARTITION_KEY_PATH": path},
    )
    carrier.put(aws)


def told(aws: Clients, target: Properties) -> Properties:
    """Return the stream, role and path of a target, as its function has them."""
    role_arn, variables = carriers.told(aws, _name(target))
    return {
        "arn": variables["STREAM_ARN"],
        "roleArn": role_arn,
        "kinesisTarget": {"partitionKeyPath": variables["PARTITION_KEY_PATH"]},
    }


def remove(aws: Clients, target: Properties) -> None:
    """Remove the function of a target."""
    carriers.remove(aws, _name(target))


def _name(target: Properties) -> str:
    bus = target.get("eventBusName", "default")
    return carriers.named("forward", bus, target["rule"], target["targetId"])

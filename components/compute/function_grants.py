"""What every function's role holds, besides what its links give."""

from collections.abc import Iterator

import pulumi

from components.compute.function_args import FunctionArgs
from components.core.encryption_key import DECRYPT
from components.core.links import Grant
from components.core.logs import write_grant
from components.events.dead_letter_queue import DeadLetterQueue

NETWORK_ACTIONS = tuple(
    f"ec2:{action}"
    for action in (
        *("AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface"),
        *("DescribeNetworkInterfaces", "DescribeSubnets", "UnassignPrivateIpAddresses"),
    )
)


def own_grants(
    args: FunctionArgs, log_group_arn: pulumi.Output[str], failed_events: DeadLetterQueue | None
) -> Iterator[Grant]:
    """Return what a function needs to log, to trace, and for its own settings."""
    yield write_grant(log_group_arn)
    yield Grant(actions=("xray:PutTraceSegments", "xray:PutTelemetryRecords"), resources=("*",))
    if args.key:
        yield Grant(actions=DECRYPT, resources=(args.key.arn,))
    if failed_events:
        yield from failed_events.destination_grants()
    if args.vpc:
        yield Grant(actions=NETWORK_ACTIONS, resources=("*",))
    if args.file_system:
        yield args.file_system.grant()

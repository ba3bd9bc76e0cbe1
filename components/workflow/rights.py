"""What a state machine's role may do."""

from collections.abc import Iterable

import pulumi

from components.core.links import Grant
from components.workflow.distributed_map import DistributedMap
from components.workflow.state import everywhere
from components.workflow.workflow_args import WorkflowArgs

# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
DELIVER = tuple(
    f"logs:{action}"
    for action in (
        *("CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups"),
        *("DescribeResourcePolicies", "GetLogDelivery", "ListLogDeliveries"),
        *("PutResourcePolicy", "UpdateLogDelivery"),
    )
)
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
TRACE = tuple(
    f"xray:{action}"
    for action in (
        *("GetSamplingRules", "GetSamplingTargets"),
        *("PutTelemetryRecords", "PutTraceSegments"),
    )
)
FOLLOW = ("states:DescribeExecution", "states:StopExecution")
HEAR = ("events:DescribeRule", "events:PutRule", "events:PutTargets")


def rights(args: WorkflowArgs) -> list[Grant]:
    """Return what a machine needs for itself, for its states, and by its links."""
    logged = args.logging()["level"] != "OFF"
    grants = [Grant(actions=DELIVER, resources=("*",))] if logged else []
    if args.tracing:
        grants.append(Grant(actions=TRACE, resources=("*",)))
    if args.key:
        own = ("kms:Decrypt", "kms:GenerateDataKey")
        grants.append(Grant(actions=own, resources=(args.key.arn,)))
    grants += [grant for state in everywhere(args.states) for grant in state.grants()]
    grants += [grant for link in args.links for grant in link.grants]
    return merged(grants)


def rights_on_itself(args: WorkflowArgs, arn: pulumi.Output[str]) -> list[Grant]:
    """Return what a distributed map needs to start, follow and take up again its executions.

    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    if not any(isinstance(state, DistributedMap) for state in everywhere(args.states)):
        return []
    executions = arn.apply(lambda machine: machine.replace(":stateMachine:", ":execution:"))
    return [
        Grant(actions=("states:StartExecution",), resources=(arn,)),
        Grant(actions=FOLLOW, resources=(pulumi.Output.concat(executions, ":*"),)),
        Grant(
            actions=("states:RedriveExecution",),
            resources=(pulumi.Output.concat(executions, "/*:*"),),
        ),
    ]


def hear_by(rule: str, started_arn: pulumi.Output[str]) -> Grant:
    """Return what a machine needs to keep a rule by which it hears of the end of what it started.

    The rule is Step Functions' own, on the default bus beside what is started.
    """

    def arn(started: str) -> str:
        _, partition, _, region, account, *_ = started.split(":")
        return f"arn:{partition}:events:{region}:{account}:rule/{rule}"

    return Grant(actions=HEAR, resources=(started_arn.apply(arn),))


def merged(grants: Iterable[Grant]) -> list[Grant]:
    """Return grants of the same actions as one: a role's policies have 10,240 characters."""
    together: dict[tuple[str, ...], dict[int, pulumi.Input[str]]] = {}
    alone = []
    for grant in grants:
        if grant.conditions:
            alone.append(grant)
        else:
            # Outputs cannot be compared, but a resource's ARN is always the same object.
            resources = {id(resource): resource for resource in grant.resources}
            together.setdefault(grant.actions, {}).update(resources)
    whole = [Grant(actions=k, resources=tuple(each.values())) for k, each in together.items()]
    return [*whole, *alone]

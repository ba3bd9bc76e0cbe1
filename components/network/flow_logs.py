"""What a network writes of its flows, and the role by which it does."""

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.links import Grant
from components.core.logs import log_group, writer_grants
from components.network.network_args import NetworkArgs

SERVICE = "vpc-flow-logs.amazonaws.com"
AGGREGATION_SECONDS = 600


def log_flows(
    name: str, vpc_id: pulumi.Input[str], args: NetworkArgs, parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    """Log flows to a group of their own.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    if args.key:
        args.key.check_service("logs", f"network {name} logs its flows")
    child = pulumi.ResourceOptions(parent=parent)
    group = log_group(f"{name}-flows", args.logs, args.key.arn if args.key else None, child)
    account = args.account
    sources = pulumi.Output.format(
        "arn:{0}:ec2:{1}:{2}:vpc-flow-log/*", account.partition, account.region, account.id
    )
    role = aws.iam.Role(
        f"{name}-flows-role",
        assume_role_policy=policies.trust_source(SERVICE, sources),
        opts=child,
    )
    policy = aws.iam.RolePolicy(
        f"{name}-flows-policy",
        role=role.name,
        policy=policies.identity(
            [
                *writer_grants(group),
                Grant(actions=("logs:DescribeLogGroups",), resources=("*",)),
            ]
        ),
        opts=child,
    )
    aws.ec2.FlowLog(
        f"{name}-flows",
        vpc_id=vpc_id,
        traffic_type=args.flow_logs,
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=AGGREGATION_SECONDS,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
    )
    return group

"""Links: what the user of a resource may do with it, and the variables that say where it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.core.checks import check, matches, when

# Actions for which IAM has no resource types, as the Service Authorization Reference tells.
WITHOUT_RESOURCE = frozenset(
    {
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        # By these Step Functions has its logs delivered:
        # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        # The channels of ECS Exec:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        "dynamodb:ListStreams",
        "kinesis:ListStreams",
        # What a cluster's control plane looks up:
        # https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceTopology",
        "ec2:DescribeVpcs",
        # Lambda makes and removes a function's network interfaces, whose ids nobody knows before:
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
        "ecr:GetAuthorizationToken",
        # What Lambda looks at besides, before it launches instances:
        # https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-operator-role.html
        "ec2:DescribeCapacityReservations",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstanceTypeOfferings",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcEncryptionControls",
    }
)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Named IAM actions on named resources.

    Raises:
        ArgumentsError: for a wildcard action, or for the resource `*` under an action that takes a
            resource.
    """

    actions: tuple[str, ...]
    resources: tuple[pulumi.Input[str], ...]
    conditions: Mapping[str, Mapping[str, pulumi.Input[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check(
            when(not self.actions, "actions is empty: allowed is one action or more"),
            when(not self.resources, "resources is empty: allowed is one ARN or more"),
            *(
                matches(
                    "action", action, r"[a-z0-9-]+:[A-Za-z0-9]+", "service:Action, no wildcard"
                )
                for action in self.actions
            ),
            when(
                "*" in self.resources and not WITHOUT_RESOURCE.issuperset(self.actions),
                f"resource is '*' for {', '.join(self.actions)}: allowed is an ARN",
            ),
        )

    def statement(self) -> dict[str, Any]:
        """Return the grant as a statement of a policy document."""
        conditions = {"Condition": dict(self.conditions)} if self.conditions else {}
        return {
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
            **conditions,
        }


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a function is given to use a resource: grants, and environment variables."""

    grants: tuple[Grant, ...]
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


def environment(links: Iterable[Link], own: Mapping[str, pulumi.Input[str]]) -> dict[str, Any]:
    """Gather the variables of all links; a function's own variables come last and win."""
    gathered: dict[str, Any] = {}
    for link in links:
        gathered.update(link.environment)
    return {**gathered, **own}

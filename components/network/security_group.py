"""A security group whose rules are named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.core.checks import between, check, when
from components.core.names import check_name
from components.network.traffic_rule import (
    HTTPS,
    HTTPS_TO_INTERNET,
    HTTPS_TO_INTERNET_IPV6,
    TrafficRule,
    description_mistake,
)

__all__ = [
    "HTTPS_TO_INTERNET",
    "HTTPS_TO_INTERNET_IPV6",
    "SecurityGroup",
    "SecurityGroupArgs",
    "TrafficRule",
]

# What Security Hub lets everybody in at (EC2.18).
OPEN_PORTS = (80, HTTPS)
# The default quota, of each direction:
# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
MOST_RULES = 60


@dataclass(frozen=True, kw_only=True)
class SecurityGroupArgs:
    """Settings of a SecurityGroup: without rules, nothing comes in and nothing goes out.

    Everybody may be let in at ports 80 and 443 only, and be spoken to at one port by each rule.
    """

    vpc_id: pulumi.Input[str]
    description: str
    ingress: Sequence[TrafficRule] = ()
    egress: Sequence[TrafficRule] = ()

    def __post_init__(self) -> None:
        check(
            description_mistake(self.description),
            between("number of ingress rules", len(self.ingress), 0, MOST_RULES),
            between("number of egress rules", len(self.egress), 0, MOST_RULES),
            *_repeated("ingress", self.ingress),
            *_repeated("egress", self.egress),
            *(
                when(
                    rule.of_everybody and not rule.of_ports(*OPEN_PORTS),
                    f"{rule.title} lets everybody in: allowed are ports 80 and 443",
                )
                for rule in self.ingress
            ),
            *(
                when(
                    rule.of_everybody and not rule.of_ports(rule.port),
                    f"{rule.title} leads everywhere: allowed is one port",
                )
                for rule in self.egress
            ),
        )


class SecurityGroup(pulumi.ComponentResource):
    """A group that lets through what its rules name, and nothing besides."""

    id: pulumi.Output[str]

    def __init__(
        self, name: str, args: SecurityGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:network:SecurityGroup", name, {}, opts)
        self.name = name
        child = pulumi.ResourceOptions(parent=self)
        # Made by Pulumi, a group is without the rule by which AWS lets everything out.
        self.group = aws.ec2.SecurityGroup(
            f"{name}-group",
            vpc_id=args.vpc_id,
            description=args.description,
            tags={"Name": name},
            opts=child,
        )
        self.id = self.group.id
        for rule in args.ingress:
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-from-{rule.name}", security_group_id=self.id, opts=child, **rule.inputs()
            )
        for rule in args.egress:
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-to-{rule.name}", security_group_id=self.id, opts=child, **rule.inputs()
            )
        self.register_outputs({"id": self.id})


def _repeated(direction: str, rules: Sequence[TrafficRule]) -> Iterator[str]:
    names = [rule.name for rule in rules]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{direction} has several rules named {name!r}: allowed is one"

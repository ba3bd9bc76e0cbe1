"""The EC2 instances of Lambda Managed Instances."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute import operator_role
from components.compute.instance_size import ZONES, InstanceSize
from components.compute.runtime import ARCHITECTURE, Architecture
from components.core import policies
from components.core.account import Account
from components.core.checks import between, check, check_fields, matches, when
from components.core.encryption_key import EncryptionKey
from components.core.names import check_name

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_VERSIONS = 100
MOST_TYPES = 400
# A host is larger than the environment that it is launched for: the smallest has 4 vCPUs, and
# environments of 8 were seen to get hosts of 32.
HOST_FACTOR = 4


@dataclass(frozen=True, kw_only=True)
class CapacityProviderArgs:
    """Settings of a CapacityProvider.

    Its functions run in the given subnets and reach what these reach: without a NAT gateway or
    endpoints, `logs` among them, they reach nothing and log nothing. Patterns of instance types,
    such as `m8g.*`, are either those allowed or those excluded; Lambda chooses among the rest.
    Lambda scales by itself, unless `target_cpu_percent` is held. With a `key`, it encrypts the
    instances' volumes. Only `max_vcpus` and the target change in place.
    """

    account: Account
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    architecture: Architecture = ARCHITECTURE
    allowed_instance_types: Sequence[str] = ()
    excluded_instance_types: Sequence[str] = ()
    # The API takes 2 and more (API_CapacityProviderScalingConfig), but three zones with the
    # smallest host need 12, and CDK refuses less. The default is Lambda's own.
    max_vcpus: Annotated[int, Interval(ge=12, le=15_000)] = 400
    target_cpu_percent: Annotated[float, Interval(ge=1, le=100)] | None = None
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            between("number of subnet_ids", len(self.subnet_ids), 1, 16),
            between("number of security_group_ids", len(self.security_group_ids), 1, 5),
            when(
                bool(self.allowed_instance_types and self.excluded_instance_types),
                "allowed_instance_types and excluded_instance_types are given: allowed is one",
            ),
            *_types("allowed_instance_types", self.allowed_instance_types),
            *_types("excluded_instance_types", self.excluded_instance_types),
        )


class CapacityProvider(pulumi.ComponentResource):
    """Instances that Lambda launches, patches, scales and replaces, for functions that share them.

    The functions of one provider are not isolated from each other: give those that do not trust
    each other providers of their own.
    """

    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: CapacityProviderArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:compute:CapacityProvider", name, {}, opts)
        self.name = name
        self.args = args
        self._attached: dict[str, InstanceSize] = {}
        if len(args.subnet_ids) < ZONES:
            pulumi.log.warn(
                f"number of subnet_ids of {name} is {len(args.subnet_ids)}: {ZONES} or more, each "
                "in a zone of its own, outlast the loss of one",
                self,
            )
        self.role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=policies.trust("lambda.amazonaws.com"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=self.role.name,
            policy=policies.identity(
                operator_role.grants(
                    args.account, args.subnet_ids, args.security_group_ids, args.key
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        provider = aws.lambda_.CapacityProvider(
            f"{name}-provider",
            permissions_config={"capacity_provider_operator_role_arn": self.role.arn},
            vpc_config={
                "subnet_ids": list(args.subnet_ids),
                "security_group_ids": list(args.security_group_ids),
            },
            instance_requirements=[_requirements(args)],
            capacity_provider_scaling_configs=[_scaling(args)],
            kms_key_arn=args.key.arn if args.key else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.arn = provider.arn
        self.register_outputs({"arn": self.arn})

    def attach(self, function: str, size: InstanceSize) -> None:
        """Reserve the vCPUs that a function needs; a Function does it by itself.

        Raises:
            ArgumentsError: when all that are attached need more vCPUs than `max_vcpus`, or are
                more than 100.
        """
        attached = {**self._attached, function: size}
        needed, most = vcpus_needed(attached.values()), self.args.max_vcpus
        check(
            when(
                len(attached) > MOST_VERSIONS,
                f"capacity provider {self.name} has {len(attached)} functions with {function}: "
                f"allowed is {MOST_VERSIONS}",
            ),
            when(
                needed > most,
                f"max_vcpus of capacity provider {self.name} is {most:,}: its functions need "
                f"{needed:,} with {function}, while new versions replace the old ones",
            ),
        )
        self._attached = attached


def vcpus_needed(sizes: Collection[InstanceSize]) -> int:
    """Return the vCPUs that functions need while all of them are deployed anew.

    That is each function at its most, the environments that its next version begins with, and one
    launch that failed and is repeated: Lambda gives a version up that finds no room.
    """
    versions = (
        _held(each, each.max_environments) + _held(each, each.min_environments) for each in sizes
    )
    return sum(versions) + max(map(_host, sizes), default=0)


def _held(size: InstanceSize, environments: int) -> int:
    """Return what environments take: at least a host in each of the zones that they are in."""
    return max(environments * size.vcpus, min(environments, ZONES) * _host(size))


def _host(size: InstanceSize) -> int:
    return HOST_FACTOR * size.vcpus


def _types(name: str, patterns: Sequence[str]) -> Iterator[str | None]:
    yield when(
        len(patterns) > MOST_TYPES, f"{name} has {len(patterns)} entries: allowed is {MOST_TYPES}"
    )
    for each in patterns:
        yield matches(name, each, r"[a-zA-Z0-9.*-]{1,30}", "a type such as m8g.large, or m8g.*")


def _requirements(args: CapacityProviderArgs) -> Any:
    # None, where a list is not given, is left out; an empty list would be sent.
    return aws.lambda_.CapacityProviderInstanceRequirementArgs(
        architectures=[args.architecture],
        allowed_instance_types=_given(args.allowed_instance_types),
        excluded_instance_types=_given(args.excluded_instance_types),
    )


def _scaling(args: CapacityProviderArgs) -> Any:
    policies_: Any = None
    if args.target_cpu_percent is not None:
        metric = "LambdaCapacityProviderAverageCPUUtilization"
        policies_ = [{"predefined_metric_type": metric, "target_value": args.target_cpu_percent}]
    return aws.lambda_.CapacityProviderCapacityProviderScalingConfigArgs(
        max_vcpu_count=args.max_vcpus,
        scaling_mode="Auto" if policies_ is None else "Manual",
        # Lambda refuses any policies, even none of them, with the mode Auto.
        scaling_policies=policies_,
    )


def _given(values: Sequence[str]) -> Any:
    return list(values) if values else None

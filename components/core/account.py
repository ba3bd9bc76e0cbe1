"""The account, Region and zones of a stage, asked for once."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

# Zones, by the id that is the same for every account, where EKS takes no subnets, and Lambda none
# in the first: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
UNSUPPORTED_ZONE_IDS = ("use1-az3", "usw1-az2", "cac1-az3")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where a stage is deployed."""

    id: pulumi.Output[str]
    region: pulumi.Output[str]
    partition: pulumi.Output[str]
    options: pulumi.InvokeOutputOptions = field(repr=False)

    @classmethod
    def current(cls, provider: aws.Provider) -> "Account":
        """Ask the provider, without blocking the program."""
        options = pulumi.InvokeOutputOptions(provider=provider)
        return cls(
            id=aws.get_caller_identity_output(opts=options).account_id,
            region=aws.get_region_output(opts=options).region,
            partition=aws.get_partition_output(opts=options).partition,
            options=options,
        )

    @functools.cached_property
    def zones(self) -> pulumi.Output[Sequence[str]]:
        """The names of the Region's Availability Zones; who needs none of them does not ask."""
        return aws.get_availability_zones_output(
            state="available",
            # Local Zones and Wavelength Zones have to be opted in.
            filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
            exclude_zone_ids=UNSUPPORTED_ZONE_IDS,
            opts=self.options,
        ).names

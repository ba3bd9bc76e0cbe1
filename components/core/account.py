"""The account and Region of a stage, asked for once."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where a stage is deployed."""

    id: pulumi.Output[str]
    region: pulumi.Output[str]
    partition: pulumi.Output[str]

    @classmethod
    def current(cls, provider: aws.Provider) -> "Account":
        """Ask the provider, without blocking the program."""
        options = pulumi.InvokeOutputOptions(provider=provider)
        return cls(
            id=aws.get_caller_identity_output(opts=options).account_id,
            region=aws.get_region_output(opts=options).region,
            partition=aws.get_partition_output(opts=options).partition,
        )

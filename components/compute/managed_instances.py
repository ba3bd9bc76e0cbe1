"""Lambda Managed Instances: a function that runs on EC2 instances which Lambda manages."""

from dataclasses import dataclass, field
from typing import Any

from components.compute.capacity_provider import CapacityProvider
from components.compute.instance_size import InstanceSize
from components.core.checks import check, when

# The one version that Lambda makes anew with each publication, in place of numbered ones: of a
# capacity provider's 100 versions, a function takes one.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-version-publishing.html
PUBLISHED = "$LATEST.PUBLISHED"
# A version is active when its first environments are; their hosts are launched before.
PUBLICATION = "30m"
# Lambda's 64 characters, without `-managed-function` and eight of Pulumi's own.
LONGEST = 39


@dataclass(frozen=True, kw_only=True)
class ManagedInstances:
    """Whose instances a function runs on, and how large it is there.

    In Python, each request at the same time has a process of its own; all of them share `/tmp`.
    """

    provider: CapacityProvider
    size: InstanceSize = field(default_factory=InstanceSize)

    def attach(self, function: str) -> None:
        """Reserve the vCPUs that a function needs of its provider.

        Raises:
            ArgumentsError: when there is no room, or the name would make Lambda's too long.
        """
        check(
            when(
                len(function) > LONGEST,
                f"name is {function!r} with managed_instances: allowed is {LONGEST} characters",
            )
        )
        self.provider.attach(function, self.size)

    def inputs(self) -> dict[str, Any]:
        """Return the inputs by which a function differs from one of default Lambda."""
        instances: dict[str, Any] = {
            "capacity_provider_arn": self.provider.arn,
            "execution_environment_memory_gib_per_vcpu": float(self.size.memory_gib_per_vcpu),
        }
        if self.size.concurrency is not None:
            instances["per_execution_environment_max_concurrency"] = self.size.concurrency
        return {
            "capacity_provider_config": {
                "lambda_managed_instances_capacity_provider_config": instances
            },
            "memory_size": self.size.memory_mb,
            "publish_to": "LATEST_PUBLISHED",
        }

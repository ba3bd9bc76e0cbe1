"""Where a function is in a network, and the file system that it finds there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.core.checks import between, check, matches
from components.core.links import Grant

MOUNT = "elasticfilesystem:ClientMount"
WRITE = "elasticfilesystem:ClientWrite"


@dataclass(frozen=True, kw_only=True)
class VpcPlacement:
    """Subnets, in two zones or more, and security groups of a function that needs a network.

    With `ipv6`, the subnets are dual stack and the function goes out by IPv6 too.
    """

    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    ipv6: bool = False

    def __post_init__(self) -> None:
        # https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html
        check(
            between("number of subnet_ids", len(self.subnet_ids), 2, 16),
            between("number of security_group_ids", len(self.security_group_ids), 1, 5),
        )

    def inputs(self) -> dict[str, Any]:
        """Return the inputs of a function's placement."""
        return {
            "subnet_ids": list(self.subnet_ids),
            "security_group_ids": list(self.security_group_ids),
            **({"ipv6_allowed_for_dual_stack": True} if self.ipv6 else {}),
        }


@dataclass(frozen=True, kw_only=True)
class FileSystemMount:
    """An access point of EFS under a path such as `/mnt/models`.

    `mount_targets`, one in each zone of the function, are there before it is. Lambda mounts S3
    Files too, for which the provider has no setting yet.
    """

    access_point: aws.efs.AccessPoint
    mount_targets: Sequence[aws.efs.MountTarget] = ()
    path: str
    read_only: bool = False

    def __post_init__(self) -> None:
        # https://docs.aws.amazon.com/lambda/latest/api/API_FileSystemConfig.html
        check(
            matches(
                "path",
                self.path,
                r"(?=.{1,160}$)/mnt/[a-zA-Z0-9._-]+",
                "/mnt/ and letters, digits, '.', '_' and '-'",
            )
        )

    def inputs(self) -> dict[str, Any]:
        """Return the inputs of a function's file system."""
        return {"arn": self.access_point.arn, "local_mount_path": self.path}

    def grant(self) -> Grant:
        """Return what the function's role needs, through this access point and no other."""
        return Grant(
            actions=(MOUNT,) if self.read_only else (MOUNT, WRITE),
            resources=(self.access_point.file_system_arn,),
            conditions={"ArnEquals": {"elasticfilesystem:AccessPointArn": self.access_point.arn}},
        )

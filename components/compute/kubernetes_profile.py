"""A Fargate profile of a Kubernetes cluster: which of its pods run on Fargate."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.compute.kubernetes_cluster import ExistingCluster, KubernetesCluster
from components.compute.kubernetes_logs import logging_manifest
from components.compute.pod_selector import DNS, PodSelector
from components.compute.repository import PULL
from components.core import policies
from components.core.checks import between, check, check_fields, when
from components.core.encryption_key import EncryptionKey
from components.core.links import Grant
from components.core.logs import LogSettings, log_group, writer_grants
from components.core.names import check_name
from components.network.network import Network

__all__ = ["KubernetesProfile", "KubernetesProfileArgs", "PodSelector"]

# https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html
MOST_SELECTORS = 5
# https://docs.aws.amazon.com/eks/latest/userguide/fargate-pod-configuration.html
MOST_POD_VCPU = 16
MOST_POD_MEMORY_GB = 120
PODS = "eks-fargate-pods.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class KubernetesProfileArgs:
    """Settings of a KubernetesProfile.

    Pods that one of the `selectors` takes run on Fargate, in subnets of the network's `kind`. They
    may pull images of the `repositories`, by ARN. With `dns`, the profile runs the cluster's DNS
    too, which a cluster without nodes needs once. A cluster has one configuration of its pods'
    logs: its other profiles take the `log_group` of the first.
    """

    cluster: KubernetesCluster | ExistingCluster
    network: Network
    selectors: Sequence[PodSelector]
    kind: Literal["private", "isolated"] = "private"
    repositories: Sequence[pulumi.Input[str]] = ()
    dns: bool = False
    logs: LogSettings = field(default_factory=LogSettings)
    log_group: aws.cloudwatch.LogGroup | None = None
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        most = MOST_SELECTORS - self.dns
        check(
            between("number of selectors", len(self.selectors), 0 if self.dns else 1, most),
            when(
                self.log_group is not None and self.key is not None,
                "key is given with log_group, which has its own: allowed is one of the two",
            ),
        )


class KubernetesProfile(pulumi.ComponentResource):
    """A profile whose pods run on Fargate, in private subnets, with logs that are kept."""

    arn: pulumi.Output[str]
    log_group: aws.cloudwatch.LogGroup
    logging_manifest: pulumi.Output[str]
    """For `kubectl apply -f`: what makes Fargate send the pods' logs to the group."""

    def __init__(
        self, name: str, args: KubernetesProfileArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        subnet_ids = args.network.subnet_ids(args.kind)
        if args.key:
            args.key.check_service("logs", f"profile {name} logs")
        super().__init__("toolkit:compute:KubernetesProfile", name, {}, opts)
        self.name = name
        self.args = args
        self._child = pulumi.ResourceOptions(parent=self)
        key_arn = args.key.arn if args.key else None
        self.log_group = args.log_group or log_group(name, args.logs, key_arn, self._child)
        self.role = aws.iam.Role(
            f"{name}-role", assume_role_policy=self._trust(), opts=self._child
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=self.role.name,
            policy=policies.identity(self._grants()),
            opts=self._child,
        )
        self.profile = aws.eks.FargateProfile(
            f"{name}-profile",
            cluster_name=args.cluster.name,
            pod_execution_role_arn=self.role.arn,
            subnet_ids=subnet_ids,
            selectors=[each.inputs() for each in (*args.selectors, *([DNS] if args.dns else []))],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        if args.dns:
            self._run_dns()
        self.arn = self.profile.arn
        region = args.network.args.account.region
        self.logging_manifest = logging_manifest(region, self.log_group.name)
        self.register_outputs({"arn": self.arn, "log_group": self.log_group.name})

    def _trust(self) -> pulumi.Output[str]:
        """Let Fargate assume the role for this cluster's pods; it names no source account.

        https://docs.aws.amazon.com/eks/latest/userguide/pod-execution-role.html
        """
        account = self.args.network.args.account
        profiles = pulumi.Output.format(
            "arn:{0}:eks:{1}:{2}:fargateprofile/{3}/*",
            *(account.partition, account.region, account.id, self.args.cluster.name),
        )
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": PODS},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:SourceArn": profiles}},
        }
        return policies.document([statement])

    def _grants(self) -> list[Grant]:
        """Return what AmazonEKSFargatePodExecutionRolePolicy has, on named repositories, and logs.

        EKS's own images are in repositories `eks/…` of an account that differs by Region.
        """
        account = self.args.network.args.account
        own = pulumi.Output.format(
            "arn:{0}:ecr:{1}:*:repository/eks/*", account.partition, account.region
        )
        return [
            Grant(actions=("ecr:GetAuthorizationToken",), resources=("*",)),
            Grant(actions=PULL, resources=(own, *self.args.repositories)),
            *writer_grants(self.log_group),
        ]

    def _run_dns(self) -> None:
        aws.eks.Addon(
            f"{self.name}-dns",
            cluster_name=self.args.cluster.name,
            addon_name="coredns",
            configuration_values=json.dumps({"computeType": "Fargate"}),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.profile]),
        )

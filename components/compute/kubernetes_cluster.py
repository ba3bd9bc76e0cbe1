"""A Kubernetes cluster whose pods run on Fargate."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.addresses import ipv4_block
from components.core.checks import check, check_fields, matches, when
from components.core.encryption_key import EncryptionKey
from components.core.links import Grant
from components.core.logs import LogSettings
from components.core.names import check_name
from components.network.network import Network

# Standard support ends on 2027-03-27 for 1.35, for 1.34 on 2026-12-02; from then on a cluster
# costs six times as much.
# https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
VERSION = "1.35"
OLDEST_MINOR = 34
# https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
LEAST_ZONES = 2
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
# Kubernetes' own rights, which EKS keeps for clusters; not a policy of IAM's.
ADMINISTRATOR = "arn:{0}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
LOOK_UP = tuple(
    f"ec2:Describe{what}"
    for what in (
        *("AvailabilityZones", "DhcpOptions", "Instances", "InstanceTopology"),
        *("NetworkInterfaces", "Vpcs"),
    )
)


@dataclass(frozen=True, kw_only=True)
class ExistingCluster:
    """A cluster that another program made, by its name."""

    name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class KubernetesClusterArgs:
    """Settings of a KubernetesCluster; the cluster itself is billed by the hour.

    `key` encrypts its secrets and logs. The roles of `administrators` have all rights in it, and
    nobody else has any, whoever made it included. Its API is reached from the network, and from
    the blocks of `public_access_cidrs`. `kind` is of the subnets where its network interfaces are.
    """

    network: Network
    key: EncryptionKey
    administrators: Sequence[pulumi.Input[str]]
    version: str = VERSION
    kind: Literal["private", "isolated"] = "private"
    public_access_cidrs: Sequence[str] = ()
    logs: LogSettings = field(default_factory=LogSettings)
    protect: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            when(not self.administrators, "administrators is empty: allowed is one role or more"),
            matches("version", self.version, r"1\.\d\d", f"1.{OLDEST_MINOR} or later"),
            *(_block_mistake(block) for block in self.public_access_cidrs),
        )
        check(
            when(
                int(self.version[2:]) < OLDEST_MINOR,
                f"version is {self.version!r}: allowed is 1.{OLDEST_MINOR} or later, which has "
                "standard support",
            )
        )


class KubernetesCluster(pulumi.ComponentResource):
    """A cluster with a private API, encrypted secrets, and all logs of its control plane."""

    name: pulumi.Output[str]
    endpoint: pulumi.Output[str]

    def __init__(
        self, name: str, args: KubernetesClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        subnet_ids = args.network.subnet_ids(args.kind)
        check(
            when(
                len(subnet_ids) < LEAST_ZONES,
                f"zones of network {args.network.name} is {len(subnet_ids)}: allowed is "
                f"{LEAST_ZONES} or more",
            )
        )
        args.key.check_service("logs", f"cluster {name} logs")
        super().__init__("toolkit:compute:KubernetesCluster", name, {}, opts)
        self.logical_name = name
        self.args = args
        self._child = pulumi.ResourceOptions(parent=self)
        # EKS writes to the group of this name, and would make it without key and retention.
        physical = _physical(name)
        self.logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/eks/{physical}/cluster",
            retention_in_days=args.logs.retention_days,
            kms_key_id=args.key.arn,
            opts=self._child,
        )
        self.cluster = self._cluster(physical, subnet_ids)
        self.name = self.cluster.name
        self.endpoint = self.cluster.endpoint
        for number, role_arn in enumerate(args.administrators, 1):
            self._let_in(f"{name}-administrator-{number}", role_arn)
        self.register_outputs({"name": self.name, "endpoint": self.endpoint})

    def _cluster(self, physical: str, subnet_ids: Sequence[pulumi.Output[str]]) -> aws.eks.Cluster:
        args = self.args
        role, policy = self._role()
        return aws.eks.Cluster(
            f"{self.logical_name}-cluster",
            name=physical,
            role_arn=role.arn,
            version=args.version,
            # At the end of standard support, EKS moves it to the next version.
            upgrade_policy={"support_type": "STANDARD"},
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=subnet_ids,
                endpoint_private_access=True,
                endpoint_public_access=bool(args.public_access_cidrs),
                public_access_cidrs=list(args.public_access_cidrs) or None,
            ),
            encryption_config={
                "provider": {"key_arn": args.key.arn},
                "resources": ["secrets"],
            },
            access_config={
                "authentication_mode": "API",
                "bootstrap_cluster_creator_admin_permissions": False,
            },
            enabled_cluster_log_types=LOG_TYPES,
            # They are for nodes: Fargate brings its own, but for DNS.
            bootstrap_self_managed_addons=False,
            deletion_protection=args.protect,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[policy, self.logs], protect=args.protect
            ),
        )

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """Make the cluster's role; these are the least rights that EKS asks for.

        https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html has them beside
        AmazonEKSClusterPolicy, which adds load balancers of the old kind: those know no Fargate.
        """
        role = aws.iam.Role(
            f"{self.logical_name}-role",
            assume_role_policy=policies.trust("eks.amazonaws.com"),
            opts=self._child,
        )
        account = self.args.network.args.account
        where = (account.partition, account.region, account.id)
        tag = Grant(
            actions=("ec2:CreateTags",),
            resources=(pulumi.Output.format("arn:{0}:ec2:{1}:{2}:instance/*", *where),),
            conditions={"ForAnyValue:StringLike": {"aws:TagKeys": "kubernetes.io/cluster/*"}},
        )
        grants = [
            tag,
            Grant(actions=LOOK_UP, resources=("*",)),
            Grant(actions=("kms:DescribeKey",), resources=(self.args.key.arn,)),
        ]
        policy = aws.iam.RolePolicy(
            f"{self.logical_name}-policy",
            role=role.name,
            policy=policies.identity(grants),
            opts=self._child,
        )
        return role, policy

    def _let_in(self, name: str, role_arn: pulumi.Input[str]) -> None:
        entry = aws.eks.AccessEntry(
            name, cluster_name=self.name, principal_arn=role_arn, opts=self._child
        )
        aws.eks.AccessPolicyAssociation(
            f"{name}-rights",
            cluster_name=self.name,
            principal_arn=entry.principal_arn,
            policy_arn=self.args.network.args.account.partition.apply(ADMINISTRATOR.format),
            access_scope={"type": "cluster"},
            opts=self._child,
        )


def _physical(name: str) -> str:
    physical = f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}"
    # https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
    check(
        matches(
            "name of the cluster",
            physical,
            r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}",
            "1 to 100 letters, digits, - and _",
        )
    )
    return physical


def _block_mistake(text: str) -> str | None:
    block = ipv4_block(text)
    return when(
        block is None or block.prefixlen == 0,
        f"public_access_cidrs has {text!r}: allowed is an IPv4 block of your own, such as "
        "203.0.113.0/24",
    )

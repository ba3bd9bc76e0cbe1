"""Programs of Kubernetes clusters and of their profiles."""

from collections.abc import Callable

from components.compute.kubernetes_cluster import (
    ExistingCluster,
    KubernetesCluster,
    KubernetesClusterArgs,
)
from components.compute.kubernetes_profile import (
    KubernetesProfile,
    KubernetesProfileArgs,
    PodSelector,
)
from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.network.network import Network, NetworkArgs
from tests.contracts.examples.network import account

ADMINISTRATOR = "arn:aws:iam::123456789012:role/administrator"
REPOSITORY = "arn:aws:ecr:eu-central-1:123456789012:repository/shop"


def network(where: Account) -> Network:
    return Network("shop", NetworkArgs(account=where, public=True, nat="one"))


def data_key(where: Account) -> EncryptionKey:
    return EncryptionKey("data", EncryptionKeyArgs(account=where, services=("logs",)))


def cluster(where: Account | None = None) -> KubernetesCluster:
    where = where or account()
    return KubernetesCluster(
        "shop",
        KubernetesClusterArgs(
            network=network(where),
            key=data_key(where),
            administrators=(ADMINISTRATOR,),
            public_access_cidrs=("203.0.113.0/24",),
            protect=True,
        ),
    )


def profile() -> KubernetesProfile:
    where = account()
    made = cluster(where)
    selectors = [
        PodSelector(namespace="shop"),
        PodSelector(namespace="jobs-*", labels={"example.com/compute": "fargate"}),
    ]
    first = KubernetesProfile(
        "pods",
        KubernetesProfileArgs(
            cluster=made,
            network=made.args.network,
            selectors=selectors,
            repositories=(REPOSITORY,),
            dns=True,
            key=made.args.key,
        ),
    )
    KubernetesProfile(
        "tools",
        KubernetesProfileArgs(
            cluster=ExistingCluster(name="shop"),
            network=made.args.network,
            selectors=[PodSelector(namespace="tools")],
            log_group=first.log_group,
        ),
    )
    return first


EXAMPLES: dict[type, Callable[[], object]] = {
    KubernetesCluster: cluster,
    KubernetesProfile: profile,
}

"""Pods on Fargate, for teams that are on Kubernetes already."""

from collections.abc import Sequence

from components.compute.kubernetes_cluster import KubernetesCluster, KubernetesClusterArgs
from components.compute.kubernetes_profile import (
    KubernetesProfile,
    KubernetesProfileArgs,
    PodSelector,
)
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.network.network import Network
from system.context import Context


class Kubernetes:
    """A cluster without nodes, whose pods in the namespace `orders` run on Fargate."""

    def __init__(self, context: Context, network: Network, administrators: Sequence[str]) -> None:
        settings = context.settings
        # Secrets in a cluster are encrypted with a key of ours in any stage.
        key = context.key or EncryptionKey(
            "kubernetes",
            EncryptionKeyArgs(
                account=context.account, services=("logs",), protect=settings.protect
            ),
            context.opts,
        )
        cluster = KubernetesCluster(
            "orders",
            KubernetesClusterArgs(
                network=network,
                key=key,
                administrators=administrators,
                logs=settings.logs,
                protect=settings.protect,
            ),
            context.opts,
        )
        self.profile = KubernetesProfile(
            "orders",
            KubernetesProfileArgs(
                cluster=cluster,
                network=network,
                selectors=[PodSelector(namespace="orders")],
                dns=True,
                logs=settings.logs,
                key=key,
            ),
            context.opts,
        )

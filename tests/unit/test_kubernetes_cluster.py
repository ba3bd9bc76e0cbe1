from collections.abc import Callable
from typing import Any

import pytest

from components.compute.kubernetes_cluster import KubernetesCluster, KubernetesClusterArgs
from components.core.checks import ArgumentsError
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.network.network import Network, NetworkArgs
from tests.contracts.examples.kubernetes import ADMINISTRATOR
from tests.contracts.examples.network import account
from tests.recording import Deployment, deploy


def made(
    network: dict[str, Any] | None = None, services: tuple[str, ...] = ("logs",), **settings: Any
) -> Callable[[], None]:
    def program() -> None:
        where = account()
        key = EncryptionKey("data", EncryptionKeyArgs(account=where, services=services))
        inside = Network("shop", NetworkArgs(account=where, **(network or {})))
        args = {"network": inside, "key": key, "administrators": (ADMINISTRATOR,), **settings}
        KubernetesCluster("shop", KubernetesClusterArgs(**args))

    return program


def clustered(**settings: Any) -> Deployment:
    return deploy(made(**settings))


def test_a_cluster_is_private_and_encrypted_and_supported() -> None:
    deployment = clustered()
    cluster = deployment.inputs("cluster:Cluster")
    assert cluster["vpcConfig"] == {
        "subnetIds": ["shop-private-1-id", "shop-private-2-id"],
        "endpointPrivateAccess": True,
        "endpointPublicAccess": False,
    }
    assert cluster["version"] == "1.35"
    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    key = deployment.arn("key:Key")
    assert cluster["encryptionConfig"] == {
        "provider": {"keyArn": key},
        "resources": ["secrets"],
    }
    assert cluster["bootstrapSelfManagedAddons"] is False


def test_a_clusters_logs_are_kept_in_a_group_that_is_there_before_it() -> None:
    deployment = clustered()
    cluster = deployment.one("cluster:Cluster")
    assert cluster.inputs["enabledClusterLogTypes"] == [
        *("api", "audit", "authenticator", "controllerManager", "scheduler")
    ]
    logs = deployment.inputs("LogGroup", "shop-logs")
    assert logs["name"] == "/aws/eks/orders-test-shop/cluster"
    assert cluster.inputs["name"] == "orders-test-shop"
    assert logs["kmsKeyId"] == deployment.arn("key:Key")
    assert {"shop-logs", "shop-policy"} <= set(cluster.depends_on)


def test_a_clusters_role_may_what_eks_asks_for_at_least() -> None:
    deployment = clustered()
    trust = deployment.document("role:Role", "shop-role", key="assumeRolePolicy")["Statement"][0]
    assert trust["Principal"] == {"Service": "eks.amazonaws.com"}
    tag, look, key = deployment.document("RolePolicy", "shop-policy")["Statement"]
    assert tag["Resource"] == ["arn:aws:ec2:eu-central-1:123456789012:instance/*"]
    assert tag["Condition"] == {
        "ForAnyValue:StringLike": {"aws:TagKeys": "kubernetes.io/cluster/*"}
    }
    assert "ec2:DescribeInstanceTopology" in look["Action"]
    assert (key["Action"], key["Resource"]) == (["kms:DescribeKey"], [deployment.arn("key:Key")])
    assert not deployment.all("RolePolicyAttachment")


def test_only_administrators_have_rights_in_a_cluster() -> None:
    deployment = clustered()
    access = deployment.inputs("cluster:Cluster")["accessConfig"]
    assert access == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    entry = deployment.inputs("AccessEntry", "shop-administrator-1")
    assert entry["principalArn"] == ADMINISTRATOR
    rights = deployment.inputs("AccessPolicyAssociation")
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    assert (rights["policyArn"], rights["principalArn"]) == (policy, ADMINISTRATOR)
    assert rights["accessScope"] == {"type": "cluster"}


def test_a_clusters_api_is_reached_from_named_blocks_only() -> None:
    vpc = clustered(public_access_cidrs=("203.0.113.0/24",)).inputs("cluster:Cluster")["vpcConfig"]
    assert vpc["endpointPublicAccess"] is True
    assert vpc["publicAccessCidrs"] == ["203.0.113.0/24"]


def test_a_cluster_of_prod_is_not_deleted() -> None:
    deployment = clustered(protect=True)
    cluster = deployment.one("cluster:Cluster")
    assert cluster.protect
    assert cluster.inputs["deletionProtection"] is True
    assert clustered().inputs("cluster:Cluster")["deletionProtection"] is False


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"administrators": ()}, "administrators is empty: allowed is one role or more"),
        ({"version": "1.33"}, "version is '1.33': allowed is 1.34 or later, which has standard"),
        ({"version": "latest"}, "version is 'latest': allowed is 1.34 or later"),
        *(
            ({"public_access_cidrs": (block,)}, f"public_access_cidrs has '{block}': allowed is")
            for block in ("0.0.0.0/0", "203.0.113.1/24", "::/0", "office")
        ),
        ({"network": {"zones": 1}}, "zones of network shop is 1: allowed is 2 or more"),
        ({"kind": "isolated"}, "subnets of network shop are private: allowed is with isolated"),
        ({"services": ()}, "cluster shop logs: services of key data are none: allowed is with"),
    ],
)
def test_a_cluster_that_eks_would_refuse_or_that_is_open_is_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        clustered(**settings)
    assert message in str(caught.value)


def test_the_oldest_supported_version_and_a_later_one_are_allowed() -> None:
    for version in ("1.34", "1.40"):
        assert clustered(version=version).inputs("cluster:Cluster")["version"] == version


def test_a_cluster_has_a_name_that_eks_takes() -> None:
    for stack, fits in (("s" * 88, True), ("s" * 89, False), ("a.b", False)):
        if fits:
            cluster = deploy(made(), stack=stack).inputs("cluster:Cluster")
            assert len(cluster["name"]) == 100
        else:
            with pytest.raises(ArgumentsError, match="name of the cluster is 'orders-"):
                deploy(made(), stack=stack)

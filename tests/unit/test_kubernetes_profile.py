import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.compute.kubernetes_cluster import ExistingCluster
from components.compute.kubernetes_profile import (
    KubernetesProfile,
    KubernetesProfileArgs,
    PodSelector,
)
from components.core.checks import ArgumentsError
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.network.network import Network, NetworkArgs
from tests.contracts.examples.kubernetes import REPOSITORY, profile
from tests.contracts.examples.network import account
from tests.recording import Deployment, deploy

ECR = "arn:aws:ecr:eu-central-1:*:repository/eks/*"
GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:shop-logs"
SHOP = (PodSelector(namespace="shop"),)


def profiled(network: dict[str, Any] | None = None, **settings: Any) -> Deployment:
    def program() -> None:
        inside = Network("shop", NetworkArgs(account=account(), **(network or {})))
        args = {"cluster": ExistingCluster(name="platform"), "network": inside}
        KubernetesProfile("shop", KubernetesProfileArgs(**{**args, "selectors": SHOP, **settings}))

    return deploy(program)


def test_pods_of_a_profile_run_in_private_subnets() -> None:
    selectors = (*SHOP, PodSelector(namespace="jobs-*", labels={"size": "large"}))
    made = profiled(selectors=selectors).inputs("fargateProfile:FargateProfile")
    assert made["clusterName"] == "platform"
    assert made["subnetIds"] == ["shop-private-1-id", "shop-private-2-id"]
    assert made["selectors"] == [
        {"namespace": "shop"},
        {"namespace": "jobs-*", "labels": {"size": "large"}},
    ]
    isolated = profiled({"isolated": True}, kind="isolated")
    subnets = isolated.inputs("fargateProfile:FargateProfile")["subnetIds"]
    assert subnets == ["shop-isolated-1-id", "shop-isolated-2-id"]


def test_their_role_is_assumed_for_this_cluster_and_pulls_named_images_only() -> None:
    deployment = profiled(repositories=(REPOSITORY,))
    trust = deployment.document("role:Role", "shop-role", key="assumeRolePolicy")["Statement"][0]
    assert trust["Principal"] == {"Service": "eks-fargate-pods.amazonaws.com"}
    profiles = "arn:aws:eks:eu-central-1:123456789012:fargateprofile/platform/*"
    assert trust["Condition"] == {"ArnLike": {"aws:SourceArn": profiles}}
    token, pull, write, look = deployment.document("RolePolicy", "shop-policy")["Statement"]
    assert (token["Action"], token["Resource"]) == (["ecr:GetAuthorizationToken"], ["*"])
    assert pull["Resource"] == [ECR, REPOSITORY]
    assert write["Resource"] == [f"{GROUP}:log-stream:*"]
    assert look["Resource"] == [f"{GROUP}:*"]
    assert not deployment.all("RolePolicyAttachment")


def test_their_logs_are_configured_by_a_manifest() -> None:
    made: list[str] = []

    def program() -> pulumi.Output[None]:
        return profile().logging_manifest.apply(made.append)

    deploy(program)
    namespace, config = json.loads(made[0])["items"]
    assert namespace["metadata"] == {
        "name": "aws-observability",
        "labels": {"aws-observability": "enabled"},
    }
    assert config["metadata"] == {"name": "aws-logging", "namespace": "aws-observability"}
    lines = config["data"]["output.conf"].splitlines()
    assert lines[0] == "[OUTPUT]"
    assert "    log_group_name pods-logs-1234567" in lines
    assert "    region eu-central-1" in lines
    assert "    auto_create_group false" in lines


def test_a_profile_runs_the_clusters_dns_when_asked() -> None:
    assert not profiled().all("Addon")
    deployment = profiled(selectors=(), dns=True)
    made = deployment.inputs("fargateProfile:FargateProfile")
    assert made["selectors"] == [{"namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}]
    addon = deployment.one("Addon", "shop-dns")
    assert addon.inputs["addonName"] == "coredns"
    assert json.loads(addon.inputs["configurationValues"]) == {"computeType": "Fargate"}
    assert "shop-profile" in addon.depends_on


def test_another_profile_writes_to_the_logs_of_the_first() -> None:
    deployment = deploy(profile)
    assert not [each for each in deployment.all("LogGroup") if each.name.startswith("tools")]
    write = deployment.document("RolePolicy", "tools-policy")["Statement"][2]
    shared = GROUP.replace("shop-logs", "pods-logs")
    assert write["Resource"] == [f"{shared}:log-stream:*"]


def keyed(*services: str, shared: bool = False) -> Callable[[], None]:
    def program() -> None:
        where = account()
        key = EncryptionKey("data", EncryptionKeyArgs(account=where, services=services))
        inside = Network("shop", NetworkArgs(account=where))
        group = inside.flow_logs if shared else None
        cluster = ExistingCluster(name="platform")
        args = KubernetesProfileArgs(
            cluster=cluster, network=inside, selectors=SHOP, key=key, log_group=group
        )
        KubernetesProfile("shop", args)

    return program


def test_pods_logs_are_encrypted_with_a_key_that_lets_logs_in() -> None:
    deployment = deploy(keyed("logs"))
    assert deployment.inputs("LogGroup", "shop-logs")["kmsKeyId"] == deployment.arn("key:Key")
    with pytest.raises(ArgumentsError, match="profile shop logs: services of key data are none"):
        deploy(keyed())
    with pytest.raises(ArgumentsError, match="key is given with log_group, which has its own"):
        deploy(keyed("logs", shared=True))


def some(number: int) -> tuple[PodSelector, ...]:
    return tuple(PodSelector(namespace=f"n{n}") for n in range(number))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"selectors": ()}, "number of selectors is 0: allowed is 1 to 5"),
        ({"selectors": some(6)}, "number of selectors is 6: allowed is 1 to 5"),
        ({"selectors": some(5), "dns": True}, "number of selectors is 5: allowed is 0 to 4"),
        ({"kind": "isolated"}, "subnets of network shop are private: allowed is with isolated"),
    ],
)
def test_a_profile_that_eks_would_refuse_is_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError, match=message):
        profiled(**settings)


def test_a_profile_has_five_selectors() -> None:
    for settings in ({"selectors": some(5)}, {"selectors": some(4), "dns": True}):
        made = profiled(**settings).inputs("fargateProfile:FargateProfile")
        assert len(made["selectors"]) == 5


def labels(number: int) -> dict[str, str]:
    return {f"l{n}": "v" for n in range(number)}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"namespace": ""}, "namespace is '': allowed is 1 to 63 lower-case letters"),
        ({"namespace": "a" * 64}, "allowed is 1 to 63 lower-case letters"),
        ({"namespace": "Shop"}, "namespace is 'Shop': allowed is 1 to 63"),
        ({"namespace": "shop-"}, "namespace is 'shop-': allowed is 1 to 63"),
        ({"labels": labels(6)}, "number of labels is 6: allowed is 0 to 5"),
        ({"labels": {"a b": "v"}}, "label is 'a b': allowed is 63 letters"),
        ({"labels": {"a" * 64: "v"}}, "allowed is 63 letters"),
        ({"labels": {"a": "b c"}}, "label a is 'b c': allowed is 63 letters"),
        ({"labels": {"a": "b" * 64}}, "allowed is 63 letters"),
    ],
)
def test_a_selector_that_kubernetes_does_not_know_is_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError, match=message):
        PodSelector(**{"namespace": "shop", **settings})


def test_a_selector_has_five_labels_and_long_names() -> None:
    long = {"example.com/" + "a" * 63: "b" * 63, "c": ""}
    assert PodSelector(namespace="a" * 63, labels=long)
    assert PodSelector(namespace="*", labels=labels(5))

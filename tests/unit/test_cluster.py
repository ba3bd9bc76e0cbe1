import pytest

from components.compute.cluster import Cluster, ClusterArgs
from components.core.checks import ArgumentsError
from tests.contracts.examples.containers import cluster
from tests.recording import deploy

GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:jobs-exec-logs"


def test_a_cluster_is_measured_and_has_capacity_of_both_kinds() -> None:
    deployment = deploy(lambda: Cluster("jobs") and None)
    made = deployment.inputs("cluster:Cluster")
    assert made == {"settings": [{"name": "containerInsights", "value": "enabled"}]}
    capacity = deployment.inputs("ClusterCapacityProviders")
    assert capacity["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert capacity["defaultCapacityProviderStrategies"] == [
        {"capacityProvider": "FARGATE", "weight": 1}
    ]


def test_what_people_do_in_containers_is_encrypted_and_logged() -> None:
    deployment = deploy(lambda: cluster() and None)
    made = deployment.inputs("cluster:Cluster")["configuration"]["executeCommandConfiguration"]
    assert made["kmsKeyId"] == deployment.arn("key:Key")
    assert made["logging"] == "OVERRIDE"
    assert made["logConfiguration"]["cloudWatchEncryptionEnabled"] is True
    assert made["logConfiguration"]["cloudWatchLogGroupName"] == "jobs-exec-logs-1234567"
    assert deployment.inputs("LogGroup")["kmsKeyId"] == deployment.arn("key:Key")


def test_nobody_is_let_in_without_a_key() -> None:
    with pytest.raises(ArgumentsError, match="key is None with exec: allowed is a key"):
        ClusterArgs(exec=True)


def test_a_cluster_that_lets_nobody_in_has_no_rights_for_it() -> None:
    with pytest.raises(ArgumentsError, match="exec of cluster jobs is False: allowed is True"):
        deploy(lambda: Cluster("jobs").exec_grants() and None)

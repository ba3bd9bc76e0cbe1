from collections.abc import Callable
from typing import Any

import pytest

from components.compute.container_service import Capacity, ContainerService
from components.core.checks import ArgumentsError
from tests.contracts.examples.containers import GROUPS, SUBNETS, service
from tests.recording import Deployment, deploy
from tests.unit.serving import service_args

Use = Callable[[ContainerService], object]


def deployed(use: Use = id, **settings: Any) -> Deployment:
    return deploy(lambda: use(ContainerService("work", service_args(**settings))) and None)


def test_a_service_runs_in_private_on_the_latest_platform_and_its_tags_reach_tasks() -> None:
    made = deployed().inputs("service:Service")
    assert made["networkConfiguration"] == {
        "subnets": list(SUBNETS),
        "securityGroups": list(GROUPS),
        "assignPublicIp": False,
    }
    assert made["platformVersion"] == "LATEST"
    assert made["propagateTags"] == "SERVICE"
    assert made["enableEcsManagedTags"] is True
    assert made["enableExecuteCommand"] is False


def test_a_public_address_is_asked_for() -> None:
    made = deployed(public_ip=True).inputs("service:Service")
    assert made["networkConfiguration"]["assignPublicIp"] is True


def test_a_failed_deployment_rolls_back_and_fails() -> None:
    made = deployed().inputs("service:Service")
    assert made["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert made["waitForSteadyState"] is True
    assert made["deploymentMinimumHealthyPercent"] == 100
    assert made["deploymentMaximumPercent"] == 200
    assert made["availabilityZoneRebalancing"] == "ENABLED"


def test_a_deployment_need_not_be_waited_for() -> None:
    assert deployed(wait_minutes=0).inputs("service:Service")["waitForSteadyState"] is False


def test_a_service_that_ends_tasks_before_it_starts_others_is_not_rebalanced() -> None:
    made = deployed(minimum_healthy_percent=50, maximum_percent=100).inputs("service:Service")
    assert made["availabilityZoneRebalancing"] == "DISABLED"


def test_a_service_starts_after_its_rights_and_the_clusters_capacity() -> None:
    depends_on = deployed().one("service:Service").depends_on
    assert {"work-task-protection-policy", "jobs-capacity"} <= set(depends_on)


def test_tasks_may_protect_themselves_and_others_of_the_cluster_only() -> None:
    (statement,) = deployed().document("RolePolicy", "protection-policy")["Statement"]
    arn = "arn:aws:ecs:eu-central-1:123456789012"
    assert statement["Action"] == ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"]
    assert statement["Resource"] == [f"{arn}:task/jobs-cluster/*"]
    assert statement["Condition"] == {"ArnEquals": {"ecs:cluster": f"{arn}:cluster/jobs-cluster"}}


def test_the_logs_are_those_of_the_service() -> None:
    text = deployed().inputs("TaskDefinition")["containerDefinitions"]
    assert '{"name": "POWERTOOLS_SERVICE_NAME", "value": "work"}' in text


@pytest.mark.parametrize(
    ("base", "spot", "shares"),
    [
        (0, 0, [("FARGATE", 0, 1)]),
        (3, 0, [("FARGATE", 3, 1)]),
        (1, 80, [("FARGATE", 1, 1), ("FARGATE_SPOT", 0, 4)]),
        (0, 33, [("FARGATE", 0, 67), ("FARGATE_SPOT", 0, 33)]),
        (2, 99, [("FARGATE", 2, 1), ("FARGATE_SPOT", 0, 99)]),
        (0, 100, [("FARGATE_SPOT", 0, 1)]),
    ],
)
def test_spot_has_its_share_beyond_the_base(
    base: int, spot: int, shares: list[tuple[str, int, int]]
) -> None:
    made = deployed(capacity=Capacity(on_demand_base=base, spot_percent=spot))
    strategies = made.inputs("service:Service")["capacityProviderStrategies"]
    assert [(s["capacityProvider"], s["base"], s["weight"]) for s in strategies] == shares


def test_a_base_on_demand_needs_a_share_there() -> None:
    with pytest.raises(ArgumentsError, match="spot_percent is 100 with an on_demand_base of 1"):
        Capacity(on_demand_base=1, spot_percent=100)


@pytest.mark.parametrize(("most", "ignored"), [(None, []), (4, ["desiredCount"])])
def test_a_deployment_sets_the_number_of_tasks_exactly_when_nothing_scales_it(
    most: int | None, ignored: list[str]
) -> None:
    deployment = deployed(min_tasks=2, max_tasks=most)
    made = deployment.one("service:Service")
    assert made.inputs["desiredCount"] == 2
    assert made.ignore_changes == ignored
    assert len(deployment.all("appautoscaling/target:Target")) == len(ignored)


def test_what_is_scaled_is_the_number_of_tasks_between_its_bounds() -> None:
    assert deployed(min_tasks=2, max_tasks=4).inputs("appautoscaling/target:Target") == {
        "serviceNamespace": "ecs",
        "resourceId": "service/jobs-cluster-1234567/work-service-1234567",
        "scalableDimension": "ecs:service:DesiredCount",
        "minCapacity": 2,
        "maxCapacity": 4,
    }


@pytest.mark.parametrize(
    ("use", "metric", "percent"),
    [
        (lambda made: made.scale_on_cpu(50), "ECSServiceAverageCPUUtilization", 50),
        (lambda made: made.scale_on_memory(), "ECSServiceAverageMemoryUtilization", 70),
    ],
)
def test_tasks_follow_the_use_of_cpu_or_memory(use: Use, metric: str, percent: int) -> None:
    policy = deployed(use, max_tasks=4).inputs("appautoscaling/policy:Policy")
    assert policy["policyType"] == "TargetTrackingScaling"
    assert policy["targetTrackingScalingPolicyConfiguration"] == {
        "targetValue": percent,
        "predefinedMetricSpecification": {"predefinedMetricType": metric},
    }


@pytest.mark.parametrize("use", [ContainerService.scale_on_cpu, ContainerService.scale_on_memory])
def test_none_have_no_average_to_follow(use: Use) -> None:
    with pytest.raises(ArgumentsError, match=r"min_tasks of work is 0, .*: allowed is 1 or more"):
        deployed(use, min_tasks=0, max_tasks=4)
    with pytest.raises(ArgumentsError, match="max_tasks of work is None, and it is to scale"):
        deployed(use)


@pytest.mark.parametrize("percent", [0.5, 101])
def test_a_percentage_is_one(percent: float) -> None:
    with pytest.raises(ArgumentsError, match=r"percent is .*: allowed is 1 to 100"):
        deployed(lambda made: made.scale_on_cpu(percent), max_tasks=4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_tasks": 3, "max_tasks": 3}, "max_tasks is 3: allowed is more than min_tasks, 3"),
        ({"maximum_percent": 100}, "are 100: allowed is a difference"),
        ({"subnet_ids": ()}, "number of subnet_ids is 0: allowed is 1 to 16"),
        ({"subnet_ids": ["s"] * 17}, "number of subnet_ids is 17: allowed is 1 to 16"),
        ({"security_group_ids": ()}, "number of security_group_ids is 0: allowed is 1 to 5"),
        ({"security_group_ids": ["g"] * 6}, "number of security_group_ids is 6: allowed is 1"),
        ({"exec": True}, "exec of cluster jobs is False: allowed is True"),
    ],
)
def test_what_ecs_would_refuse_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        deployed(**settings)


def test_the_most_subnets_and_security_groups_are_taken() -> None:
    deployed(subnet_ids=["s"] * 16, security_group_ids=["g"] * 5, max_tasks=2)


def test_people_are_let_in_where_service_and_cluster_say_so() -> None:
    deployment = deploy(lambda: service() and None)
    made = deployment.one("service:Service", "importer-service")
    assert made.inputs["enableExecuteCommand"] is True
    assert "importer-task-jobs-exec-policy" in made.depends_on

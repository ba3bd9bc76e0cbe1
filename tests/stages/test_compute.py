"""Where each stage runs what is no plain function, and what a setting of it changes."""

from typing import Any

import pytest

from tests.contracts.stages import STAGES, deploy_stage
from tests.recording import Deployment

INSTANCES = "lambda/capacityProvider:CapacityProvider"
FARGATE_MEMORY_MB = {
    256: (512, 2_048),
    512: (1_024, 4_096),
    1_024: (2_048, 8_192),
    2_048: (4_096, 16_384),
    4_096: (8_192, 30_720),
}


def names(deployment: Deployment) -> set[str]:
    return set(deployment.names())


def aggregate(deployment: Deployment) -> dict[str, Any]:
    (function,) = (
        each
        for each in deployment.all("lambda/function:Function")
        if each.name.startswith("aggregate-orders")
    )
    return function.inputs


def test_prod_runs_statistics_on_instances_in_three_zones() -> None:
    prod = deploy_stage("prod")
    provider = prod.inputs(INSTANCES)
    subnets = {each.name: each.inputs for each in prod.all("ec2/subnet:Subnet")}
    assert len({each["availabilityZone"] for each in subnets.values()}) == 3
    assert provider["vpcConfig"]["subnetIds"] == [f"{name}-id" for name in sorted(subnets)]
    function = aggregate(prod)
    settings = function["capacityProviderConfig"]["lambdaManagedInstancesCapacityProviderConfig"]
    ratio = settings["executionEnvironmentMemoryGibPerVcpu"]
    assert ratio in (2, 4, 8)
    assert 2_048 <= function["memorySize"] <= 32_768
    assert function["memorySize"] % (ratio * 1_024) == 0
    assert function["publishTo"] == "LATEST_PUBLISHED"
    environments = prod.inputs("lambda/functionScalingConfig:FunctionScalingConfig")
    assert environments["functionScalingConfig"]["minExecutionEnvironments"] >= 3


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_no_other_stage_has_instances(stage: str) -> None:
    deployment = deploy_stage(stage)
    assert not deployment.all(INSTANCES)
    assert "capacityProviderConfig" not in aggregate(deployment)


def test_a_switch_to_instances_replaces_the_function_of_statistics_and_nothing_else() -> None:
    on, off = deploy_stage("prod"), deploy_stage("prod", analytics_instances=None)
    gone, new = names(off) - names(on), names(on) - names(off)
    assert "aws:lambda/function:Function aggregate-orders-function" in gone
    assert "aws:lambda/function:Function aggregate-orders-managed-function" in new
    assert all(" aggregate-orders-" in each for each in gone)
    assert all(" aggregate-orders-" in each or " analytics" in each for each in new)
    # What stays has the same inputs, but where they name the other function.
    before: dict[str, list[Any]] = {}
    for each in off.resources:
        before.setdefault(f"{each.type} {each.name}", []).append(each.inputs)
    for each in on.resources:
        if each.inputs not in before.get(f"{each.type} {each.name}", [each.inputs]):
            assert each.name.startswith(("aggregate-orders-", "order-events-aggregate-orders"))


@pytest.mark.parametrize(
    ("stage", "least", "most"), [("local", 0, 1), ("dev", 0, 2), ("prod", 1, 20)]
)
def test_containers_are_as_many_and_as_large_as_fargate_takes(
    stage: str, least: int, most: int
) -> None:
    deployment = deploy_stage(stage)
    target = deployment.inputs("appautoscaling/target:Target", "importer-target")
    assert (target["minCapacity"], target["maxCapacity"]) == (least, most)
    for task in deployment.all("ecs/taskDefinition:TaskDefinition"):
        low, high = FARGATE_MEMORY_MB[int(task.inputs["cpu"])]
        assert low <= int(task.inputs["memory"]) <= high


@pytest.mark.parametrize("stage", STAGES)
def test_only_prod_is_without_public_addresses(stage: str) -> None:
    deployment = deploy_stage(stage)
    (service,) = deployment.all("ecs/service:Service")
    public = service.inputs["networkConfiguration"]["assignPublicIp"]
    assert public == (stage != "prod")
    assert bool(deployment.all("ec2/vpcEndpoint:VpcEndpoint")) == (stage == "prod")
    assert not deployment.all("ec2/natGateway:NatGateway")


def test_without_an_image_the_jobs_wait() -> None:
    importer = {"image_digest": None}
    deployment = deploy_stage("dev", importer=importer)
    assert not deployment.all("ecs/service:Service")
    assert deployment.one("sqs/queue:Queue", "imports-jobs-queue")
    assert deployment.one("ecr/repository:Repository")


@pytest.mark.parametrize("stage", STAGES)
def test_kubernetes_is_off_until_a_stage_names_its_administrators(stage: str) -> None:
    assert not deploy_stage(stage).all("eks/fargateProfile:FargateProfile")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_one_setting_runs_pods_on_fargate(stage: str) -> None:
    administrators = ["arn:aws:iam::123456789012:role/administrator"]
    deployment = deploy_stage(stage, kubernetes={"administrators": administrators})
    profile = deployment.inputs("eks/fargateProfile:FargateProfile")
    assert {"namespace": "orders"} in profile["selectors"]
    # Without a way out, pods reach the images and their credentials by endpoints.
    endpoints = {each.name for each in deployment.all("ec2/vpcEndpoint:VpcEndpoint")}
    assert {"orders-ecr-dkr", "orders-s3", "orders-logs", "orders-sts"} <= endpoints
    assert names(deploy_stage(stage)) - names(deployment) == set()


def test_prod_moves_traffic_to_new_versions_of_the_api_step_by_step() -> None:
    groups = deploy_stage("prod").all("codedeploy/deploymentGroup:DeploymentGroup")
    assert {each.name for each in groups} >= {
        f"{function}-release-group" for function in ("place-order", "get-order", "list-orders")
    }
    for each in groups:
        assert (
            each.inputs["deploymentConfigName"]
            == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        )
        assert each.inputs["alarmConfiguration"]["alarms"]
        assert each.inputs["autoRollbackConfiguration"]["enabled"]
    assert not deploy_stage("dev").all("codedeploy/deploymentGroup:DeploymentGroup")

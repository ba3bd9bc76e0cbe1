"""The lives of clusters, their tasks and images, and of what scales them."""

import json
from typing import Any

from tests.local.world import World

TAGGED = {"tags": {"team": "a"}}
NETWORK = {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": False}
SERVICE = {
    "serviceNamespace": "ecs",
    "resourceId": "service/world/world",
    "scalableDimension": "ecs:service:DesiredCount",
}
RULE = {
    "rulePriority": 1,
    "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5},
    "action": {"type": "expire"},
}


def cluster(world: World) -> Any:
    return world.state("aws:ecs/cluster:Cluster", {"name": "world"})


def containers(command: str = "run") -> str:
    variables = [{"name": "A", "value": "1"}]
    container = {
        "name": "one",
        "image": "registry.example/one:1",
        "command": ["python", "-m", command],
        "environment": variables,
        "dockerLabels": {"team": "a"},
    }
    return json.dumps([container])


def definition(world: World) -> Any:
    inputs = {"family": "world", "containerDefinitions": containers()}
    return world.state("aws:ecs/taskDefinition:TaskDefinition", inputs)


def repository(world: World) -> Any:
    return world.state("aws:ecr/repository:Repository", {"name": "world"})


def target(world: World) -> Any:
    inputs = {**SERVICE, "minCapacity": 0, "maxCapacity": 2}
    return world.state("aws:appautoscaling/target:Target", inputs)


def expiry(count: int) -> str:
    selection = {**RULE["selection"], "countNumber": count}  # type: ignore[dict-item]
    return json.dumps({"rules": [{**RULE, "selection": selection}]})


def scaled(adjustment: int) -> Any:
    return {
        "adjustmentType": "ChangeInCapacity",
        "cooldown": 60,
        "metricAggregationType": "Maximum",
        "stepAdjustments": [
            {"scalingAdjustment": adjustment, "metricIntervalLowerBound": "0"},
        ],
    }


CASES: dict[str, Any] = {
    "aws:ecs/cluster:Cluster": lambda w: (
        {"settings": [{"name": "containerInsights", "value": "enabled"}], **TAGGED},
        {
            "settings": [{"name": "containerInsights", "value": "disabled"}],
            "tags": {"other": "b"},
        },
        {"name": "another"},
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": lambda w: (
        {
            "clusterName": cluster(w)["name"],
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategies": [
                {"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}
            ],
        },
        {"capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategies": []},
        {"clusterName": "another"},
    ),
    "aws:ecs/taskDefinition:TaskDefinition": lambda w: (
        {
            "family": "thing",
            "containerDefinitions": containers(),
            "cpu": "256",
            "memory": "512",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
            "ephemeralStorage": {"sizeInGib": 25},
            "taskRoleArn": w.role["arn"],
            "executionRoleArn": w.role["arn"],
            **TAGGED,
        },
        {"tags": {"other": "b"}},
        {"containerDefinitions": containers("other")},
    ),
    "aws:ecs/service:Service": lambda w: (
        {
            "cluster": cluster(w)["arn"],
            "taskDefinition": definition(w)["arn"],
            "desiredCount": 0,
            "capacityProviderStrategies": [
                {"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}
            ],
            "networkConfiguration": NETWORK,
            "deploymentMaximumPercent": 200,
            "deploymentMinimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "enableExecuteCommand": False,
            "propagateTags": "SERVICE",
            "waitForSteadyState": True,
            **TAGGED,
        },
        {
            "networkConfiguration": {**NETWORK, "assignPublicIp": True},
            "deploymentMaximumPercent": 150,
            "tags": {"other": "b"},
        },
        {"launchType": "FARGATE"},
    ),
    "aws:ecr/repository:Repository": lambda w: (
        {
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": w.key["arn"]}],
            "forceDelete": True,
            **TAGGED,
        },
        {
            "imageTagMutability": "MUTABLE",
            "imageScanningConfiguration": {"scanOnPush": False},
            "tags": {"other": "b"},
        },
        {"name": "another"},
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": lambda w: (
        {"repository": repository(w)["name"], "policy": expiry(5)},
        {"policy": expiry(9)},
        {"repository": "another"},
    ),
    "aws:appautoscaling/target:Target": lambda w: (
        {
            **SERVICE,
            "resourceId": "service/world/one",
            "minCapacity": 0,
            "maxCapacity": 2,
            **TAGGED,
        },
        {"maxCapacity": 5, "tags": {"other": "b"}},
        {"resourceId": "service/world/other"},
    ),
    "aws:appautoscaling/policy:Policy": lambda w: (
        {
            **{key: target(w)[key] for key in SERVICE},
            "policyType": "StepScaling",
            "stepScalingPolicyConfiguration": scaled(1),
        },
        {"stepScalingPolicyConfiguration": scaled(2)},
        {"name": "another"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": lambda w: (
        {
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 1,
            "threshold": 0,
            "treatMissingData": "notBreaching",
            "alarmActions": ["arn:aws:sns:us-east-1:000000000000:a"],
            "alarmDescription": "messages wait",
            "metricQueries": [
                {
                    "id": "visible",
                    "metric": {
                        "namespace": "AWS/SQS",
                        "metricName": "ApproximateNumberOfMessagesVisible",
                        "dimensions": {"QueueName": w.queue["name"]},
                        "period": 60,
                        "stat": "Maximum",
                    },
                    "returnData": False,
                },
                {"id": "all", "expression": "visible * 2", "returnData": True},
            ],
            **TAGGED,
        },
        {"threshold": 5, "evaluationPeriods": 2, "tags": {"other": "b"}},
        {"name": "another"},
    ),
}

"""What Security Hub asks of containers, over all examples; each test names its controls."""

import json
from typing import Any

from tests.contracts.examples import EXAMPLES
from tests.recording import Deployment, deploy

SERVICE, TASK = "ecs/service:Service", "ecs/taskDefinition:TaskDefinition"


def containers(deployment: Deployment) -> list[dict[str, Any]]:
    return [
        container
        for each in deployment.all(TASK)
        for container in json.loads(each.inputs["containerDefinitions"])
    ]


def test_containers_are_held_to_what_they_need(deployment: Deployment) -> None:
    """ECS.4, ECS.5, ECS.9, ECS.20."""
    for each in containers(deployment):
        assert not each.get("privileged")
        assert each["readonlyRootFilesystem"] is True
        assert each["user"].split(":")[0] not in ("", "0", "root")
        assert each["logConfiguration"]["options"]["awslogs-group"]
        assert "@sha256:" in each["image"]


def test_tasks_share_nothing_with_a_host_and_have_two_roles(deployment: Deployment) -> None:
    """ECS.3, ECS.17, CKV_AWS_249."""
    for each in deployment.all(TASK):
        assert each.inputs["networkMode"] == "awsvpc"
        assert not {"pidMode", "ipcMode"} & set(each.inputs)
        assert each.inputs["taskRoleArn"] != each.inputs["executionRoleArn"]


def test_services_are_private_current_and_roll_back(deployment: Deployment) -> None:
    """ECS.2, ECS.10."""
    for each in deployment.all(SERVICE):
        assert each.inputs["networkConfiguration"]["assignPublicIp"] is False
        assert each.inputs["platformVersion"] == "LATEST"
        assert each.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}


def test_clusters_are_measured_and_what_people_do_is_encrypted(deployment: Deployment) -> None:
    """ECS.12, CKV_AWS_223, CKV_AWS_224."""
    for each in deployment.all("ecs/cluster:Cluster"):
        (setting,) = each.inputs["settings"]
        assert setting["name"] == "containerInsights"
        assert setting["value"] in ("enabled", "enhanced")
        if "configuration" in each.inputs:
            entered = each.inputs["configuration"]["executeCommandConfiguration"]
            assert entered["kmsKeyId"]
            assert entered["logConfiguration"]["cloudWatchEncryptionEnabled"] is True


def test_load_balancers_speak_tls_and_log(deployment: Deployment) -> None:
    """ELB.1, ELB.4, ELB.5, ELB.12, ELB.13, ELB.17."""
    for each in deployment.all("lb/loadBalancer:LoadBalancer"):
        assert each.inputs["dropInvalidHeaderFields"] is True
        assert each.inputs["accessLogs"]["enabled"] is True
        assert each.inputs["desyncMitigationMode"] in ("defensive", "strictest")
        assert len(each.inputs["subnets"]) > 1
    for each in deployment.all("lb/listener:Listener"):
        (action,) = each.inputs["defaultActions"]
        assert each.inputs["protocol"] == "HTTPS" or action["type"] == "redirect"
        assert each.inputs["protocol"] == "HTTP" or "TLS13" in each.inputs["sslPolicy"]


def test_images_are_scanned_and_their_tags_never_move(deployment: Deployment) -> None:
    """ECR.1, ECR.2, ECR.3."""
    repositories = deployment.all("ecr/repository:Repository")
    assert len(deployment.all("ecr/lifecyclePolicy:LifecyclePolicy")) == len(repositories)
    for each in repositories:
        assert each.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
        assert each.inputs["imageTagMutability"] == "IMMUTABLE"


def test_what_scales_is_left_to_scaling_and_nothing_else_is(deployment: Deployment) -> None:
    scaled = {
        each.inputs["resourceId"].rpartition("/")[2]
        for each in deployment.all("appautoscaling/target:Target")
        if each.inputs["serviceNamespace"] == "ecs"
    }
    for each in deployment.all(SERVICE):
        left = ["desiredCount"] if f"{each.name}-1234567" in scaled else []
        assert each.ignore_changes == left


def test_a_second_deployment_writes_the_same_containers() -> None:
    for component in EXAMPLES:
        if "Container" in component.__name__:
            first, second = deploy(EXAMPLES[component]), deploy(EXAMPLES[component])
            texts = [
                {each.name: each.inputs["containerDefinitions"] for each in made.all(TASK)}
                for made in (first, second)
            ]
            assert texts[0] == texts[1]
            assert texts[0]

"""Tasks and services for the tests of them."""

import json
from typing import Any

from components.compute.cluster import Cluster
from components.compute.container_service import ContainerServiceArgs
from components.compute.container_task import ContainerTask, ContainerTaskArgs
from tests.contracts.examples.containers import GROUPS, IMAGE, SUBNETS
from tests.recording import Deployment, deploy


def service_args(**settings: Any) -> ContainerServiceArgs:
    given: dict[str, Any] = {
        "cluster": Cluster("jobs"),
        "image": IMAGE,
        "subnet_ids": SUBNETS,
        "security_group_ids": GROUPS,
    }
    return ContainerServiceArgs(**{**given, **settings})


def task_deployed(**settings: Any) -> Deployment:
    given_ = {"image": IMAGE, **settings}
    return deploy(lambda: ContainerTask("work", ContainerTaskArgs(**given_)) and None)


def container(deployment: Deployment, name: str = "") -> dict[str, Any]:
    made = json.loads(deployment.inputs("TaskDefinition", name)["containerDefinitions"])
    assert len(made) == 1
    found: dict[str, Any] = made[0]
    return found

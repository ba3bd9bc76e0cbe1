"""Services for the tests of them."""

from typing import Any

from components.compute.cluster import Cluster
from components.compute.container_service import ContainerServiceArgs
from tests.contracts.examples.containers import GROUPS, IMAGE, SUBNETS


def service_args(**settings: Any) -> ContainerServiceArgs:
    given: dict[str, Any] = {
        "cluster": Cluster("jobs"),
        "image": IMAGE,
        "subnet_ids": SUBNETS,
        "security_group_ids": GROUPS,
    }
    return ContainerServiceArgs(**{**given, **settings})

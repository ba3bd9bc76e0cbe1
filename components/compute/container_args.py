"""The settings of tasks and services of containers."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import pulumi
from annotated_types import Interval

from components.compute.cluster import ON_DEMAND, SPOT, Cluster
from components.compute.repository import Image
from components.compute.runtime import ARCHITECTURE, Architecture
from components.compute.task_size import TaskSize
from components.core.checks import between, check, check_fields, matches, when
from components.core.encryption_key import EncryptionKey
from components.core.environment import environment_mistakes, key_mistake
from components.core.links import Link
from components.core.logs import LogSettings
from components.network.load_balancer import Serving

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
MOST_TASKS = 5_000
ALL = 100
MOST_SUBNETS, MOST_SECURITY_GROUPS = 16, 5
OF_SECRETS = r"arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:\S+"


@dataclass(frozen=True, kw_only=True)
class ContainerTaskArgs:
    """Settings of a ContainerTask.

    `secrets` are the ARNs of secrets of Secrets Manager, by the variables that hold their values;
    what is encrypted with a key of its own needs the `key`. `user` is a number, or two with a
    group's, and not root. After SIGTERM a container has `stop_timeout_seconds` until it is killed.
    `exec` lets people into it by ECS Exec, where its cluster does too.
    """

    image: Image
    size: TaskSize = field(default_factory=TaskSize)
    command: Sequence[str] = ()
    links: Sequence[Link] = ()
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    architecture: Architecture = ARCHITECTURE
    port: Annotated[int, Interval(ge=1, le=65_535)] | None = None
    user: str = "1000:1000"
    # Fargate's longest, and what Spot gives:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    stop_timeout_seconds: Annotated[int, Interval(ge=1, le=120)] = 120
    exec: bool = False
    logs: LogSettings = field(default_factory=LogSettings)
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            matches("user", self.user, r"[1-9]\d*(:\d+)?", "the number of a user but 0"),
            *environment_mistakes(self.environment),
            *self._secret_mistakes(),
        )

    def _secret_mistakes(self) -> Iterator[str | None]:
        for name, arn in self.secrets.items():
            yield key_mistake(name)
            yield when(
                name in self.environment,
                f"{name} is in secrets and in environment: allowed is one of them",
            )
            if isinstance(arn, str):
                words = "the ARN of a secret of Secrets Manager"
                # What is given may be the secret itself: it is not told.
                wrong = matches("", arn, OF_SECRETS, words)
                yield when(bool(wrong), f"secret {name} is no ARN: allowed is {words}")


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Where the tasks of a service run.

    The first `on_demand_base` tasks run on demand; of the others `spot_percent` on Spot, for about
    a third of the price, which AWS may take back with two minutes' notice.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    on_demand_base: Annotated[int, Interval(ge=0, le=100_000)] = 0
    spot_percent: Annotated[int, Interval(ge=0, le=100)] = 0

    def __post_init__(self) -> None:
        check_fields(self)
        # A provider of no weight places no tasks, of a base neither.
        check(
            when(
                self.spot_percent == ALL and self.on_demand_base > 0,
                f"spot_percent is 100 with an on_demand_base of {self.on_demand_base}: allowed "
                "is 0 to 99",
            )
        )

    def strategy(self) -> list[dict[str, Any]]:
        """Return the shares as a strategy of capacity providers, in lowest terms."""
        least = math.gcd(self.spot_percent, ALL - self.spot_percent)
        shares = {
            ON_DEMAND: (self.on_demand_base, (ALL - self.spot_percent) // least),
            SPOT: (0, self.spot_percent // least),
        }
        return [
            {"capacity_provider": provider, "base": base, "weight": weight}
            for provider, (base, weight) in shares.items()
            if weight
        ]


@dataclass(frozen=True, kw_only=True)
class ContainerServiceArgs(ContainerTaskArgs):
    """Settings of a ContainerService.

    With `max_tasks` the number of tasks follows what `scale_on_…` names, and no deployment sets it
    back; without, it is `min_tasks`. `public_ip` saves a NAT gateway in public subnets: what comes
    in is up to the security groups. A deployment keeps between `minimum_healthy_percent` and
    `maximum_percent` of the tasks, and an `up` fails when it has not ended in `wait_minutes`; with
    0 it does not wait, for tasks that protect themselves for hours, say. `serving` puts the `port`
    behind a load balancer.
    """

    cluster: Cluster
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    public_ip: bool = False
    capacity: Capacity = field(default_factory=Capacity)
    min_tasks: Annotated[int, Interval(ge=0, le=MOST_TASKS)] = 1
    max_tasks: Annotated[int, Interval(ge=1, le=MOST_TASKS)] | None = None
    minimum_healthy_percent: Annotated[int, Interval(ge=0, le=100)] = 100
    maximum_percent: Annotated[int, Interval(ge=100, le=200)] = 200
    wait_minutes: Annotated[int, Interval(ge=0, le=2_880)] = 20
    serving: Serving | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        most = self.max_tasks
        check(
            *network_mistakes(self.subnet_ids, self.security_group_ids),
            when(
                most is not None and most <= self.min_tasks,
                f"max_tasks is {most}: allowed is more than min_tasks, {self.min_tasks}, or None",
            ),
            when(
                self.minimum_healthy_percent == self.maximum_percent,
                "minimum_healthy_percent and maximum_percent are 100: allowed is a difference, "
                "else no task can be replaced",
            ),
            when(
                self.serving is not None and self.port is None,
                "port is None with serving: allowed is 1 to 65,535",
            ),
        )


def network_mistakes(
    subnet_ids: Sequence[pulumi.Input[str]], security_group_ids: Sequence[pulumi.Input[str]]
) -> Iterator[str | None]:
    """Return what is wrong with where tasks are placed.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
    """
    yield between("number of subnet_ids", len(subnet_ids), 1, MOST_SUBNETS)
    groups = len(security_group_ids)
    yield between("number of security_group_ids", groups, 1, MOST_SECURITY_GROUPS)

"""The step that runs a container to its end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi
from annotated_types import Interval

from components.compute.cluster import ON_DEMAND, SPOT, Cluster
from components.compute.container_args import network_mistakes
from components.compute.container_definition import CONTAINER
from components.compute.container_task import ContainerTask
from components.core.checks import when
from components.core.environment import environment_mistakes, key_mistake
from components.core.links import Grant
from components.workflow.errors import Retry, with_transient
from components.workflow.expressions import Json, is_expression
from components.workflow.rights import hear_by
from components.workflow.task import Task

# Missing capacity is an AmazonECSException, and AmazonECS.Unknown an answer with failures in it:
# nothing was started. https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
TRANSIENT = Retry(
    errors=(
        "AmazonECS.Unknown",
        "ECS.AmazonECSException",
        "ECS.SdkClientException",
        "ECS.ServerException",
        "ECS.ThrottlingException",
    ),
    interval_seconds=5,
    max_attempts=6,
    max_delay_seconds=120,
)
# The rule by which Step Functions hears of the end of tasks:
# https://docs.aws.amazon.com/step-functions/latest/dg/ecs-iam.html
RULE = "StepFunctionsGetEventsForECSTaskRule"
FOLLOW = ("ecs:DescribeTasks", "ecs:StopTask")


@dataclass(frozen=True, kw_only=True)
class RunTask(Task):
    """A run of a task, by its newest revision, that is waited for.

    `$states.result.Containers` tells how it ended; with an exit code other than 0 the step fails
    with States.TaskFailed. After `timeout_seconds` the task is stopped. `command` takes the place
    of the task's own, and `environment` adds to it; both may be expressions. With
    `wait_for_task_token` the end is what the container answers instead. On `spot` a task costs a
    third, and may be stopped with two minutes' notice: retry States.TaskFailed.
    """

    task: ContainerTask
    cluster: Cluster
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    public_ip: bool = False
    spot: bool = False
    command: Json = None
    environment: Mapping[str, Json] = field(default_factory=dict)
    # One that hangs would cost money for a year.
    timeout_seconds: Annotated[int, Interval(ge=1, le=99_999_999)] | None = 3_600

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        yield from network_mistakes(self.subnet_ids, self.security_group_ids)
        yield from map(key_mistake, self.environment)
        # What an expression hands on, a token say, is not written down here.
        plain = [k for k, value in self.environment.items() if not is_expression(value)]
        yield from environment_mistakes(plain)
        yield when(self.timeout_seconds is None, "timeout_seconds is None: allowed is a number")

    def integration(self) -> str:
        return "ecs:runTask" + ("" if self.wait_for_task_token else ".sync")

    def arguments(self) -> Mapping[str, Any]:
        network = {
            "Subnets": list(self.subnet_ids),
            "SecurityGroups": list(self.security_group_ids),
            "AssignPublicIp": "ENABLED" if self.public_ip else "DISABLED",
        }
        provider = SPOT if self.spot else ON_DEMAND
        return {
            "Cluster": self.cluster.arn,
            "TaskDefinition": self.task.family,
            "CapacityProviderStrategy": [{"CapacityProvider": provider, "Weight": 1}],
            "PlatformVersion": "LATEST",
            "NetworkConfiguration": {"AwsvpcConfiguration": network},
            "PropagateTags": "TASK_DEFINITION",
            **({"EnableExecuteCommand": True} if self.task.args.exec else {}),
            **self._overrides(),
        }

    def _overrides(self) -> dict[str, Any]:
        container: dict[str, Any] = {}
        if self.command is not None:
            container["Command"] = self.command
        if self.environment:
            container["Environment"] = [
                {"Name": name, "Value": value} for name, value in self.environment.items()
            ]
        if not container:
            return {}
        return {"Overrides": {"ContainerOverrides": [{"Name": CONTAINER, **container}]}}

    def retries(self) -> Sequence[Retry]:
        return with_transient(self.retry, TRANSIENT)

    def grants(self) -> tuple[Grant, ...]:
        start = self.task.starter_grants(self.cluster)
        if self.wait_for_task_token:
            return start
        follow = Grant(actions=FOLLOW, resources=(self.cluster.tasks_arn,))
        return (*start, follow, hear_by(RULE, self.cluster.arn))

    def connect(self) -> None:
        if self.task.args.exec:
            self.task.let_people_in(self.cluster)

    def not_in_express(self) -> str | None:
        return super().not_in_express() or "RunTask"

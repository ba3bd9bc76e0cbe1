"""Steps that call a service: what all of them have, and the one for any service."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi
from annotated_types import Interval

from components.core.checks import matches, when
from components.core.links import Grant
from components.workflow.expressions import Json, mistakes
from components.workflow.state import Attempt, service_arn

TOKEN = ".waitForTaskToken"  # noqa: S105  the word of the Amazon States Language


@dataclass(frozen=True, kw_only=True)
class Task(Attempt):
    """A call of a service; `$states.result` is its answer.

    It fails with States.Timeout after `timeout_seconds`, and with States.HeartbeatTimeout when it
    is silent for `heartbeat_seconds`. With `wait_for_task_token` the answer is what somebody sends
    for `$states.context.Task.Token`, which is passed on in the call: such a task needs a timeout.
    """

    type = "Task"

    # https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
    timeout_seconds: Annotated[int, Interval(ge=1, le=99_999_999)] | None = None
    heartbeat_seconds: Annotated[int, Interval(ge=1, le=99_999_998)] | None = None
    wait_for_task_token: bool = False

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        yield from mistakes(self.arguments(), "arguments")
        timeout, heartbeat = self.timeout(), self.heartbeat_seconds
        yield when(
            heartbeat is not None and timeout is not None and heartbeat >= timeout,
            f"heartbeat_seconds is {heartbeat}: allowed is less than timeout_seconds, {timeout}",
        )
        yield when(
            heartbeat is not None and not self.wait_for_task_token,
            "heartbeat_seconds is given without wait_for_task_token: allowed is None",
        )
        yield when(
            self.wait_for_task_token and timeout is None,
            "timeout_seconds is None for a task that waits for its token: allowed is 1 to "
            "99,999,999, else a lost token would hold the execution for a year",
        )

    @abstractmethod
    def integration(self) -> str:
        """Return the service and the action: `lambda:invoke`."""

    @abstractmethod
    def arguments(self) -> Mapping[str, Any]:
        """Return the request."""

    def timeout(self) -> int | None:
        """Return the timeout, which a kind of task may know by itself."""
        return self.timeout_seconds

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        times = {"TimeoutSeconds": self.timeout(), "HeartbeatSeconds": self.heartbeat_seconds}
        name = self.integration() + (TOKEN if self.wait_for_task_token else "")
        return {
            **super().asl(partition),
            "Resource": service_arn(partition, name),
            "Arguments": dict(self.arguments()),
            **{key: value for key, value in times.items() if value is not None},
        }

    def not_in_express(self) -> str | None:
        return "wait_for_task_token" if self.wait_for_task_token else None


@dataclass(frozen=True, kw_only=True)
class CallService(Task):
    """A call of any action of the AWS SDK, with what it needs named by `permissions`.

    `service` and `action` are as Step Functions writes them: `s3`, `copyObject`. Errors carry the
    service's name: `S3.NoSuchKeyException`.
    """

    service: str
    action: str
    request: Mapping[str, Json] = field(default_factory=dict)
    permissions: Sequence[Grant]

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        words = "lower-case letters, digits and hyphens"
        yield matches("service", self.service, r"[a-z][a-z0-9-]*", words)
        yield matches("action", self.action, r"[a-z][A-Za-z0-9]*", "camelCase, such as putItem")

    def integration(self) -> str:
        return f"aws-sdk:{self.service}:{self.action}"

    def arguments(self) -> Mapping[str, Any]:
        return self.request

    def grants(self) -> tuple[Grant, ...]:
        return tuple(self.permissions)

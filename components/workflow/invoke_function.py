"""The step that invokes a function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pulumi_aws as aws

from components.compute.function import Function
from components.core.links import Grant
from components.workflow.errors import Retry, with_transient
from components.workflow.expressions import Json
from components.workflow.task import Task

# https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
TRANSIENT = Retry(
    errors=(
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ),
    max_attempts=6,
    max_delay_seconds=30,
)
# A function that takes too long ends by its own timeout, which tells more than the task's.
SLACK_SECONDS = 30


class Invocable(Protocol):
    """A function, of whatever kind, that is called by its alias."""

    target: aws.lambda_.Alias

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what its caller needs."""

    def keep_failed_events(self) -> None:
        """Retry asynchronous events, and keep those that fail."""


@dataclass(frozen=True, kw_only=True)
class InvokeFunction(Task):
    """A call of a function; its answer is `$states.result.Payload`.

    Errors that its code raises have the names of their classes. Lambda's transient errors are
    retried by themselves, unless `retry_transient` is off. Without `payload` the function gets the
    state's input. An `Event` is not waited for, or only for its task token.
    """

    function: Invocable
    payload: Json = None
    invocation: Literal["RequestResponse", "Event"] = "RequestResponse"
    retry_transient: bool = True

    def integration(self) -> str:
        return "lambda:invoke"

    def arguments(self) -> Mapping[str, Any]:
        payload = "{% $states.input %}" if self.payload is None else self.payload
        kind = {"InvocationType": "Event"} if self.invocation == "Event" else {}
        return {"FunctionName": self.function.target.arn, **kind, "Payload": payload}

    def timeout(self) -> int | None:
        if self.timeout_seconds is not None or self.wait_for_task_token:
            return self.timeout_seconds
        if not isinstance(self.function, Function):
            return None
        return self.function.args.size.timeout_seconds + SLACK_SECONDS

    def retries(self) -> Sequence[Retry]:
        return with_transient(self.retry, TRANSIENT) if self.retry_transient else self.retry

    def grants(self) -> tuple[Grant, ...]:
        return self.function.destination_grants()

    def connect(self) -> None:
        if self.invocation == "Event":
            self.function.keep_failed_events()
        elif isinstance(self.function, Function):
            self.function.warn_if_synchronous(f"state {self.name}")

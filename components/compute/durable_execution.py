"""Durable execution: a function whose work survives its process, and may wait for days."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import pulumi
from annotated_types import Interval

from components.core.checks import check_fields

# A synchronous invocation, an event source's too, lasts 15 minutes with all that it waits for:
# https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html
SYNCHRONOUS_SECONDS = 900
# https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html
CHECKPOINT = ("lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState")
CALL_BACK = (
    "lambda:SendDurableExecutionCallbackSuccess",
    "lambda:SendDurableExecutionCallbackFailure",
    "lambda:SendDurableExecutionCallbackHeartbeat",
)
# Lambda ends the executions under way before it deletes their function.
DELETION = "60m"


@dataclass(frozen=True, kw_only=True)
class DurableExecution:
    """How long an execution may take, waiting included, and how long it can be read afterwards.

    With more than 900 seconds, a function can be invoked asynchronously only.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    # https://docs.aws.amazon.com/lambda/latest/api/API_DurableConfig.html
    execution_timeout_seconds: Annotated[int, Interval(ge=1, le=31_622_400)]
    retention_days: Annotated[int, Interval(ge=1, le=90)] = 14

    def __post_init__(self) -> None:
        check_fields(self)

    def inputs(self) -> Mapping[str, int]:
        """Return the inputs of a function's durable settings."""
        return {
            "execution_timeout": self.execution_timeout_seconds,
            "retention_period": self.retention_days,
        }


def warn_if_synchronous(
    name: str, durable: DurableExecution | None, trigger: str, resource: pulumi.Resource
) -> None:
    """Warn of a trigger that waits for a function whose executions may take longer than it can."""
    if durable is None or durable.execution_timeout_seconds <= SYNCHRONOUS_SECONDS:
        return
    pulumi.log.warn(
        f"{name} has an execution timeout of {durable.execution_timeout_seconds:,} seconds and "
        f"{trigger} invokes it synchronously: allowed is up to {SYNCHRONOUS_SECONDS}, or a "
        "function between them that invokes it asynchronously",
        resource,
    )

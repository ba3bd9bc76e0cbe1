"""Durable execution: a function whose work survives its process, and may wait for days."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Interval

from components.core.checks import check_fields, when

# https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking-esm.html
SYNCHRONOUS_SECONDS = 900
# https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html
CHECKPOINT = ("lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState")
CALL_BACK = (
    "lambda:SendDurableExecutionCallbackSuccess",
    "lambda:SendDurableExecutionCallbackFailure",
    "lambda:SendDurableExecutionCallbackHeartbeat",
)
# Lambda deletes a function after its executions.
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

    def too_long(self, function: str, trigger: str) -> str | None:
        """Return what is wrong with a trigger that waits for the result of an execution.

        Lambda refuses each synchronous invocation, and to make the mapping of an event source.
        """
        return when(
            self.execution_timeout_seconds > SYNCHRONOUS_SECONDS,
            f"execution_timeout_seconds of {function} is {self.execution_timeout_seconds:,}, and "
            f"{trigger} waits for the result: allowed is up to {SYNCHRONOUS_SECONDS}, or a "
            "function between them that invokes it asynchronously",
        )

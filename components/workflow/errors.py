"""What becomes of an error: another attempt, or another state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Interval

from components.core.checks import check, check_fields, one_of, when
from components.workflow.expressions import Json

ALL = "States.ALL"
# Errors that these names stand for as well: what comes after them is never reached.
WIDE = (ALL, "States.TaskFailed")
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
RESERVED = (
    ALL,
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
)


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Another attempt after these errors, ever later: backoff, a longest delay, and jitter."""

    errors: Sequence[str]
    # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    interval_seconds: Annotated[int, Interval(ge=1, le=99_999_999)] = 1
    max_attempts: Annotated[int, Interval(ge=0, le=99_999_999)] = 3
    backoff_rate: Annotated[float, Interval(ge=1, le=1_000)] = 2.0
    max_delay_seconds: Annotated[int, Interval(ge=2, le=31_622_399)] | None = None
    jitter: Literal["FULL", "NONE"] = "FULL"

    def __post_init__(self) -> None:
        check_fields(self)
        longest = self.max_delay_seconds
        check(
            when(
                longest is not None and longest <= self.interval_seconds,
                f"max_delay_seconds is {longest}: allowed is more than interval_seconds, "
                f"{self.interval_seconds}",
            )
        )

    def asl(self) -> dict[str, Any]:
        """Return the retrier."""
        longest = {"MaxDelaySeconds": self.max_delay_seconds} if self.max_delay_seconds else {}
        return {
            "ErrorEquals": list(self.errors),
            "IntervalSeconds": self.interval_seconds,
            "MaxAttempts": self.max_attempts,
            "BackoffRate": self.backoff_rate,
            "JitterStrategy": self.jitter,
            **longest,
        }


@dataclass(frozen=True, kw_only=True)
class Catch:
    """Another state after these errors; `$states.errorOutput` has `Error` and `Cause`."""

    errors: Sequence[str]
    next: str
    assign: Mapping[str, Json] = field(default_factory=dict)
    output: Json = None

    def asl(self) -> dict[str, Any]:
        """Return the catcher, without what it passes on."""
        return {"ErrorEquals": list(self.errors), "Next": self.next}


def error_mistakes(what: str, groups: Sequence[Sequence[str]]) -> Iterator[str | None]:
    """Return the mistakes in the errors of a state's retries or catches."""
    for number, errors in enumerate(groups, 1):
        yield when(not errors, f"{what} {number} has no errors: allowed is one or more")
        for error in errors:
            if error.startswith("States."):
                yield one_of(f"error of {what}", error, RESERVED)
        if ALL in errors:
            yield when(
                len(errors) > 1, f"errors of {what} are {list(errors)}: allowed is {ALL} alone"
            )
            yield when(
                number < len(groups), f"{what} {number} has {ALL}: allowed is that for the last"
            )


def with_transient(own: Sequence[Retry], transient: Retry) -> Sequence[Retry]:
    """Return a state's own retries, with another before the first that stands for all errors."""
    wide = [number for number, each in enumerate(own) if set(WIDE) & set(each.errors)]
    place = wide[0] if wide else len(own)
    return [*own[:place], transient, *own[place:]]

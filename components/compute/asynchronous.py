"""Asynchronous invocation: retries, age, and where results and failures go."""

from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import pulumi
from annotated_types import Interval

from components.core.checks import check_fields
from components.core.links import Grant


class Destination(Protocol):
    """What Lambda can send the result of an asynchronous invocation to."""

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where it goes."""

    def destination_grants(self) -> tuple[Grant, ...]:
        """What the function's role needs to send there."""


@dataclass(frozen=True, kw_only=True)
class AsynchronousInvocation:
    """How often Lambda retries an event, how long it keeps it, and where its results go.

    Without `on_failure`, failed events end in a queue that the function makes for them.
    """

    # https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
    retries: Annotated[int, Interval(ge=0, le=2)] = 2
    maximum_age_seconds: Annotated[int, Interval(ge=60, le=21_600)] = 21_600
    on_success: Destination | None = None
    on_failure: Destination | None = None

    def __post_init__(self) -> None:
        check_fields(self)

    def inputs(self, on_failure: Destination) -> dict[str, Any]:
        """Return the inputs of the invocation's configuration."""
        destinations: dict[str, Any] = {"on_failure": {"destination": on_failure.destination_arn}}
        if self.on_success:
            destinations["on_success"] = {"destination": self.on_success.destination_arn}
        return {
            "maximum_retry_attempts": self.retries,
            "maximum_event_age_in_seconds": self.maximum_age_seconds,
            "destination_config": destinations,
        }

    def grants(self, on_failure: Destination) -> tuple[Grant, ...]:
        """Return what the function's role needs for both."""
        success = self.on_success.destination_grants() if self.on_success else ()
        return (*on_failure.destination_grants(), *success)

"""Event source mappings: Lambda reads a stream or a queue and invokes a function."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core.checks import between, check, check_fields, matches, when
from components.core.encryption_key import EncryptionKey
from components.core.links import Grant
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
MOST_FILTERS = 10
FILTER_CHARACTERS = 4_096
MOST_WITHOUT_WINDOW = 10


@dataclass(frozen=True, kw_only=True)
class Batching:
    """How many records a mapping hands over at once, and which."""

    batch_size: Annotated[int, Interval(ge=1, le=10_000)] = 10
    window_seconds: Annotated[int, Interval(ge=0, le=300)] = 0
    filters: Sequence[Mapping[str, Any]] = ()

    def __post_init__(self) -> None:
        longest = max((len(json.dumps(each)) for each in self.filters), default=0)
        check_fields(self)
        check(
            between("number of filters", len(self.filters), 0, MOST_FILTERS),
            between("characters of a filter", longest, 0, FILTER_CHARACTERS),
            when(
                self.batch_size > MOST_WITHOUT_WINDOW and not self.window_seconds,
                f"window_seconds is 0 for batch_size {self.batch_size}: allowed is 1 to 300",
            ),
        )

    def inputs(self) -> dict[str, Any]:
        """Return the mapping's inputs."""
        patterns = [{"pattern": json.dumps(each)} for each in self.filters]
        return {
            "batch_size": self.batch_size,
            "maximum_batching_window_in_seconds": self.window_seconds,
            "filter_criteria": {"filters": patterns} if patterns else None,
        }


@dataclass(frozen=True, kw_only=True)
class StreamReading:
    """How a stream is read: a failing batch is split, retried, and at last sent to a queue.

    The defaults for retries and age are those of AWS Solutions Constructs. `starting_at`, a time
    such as `2026-01-31T12:00:00Z`, takes the place of the starting position; a table's stream has
    none. With a tumbling window the function is handed its own answer's `state` back until the
    window ends, and an answer without one counts as failed:
    https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
    """

    batching: Batching = field(default_factory=lambda: Batching(batch_size=100, window_seconds=1))
    starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON"
    starting_at: str | None = None
    retries: Annotated[int, Interval(ge=0, le=10_000)] = 500
    maximum_age_seconds: Annotated[int, Interval(ge=60, le=604_800)] = 24 * 3600
    parallelization: Annotated[int, Interval(ge=1, le=10)] = 1
    tumbling_window_seconds: Annotated[int, Interval(ge=0, le=900)] = 0

    def __post_init__(self) -> None:
        check_fields(self)
        if self.starting_at is not None:
            pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
            check(matches("starting_at", self.starting_at, pattern, "2026-01-31T12:00:00Z, say"))

    def inputs(self, failures_arn: pulumi.Input[str]) -> dict[str, Any]:
        """Return the mapping's inputs."""
        return {
            **self.batching.inputs(),
            "starting_position": "AT_TIMESTAMP" if self.starting_at else self.starting_position,
            "starting_position_timestamp": self.starting_at,
            "tumbling_window_in_seconds": self.tumbling_window_seconds or None,
            "maximum_retry_attempts": self.retries,
            "maximum_record_age_in_seconds": self.maximum_age_seconds,
            "parallelization_factor": self.parallelization,
            "bisect_batch_on_function_error": True,
            "destination_config": {"on_failure": {"destination_arn": failures_arn}},
        }


def failure_queue(
    source: str,
    function: Function,
    given: DeadLetterQueue | None,
    key: EncryptionKey | None,
    parent: pulumi.Resource,
) -> DeadLetterQueue:
    """Return where a stream's mapping sends what it gives up: the queue given, or its own.

    Raises:
        ArgumentsError: for a FIFO queue, which Lambda does not send to.
    """
    if given is None:
        return DeadLetterQueue(
            f"{source}-{function.name}-failures",
            DeadLetterQueueArgs(key=key),
            pulumi.ResourceOptions(parent=parent),
        )
    check(when(given.args.fifo, f"failures is {given.name}, a FIFO queue: allowed is standard"))
    return given


def map_source(
    source: str,
    source_arn: pulumi.Input[str],
    function: Function,
    grants: Sequence[Grant],
    inputs: Mapping[str, Any],
) -> aws.lambda_.EventSourceMapping:
    """Make the mapping and, first, the policy that lets the function read the source.

    Raises:
        ArgumentsError: for a durable function whose executions may last longer than 15 minutes.
    """
    function.check_if_polled(f"the mapping of {source}")
    policy = function.grant(f"{source}-policy", *grants)
    return aws.lambda_.EventSourceMapping(
        f"{function.name}-{source}-mapping",
        event_source_arn=source_arn,
        function_name=function.target.arn,
        function_response_types=["ReportBatchItemFailures"],
        opts=pulumi.ResourceOptions(parent=function, depends_on=[policy]),
        **inputs,
    )

"""A schedule of EventBridge Scheduler."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core import policies
from components.core.checks import between, check, check_fields, one_of, when
from components.core.encryption_key import DECRYPT, EncryptionKey
from components.core.links import Grant
from components.core.names import check_name
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.delivery import Delivery, deduplicates
from components.events.schedule_expression import (
    expression_mistakes,
    time_mistake,
    timezone_mistake,
)

SCHEDULER = "scheduler.amazonaws.com"
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
ATTRIBUTES = tuple(
    f"<aws.scheduler.{name}>"
    for name in ("schedule-arn", "scheduled-time", "execution-id", "attempt-number")
)
# What the smallest of the targets takes.
INPUT_BYTES = 256 * 1024
PARAMETERS = {
    "fifo": "sqs_parameters",
    "kinesis": "kinesis_parameters",
    "events": "eventbridge_parameters",
}


@dataclass(frozen=True, kw_only=True)
class ScheduleArgs(Delivery):
    """Settings of a Schedule.

    `expression` is `cron(0 8 ? * MON-FRI *)` or `at(2026-01-31T12:00:00)`, both in `timezone`, or
    `rate(15 minutes)`. With a flexible window, the target is invoked at some time in it. Start and
    end are in UTC, such as `2026-01-31T12:00:00Z`. The target gets `input` as JSON, in which
    Scheduler replaces `<aws.scheduler.scheduled-time>` and the other context attributes; without,
    it gets an event that tells of the schedule. `after_completion` deletes a schedule that has
    ended: the next refresh then finds it gone, so take it out of the program too.
    """

    expression: str
    timezone: str = "UTC"
    flexible_window_minutes: Annotated[int, Interval(ge=0, le=1_440)] = 0
    start_date: str | None = None
    end_date: str | None = None
    input: Mapping[str, Any] | None = None
    enabled: bool = True
    after_completion: Literal["NONE", "DELETE"] = "NONE"
    # https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
    retries: Annotated[int, Interval(ge=0, le=185)] = 185
    maximum_age_seconds: Annotated[int, Interval(ge=60, le=86_400)] = 86_400
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            *expression_mistakes(self.expression),
            timezone_mistake(self.timezone),
            *self._period_mistakes(),
            *self._input_mistakes(),
            *self.delivery_mistakes(),
            when(
                self.kind == "fifo" and not deduplicates(self.target),
                "target is a FIFO queue without content_based_deduplication: allowed is with it",
            ),
        )

    def _period_mistakes(self) -> Iterator[str | None]:
        start, end, once = self.start_date, self.end_date, self.expression.startswith("at(")
        for name, value in (("start_date", start), ("end_date", end)):
            if value is not None:
                yield time_mistake(name, value, "Z")
                yield when(once, f"{name} is {value!r} for a one-time schedule: allowed is None")
        yield when(
            start is not None and end is not None and end <= start,
            f"end_date is {end!r}: allowed is later than the start_date, {start!r}",
        )
        yield when(
            self.after_completion == "DELETE" and not once and end is None,
            "after_completion is 'DELETE' for a schedule that never ends: allowed is 'NONE'",
        )

    def _input_mistakes(self) -> Iterator[str | None]:
        # What is an output now is known when it is deployed.
        text = json.dumps(self.input, default=lambda _: "")
        yield between("bytes of input", len(text.encode()), 0, INPUT_BYTES)
        for attribute in re.findall(r"<aws\.scheduler\.[^>]*>", text):
            yield one_of("attribute of input", attribute, ATTRIBUTES)


class Schedule(pulumi.ComponentResource):
    """A schedule in a group of its own; what its target refused is in `failures`."""

    arn: pulumi.Output[str]
    failures: DeadLetterQueue

    def __init__(
        self, name: str, args: ScheduleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:events:Schedule", name, {}, opts)
        self.name = name
        self.args = args
        child = pulumi.ResourceOptions(parent=self)
        if isinstance(args.target, Function):
            args.target.keep_failed_events()
        self.group = aws.scheduler.ScheduleGroup(f"{name}-group", opts=child)
        self.failures = DeadLetterQueue(
            f"{name}-failures", DeadLetterQueueArgs(key=args.key), child
        )
        self.role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=policies.trust_source(SCHEDULER, self.group.arn),
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=self.role.name,
            policy=policies.identity(self._grants()),
            opts=child,
        )
        self.schedule = self._schedule(policy)
        self.arn = self.schedule.arn
        self.register_outputs({"arn": self.arn})

    def _grants(self) -> Iterator[Grant]:
        yield from self.args.target.destination_grants()
        yield from self.failures.sender_grants()
        if self.args.key:
            yield Grant(actions=DECRYPT, resources=(self.args.key.arn,))

    def _schedule(self, policy: aws.iam.RolePolicy) -> aws.scheduler.Schedule:
        args, window = self.args, self.args.flexible_window_minutes
        return aws.scheduler.Schedule(
            f"{self.name}-schedule",
            group_name=self.group.name,
            schedule_expression=args.expression,
            schedule_expression_timezone=args.timezone,
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(
                mode="FLEXIBLE" if window else "OFF", maximum_window_in_minutes=window or None
            ),
            start_date=args.start_date,
            end_date=args.end_date,
            state="ENABLED" if args.enabled else "DISABLED",
            action_after_completion=args.after_completion,
            kms_key_arn=args.key.arn if args.key else None,
            target=aws.scheduler.ScheduleTargetArgs(**self._target()),
            # A role without its policy fails its first calls.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _target(self) -> dict[str, Any]:
        args = self.args
        return {
            "arn": args.target.destination_arn,
            "role_arn": self.role.arn,
            "input": None if args.input is None else pulumi.Output.json_dumps(args.input),
            "retry_policy": {
                "maximum_retry_attempts": args.retries,
                "maximum_event_age_in_seconds": args.maximum_age_seconds,
            },
            "dead_letter_config": {"arn": self.failures.arn},
            **args.parameters(PARAMETERS),
        }

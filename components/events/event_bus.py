"""An event bus."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core.checks import between, check, check_fields, when
from components.core.encryption_key import EncryptionKey
from components.core.links import Grant, Link
from components.core.names import check_name, variable
from components.events.dead_letter_queue import (
    DeadLetterQueue,
    DeadLetterQueueArgs,
    SourceArn,
)
from components.events.queue import Queue

EVENTS = "events.amazonaws.com"
# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
PATTERN_CHARACTERS = 4_096


@dataclass(frozen=True, kw_only=True)
class EventBusArgs:
    """Settings of an EventBus. A target is tried for `retry_hours` and then given up."""

    archive_days: Annotated[int, Interval(ge=1, le=3_653)] = 14
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
    retry_hours: Annotated[int, Interval(ge=1, le=24)] = 24
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)


class EventBus(pulumi.ComponentResource):
    """A bus that archives its events and keeps those that a target refused."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    service = EVENTS
    source_arn: pulumi.Output[str]
    """The ARNs of this bus's rules: what a queue lets in."""

    def __init__(
        self,
        name: str,
        args: EventBusArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:events:EventBus", name, {}, opts)
        self.logical_name = name
        self.args = args = args or EventBusArgs()
        child = pulumi.ResourceOptions(parent=self)
        key_arn = args.key.arn if args.key else None
        self.bus = aws.cloudwatch.EventBus(f"{name}-bus", kms_key_identifier=key_arn, opts=child)
        aws.cloudwatch.EventArchive(
            f"{name}-archive",
            event_source_arn=self.bus.arn,
            retention_days=args.archive_days,
            kms_key_identifier=key_arn,
            opts=child,
        )
        self.name = self.bus.name
        self.arn = self.bus.arn
        self.source_arn = self.arn.apply(lambda arn: arn.replace(":event-bus/", ":rule/") + "/*")
        self.register_outputs({"name": self.name, "arn": self.arn})

    def publisher(self) -> Link:
        """Let a function put events; `<NAME>_BUS_NAME` says where."""
        return Link(
            grants=(Grant(actions=("events:PutEvents",), resources=(self.arn,)),),
            environment={variable(self.logical_name, "BUS_NAME"): self.name},
        )

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where a function sends the results of its asynchronous invocations."""
        return self.arn

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what a function needs for that."""
        return self.publisher().grants

    def on(self, name: str, pattern: Mapping[str, Any], target: Function | Queue) -> None:
        """Send the events that match a pattern to a target; what it refuses ends in a queue.

        Raises:
            ArgumentsError: for a pattern that is empty or over 4,096 characters, or for a queue
                that does not have this bus among its sources.
        """
        document = json.dumps(pattern)
        strange = isinstance(target, Queue) and self not in target.args.sources
        check(
            between("characters of the pattern", len(document), 3, PATTERN_CHARACTERS),
            when(strange, f"{target.name} does not have bus {self.logical_name} in its sources"),
        )
        rule = aws.cloudwatch.EventRule(
            f"{self.logical_name}-{name}-rule",
            event_bus_name=self.name,
            event_pattern=document,
            opts=pulumi.ResourceOptions(parent=self),
        )
        if isinstance(target, Function):
            target.permit(f"{self.logical_name}-{name}-permission", EVENTS, rule.arn)
            target.keep_failed_events()
        self._target(name, rule, target.arn if isinstance(target, Queue) else target.target.arn)

    def _target(self, name: str, rule: aws.cloudwatch.EventRule, arn: pulumi.Output[str]) -> None:
        failures = DeadLetterQueue(
            f"{self.logical_name}-{name}-failures",
            DeadLetterQueueArgs(
                sources=[SourceArn(service=EVENTS, source_arn=rule.arn)], key=self.args.key
            ),
            pulumi.ResourceOptions(parent=self),
        )
        aws.cloudwatch.EventTarget(
            f"{self.logical_name}-{name}-target",
            event_bus_name=self.name,
            rule=rule.name,
            arn=arn,
            retry_policy={
                "maximum_event_age_in_seconds": self.args.retry_hours * 3600,
                "maximum_retry_attempts": 185,
            },
            dead_letter_config={"arn": failures.arn},
            opts=pulumi.ResourceOptions(parent=self),
        )

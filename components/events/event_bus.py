"""An event bus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Union

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core import policies
from components.core.checks import check, check_fields, matches, when
from components.core.encryption_key import EncryptionKey
from components.core.links import Grant, Link
from components.core.names import check_name, variable
from components.events.dead_letter_queue import (
    DeadLetterQueue,
    DeadLetterQueueArgs,
    SourceArn,
)
from components.events.event_pattern import document
from components.events.queue import Queue

EVENTS = "events.amazonaws.com"
Target = Union[Function, Queue, "EventBus"]


@dataclass(frozen=True, kw_only=True)
class InputTransformer:
    """What a target gets instead of the event: a template, and the paths of what it names."""

    template: str
    paths: Mapping[str, str]

    def __post_init__(self) -> None:
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
        check(
            matches("template", self.template, r"(?s).{1,8192}", "1 to 8,192 characters"),
            when(len(self.paths) > 100, f"paths has {len(self.paths)} entries: allowed is 100"),  # noqa: PLR2004
            *(
                matches(f"path {name}", path, r"\$(\..+)?", "a JSON path, such as $.detail.id")
                for name, path in self.paths.items()
            ),
            *(
                when(name.startswith("AWS."), f"path name is {name!r}: AWS. is reserved")
                for name in self.paths
            ),
        )


@dataclass(frozen=True, kw_only=True)
class EventBusArgs:
    """Settings of an EventBus.

    A target is tried for `retry_hours`, at most `retries` times, and then given up.
    `publisher_accounts` may put events on the bus, by its resource policy. `discover_schemas`
    keeps the schema of what it sees in the registry; a bus with a key has none.
    """

    archive_days: Annotated[int, Interval(ge=1, le=3_653)] = 14
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
    retry_hours: Annotated[int, Interval(ge=1, le=24)] = 24
    retries: Annotated[int, Interval(ge=0, le=185)] = 185
    publisher_accounts: Sequence[str] = ()
    discover_schemas: bool = False
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            *(
                matches("publisher account", a, r"\d{12}", "12 digits")
                for a in self.publisher_accounts
            ),
            when(
                self.discover_schemas and self.key is not None,
                "discover_schemas is True for a bus with a key: allowed is False",
            ),
        )


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
        self._child = pulumi.ResourceOptions(parent=self)
        key_arn = args.key.arn if args.key else None
        self.bus = aws.cloudwatch.EventBus(
            f"{name}-bus", kms_key_identifier=key_arn, opts=self._child
        )
        aws.cloudwatch.EventArchive(
            f"{name}-archive",
            event_source_arn=self.bus.arn,
            retention_days=args.archive_days,
            kms_key_identifier=key_arn,
            opts=self._child,
        )
        self.name = self.bus.name
        self.arn = self.bus.arn
        self.source_arn = self.arn.apply(lambda arn: arn.replace(":event-bus/", ":rule/") + "/*")
        self._share()
        if args.discover_schemas:
            aws.schemas.Discoverer(f"{name}-discoverer", source_arn=self.arn, opts=self._child)
        self.register_outputs({"name": self.name, "arn": self.arn})

    def publisher(self) -> Link:
        """Let a function put events; `<NAME>_BUS_NAME` says where."""
        return Link(
            grants=self.destination_grants(),
            environment={variable(self.logical_name, "BUS_NAME"): self.name},
        )

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where a function sends the results of its asynchronous invocations."""
        return self.arn

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what a function needs for that."""
        return (Grant(actions=("events:PutEvents",), resources=(self.arn,)),)

    def on(
        self,
        name: str,
        pattern: Mapping[str, Any],
        target: Target,
        transformer: InputTransformer | None = None,
    ) -> None:
        """Send the events that match a pattern to a target; what it refuses ends in a queue.

        Raises:
            ArgumentsError: for a pattern that EventBridge refuses, or for a queue that does not
                have this bus among its sources.
        """
        strange = isinstance(target, Queue) and self not in target.args.sources
        text = document(pattern)
        check(
            when(
                strange, f"{name}: the queue does not have bus {self.logical_name} in its sources"
            )
        )
        rule = aws.cloudwatch.EventRule(
            f"{self.logical_name}-{name}-rule",
            event_bus_name=self.name,
            event_pattern=text,
            opts=self._child,
        )
        failures = DeadLetterQueue(
            f"{self.logical_name}-{name}-failures",
            DeadLetterQueueArgs(
                sources=[SourceArn(service=EVENTS, source_arn=rule.arn)], key=self.args.key
            ),
            self._child,
        )
        aws.cloudwatch.EventTarget(
            f"{self.logical_name}-{name}-target",
            event_bus_name=self.name,
            rule=rule.name,
            retry_policy={
                "maximum_event_age_in_seconds": self.args.retry_hours * 3600,
                "maximum_retry_attempts": self.args.retries,
            },
            dead_letter_config={"arn": failures.arn},
            input_transformer=(
                aws.cloudwatch.EventTargetInputTransformerArgs(
                    input_template=transformer.template, input_paths=dict(transformer.paths)
                )
                if transformer
                else None
            ),
            opts=self._child,
            **self._address(name, rule, target),
        )

    def _address(
        self, name: str, rule: aws.cloudwatch.EventRule, target: Target
    ) -> dict[str, Any]:
        """Return where a target is, with the permission that the rule needs for it."""
        if isinstance(target, Function):
            target.permit(f"{self.logical_name}-{name}-permission", EVENTS, rule.arn)
            target.keep_failed_events()
            return {"arn": target.target.arn}
        if isinstance(target, Queue):
            # Events have no groups: those of a rule are one, in their order.
            group = {"sqs_target": {"message_group_id": name}} if target.args.fifo else {}
            return {"arn": target.arn, **group}
        return {"arn": target.arn, "role_arn": self._forwarder(name, target).arn}

    def _forwarder(self, name: str, target: "EventBus") -> aws.iam.Role:
        role = aws.iam.Role(
            f"{self.logical_name}-{name}-role",
            assume_role_policy=policies.trust(EVENTS),
            opts=self._child,
        )
        aws.iam.RolePolicy(
            f"{self.logical_name}-{name}-policy",
            role=role.name,
            policy=policies.identity(target.destination_grants()),
            opts=self._child,
        )
        return role

    def _share(self) -> None:
        if not self.args.publisher_accounts:
            return
        statement = {
            "Sid": "Publishers",
            "Effect": "Allow",
            "Principal": {"AWS": sorted(self.args.publisher_accounts)},
            "Action": "events:PutEvents",
            "Resource": self.arn,
        }
        aws.cloudwatch.EventBusPolicy(
            f"{self.logical_name}-bus-policy",
            event_bus_name=self.name,
            policy=policies.document([statement]),
            opts=self._child,
        )

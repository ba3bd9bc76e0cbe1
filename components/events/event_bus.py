"""An event bus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

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
from components.events.rule_target import EVENTS, Rule, RuleTarget, role_arn


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

    def inputs(self) -> aws.cloudwatch.EventTargetInputTransformerArgs:
        """Return the inputs of a target's transformer."""
        return aws.cloudwatch.EventTargetInputTransformerArgs(
            input_template=self.template, input_paths=dict(self.paths)
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
        target: RuleTarget,
        transformer: InputTransformer | None = None,
    ) -> None:
        """Send the events that match a pattern to a target; what it refuses ends in a queue.

        A target is a function, a workflow, a queue, a topic, a stream, or another bus.

        Raises:
            ArgumentsError: for a pattern that EventBridge refuses, or for a queue or topic that
                does not have this bus among its sources.
        """
        whole = f"{self.logical_name}-{name}"
        rule = aws.cloudwatch.EventRule(
            f"{whole}-rule",
            event_bus_name=self.name,
            event_pattern=document(pattern),
            opts=self._child,
        )
        failures = DeadLetterQueue(
            f"{whole}-failures",
            DeadLetterQueueArgs(
                sources=[SourceArn(service=EVENTS, source_arn=rule.arn)], key=self.args.key
            ),
            self._child,
        )
        made = Rule(bus=self, name=whole, title=name, arn=rule.arn, parent=self)
        aws.cloudwatch.EventTarget(
            f"{whole}-target",
            event_bus_name=self.name,
            rule=rule.name,
            retry_policy={
                "maximum_event_age_in_seconds": self.args.retry_hours * 3600,
                "maximum_retry_attempts": self.args.retries,
            },
            dead_letter_config={"arn": failures.arn},
            input_transformer=transformer.inputs() if transformer else None,
            opts=self._child,
            **target.rule_target(made),
        )

    def rule_target(self, rule: Rule) -> dict[str, Any]:
        """Let a rule of another bus put events."""
        return {"arn": self.arn, "role_arn": role_arn(rule, *self.destination_grants())}

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

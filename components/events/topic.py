"""A topic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core import policies
from components.core.checks import check, check_fields, when
from components.core.encryption_key import DECRYPT, ENCRYPT, EncryptionKey
from components.core.links import Grant, Link
from components.core.logs import LogSettings
from components.core.names import check_name, variable
from components.events import filter_policy
from components.events.dead_letter_queue import (
    DeadLetterQueue,
    DeadLetterQueueArgs,
    MessageSource,
    SourceArn,
)
from components.events.delivery_logs import SNS, delivery_logs, delivery_role
from components.events.filter_policy import FilterScope
from components.events.queue import Queue
from components.events.rule_target import Rule

PUBLISH = ("sns:Publish",)
# The key that AWS keeps for the account: its roles may use it, services may not.
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
MANAGED_KEY = "alias/aws/sns"


@dataclass(frozen=True, kw_only=True)
class TopicArgs:
    """Settings of a Topic.

    `sources` are what may publish besides the holders of `publisher()`: a bus, say. A `fifo` topic
    keeps the order of each message group, for FIFO queues, and drops what it has seen in the last
    five minutes: by the publisher's deduplication id, or by the content. Of deliveries to queues
    and functions it logs all failures and `success_sample_percent` of the others.
    """

    # https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
    max_message_bytes: Annotated[int, Interval(ge=1_024, le=1_048_576)] = 262_144
    sources: Sequence[MessageSource] = ()
    fifo: bool = False
    content_based_deduplication: bool = False
    logs: LogSettings = field(default_factory=LogSettings)
    success_sample_percent: Annotated[int, Interval(ge=0, le=100)] = 0
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            when(
                self.content_based_deduplication and not self.fifo,
                "content_based_deduplication is True: allowed is False unless fifo",
            )
        )


class Topic(pulumi.ComponentResource):
    """A topic that sends each subscriber what it asks for, and keeps what it cannot deliver."""

    arn: pulumi.Output[str]
    service = SNS
    source_arn: pulumi.Output[str]
    """This topic: what a queue lets in."""

    def __init__(
        self,
        name: str,
        args: TopicArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:events:Topic", name, {}, opts)
        self.name = name
        self.args = args = args or TopicArgs()
        self._child = pulumi.ResourceOptions(parent=self)
        role = delivery_role(name, self)
        self.topic = aws.sns.Topic(
            f"{name}-topic",
            maximum_message_size=args.max_message_bytes,
            kms_master_key_id=_key_id(args),
            opts=self._child,
            **_feedback(args, role),
            **(_fifo(args) if args.fifo else {}),
        )
        self.arn = self.source_arn = self.topic.arn
        key_arn = args.key.arn if args.key else None
        delivery_logs(name, self.arn, role, args.logs, key_arn, self)
        self._let_in()
        self.register_outputs({"arn": self.arn})

    def _let_in(self) -> None:
        sources = [
            policies.service_may(source.service, "sns:Publish", self.arn, source.source_arn)
            for source in self.args.sources
        ]
        aws.sns.TopicPolicy(
            f"{self.name}-policy",
            arn=self.arn,
            policy=policies.document([policies.tls_only(PUBLISH, self.arn), *sources]),
            opts=self._child,
        )

    def publisher(self) -> Link:
        """Let a function publish; `<NAME>_TOPIC_ARN` says where."""
        return Link(
            grants=self._publisher_grants(),
            environment={variable(self.name, "TOPIC_ARN"): self.arn},
        )

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where a function sends the results of its asynchronous invocations.

        Raises:
            ArgumentsError: for a FIFO topic, which Lambda does not send to.
        """
        fifo = self.args.fifo
        check(when(fifo, f"destination is {self.name}, a FIFO topic: allowed is a standard one"))
        return self.arn

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what a function needs for that."""
        return self._publisher_grants()

    def rule_target(self, rule: Rule) -> dict[str, Any]:
        """Take what a rule of a bus sends, if the topic was made for that bus.

        Raises:
            ArgumentsError: when the bus is not among the topic's sources or not among the
                services of its key, or for a FIFO topic, which a rule does not send to.
        """
        check(
            when(
                rule.bus not in self.args.sources,
                f"{rule.title}: bus is not among the sources of topic {self.name}",
            ),
            when(self.args.fifo, f"{rule.title}: topic {self.name} is FIFO: allowed is standard"),
        )
        if self.args.key:
            self.args.key.check_service("events", f"{rule.title} sends to topic {self.name}")
        return {"arn": self.arn}

    def fan_out(
        self,
        queue: Queue,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002  the word of SNS
        filter_scope: FilterScope = "attributes",
        raw: bool = True,
    ) -> None:
        """Send a queue the messages that pass a filter; what it cannot take is kept.

        `raw` sends the message as it is, without SNS's envelope. With a filter of the `body`,
        messages are JSON objects.

        Raises:
            ArgumentsError: for a filter that SNS refuses, for a queue that does not have this
                topic among its sources or is FIFO where the topic is not (or the reverse), or for
                a key that does not let SNS in.
        """
        check(
            when(
                self not in queue.args.sources,
                f"topic {self.name} is not among the sources of queue {queue.name}",
            ),
            when(
                self.args.fifo != queue.args.fifo,
                f"fifo is {self.args.fifo} for topic {self.name} and {queue.args.fifo} for queue "
                f"{queue.name}: allowed is the same for both",
            ),
        )
        if queue.args.key:
            queue.args.key.check_service("sns", f"topic {self.name} sends to queue {queue.name}")
        filtering = filter_policy.inputs(filter, filter_scope)
        raw_delivery = {"raw_message_delivery": raw}
        self._subscribe(queue.name, "sqs", queue.arn, {**filtering, **raw_delivery})

    def invoke(
        self,
        function: Function,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002  the word of SNS
        filter_scope: FilterScope = "attributes",
    ) -> None:
        """Invoke a function with each message that passes a filter; events that fail are kept.

        Raises:
            ArgumentsError: for a filter that SNS refuses, for a FIFO topic, which invokes no
                functions, or for a key that does not let SNS in.
        """
        fifo = self.args.fifo
        check(when(fifo, f"topic {self.name} is FIFO: allowed for a function is a standard one"))
        filtering = filter_policy.inputs(filter, filter_scope)
        function.permit(f"{self.name}-permission", SNS, self.arn)
        function.keep_failed_events()
        self._subscribe(function.name, "lambda", function.target.arn, filtering)

    def _subscribe(
        self, to: str, protocol: str, endpoint: pulumi.Output[str], inputs: dict[str, Any]
    ) -> None:
        if self.args.key:
            self.args.key.check_service("sns", f"topic {self.name} keeps what {to} cannot take")
        source = SourceArn(service=SNS, source_arn=self.arn)
        failures = DeadLetterQueue(
            f"{self.name}-{to}-failures",
            DeadLetterQueueArgs(sources=[source], fifo=self.args.fifo, key=self.args.key),
            self._child,
        )
        aws.sns.TopicSubscription(
            f"{self.name}-{to}-subscription",
            topic=self.arn,
            protocol=protocol,
            endpoint=endpoint,
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": failures.arn}),
            opts=self._child,
            **inputs,
        )

    def _publisher_grants(self) -> tuple[Grant, ...]:
        publish = Grant(actions=PUBLISH, resources=(self.arn,))
        if self.args.key is None:
            return (publish,)
        return (publish, Grant(actions=(*DECRYPT, *ENCRYPT), resources=(self.args.key.arn,)))


def _key_id(args: TopicArgs) -> pulumi.Input[str] | None:
    """Return the topic's key; without one, services could not publish under AWS's own."""
    if args.key:
        return args.key.arn
    return None if args.sources else MANAGED_KEY


def _feedback(args: TopicArgs, role: aws.iam.Role) -> dict[str, Any]:
    """Return where and how much SNS writes of deliveries to queues and functions."""
    return {
        f"{protocol}_{what}": value
        for protocol in ("sqs", "lambda")
        for what, value in {
            "failure_feedback_role_arn": role.arn,
            "success_feedback_role_arn": role.arn,
            "success_feedback_sample_rate": args.success_sample_percent,
        }.items()
    }


def _fifo(args: TopicArgs) -> dict[str, Any]:
    """Return the arguments of a FIFO topic, whose throughput counts for each message group."""
    return {
        "fifo_topic": True,
        "content_based_deduplication": args.content_based_deduplication,
        "fifo_throughput_scope": "MessageGroup",
    }

"""A queue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core.checks import between, check, check_fields, when
from components.core.encryption_key import DECRYPT, EncryptionKey
from components.core.links import Grant, Link
from components.core.names import check_name, variable
from components.events.dead_letter_queue import (
    DeadLetterQueue,
    DeadLetterQueueArgs,
    MessageSource,
    encryption,
    queue_policy,
    sender_grants,
)
from components.events.event_source import Batching, map_source
from components.events.rule_target import Rule

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
VISIBILITY_PER_TIMEOUT = 6
MOST_FIFO_BATCH = 10
RECEIVE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
DAY = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    """Settings of a Queue.

    The visibility timeout is derived: six times the consumer's timeout, plus its batching window.
    `sources` are what may send to it besides the holders of `sender()`: a bus, say. A `fifo` queue
    keeps the order of each message group, and drops what it has seen in the last five minutes: by
    the sender's deduplication id, or by the content.
    """

    consumer_timeout_seconds: Annotated[int, Interval(ge=1, le=900)] = 30
    consumer_window_seconds: Annotated[int, Interval(ge=0, le=300)] = 0
    # Below 5 a throttled consumer loses messages to the dead-letter queue.
    max_receives: Annotated[int, Interval(ge=5, le=1_000)] = 5
    # Below the 14 days of the dead-letter queue, which counts from the first enqueueing.
    retention_days: Annotated[int, Interval(ge=1, le=13)] = 4
    sources: Sequence[MessageSource] = ()
    fifo: bool = False
    content_based_deduplication: bool = False
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            when(
                self.content_based_deduplication and not self.fifo,
                "content_based_deduplication is True: allowed is False unless fifo",
            ),
            when(
                self.fifo and self.consumer_window_seconds > 0,
                f"consumer_window_seconds is {self.consumer_window_seconds} for a FIFO queue: "
                "allowed is 0",
            ),
        )

    @property
    def visibility_timeout_seconds(self) -> int:
        """How long a message that is being handled stays hidden."""
        return (
            VISIBILITY_PER_TIMEOUT * self.consumer_timeout_seconds + self.consumer_window_seconds
        )


class Queue(pulumi.ComponentResource):
    """A queue whose failed messages end in `dead_letters`."""

    url: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: QueueArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:events:Queue", name, {}, opts)
        self.name = name
        self.args = args = args or QueueArgs()
        child = pulumi.ResourceOptions(parent=self)
        self.dead_letters = DeadLetterQueue(
            f"{name}-dead-letters", DeadLetterQueueArgs(key=args.key, fifo=args.fifo), child
        )
        self.queue = aws.sqs.Queue(
            f"{name}-queue",
            visibility_timeout_seconds=args.visibility_timeout_seconds,
            message_retention_seconds=args.retention_days * DAY,
            receive_wait_time_seconds=20,
            redrive_policy=pulumi.Output.json_dumps(
                {
                    "deadLetterTargetArn": self.dead_letters.arn,
                    "maxReceiveCount": args.max_receives,
                }
            ),
            opts=child,
            **encryption(args.key),
            **(_fifo(args) if args.fifo else {}),
        )
        queue_policy(name, self.queue, args.sources, self)
        aws.sqs.RedriveAllowPolicy(
            f"{name}-redrive-allow",
            queue_url=self.dead_letters.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [self.queue.arn]}
            ),
            opts=child,
        )
        self.url = self.queue.url
        self.arn = self.queue.arn
        self.register_outputs({"url": self.url, "arn": self.arn})

    def sender(self) -> Link:
        """Let a function send messages; `<NAME>_QUEUE_URL` says where."""
        return Link(
            grants=sender_grants(self.queue, self.args.key),
            environment={variable(self.name, "QUEUE_URL"): self.url},
        )

    def receiver(self) -> Link:
        """Let code that polls take messages, hide them longer and delete them.

        `<NAME>_QUEUE_URL` says where. A function does not poll: it subscribes.
        """
        return Link(
            grants=self._receiver_grants((*RECEIVE, "sqs:ChangeMessageVisibility")),
            environment={variable(self.name, "QUEUE_URL"): self.url},
        )

    def rule_target(self, rule: Rule) -> dict[str, Any]:
        """Take what a rule of a bus sends, if the queue was made for that bus.

        Raises:
            ArgumentsError: when the bus is not among the queue's sources.
        """
        strange = rule.bus not in self.args.sources
        check(when(strange, f"{rule.title}: bus is not among the sources of queue {self.name}"))
        # Events have no groups: those of a rule are one, in their order.
        group = {"sqs_target": {"message_group_id": rule.title}} if self.args.fifo else {}
        return {"arn": self.arn, **group}

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where a function sends the results of its asynchronous invocations."""
        return self.arn

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what a function needs for that."""
        return sender_grants(self.queue, self.args.key)

    def subscribe(
        self,
        function: Function,
        batching: Batching | None = None,
        *,
        maximum_concurrency: int | None = None,
    ) -> None:
        """Invoke a function with batches of messages; it reports those that failed.

        `maximum_concurrency`, 2 to 1,000, caps the function for this queue alone, without taking
        from the account's pool as reserved concurrency does.

        Raises:
            ArgumentsError: when the function or its window takes longer than the queue was made
                for, or for a batch or a concurrency that Lambda refuses.
        """
        args, timeout = self.args, function.args.size.timeout_seconds
        batching = batching or Batching(window_seconds=args.consumer_window_seconds)
        needed = VISIBILITY_PER_TIMEOUT * timeout + batching.window_seconds
        too_long = (
            f"function {function.name} takes {timeout} s with a window of "
            f"{batching.window_seconds} s: allowed for queue {self.name} is what its "
            f"consumer_timeout_seconds ({args.consumer_timeout_seconds}) and "
            f"consumer_window_seconds ({args.consumer_window_seconds}) say"
        )
        check(
            when(needed > args.visibility_timeout_seconds, too_long),
            when(
                args.fifo and batching.batch_size > MOST_FIFO_BATCH,
                f"batch_size is {batching.batch_size} for a FIFO queue: allowed is 1 to "
                f"{MOST_FIFO_BATCH}",
            ),
            *_concurrency_mistakes(maximum_concurrency, function),
        )
        scaling = {"maximum_concurrency": maximum_concurrency} if maximum_concurrency else None
        inputs = {**batching.inputs(), "scaling_config": scaling}
        map_source(self.name, self.arn, function, self.receiver_grants(), inputs)

    def receiver_grants(self) -> tuple[Grant, ...]:
        """Return what the role of a mapping or of a pipe needs to take messages."""
        return self._receiver_grants(RECEIVE)

    def _receiver_grants(self, actions: tuple[str, ...]) -> tuple[Grant, ...]:
        receive = Grant(actions=actions, resources=(self.arn,))
        if self.args.key is None:
            return (receive,)
        return (receive, Grant(actions=DECRYPT, resources=(self.args.key.arn,)))


def _fifo(args: QueueArgs) -> dict[str, Any]:
    """Return the arguments of a FIFO queue, whose throughput counts for each message group."""
    return {
        "fifo_queue": True,
        "content_based_deduplication": args.content_based_deduplication,
        "deduplication_scope": "messageGroup",
        "fifo_throughput_limit": "perMessageGroupId",
    }


def _concurrency_mistakes(maximum: int | None, function: Function) -> Iterator[str | None]:
    if maximum is None:
        return
    # https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html
    yield between("maximum_concurrency", maximum, 2, 1_000)
    reserved = function.args.size.reserved_concurrency
    yield when(
        reserved is not None and maximum > reserved,
        f"maximum_concurrency is {maximum}: allowed is up to the reserved_concurrency of "
        f"{function.name}, {reserved}",
    )

"""A queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core.checks import check, check_fields, when
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

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
VISIBILITY_PER_TIMEOUT = 6
DAY = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    """Settings of a Queue.

    The visibility timeout is derived: six times the consumer's timeout, plus its batching window.
    `sources` are what may send to it besides the holders of `sender()`: a bus, say.
    """

    consumer_timeout_seconds: Annotated[int, Interval(ge=1, le=900)] = 30
    consumer_window_seconds: Annotated[int, Interval(ge=0, le=300)] = 0
    # Below 5 a throttled consumer loses messages to the dead-letter queue.
    max_receives: Annotated[int, Interval(ge=5, le=1_000)] = 5
    # Below the 14 days of the dead-letter queue, which counts from the first enqueueing.
    retention_days: Annotated[int, Interval(ge=1, le=13)] = 4
    sources: Sequence[MessageSource] = ()
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)

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
            f"{name}-dead-letters", DeadLetterQueueArgs(key=args.key), child
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

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where a function sends the results of its asynchronous invocations."""
        return self.arn

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what a function needs for that."""
        return sender_grants(self.queue, self.args.key)

    def subscribe(self, function: Function, batching: Batching | None = None) -> None:
        """Invoke a function with batches of messages; it reports those that failed.

        Raises:
            ArgumentsError: when the function or its window takes longer than the queue was made
                for.
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
        check(when(needed > args.visibility_timeout_seconds, too_long))
        receive = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        grants = [Grant(actions=receive, resources=(self.arn,))]
        if self.args.key:
            grants.append(Grant(actions=DECRYPT, resources=(self.args.key.arn,)))
        map_source(self.name, self.arn, function, grants, batching.inputs())

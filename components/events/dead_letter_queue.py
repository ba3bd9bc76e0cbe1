"""A queue for what could not be handled, and the policy that every queue of the toolkit has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.encryption_key import DECRYPT, ENCRYPT, EncryptionKey
from components.core.links import Grant, Link
from components.core.names import check_name, variable

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
LONGEST_RETENTION_SECONDS = 14 * 24 * 3600
# The service whose ARNs name no account: a bucket's name may be another account's tomorrow.
WITHOUT_ACCOUNT = "s3.amazonaws.com"
ACTIONS = tuple(
    f"sqs:{action}"
    for action in (
        *("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl"),
        *("PurgeQueue", "ReceiveMessage", "SendMessage", "SetQueueAttributes"),
    )
)


class MessageSource(Protocol):
    """An AWS service's resource that sends to queues on its own, such as the rules of a bus."""

    @property
    def service(self) -> str:
        """The service principal, such as `events.amazonaws.com`."""

    @property
    def source_arn(self) -> pulumi.Output[str]:
        """The ARN, or the pattern of ARNs, that the service sends as `aws:SourceArn`."""


@dataclass(frozen=True, kw_only=True)
class SourceArn:
    """A message source that is known by its ARN."""

    service: str
    source_arn: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class DeadLetterQueueArgs:
    """Settings of a DeadLetterQueue; that of a FIFO queue is FIFO too."""

    sources: Sequence[MessageSource] = ()
    fifo: bool = False
    key: EncryptionKey | None = None


class DeadLetterQueue(pulumi.ComponentResource):
    """A queue that keeps what arrives for 14 days, encrypted, over TLS only."""

    url: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: DeadLetterQueueArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:events:DeadLetterQueue", name, {}, opts)
        self.name = name
        self.args = args or DeadLetterQueueArgs()
        self.queue = aws.sqs.Queue(
            f"{name}-queue",
            message_retention_seconds=LONGEST_RETENTION_SECONDS,
            fifo_queue=self.args.fifo or None,
            opts=pulumi.ResourceOptions(parent=self),
            **encryption(self.args.key),
        )
        queue_policy(name, self.queue, self.args.sources, self)
        self.url = self.queue.url
        self.arn = self.queue.arn
        self.register_outputs({"url": self.url, "arn": self.arn})

    def sender(self) -> Link:
        """Let a function send what it gives up; `<NAME>_QUEUE_URL` says where."""
        return Link(
            grants=self.sender_grants(),
            environment={variable(self.name, "QUEUE_URL"): self.url},
        )

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where a function sends the results of its asynchronous invocations."""
        return self.arn

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what a function needs for that."""
        return self.sender_grants()

    def sender_grants(self) -> tuple[Grant, ...]:
        """Return what a role needs to send here."""
        return sender_grants(self.queue, self.args.key)


def encryption(key: EncryptionKey | None) -> dict[str, Any]:
    """Return the encryption arguments of a queue: the key given, or keys that SQS owns."""
    if key is None:
        return {"sqs_managed_sse_enabled": True}
    return {"kms_master_key_id": key.arn}


def sender_grants(queue: aws.sqs.Queue, key: EncryptionKey | None) -> tuple[Grant, ...]:
    """Return the grants of a sender, with those of the queue's key."""
    send = Grant(actions=("sqs:SendMessage",), resources=(queue.arn,))
    if key is None:
        return (send,)
    return (send, Grant(actions=(*DECRYPT, *ENCRYPT), resources=(key.arn,)))


def queue_policy(
    name: str,
    queue: aws.sqs.Queue,
    sources: Sequence[MessageSource],
    parent: pulumi.Resource,
) -> None:
    """Make the one policy of a queue: TLS only, and no sender of AWS but the sources named."""
    statements = [_letting_in(source, queue.arn) for source in sources]
    aws.sqs.QueuePolicy(
        f"{name}-policy",
        queue_url=queue.url,
        policy=policies.document([policies.tls_only(ACTIONS, queue.arn), *statements]),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _letting_in(source: MessageSource, queue_arn: pulumi.Output[str]) -> dict[str, Any]:
    statement = policies.service_may(
        source.service, "sqs:SendMessage", queue_arn, source.source_arn
    )
    if source.service == WITHOUT_ACCOUNT:
        account = queue_arn.apply(lambda arn: arn.split(":")[4])
        statement["Condition"]["StringEquals"] = {"aws:SourceAccount": account}
    return statement

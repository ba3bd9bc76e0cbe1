"""What happens when objects arrive in a bucket."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pulumi
import pulumi_aws as aws

from components.compute.function import Function
from components.core.checks import between, check, matches, when
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs, SourceArn
from components.events.queue import Queue
from components.events.rule_target import EVENTS, Rule

S3 = "s3.amazonaws.com"
CREATED = "s3:ObjectCreated:*"
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_FilterRule.html
LONGEST_FILTER = 1_024
SAFE = r"[A-Za-z0-9!_.'()/-]*"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Objects whose key begins with `prefix` and ends with `suffix`, and who is told of them.

    A queue has the bucket among its sources.
    """

    target: Function | Queue
    prefix: str = ""
    suffix: str = ""

    def __post_init__(self) -> None:
        words = "letters, digits and ! _ . ' ( ) / - (no wildcard)"
        check(
            matches("prefix", self.prefix, SAFE, words),
            matches("suffix", self.suffix, SAFE, words),
            between(
                "characters of prefix and suffix",
                len(self.prefix) + len(self.suffix),
                0,
                LONGEST_FILTER,
            ),
        )

    @property
    def title(self) -> str:
        """The upload as messages name it."""
        return f"{self.prefix}*{self.suffix}"

    def overlaps(self, other: "Upload") -> bool:
        """Whether a key may be of both."""
        prefixes, suffixes = (self.prefix, other.prefix), (self.suffix, other.suffix)
        return _one_begins(*prefixes) and _one_begins(*(each[::-1] for each in suffixes))

    def takes(self, pattern: str) -> bool:
        """Whether a key of a link's pattern may be one of these."""
        if pattern.endswith("*"):
            return _one_begins(pattern[:-1], self.prefix)
        return pattern.startswith(self.prefix) and pattern.endswith(self.suffix)

    def key_pattern(self) -> dict[str, str]:
        """Return the keys as an event pattern compares them."""
        if self.suffix and self.prefix:
            return {"wildcard": self.title}
        return {"suffix": self.suffix} if self.suffix else {"prefix": self.prefix}


def _one_begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def overlapping(uploads: Sequence[Upload]) -> list[str]:
    """Return the pairs that S3 would refuse: it tells one target of a key."""
    return [
        f"uploads {one.title} and {other.title} overlap: allowed is one for each key"
        for one, other in combinations(uploads, 2)
        if one.overlaps(other)
    ]


def notify(
    name: str,
    bucket: aws.s3.Bucket,
    parent: pulumi.Resource,
    uploads: Sequence[Upload] = (),
    *,
    eventbridge: bool = False,
) -> None:
    """Make the one notification of a bucket, after what lets it in: S3 tries each queue."""
    ready: list[pulumi.Resource] = []
    for target in _targets(uploads):
        if isinstance(target, Function):
            account = target.target.arn.apply(lambda arn: arn.split(":")[4])
            ready.append(target.permit(f"{name}-permission", S3, bucket.arn, account))
            target.keep_failed_events()
        else:
            ready.append(target)
    aws.s3.BucketNotification(
        f"{name}-notification",
        bucket=bucket.bucket,
        eventbridge=eventbridge,
        lambda_functions=[
            aws.s3.BucketNotificationLambdaFunctionArgs(
                lambda_function_arn=each.target.target.arn, **_filter(each)
            )
            for each in uploads
            if isinstance(each.target, Function)
        ],
        queues=[
            aws.s3.BucketNotificationQueueArgs(queue_arn=each.target.arn, **_filter(each))
            for each in uploads
            if isinstance(each.target, Queue)
        ],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=ready),
    )


def _targets(uploads: Sequence[Upload]) -> list[Function | Queue]:
    return list(dict.fromkeys(each.target for each in uploads))


def _filter(upload: Upload) -> dict[str, Any]:
    return {
        "id": f"{upload.target.name}:{upload.title}"[:255],
        "events": [CREATED],
        "filter_prefix": upload.prefix,
        "filter_suffix": upload.suffix,
    }


def follow(
    name: str, bucket: aws.s3.Bucket, parent: pulumi.Resource, uploads: Sequence[Upload]
) -> None:
    """Make a rule of the default bus for each target; what it refuses ends in a queue."""
    child = pulumi.ResourceOptions(parent=parent)
    for target in _targets(uploads):
        whole = f"{name}-{target.name}"
        keys = [each.key_pattern() for each in uploads if each.target is target]
        pattern = {
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {"bucket": {"name": [bucket.bucket]}, "object": {"key": keys}},
        }
        rule = aws.cloudwatch.EventRule(
            f"{whole}-rule", event_pattern=pulumi.Output.json_dumps(pattern), opts=child
        )
        failures = DeadLetterQueue(
            f"{whole}-failures",
            DeadLetterQueueArgs(sources=[SourceArn(service=EVENTS, source_arn=rule.arn)]),
            child,
        )
        made = Rule(bus=parent, name=whole, title=target.name, arn=rule.arn, parent=parent)
        aws.cloudwatch.EventTarget(
            f"{whole}-target",
            rule=rule.name,
            dead_letter_config={"arn": failures.arn},
            opts=child,
            **target.rule_target(made),
        )


def strange_queues(bucket: object, uploads: Sequence[Upload]) -> list[str | None]:
    """Return the queues that were not made for a bucket."""
    return [
        when(
            bucket not in each.target.args.sources,
            f"upload {each.title}: bucket is not among the sources of queue {each.target.name}",
        )
        for each in uploads
        if isinstance(each.target, Queue)
    ]

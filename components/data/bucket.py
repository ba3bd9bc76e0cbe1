"""An S3 bucket."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.function import Function
from components.core.account import Account
from components.core.checks import check, matches, when
from components.core.encryption_key import DECRYPT, ENCRYPT
from components.core.links import Grant, Link
from components.core.names import check_name, variable
from components.data.bucket_args import BucketArgs, BucketCors, LifecycleRule
from components.data.bucket_base import PrivateBucket
from components.data.bucket_logs import keep_logs
from components.data.upload import S3, Upload, follow, notify, overlapping, strange_queues
from components.events.rule_target import EVENTS

__all__ = ["Bucket", "BucketArgs", "BucketCors", "LifecycleRule", "Upload"]

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
WRITE = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject")


@dataclass(frozen=True, kw_only=True)
class BucketWriter(Link):
    """A link that writes: a trigger on what it may write would never end."""

    bucket: object
    pattern: str


class Bucket(pulumi.ComponentResource):
    """A private bucket: encrypted, versioned, without ACLs, over TLS 1.2 and later only."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    service: str
    source_arn: pulumi.Output[str]
    """What a queue lets in: the bucket, or with `eventbridge` the rules for its events."""

    def __init__(
        self,
        name: str,
        args: BucketArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:data:Bucket", name, {}, opts)
        self.logical_name = name
        self.args = args = args or BucketArgs()
        base = PrivateBucket(name, self, force_destroy=args.force_destroy, protect=args.protect)
        self.bucket = base.bucket
        self.name = base.name
        self.arn = base.arn
        base.secure(key=args.key, versioning=args.versioning, lifecycle=args.lifecycle)
        self.service, self.source_arn = S3, self.arn
        if args.cors:
            self._allow_pages(args.cors)
        if args.account:
            self._watch(base, args, args.account)
        self._notified = False
        if args.eventbridge:
            notify(name, self.bucket, self, eventbridge=True)
        self.register_outputs({"name": self.name, "arn": self.arn})

    def reader(self, pattern: str = "*") -> Link:
        """Let a function read and list objects; `<NAME>_BUCKET_NAME` says where.

        A pattern is one key, or all that begin as it does: `imports/*`. What is missing is told
        as missing only when all may be read, else as denied.

        Raises:
            ArgumentsError: for a star anywhere but at the end.
        """
        check(_pattern_mistake(pattern))
        listing = {} if pattern == "*" else {"StringLike": {"s3:prefix": pattern}}
        grants = [
            Grant(actions=("s3:GetObject",), resources=(self._objects(pattern),)),
            Grant(actions=("s3:ListBucket",), resources=(self.arn,), conditions=listing),
            *self._key_grants(DECRYPT),
        ]
        return Link(grants=tuple(grants), environment=self._environment())

    def writer(self, pattern: str = "*") -> BucketWriter:
        """Let a function write objects, in one part or in many, without reading them.

        Raises:
            ArgumentsError: for a star anywhere but at the end.
        """
        check(_pattern_mistake(pattern))
        grant = Grant(actions=WRITE, resources=(self._objects(pattern),))
        return BucketWriter(
            grants=(grant, *self._key_grants((*DECRYPT, *ENCRYPT))),
            environment=self._environment(),
            bucket=self,
            pattern=pattern,
        )

    def on_upload(self, *uploads: Upload) -> None:
        """Tell functions and queues of new objects; a function's failed events are kept.

        A bucket has one notification, so one call names all uploads. An event may come twice, and
        has `Records` of S3, or with `eventbridge` one `detail`.

        Raises:
            ArgumentsError: for a second call, no upload, two for the same key (unless by
                `eventbridge`), a queue that was not made for this bucket, or a function that may
                write what invokes it, unless it has `recursion`.
        """
        by_rules = self.args.eventbridge
        check(
            when(not uploads, "uploads is empty: allowed is one upload or more"),
            when(
                self._notified,
                f"on_upload of bucket {self.logical_name} is called twice: allowed is one call "
                "with all uploads",
            ),
            *([] if by_rules else overlapping(uploads)),
            *strange_queues(self, uploads),
            *self._endless(uploads),
        )
        self._notified = True
        make = follow if by_rules else notify
        make(self.logical_name, self.bucket, self, uploads)

    def _endless(self, uploads: tuple[Upload, ...]) -> Iterator[str]:
        for upload in uploads:
            if not isinstance(upload.target, Function) or upload.target.args.recursion:
                continue
            for link in upload.target.args.links:
                if not isinstance(link, BucketWriter) or link.bucket is not self:
                    continue
                if upload.takes(link.pattern):
                    yield (
                        f"function {upload.target.name} may write {link.pattern!r}, which invokes "
                        f"it by {upload.title!r}: allowed is another prefix, or recursion"
                    )

    def _allow_pages(self, cors: BucketCors) -> None:
        rule = aws.s3.BucketCorsConfigurationCorsRuleArgs(
            allowed_origins=list(cors.origins),
            allowed_methods=list(cors.methods),
            allowed_headers=list(cors.headers),
            expose_headers=list(cors.exposed_headers),
            max_age_seconds=cors.max_age_seconds,
        )
        aws.s3.BucketCorsConfiguration(
            f"{self.logical_name}-cors",
            bucket=self.name,
            cors_rules=[rule],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _watch(self, base: PrivateBucket, args: BucketArgs, account: Account) -> None:
        if args.eventbridge:
            where = (account.partition, account.region, account.id, self.logical_name)
            self.service = EVENTS
            # The physical names of its rules hold its name; a stack may put its own before it.
            self.source_arn = pulumi.Output.format("arn:{0}:events:{1}:{2}:rule/*{3}-*", *where)
        if args.access_logs or args.data_events:
            keep_logs(
                self.logical_name,
                base,
                account,
                self,
                access=args.access_logs,
                events=args.data_events,
                force_destroy=args.force_destroy,
                protect=args.protect,
            )

    def _objects(self, pattern: str) -> pulumi.Output[str]:
        return pulumi.Output.concat(self.arn, "/", pattern)

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        return {variable(self.logical_name, "BUCKET_NAME"): self.name}

    def _key_grants(self, actions: tuple[str, ...]) -> tuple[Grant, ...]:
        key = self.args.key
        return (Grant(actions=actions, resources=(key.arn,)),) if key else ()


def _pattern_mistake(pattern: str) -> str | None:
    # IAM reads ? and ${...} as more than what they are.
    return matches(
        "pattern",
        pattern,
        r"(?=.{1,1024}$)[^*?$]*\*?",
        "1 to 1,024 characters without ? and $, one * at the end",
    )

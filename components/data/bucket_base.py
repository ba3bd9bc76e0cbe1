"""The resources that every bucket has, whatever it is for."""

from collections.abc import Iterable, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.encryption_key import EncryptionKey
from components.data.bucket_args import LifecycleRule

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html
ABORT_DAYS = 7
Rule = aws.s3.BucketLifecycleConfigurationRuleArgs
LEAST_TLS = "1.2"


class PrivateBucket:
    """A bucket that is private, encrypted, versioned, without ACLs, over TLS 1.2 and later only.

    Not a component: its resources are children of the component that it is for.
    """

    def __init__(
        self, name: str, parent: pulumi.Resource, *, force_destroy: bool, protect: bool
    ) -> None:
        self._title = name
        self._child = pulumi.ResourceOptions(parent=parent)
        self.bucket = aws.s3.Bucket(
            f"{name}-bucket",
            force_destroy=force_destroy,
            opts=pulumi.ResourceOptions(parent=parent, protect=protect),
        )
        self.name = self.bucket.bucket
        self.arn = self.bucket.arn

    def secure(
        self,
        *,
        key: EncryptionKey | None = None,
        versioning: bool = True,
        lifecycle: Sequence[LifecycleRule] = (),
        statements: Iterable[dict[str, Any]] = (),
    ) -> aws.s3.BucketPolicy:
        """Make all that belongs to it, and return its one policy."""
        title, child = self._title, self._child
        block = aws.s3.BucketPublicAccessBlock(
            f"{title}-public-access-block",
            bucket=self.name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            f"{title}-ownership",
            bucket=self.name,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{title}-encryption",
            bucket=self.name,
            rules=[aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(**_encryption(key))],
            opts=child,
        )
        versions = aws.s3.BucketVersioning(
            f"{title}-versioning",
            bucket=self.name,
            versioning_configuration={"status": "Enabled" if versioning else "Suspended"},
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{title}-lifecycle",
            bucket=self.name,
            rules=[Rule(**_ABORT), *(Rule(**_rule(*each)) for each in enumerate(lifecycle, 1))],
            # Rules for versions are refused before there are versions.
            opts=pulumi.ResourceOptions(parent=child.parent, depends_on=[versions]),
        )
        return aws.s3.BucketPolicy(
            f"{title}-policy",
            bucket=self.name,
            policy=policies.document([*self._tls(), *statements]),
            # S3 refuses two changes of a bucket's access at the same time.
            opts=pulumi.ResourceOptions(parent=child.parent, depends_on=[block]),
        )

    def _tls(self) -> list[dict[str, Any]]:
        # All actions, those of tomorrow as well: what is denied cannot be too much.
        everything = [self.arn, pulumi.Output.format("{0}/*", self.arn)]
        old = {"NumericLessThan": {"s3:TlsVersion": LEAST_TLS}}
        deny = {**policies.tls_only(("s3:*",), self.arn), "Resource": everything}
        return [deny, {**deny, "Sid": "LeastTls", "Condition": old}]


def _encryption(key: EncryptionKey | None) -> dict[str, Any]:
    if key is None:
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    return {
        "apply_server_side_encryption_by_default": {
            "sse_algorithm": "aws:kms",
            "kms_master_key_id": key.arn,
        },
        # One call of KMS for many objects: up to 99 % fewer.
        "bucket_key_enabled": True,
    }


_ABORT: dict[str, Any] = {
    "id": "abort-incomplete-uploads",
    "status": "Enabled",
    "filter": {"prefix": ""},
    "abort_incomplete_multipart_upload": {"days_after_initiation": ABORT_DAYS},
}


def _rule(number: int, rule: LifecycleRule) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": f"rule-{number}",
        "status": "Enabled",
        "filter": {"prefix": rule.prefix},
    }
    if rule.expire_days:
        made["expiration"] = {"days": rule.expire_days}
    if rule.noncurrent_days:
        made["noncurrent_version_expiration"] = {"noncurrent_days": rule.noncurrent_days}
    if rule.storage_class:
        step = {"days": rule.transition_days, "storage_class": rule.storage_class}
        made["transitions"] = [step]
    return made

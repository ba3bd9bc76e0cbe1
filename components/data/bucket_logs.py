"""Who read and wrote what in a bucket: S3's access logs, and CloudTrail's data events."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.account import Account
from components.data.bucket_args import LifecycleRule
from components.data.bucket_base import PrivateBucket

LOGGING = "logging.s3.amazonaws.com"
CLOUDTRAIL = "cloudtrail.amazonaws.com"
ACCESS, EVENTS = "access", "events"
KEPT = LifecycleRule(expire_days=365, noncurrent_days=1)


def keep_logs(
    name: str,
    watched: PrivateBucket,
    account: Account,
    parent: pulumi.Resource,
    *,
    access: bool,
    events: bool,
    force_destroy: bool,
    protect: bool,
) -> None:
    """Make the log bucket of a bucket, which lets in what writes the logs of that one bucket.

    It has keys of S3's: access logs cannot be delivered under a key of KMS
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html).
    """
    logs = PrivateBucket(f"{name}-logs", parent, force_destroy=force_destroy, protect=protect)
    statements = []
    if access:
        objects = pulumi.Output.format("{0}/{1}/*", logs.arn, ACCESS)
        letting_in = policies.service_may(LOGGING, "s3:PutObject", objects, watched.arn)
        statements.append(_of_account(letting_in, account))
    if events:
        statements += _trail_statements(logs, watched, account)
    policy = logs.secure(lifecycle=[KEPT], statements=statements)
    ready = pulumi.ResourceOptions(parent=parent, depends_on=[policy])
    if access:
        aws.s3.BucketLogging(
            f"{name}-logging",
            bucket=watched.name,
            target_bucket=logs.name,
            target_prefix=f"{ACCESS}/",
            opts=ready,
        )
    if events:
        _trail(name, watched, logs, ready)


def _of_account(statement: dict[str, Any], account: Account) -> dict[str, Any]:
    """Hold a statement to the account: the ARN of a bucket names none."""
    same = {"StringEquals": {"aws:SourceAccount": account.id}}
    return {**statement, "Condition": {**statement["Condition"], **same}}


def _trail_statements(
    logs: PrivateBucket, watched: PrivateBucket, account: Account
) -> list[dict[str, Any]]:
    """Return what CloudTrail asks for.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    # A trail is made after the policy that names it: it has the name of the bucket it watches.
    where = (account.partition, account.region, account.id, watched.name)
    trail = pulumi.Output.format("arn:{0}:cloudtrail:{1}:{2}:trail/{3}", *where)
    objects = pulumi.Output.format("{0}/{1}/AWSLogs/{2}/*", logs.arn, EVENTS, account.id)
    write = policies.service_may(CLOUDTRAIL, "s3:PutObject", objects, trail)
    owned = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    return [
        policies.service_may(CLOUDTRAIL, "s3:GetBucketAcl", logs.arn, trail),
        {**write, "Condition": {**write["Condition"], **owned}},
    ]


def _trail(
    name: str, watched: PrivateBucket, logs: PrivateBucket, opts: pulumi.ResourceOptions
) -> None:
    objects = pulumi.Output.format("{0}/", watched.arn)
    fields: list[Any] = [
        {"field": "eventCategory", "equals": ["Data"]},
        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
        {"field": "resources.ARN", "starts_withs": [objects]},
    ]
    aws.cloudtrail.Trail(
        f"{name}-trail",
        name=watched.name,
        s3_bucket_name=logs.name,
        s3_key_prefix=EVENTS,
        advanced_event_selectors=[
            aws.cloudtrail.TrailAdvancedEventSelectorArgs(name="objects", field_selectors=fields)
        ],
        enable_log_file_validation=True,
        include_global_service_events=False,
        opts=opts,
    )

import json
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest

from components.core import policies
from components.core.account import Account
from components.core.checks import ArgumentsError
from components.core.links import Link
from components.data.bucket import Bucket, BucketArgs, BucketCors, LifecycleRule
from components.events.queue import Queue, QueueArgs
from tests.contracts.examples.base import key
from tests.recording import ACCOUNT, REGION, Deployment, deploy

ARN = "arn:aws:s3:::uploads-bucket-1234567"
LOGS = "arn:aws:s3:::uploads-logs-bucket-1234567"


def account() -> Account:
    return Account.current(aws.Provider("aws"))


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: Bucket("uploads", BucketArgs(**settings)))


def watched(**settings: Any) -> Deployment:
    return deploy(lambda: Bucket("uploads", BucketArgs(account=account(), **settings)))


def granted(ask: Callable[[Bucket], Link], **settings: Any) -> list[dict[str, Any]]:
    """Return the statements of a link, with its ARNs."""

    def program() -> None:
        link = ask(Bucket("uploads", BucketArgs(**settings)))
        assert list(link.environment) == ["UPLOADS_BUCKET_NAME"]
        document = policies.identity(link.grants)
        aws.iam.RolePolicy("seen", role="r", policy=document)

    statements: list[dict[str, Any]] = deploy(program).document("RolePolicy", "seen")["Statement"]
    return statements


def test_a_bucket_needs_no_settings() -> None:
    deployment = deploy(lambda: Bucket("uploads"))
    assert len(deployment.all("s3/bucket:Bucket")) == 1
    assert deployment.inputs("s3/bucket:Bucket")["forceDestroy"] is False


def test_versions_are_kept_unless_it_says_otherwise() -> None:
    for given, status in ((True, "Enabled"), (False, "Suspended")):
        inputs = deployed(versioning=given).inputs("BucketVersioning")
        assert inputs["versioningConfiguration"] == {"status": status}


def test_incomplete_uploads_end_after_a_week_whatever_the_rules() -> None:
    rules = [
        LifecycleRule(prefix="tmp/", expire_days=90, noncurrent_days=7),
        LifecycleRule(storage_class="GLACIER", transition_days=0),
    ]
    lifecycle = deployed(lifecycle=rules).one("BucketLifecycleConfiguration")
    assert lifecycle.inputs["rules"] == [
        {
            "id": "abort-incomplete-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        },
        {
            "id": "rule-1",
            "status": "Enabled",
            "filter": {"prefix": "tmp/"},
            "expiration": {"days": 90},
            "noncurrentVersionExpiration": {"noncurrentDays": 7},
        },
        {
            "id": "rule-2",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "transitions": [{"days": 0, "storageClass": "GLACIER"}],
        },
    ]
    assert "uploads-versioning" in lifecycle.depends_on


def test_objects_are_encrypted_with_the_key_given() -> None:
    deployment = deploy(lambda: Bucket("uploads", BucketArgs(key=key())))
    (rule,) = deployment.inputs("SideEncryptionConfiguration")["rules"]
    assert rule == {
        "applyServerSideEncryptionByDefault": {
            "sseAlgorithm": "aws:kms",
            "kmsMasterKeyId": deployment.arn("key:Key"),
        },
        "bucketKeyEnabled": True,
    }


def test_the_policy_comes_after_the_block_of_public_access() -> None:
    assert "uploads-public-access-block" in deployed().one("BucketPolicy").depends_on


def test_pages_of_the_origins_named_may_use_it() -> None:
    cors = BucketCors(origins=("https://shop.example.com",))
    assert deployed(cors=cors).inputs("BucketCorsConfiguration")["corsRules"] == [
        {
            "allowedOrigins": ["https://shop.example.com"],
            "allowedMethods": ["GET", "PUT"],
            "allowedHeaders": ["content-type"],
            "exposeHeaders": ["ETag"],
            "maxAgeSeconds": 3600,
        }
    ]


def test_a_protected_bucket_is_protected_with_its_logs() -> None:
    deployment = watched(protect=True, access_logs=True)
    assert [each.protect for each in deployment.all("s3/bucket:Bucket")] == [True, True]


def test_access_logs_go_to_a_bucket_that_lets_in_this_source_only() -> None:
    deployment = watched(access_logs=True, force_destroy=True)
    assert deployment.inputs("BucketLogging") == {
        "bucket": "uploads-bucket-1234567",
        "targetBucket": "uploads-logs-bucket-1234567",
        "targetPrefix": "access/",
    }
    assert "uploads-logs-policy" in deployment.one("BucketLogging").depends_on
    assert deployment.inputs("s3/bucket:Bucket", "logs-bucket")["forceDestroy"] is True
    *_, allow = deployment.document("BucketPolicy", "uploads-logs-policy")["Statement"]
    assert allow == {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{LOGS}/access/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": ARN},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
    }
    assert not deployment.all("trail:Trail")


def test_data_events_are_those_of_this_bucket_in_a_bucket_for_this_trail_only() -> None:
    deployment = watched(data_events=True)
    trail = deployment.inputs("trail:Trail")
    assert trail["name"] == "uploads-bucket-1234567"
    assert trail["enableLogFileValidation"] is True
    assert trail["s3BucketName"] == "uploads-logs-bucket-1234567"
    (selector,) = trail["advancedEventSelectors"]
    assert selector["fieldSelectors"] == [
        {"field": "eventCategory", "equals": ["Data"]},
        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
        {"field": "resources.ARN", "startsWiths": [f"{ARN}/"]},
    ]
    *_, look, write = deployment.document("BucketPolicy", "uploads-logs-policy")["Statement"]
    source = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/uploads-bucket-1234567"
    assert (look["Action"], look["Resource"]) == ("s3:GetBucketAcl", LOGS)
    assert write["Resource"] == f"{LOGS}/events/AWSLogs/{ACCOUNT}/*"
    assert write["Condition"] == {
        "ArnLike": {"aws:SourceArn": source},
        "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"},
    }
    assert look["Condition"] == {"ArnLike": {"aws:SourceArn": source}}
    assert not deployment.all("BucketLogging")


def test_a_reader_reads_and_lists_what_its_pattern_says() -> None:
    assert granted(lambda bucket: bucket.reader("imports/*")) == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"{ARN}/imports/*"]},
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": [ARN],
            "Condition": {"StringLike": {"s3:prefix": "imports/*"}},
        },
    ]


def test_a_reader_of_all_lists_all() -> None:
    read, listing = granted(lambda bucket: bucket.reader())
    assert read["Resource"] == [f"{ARN}/*"]
    assert "Condition" not in listing


def test_a_writer_writes_and_does_not_read() -> None:
    (write,) = granted(lambda bucket: bucket.writer("reports/daily.json"))
    assert write["Action"] == [
        *("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"),
    ]
    assert write["Resource"] == [f"{ARN}/reports/daily.json"]


def test_links_use_the_key() -> None:
    def program() -> None:
        bucket = Bucket("uploads", BucketArgs(key=key()))
        for name, link in (("reads", bucket.reader()), ("writes", bucket.writer())):
            used = sorted({each for grant in link.grants for each in grant.actions})
            aws.iam.RolePolicy(name, role="r", policy=json.dumps(used))

    deployment = deploy(program)
    reads = json.loads(deployment.inputs("RolePolicy", "reads")["policy"])
    writes = json.loads(deployment.inputs("RolePolicy", "writes")["policy"])
    assert [each for each in reads if "kms" in each] == ["kms:Decrypt", "kms:DescribeKey"]
    assert "kms:GenerateDataKey" in writes


def test_a_queue_that_takes_from_a_bucket_takes_from_its_account_only() -> None:
    deployment = deploy(lambda: Queue("pictures", QueueArgs(sources=[Bucket("uploads")])) and None)
    *_, allow = deployment.document("QueuePolicy", "pictures-policy")["Statement"]
    assert allow["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allow["Condition"] == {
        "ArnLike": {"aws:SourceArn": ARN},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


@pytest.mark.parametrize(
    "pattern", ["", "*/a", "a*b", "**", "a?", "${aws:username}/*", "x" * 1_025]
)
def test_a_pattern_has_its_one_star_at_the_end(pattern: str) -> None:
    def program() -> None:
        bucket = Bucket("uploads")
        for ask in (bucket.reader, bucket.writer):
            with pytest.raises(ArgumentsError, match=r"pattern is .*: allowed is 1 to 1,024"):
                ask(pattern)

    deploy(program)


RULE = LifecycleRule(expire_days=1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BucketArgs(access_logs=True), "account is None for access_logs: allowed is"),
        (
            lambda: BucketArgs(data_events=True, eventbridge=True),
            "account is None for data_events, eventbridge: allowed is",
        ),
        (
            lambda: BucketArgs(protect=True, force_destroy=True),
            "force_destroy is True with protect: allowed is False",
        ),
        (
            lambda: BucketArgs(
                versioning=False, lifecycle=[LifecycleRule(prefix="a", noncurrent_days=1)]
            ),
            r"noncurrent_days is given for \['a'\] without versioning: allowed is None",
        ),
        (
            lambda: BucketArgs(lifecycle=[RULE, RULE]),
            r"lifecycle has the prefixes \['', ''\]: allowed is each once",
        ),
        (lambda: BucketArgs(lifecycle=[RULE] * 1_000), "number of lifecycle rules is 1000"),
        (lambda: LifecycleRule(prefix="a/"), "rule for 'a/' does nothing: allowed is"),
        (lambda: LifecycleRule(prefix="a" * 1_025, expire_days=1), "characters of prefix is 1025"),
        (
            lambda: LifecycleRule(storage_class="ONEZONE_IA", transition_days=29),
            "transition_days is 29 to ONEZONE_IA: allowed is 30 or more",
        ),
        (
            lambda: LifecycleRule(storage_class="GLACIER", transition_days=9, expire_days=9),
            "expire_days is 9: allowed is more than transition_days, 9",
        ),
        (lambda: BucketCors(origins=()), "origins is empty: allowed is one origin or more"),
        (lambda: BucketCors(origins=("*",)), r"origin is '\*': allowed is scheme and host"),
        (
            lambda: BucketCors(origins=("https://a",), methods=("PATCH",)),
            "method is 'PATCH': allowed is 'DELETE', 'GET', 'HEAD', 'POST', 'PUT'",
        ),
    ],
)
def test_what_s3_would_refuse_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        make()

"""Buckets in the provider: names, tags, what drifts, what is emptied, and policies without TLS."""

import json
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from botocore.exceptions import ClientError

from local.provider import names
from tests.local.engine_side import Engine
from tests.local.provider.made import Made, make
from tests.local.world import World

pytestmark = pytest.mark.local
Look = Callable[[str], Any]
BUCKET = "aws:s3/bucket:Bucket"
DENY = {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
TLS = {**DENY, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
LEAST = {**DENY, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}


@pytest.fixture
def bucket(engine: Engine) -> Made:
    return make(engine, BUCKET, tags={"a": "1", "b": "2"})


def test_a_name_is_as_s3_wants_it() -> None:
    logical = "Reports" + "x" * 80
    name = names.named(BUCKET, logical, b"s", {}, {}, {"bucket"})["bucket"]
    assert len(name) == 63
    assert name == name.lower()


def test_tags_follow(bucket: Made, aws: Look) -> None:
    bucket.update(tags={"b": "3"})
    found = aws("s3").get_bucket_tagging(Bucket=bucket.id)["TagSet"]
    assert found == [{"Key": "b", "Value": "3"}]
    bucket.update("tags")
    assert bucket.read() == bucket.inputs


def test_a_bucket_with_objects_is_only_removed_by_force(
    engine: Engine, bucket: Made, aws: Look
) -> None:
    s3 = aws("s3")
    enabled = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=bucket.id, VersioningConfiguration=enabled)
    for body in (b"1", b"2"):
        s3.put_object(Bucket=bucket.id, Key="one", Body=body)
    s3.delete_object(Bucket=bucket.id, Key="one")
    s3.create_multipart_upload(Bucket=bucket.id, Key="half")
    with pytest.raises(grpc.RpcError, match="BucketNotEmpty"):
        engine.delete(BUCKET, bucket.id, bucket.state)
    assert len(s3.list_object_versions(Bucket=bucket.id)["Versions"]) == 2
    engine.delete(BUCKET, bucket.id, {**bucket.state, "forceDestroy": True})
    with pytest.raises(ClientError, match="404"):
        s3.head_bucket(Bucket=bucket.id)


def policy(engine: Engine, bucket: Made, *statements: dict[str, Any]) -> Made:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return make(engine, "aws:s3/bucketPolicy:BucketPolicy", bucket=bucket.id, policy=text)


def test_a_policy_about_tls_alone_stays_out_of_the_emulator(
    engine: Engine, bucket: Made, aws: Look
) -> None:
    made = policy(engine, bucket, TLS, LEAST)
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        aws("s3").get_bucket_policy(Bucket=bucket.id)
    assert made.read() == made.inputs


def test_a_changed_policy_shows(engine: Engine, bucket: Made, aws: Look) -> None:
    let_in = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket.id}/*",
    }
    made = policy(engine, bucket, TLS, let_in)
    live = json.loads(aws("s3").get_bucket_policy(Bucket=bucket.id)["Policy"])
    assert live["Statement"] == [let_in]
    assert made.read() == made.inputs
    live["Statement"][0]["Action"] = "s3:GetObject"
    aws("s3").put_bucket_policy(Bucket=bucket.id, Policy=json.dumps(live))
    assert json.loads(made.read()["policy"]) == live


def test_a_notification_that_went_shows(
    engine: Engine, world: World, bucket: Made, aws: Look
) -> None:
    told = {
        "id": "work",
        "events": ["s3:ObjectCreated:*"],
        "filterPrefix": "in/",
        "filterSuffix": ".csv",
        "lambdaFunctionArn": world.function["arn"],
    }
    token = "aws:s3/bucketNotification:BucketNotification"
    made = make(engine, token, bucket=bucket.id, eventbridge=True, lambdaFunctions=[told])
    assert made.read() == made.inputs
    left: dict[str, Any] = {"EventBridgeConfiguration": {}}
    aws("s3").put_bucket_notification_configuration(
        Bucket=bucket.id, NotificationConfiguration=left
    )
    assert made.read() == {**made.inputs, "lambdaFunctions": []}


def test_encryption_that_went_back_to_s3s_own_shows(
    engine: Engine, world: World, bucket: Made, aws: Look
) -> None:
    default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": world.key["arn"]}
    made = make(
        engine,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        bucket=bucket.id,
        rules=[{"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": True}],
    )
    assert made.read() == made.inputs
    aws("s3").delete_bucket_encryption(Bucket=bucket.id)
    assert engine.read(made.token, made.id, made.state, made.inputs)[0] == ""


def test_a_bucket_that_is_there_can_be_imported(engine: Engine, bucket: Made) -> None:
    _, state, inputs = engine.read(BUCKET, bucket.id, {}, {})
    assert state["arn"] == f"arn:aws:s3:::{bucket.id}"
    assert inputs["bucket"] == bucket.id

"""Buckets on the local stage: an upload's way through a function, what is denied, what fails."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.aws import client
from local.stage import LocalStage
from tests.local.small import write_items

pytestmark = pytest.mark.local
PROGRAM = """
import pulumi
import pulumi_aws as aws
from components.compute.asynchronous import AsynchronousInvocation
from components.compute.function import Function, FunctionArgs
from components.core.account import Account
from components.data.bucket import Bucket, BucketArgs, Upload
from components.events.queue import Queue, QueueArgs

provider = aws.Provider("aws", region="us-east-1")
in_stage = pulumi.ResourceOptions(provider=provider)
account = Account.current(provider)
args = BucketArgs(account=account, access_logs=True, data_events=True, force_destroy=True)
uploads = Bucket("uploads", args, in_stage)
links = [uploads.reader("imports/*"), uploads.writer("reports/*")]
start = Function(
    "start",
    FunctionArgs(
        code="lambdas/items",
        handler="items.handler.start",
        links=links,
        asynchronous=AsynchronousInvocation(retries=0),
    ),
    in_stage,
)
pictures = Queue("pictures", QueueArgs(sources=[uploads]), in_stage)
uploads.on_upload(
    Upload(target=start, prefix="imports/", suffix=".json"),
    Upload(target=pictures, suffix=".png"),
)
ruled = Bucket(
    "ruled", BucketArgs(account=account, eventbridge=True, force_destroy=True), in_stage
)
told = Queue("told", QueueArgs(sources=[ruled]), in_stage)
ruled.on_upload(Upload(target=told, prefix="in/", suffix=".csv"))
pulumi.export("bucket", uploads.name)
pulumi.export("pictures", pictures.url)
pulumi.export("ruled", ruled.name)
pulumi.export("told", told.url)
"""
HANDLER = """
import json
import os
from urllib.parse import unquote_plus
import boto3

s3 = boto3.client("s3")
BUCKET = os.environ["UPLOADS_BUCKET_NAME"]

def start(event, context):
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        asked = json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        if asked.get("list") is not None:
            found = s3.list_objects_v2(Bucket=BUCKET, Prefix=asked["list"])
            asked["found"] = [each["Key"] for each in found["Contents"]]
        s3.put_object(Bucket=BUCKET, Key=asked["to"], Body=json.dumps(asked))
"""


@pytest.fixture
def project(project: Path) -> Path:
    write_items(project, HANDLER)
    (project / "__main__.py").write_text(PROGRAM)
    return project


def until(look: Callable[[], Any]) -> Any:
    for _ in range(300):
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come")


def received(stage: LocalStage, url: str) -> list[dict[str, Any]]:
    answer = client(stage.endpoint, "sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0, VisibilityTimeout=0
    )
    return [json.loads(each["Body"]) for each in answer.get("Messages", [])]


def two_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = {each["requestPayload"]["Records"][0]["s3"]["object"]["key"] for each in messages}
    return messages if len(keys) == 2 else []


def test_uploads_reach_functions_and_queues_which_may_do_what_their_links_say(
    stage: LocalStage,
) -> None:
    stage.up()
    again = stage.up().changes
    assert set(again) == {"same"}, again
    outputs, s3 = stage.outputs(), client(stage.endpoint, "s3")
    bucket, sqs = outputs["bucket"], client(stage.endpoint, "sqs")

    def upload(name: str, **asked: Any) -> None:
        s3.put_object(Bucket=bucket, Key=f"imports/{name}.json", Body=json.dumps(asked))

    def keys(prefix: str) -> list[str]:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [each["Key"] for each in found]

    upload("good one", to="reports/one.json", list="imports/")
    until(lambda: keys("reports/"))
    report = json.loads(s3.get_object(Bucket=bucket, Key="reports/one.json")["Body"].read())
    assert report["found"] == ["imports/good one.json"]

    # A third prefix is denied, and so is a list of all.
    upload("elsewhere", to="elsewhere/two.json")
    upload("all", to="reports/three.json", list="")
    (failures,) = [u for u in sqs.list_queues()["QueueUrls"] if "/start-failed-events-" in u]
    failed = until(lambda: two_of(received(stage, failures)))
    for each in failed:
        key = each["requestPayload"]["Records"][0]["s3"]["object"]["key"]
        message = each["responsePayload"]["errorMessage"]
        assert "AccessDenied" in message
        assert {"imports/elsewhere.json": "PutObject", "imports/all.json": "List"}[key] in message
    assert keys("elsewhere/") == []
    assert keys("reports/") == ["reports/one.json"]

    s3.put_object(Bucket=bucket, Key="one.png", Body=b"p")
    until(
        lambda: (
            [
                record["s3"]["object"]["key"]
                for body in received(stage, outputs["pictures"])
                for record in body.get("Records", [])
            ]
            == ["one.png"]
        )
    )
    s3.put_object(Bucket=outputs["ruled"], Key="in/a.txt", Body=b"not told")
    s3.put_object(Bucket=outputs["ruled"], Key="in/a.csv", Body=b"told")
    (event,) = until(lambda: received(stage, outputs["told"]))
    assert event["detail"]["object"]["key"] == "in/a.csv"

    # Two versions of one object, a delete marker, and an upload that was never completed.
    s3.put_object(Bucket=bucket, Key="one.png", Body=b"q")
    s3.delete_object(Bucket=bucket, Key="one.png")
    s3.create_multipart_upload(Bucket=bucket, Key="half.png")
    stage.destroy()
    assert not s3.list_buckets()["Buckets"]

"""Topics and streams on the local stage, with IAM enforced."""

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
HANDLER = '''
import base64
import json
import os
import boto3

seen = boto3.resource("dynamodb").Table(os.environ["SEEN_TABLE_NAME"])
me = os.environ["POWERTOOLS_SERVICE_NAME"]


def text(record):
    if "kinesis" in record:
        return base64.b64decode(record["kinesis"]["data"]).decode()
    if "dynamodb" in record:
        return record["dynamodb"]["NewImage"]["text"]["S"]
    return record["Sns"]["Message"] if "Sns" in record else record["body"]


def store(event, context):
    for record in event["Records"]:
        group = record.get("attributes", {}).get("MessageGroupId", "-")
        key = record.get("kinesis", {}).get("partitionKey", "-")
        item = {"who": me, "what": text(record), "group": group, "key": key}
        seen.put_item(Item=item)
    return {"batchItemFailures": []}


def send(event, context):
    boto3.client("events").put_events(
        Entries=[
            {
                "EventBusName": os.environ["SHOP_BUS_NAME"],
                "Source": "shop",
                "DetailType": kind,
                "Detail": json.dumps({"order_id": f"o-{kind}"}),
            }
            for kind in event["kinds"]
        ]
    )
    sns = boto3.client("sns")
    for number in range(2):
        sns.publish(
            TopicArn=os.environ["LEDGER_TOPIC_ARN"], Message=f"entry-{number}", MessageGroupId="g"
        )


def stumble(event, context):
    """Fail at the second record until it has come again."""
    log = {"who": me, "what": "log"}
    for record in event["Records"]:
        said, entries = text(record), seen.get_item(Key=log).get("Item", {}).get("entries", [])
        fails = said == "2" and "2 failed" not in entries
        entries.append(f"{said} failed" if fails else said)
        seen.put_item(Item={**log, "entries": entries})
        if fails:
            parts = record.get("kinesis") or record["dynamodb"]
            number = parts.get("sequenceNumber") or parts["SequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}
'''
START = """
import pulumi
from components.compute.function import Function, FunctionArgs
from components.data.stream import Stream, StreamArgs
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.event_source import StreamReading
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic, TopicArgs

seen = Table("seen", TableArgs(partition_key="who", sort_key="what"))
pulumi.export("seen", seen.name)

def function(name, handler="store", *links):
    links = [seen.reader_writer(), *links]
    args = FunctionArgs(code="lambdas/items", handler=f"items.handler.{handler}", links=links)
    return Function(name, args)
"""
FLOW = f"""{START}
bus = EventBus("shop")
news = Topic("news", TopicArgs(sources=[bus]))
everything = Queue("everything", QueueArgs(sources=[news]))
confirmed = Queue("confirmed", QueueArgs(sources=[news]))
news.fan_out(everything)
news.fan_out(confirmed, filter={{"detail-type": ["Confirmed"]}}, filter_scope="body")
news.invoke(function("print"), filter={{"detail-type": ["Placed"]}}, filter_scope="body")
clicks = Stream("clicks", StreamArgs(shards=2))
ledger = Topic("ledger", TopicArgs(fifo=True, content_based_deduplication=True))
books = Queue("books", QueueArgs(fifo=True, sources=[ledger]))
ledger.fan_out(books)
bus.on("news", {{"source": ["shop"]}}, news)
bus.on("clicks", {{"source": ["shop"]}}, clicks.partitioned_by("$.detail.order_id"))
for queue in (everything, confirmed, books):
    queue.subscribe(function(queue.name))
clicks.subscribe(function("count"), StreamReading(tumbling_window_seconds=60))
clicks.subscribe(function("keep"), consumer="keeper")
send = function("send", "send", bus.publisher(), ledger.publisher())
pulumi.export("send", send.function.name)
"""
STUMBLING = f"""{START}
numbers = Stream("numbers", StreamArgs(shards=1))
numbers.subscribe(function("of-stream", "stumble"))
things = Table("things", TableArgs(partition_key="id", stream="NEW_IMAGE"))
things.subscribe(function("of-table", "stumble"))
pulumi.export("stream", numbers.name)
pulumi.export("table", things.name)
"""


@pytest.fixture
def project(project: Path) -> Path:
    write_items(project, HANDLER)
    return project


def items(stage: LocalStage) -> list[dict[str, Any]]:
    found = client(stage.endpoint, "dynamodb").scan(TableName=stage.outputs()["seen"])["Items"]
    return [{key: next(iter(value.values())) for key, value in item.items()} for item in found]


def wait_for(condition: Callable[[], bool], seconds: int = 60) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)


def test_events_reach_topics_queues_streams_and_functions(
    stage: LocalStage, project: Path
) -> None:
    (project / "__main__.py").write_text(FLOW)
    stage.up()
    functions = client(stage.endpoint, "lambda")
    event = json.dumps({"kinds": ["Placed", "Confirmed"]}).encode()
    answer = functions.invoke(FunctionName=stage.outputs()["send"], Payload=event)
    assert "FunctionError" not in answer, answer["Payload"].read()
    wait_for(lambda: len(items(stage)) >= 10)

    def kinds(who: str) -> list[str]:
        events = [json.loads(each["what"]) for each in items(stage) if each["who"] == who]
        return sorted(each["detail-type"] for each in events)

    assert kinds("everything") == ["Confirmed", "Placed"]
    assert kinds("confirmed") == ["Confirmed"]
    assert kinds("print") == ["Placed"]
    assert kinds("count") == kinds("keep") == ["Confirmed", "Placed"]
    counted = [each["key"] for each in items(stage) if each["who"] == "count"]
    assert sorted(counted) == ["o-Confirmed", "o-Placed"]
    books = [(each["what"], each["group"]) for each in items(stage) if each["who"] == "books"]
    assert sorted(books) == [("entry-0", "g"), ("entry-1", "g")]

    changes = {op for op, count in stage.up().changes.items() if count}
    assert changes == {"same"}


def test_a_partly_failed_batch_of_a_stream_comes_again(stage: LocalStage, project: Path) -> None:
    (project / "__main__.py").write_text(STUMBLING)
    stage.up()
    outputs, dynamodb = stage.outputs(), client(stage.endpoint, "dynamodb")
    for number in ("1", "2", "3"):
        item = {"id": {"S": number}, "text": {"S": number}}
        dynamodb.put_item(TableName=outputs["table"], Item=item)
    records = [{"Data": number.encode(), "PartitionKey": "k"} for number in ("1", "2", "3")]
    client(stage.endpoint, "kinesis").put_records(StreamName=outputs["stream"], Records=records)

    def log(who: str) -> list[str]:
        found = [each["entries"] for each in items(stage) if each["who"] == who]
        return [entry["S"] for entry in found[0]] if found else []

    for who in ("of-stream", "of-table"):
        wait_for(lambda who=who: "3" in log(who))  # type: ignore[misc]
        entries = log(who)
        assert "2 failed" in entries, who
        handled = [each for each in entries if each != "2 failed"]
        assert list(dict.fromkeys(handled)) == ["1", "2", "3"], entries
        assert entries[entries.index("2 failed") + 1] in ("1", "2"), "what failed did not come"

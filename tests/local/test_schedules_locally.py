"""Schedules and pipes on the local stage, with IAM enforced."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.aws import client
from local.stage import LocalStage
from tests.local.small import write_items

pytestmark = pytest.mark.local
HANDLER = """
import json
import os
import boto3


def keep(event, context):
    table = boto3.resource("dynamodb").Table(os.environ["SEEN_TABLE_NAME"])
    table.put_item(Item={"id": context.aws_request_id, "event": json.dumps(event)})


def enrich(event, context):
    return [{"order": each["order"], "price": 5} for each in event]
"""
START = """
import pulumi
from components.compute.function import Function, FunctionArgs
from components.data.stream import Stream, StreamArgs
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.event_source import Batching, StreamReading
from components.events.pipe import Pipe, PipeArgs
from components.events.queue import Queue, QueueArgs
from components.events.schedule import Schedule, ScheduleArgs
from components.events.topic import Topic, TopicArgs

seen = Table("seen", TableArgs(partition_key="id"))

def function(name, handler="keep"):
    links = [seen.writer("PutItem")]
    args = FunctionArgs(code="lambdas/items", handler=f"items.handler.{handler}", links=links)
    return Function(name, args)

bus, clicks = EventBus("shop"), Stream("clicks", StreamArgs(shards=1))
news = Topic("news")
books = Queue("books", QueueArgs(fifo=True, content_based_deduplication=True))
queues = {
    "jobs": Queue("jobs"),
    "books": books,
    "read": Queue("read", QueueArgs(sources=[news])),
    "heard": Queue("heard", QueueArgs(sources=[bus])),
}
news.fan_out(queues["read"])
bus.on("all", {"source": ["tests"]}, queues["heard"])
pulumi.export("seen", seen.name)
pulumi.export("clicks", clicks.arn)
for name, queue in queues.items():
    pulumi.export(name, queue.url)
"""
SCHEDULES = f"""{START}
once, berlin = "at(ONCE)", "at(BERLIN)"
payload = {{"at": "<aws.scheduler.scheduled-time>", "of": "<aws.scheduler.schedule-arn>"}}
args = ScheduleArgs(expression=once, target=queues["jobs"], input=payload)
Schedule("tell-jobs", args)
args = ScheduleArgs(expression=berlin, timezone="Europe/Berlin", target=function("call"))
Schedule("call", args)
args = ScheduleArgs(expression=once, target=books, message_group_id="g", input={{"n": 1}})
Schedule("tell-books", args)
Schedule("tell-news", ScheduleArgs(expression=once, target=news, input={{"n": 2}}))
args = ScheduleArgs(
    expression=once, target=bus, event_source="tests", detail_type="Tick", input={{"n": 3}}
)
Schedule("tell-bus", args)
args = ScheduleArgs(expression=once, target=clicks, partition_key="k", input={{"n": 4}})
Schedule("tell-clicks", args)
zone = {{"expression": "cron(0 8 * * ? *)", "timezone": "Europe/Berlin"}}
Schedule("morning", ScheduleArgs(target=queues["jobs"], **zone))
args = ScheduleArgs(expression=once, target=queues["jobs"], input={{"n": 5}}, enabled=False)
Schedule("never", args)
"""
PIPES = f"""{START}
incoming = Queue("incoming")
pulumi.export("incoming", incoming.url)
args = PipeArgs(
    source=incoming,
    batching=Batching(filters=[{{"body": {{"kind": ["order"]}}}}]),
    enrichment=function("enrich", "enrich"),
    enrichment_template='{{"order": <$.body.id>}}',
    target=books,
    message_group_id="$.order",
    input_template='{{"text": "<$.order> costs <$.price>", "by": "<aws.pipes.source-arn>"}}',
)
Pipe("sell", args)
reading = StreamReading(batching=Batching(batch_size=10, filters=[{{"partitionKey": ["k"]}}]))
Pipe("handle", PipeArgs(source=clicks, reading=reading, target=function("handle")))
things = Table("things", TableArgs(partition_key="id", stream="NEW_AND_OLD_IMAGES"))
pulumi.export("things", things.name)
args = PipeArgs(
    source=things,
    target=bus,
    event_source="tests",
    detail_type="$.eventName",
    input_template='{{"id": <$.dynamodb.Keys.id.S>}}',
)
Pipe("tell", args)
Pipe("publish", PipeArgs(source=things, target=news, input_template="<$.dynamodb.Keys.id.S>"))
args = PipeArgs(source=things, target=queues["jobs"], desired_state="STOPPED")
Pipe("stand", args)
"""


@pytest.fixture
def project(project: Path) -> Path:
    write_items(project, HANDLER)
    return project


class Look:
    """What has arrived on a stage."""

    def __init__(self, stage: LocalStage) -> None:
        self.stage = stage
        self.outputs = stage.outputs()
        self.received: dict[str, list[str]] = {}

    def client(self, service: str) -> Any:
        return client(self.stage.endpoint, service)

    def messages(self, queue: str) -> list[str]:
        """Return the bodies of all messages until now; they are taken out."""
        answer = self.client("sqs").receive_message(
            QueueUrl=self.outputs[queue], MaxNumberOfMessages=10
        )
        found = self.received.setdefault(queue, [])
        found.extend(each["Body"] for each in answer.get("Messages", []))
        return found

    def records(self) -> list[tuple[str, str]]:
        kinesis = self.client("kinesis")
        shard = "shardId-000000000000"
        iterator = kinesis.get_shard_iterator(
            StreamARN=self.outputs["clicks"], ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )
        records = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
        return [(each["PartitionKey"], each["Data"].decode()) for each in records]

    def events(self) -> list[Any]:
        items = self.client("dynamodb").scan(TableName=self.outputs["seen"])["Items"]
        return [json.loads(item["event"]["S"]) for item in items]


def eventually(look: Callable[[], list[Any]], number: int = 1) -> list[Any]:
    end = time.monotonic() + 60
    while len(look()) < number and time.monotonic() < end:
        time.sleep(0.2)
    return look()


def test_schedules_invoke_every_kind_of_target(stage: LocalStage, project: Path) -> None:
    at = datetime.now(UTC) + timedelta(seconds=1)
    times = {"ONCE": at, "BERLIN": at.astimezone(ZoneInfo("Europe/Berlin"))}
    program = SCHEDULES
    for word, time_ in times.items():
        program = program.replace(word, f"{time_:%Y-%m-%dT%H:%M:%S}")
    (project / "__main__.py").write_text(program)
    deployed = stage.up()
    assert ("aws:scheduler/schedule:Schedule", "morning-schedule") in deployed.recorded
    names = {name for _, name in deployed.recorded}
    assert "tell-jobs-schedule" not in names
    look = Look(stage)

    (job,) = map(json.loads, eventually(lambda: look.messages("jobs")))
    assert job["of"].split("/")[-1].startswith("tell-jobs-schedule-")
    assert datetime.fromisoformat(job["at"]) >= at - timedelta(minutes=1)
    (event,) = eventually(look.events)
    assert (event["source"], event["detail-type"]) == ("aws.scheduler", "Scheduled Event")
    assert json.loads(eventually(lambda: look.messages("books"))[0]) == {"n": 1}
    assert json.loads(eventually(lambda: look.messages("read"))[0]) == {"n": 2}
    heard = json.loads(eventually(lambda: look.messages("heard"))[0])
    assert (heard["detail-type"], heard["detail"]) == ("Tick", {"n": 3})
    assert eventually(look.records) == [("k", '{"n": 4}')]
    assert len(look.messages("jobs")) == 1

    changes = {op for op, count in stage.up().changes.items() if count}
    assert changes == {"same"}


def test_pipes_move_what_passes_their_filters(stage: LocalStage, project: Path) -> None:
    (project / "__main__.py").write_text(PIPES)
    stage.up()
    look = Look(stage)
    for body in ({"kind": "order", "id": "o-1"}, {"kind": "mail", "id": "m-1"}):
        look.client("sqs").send_message(
            QueueUrl=look.outputs["incoming"], MessageBody=json.dumps(body)
        )
    records = [
        {"Data": text.encode(), "PartitionKey": key} for key, text in (("k", "a"), ("other", "b"))
    ]
    look.client("kinesis").put_records(StreamARN=look.outputs["clicks"], Records=records)
    item = {"id": {"S": "t-1"}}
    look.client("dynamodb").put_item(TableName=look.outputs["things"], Item=item)

    (sold,) = map(json.loads, eventually(lambda: look.messages("books")))
    assert sold["text"] == "o-1 costs 5"
    assert sold["by"].split(":")[-1].startswith("incoming-queue-")
    (handled,) = eventually(look.events)
    assert [(each["partitionKey"], each["data"]) for each in handled] == [("k", "YQ==")]
    heard = json.loads(eventually(lambda: look.messages("heard"))[0])
    assert (heard["detail-type"], heard["detail"]) == ("INSERT", {"id": "t-1"})
    assert eventually(lambda: look.messages("read")) == ["t-1"]
    assert not look.messages("jobs")

    changes = {op for op, count in stage.up().changes.items() if count}
    assert changes == {"same"}

from collections.abc import Callable
from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.core.links import Link
from components.data.stream import Stream, StreamArgs
from components.data.table import Table, TableArgs
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.event_bus import EventBus
from components.events.event_source import StreamReading
from tests.contracts.examples.base import plain_function
from tests.contracts.examples.streams import key
from tests.recording import Deployment, deploy

STREAM = "arn:aws:kinesis:eu-central-1:123456789012:stream/clicks-stream"
FAILURES = "arn:aws:sqs:eu-central-1:123456789012:clicks-work-failures-queue"


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: Stream("clicks", StreamArgs(**settings)))


def linked(make: Callable[[Stream], Link], **settings: Any) -> Link:
    made: list[Link] = []
    deploy(lambda: made.append(make(Stream("clicks", StreamArgs(**settings)))))
    return made[0]


def subscribed(**options: Any) -> Deployment:
    return deploy(lambda: Stream("clicks").subscribe(plain_function(), **options))


def test_a_stream_grows_on_demand_and_is_encrypted_and_keeps_a_week() -> None:
    stream = deployed().inputs("stream:Stream")
    assert stream == {
        "streamModeDetails": {"streamMode": "ON_DEMAND"},
        "retentionPeriod": 168,
        "maxRecordSizeInKib": 1_024,
        "encryptionType": "KMS",
        "kmsKeyId": "alias/aws/kinesis",
    }


def test_shards_provision_it() -> None:
    stream = deployed(shards=3, retention_hours=24, max_record_kib=10_240).inputs("stream:Stream")
    assert stream["streamModeDetails"] == {"streamMode": "PROVISIONED"}
    assert (stream["shardCount"], stream["retentionPeriod"]) == (3, 24)
    assert stream["maxRecordSizeInKib"] == 10_240


def test_a_stream_encrypts_with_the_key_given() -> None:
    deployment = deploy(lambda: Stream("clicks", StreamArgs(key=key())))
    assert deployment.inputs("stream:Stream")["kmsKeyId"] == deployment.arn("key:Key")


def test_a_reader_cannot_write_and_a_writer_cannot_read() -> None:
    reader, writer = linked(Stream.reader), linked(Stream.writer)
    (read,), (write,) = reader.grants, writer.grants
    assert "kinesis:GetRecords" in read.actions
    assert write.actions == ("kinesis:PutRecord", "kinesis:PutRecords")
    assert not set(read.actions) & set(write.actions)
    assert list(reader.environment) == list(writer.environment) == ["CLICKS_STREAM_NAME"]


def test_links_of_an_encrypted_stream_carry_the_key() -> None:
    made: list[Link] = []

    def program() -> None:
        stream = Stream("clicks", StreamArgs(key=key()))
        assert stream.destination_arn is stream.arn
        made.extend((stream.reader(), stream.writer()))

    deploy(program)
    reader, writer = made
    assert reader.grants[1].actions == ("kms:Decrypt", "kms:DescribeKey")
    assert "kms:GenerateDataKey" in writer.grants[1].actions


def test_a_subscription_reads_the_stream_and_keeps_what_it_gives_up() -> None:
    deployment = subscribed()
    mapping = deployment.inputs("EventSourceMapping", "work-clicks-mapping")
    assert mapping["eventSourceArn"] == STREAM
    assert mapping["startingPosition"] == "TRIM_HORIZON"
    assert mapping["bisectBatchOnFunctionError"] is True
    assert mapping["destinationConfig"] == {"onFailure": {"destinationArn": FAILURES}}
    assert "tumblingWindowInSeconds" not in mapping
    statements = deployment.document("RolePolicy", "work-clicks-policy")["Statement"]
    assert [(each["Action"][0], each["Resource"]) for each in statements] == [
        ("kinesis:DescribeStream", [STREAM]),
        ("kinesis:ListStreams", ["*"]),
        ("sqs:SendMessage", [FAILURES]),
    ]


def test_a_subscription_may_have_a_window_and_start_at_a_time() -> None:
    reading = StreamReading(tumbling_window_seconds=60, starting_at="2026-01-31T12:00:00Z")
    mapping = subscribed(reading=reading).inputs("EventSourceMapping")
    assert mapping["tumblingWindowInSeconds"] == 60
    assert mapping["startingPosition"] == "AT_TIMESTAMP"
    assert mapping["startingPositionTimestamp"] == "2026-01-31T12:00:00Z"


@pytest.mark.parametrize("time", ["yesterday", "2026-01-31", "2026-01-31T12:00:00"])
def test_a_time_without_a_zone_is_refused(time: str) -> None:
    with pytest.raises(ArgumentsError, match=f"starting_at is '{time}': allowed is 2026-01-31T"):
        StreamReading(starting_at=time)


def test_a_consumer_has_throughput_of_its_own() -> None:
    deployment = subscribed(consumer="keeper")
    consumer = deployment.inputs("StreamConsumer", "clicks-keeper-consumer")
    assert consumer["streamArn"] == STREAM
    arn = deployment.arn("StreamConsumer")
    assert deployment.inputs("EventSourceMapping")["eventSourceArn"] == arn
    statements = deployment.document("RolePolicy", "work-clicks-policy")["Statement"]
    assert (["kinesis:SubscribeToShard"], [arn]) in [
        (each["Action"], each["Resource"]) for each in statements
    ]


def table() -> Table:
    return Table("items", TableArgs(partition_key="id", stream="NEW_IMAGE"))


@pytest.mark.parametrize("make", [table, lambda: Stream("clicks")])
def test_failures_can_end_in_a_queue_that_is_given(make: Callable[[], Any]) -> None:
    def program(*, fifo: bool = False) -> None:
        failures = DeadLetterQueue("failures", DeadLetterQueueArgs(fifo=fifo))
        make().subscribe(plain_function(), failures=failures)

    deployment = deploy(program)
    assert [each.name for each in deployment.all("queue:Queue")] == ["failures-queue"]
    arn = deployment.arn("queue:Queue")
    failure = deployment.inputs("EventSourceMapping")["destinationConfig"]["onFailure"]
    assert failure == {"destinationArn": arn}
    with pytest.raises(ArgumentsError, match="failures is failures, a FIFO queue: allowed is"):
        deploy(lambda: program(fifo=True))


def test_a_tables_stream_has_no_times() -> None:
    reading = StreamReading(starting_at="2026-01-31T12:00:00Z")
    with pytest.raises(ArgumentsError, match="for a table: allowed is None"):
        deploy(lambda: table().subscribe(plain_function(), reading))


def ruled(path: str | None = None) -> Deployment:
    def program() -> None:
        stream = Stream("clicks", StreamArgs(key=key()))
        target = stream if path is None else stream.partitioned_by(path)
        EventBus("events").on("all", {"source": ["a"]}, target)

    return deploy(program)


def test_a_rule_puts_events_by_their_id_or_another_part() -> None:
    deployment = ruled()
    target = deployment.inputs("EventTarget")
    assert target["arn"] == STREAM
    assert target["roleArn"].endswith(":role/events-all-role")
    assert target["kinesisTarget"] == {"partitionKeyPath": "$.id"}
    put, use = deployment.document("RolePolicy", "events-all-policy")["Statement"]
    assert put["Action"] == ["kinesis:PutRecord", "kinesis:PutRecords"]
    assert put["Resource"] == [STREAM]
    assert "kms:GenerateDataKey" in use["Action"]
    target = ruled("$.detail.order_id").inputs("EventTarget")
    assert target["kinesisTarget"] == {"partitionKeyPath": "$.detail.order_id"}


def test_a_part_of_an_event_is_named_by_a_path() -> None:
    with pytest.raises(ArgumentsError, match=r"path is 'id': allowed is a JSON path"):
        ruled("id")

import json
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shared import events
from shared.attributes import to_item
from tests.lambdas.builders import BUS, CONTEXT, REGION, stored_order, stream_record
from tests.lambdas.conftest import Log


class Bus:
    """A bus that refuses the orders of the given numbers."""

    def __init__(self, *refused: int) -> None:
        self.refused = {stored_order(number)["order_id"] for number in refused}
        self.calls: list[list[dict[str, Any]]] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.calls.append(Entries)
        answers = [
            {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
            if json.loads(entry["Detail"])["order_id"] in self.refused
            else {"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"}
            for entry in Entries
        ]
        failed = sum("ErrorCode" in answer for answer in answers)
        return {"FailedEntryCount": failed, "Entries": answers}


@pytest.fixture
def bus(outbox: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus()
    monkeypatch.setattr(outbox, "events", bus)
    return bus


def publish(outbox: ModuleType, *records: dict[str, Any]) -> list[str]:
    """Return the sequence numbers that are reported as failed."""
    answer = outbox.publish({"Records": list(records)}, CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_new_order_becomes_an_event_that_consumers_read(outbox: ModuleType, bus: Bus) -> None:
    assert publish(outbox, stream_record(1)) == []
    [[entry]] = bus.calls
    assert entry["EventBusName"] == BUS
    assert entry["Time"].isoformat() == "2026-11-24T10:00:00.000001+00:00"
    event = {
        "source": entry["Source"],
        "detail-type": entry["DetailType"],
        "detail": json.loads(entry["Detail"]),
    }
    placed = events.read(event)
    assert isinstance(placed, events.OrderPlaced)
    assert placed.order_id == stored_order(1)["order_id"]
    assert placed.total == 2_747
    assert "request_hash" not in event["detail"]


def test_events_reach_a_bus_of_the_name(outbox: ModuleType, aws: None) -> None:
    boto3.client("events", region_name=REGION).create_event_bus(Name=BUS)
    assert publish(outbox, *(stream_record(number) for number in range(1, 13))) == []


def test_other_changes_than_inserts_are_skipped(outbox: ModuleType, bus: Bus) -> None:
    changed, removed = stream_record(1, name="MODIFY"), stream_record(2, name="REMOVE")
    assert publish(outbox, changed, removed) == []
    assert bus.calls == []


def test_events_are_put_ten_at_a_time(outbox: ModuleType, bus: Bus) -> None:
    assert publish(outbox, *(stream_record(number) for number in range(1, 26))) == []
    assert [len(call) for call in bus.calls] == [10, 10, 5]


def test_the_first_refused_event_is_reported_and_nothing_put_after_its_call(
    outbox: ModuleType, bus: Bus, log: Log
) -> None:
    bus.refused = Bus(13, 15).refused
    failed = publish(outbox, *(stream_record(number) for number in range(1, 26)))
    assert failed == ["13"]
    assert [len(call) for call in bus.calls] == [10, 10]
    lines = log.lines("not published")
    assert [line["sequence_number"] for line in lines] == ["13", "15"]
    assert "try again" in lines[0]["reason"]


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutEvents"),
        EndpointConnectionError(endpoint_url="https://events"),
    ],
)
def test_a_bus_out_of_reach_fails_from_the_first_record_of_the_call_on(
    outbox: ModuleType, monkeypatch: pytest.MonkeyPatch, bus: Bus, log: Log, error: Exception
) -> None:
    def put_events(**_: object) -> None:
        raise error

    monkeypatch.setattr(bus, "put_events", put_events)
    assert publish(outbox, stream_record(1), stream_record(2)) == ["1"]
    [line] = log.lines("not published")
    assert "cannot be reached" in line["reason"]


@pytest.mark.parametrize(
    "image",
    [
        {},
        {"order_id": {"S": "1"}},
        {"order_id": "1"},
        {"order_id": {"X": "1"}},
        to_item(stored_order(3, total="much")),
        {**to_item(stored_order(3)), "total": {"N": "1.5"}},
        to_item(stored_order(3, placed_at="yesterday")),
        {**to_item(stored_order(3)), "lines": {"L": [{"NULL": True}]}},
    ],
)
def test_a_poison_record_is_reported_after_those_before_it_are_published(
    outbox: ModuleType, bus: Bus, log: Log, image: dict[str, Any]
) -> None:
    records = [stream_record(1), stream_record(2), stream_record(3, image=image), stream_record(4)]
    assert publish(outbox, *records) == ["3"]
    [call] = bus.calls
    assert len(call) == 2
    [line] = log.lines("not published")
    assert line["sequence_number"] == "3"
    assert line["reason"].startswith("the record cannot be read: ")


def test_a_poison_record_without_an_image_is_reported(outbox: ModuleType, bus: Bus) -> None:
    record = stream_record(1)
    del record["dynamodb"]["NewImage"]
    assert publish(outbox, record) == ["1"]
    assert bus.calls == []


def test_a_refused_event_before_a_poison_record_is_the_first_failure(
    outbox: ModuleType, bus: Bus
) -> None:
    bus.refused = Bus(1).refused
    assert publish(outbox, stream_record(1), stream_record(2, image={})) == ["1"]


def test_published_and_failed_records_are_counted(
    outbox: ModuleType, bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    bus.refused = Bus(2).refused
    publish(outbox, *(stream_record(number) for number in range(1, 4)))
    metrics = capsys.readouterr().out
    assert '"OrdersPublished":[2.0]' in metrics
    assert '"RecordsFailed":[1.0]' in metrics

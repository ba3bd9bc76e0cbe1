import json
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shared import events
from shared.attributes import to_item
from tests.lambdas.builders import (
    BUS,
    CONTEXT,
    PAYMENT_TOKEN,
    REGION,
    ended_order,
    stored_order,
    stream_record,
)
from tests.lambdas.conftest import Letters, Log


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
def bus(outbox: ModuleType, letters: Letters, monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus()
    monkeypatch.setattr(outbox, "events", bus)
    monkeypatch.setattr(outbox, "dead_letters", letters)
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


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("MODIFY", stored_order(), stored_order(review="asked")),
        ("MODIFY", ended_order(), ended_order(archived=True)),
        ("MODIFY", ended_order(status="CANCELLED"), ended_order(status="REJECTED")),
        ("REMOVE", ended_order(), ended_order()),
    ],
)
def test_other_changes_are_no_events(
    outbox: ModuleType,
    bus: Bus,
    letters: Letters,
    name: str,
    old: dict[str, Any],
    new: dict[str, Any],
) -> None:
    record = stream_record(name=name, image=to_item(new), old=to_item(old))
    assert publish(outbox, record) == []
    assert (bus.calls, letters.put_away) == ([], [])


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
def test_a_poison_record_is_put_away_and_holds_nothing_up(
    outbox: ModuleType, bus: Bus, letters: Letters, image: dict[str, Any]
) -> None:
    records = [stream_record(1), stream_record(2), stream_record(3, image=image), stream_record(4)]
    assert publish(outbox, *records) == []
    [call] = bus.calls
    assert len(call) == 3
    [(record, reason)] = letters.put_away
    assert record["dynamodb"]["SequenceNumber"] == "3"
    assert reason.startswith("the record cannot be read: ")
    assert PAYMENT_TOKEN not in json.dumps(record) + reason


@pytest.mark.parametrize(
    "changes",
    [{"status": "EATEN"}, {"ended_at": "yesterday"}, {"ended_at": ""}, {"total": "much"}],
)
def test_an_order_that_ended_as_none_can_is_put_away(
    outbox: ModuleType, bus: Bus, letters: Letters, changes: dict[str, object]
) -> None:
    strange = stream_record(
        name="MODIFY", image=to_item({**ended_order(), **changes}), old=to_item(stored_order())
    )
    assert publish(outbox, strange) == []
    assert bus.calls == []
    [(record, reason)] = letters.put_away
    # The time of an end is named as the event names it.
    [name] = changes
    assert name.replace("ended", "confirmed") in reason
    assert {"OldImage", "NewImage"} <= record["dynamodb"].keys()


def test_a_poison_record_without_an_image_is_put_away(
    outbox: ModuleType, bus: Bus, letters: Letters
) -> None:
    record = stream_record(1)
    del record["dynamodb"]["NewImage"]
    assert publish(outbox, record) == []
    assert bus.calls == []
    assert letters.put_away == [(record, "the record cannot be read: KeyError('NewImage')")]


def test_a_poison_record_behind_a_refused_event_is_put_away_when_it_comes_again(
    outbox: ModuleType, bus: Bus, letters: Letters
) -> None:
    bus.refused = Bus(1).refused
    records = [stream_record(1), stream_record(2, image={})]
    assert publish(outbox, *records) == ["1"]
    assert letters.put_away == []
    bus.refused = set()
    assert publish(outbox, *records) == []
    assert len(letters.put_away) == 1


def test_a_poison_record_that_cannot_be_put_away_comes_again(
    outbox: ModuleType, bus: Bus, letters: Letters, log: Log
) -> None:
    letters.down = True
    records = [stream_record(1), stream_record(2, image={}), stream_record(3)]
    assert publish(outbox, *records) == ["2"]
    [line] = log.lines("not published")
    assert "cannot be put away" in line["reason"]


@pytest.mark.parametrize("status", ["CONFIRMED", "REJECTED", "CANCELLED"])
def test_the_end_of_an_order_becomes_an_event_of_its_own_time(
    outbox: ModuleType, bus: Bus, status: str
) -> None:
    old, new = to_item(stored_order()), to_item(ended_order(status=status))
    assert publish(outbox, stream_record(name="MODIFY", image=new, old=old)) == []
    [[entry]] = bus.calls
    assert entry["DetailType"] == f"Order{status.capitalize()}"
    assert entry["Time"].isoformat() == "2026-11-24T10:00:07.123000+00:00"
    detail = json.loads(entry["Detail"])
    assert detail[f"{status.lower()}_at"] == "2026-11-24T10:00:07.123000Z"
    assert detail.get("reason") == (None if status == "CONFIRMED" else "the card was declined")
    assert (detail["total"], detail["lines"]) == (2_747, stored_order()["lines"])
    assert PAYMENT_TOKEN not in entry["Detail"]


def test_events_of_a_batch_keep_the_order_of_its_records(outbox: ModuleType, bus: Bus) -> None:
    old, new = to_item(stored_order(1)), to_item(ended_order(1))
    ended = stream_record(3, name="MODIFY", image=new, old=old)
    assert publish(outbox, stream_record(1), stream_record(2), ended) == []
    [call] = bus.calls
    kinds = [entry["DetailType"] for entry in call]
    assert kinds == ["OrderPlaced", "OrderPlaced", "OrderConfirmed"]


def test_published_and_failed_records_are_counted(
    outbox: ModuleType, bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    bus.refused = Bus(2).refused
    publish(outbox, *(stream_record(number) for number in range(1, 4)))
    metrics = capsys.readouterr().out
    assert '"EventsPublished":[2.0]' in metrics
    assert '"RecordsFailed":[1.0]' in metrics

import importlib
import json
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import boto3
import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from shared import events
from shared.attributes import from_item, to_item
from shared.environment import MissingVariablesError
from tests.lambdas.builders import BUS, CONTEXT, REGION, TABLE, stored_order
from tests.lambdas.conftest import Log
from tests.lambdas.test_cold_start import start

NOW = datetime.now(UTC)
OLD = "2026-11-24T10:00:00.{:06d}Z"


class Bus:
    """A bus that refuses the orders of the given numbers."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        self.calls: list[list[dict[str, Any]]] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.calls.append(Entries)
        refused = [json.loads(each["Detail"])["order_id"] in self.refused for each in Entries]
        answers = [{"ErrorCode": "ThrottlingException"} if each else {} for each in refused]
        return {"FailedEntryCount": sum(refused), "Entries": answers}

    @property
    def told(self) -> list[str]:
        return [json.loads(each["Detail"])["order_id"] for call in self.calls for each in call]


@pytest.fixture
def open_orders(aws: None) -> DynamoDBClient:
    client = boto3.client("dynamodb", region_name=REGION)
    keys = ("order_id", "open_shard", "open_since")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_open",
                "KeySchema": [
                    {"AttributeName": "open_shard", "KeyType": "HASH"},
                    {"AttributeName": "open_since", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    return client


@pytest.fixture
def sweep(open_orders: DynamoDBClient, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("SWEEP_AFTER_SECONDS", "900")
    return importlib.import_module("orders.sweep")


@pytest.fixture
def bus(sweep: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Bus:
    made = Bus()
    monkeypatch.setattr(sweep, "events", made)
    return made


def write(client: DynamoDBClient, number: int, **changes: object) -> str:
    """Write an order as it is placed; the end state takes `open_since` away."""
    order = stored_order(number)
    id_ = str(order["order_id"])
    since = {"open_shard": id_[-1], "open_since": OLD.format(number)}
    item = {**order, **since, **changes}
    client.put_item(
        TableName=TABLE, Item=to_item({k: v for k, v in item.items() if v is not None})
    )
    return id_


def stored(client: DynamoDBClient, id_: str) -> dict[str, Any]:
    answer = client.get_item(TableName=TABLE, Key=to_item({"order_id": id_}))
    return from_item(answer["Item"])


def run(sweep: ModuleType) -> int:
    swept: int = sweep.sweep({}, CONTEXT)["swept"]
    return swept


def test_an_order_that_stays_placed_is_told_again(
    sweep: ModuleType, open_orders: DynamoDBClient, bus: Bus
) -> None:
    id_ = write(open_orders, 1)
    assert run(sweep) == 1
    [[entry]] = bus.calls
    assert (entry["EventBusName"], entry["DetailType"]) == (BUS, "OrderPlaced")
    placed = events.OrderPlaced.model_validate_json(entry["Detail"])
    assert (placed.order_id, placed.total) == (id_, 2_747)


def test_it_comes_back_only_after_as_long_again(
    sweep: ModuleType, open_orders: DynamoDBClient, bus: Bus
) -> None:
    id_ = write(open_orders, 1)
    assert (run(sweep), run(sweep)) == (1, 0)
    assert stored(open_orders, id_)["open_since"] >= f"{NOW:%Y-%m-%dT%H:%M:%S.%fZ}"
    assert stored(open_orders, id_)["status"] == "PLACED"


def test_young_and_ended_orders_are_left_alone(
    sweep: ModuleType, open_orders: DynamoDBClient, bus: Bus
) -> None:
    write(open_orders, 1, open_since=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}")
    write(open_orders, 2, status="CONFIRMED", open_since=None)
    # What an index that lags behind would tell of.
    write(open_orders, 3, status="CANCELLED")
    assert run(sweep) == 0
    assert not bus.calls


def test_an_order_that_ends_meanwhile_stays_out_of_the_index(
    sweep: ModuleType, open_orders: DynamoDBClient, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = write(open_orders, 1)
    put = bus.put_events

    def ending(**request: Any) -> dict[str, Any]:
        write(open_orders, 1, status="CONFIRMED", open_since=None)
        return put(**request)

    monkeypatch.setattr(bus, "put_events", ending)
    assert run(sweep) == 1
    assert "open_since" not in stored(open_orders, id_)


def test_what_the_bus_refuses_is_told_by_the_next_run(
    sweep: ModuleType, open_orders: DynamoDBClient, bus: Bus, log: Log
) -> None:
    first, second = write(open_orders, 1), write(open_orders, 2)
    bus.refused = {first}
    assert run(sweep) == 1
    assert [line.get("error") for line in log.lines("swept")] == ["ThrottlingException", None]
    bus.refused = set()
    assert run(sweep) == 1
    assert bus.told == [first, second, first]


def test_the_oldest_hundred_come_first_in_calls_of_ten(
    sweep: ModuleType, open_orders: DynamoDBClient, bus: Bus
) -> None:
    ids = [write(open_orders, number) for number in range(105)]
    assert run(sweep) == 100
    assert bus.told == ids[:100]
    assert {len(call) for call in bus.calls} == {10}
    assert run(sweep) == 5
    assert bus.told == ids


@pytest.mark.parametrize("value", ["", "59", "soon"])
def test_the_time_is_a_minute_or_more(
    sweep: ModuleType, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SWEEP_AFTER_SECONDS", "60")
    assert sweep.Sweep.read().after_seconds == 60
    monkeypatch.setenv("SWEEP_AFTER_SECONDS", value)
    with pytest.raises(MissingVariablesError, match="missing or wrong: SWEEP_AFTER_SECONDS"):
        sweep.Sweep.read()


def test_a_cold_start_imports_nothing_heavy() -> None:
    started = start("import orders.sweep, sys; print(*sys.modules)", SWEEP_AFTER_SECONDS="900")
    assert "orders.sweep" in started.stdout.split(), started.stderr
    assert not {"boto3", "s3transfer", "aws_xray_sdk"} & set(started.stdout.split())

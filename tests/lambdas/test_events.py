import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.events import (
    PROMISED,
    Event,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderRejected,
    UnknownEventError,
    read,
)

STORED = Path(__file__).parent
ALL = sorted(path.name for path in STORED.glob("*_v*.json"))


def stored(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((STORED / name).read_text(encoding="utf-8"))
    return event


def test_a_consumer_reads_order_placed_version_1() -> None:
    placed = read(stored("order_placed_v1.json"))
    assert isinstance(placed, OrderPlaced)
    assert placed.placed_at == datetime(2026, 11, 24, 10, 0, 0, 1, tzinfo=UTC)
    assert [line.sku for line in placed.lines] == ["tea-100", "cup.blue"]
    assert (placed.currency, placed.total) == ("EUR", 2_747)


@pytest.mark.parametrize(
    ("name", "model", "reason"),
    [
        ("order_confirmed_v1.json", OrderConfirmed, None),
        ("order_rejected_v1.json", OrderRejected, "the card was declined"),
        ("order_cancelled_v1.json", OrderCancelled, "no reviewer decided in time"),
    ],
)
def test_a_consumer_reads_version_1_of_each_end(
    name: str, model: type[Event], reason: str | None
) -> None:
    ended = read(stored(name))
    assert type(ended) is model
    assert ended.at == datetime(2026, 11, 24, 10, 0, 7, 123_000, tzinfo=UTC)
    assert getattr(ended, "reason", None) == reason
    assert ended.model_dump(include={"currency", "total"}) == {"currency": "EUR", "total": 2_747}


def test_each_promised_version_has_a_stored_event() -> None:
    events = [stored(name) for name in ALL]
    kept = {
        (event["source"], event["detail-type"], event["detail"]["version"]) for event in events
    }
    assert kept == PROMISED.keys()


@pytest.mark.parametrize("name", ALL)
def test_what_a_producer_makes_is_what_is_stored(name: str) -> None:
    event = stored(name)
    entry = read(event).entry("orders-bus")
    assert json.loads(entry["Detail"]) == event["detail"]
    assert (entry["Source"], entry["DetailType"]) == (event["source"], event["detail-type"])
    assert f"{entry['Time']:%Y-%m-%dT%H:%M:%SZ}" == event["time"]


@pytest.mark.parametrize("name", ALL)
def test_a_consumer_skips_what_was_added_within_a_version(name: str) -> None:
    event = stored(name)
    event["detail"]["gift"] = True
    event["detail"]["lines"][0]["colour"] = "blue"
    assert read(event) == read(stored(name))


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_an_unknown_version_is_refused_with_its_reason(version: object) -> None:
    event = stored("order_placed_v1.json")
    event["detail"]["version"] = version
    reason = f"OrderPlaced of orders, version {version} is unknown: known is OrderPlaced of orders"
    with pytest.raises(UnknownEventError, match=reason):
        read(event)


def test_an_unknown_type_is_refused() -> None:
    event = {**stored("order_placed_v1.json"), "detail-type": "OrderEaten"}
    with pytest.raises(UnknownEventError, match="OrderEaten of orders, version 1 is unknown"):
        read(event)


def test_a_promised_version_with_a_mistake_is_refused() -> None:
    event = stored("order_placed_v1.json")
    del event["detail"]["total"]
    with pytest.raises(ValidationError, match="total"):
        read(event)

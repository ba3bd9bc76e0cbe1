"""Customers and the warehouse are told once, of each end of an order."""

import importlib
import json
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient

from shared.attributes import from_item
from tests.lambdas.builders import CONTEXT, PAYMENT_TOKEN, bus_event, failures, queue_event
from tests.lambdas.conftest import Letters, Log

ORDER = "0a4b6c5e-7f1c-5d1e-9d6c-000000000001"
AT_MS = 1_795_514_410_000


class Gateway:
    """A gateway that remembers what it sent, and fails while it is `down`."""

    def __init__(self) -> None:
        self.down = False
        self.sent: list[tuple[str, Any]] = []

    def send(self, told: Any, idempotency_key: str) -> None:
        if self.down:
            raise TimeoutError("no answer")
        self.sent.append((idempotency_key, told))

    notify = send

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.sent]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def consumer(
    name: str, gateway: Gateway, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    module = importlib.import_module(f"{name}.handler")
    monkeypatch.setattr(module, "gateway", gateway)
    monkeypatch.setattr(module, "dead_letters", letters)
    return module


@pytest.fixture
def notifications(
    deliveries: DynamoDBClient,
    gateway: Gateway,
    letters: Letters,
    monkeypatch: pytest.MonkeyPatch,
) -> ModuleType:
    return consumer("notifications", gateway, letters, monkeypatch)


@pytest.fixture
def shipping(
    deliveries: DynamoDBClient,
    gateway: Gateway,
    letters: Letters,
    monkeypatch: pytest.MonkeyPatch,
) -> ModuleType:
    return consumer("shipping", gateway, letters, monkeypatch)


def kept(deliveries: DynamoDBClient) -> list[dict[str, Any]]:
    found = deliveries.scan(TableName="deliveries-table", ConsistentRead=True)["Items"]
    return [from_item(item) for item in found]


@pytest.mark.parametrize(
    ("event", "kind", "said"),
    [
        ("OrderConfirmed", "confirmation", "is confirmed"),
        ("OrderRejected", "rejection", "was not accepted: the card was declined."),
        ("OrderCancelled", "cancellation", "was cancelled: no reviewer decided in time."),
    ],
)
def test_a_customer_is_told_how_an_order_ended(
    notifications: ModuleType,
    deliveries: DynamoDBClient,
    gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    event: str,
    kind: str,
    said: str,
) -> None:
    monkeypatch.setattr(importlib.import_module("shared.deliveries"), "now_ms", lambda: AT_MS)
    assert failures(notifications.confirm(queue_event(bus_event(event)), CONTEXT)) == []
    [(key, notice)] = gateway.sent
    assert key == f"{ORDER}#{kind}"
    assert said in notice.text
    assert notice.customer_id == bus_event(event)["detail"]["customer_id"]
    assert kept(deliveries) == [
        {
            "delivery_id": f"{ORDER}#{kind}",
            "order_id": ORDER,
            "kind": kind,
            "sent_at": "2026-11-24T10:00:10Z",
        }
    ]


def test_the_warehouse_is_told_of_confirmed_orders_only(
    shipping: ModuleType, deliveries: DynamoDBClient, gateway: Gateway
) -> None:
    kinds = ("OrderPlaced", "OrderConfirmed", "OrderRejected", "OrderCancelled")
    assert failures(shipping.notify(queue_event(*map(bus_event, kinds)), CONTEXT)) == []
    [(key, order)] = gateway.sent
    assert key == f"{ORDER}#shipping"
    assert [line.quantity for line in order.lines] == [3, 1]
    assert [item["kind"] for item in kept(deliveries)] == ["shipping"]


def test_of_an_order_that_was_placed_there_is_nothing_to_tell_yet(
    notifications: ModuleType, deliveries: DynamoDBClient, gateway: Gateway
) -> None:
    assert failures(notifications.confirm(queue_event(bus_event("OrderPlaced")), CONTEXT)) == []
    assert (gateway.sent, kept(deliveries)) == ([], [])


def test_a_repeat_sends_nothing(
    notifications: ModuleType, deliveries: DynamoDBClient, gateway: Gateway
) -> None:
    twice = queue_event(bus_event(), bus_event())
    assert failures(notifications.confirm(twice, CONTEXT)) == []
    before = kept(deliveries)
    assert failures(notifications.confirm(twice, CONTEXT)) == []
    assert gateway.keys == [f"{ORDER}#confirmation"]
    assert kept(deliveries) == before


def test_repeats_at_the_same_time_send_once(
    notifications: ModuleType, gateway: Gateway, deliveries: DynamoDBClient
) -> None:
    events = [bus_event(order_id=f"order-{n % 5}") for n in range(40)]
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda e: notifications.confirm(queue_event(e), CONTEXT), events)
        failed = [event for event, answer in zip(events, answers, strict=True) if failures(answer)]
    assert sorted(gateway.keys) == [f"order-{n}#confirmation" for n in range(5)]
    # Those that came while another was sending come again, and find it sent.
    assert failures(notifications.confirm(queue_event(*failed), CONTEXT)) == []
    assert len(gateway.sent) == 5


def test_a_gateway_that_fails_is_tried_again_when_the_message_comes_again(
    notifications: ModuleType,
    gateway: Gateway,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = importlib.import_module("shared.deliveries")
    monkeypatch.setattr(clock, "now_ms", lambda: AT_MS)
    gateway.down = True
    messages = queue_event(bus_event())
    assert failures(notifications.confirm(messages, CONTEXT)) == ["1"]
    [line] = log.lines("not handled")
    assert "no answer" in line["exception"]
    gateway.down = False
    # While the first might still be sending, nobody else does.
    monkeypatch.setattr(clock, "now_ms", lambda: AT_MS + CONTEXT.remaining_ms)
    assert failures(notifications.confirm(messages, CONTEXT)) == ["1"]
    assert gateway.sent == []
    monkeypatch.setattr(clock, "now_ms", lambda: AT_MS + CONTEXT.remaining_ms + 1)
    assert failures(notifications.confirm(messages, CONTEXT)) == []
    assert gateway.keys == [f"{ORDER}#confirmation"]


@pytest.mark.parametrize("call", [1, 2])
def test_a_table_out_of_reach_fails_its_message_and_not_the_others(
    shipping: ModuleType,
    gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    call: int,
) -> None:
    client = importlib.import_module("shared.deliveries").dynamodb
    put_item, calls = client.put_item, iter(range(1, 100))

    def fails_once(**settings: Any) -> Any:
        if next(calls) == call:
            response: Any = {"Error": {"Code": "ThrottlingException", "Message": ""}}
            raise ClientError(response, "PutItem")
        return put_item(**settings)

    monkeypatch.setattr(client, "put_item", fails_once)
    messages = queue_event(bus_event(), bus_event(order_id="other"))
    assert failures(shipping.notify(messages, CONTEXT)) == ["1"]
    assert "other#shipping" in gateway.keys


UNREADABLE: list[tuple[Any, str]] = [
    (bus_event(version=99), "OrderConfirmed of orders, version 99 is unknown"),
    (bus_event(version=None), "version None is unknown"),
    ({**bus_event(), "detail-type": "OrderEaten"}, "OrderEaten of orders, version 1 is unknown"),
    (bus_event(total="much"), "total"),
    (bus_event(version=[1]), "TypeError"),
    ({**bus_event(), "detail": []}, "AttributeError"),
    ({"Records": []}, "KeyError('detail')"),
    ("[]", "TypeError"),
    ("not JSON", "JSONDecodeError"),
    ("", "JSONDecodeError"),
    ("[" * 100_000, "RecursionError"),
]


@pytest.mark.parametrize(("body", "reason"), UNREADABLE, ids=lambda value: str(value)[:30])
def test_what_can_never_be_read_is_put_away_with_its_reason(
    notifications: ModuleType, gateway: Gateway, letters: Letters, body: Any, reason: str
) -> None:
    messages = queue_event(body, bus_event())
    assert failures(notifications.confirm(messages, CONTEXT)) == []
    [(put_away, why)] = letters.put_away
    assert put_away == messages["Records"][0]["body"]
    assert reason in why
    assert gateway.keys == [f"{ORDER}#confirmation"]


def test_what_cannot_be_put_away_comes_again(
    shipping: ModuleType, gateway: Gateway, letters: Letters
) -> None:
    letters.down = True
    messages = queue_event(bus_event(version=99), bus_event())
    assert failures(shipping.notify(messages, CONTEXT)) == ["1"]
    assert gateway.keys == [f"{ORDER}#shipping"]


def test_the_sandboxes_log_what_they_would_send_and_nothing_private(
    deliveries: DynamoDBClient, log: Log
) -> None:
    event = queue_event(bus_event(payment_token=PAYMENT_TOKEN))
    importlib.import_module("notifications.handler").confirm(event, CONTEXT)
    importlib.import_module("shipping.handler").notify(event, CONTEXT)
    [mail] = log.lines("mail")
    [parcel] = log.lines("to be sent")
    assert mail["idempotency_key"] == f"{ORDER}#confirmation"
    assert (parcel["idempotency_key"], parcel["pieces"]) == (f"{ORDER}#shipping", 4)
    private = {PAYMENT_TOKEN, bus_event()["detail"]["customer_id"]}
    assert not [text for text in private if text in json.dumps(log.getvalue())]

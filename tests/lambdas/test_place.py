import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas.builders import (
    BODY,
    CONTEXT,
    OTHER_CUSTOMER,
    TABLE,
    TOKEN,
    document,
    get_event,
    place_event,
    problem,
)
from tests.lambdas.conftest import Log

LINE = BODY["lines"][0]


def items(table: DynamoDBClient) -> list[dict[str, Any]]:
    return [*table.scan(TableName=TABLE, ConsistentRead=True)["Items"]]


def test_a_placed_order_is_answered_with_its_place_and_total(
    orders: ModuleType, table: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    monkeypatch.setattr(orders, "now", lambda: at)
    answer = orders.place(place_event(), CONTEXT)
    order = document(answer, 201)
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["headers"]["location"] == f"/orders/{order['order_id']}"
    assert order == {
        "order_id": order["order_id"],
        "status": "PLACED",
        "placed_at": "2026-11-24T10:00:00.000000Z",
        "currency": "EUR",
        "lines": BODY["lines"],
        "total": 3 * 499 + 1_250,
    }


def test_the_table_keeps_what_the_answer_does_not_show(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    order = document(orders.place(place_event(), CONTEXT), 201)
    [item] = items(table)
    assert item.keys() - order.keys() == {"customer_id", "request_hash", "version"}
    assert item["version"] == {"N": "1"}


def test_a_placed_order_can_be_read(orders: ModuleType, table: DynamoDBClient) -> None:
    order = document(orders.place(place_event(), CONTEXT), 201)
    assert document(orders.get(get_event(order["order_id"]), CONTEXT), 200) == order


def test_a_repeated_key_returns_the_same_order(orders: ModuleType, table: DynamoDBClient) -> None:
    first = orders.place(place_event(), CONTEXT)
    # The same values in another order and with spaces are the same request.
    turned = json.dumps(dict(reversed(BODY.items())), indent=2)
    again = orders.place(place_event(turned), CONTEXT)
    assert again == first
    assert len(items(table)) == 1


def test_a_repeated_key_with_another_body_is_refused(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    document(orders.place(place_event(), CONTEXT), 201)
    answer = orders.place(place_event({**BODY, "currency": "USD"}), CONTEXT)
    problem(answer, 422, "idempotency-key-reused")
    assert len(items(table)) == 1


def test_two_customers_may_use_the_same_key(orders: ModuleType, table: DynamoDBClient) -> None:
    document(orders.place(place_event(), CONTEXT), 201)
    document(orders.place(place_event(customer=OTHER_CUSTOMER), CONTEXT), 201)
    assert len(items(table)) == 2


def test_a_hundred_requests_at_once_with_ten_keys_make_ten_orders(
    orders: ModuleType, table: DynamoDBClient, capsys: pytest.CaptureFixture[str]
) -> None:
    def place(number: int) -> dict[str, Any]:
        answer: dict[str, Any] = orders.place(place_event(key=f"key-{number % 10}"), CONTEXT)
        return document(answer, 201)

    with ThreadPoolExecutor(max_workers=20) as threads:
        placed = [*threads.map(place, range(100))]
    assert len(items(table)) == 10
    assert len({json.dumps(order) for order in placed}) == 10
    metrics = capsys.readouterr().out
    assert metrics.count('"OrdersPlaced":[1.0]') == 10
    assert metrics.count('"OrdersRepeated":[1.0]') == 90


@pytest.mark.parametrize("key", ["", " ", "a" * 129, "a b", "a/b", "ключ", "a\n"])
def test_a_key_that_is_missing_or_strange_is_refused(
    orders: ModuleType, table: DynamoDBClient, key: str
) -> None:
    answer = orders.place(place_event(key=key), CONTEXT)
    problem(answer, 400, "invalid-idempotency-key")
    assert items(table) == []


def test_a_request_without_the_header_is_refused(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    event = place_event()
    del event["headers"]["idempotency-key"]
    problem(orders.place(event, CONTEXT), 400, "invalid-idempotency-key")


def test_header_names_may_be_in_any_case(orders: ModuleType, table: DynamoDBClient) -> None:
    event = place_event()
    event["headers"] = {name.title(): value for name, value in event["headers"].items()}
    document(orders.place(event, CONTEXT), 201)


def test_a_body_in_base64_is_read(orders: ModuleType, table: DynamoDBClient) -> None:
    event = place_event(base64.b64encode(json.dumps(BODY).encode()).decode())
    document(orders.place({**event, "isBase64Encoded": True}, CONTEXT), 201)


@pytest.mark.parametrize("body", ["%%%", "ü", "abc"])
def test_a_body_in_broken_base64_is_refused(
    orders: ModuleType, table: DynamoDBClient, body: str
) -> None:
    event = {**place_event(body), "isBase64Encoded": True}
    problem(orders.place(event, CONTEXT), 400, "bad-request")


@pytest.mark.parametrize("body", ["", "{", "[1,", "\ud800", '"\\ud800"'])
def test_a_body_that_is_not_json_is_refused(
    orders: ModuleType, table: DynamoDBClient, body: str
) -> None:
    problem(orders.place(place_event(body), CONTEXT), 400, "bad-request")
    assert items(table) == []


def test_a_request_without_a_body_is_refused(orders: ModuleType, table: DynamoDBClient) -> None:
    event = place_event()
    del event["body"]
    problem(orders.place(event, CONTEXT), 400, "bad-request")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], ""),
        ({}, "currency"),
        ({**BODY, "currency": "euro"}, "currency"),
        ({**BODY, "currency": "EUR\n"}, "currency"),
        ({**BODY, "lines": []}, "lines"),
        ({**BODY, "lines": {}}, "lines"),
        ({**BODY, "lines": [{**LINE, "sku": f"s{n}"} for n in range(101)]}, "lines"),
        ({**BODY, "lines": [LINE, LINE]}, "lines"),
        ({**BODY, "lines": [{**LINE, "quantity": "3"}]}, "lines.0.quantity"),
        ({**BODY, "lines": [{**LINE, "quantity": 1.0}]}, "lines.0.quantity"),
        ({**BODY, "lines": [{**LINE, "quantity": True}]}, "lines.0.quantity"),
        ({**BODY, "lines": [{**LINE, "quantity": 0}]}, "lines.0.quantity"),
        ({**BODY, "lines": [{**LINE, "quantity": 1_001}]}, "lines.0.quantity"),
        ({**BODY, "lines": [{**LINE, "unit_price": -1}]}, "lines.0.unit_price"),
        ({**BODY, "lines": [{**LINE, "unit_price": 10_000_001}]}, "lines.0.unit_price"),
        ({**BODY, "lines": [{**LINE, "sku": ""}]}, "lines.0.sku"),
        ({**BODY, "lines": [{**LINE, "sku": "-tea"}]}, "lines.0.sku"),
        ({**BODY, "lines": [{**LINE, "sku": "a" * 65}]}, "lines.0.sku"),
        ({**BODY, "lines": [{**LINE, "price": 1}]}, "lines.0.price"),
        ({**BODY, "total": 1}, "total"),
        ({**BODY, "customer_id": OTHER_CUSTOMER}, "customer_id"),
    ],
)
def test_a_mistake_in_the_body_is_named(
    orders: ModuleType, table: DynamoDBClient, body: object, field: str
) -> None:
    refusal = problem(orders.place(place_event(body), CONTEXT), 422, "invalid-body")
    assert field in [mistake["field"] for mistake in refusal["errors"]]
    assert items(table) == []


def test_a_refusal_never_repeats_what_was_given(
    orders: ModuleType, table: DynamoDBClient, log: Log
) -> None:
    body = {**BODY, "currency": "hunter2", "lines": [{**LINE, "sku": "hunter2 "}]}
    answer = orders.place(place_event(body), CONTEXT)
    problem(answer, 422, "invalid-body")
    assert "hunter2" not in answer["body"] + log.getvalue()
    assert TOKEN not in answer["body"] + log.getvalue()


def test_a_refusal_of_very_many_mistakes_stays_small(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    body = {f"{'x' * 300}{n}": n for n in range(100)}
    answer = orders.place(place_event(body), CONTEXT)
    assert len(problem(answer, 422, "invalid-body")["errors"]) == 20
    assert len(answer["body"]) < 10_000


def test_the_largest_order_is_taken(orders: ModuleType, table: DynamoDBClient) -> None:
    lines = [{"sku": f"{n:064d}", "quantity": 1_000, "unit_price": 10_000_000} for n in range(100)]
    order = document(orders.place(place_event({**BODY, "lines": lines}), CONTEXT), 201)
    assert order["total"] == 10**12


def test_a_body_over_64_kib_is_refused(orders: ModuleType, table: DynamoDBClient) -> None:
    padding = " " * (64 * 1024 - len(json.dumps(BODY)))
    document(orders.place(place_event(json.dumps(BODY) + padding), CONTEXT), 201)
    answer = orders.place(place_event(json.dumps(BODY) + padding + " "), CONTEXT)
    problem(answer, 413, "body-too-large")


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/jsonp", "json"])
def test_a_body_of_another_media_type_is_refused(
    orders: ModuleType, table: DynamoDBClient, media_type: str
) -> None:
    event = place_event(headers={"content-type": media_type})
    problem(orders.place(event, CONTEXT), 415, "unsupported-media-type")


def test_json_may_say_its_charset(orders: ModuleType, table: DynamoDBClient) -> None:
    event = place_event(headers={"content-type": "Application/JSON; charset=utf-8"})
    document(orders.place(event, CONTEXT), 201)


def test_nobody_places_an_order_without_signing_in(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    answer = orders.place(place_event(customer=None), CONTEXT)
    problem(answer, 401, "not-signed-in")
    assert answer["headers"]["www-authenticate"] == "Bearer"


def test_an_order_is_logged_and_counted(
    orders: ModuleType,
    table: DynamoDBClient,
    log: Log,
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = document(orders.place(place_event(), CONTEXT), 201)
    [line] = log.lines("placed")
    assert line["order_id"] == order["order_id"]
    assert line["function_request_id"] == CONTEXT.aws_request_id
    assert TOKEN not in log.getvalue()
    metric = json.loads(capsys.readouterr().out)
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "serverless-toolkit"
    assert metric["service"] == "orders"
    assert metric["OrdersPlaced"] == [1]


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutItem"),
        ReadTimeoutError(endpoint_url="https://dynamodb"),
    ],
)
def test_a_table_that_is_too_busy_asks_to_come_back(
    orders: ModuleType, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def put_item(**_: object) -> None:
        raise error

    monkeypatch.setattr(orders.store.dynamodb, "put_item", put_item)
    answer = orders.place(place_event(), CONTEXT)
    problem(answer, 503, "busy")
    assert answer["headers"]["retry-after"] == "1"


def test_an_unexpected_error_is_logged_and_not_told(
    orders: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    log: Log,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def put_item(**_: object) -> None:
        response: Any = {"Error": {"Code": "AccessDeniedException", "Message": "internals"}}
        raise ClientError(response, "PutItem")

    monkeypatch.setattr(orders.store.dynamodb, "put_item", put_item)
    answer = orders.place(place_event(), CONTEXT)
    problem(answer, 500, "internal-error")
    assert "internals" not in answer["body"]
    [line] = log.lines("unexpected error")
    assert "internals" in line["exception"]
    assert '"UnexpectedErrors":[1.0]' in capsys.readouterr().out


def test_an_event_of_another_kind_is_an_unexpected_error(orders: ModuleType) -> None:
    problem(orders.place({"Records": []}, CONTEXT), 500, "internal-error")

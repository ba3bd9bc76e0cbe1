import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from mypy_boto3_dynamodb import DynamoDBClient

from shared.orders import NewOrder, new_order
from tests.lambdas.builders import (
    BODY,
    CONTEXT,
    OTHER_CUSTOMER,
    PAYMENT_TOKEN,
    TABLE,
    TOKEN,
    document,
    get_event,
    place_event,
    problem,
)
from tests.lambdas.conftest import Log


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
    ours = {"customer_id", "open_shard", "open_since", "payment_token", "request_hash", "version"}
    assert item.keys() - order.keys() == ours
    assert item["version"] == {"N": "1"}
    assert item["payment_token"] == {"S": PAYMENT_TOKEN}


def test_orders_that_have_not_ended_are_found_by_an_index(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    order = document(orders.place(place_event(), CONTEXT), 201)
    found = table.query(
        TableName=TABLE,
        IndexName="by_open",
        KeyConditionExpression="open_shard = :shard AND open_since <= :at",
        ExpressionAttributeValues={
            ":shard": {"S": order["order_id"][-1]},
            ":at": {"S": order["placed_at"]},
        },
    )["Items"]
    assert [item["order_id"]["S"] for item in found] == [order["order_id"]]


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


@pytest.mark.parametrize("other", [{"currency": "USD"}, {"payment_token": "tok_mastercard"}])
def test_a_repeated_key_with_another_body_is_refused(
    orders: ModuleType, table: DynamoDBClient, other: dict[str, str]
) -> None:
    document(orders.place(place_event(), CONTEXT), 201)
    answer = orders.place(place_event({**BODY, **other}), CONTEXT)
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


def test_a_payment_token_is_never_told(
    orders: ModuleType, table: DynamoDBClient, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    placed = orders.place(place_event(), CONTEXT)
    refused = orders.place(place_event({**BODY, "currency": "USD"}), CONTEXT)
    read = orders.get(get_event(document(placed, 201)["order_id"]), CONTEXT)
    told = [placed["body"], refused["body"], read["body"], log.getvalue(), capsys.readouterr().out]
    assert PAYMENT_TOKEN not in "".join(told)


def test_an_orders_text_does_not_show_its_payment_token() -> None:
    new = NewOrder.model_validate_json(json.dumps(BODY))
    order = new_order(new, "somebody", "key-1", datetime(2026, 11, 24, tzinfo=UTC))
    assert PAYMENT_TOKEN not in f"{new} {new!r} {order} {order!r}"
    assert order.payment_token == PAYMENT_TOKEN


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
        EndpointConnectionError(endpoint_url="https://dynamodb"),
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

"""Which bodies `POST /orders` takes."""

import base64
import json
from types import ModuleType

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas.builders import (
    BODY,
    CONTEXT,
    OTHER_CUSTOMER,
    TOKEN,
    document,
    place_event,
    problem,
    stored,
)
from tests.lambdas.conftest import Log

LINE = BODY["lines"][0]
BAD_TOKENS = [None, "", "tok_", "4242424242424242", "tok_a-b", "tok_a\n", "tok_" + "a" * 65]


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
    assert stored(table) == 0


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
        ({**BODY, "lines": [{**LINE, "sku": f"s{n}"} for n in range(100)]}, "lines"),
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
        ({k: BODY[k] for k in ("currency", "lines")}, "payment_token"),
        *(({**BODY, "payment_token": token}, "payment_token") for token in BAD_TOKENS),
        ({**BODY, "total": 1}, "total"),
        ({**BODY, "customer_id": OTHER_CUSTOMER}, "customer_id"),
    ],
)
def test_a_mistake_in_the_body_is_named(
    orders: ModuleType, table: DynamoDBClient, body: object, field: str
) -> None:
    refusal = problem(orders.place(place_event(body), CONTEXT), 422, "invalid-body")
    assert field in [mistake["field"] for mistake in refusal["errors"]]
    assert stored(table) == 0


def test_a_refusal_never_repeats_what_was_given(
    orders: ModuleType, table: DynamoDBClient, log: Log
) -> None:
    body = {
        "currency": "hunter2",
        "lines": [{**LINE, "sku": "hunter2 "}],
        "payment_token": "hunter2",
    }
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
    lines = [{"sku": f"{n:064d}", "quantity": 1_000, "unit_price": 10_000_000} for n in range(99)]
    order = document(orders.place(place_event({**BODY, "lines": lines}), CONTEXT), 201)
    assert order["total"] == 99 * 10**10


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

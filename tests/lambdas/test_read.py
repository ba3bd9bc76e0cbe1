import base64
from types import ModuleType
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from shared.attributes import to_item
from tests.lambdas.builders import (
    CONTEXT,
    CUSTOMER,
    OTHER_CUSTOMER,
    TABLE,
    document,
    ended_order,
    get_event,
    list_event,
    problem,
    stored_order,
)


def store(table: DynamoDBClient, *orders: dict[str, Any]) -> None:
    for order in orders:
        table.put_item(TableName=TABLE, Item=to_item(order))


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_an_order_is_read_without_what_is_ours(orders: ModuleType, table: DynamoDBClient) -> None:
    order = stored_order()
    store(table, order)
    for ours in (
        "customer_id",
        "open_shard",
        "open_since",
        "payment_token",
        "request_hash",
        "version",
    ):
        del order[ours]
    assert document(orders.get(get_event(order["order_id"]), CONTEXT), 200) == order


def test_an_order_with_attributes_of_other_functions_is_read(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    order = stored_order(status="CONFIRMED", reservation={"held": True})
    store(table, order)
    found = document(orders.get(get_event(order["order_id"]), CONTEXT), 200)
    assert found["status"] == "CONFIRMED"
    assert "reservation" not in found


@pytest.mark.parametrize("status", ["REJECTED", "CANCELLED"])
def test_an_order_that_ended_badly_says_why(
    orders: ModuleType, table: DynamoDBClient, status: str
) -> None:
    order = ended_order(1, status)
    store(table, order)
    found = document(orders.get(get_event(order["order_id"]), CONTEXT), 200)
    assert (found["status"], found["reason"]) == (status, "the card was declined")
    [listed] = document(orders.list_orders(list_event(), CONTEXT), 200)["orders"]
    assert listed == found


def test_a_confirmed_order_has_no_reason(orders: ModuleType, table: DynamoDBClient) -> None:
    order = ended_order()
    store(table, order)
    found = document(orders.get(get_event(order["order_id"]), CONTEXT), 200)
    assert found["status"] == "CONFIRMED"
    assert "reason" not in found


def test_an_order_of_version_0_1_is_read(orders: ModuleType, table: DynamoDBClient) -> None:
    order = stored_order()
    for new in ("open_shard", "open_since", "payment_token"):
        del order[new]
    store(table, order)
    assert orders.get(get_event(order["order_id"]), CONTEXT)["statusCode"] == 200


def test_another_customers_order_looks_like_none(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    store(table, stored_order(1))
    missing = orders.get(get_event(stored_order(2)["order_id"]), CONTEXT)
    event = get_event(stored_order(1)["order_id"], customer=OTHER_CUSTOMER)
    problem(missing, 404, "order-not-found")
    assert orders.get(event, CONTEXT) == missing


@pytest.mark.parametrize("order_id", ["", "1", "x" * 3_000, "../orders", "0A4B6C5E" * 4, "\n"])
def test_an_id_that_cannot_be_one_is_not_found(
    orders: ModuleType, table: DynamoDBClient, order_id: str
) -> None:
    problem(orders.get(get_event(order_id), CONTEXT), 404, "order-not-found")


def test_nobody_reads_without_signing_in(orders: ModuleType, table: DynamoDBClient) -> None:
    problem(orders.get(get_event("1", customer=None), CONTEXT), 401, "not-signed-in")
    problem(orders.list_orders(list_event(customer=None), CONTEXT), 401, "not-signed-in")


def test_a_customer_without_orders_gets_an_empty_list(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    store(table, stored_order(customer_id=OTHER_CUSTOMER))
    answer = document(orders.list_orders(list_event(), CONTEXT), 200)
    assert answer == {"orders": [], "next_cursor": None}


def test_pages_hold_each_order_once_newest_first(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    mine = [stored_order(number) for number in range(7)]
    store(table, *mine, *(stored_order(n, customer_id=OTHER_CUSTOMER) for n in range(10, 15)))
    seen: list[str] = []
    pages: list[int] = []
    query = {"limit": "3"}
    while True:
        page = document(orders.list_orders(list_event(**query), CONTEXT), 200)
        pages.append(len(page["orders"]))
        seen += [order["order_id"] for order in page["orders"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert pages == [3, 3, 1]
    assert seen == [order["order_id"] for order in reversed(mine)]


def test_a_full_last_page_has_no_cursor(orders: ModuleType, table: DynamoDBClient) -> None:
    store(table, *(stored_order(number) for number in range(3)))
    page = document(orders.list_orders(list_event(limit="3"), CONTEXT), 200)
    assert len(page["orders"]) == 3
    assert page["next_cursor"] is None


def test_orders_of_the_same_moment_are_all_listed(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    at = "2026-11-24T10:00:00.000000Z"
    store(table, *(stored_order(number, placed_at=at) for number in range(3)))
    first = document(orders.list_orders(list_event(limit="2"), CONTEXT), 200)
    event = list_event(limit="2", cursor=first["next_cursor"])
    rest = document(orders.list_orders(event, CONTEXT), 200)
    assert len({order["order_id"] for order in first["orders"] + rest["orders"]}) == 3


def test_a_page_that_dynamodb_cuts_short_goes_on(
    orders: ModuleType, table: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = {"Items": [to_item(stored_order(1))], "LastEvaluatedKey": {"order_id": {"S": "1"}}}
    monkeypatch.setattr(orders.store.dynamodb, "query", lambda **_: short)
    page = document(orders.list_orders(list_event(), CONTEXT), 200)
    assert len(page["orders"]) == 1
    assert page["next_cursor"]


def test_a_page_has_twenty_orders_unless_asked_otherwise(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    store(table, *(stored_order(number) for number in range(21)))
    page = document(orders.list_orders(list_event(), CONTEXT), 200)
    assert len(page["orders"]) == 20
    page = document(orders.list_orders(list_event(limit="100"), CONTEXT), 200)
    assert len(page["orders"]) == 21


@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "1.0", "", "ten", " 5", "1,2", "٣", "9" * 5000]
)
def test_a_limit_out_of_range_is_refused(
    orders: ModuleType, table: DynamoDBClient, limit: str
) -> None:
    problem(orders.list_orders(list_event(limit=limit), CONTEXT), 400, "bad-request")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%",
        "ключ",
        "a",
        "AAAA",
        "_w",
        encoded("{}"),
        encoded(f"1/2026-11-24T10:00:00.000000Z/{CUSTOMER}"),
        encoded(f"{stored_order()['order_id']}/yesterday/{CUSTOMER}"),
    ],
)
def test_a_broken_cursor_is_refused(
    orders: ModuleType, table: DynamoDBClient, cursor: str
) -> None:
    problem(orders.list_orders(list_event(cursor=cursor), CONTEXT), 400, "bad-request")


def test_a_cursor_of_another_customer_is_refused(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    store(table, *(stored_order(number) for number in range(3)))
    page = document(orders.list_orders(list_event(limit="1"), CONTEXT), 200)
    event = list_event(customer=OTHER_CUSTOMER, cursor=page["next_cursor"])
    problem(orders.list_orders(event, CONTEXT), 400, "bad-request")


def test_a_forged_cursor_shows_nothing_of_another_customer(
    orders: ModuleType, table: DynamoDBClient
) -> None:
    store(table, *(stored_order(number) for number in range(3)))
    last = stored_order(2)
    forged = encoded(f"{last['order_id']}/{last['placed_at']}/{OTHER_CUSTOMER}")
    event = list_event(customer=OTHER_CUSTOMER, cursor=forged)
    page = document(orders.list_orders(event, CONTEXT), 200)
    assert page["orders"] == []

"""Orders through the front door of a local stage."""

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import BODY, Customer, Deployed

pytestmark = pytest.mark.local
JSON = {"content-type": "application/json"}
# An order that is not there.
NOBODYS = "/orders/6a53d4b5-756c-40e8-b62f-2fa2657d8737"


def key() -> str:
    return str(uuid.uuid4())


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["title"]
    return document


def without_end(order: dict[str, Any]) -> dict[str, Any]:
    """Return an order as it was placed: the workflow may have ended it in the meantime."""
    return {**{k: v for k, v in order.items() if k != "reason"}, "status": "PLACED"}


def placed_events(deployed: Deployed, ids: set[str]) -> list[dict[str, Any]]:
    """Return the events that tell of the placing of orders."""
    return [
        event
        for event in deployed.events(ids)
        if event["detail-type"] == "OrderPlaced" and event["detail"].get("order_id") in ids
    ]


def test_an_order_is_placed_read_and_listed(customer: Customer) -> None:
    placed = customer.place(key())
    assert placed.status_code == 201
    order = placed.json()
    assert (order["status"], order["total"]) == ("PLACED", 900)
    assert placed.headers["location"] == f"/orders/{order['order_id']}"
    assert without_end(customer.request("GET", placed.headers["location"]).json()) == order
    [listed] = customer.request("GET", "/orders").json()["orders"]
    assert without_end(listed) == order


def test_an_order_becomes_one_event(customer: Customer, deployed: Deployed) -> None:
    order = customer.place(key()).json()
    [event] = placed_events(deployed, {order["order_id"]})
    assert event["source"] == "orders"
    assert event["detail"]["version"] == 1
    assert event["detail"]["total"] == 900
    assert "tok_visa" not in json.dumps(event)


def test_100_parallel_requests_with_10_keys_make_10_orders_and_10_events(
    customer: Customer, deployed: Deployed
) -> None:
    before = len(deployed.orders())
    keys = [key() for _ in range(10)] * 10
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(customer.place, keys))
    assert {answer.status_code for answer in answers} == {201}
    ids = {answer.json()["order_id"] for answer in answers}
    assert len(ids) == 10
    assert len(deployed.orders()) == before + 10
    events = [event["detail"]["order_id"] for event in placed_events(deployed, ids)]
    assert sorted(events) == sorted(ids)


def test_a_key_with_another_body_is_refused(customer: Customer) -> None:
    again = key()
    assert customer.place(again).status_code == 201
    problem(customer.place(again, {**BODY, "currency": "USD"}), 422)


def test_pages_lead_through_all_orders_newest_first(customer: Customer) -> None:
    placed = [customer.place(key()).json()["order_id"] for _ in range(5)]
    found, cursor = [], None
    for _ in range(3):
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = customer.request("GET", "/orders", params=params).json()
        found += [order["order_id"] for order in page["orders"]]
        cursor = page["next_cursor"]
    assert found == placed[::-1]
    assert cursor is None


def test_a_customer_cannot_read_anothers_order(sign_in: Callable[[], Customer]) -> None:
    mine, other = sign_in(), sign_in()
    order = mine.place(key()).json()
    problem(other.request("GET", f"/orders/{order['order_id']}"), 404)
    assert other.request("GET", "/orders").json()["orders"] == []


def test_the_same_key_of_two_customers_makes_two_orders(sign_in: Callable[[], Customer]) -> None:
    same = key()
    orders = {sign_in().place(same).json()["order_id"] for _ in range(2)}
    assert len(orders) == 2


def test_a_cursor_of_another_customer_is_refused(sign_in: Callable[[], Customer]) -> None:
    mine, other = sign_in(), sign_in()
    for _ in range(2):
        mine.place(key())
    cursor = mine.request("GET", "/orders", params={"limit": "1"}).json()["next_cursor"]
    problem(other.request("GET", "/orders", params={"cursor": cursor}), 400)


LINE = {"sku": "tea-green", "quantity": "2", "unit_price": 450}
BAD: dict[str, tuple[dict[str, Any], int]] = {
    "malformed JSON": ({"content": b"{", "headers": JSON}, 400),
    "no body": ({"headers": JSON}, 400),
    "another type of content": ({"content": b"a=1", "headers": {"content-type": "text/x"}}, 415),
    "a wrong type": ({"json": {**BODY, "currency": 1}}, 422),
    "a number as text": ({"json": {**BODY, "lines": [LINE]}}, 422),
    "no lines": ({"json": {**BODY, "lines": []}}, 422),
    "an unknown field": ({"json": {**BODY, "price": 1}}, 422),
    "an oversized body": ({"content": b'"' + b"x" * 70_000 + b'"', "headers": JSON}, 413),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_a_problem_and_nothing_is_stored(
    case: str, customer: Customer, deployed: Deployed
) -> None:
    before = len(deployed.orders())
    options, status = BAD[case]
    headers = {"idempotency-key": key(), **options.get("headers", {})}
    problem(customer.request("POST", "/orders", **{**options, "headers": headers}), status)
    assert len(deployed.orders()) == before


@pytest.mark.parametrize("bad", [None, "", "x" * 129, "a b"])
def test_a_missing_or_bad_idempotency_key_is_a_problem(
    bad: str | None, customer: Customer
) -> None:
    headers = {} if bad is None else {"idempotency-key": bad}
    problem(customer.request("POST", "/orders", json=BODY, headers=headers), 400)


@pytest.mark.parametrize("path", [NOBODYS, "/orders/nothing", "/nothing", "/"])
def test_an_unknown_address_is_a_problem(path: str, customer: Customer) -> None:
    problem(customer.request("GET", path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/orders", "GET, POST"), ("PUT", NOBODYS, "GET")],
)
def test_a_wrong_method_is_a_problem(
    method: str, path: str, allowed: str, customer: Customer
) -> None:
    answer = customer.request(method, path)
    problem(answer, 405)
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"cursor": "nonsense"}])
def test_a_bad_query_is_a_problem(query: dict[str, str], customer: Customer) -> None:
    problem(customer.request("GET", "/orders", params=query), 400)


def refused(http: httpx.Client, headers: dict[str, str]) -> None:
    """The gateway's own answer: on HTTP APIs it cannot be a problem document (decision 4)."""
    for method, path in (("POST", "/orders"), ("GET", "/orders"), ("GET", f"/orders/{key()}")):
        answer = http.request(
            method, path, json=BODY, headers={"idempotency-key": key(), **headers}
        )
        assert answer.status_code == 401, answer.text
        assert json.loads(answer.text) == {"message": "Unauthorized"}


def test_without_a_token_nobody_gets_in(http: httpx.Client, deployed: Deployed) -> None:
    before = len(deployed.orders())
    refused(http, {})
    refused(http, {"authorization": "Bearer nonsense"})
    assert len(deployed.orders()) == before


def test_an_expired_token_is_refused(http: httpx.Client, expired: str) -> None:
    refused(http, {"authorization": f"Bearer {expired}"})


def test_a_forged_token_is_refused(http: httpx.Client, forged: str) -> None:
    refused(http, {"authorization": f"Bearer {forged}"})


def test_a_token_of_another_pool_is_refused(http: httpx.Client, deployed: Deployed) -> None:
    cognito = deployed.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="web", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="eve", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="eve", Password="Correct-Horse-9", Permanent=True
    )
    token = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "eve", "PASSWORD": "Correct-Horse-9"},
    )["AuthenticationResult"]["AccessToken"]
    refused(http, {"authorization": f"Bearer {token}"})
    cognito.delete_user_pool(UserPoolId=pool)

"""Whole orders through the deployed stage: how each kind ends, and what is told of it."""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest

from local.customers import Customer, sign_in
from local.demo import trail, upload
from local.demo.orders import KINDS, STOCK, Kind, stock
from tests.e2e.conftest import Deployed
from tests.e2e.polling import until

pytestmark = pytest.mark.local
GOOD = KINDS[0]
TOLD = {
    "CONFIRMED": ["confirmation", "shipping"],
    "REJECTED": ["rejection"],
}


@pytest.fixture(scope="module")
def people(deployed: Deployed) -> Iterator[tuple[Customer, Customer]]:
    stock(deployed.stage.endpoint, deployed.outputs)
    endpoint, outputs = deployed.stage.endpoint, deployed.outputs
    customer, reviewer = sign_in(endpoint, outputs), sign_in(endpoint, outputs, "reviewers")
    yield customer, reviewer
    customer.http.close()
    reviewer.http.close()


@pytest.fixture(scope="module")
def place(people: tuple[Customer, Customer]) -> Callable[[Kind], dict[str, Any]]:
    """Place an order of a kind and return it when it has ended."""
    customer, reviewer = people

    def go(kind: Kind) -> dict[str, Any]:
        order_id = customer.place(kind.body(), str(uuid.uuid4()))["order_id"]
        if kind.decision:
            until(lambda: order_id in waiting(reviewer))
            reviewer.call("POST", f"/reviews/{order_id}/{kind.decision}")
        return customer.ended(order_id)

    return go


def waiting(reviewer: Customer) -> set[str]:
    return {each["order_id"] for each in reviewer.call("GET", "/reviews")["reviews"]}


def charges(deployed: Deployed, order_id: str) -> list[str]:
    """Return the status of every charge that the gateway knows of an order."""
    items = deployed.items("payments_table_name")
    return [item["status"]["S"] for item in items if item["order_id"]["S"] == order_id]


def reserved(deployed: Deployed) -> Counter[str]:
    """Return what reservations that stand hold, by sku."""
    held: Counter[str] = Counter()
    for item in deployed.items("reservations_table_name"):
        if item["status"]["S"] == "RESERVED":
            for line in item["lines"]["L"]:
                held[line["M"]["sku"]["S"]] += int(line["M"]["quantity"]["N"])
    return held


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
def test_each_kind_of_order_ends_as_it_must_and_its_customer_is_told(
    kind: Kind, deployed: Deployed, place: Callable[[Kind], dict[str, Any]]
) -> None:
    order = place(kind)
    assert order["status"] == kind.ends
    assert bool(order.get("reason")) is (kind.ends != "CONFIRMED")
    endpoint, table = deployed.stage.endpoint, deployed.outputs["deliveries_table_name"]
    until(
        lambda: (
            sorted(trail.deliveries(endpoint, table).get(order["order_id"], [])) == TOLD[kind.ends]
        )
    )
    charged = charges(deployed, order["order_id"])
    assert charged.count("CHARGED") == (kind.ends == "CONFIRMED")


def test_stock_and_reservations_add_up(
    deployed: Deployed, place: Callable[[Kind], dict[str, Any]]
) -> None:
    for kind in KINDS:
        place(kind)
    available = {
        item["sku"]["S"]: int(item["available"]["N"])
        for item in deployed.items("inventory_table_name")
    }

    def adds_up() -> bool:
        held = reserved(deployed)
        return all(available[sku] + held[sku] == count for sku, count in STOCK.items())

    until(adds_up)


def test_the_same_event_twice_charges_once(
    deployed: Deployed, place: Callable[[Kind], dict[str, Any]]
) -> None:
    order = place(GOOD)
    placed = event(order)
    deployed.put_event("OrderPlaced", placed)
    endpoint, arn = deployed.stage.endpoint, deployed.outputs["fulfilment_arn"]
    until(lambda: len(executions(deployed, order["order_id"])) == 2)
    until(lambda: set(executions(deployed, order["order_id"])) == {"SUCCEEDED"})
    assert charges(deployed, order["order_id"]) == ["CHARGED"]
    assert trail.states(endpoint, arn, {order["order_id"]})


def event(order: dict[str, Any]) -> dict[str, Any]:
    kept = {k: order[k] for k in ("order_id", "placed_at", "currency", "lines", "total")}
    return {"version": 1, "customer_id": "somebody", **kept}


def executions(deployed: Deployed, order_id: str) -> list[str]:
    """Return the status of each execution for an order."""
    stepfunctions = deployed.client("stepfunctions")
    pages = stepfunctions.get_paginator("list_executions").paginate(
        stateMachineArn=deployed.outputs["fulfilment_arn"]
    )
    found = []
    for page in pages:
        for each in page["executions"]:
            whole = stepfunctions.describe_execution(executionArn=each["executionArn"])
            if json.loads(whole["input"])["detail"].get("order_id") == order_id:
                found.append(whole["status"])
    return found


@pytest.mark.parametrize(
    ("kind", "queues"),
    [
        ("OrderPlaced", ["fulfilment", "analytics"]),
        ("OrderConfirmed", ["notifications", "shipping", "analytics"]),
    ],
)
def test_an_event_of_an_unknown_version_is_put_away_with_its_reason(
    kind: str, queues: list[str], deployed: Deployed
) -> None:
    marker = str(uuid.uuid4())
    deployed.put_event(kind, {"version": 99, "order_id": marker})
    for name in queues:
        reason = deployed.dead_letter(f"{name}_dead_letters_url", marker)
        assert "version 99" in reason, f"{name}: {reason}"


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({"version": 1, "garbage": "MARKER"}, "names no order"),
        ({"version": 1, "order_id": "MARKER"}, "no such order"),
    ],
)
def test_an_event_that_no_order_stands_for_is_put_away_with_its_reason(
    detail: dict[str, Any], reason: str, deployed: Deployed
) -> None:
    marker = str(uuid.uuid4())
    named = {key: marker if value == "MARKER" else value for key, value in detail.items()}
    deployed.put_event("OrderPlaced", named)
    assert reason in deployed.dead_letter("fulfilment_dead_letters_url", marker)
    assert "cannot be read" in deployed.dead_letter("analytics_dead_letters_url", marker)


@pytest.mark.parametrize("run_on", ["function", "service"])
def test_an_upload_becomes_orders_and_a_report(
    deployed: Deployed,
    people: tuple[Customer, Customer],
    run_on: Literal["function", "service"],
) -> None:
    customer, _ = people
    report, ends = upload.show(deployed.stage.endpoint, deployed.outputs, customer, 120, run_on)
    assert report["rows"] == 120
    assert report["placed"] == 119
    assert [each["row"] for each in report["errors"]] == [100]
    assert "quantity" in report["errors"][0]["reason"]
    assert ends == {"CONFIRMED": 119}


def test_only_reviewers_review(deployed: Deployed, people: tuple[Customer, Customer]) -> None:
    customer, reviewer = people
    kind = next(kind for kind in KINDS if kind.decision == "approve")
    order_id = customer.place(kind.body(), str(uuid.uuid4()))["order_id"]
    until(lambda: order_id in waiting(reviewer))
    path = f"/reviews/{order_id}/approve"
    assert customer.http.post(path).status_code == 403
    assert customer.http.get("/reviews").status_code == 403
    assert reviewer.http.post(f"/reviews/{uuid.uuid4()}/approve").status_code == 404
    assert reviewer.http.post(path).status_code == 200
    assert reviewer.http.post(path).status_code == 200
    assert reviewer.http.post(f"/reviews/{order_id}/reject").status_code == 409
    assert customer.ended(order_id)["status"] == "CONFIRMED"


def test_statistics_count_each_event_once(
    deployed: Deployed, place: Callable[[Kind], dict[str, Any]]
) -> None:
    order = place(GOOD)
    until(lambda: adds_up(deployed))
    kept = ("order_id", "currency", "lines", "total")
    confirmed = {"version": 1, "customer_id": "somebody", **{key: order[key] for key in kept}}
    deployed.put_event("OrderConfirmed", {**confirmed, "confirmed_at": "2026-01-01T00:00:00Z"})
    last = place(GOOD)["order_id"]
    marker = f"event#{last}#OrderConfirmed"
    until(lambda: marker in {i["id"]["S"] for i in deployed.items("statistics_table_name")})
    until(lambda: adds_up(deployed))


def adds_up(deployed: Deployed) -> bool:
    """Whether the statistics have each confirmed order, once."""
    statuses = [order["status"]["S"] for order in deployed.orders()]
    return counted(deployed)["OrderConfirmed"] == statuses.count("CONFIRMED")


def counted(deployed: Deployed) -> Counter[str]:
    """Return how many events of each kind the statistics hold."""
    found: Counter[str] = Counter()
    for item in deployed.items("statistics_table_name"):
        for name, value in item.items():
            if name.startswith("Order"):
                found[name] += int(value["N"])
    return found

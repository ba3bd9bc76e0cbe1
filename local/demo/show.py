"""Places the orders of the demonstration, and prints how each one went."""

import time
import uuid
from collections.abc import Mapping
from typing import Any, Literal

from rich.console import Console

from local.customers import Customer, sign_in
from local.demo import trail, upload
from local.demo.orders import KINDS, Kind, stock
from local.errors import LocalError

REVIEW_SECONDS = 60
# Rows of the upload for which a task is started from zero.
IN_CONTAINERS = 100


def show(
    endpoint: str, outputs: Mapping[str, Any], console: Console, *, upload_rows: int = 0
) -> None:
    """Follow an order of every kind to its end, and an upload of so many rows.

    Raises:
        LocalError: when an order does not end as it must, or is not told of.
    """
    stock(endpoint, outputs)
    customer = sign_in(endpoint, outputs)
    reviewer = sign_in(endpoint, outputs, "reviewers")
    placed = {_place(customer, kind): kind for kind in KINDS}
    _decide(reviewer, placed)
    orders = {order_id: customer.ended(order_id) for order_id in placed}
    wanted = {id_: f"Order{order['status'].capitalize()}" for id_, order in orders.items()}
    events = trail.events(endpoint, outputs["events_queue_url"], wanted)
    _print(endpoint, outputs, placed, orders, events, console)
    judge(placed, orders, events)
    if upload_rows:
        _upload(endpoint, outputs, customer, console, upload_rows, "function")
        _upload(endpoint, outputs, customer, console, IN_CONTAINERS, "service")
    _addresses(outputs, customer, console)


def _upload(
    endpoint: str,
    outputs: Mapping[str, Any],
    customer: Customer,
    console: Console,
    count: int,
    run_on: Literal["function", "service"],
) -> None:
    report, ends = upload.show(endpoint, outputs, customer, count, run_on)
    told = ", ".join(f"{count:,} {status}" for status, count in sorted(ends.items()))
    console.print(
        f"upload of {report['rows']:,} rows, imported by the {run_on}: {report['placed']:,} "
        f"orders placed, {len(report['errors']):,} rows refused; the orders ended: {told}"
    )


def judge(
    placed: Mapping[str, Kind],
    orders: Mapping[str, Mapping[str, Any]],
    events: Mapping[str, list[str]],
) -> None:
    """Raise `LocalError` for orders that did not end as they must, or of whose end none told."""
    wrong = [kind.title for id_, kind in placed.items() if orders[id_]["status"] != kind.ends]
    if wrong:
        raise LocalError(f"orders ended otherwise than they must: {', '.join(wrong)}: `make logs`")
    silent = [
        kind.title
        for id_, kind in placed.items()
        if f"Order{kind.ends.capitalize()}" not in events[id_]
    ]
    if silent:
        raise LocalError(f"no event told the end of orders: {', '.join(silent)}: `make logs`")


def _place(customer: Customer, kind: Kind) -> str:
    """Place an order twice, as a client does that got no answer, and return its id."""
    key = str(uuid.uuid4())
    order = customer.place(kind.body(), key)
    if customer.place(kind.body(), key)["order_id"] != order["order_id"]:
        raise LocalError("a repeated request did not return the order that it made before")
    return str(order["order_id"])


def _decide(reviewer: Customer, placed: Mapping[str, Kind]) -> None:
    """Approve or reject what waits for a person, as soon as it does."""
    waiting = {order_id: kind.decision for order_id, kind in placed.items() if kind.decision}
    deadline = time.monotonic() + REVIEW_SECONDS
    while waiting and time.monotonic() < deadline:
        listed = {each["order_id"] for each in reviewer.call("GET", "/reviews")["reviews"]}
        for order_id in listed & set(waiting):
            reviewer.call("POST", f"/reviews/{order_id}/{waiting.pop(order_id)}")
        time.sleep(0.2)
    if waiting:
        raise LocalError(f"no review was asked for: {', '.join(waiting)}: see `make logs review`")


def _print(
    endpoint: str,
    outputs: Mapping[str, Any],
    placed: Mapping[str, Kind],
    orders: Mapping[str, Mapping[str, Any]],
    events: Mapping[str, list[str]],
    console: Console,
) -> None:
    states = trail.states(endpoint, outputs["fulfilment_arn"], set(placed))
    sent = trail.deliveries(endpoint, outputs["deliveries_table_name"])
    for order_id, order in orders.items():
        reason = f": {order['reason']}" if order.get("reason") else ""
        told, notices = " → ".join(events[order_id]), ", ".join(sorted(sent.get(order_id, [])))
        for line in (
            f"[bold]{placed[order_id].title}[/] {order_id} [bold]{order['status']}[/]{reason}",
            f"  {' → '.join(states.get(order_id, []))}",
            f"  events: {told}; sent: {notices}",
        ):
            console.print(line, highlight=False, soft_wrap=True)


def _addresses(outputs: Mapping[str, Any], customer: Customer, console: Console) -> None:
    console.print(
        f"\nThe API: {outputs['api_url']}\n"
        "Try it by hand, as a customer who is signed in for an hour:\n"
    )
    line = '{"sku": "tea-green", "quantity": 2, "unit_price": 450}'
    body = f'{{"currency": "EUR", "payment_token": "tok_visa", "lines": [{line}]}}'
    for command in (
        f"export API='{outputs['api_url']}' TOKEN='{customer.token}'",
        'curl $API/orders -H "authorization: Bearer $TOKEN" \\',
        "  -H 'idempotency-key: my-first-order' -H 'content-type: application/json' \\",
        f"  -d '{body}'",
        'curl $API/orders -H "authorization: Bearer $TOKEN"',
    ):
        console.print(command, soft_wrap=True, highlight=False)

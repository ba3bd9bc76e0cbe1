"""The API of orders."""

import json
from datetime import UTC, datetime
from http import HTTPStatus

from orders import cursors, logic, store
from shared.http import Request, Response, answer, endpoint
from shared.observability import annotate, count, logger
from shared.orders import NewOrder, new_order
from shared.orders_table import write_once


def now() -> datetime:
    """Return the time, which tests set."""
    return datetime.now(UTC)


@endpoint
def place(request: Request) -> Response:
    """POST /orders: place an order, once for each idempotency key."""
    customer_id = request.customer_id
    key = logic.idempotency_key(request.headers)
    order = new_order(request.read(NewOrder), customer_id, key, now())
    earlier = write_once(order)
    if earlier:
        order = logic.repeated(order, earlier)
    count("OrdersRepeated" if earlier else "OrdersPlaced")
    annotate("order_id", order.order_id)
    logger.info("placed", extra={"order_id": order.order_id, "customer_id": customer_id})
    location = {"location": f"/orders/{order.order_id}"}
    return answer(HTTPStatus.CREATED, json.dumps(order.public()), location)


@endpoint
def get(request: Request) -> Response:
    """GET /orders/{order_id}: one of the customer's orders."""
    customer_id = request.customer_id
    order_id = logic.order_id(request.path_parameters["order_id"])
    order = logic.owned(store.find(order_id), customer_id)
    return answer(HTTPStatus.OK, json.dumps(order.public()))


@endpoint
def list_orders(request: Request) -> Response:
    """GET /orders: a page of the customer's orders, newest first."""
    customer_id = request.customer_id
    start = cursors.start(request.query, customer_id)
    orders, following = store.page(customer_id, logic.limit(request.query), start)
    document = {
        "orders": [order.public() for order in orders],
        "next_cursor": following.encoded() if following else None,
    }
    return answer(HTTPStatus.OK, json.dumps(document))

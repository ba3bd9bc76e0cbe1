"""What the customer's API asks of a request, without any service."""

import re
from collections.abc import Mapping

from orders.errors import (
    IdempotencyKeyReusedError,
    InvalidIdempotencyKeyError,
    OrderNotFoundError,
)
from shared.orders import KEY, Order
from shared.problems import BadRequestError

LIMIT = re.compile(r"[1-9][0-9]?|100")
ORDER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DEFAULT_LIMIT = "20"


def idempotency_key(headers: Mapping[str, str]) -> str:
    """Return the key of a request."""
    key = headers.get("idempotency-key", "")
    if not KEY.fullmatch(key):
        allowed = "1 to 128 letters, digits and . _ : -"
        raise InvalidIdempotencyKeyError(f"header Idempotency-Key must be {allowed}")
    return key


def repeated(order: Order, earlier: Order) -> Order:
    """Return the earlier order of the same key, when it was asked for with the same body."""
    if not order.repeats(earlier):
        raise IdempotencyKeyReusedError("this Idempotency-Key came with another body before")
    return earlier


def owned(order: Order | None, customer_id: str) -> Order:
    """Return an order to its own customer; others cannot tell whether it exists."""
    if order is None or order.customer_id != customer_id:
        raise OrderNotFoundError("you have no order with this id")
    return order


def order_id(text: str) -> str:
    """Return an order's id; what cannot be one is not found."""
    if not ORDER_ID.fullmatch(text):
        raise OrderNotFoundError("you have no order with this id")
    return text


def limit(query: Mapping[str, str]) -> int:
    """Return how many orders a page has at most."""
    text = query.get("limit", DEFAULT_LIMIT)
    if not LIMIT.fullmatch(text):
        raise BadRequestError("limit must be 1 to 100")
    return int(text)

"""What makes an order an order, without any service."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid5

from orders.errors import (
    IdempotencyKeyReusedError,
    InvalidIdempotencyKeyError,
    OrderNotFoundError,
)
from orders.models import NewOrder, Order
from shared.problems import BadRequestError

# Never to be changed: a repeated key would make a second order.
NAMESPACE = UUID("0f5f2f0a-6a3b-5d0e-9b1e-3f6f3c1f7a52")
KEY = re.compile(r"[A-Za-z0-9._:-]{1,128}")
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


def new_order(new: NewOrder, customer_id: str, key: str, at: datetime) -> Order:
    """Return the order that a customer's key stands for: the same key has the same id."""
    return Order(
        # No key has a slash, so no two customers share an id.
        order_id=str(uuid5(NAMESPACE, f"{customer_id}/{key}")),
        customer_id=customer_id,
        placed_at=f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        currency=new.currency,
        lines=new.lines,
        total=sum(line.quantity * line.unit_price for line in new.lines),
        request_hash=hashlib.sha256(new.model_dump_json().encode()).hexdigest(),
    )


def repeated(order: Order, earlier: Order) -> Order:
    """Return the earlier order of the same key, when it was asked for with the same body."""
    if order.request_hash != earlier.request_hash:
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

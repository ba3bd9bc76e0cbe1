"""Cursors: where the next page of a customer's orders starts."""

import base64
import re
from collections.abc import Mapping
from typing import NamedTuple, Self

from shared.orders import Order
from shared.problems import BadRequestError

TEXT = re.compile(
    r"(?P<order_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"/(?P<placed_at>[0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}\.[0-9]{6}Z)"
    r"/(?P<customer_id>.+)"
)


class Cursor(NamedTuple):
    """The key of the last order of a page, in the index by customer."""

    order_id: str
    placed_at: str
    customer_id: str

    @classmethod
    def after(cls, order: Order) -> Self:
        """Return the cursor behind an order."""
        return cls(order.order_id, order.placed_at, order.customer_id)

    def encoded(self) -> str:
        """Return the cursor as a client gets it."""
        return base64.urlsafe_b64encode("/".join(self).encode()).decode().rstrip("=")


def start(query: Mapping[str, str], customer_id: str) -> Cursor | None:
    """Return where a page starts; a cursor is only good for the customer whom it was made for."""
    if "cursor" not in query:
        return None
    text = query["cursor"]
    try:
        padded = text + "=" * (-len(text) % 4)
        found = TEXT.fullmatch(base64.b64decode(padded, b"-_", validate=True).decode())
    except ValueError:
        found = None
    if found is None or found["customer_id"] != customer_id:
        raise BadRequestError("cursor must be the next_cursor of an earlier answer")
    return Cursor(**found.groupdict())

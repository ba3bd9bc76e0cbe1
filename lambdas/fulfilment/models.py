"""What the tasks need of an order; they are given the detail of its event, or a part of it."""

from collections import Counter
from typing import Annotated

from pydantic import Field

from shared.events import Part


class OrderKey(Part):
    """An order's id, by which every task knows what was done before."""

    order_id: Annotated[str, Field(min_length=1)]


class Payment(OrderKey):
    """What an order costs, in minor units of its currency."""

    total: Annotated[int, Field(ge=0)]
    currency: str


class StockLine(Part):
    """So many of one thing."""

    sku: Annotated[str, Field(min_length=1)]
    quantity: Annotated[int, Field(ge=1)]


class Reservation(OrderKey):
    """What an order takes from the stock."""

    lines: Annotated[list[StockLine], Field(min_length=1)]

    def quantities(self) -> dict[str, int]:
        """Return how many of each thing, as a transaction may name an item only once."""
        counted: Counter[str] = Counter()
        for line in self.lines:
            counted[line.sku] += line.quantity
        return dict(counted)

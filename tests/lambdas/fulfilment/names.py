"""What the tasks of fulfilment are given: their tables, and an order's detail."""

from collections.abc import Mapping
from typing import Any

PAYMENTS = "payments-table"
INVENTORY = "inventory-table"
RESERVATIONS = "reservations-table"
VARIABLES = {
    "PAYMENTS_TABLE_NAME": PAYMENTS,
    "INVENTORY_TABLE_NAME": INVENTORY,
    "RESERVATIONS_TABLE_NAME": RESERVATIONS,
}
COST = {"total": 2_747, "currency": "EUR"}


def lines(quantities: Mapping[str, int]) -> dict[str, Any]:
    """Return the lines of an order as its event has them."""
    return {
        "lines": [
            {"sku": sku, "quantity": quantity, "unit_price": 100}
            for sku, quantity in quantities.items()
        ]
    }

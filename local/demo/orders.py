"""The orders of the demonstration, and the stock that they are served from."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.aws import client

STOCK = {
    "tea-green": 100_000,
    "cup-blue": 50_000,
    "pot-iron": 20_000,
    "cup-last": 1,
    "tea-rare": 0,
}
PRICES = {
    "tea-green": 450,
    "cup-blue": 1_250,
    "pot-iron": 8_900,
    "cup-last": 800,
    "tea-rare": 99_00,
}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """An order, what a reviewer says of it, and how it must end."""

    title: str
    lines: Mapping[str, int]
    ends: str
    payment_token: str = "tok_visa"  # noqa: S105
    decision: str = ""

    def body(self) -> dict[str, Any]:
        """Return the body of `POST /orders`."""
        lines = [
            {"sku": sku, "quantity": quantity, "unit_price": PRICES[sku]}
            for sku, quantity in self.lines.items()
        ]
        return {"currency": "EUR", "lines": lines, "payment_token": self.payment_token}


KINDS = (
    Kind(title="good", lines={"tea-green": 2, "cup-blue": 1}, ends="CONFIRMED"),
    Kind(
        title="card declined",
        lines={"tea-green": 1},
        payment_token="tok_declined",  # noqa: S106
        ends="REJECTED",
    ),
    Kind(
        title="declined at the charge",
        lines={"tea-green": 1},
        payment_token="tok_charge_declined",  # noqa: S106
        ends="REJECTED",
    ),
    Kind(title="out of stock", lines={"tea-green": 1, "tea-rare": 1}, ends="REJECTED"),
    Kind(
        title="high value, approved",
        lines={"pot-iron": 20},
        decision="approve",
        ends="CONFIRMED",
    ),
    Kind(title="high value, rejected", lines={"pot-iron": 20}, decision="reject", ends="REJECTED"),
)


def stock(endpoint: str, outputs: Mapping[str, Any], shelves: Mapping[str, int] = STOCK) -> None:
    """Fill the shelves that have never been, as a warehouse would."""
    dynamodb, table = client(endpoint, "dynamodb"), outputs["inventory_table_name"]
    for sku, available in shelves.items():
        item = {"sku": {"S": sku}, "available": {"N": str(available)}}
        with contextlib.suppress(dynamodb.exceptions.ConditionalCheckFailedException):
            dynamodb.put_item(
                TableName=table, Item=item, ConditionExpression="attribute_not_exists(sku)"
            )

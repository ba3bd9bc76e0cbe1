"""Compares an import's counts with the orders of its rows."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from imports.models import Row
from shared.orders import Order, new_order

Orders = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
# A report stays small, whatever went wrong.
MOST_DIFFERENCES = 100


@dataclass
class Comparison:
    """What was found of an import: its rows' orders by status, and what should not be so."""

    file: str
    job_id: str
    rows: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    differences: list[dict[str, Any]] = field(default_factory=list)
    difference_count: int = 0

    def differ(self, what: str, **where: object) -> None:
        """Note a difference; the first hundred are kept."""
        self.difference_count += 1
        if len(self.differences) < MOST_DIFFERENCES:
            self.differences.append({**where, "difference": what})


def compare(
    found: Comparison,
    counts: Mapping[str, int],
    rows: Iterable[tuple[int, Row]],
    orders: Orders,
    most: int,
) -> None:
    """Look each row's order up, `most` at a time: it is there, and either open or ended."""
    reading = iter(rows)
    while batch := [*islice(reading, most)]:
        asked = [(number, _order(row)) for number, row in batch]
        there = orders([order.order_id for _, order in asked])
        for number, order in asked:
            _check(found, number, order, there.get(order.order_id))
    placed = found.statuses.total()
    if placed != counts.get("placed", 0):
        found.differ(f"{counts.get('placed', 0)} were reported as placed, {placed} are there")


def _check(found: Comparison, number: int, order: Order, there: Mapping[str, Any] | None) -> None:
    found.rows += 1
    if there is None:
        found.differ("the order is missing", row=number, order_id=order.order_id)
    elif there["request_hash"] == order.request_hash:
        found.statuses[there["status"]] += 1
        if ("open_since" in there) is not (there["status"] == "PLACED"):
            found.differ("the order is open and ended", row=number, order_id=order.order_id)


def _order(row: Row) -> Order:
    return new_order(row.order(), row.customer_id, row.reference, datetime.now(UTC))

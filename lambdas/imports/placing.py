"""Places the orders of a file, many at a time."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from imports.models import Outcome, Report, Row
from shared.orders import new_order
from shared.orders_table import write_once

# Fewer than the connections of a client, which are ten.
THREADS = 8
# Rows that were read and are not yet done: what holds memory.
MOST_WAITING = 2 * THREADS
# Two writes one after the other that each succeed in the last attempt, and the report.
RESERVE_MS = 25_000


def place_all(
    report: Report, rows: Iterable[tuple[int, Row | str]], remaining_ms: Callable[[], int]
) -> None:
    """Place the order of each row, and report what became of it, as far as the time suffices.

    Raises:
        BusyError: when the table throttles, after all retries.
    """
    waiting: deque[tuple[int, Future[Outcome | str]]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for number, row in rows:
            if remaining_ms() < RESERVE_MS:
                report.unfinished_from_row = number
                break
            waiting.append((number, pool.submit(_place, row)))
            if len(waiting) == MOST_WAITING:
                _report_first(report, waiting)
        while waiting:
            _report_first(report, waiting)


def _report_first(report: Report, waiting: deque[tuple[int, Future[Outcome | str]]]) -> None:
    number, placed = waiting.popleft()
    report.add(number, placed.result())


def _place(row: Row | str) -> Outcome | str:
    if isinstance(row, str):
        return row
    order = new_order(row.order(), row.customer_id, row.reference, datetime.now(UTC))
    earlier = write_once(order)
    if earlier is None:
        return Outcome.PLACED
    return Outcome.REPEATED if order.repeats(earlier) else Outcome.TAKEN

"""Places the orders of a file, many at a time."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice

from imports.logic import Read
from imports.models import Outcome, Report, Row
from shared.jobs.job import Progress
from shared.orders import Order, new_order
from shared.orders_table import MOST_AT_ONCE, write_all_once

# Fewer than the connections of a client, which are ten.
THREADS = 8
# Batches of rows that were read and are not yet done: what holds memory.
MOST_WAITING = 2 * THREADS
# What is done again when a worker dies, and is not yet in the counts.
CHECKPOINT_ROWS = 500


class Pace:
    """Lets so many rows a second pass, and no more."""

    def __init__(self, rows_per_second: float) -> None:
        self._rows_per_second = rows_per_second
        self._next = time.monotonic()

    def wait(self, rows: int) -> None:
        """Wait until so many rows may pass; what was late before does not make it faster."""
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + rows / self._rows_per_second


def place_all(report: Report, rows: Iterable[Read], progress: Progress, pace: Pace) -> None:
    """Place the order of each row, and report what became of it.

    Raises:
        BusyError: when the table throttles, after all retries.
        JobPausedError: when it was told to stop, behind the last row that was read.
        LeaseLostError: when another worker has gone on with the import.
    """
    position = progress.checkpoint.position
    with ThreadPoolExecutor(THREADS) as pool:
        for batch, outcomes in _placed(pool, rows, progress, pace):
            for read, outcome in zip(batch, outcomes, strict=True):
                report.add(read.number, outcome)
            position = batch[-1].end
            if report.rows - progress.checkpoint.counts.get("rows", 0) >= CHECKPOINT_ROWS:
                progress.save(report.checkpoint(position))
    if progress.stopping:
        progress.pause(report.checkpoint(position))


def _placed(
    pool: ThreadPoolExecutor, rows: Iterable[Read], progress: Progress, pace: Pace
) -> Iterator[tuple[list[Read], list[Outcome | str]]]:
    """Yield batches with what became of them, in their order, until it must stop."""
    waiting: deque[tuple[list[Read], Future[list[Outcome | str]]]] = deque()
    for batch in _batches(rows):
        pace.wait(len(batch))
        waiting.append((batch, pool.submit(_place, batch, progress.started_at)))
        if len(waiting) == MOST_WAITING:
            first, outcomes = waiting.popleft()
            yield first, outcomes.result()
        if progress.stopping:
            break
    for batch, outcomes in waiting:
        yield batch, outcomes.result()


def _batches(rows: Iterable[Read]) -> Iterator[list[Read]]:
    reading = iter(rows)
    while batch := [*islice(reading, MOST_AT_ONCE)]:
        yield batch


def _place(batch: list[Read], started_at: datetime) -> list[Outcome | str]:
    now = datetime.now(UTC)
    orders = [
        new_order(row.order(), row.customer_id, row.reference, now)
        for _, row, _ in batch
        if isinstance(row, Row)
    ]
    earlier = iter(zip(orders, write_all_once(orders), strict=True) if orders else ())
    return [
        _outcome(*next(earlier), started_at) if isinstance(row, Row) else row
        for _, row, _ in batch
    ]


def _outcome(order: Order, earlier: Order | None, started_at: datetime) -> Outcome:
    """Tell what became of an order; what this import wrote before a worker died is its own."""
    if earlier is None:
        return Outcome.PLACED
    if not order.repeats(earlier):
        return Outcome.TAKEN
    own = datetime.fromisoformat(earlier.placed_at) >= started_at
    return Outcome.PLACED if own else Outcome.REPEATED

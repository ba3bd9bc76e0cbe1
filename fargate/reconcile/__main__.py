"""Compares the imports of a day, yesterday unless another is named, and reports on them."""

import sys
from datetime import UTC, date, datetime, timedelta

from imports.errors import FileGoneError, FileRefusedError, FileReplacedError
from imports.store import write_report
from reconcile import store
from reconcile.logic import Comparison, compare
from shared.observability import count, logger

DIFFERENCES = 3


def main(arguments: list[str]) -> int:
    """Write `reports/reconciliation/<date>.json`; return 3 when there are differences, else 0."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    day = date.fromisoformat(arguments[0]) if arguments else yesterday
    found = [_compared(each) for each in store.ended(day.isoformat())]
    differences = sum(each.difference_count for each in found)
    document = {
        "date": day.isoformat(),
        "differences": differences,
        "imports": [vars(each) for each in found],
    }
    write_report(f"reports/reconciliation/{day}.json", document)
    count("ReconciliationDifferences", differences)
    logger.info("reconciled", extra={"imports": len(found), "differences": differences})
    return DIFFERENCES if differences else 0


def _compared(ended: store.Ended) -> Comparison:
    found = Comparison(file=ended.upload.key, job_id=ended.job_id)
    try:
        compare(found, ended.counts, store.rows(ended.upload), store.orders, store.MOST_KEYS)
    except (FileGoneError, FileReplacedError):
        # Partners may remove or replace what they uploaded, and then nothing tells its rows.
        logger.warning("not compared", extra={"job_id": ended.job_id})
    except FileRefusedError:
        compare(found, ended.counts, (), store.orders, store.MOST_KEYS)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

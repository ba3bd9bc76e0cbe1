"""Prints what became of the orders of a run."""

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.chaos.count import astray
from local.chaos.run import Outcome
from local.errors import LocalError

MOST_FAILURES = 20


def show(outcome: Outcome, console: Console) -> None:
    """Print the counts.

    Raises:
        LocalError: when a promise was broken.
    """
    console.print(_faults(outcome))
    console.print(_letters(outcome))
    console.print(_orders(outcome))
    failures = [*outcome.verdict.failures]
    if outcome.settled_seconds is None:
        failures.append("the queues were not empty in time")
    for failure in failures[:MOST_FAILURES]:
        console.print(f"[red]{escape(failure)}", highlight=False, soft_wrap=True)
    if failures:
        raise LocalError(
            f"{len(failures):,} promises were broken; `--seed {outcome.plan.seed} --keep` leaves "
            "the stage up to look at"
        )


def _orders(outcome: Outcome) -> Table:
    verdict, table = outcome.verdict, Table("orders", "", title=f"seed {outcome.plan.seed}")
    off = astray(outcome.found, outcome.plan.shelves)
    rows = {
        "accepted": len(outcome.placed),
        "handled once": len(verdict.once),
        "handled twice": len(verdict.twice),
        "dead-lettered": len(verdict.dead),
        "lost": len(verdict.lost),
        "of them given up (CANCELLED)": verdict.cancelled,
        "charged twice": sum(each.charges > 1 for each in outcome.found.payments.values()),
        "units of stock astray": sum(map(abs, off.values())),
        "mails and notices sent again": sum(n > 1 for n in outcome.sendings.values()),
    }
    for name, count in rows.items():
        table.add_row(name, f"{count:,}")
    settled = outcome.settled_seconds
    told = "never" if settled is None else f"{settled:.1f} s"
    table.add_row("end of faults to empty queues", told)
    return table


def _letters(outcome: Outcome) -> Table:
    """Show the dead letters: by queue, by reason, and how many of them are our poison."""
    table = Table("dead letters of", "reason", "count", "of them poison")
    markers = [poison.marker for poison in outcome.poison]
    rows: Counter[tuple[str, str]] = Counter()
    poisoned: Counter[tuple[str, str]] = Counter()
    for letter in outcome.found.letters:
        row = (letter.queue, letter.reason[:60] or "none: given up by the queue")
        rows[row] += 1
        poisoned[row] += any(marker in letter.body for marker in markers)
    for row, count in sorted(rows.items()):
        table.add_row(row[0], escape(row[1]), str(count), str(poisoned[row]))
    return table


def _faults(outcome: Outcome) -> Table:
    table = Table("injected", "times")
    for fault, count in sorted(outcome.injected.items()):
        table.add_row(fault, f"{count:,}")
    return table

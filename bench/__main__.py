"""The command behind `make bench`: figures as a table, and as JSON in `.toolkit/bench.json`."""

import sys

from rich.console import Console
from rich.table import Table

from bench import figures, front_door, order_flow
from local.paths import STATE

PARTS = {
    "evaluation": figures.evaluation,
    "engine preview": figures.engine_preview,
    "cold imports": figures.cold_imports,
    "front door": front_door.measure,
    "order flow": order_flow.measure,
}


def main() -> int:
    """Measure, print, and return 1 when a promise does not hold."""
    console, found = Console(), []
    for title, measure in PARTS.items():
        console.print(f"── {title}")
        found += measure()
    table = Table("figure", "value", "at most", "")
    for each in found:
        most = "" if each.most is None else f"{each.most:g} {each.unit}"
        kept = "" if each.most is None else "[green]kept" if each.kept else "[red]broken"
        table.add_row(each.name, f"{each.value:.2f} {each.unit}", most, kept)
    console.print(table)
    figures.write(found, STATE / "bench.json")
    return 0 if all(each.kept for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())

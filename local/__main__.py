"""The command behind `make up`, `down`, `demo`, `chaos`, `preview`, `logs` and `console`."""

import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from local import console as overview
from local import logs as function_logs
from local.chaos.plan import Plan as ChaosPlan
from local.chaos.run import CHAOS, Run
from local.chaos.show import show as show_outcome
from local.demo.show import show as show_demonstration
from local.engine.environment import isolated
from local.engine.plan import Plan, plan
from local.errors import LocalError
from local.paths import CACHE
from local.stage import LocalStage

console = Console()


@contextmanager
def part(title: str) -> Iterator[None]:
    """Say what is done, and how long it took."""
    started = time.monotonic()
    console.print(f"── {title}")
    yield
    console.print(f"   {title}: {time.monotonic() - started:.1f} s")


def report(message: str) -> None:
    """Tell of something that takes long."""
    console.print(f"   {escape(message)}", highlight=False, soft_wrap=True)


@click.group()
def main() -> None:
    """The local stage of the orders system."""
    # A user's profile, endpoint or token has no say in what is local.
    click.get_current_context().with_resource(isolated(CACHE / "cli"))


@main.command()
def up() -> None:
    """Deploy the local stage and send orders through it."""
    stage = LocalStage(report=report)
    with part("deployment"):
        deployed = stage.up()
        counts = ", ".join(f"{count} {op}" for op, count in sorted(deployed.changes.items()))
        console.print(f"   {counts}")
        for type_, name in deployed.recorded:
            console.print(f"   recorded, not emulated: {type_} {name}")
    with part("demonstration"):
        show_demonstration(stage.endpoint, stage.outputs(), console)


@main.command()
@click.option("--upload-rows", default=1_000, show_default=True, help="rows of the upload")
def demo(upload_rows: int) -> None:
    """Send orders of every kind through a stage that is up, and an upload of many."""
    stage = LocalStage(report=report)
    with part("demonstration"):
        show_demonstration(stage.endpoint, stage.outputs(), console, upload_rows=upload_rows)


@main.command()
@click.option("--orders", default=1_000, show_default=True, type=click.IntRange(min=20))
@click.option("--seed", default=1, show_default=True, help="the same seed, the same faults")
@click.option("--keep", is_flag=True, help="leave the stage up afterwards")
def chaos(orders: int, seed: int, *, keep: bool) -> None:
    """Place orders under every fault there is, and count what was lost or done twice."""
    run = Run(ChaosPlan.of(seed, orders), report=report)
    try:
        with part("deployment"):
            run.up()
        with part(f"{orders:,} orders under faults of seed {seed}"):
            outcome = run.go()
    finally:
        if not keep:
            run.down()
    show_outcome(outcome, console)


@main.command()
def down() -> None:
    """Stop the local stage and leave nothing behind."""
    LocalStage(report=report).down()
    # What was killed under faults, or kept.
    LocalStage(state=CHAOS, report=report).down()
    console.print("the local stage is down")


@main.command()
@click.option("--stage", default="dev", show_default=True, help="local, dev or prod")
def preview(stage: str) -> None:
    """Show what a stage would be: no account, no credentials, no emulator."""
    with part(f"preview of {stage}"):
        _print(plan(stage, report=report))


@main.command()
@click.argument("function", default="")
@click.option("--follow", is_flag=True, help="wait for more lines")
def logs(function: str, *, follow: bool) -> None:
    """Show the log lines of the functions, or of those whose name begins so."""
    function_logs.show(LocalStage().endpoint, function, console, follow=follow)


@main.command("console")
def console_() -> None:
    """Show what is deployed, and how it is doing."""
    overview.show(LocalStage(), console)


def _print(planned: Plan) -> None:
    tree = Tree(f"[bold]stage {planned.stage}")
    branches = {"": tree}
    for step in sorted(planned.steps, key=lambda step: step.urn.count("$")):
        kind = step.type.split(":")[-1]
        colour = "bold" if step.type.startswith("toolkit:") else "default"
        branch = branches.get(step.parent_urn, tree)
        branches[step.urn] = branch.add(f"[{colour}]{kind} {step.name}[/] [green]{step.op}")
    console.print(tree)
    kinds = Counter(step.type for step in planned.steps if step.type.startswith("aws:"))
    operations = ", ".join(f"{count} to {op}" for op, count in planned.operations.items())
    console.print(f"{operations}: {sum(kinds.values())} resources of {len(kinds)} types")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Being asked to end is an interruption too: what is under way comes to an orderly end.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        main.main(standalone_mode=False)
    except LocalError as error:
        console.print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        console.print("interrupted: run it again to go on, or `make down` to stop the stage")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)

"""Writes the plots of the guide to compute: `python -m cost.crossovers`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cost.compute import (
    Cost,
    Load,
    Task,
    crossover,
    fargate_service,
    fargate_tasks,
    kubernetes,
    managed_instances,
    on_demand,
    provisioned,
)
from cost.pages import replaced

GUIDE = Path("docs/guides/choosing-compute.md")
# By what the lines of a plot are told apart: GitHub draws no legend.
COLOURS = {"🟦": "#3b82f6", "🟧": "#f97316", "🟩": "#22c55e", "🟥": "#ef4444", "🟪": "#a855f7"}
MILLION = 1_000_000
FORMS: Mapping[str, Cost] = {
    "Lambda": on_demand,
    "provisioned concurrency": provisioned,
    "Managed Instances": managed_instances,
    "Fargate service": fargate_service,
    "EKS Fargate": kubernetes,
}
TWO_VCPU = Task(vcpus=2, memory_gb=4)


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Costs over a quantity, drawn as one line for each form."""

    title: str
    x: str
    y: str
    xs: Sequence[float]
    lines: Mapping[str, Callable[[float], float]]

    def markdown(self) -> str:
        """Return the plot in Mermaid, and below it which line is which."""
        palette = ", ".join(list(COLOURS.values())[: len(self.lines)])
        columns = {name: [cost(x) for x in self.xs] for name, cost in self.lines.items()}
        top = max(value for values in columns.values() for value in values)
        drawn = [
            f"  line [{', '.join(f'{value:.2f}' for value in values)}]"
            for values in columns.values()
        ]
        legend = " · ".join(f"{mark} {name}" for mark, name in zip(COLOURS, columns, strict=False))
        colours = f'{{"themeVariables": {{"xyChart": {{"plotColorPalette": "{palette}"}}}}}}'
        lines = [
            "```mermaid",
            f"%%{{init: {colours}}}%%",
            "xychart-beta",
            f'  title "{self.title}"',
            f'  x-axis "{self.x}" [{", ".join(f"{x:g}" for x in self.xs)}]',
            f'  y-axis "{self.y}" 0 --> {top:.2f}',
            *drawn,
            "```",
            "",
            legend,
        ]
        return "\n".join(lines)


# Waits for the network most of the time, as handlers of an API do; and computes all the time.
WAITING = Load(requests=0, duration_ms=100, memory_mb=512, cpu_share=0.2)
COMPUTING = Load(requests=0, duration_ms=1_000, memory_mb=1_769, cpu_share=1)
# As much CPU as the task has.
JOB = Load(requests=1_000, duration_ms=0, memory_mb=3_538, cpu_share=1)
LOADS = {
    "waits: 100 ms, 512 MB, a vCPU busy for 20 % of it": WAITING,
    "computes: 1 s, 1,769 MB, a vCPU busy all the time": COMPUTING,
}
LONGEST_MINUTES = 15


def of_requests(load: Load, title: str, millions: Sequence[float]) -> Plot:
    """Return the plot of a month's cost over its requests."""

    def at(cost: Cost, number: float) -> float:
        return cost(replace(load, requests=number * MILLION))

    return Plot(
        title=title,
        x="million requests a month",
        y="US dollars a month",
        xs=millions,
        lines={name: partial(at, cost) for name, cost in FORMS.items()},
    )


def of_minutes(minutes: Sequence[float]) -> Plot:
    """Return the plot of what a thousand jobs cost over how long each takes."""

    def at(cost: Cost, number: float) -> float:
        return cost(replace(JOB, duration_ms=number * 60_000))

    return Plot(
        title="A thousand jobs on 2 vCPU",
        x="minutes a job",
        y="US dollars",
        xs=minutes,
        lines={
            "Lambda (3,538 MB)": partial(at, on_demand),
            "Fargate task (4 GB)": partial(at, partial(fargate_tasks, task=TWO_VCPU)),
        },
    )


def table() -> str:
    """Return from where on each form is cheaper than default Lambda."""
    rows = [
        f"| {name} | " + " | ".join(_from(cost, load) for load in LOADS.values()) + " |"
        for name, cost in FORMS.items()
        if cost is not on_demand
    ]
    return "\n".join([f"| cheaper than Lambda | {' | '.join(LOADS)} |", "|---|---|---|", *rows])


def job_crossover() -> float:
    """Return from how many seconds on a job is cheaper as a task of Fargate."""
    seconds = 1
    while on_demand(_job(seconds)) <= fargate_tasks(_job(seconds), TWO_VCPU):
        seconds += 1
    return seconds


def text() -> str:
    """Return what stands between the markers of the guide."""
    jobs = (
        f"A job of {job_crossover():g} seconds or more is cheaper as a task of Fargate (2 vCPU, "
        "4 GB) than in a function with as much CPU."
    )
    waiting = of_requests(WAITING, "100 ms, 512 MB, waits 80 % of the time", range(0, 501, 50))
    computing = of_requests(COMPUTING, "1 s, 1,769 MB, computes", range(0, 51, 5))
    of_jobs = of_minutes(range(1, LONGEST_MINUTES + 1))
    plots = [plot.markdown() for plot in (waiting, computing, of_jobs)]
    return "\n\n".join([*plots, table(), jobs])


def written() -> str:
    """Return the guide with the plots of the prices as they are."""
    return replaced(GUIDE, "crossovers", text())


def _job(seconds: float) -> Load:
    return replace(JOB, duration_ms=seconds * 1_000)


def _from(cost: Cost, load: Load) -> str:
    number = crossover(cost, on_demand, load)
    return "never" if number is None else f"from {number / MILLION:,.1f} million requests a month"


if __name__ == "__main__":
    GUIDE.write_text(written())

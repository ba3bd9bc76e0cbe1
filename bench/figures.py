"""The figures, each a ratio of what was measured in turns, and the most that it may be."""

import json
import os
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from components.compute.runtime import ARCHITECTURE, PYTHON
from components.core.packaging import package_requirements
from local.engine.plan import plan
from local.paths import STATE
from local.provider.wire import UNKNOWN

COPIES = (1, 10, 50, 100)
ROUNDS = 5
FRESH_PROCESSES = 11
LAYER_MB = 14.0
REFERENCE = "import boto3; boto3.client('dynamodb', region_name='us-east-1')"
# Who waits for an answer pays for a cold start.
FRONT = "orders.handler"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A ratio or a size; `most` is what the project promises, if it does."""

    name: str
    value: float
    unit: str = "times"
    most: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        return self.most is None or self.value <= self.most


def in_turns(rounds: int, **measured: Callable[[], float]) -> dict[str, float]:
    """Return the least of each measure, taken in turns: what else ran slows all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, measure in measured.items():
            taken[name].append(measure())
    return {name: min(values) for name, values in taken.items()}


def evaluation() -> list[Figure]:
    """(a) and (b): components against plain pulumi_aws, and the growth with copies."""

    def run(kind: str, copies: int, *tuned: str) -> float:
        return _seconds("-m", "bench.evaluate", kind, str(copies), *tuned)

    least = in_turns(
        ROUNDS,
        components=lambda: run("components", 50, "tuned"),
        plain=lambda: run("plain", 50, "tuned"),
        untuned=lambda: run("plain", 50),
    )
    copies = in_turns(
        3,
        **{str(n): (lambda n=n: run("components", n, "tuned")) for n in COPIES},
    )
    grown = [
        Figure(
            name=f"(b) {n} copies, to 10",
            value=copies[str(n)] / copies["10"],
            most=11 if n == max(COPIES) else None,
        )
        for n in COPIES
    ]
    return [
        Figure(
            name="(a) components, to plain without tuning",
            value=least["components"] / least["untuned"],
            most=1.0,
        ),
        Figure(
            name="(a) components, to plain with tuning",
            value=least["components"] / least["plain"],
            most=1.25,
        ),
        *grown,
    ]


def engine_preview() -> list[Figure]:
    """(c): the genuine engine's preview of dev, to the evaluation of 50 copies of the service."""

    def preview() -> float:
        started = time.perf_counter()
        plan("dev", report=lambda _message: None)
        return time.perf_counter() - started

    least = in_turns(
        3,
        preview=preview,
        evaluation=lambda: _seconds("-m", "bench.evaluate", "components", "50", "tuned"),
    )
    ratio = least["preview"] / least["evaluation"]
    return [Figure(name="(c) engine preview of dev, to evaluating 50 services", value=ratio)]


def cold_imports() -> list[Figure]:
    """(d): a fresh process's import of each handler, to boto3 and a client; sizes."""
    handlers = _handlers()
    taken: dict[str, list[float]] = {"reference": [], **{name: [] for name in handlers}}
    for _ in range(1 + FRESH_PROCESSES):
        taken["reference"].append(_import_seconds(REFERENCE))
        for name, environment in handlers.items():
            taken[name].append(_import_seconds(f"import {name}", environment))
    # The first of each makes the bytecode, which packages bring.
    reference = statistics.median(taken["reference"][1:])
    figures = [
        Figure(
            name=f"(d) cold import of {name}",
            value=statistics.median(taken[name][1:]) / reference,
            most=1.3 if name == FRONT else None,
        )
        for name in handlers
    ]
    layer = package_requirements(
        "requirements/functions.txt", python=PYTHON, architecture=ARCHITECTURE
    )
    with zipfile.ZipFile(layer.path) as archive:
        size = sum(entry.file_size for entry in archive.infolist()) / 1_000_000
    return [
        *figures,
        Figure(name="(d) shared layer, unzipped", value=size, unit="MB", most=LAYER_MB),
    ]


def write(figures: list[Figure], path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        each.name: {"value": round(each.value, 3), "unit": each.unit, "most": each.most}
        for each in figures
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _seconds(*arguments: str, **environment: str) -> float:
    done = subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


def _handlers() -> dict[str, dict[str, str]]:
    """Return the modules of dev's functions, each with what a function's environment says."""
    found = {}
    for step in plan("dev", report=lambda _message: None).steps:
        if step.type == "aws:lambda/function:Function":
            variables = step.inputs["environment"]["variables"]
            module = step.inputs["handler"].rpartition(".")[0]
            found[module] = {k: "unknown" if v == UNKNOWN else v for k, v in variables.items()}
    return dict(sorted(found.items()))


def _import_seconds(statement: str, variables: Mapping[str, str] = MappingProxyType({})) -> float:
    timed = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    return _seconds(
        "-c",
        timed,
        PYTHONPATH="lambdas",
        PYTHONDONTWRITEBYTECODE="",
        PYTHONPYCACHEPREFIX=str((STATE / "cache/bytecode").absolute()),
        AWS_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106
        **variables,
    )

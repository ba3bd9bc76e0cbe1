"""Faults of a function's environment, by a seed; the loop imports this only where `CHAOS` is set.

`CHAOS` names a folder, with the file `faults.json` as long as faults are on. What befalls the n-th
invocation of a function follows from seed, function and n alone. Standard library only.
"""

import contextlib
import json
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Handler = Callable[[Any, Any], Any]

PLAN, ENDPOINT, FIRED = "faults.json", "endpoint", "fired.jsonl"
BEFORE, AFTER, TWICE, STALE = "crash before", "crash after", "twice", "old event again"
# Of the calls that a workflow makes itself.
THROTTLED, UNHEARD = "throttled", "answer lost"
CARRIERS = {"forward", "pipe", "schedule"}
# Which earlier events come again: every so many.
KEPT = 7


def decide(seed: int, rates: Mapping[str, float], function: str, number: int) -> str:
    """Return the fault of the n-th invocation of a function, or nothing."""
    draw = random.Random(f"{seed}/{function}/{number}").random()  # noqa: S311
    for fault, rate in rates.items():
        draw -= rate
        if draw < 0:
            return fault
    return ""


def shuffled(seed: int, function: str, number: int, event: Any) -> Any:
    """Return a queue's batch in another order: a standard queue promises none."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not records or records[0].get("eventSource") != "aws:sqs":
        return event
    mixed = random.Random(f"{seed}/{function}/{number}/order").sample(records, len(records))  # noqa: S311
    return {**event, "Records": mixed}


def durable(event: Any) -> bool:
    """Whether an event goes on with a durable execution: each of those comes once."""
    return isinstance(event, dict) and "CheckpointToken" in event


class Faults:
    """The faults of one function."""

    def __init__(self, folder: Path, function: str) -> None:
        self.folder = folder
        self.function = function

    def plan(self) -> dict[str, Any] | None:
        """Return the seed and the rates, while faults are on."""
        try:
            plan: dict[str, Any] = json.loads((self.folder / PLAN).read_text())
        except FileNotFoundError:
            return None
        return plan

    def count(self) -> int:
        """Count an invocation, over all environments of the function; return its number."""
        path = self.folder / f"{self.function}.count"
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(file, b".")
            # Behind what this process wrote, whatever others appended meanwhile.
            return os.lseek(file, 0, os.SEEK_CUR)
        finally:
            os.close(file)

    def wrap(self, handler: Handler) -> Handler:
        """Return a handler that fares as the plan says."""

        def faulty(event: Any, context: Any) -> Any:
            plan = self.plan()
            if plan is None:
                return handler(event, context)
            number = self.count()
            event = shuffled(plan["seed"], self.function, number, event)
            fault = decide(plan["seed"], plan["rates"], self.function, number)
            if fault not in (TWICE, STALE) or not durable(event):
                self.note(number, fault)
                self._first(fault, handler, context)
            answer = handler(event, context)
            if fault == TWICE and not durable(event):
                answer = handler(event, context)
            if fault == AFTER:
                os._exit(1)
            if number % KEPT == 0:
                self._keep(number, event)
            return answer

        return faulty

    def _first(self, fault: str, handler: Handler, context: Any) -> None:
        """Do what comes before the handler gets its event."""
        if fault == BEFORE:
            os._exit(1)
        if fault == STALE:
            # What becomes of an earlier event that comes again is nobody's to see.
            with contextlib.suppress(Exception):
                handler(json.loads(self._kept.read_text()), context)

    @property
    def _kept(self) -> Path:
        return self.folder / f"{self.function}.kept"

    def _keep(self, number: int, event: Any) -> None:
        written = self.folder / f"{self.function}.{number}"
        written.write_text(json.dumps(event))
        written.replace(self._kept)

    def note(self, number: int, fault: str) -> None:
        """Write down what is about to happen, as a crash leaves no time for it."""
        if fault:
            line = json.dumps({"function": self.function, "number": number, "fault": fault})
            with (self.folder / FIRED).open("a") as file:
                file.write(line + "\n")


def prepare() -> Callable[[Handler], Handler]:
    """Lead the SDK through the proxy of faults, and return what gives a handler its own.

    A function that the provider makes to carry what the emulator does not stands for AWS itself,
    which keeps its promises: it is left alone.
    """
    folder = Path(os.environ["CHAOS"])
    function = os.environ["AWS_LAMBDA_FUNCTION_NAME"].rsplit("-", 2)[0]
    if function in CARRIERS:
        return lambda handler: handler
    with contextlib.suppress(FileNotFoundError):
        os.environ["AWS_ENDPOINT_URL"] = (folder / ENDPOINT).read_text()
    return Faults(folder, function).wrap

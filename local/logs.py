"""The functions' logs."""

import time
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from local.aws import client

COLOURS = ("cyan", "green", "magenta", "yellow", "blue")


def show(endpoint: str, name: str, console: Console, *, follow: bool) -> None:
    """Print the log lines of the functions whose names begin so, the oldest first."""
    seen: set[tuple[str, int, str]] = set()
    while True:
        for function, event in sorted(
            _lines(endpoint, name), key=lambda pair: pair[1]["timestamp"]
        ):
            key = (event["logStreamName"], event["timestamp"], event["message"])
            if key not in seen:
                seen.add(key)
                colour = COLOURS[sum(map(ord, function)) % len(COLOURS)]
                line = Text(f"{function}  ", style=colour)
                console.print(line.append(event["message"].rstrip()), soft_wrap=True)
        if not follow:
            return
        time.sleep(1)


def _lines(endpoint: str, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    functions, logs = client(endpoint, "lambda"), client(endpoint, "logs")
    for page in functions.get_paginator("list_functions").paginate():
        for each in page["Functions"]:
            if each["FunctionName"].startswith(name):
                group = each["LoggingConfig"]["LogGroup"]
                pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
                for found in pages:
                    for event in found["events"]:
                        if event["message"].strip():
                            yield each["FunctionName"].rsplit("-", 2)[0], event

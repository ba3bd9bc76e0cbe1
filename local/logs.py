"""The functions' logs."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.text import Text

from local.aws import client

COLOURS = ("cyan", "green", "magenta", "yellow", "blue")
FOLLOW_SECONDS = 1


def show(endpoint: str, name: str, console: Console, *, follow: bool) -> None:
    """Print the log lines of the functions whose names begin so, the oldest first."""
    shown: Counter[tuple[str, int, str]] = Counter()
    while True:
        found: Counter[tuple[str, int, str]] = Counter()
        for function, event in sorted(
            lines(endpoint, name), key=lambda pair: pair[1]["timestamp"]
        ):
            # A function may write the same line twice in one millisecond.
            key = (event["logStreamName"], event["timestamp"], event["message"])
            found[key] += 1
            if found[key] > shown[key]:
                _print(function, event["message"], console)
        shown |= found
        if not follow:
            return
        time.sleep(FOLLOW_SECONDS)


def lines(endpoint: str, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each line that is not empty, with its function's name without the suffix."""
    functions, logs = client(endpoint, "lambda"), client(endpoint, "logs")
    for page in functions.get_paginator("list_functions").paginate():
        for each in page["Functions"]:
            if each["FunctionName"].startswith(name):
                for event in _events(logs, each["LoggingConfig"]["LogGroup"]):
                    if event["message"].strip():
                        yield each["FunctionName"].rsplit("-", 2)[0], event


def _events(logs: Any, group: str) -> Iterator[dict[str, Any]]:
    try:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            yield from page["events"]
    except ClientError as error:
        # A function that was never called may have none yet.
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


def _print(function: str, message: str, console: Console) -> None:
    colour = COLOURS[sum(map(ord, function)) % len(COLOURS)]
    line = Text(f"{function}  ", style=colour)
    console.print(line.append(message.rstrip()), soft_wrap=True)

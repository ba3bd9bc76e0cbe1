"""The logs of functions and tasks."""

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
    """Print the log lines of what begins with this name, the oldest first."""
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
    """Yield each line that is not empty, with the name of its function or task."""
    logs = client(endpoint, "logs")
    for full, shown, group in (*_functions(endpoint), *_tasks(endpoint)):
        if full.startswith(name):
            for event in _events(logs, group):
                if event["message"].strip():
                    yield shown, event


def _functions(endpoint: str) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the name without its suffix, and the log group of each function."""
    for page in client(endpoint, "lambda").get_paginator("list_functions").paginate():
        for each in page["Functions"]:
            name = each["FunctionName"]
            yield name, name.rsplit("-", 2)[0], each["LoggingConfig"]["LogGroup"]


def _tasks(endpoint: str) -> Iterator[tuple[str, str, str]]:
    """Yield the same of task definitions, each log group once: revisions share theirs."""
    ecs, groups = client(endpoint, "ecs"), dict[str, str]()
    for page in ecs.get_paginator("list_task_definitions").paginate(status="ACTIVE"):
        for arn in page["taskDefinitionArns"]:
            found = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
            for container in found["containerDefinitions"]:
                options = container.get("logConfiguration", {}).get("options", {})
                given = {each["name"]: each["value"] for each in container.get("environment", [])}
                if "awslogs-group" in options:
                    # The name that its lines carry too, where it has one.
                    name = given.get("POWERTOOLS_SERVICE_NAME", found["family"])
                    groups[options["awslogs-group"]] = name
    yield from ((name, name, group) for group, name in groups.items())


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

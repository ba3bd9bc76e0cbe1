"""What is deployed on the local stage, and how it is doing."""

from typing import Any

from rich.console import Console
from rich.table import Table

from local.aws import client
from local.stage import LocalStage


def show(stage: LocalStage, console: Console) -> None:
    """Print addresses, functions, queues, tables and rules."""
    outputs, endpoint = stage.outputs(), stage.endpoint
    for name, value in sorted(outputs.items()):
        console.print(f"{name}: {value}", highlight=False, soft_wrap=True)
    for table in (
        _functions(endpoint),
        _queues(endpoint),
        _tables(endpoint),
        _rules(endpoint, outputs),
    ):
        console.print(table)


def _functions(endpoint: str) -> Table:
    aws, logs = client(endpoint, "lambda"), client(endpoint, "logs")
    table = Table("function", "memory", "timeout", "last line of its log")
    for page in aws.get_paginator("list_functions").paginate():
        for each in page["Functions"]:
            last = _last_line(logs, each["LoggingConfig"]["LogGroup"])
            size = (f"{each['MemorySize']} MB", f"{each['Timeout']} s")
            table.add_row(each["FunctionName"], *size, last)
    return table


def _last_line(logs: Any, group: str) -> str:
    events = logs.filter_log_events(logGroupName=group)["events"]
    lines = [each["message"].strip() for each in sorted(events, key=lambda e: e["timestamp"])]
    return next((line[:80] for line in reversed(lines) if line.startswith("{")), "")


def _queues(endpoint: str) -> Table:
    sqs, table = client(endpoint, "sqs"), Table("queue", "waiting", "being handled")
    for url in sqs.list_queues().get("QueueUrls", []):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        depths = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        table.add_row(url.rsplit("/", 1)[1], *(found[name] for name in depths))
    return table


def _tables(endpoint: str) -> Table:
    dynamodb, table = client(endpoint, "dynamodb"), Table("table", "items", "status")
    for name in dynamodb.list_tables()["TableNames"]:
        pages = dynamodb.get_paginator("scan").paginate(TableName=name, Select="COUNT")
        items = sum(page["Count"] for page in pages)
        status = dynamodb.describe_table(TableName=name)["Table"]["TableStatus"]
        table.add_row(name, str(items), status)
    return table


def _rules(endpoint: str, outputs: dict[str, Any]) -> Table:
    events, table = client(endpoint, "events"), Table("rule", "pattern", "state")
    for rule in events.list_rules(EventBusName=outputs["orders_bus_name"])["Rules"]:
        table.add_row(rule["Name"], rule.get("EventPattern", ""), rule["State"])
    return table

"""What is deployed on the local stage, and how it is doing."""

from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.aws import client
from local.errors import LocalError
from local.logs import lines
from local.stage import LocalStage, Status

ERRORS = 5
EXECUTIONS = 5


def show(stage: LocalStage, console: Console) -> None:
    """Print addresses, functions, queues, tables, rules, executions and tasks."""
    if stage.status() is Status.INTERRUPTED:
        raise LocalError("the last deployment was interrupted: run `make up`")
    outputs, endpoint = stage.outputs(), stage.endpoint
    for name, value in sorted(outputs.items()):
        console.print(f"{name}: {value}", highlight=False, soft_wrap=True)
    for table in (
        _functions(endpoint),
        _queues(endpoint),
        _tables(endpoint),
        _rules(endpoint),
        _executions(endpoint),
        _tasks(endpoint),
        _errors(endpoint),
    ):
        if table.rows:
            console.print(table)


def _functions(endpoint: str) -> Table:
    aws, table = client(endpoint, "lambda"), Table("function", "memory", "timeout", "handler")
    for page in aws.get_paginator("list_functions").paginate():
        for each in page["Functions"]:
            size = (f"{each['MemorySize']} MB", f"{each['Timeout']} s")
            table.add_row(each["FunctionName"], *size, each["Handler"])
    return table


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


def _rules(endpoint: str) -> Table:
    events, table = client(endpoint, "events"), Table("bus", "rule", "pattern", "state")
    for bus in events.list_event_buses()["EventBuses"]:
        for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]:
            row = (rule["Name"], rule.get("EventPattern", ""), rule["State"])
            table.add_row(bus["Name"], *row)
    return table


def _executions(endpoint: str) -> Table:
    """Show the last executions of each workflow."""
    aws, table = client(endpoint, "stepfunctions"), Table("workflow", "started", "status", "took")
    for machine in aws.list_state_machines()["stateMachines"]:
        found = aws.list_executions(
            stateMachineArn=machine["stateMachineArn"], maxResults=EXECUTIONS
        )
        for each in found["executions"]:
            end = each.get("stopDate")
            took = f"{(end - each['startDate']).total_seconds():.1f} s" if end else ""
            table.add_row(machine["name"], f"{each['startDate']:%H:%M:%S}", each["status"], took)
    return table


def _tasks(endpoint: str) -> Table:
    """Show the tasks that run, and those of each cluster that ended last."""
    ecs, table = client(endpoint, "ecs"), Table("task", "of", "status", "since", "ended with")
    for cluster in ecs.list_clusters()["clusterArns"]:
        for status, most in (("RUNNING", None), ("STOPPED", EXECUTIONS)):
            arns = ecs.list_tasks(cluster=cluster, desiredStatus=status)["taskArns"]
            found = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
            for task in sorted(found, key=lambda task: task["createdAt"], reverse=True)[:most]:
                of = task["group"] or task["taskDefinitionArn"].rpartition("/")[2]
                since = task.get("stoppedAt") or task.get("startedAt") or task["createdAt"]
                codes = [
                    str(each["exitCode"]) for each in task["containers"] if "exitCode" in each
                ]
                ended = " ".join([*codes, task["stoppedReason"]]).strip()
                row = (task["lastStatus"], f"{since:%H:%M:%S}", escape(ended[:120]))
                table.add_row(task["taskArn"].rpartition("/")[2][:8], of, *row)
    return table


def _errors(endpoint: str) -> Table:
    """Show the last errors in the logs of functions and tasks."""
    table = Table("function or task", "at", "error")
    found = [(name, event) for name, event in lines(endpoint) if _is_error(event["message"])]
    for name, event in sorted(found, key=lambda pair: pair[1]["timestamp"])[-ERRORS:]:
        at = datetime.fromtimestamp(event["timestamp"] / 1_000, UTC)
        table.add_row(name, f"{at:%H:%M:%S}", escape(event["message"].strip()[:120]))
    return table


def _is_error(line: str) -> bool:
    return '"errorType"' in line or '"level": "ERROR"' in line or '"level":"ERROR"' in line

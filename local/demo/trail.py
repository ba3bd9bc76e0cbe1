"""The way that an order took, as services kept it: states, events, and what others were told."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from local.aws import client

POLLS = 60


def states(endpoint: str, workflow_arn: str, wanted: set[str]) -> dict[str, list[str]]:
    """Return the states that each order's execution entered, in their order."""
    stepfunctions = client(endpoint, "stepfunctions")
    found: dict[str, list[str]] = {}
    pages = stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=workflow_arn)
    for page in pages:
        for execution in page["executions"]:
            arn = execution["executionArn"]
            event = json.loads(stepfunctions.describe_execution(executionArn=arn)["input"])
            order_id = event["detail"].get("order_id")
            if order_id in wanted:
                found[order_id] = list(_entered(stepfunctions, arn))
    return found


def events(endpoint: str, url: str, wanted: Mapping[str, str]) -> dict[str, list[str]]:
    """Receive events until each order wanted had the one named, or none came any more."""
    sqs = client(endpoint, "sqs")
    found: dict[str, list[str]] = {order_id: [] for order_id in wanted}
    for _ in range(POLLS):
        if all(last in found[order_id] for order_id, last in wanted.items()):
            break
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            event = json.loads(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            kinds = found.get(event["detail"].get("order_id"), [])
            if event["detail-type"] not in kinds:
                kinds.append(event["detail-type"])
    return found


def deliveries(endpoint: str, table: str) -> dict[str, list[str]]:
    """Return what was sent for each order: mail, shipping notice."""
    pages = client(endpoint, "dynamodb").get_paginator("scan").paginate(TableName=table)
    found: dict[str, list[str]] = {}
    for page in pages:
        for item in page["Items"]:
            found.setdefault(item["order_id"]["S"], []).append(item["kind"]["S"])
    return found


def _entered(stepfunctions: Any, arn: str) -> Iterator[str]:
    pages = stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    for page in pages:
        for event in page["events"]:
            if event["type"].endswith("StateEntered"):
                yield event["stateEnteredEventDetails"]["name"]

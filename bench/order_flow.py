"""Orders through the whole flow of a local stage: how many a second, and what the saga adds."""

import statistics
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.figures import Figure
from local.aws import client
from local.customers import Customer, sign_in
from local.demo.orders import KINDS, stock
from local.errors import LocalError
from local.paths import STATE
from local.stage import LocalStage

ORDERS = 200
THREADS = 4
ALONE = 20
SECONDS = 600
BODY = KINDS[0].body()
BEGINS, ENDS = {"TaskScheduled"}, {"TaskSucceeded", "TaskFailed", "TaskTimedOut"}


def measure() -> list[Figure]:
    """(f) and (g): many orders at once, then some one after the other."""
    stage = LocalStage(state=STATE / "bench", report=lambda _message: None)
    try:
        stage.up()
        outputs = stage.outputs()
        stock(stage.endpoint, outputs)
        customer = sign_in(stage.endpoint, outputs)
        customer.ended(_place(customer))
        rate = _together(stage.endpoint, outputs, customer)
        arns = _alone(stage.endpoint, outputs, customer)
        own = statistics.median(_own_time(stage.endpoint, arn) for arn in arns)
    finally:
        stage.down()
    return [
        Figure(name="(f) orders to CONFIRMED, local stage", value=rate, unit="a second"),
        Figure(name="(g) fulfilment, to the sum of its tasks", value=own),
    ]


def _together(endpoint: str, outputs: Mapping[str, Any], customer: Customer) -> float:
    """Return the confirmed orders a second, from the first request to the last end."""
    started = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        placed = set(pool.map(lambda _: _place(customer), range(ORDERS)))
    dynamodb, table = client(endpoint, "dynamodb"), outputs["orders_table_name"]
    while time.monotonic() - started < SECONDS:
        pages = dynamodb.get_paginator("scan").paginate(TableName=table)
        status = {i["order_id"]["S"]: i["status"]["S"] for page in pages for i in page["Items"]}
        if all(status[order_id] == "CONFIRMED" for order_id in placed):
            return ORDERS / (time.monotonic() - started)
        time.sleep(0.1)
    raise LocalError(f"{ORDERS} orders were not confirmed after {SECONDS} s")


def _alone(endpoint: str, outputs: Mapping[str, Any], customer: Customer) -> list[str]:
    """Return the executions of orders that each had the stage to themselves."""
    stepfunctions, arn = client(endpoint, "stepfunctions"), outputs["fulfilment_arn"]
    pages = stepfunctions.get_paginator("list_executions")

    def executions() -> set[str]:
        found = pages.paginate(stateMachineArn=arn)
        return {e["executionArn"] for page in found for e in page["executions"]}

    before = executions()
    for _ in range(ALONE):
        customer.ended(_place(customer))
    return sorted(executions() - before)


def _own_time(endpoint: str, arn: str) -> float:
    """Return an execution's time to the sum of its tasks' times."""
    stepfunctions = client(endpoint, "stepfunctions")
    pages = stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    whole = (events[-1]["timestamp"] - events[0]["timestamp"]).total_seconds()
    return float(whole / (_sum(events, ENDS) - _sum(events, BEGINS)))


def _sum(events: list[dict[str, Any]], types: set[str]) -> float:
    """Return the sum of these events' times: which task's they are makes no difference to it."""
    return sum(float(each["timestamp"].timestamp()) for each in events if each["type"] in types)


def _place(customer: Customer) -> str:
    return str(customer.place(BODY, str(uuid.uuid4()))["order_id"])

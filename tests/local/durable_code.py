"""The functions of the tests of durable functions; the stage deploys this file."""

import json
import os
import time
from typing import Any

import boto3
from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration, StepConfig, WaitForCallbackConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

seen: Any = boto3.resource("dynamodb").Table(os.environ.get("SEEN_TABLE_NAME", "seen"))
lambdas = boto3.client("lambda")
once = StepConfig(
    retry_strategy=create_retry_strategy(RetryStrategyConfig(max_attempts=1)),
)
again = StepConfig(
    retry_strategy=create_retry_strategy(
        RetryStrategyConfig(max_attempts=3, initial_delay=Duration.from_seconds(1))
    ),
)


def count(what: str) -> int:
    """Count a step's run, and return how many there were."""
    counted = seen.update_item(
        Key={"what": what},
        UpdateExpression="ADD runs :one",
        ExpressionAttributeValues={":one": 1},
        ReturnValues="UPDATED_NEW",
    )
    return int(counted["Attributes"]["runs"])


@durable_execution
def review(event: Any, context: DurableContext) -> dict[str, Any]:
    """Stumble once, pause, and wait for somebody's answer."""
    what = event["what"]

    def look(_step: StepContext) -> int:
        runs = count(f"{what} looked")
        if runs == 1:
            raise TimeoutError("not yet")
        return runs

    def ask(callback_id: str, _context: Any) -> None:
        seen.put_item(Item={"what": what, "callback": callback_id})

    looked = context.step(look, name="look", config=again)
    context.wait(Duration.from_seconds(1), name="pause")
    patience = Duration.from_seconds(event.get("patience", 600))
    answer = context.wait_for_callback(
        ask, name="ask", config=WaitForCallbackConfig(timeout=patience)
    )
    return {"looked": looked, "answer": json.loads(answer)}


@durable_execution
def slow(event: Any, context: DurableContext) -> dict[str, Any]:
    """Do a thing that takes a while, between two that do not."""

    def work(_step: StepContext) -> int:
        runs = count("work")
        if runs == 1:
            time.sleep(event["seconds"])
        return runs

    before = context.step(lambda _: count("before"), name="before", config=once)
    runs = context.step(work, name="work")
    return {"before": before, "work": runs}


@durable_execution
def add(event: Any, context: DurableContext) -> int:
    """Add one, unless there is nothing to add it to."""
    if "number" not in event:
        raise LookupError("no number")
    return context.step(lambda _: int(event["number"]) + 1, name="add")


@durable_execution
def chain(event: Any, context: DurableContext) -> int:
    """Let another durable function add."""
    return context.invoke(os.environ["ADD_FUNCTION_ARN"], event, name="chained")


@durable_execution
def note(event: Any, context: DurableContext) -> dict[str, Any]:
    """Store what came of a queue, a topic or a rule."""
    records = event.get("Records", [event])
    texts = [
        each.get("body") or each.get("Sns", {}).get("Message") or each["detail-type"]
        for each in records
    ]
    context.step(lambda _: [count(f"noted {text}") for text in texts], name="note")
    return {"batchItemFailures": []}


def decide(event: Any, _context: object) -> str:
    """Answer a callback."""
    result = json.dumps(event["answer"]).encode()
    lambdas.send_durable_execution_callback_success(CallbackId=event["callback"], Result=result)
    return "sent"

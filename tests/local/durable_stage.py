"""A stage with durable functions, and what the tests ask of it."""

import json
import time
from collections.abc import Callable
from typing import Any

import psutil

from local.aws import client
from local.stage import LocalStage
from tests.local.small import processes

PROGRAM = """
import pulumi
from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic

seen = Table("seen", TableArgs(partition_key="what"))

def function(name, *links, seconds=None, handler=None):
    durable = DurableExecution(execution_timeout_seconds=seconds) if seconds else None
    args = FunctionArgs(
        code="lambdas/work",
        handler=f"work.handler.{handler or name}",
        links=[seen.reader_writer(), *links],
        size=FunctionSize(timeout_seconds=60),
        durable=durable,
    )
    made = Function(name, args)
    pulumi.export(name, made.target.arn)
    return made

review = function("review", seconds=86_400)
pulumi.export("failed", review.failed_events.url)
function("slow", seconds=600)
add = function("add", seconds=60)
function("chain", add.invoker(), seconds=60)
function("decide", review.callback_sender())
function("stranger", handler="decide")
note = function("note", seconds=900)
bus, topic = EventBus("shop"), Topic("news")
queue = Queue("jobs", QueueArgs(consumer_timeout_seconds=60))
bus.on("placed", {"detail-type": ["Placed"]}, note)
topic.invoke(note)
queue.subscribe(note)
pulumi.export("bus", bus.name)
pulumi.export("topic", topic.arn)
pulumi.export("queue", queue.url)
pulumi.export("seen", seen.name)
pulumi.export("role", add.role.name)
"""
ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED")


class Stage:
    """The stage, and what the tests ask of it."""

    def __init__(self, stage: LocalStage) -> None:
        self.stage = stage
        self.outputs = stage.outputs()
        self.lambdas = client(stage.endpoint, "lambda")

    def client(self, service: str) -> Any:
        return client(self.stage.endpoint, service)

    def invoke(self, name: str, event: Any, **more: str) -> Any:
        payload = json.dumps(event).encode()
        answer = self.lambdas.invoke(FunctionName=self.outputs[name], Payload=payload, **more)
        return {**answer, "Payload": answer["Payload"].read().decode()}

    def start(self, name: str, event: Any) -> str:
        started = self.invoke(name, event, InvocationType="Event")
        assert started["StatusCode"] == 202
        arn: str = started["DurableExecutionArn"]
        return arn

    def item(self, what: str) -> dict[str, Any]:
        key = {"what": {"S": what}}
        table = self.outputs["seen"]
        found = self.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})
        return {name: next(iter(value.values())) for name, value in found.items()}

    def callback(self, what: str) -> str:
        eventually(lambda: "callback" in self.item(what))
        callback: str = self.item(what)["callback"]
        return callback

    def status(self, arn: str) -> str:
        status: str = self.lambdas.get_durable_execution(DurableExecutionArn=arn)["Status"]
        return status

    def ended(self, arn: str) -> Any:
        eventually(lambda: self.status(arn) in ENDED)
        return self.lambdas.get_durable_execution(DurableExecutionArn=arn)

    def runners(self) -> list[psutil.Process]:
        return [each for each in processes(self.stage) if "durable_server" in str(each.cmdline())]


def eventually(condition: Callable[[], bool], seconds: int = 180) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)

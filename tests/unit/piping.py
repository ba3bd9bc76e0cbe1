"""A pipe between parts that tests choose."""

from collections.abc import Callable
from typing import Any

import pytest

from components.compute.asynchronous import Destination
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.core.checks import ArgumentsError
from components.core.links import Grant
from components.data.stream import Stream
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.pipe import Pipe, PipeArgs
from components.events.queue import Queue, QueueArgs
from tests.contracts.examples.base import CODE, HANDLER
from tests.recording import Deployment, deploy

ARN = "arn:aws:{}:eu-central-1:123456789012:{}"
BUS = {"event_source": "s", "detail_type": "d"}


def queue(**settings: Any) -> Queue:
    return Queue("in", QueueArgs(**settings))


def stream() -> Stream:
    return Stream("clicks")


def table() -> Table:
    return Table("items", TableArgs(partition_key="id", stream="NEW_IMAGE"))


def out() -> Queue:
    return Queue("out")


def bus() -> EventBus:
    return EventBus("events")


def slow(seconds: int) -> Function:
    size = FunctionSize(timeout_seconds=seconds)
    return Function("slow", FunctionArgs(code=CODE, handler=HANDLER, size=size))


class Workflow:
    """What a workflow is to a pipe."""

    destination_arn: Any = ARN.format("states", "stateMachine:flow")

    def destination_grants(self) -> tuple[Grant, ...]:
        return (Grant(actions=("states:StartExecution",), resources=(self.destination_arn,)),)


def deployed(
    source: Callable[[], Any] = queue,
    target: Callable[[], Destination] = out,
    enrichment: Callable[[], Function] | None = None,
    **settings: Any,
) -> Deployment:
    def program() -> None:
        enriching = enrichment() if enrichment else None
        args = PipeArgs(source=source(), target=target(), enrichment=enriching, **settings)
        Pipe("move", args)

    return deploy(program)


def refused(said: str, *made: Any, **settings: Any) -> None:
    with pytest.raises(ArgumentsError, match=said):
        deployed(*made, **settings)


def statements(deployment: Deployment) -> list[tuple[str, list[str]]]:
    found = deployment.document("RolePolicy", "move-policy")["Statement"]
    return [(each["Action"][0], each["Resource"]) for each in found]

"""What our validation lets through, botocore's validation of the provider's calls lets through."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import local.provider.handlers  # noqa: F401  the handlers register themselves
from components.api.http_api import Cors, HttpApi, HttpApiArgs
from components.api.route import Route, Throttle
from components.api.user_pool import UserPool, UserPoolArgs
from components.compute.asynchronous import AsynchronousInvocation
from components.compute.cluster import Cluster
from components.compute.container_service import (
    Capacity,
    ContainerService,
    ContainerServiceArgs,
)
from components.compute.container_task import ContainerTask, ContainerTaskArgs
from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs
from components.compute.repository import Repository, RepositoryArgs
from components.data.bucket import Bucket, BucketArgs
from components.data.stream import Stream, StreamArgs
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus, EventBusArgs
from components.events.event_source import Batching, StreamReading
from components.events.pipe import Pipe, PipeArgs
from components.events.queue import Queue, QueueArgs
from components.events.schedule import Schedule, ScheduleArgs
from components.events.topic import Topic, TopicArgs
from components.workflow.flow import Pass
from components.workflow.workflow import Workflow, WorkflowArgs
from local.provider import names, wire
from local.provider.clients import Clients
from local.provider.handler import HANDLERS
from local.provider.runtime import Runtime
from local.provider.schema import schema
from tests.contracts.arbitrary import arguments, deployed
from tests.contracts.examples.base import CODE, HANDLER, plain_function
from tests.contracts.examples.containers import GROUPS, IMAGE, SUBNETS
from tests.contracts.test_limits import Somewhere
from tests.recording import Recorded


class PassedError(Exception):
    """A call that botocore found nothing wrong with: it is not sent."""


def stop(**_event: object) -> None:
    raise PassedError


class Validating(Clients):
    """Clients whose calls end after botocore's validation of their parameters."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", Runtime(project=Path.cwd(), python="python"))

    def __call__(self, service: str) -> Any:
        made = super().__call__(service)
        made.meta.events.register("before-call", stop, unique_id="stop")
        return made


AWS = Validating()


def validate(resource: Recorded) -> None:
    """Make the calls of a creation, as far as botocore checks them."""
    handler = HANDLERS.get(resource.type)
    if handler is None:
        return
    inputs = wire.load(wire.dump(resource.inputs))
    inputs |= names.named(
        resource.type, resource.name, b"", inputs, {}, schema(resource.type).inputs
    )
    for call in (
        lambda: handler.create(AWS, inputs),
        lambda: handler.finish(AWS, "an-id", inputs),
    ):
        try:
            call()
        except PassedError:
            continue


def api(throttle: Throttle, cors: Cors) -> object:
    route = Route(key="GET /a", function=plain_function(), auth="none", throttle=throttle)
    return HttpApi("front", HttpApiArgs(routes=[route], cors=cors, throttle=throttle))


def streamed() -> Table:
    return Table("items", TableArgs(partition_key="id", stream="KEYS_ONLY"))


def served(most: int, capacity: Capacity) -> None:
    args = ContainerServiceArgs(
        cluster=Cluster("jobs"),
        image=IMAGE,
        subnet_ids=SUBNETS,
        security_group_ids=GROUPS,
        min_tasks=0,
        max_tasks=most or None,
        capacity=capacity,
    )
    service = ContainerService("work", args)
    if most:
        service.scale_on_backlog(Queue("incoming"))


def scheduled(source: str, kind: str) -> ScheduleArgs:
    bus = EventBus("events")
    return ScheduleArgs(
        expression="rate(1 hour)", target=bus, event_source=source, detail_type=kind
    )


PROGRAMS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], object]]] = {
    "Function": (
        arguments(FunctionArgs, code=CODE, handler=HANDLER),
        lambda args: Function("work", args),
    ),
    "asynchronous": (
        arguments(AsynchronousInvocation),
        lambda given: Function(
            "work", FunctionArgs(code=CODE, handler=HANDLER, asynchronous=given)
        ),
    ),
    "durable": (
        arguments(DurableExecution),
        lambda given: Function("work", FunctionArgs(code=CODE, handler=HANDLER, durable=given)),
    ),
    "Table": (arguments(TableArgs), lambda args: Table("items", args)),
    "stream": (
        arguments(StreamReading),
        lambda reading: Table(
            "items", TableArgs(partition_key="id", stream="KEYS_ONLY")
        ).subscribe(plain_function(), reading),
    ),
    "Topic": (arguments(TopicArgs), lambda args: Topic("news", args)),
    "Stream": (arguments(StreamArgs), lambda args: Stream("clicks", args)),
    "readers": (
        arguments(StreamReading),
        lambda reading: Stream("clicks").subscribe(plain_function(), reading, consumer="one"),
    ),
    "Queue": (arguments(QueueArgs), lambda args: Queue("incoming", args)),
    "batches": (
        arguments(Batching),
        lambda batching: Queue("incoming", QueueArgs(consumer_window_seconds=300)).subscribe(
            plain_function(), batching
        ),
    ),
    "Bucket": (arguments(BucketArgs), lambda args: Bucket("uploads", args)),
    "EventBus": (
        arguments(EventBusArgs),
        lambda args: EventBus("events", args).on("all", {"source": ["a"]}, plain_function()),
    ),
    "Schedule": (
        arguments(ScheduleArgs, expression="rate(1 hour)", target=Somewhere()),
        lambda args: Schedule("tick", dataclasses.replace(args, target=Queue("jobs"))),
    ),
    "scheduled events": (
        st.tuples(st.text(max_size=300), st.text(max_size=300)),
        lambda both: Schedule("tick", scheduled(*both)),
    ),
    "Pipe": (
        arguments(PipeArgs, source=None, target=Somewhere()),
        lambda args: Pipe("move", dataclasses.replace(args, source=Queue("in"))),
    ),
    "piped records": (
        arguments(PipeArgs, source=None, target=Somewhere()),
        lambda args: Pipe(
            "move", dataclasses.replace(args, source=Stream("clicks"), batching=None)
        ),
    ),
    "Repository": (arguments(RepositoryArgs), lambda args: Repository("work", args)),
    "ContainerTask": (
        arguments(ContainerTaskArgs, image=IMAGE),
        lambda args: ContainerTask("work", args),
    ),
    "ContainerService": (
        st.tuples(st.integers(0, 5_000), arguments(Capacity)),
        lambda both: served(*both),
    ),
    "Workflow": (
        arguments(WorkflowArgs, states=[Pass("Begin")]),
        lambda args: Workflow("flow", args),
    ),
    "UserPool": (arguments(UserPoolArgs), lambda args: UserPool("people", args)),
    "HttpApi": (st.tuples(arguments(Throttle), arguments(Cors)), lambda both: api(*both)),
}


@pytest.mark.parametrize("name", PROGRAMS)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_we_let_through_botocore_lets_through(name: str, data: st.DataObject) -> None:
    for resource in deployed(PROGRAMS[name], data) or ():
        validate(resource)


def test_a_call_that_botocore_refuses_is_seen() -> None:
    bad = Recorded(
        type="aws:sqs/queue:Queue",
        name="bad",
        parent="",
        inputs={"name": "bad", "tags": {"a": 5}},
        protect=False,
        custom=True,
        depends_on=[],
        ignore_changes=[],
        provider="",
    )
    with pytest.raises(botocore.exceptions.ParamValidationError):
        validate(bad)

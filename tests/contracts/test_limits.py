"""Both sides of every limit that an args class states."""

import dataclasses
import inspect
from collections.abc import Iterator
from itertools import filterfalse
from types import SimpleNamespace
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from annotated_types import Interval

from components.compute.kubernetes_profile import PodSelector
from components.core.checks import ArgumentsError
from components.core.links import Grant
from components.workflow.flow import Pass
from components.workflow.message_tasks import Event
from tests.contracts.test_components import DATACLASSES


class Somewhere:
    """A destination for the args classes that ask for one."""

    destination_arn: Any = "arn:aws:sqs:eu-central-1:123456789012:somewhere"

    def destination_grants(self) -> tuple[Grant, ...]:
        return (Grant(actions=("sqs:SendMessage",), resources=(self.destination_arn,)),)


# What stands for a component: a task asks it for no more.
ALIAS = SimpleNamespace(arn="a")
WORK = SimpleNamespace(name="w", target=ALIAS, args=SimpleNamespace(express=False))
CLUSTER = SimpleNamespace(arn="a")
TASK = SimpleNamespace(family="f", args=SimpleNamespace(exec=False))
PLACED: dict[str, Any] = {"cluster": CLUSTER, "subnet_ids": "s", "security_group_ids": "g"}
QUEUE = SimpleNamespace(url="u", arn="a", args=SimpleNamespace(fifo=False))
BUS = TABLE = SimpleNamespace(name="n")
NETWORK = SimpleNamespace(args=SimpleNamespace(zones=6, has_way_out=False))
EVENT = Event(source="a", detail_type="b", detail={})
# What a class asks for besides the field under test.
REQUIRED: dict[str, dict[str, Any]] = {
    "TableArgs": {"partition_key": "id"},
    "HttpBackend": {"url": "https://b.example.com"},
    "LambdaAuthorizer": {"function": None},
    "WarmPeriod": {"name": "day", "cron": "0 8 ? * MON-FRI *", "minimum": 0, "maximum": 100_000},
    "VpcPlacement": {"subnet_ids": ("a", "b"), "security_group_ids": ("c",)},
    "TableIndex": {"name": "by_owner", "partition_key": "owner"},
    "Dimension": {
        "namespace": "n",
        "resource_id": "r",
        "name": "d",
        "metric": "m",
        "minimum": 1,
        "maximum": 1,
        "target": 0.5,
    },
    "EncryptionKeyArgs": {"account": None},
    "ScheduleArgs": {"expression": "rate(1 hour)", "target": Somewhere()},
    "PipeArgs": {"source": None, "target": Somewhere()},
    "CronField": {"name": "minutes", "least": 0, "most": 59},
    "LayerArgs": {"requirements": "requirements/functions.txt"},
    "Retry": {"errors": ["States.ALL"]},
    "Wait": {"name": "Rest"},
    "Map": {"name": "Each", "states": ()},
    "DistributedMap": {"name": "Each", "states": ()},
    "ItemReader": {"bucket": None, "prefix": ""},
    "ItemBatcher": {"max_bytes": 1},
    "ResultWriter": {"bucket": None},
    "InvokeFunction": {"name": "Work", "function": WORK},
    "SendMessage": {"name": "Send", "queue": QUEUE, "message": ""},
    "Publish": {"name": "Publish", "topic": QUEUE, "message": ""},
    "PutEvents": {"name": "Tell", "bus": BUS, "events": [EVENT]},
    "GetItem": {"name": "Get", "table": TABLE, "key": {}},
    "PutItem": {"name": "Put", "table": TABLE, "item": {}},
    "UpdateItem": {"name": "Update", "table": TABLE, "key": {}},
    "DeleteItem": {"name": "Delete", "table": TABLE, "key": {}},
    "KeyTask": {"name": "Do", "table": TABLE, "key": {}},
    "CallService": {"name": "Call", "service": "s3", "action": "getObject", "permissions": ()},
    "RunTask": {"name": "Run", "task": TASK, **PLACED},
    "ContainerTaskArgs": {"image": None},
    "ContainerServiceArgs": {"image": None, **PLACED},
    "LoadBalancerArgs": {
        "account": None,
        "vpc_id": "v",
        "subnet_ids": ("a", "b"),
        "security_group_ids": ("c",),
        "certificate_arn": "d",
    },
    "Serving": {"load_balancer": None},
    "StartExecution": {"name": "Start", "workflow": WORK},
    "WorkflowArgs": {"states": [Pass("Begin")]},
    "BucketCors": {"origins": ("https://example.com",)},
    "LifecycleRule": {"expire_days": 36_500},
    "DurableExecution": {"execution_timeout_seconds": 60},
    "CapacityProviderArgs": {
        "account": None,
        "subnet_ids": ("a", "b", "c"),
        "security_group_ids": ("d",),
    },
    "UrlCors": {"origins": ("https://example.com",)},
    "FunctionUrlArgs": {"function": SimpleNamespace(name="w", args=SimpleNamespace(image="i"))},
    "FunctionArgs": {"code": "tests/function_code/work", "handler": "work.handler.handle"},
    "NetworkArgs": {"account": None},
    "TrafficRule": {"name": "a", "description": "b", "group_id": "sg-1"},
    "EndpointsArgs": {"network": NETWORK},
    "KubernetesClusterArgs": {"network": None, "key": None, "administrators": ("a",)},
    "KubernetesProfileArgs": {
        "cluster": None,
        "network": None,
        "selectors": (PodSelector(namespace="a"),),
    },
    "OverLimitJobArgs": {"function_size": None},
}
PROVISIONED = {"mode": "provisioned", "read_units": 1, "write_units": 1}
# A batch over ten needs a window.
TOGETHER: dict[tuple[str, str], dict[str, Any]] = {
    ("Batching", "batch_size"): {"window_seconds": 1},
    ("ScheduleArgs", "after_completion"): {"end_date": "2030-01-01T00:00:00Z"},
    ("FunctionSize", "max_provisioned_concurrency"): {"provisioned_concurrency": 1},
    ("WarmPeriod", "maximum"): {"minimum": 0},
    ("ContainerServiceArgs", "max_tasks"): {"min_tasks": 0},
    ("ContainerServiceArgs", "maximum_percent"): {"minimum_healthy_percent": 0},
    ("NetworkArgs", "nat"): {"public": True},
    ("TrafficRule", "to_port"): {"port": 0},
    ("LifecycleRule", "transition_days"): {"expire_days": 1},
    ("LifecycleRule", "storage_class"): {"transition_days": 30},
    ("InstanceSize", "memory_gib_per_vcpu"): {"memory_mb": 8_192},
    ("InstanceSize", "concurrency"): {"memory_mb": 32_768},
    ("TableCapacity", "mode"): {"read_units": 1, "write_units": 1},
    ("TableCapacity", "max_read_units"): PROVISIONED,
    ("TableCapacity", "max_write_units"): PROVISIONED,
    ("TableCapacity", "warm_read_units"): {"warm_write_units": 4_000},
    ("TableCapacity", "warm_write_units"): {"warm_read_units": 12_000},
}


def hints(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in (Annotated, Literal):
        yield hint
    else:
        for part in get_args(hint):
            yield from hints(part)


def limits() -> Iterator[Any]:
    for cls in filterfalse(inspect.isabstract, DATACLASSES):
        for each in dataclasses.fields(cls):
            for hint in hints(each.type):
                if get_origin(hint) is Literal and cls.__name__ not in {
                    "Route",
                    "TableArgs",
                    "TableIndex",
                    "Way",
                }:
                    yield pytest.param(cls, each.name, hint, id=f"{cls.__name__}.{each.name}")
                for part in get_args(hint):
                    if isinstance(part, Interval):
                        yield pytest.param(cls, each.name, part, id=f"{cls.__name__}.{each.name}")


def make(cls: Any, name: str, value: object) -> None:
    others = {**REQUIRED.get(cls.__name__, {}), **TOGETHER.get((cls.__name__, name), {})}
    if name == "heartbeat_seconds":
        others |= {"wait_for_task_token": True, "timeout_seconds": 99_999_999}
    if name in {"min_environments", "max_environments"}:
        others |= {"min_environments": value, "max_environments": value}
    cls(**{**others, name: value})


def test_the_classes_state_their_limits() -> None:
    assert len(list(limits())) > 20


@pytest.mark.parametrize(("cls", "name", "limit"), list(limits()))
def test_a_limit_holds_on_both_sides(cls: Any, name: str, limit: Any) -> None:
    if isinstance(limit, Interval):
        low: Any = limit.ge
        high: Any = limit.le
        allowed: list[Any] = [low, high]
        refused: list[Any] = [low - 1, high + 1, str(low), True]
    else:
        allowed, refused = list(get_args(limit)), ["nonsense", 4711]
    for value in allowed:
        make(cls, name, value)
    for value in refused:
        with pytest.raises(ArgumentsError, match=rf"{name} is {value!r}: allowed is "):
            make(cls, name, value)

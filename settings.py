"""What a stage may choose. Nothing else reads Pulumi config."""

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

import pulumi
from annotated_types import Interval
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from components.api.http_api import Cors
from components.api.route import Throttle
from components.api.user_pool import SignInPolicy
from components.compute.container_args import Capacity
from components.compute.function_size import FunctionSize
from components.compute.instance_size import InstanceSize
from components.compute.release_settings import TrafficShift
from components.compute.repository import DIGEST
from components.compute.task_size import TaskSize
from components.core.checks import ArgumentsError
from components.core.logs import LogSettings
from components.data.table_capacity import TableCapacity


class FunctionSizes(BaseModel):
    """The size of each function; those that do one kind of work have one size."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place_order: FunctionSize = FunctionSize()
    get_order: FunctionSize = FunctionSize()
    list_orders: FunctionSize = FunctionSize()
    route_not_found: FunctionSize = FunctionSize(memory_mb=128, timeout_seconds=3)
    publish_orders: FunctionSize = FunctionSize(timeout_seconds=30)
    sweep_orders: FunctionSize = FunctionSize(timeout_seconds=60)
    fulfilment_task: FunctionSize = FunctionSize()
    review_order: FunctionSize = FunctionSize(timeout_seconds=30)
    review_request: FunctionSize = FunctionSize()
    consumer: FunctionSize = FunctionSize(timeout_seconds=15)
    aggregate_orders: FunctionSize = FunctionSize(timeout_seconds=60)
    start_import: FunctionSize = FunctionSize(memory_mb=1024, timeout_seconds=900)


class Importer(BaseModel):
    """The containers that import what is over the limits of a function."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image_digest: Annotated[
        str | None,
        Field(
            pattern=f"^{DIGEST}$",
            description="the image that was pushed to the stage's repository; without, jobs wait",
        ),
    ] = None
    rows_per_second: Annotated[
        int,
        Interval(ge=1, le=100_000),
        Field(description="orders that one import places; workflows and customers share the rest"),
    ] = 200
    size: TaskSize = TaskSize(cpu=1_024, memory_mb=2_048)
    capacity: Capacity = Capacity(spot_percent=100)
    min_tasks: Annotated[int, Interval(ge=0, le=100)] = 0
    max_tasks: Annotated[int, Interval(ge=1, le=100)] = 2


class Networking(BaseModel):
    """The network of containers and instances."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zones: Annotated[int, Interval(ge=2, le=6)] = 2
    private: Annotated[
        bool, Field(description="no public addresses, and endpoints, billed by zone and hour")
    ] = False


class Instances(BaseModel):
    """Managed Instances that run the function of statistics."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: InstanceSize = InstanceSize()
    max_vcpus: Annotated[int, Interval(ge=12, le=15_000)] = 64


class KubernetesProfile(BaseModel):
    """A cluster whose pods run on Fargate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    administrators: Annotated[
        list[str], Field(min_length=1, description="ARNs of the roles with all rights in it")
    ]


class Settings(BaseModel):
    """The settings of a stage, `toolkit:settings` in its file; the defaults are those of dev."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    owner: Annotated[str, Field(min_length=1)]
    cost_center: Annotated[str, Field(min_length=1)]
    tags: dict[str, str] = {}
    protect: Annotated[bool, Field(description="keep data stores when the stack goes")] = False
    customer_managed_key: Annotated[bool, Field(description="encrypt with a key of ours")] = False
    logs: LogSettings = LogSettings()
    access_logs: Annotated[bool, Field(description="keep who read and wrote uploads")] = False
    functions: FunctionSizes = FunctionSizes()
    release: Annotated[
        TrafficShift | None, Field(description="how new versions of the API's functions get in")
    ] = None
    network: Networking = Networking()
    importer: Importer = Importer()
    analytics_instances: Instances | None = None
    kubernetes: KubernetesProfile | None = None
    orders_table: TableCapacity = TableCapacity()
    sign_in: SignInPolicy = SignInPolicy()
    api_throttle: Throttle = Throttle()
    cors: Cors = Cors()
    archive_days: Annotated[int, Interval(ge=1, le=3_653)] = 14
    review_limit: Annotated[
        int,
        Interval(ge=1, le=1_000_000_000),
        Field(description="orders of this total or more, in minor units, wait for a reviewer"),
    ] = 100_000
    review_days: Annotated[
        int, Interval(ge=1, le=30), Field(description="then an order that waits is cancelled")
    ] = 2
    events_tap: Annotated[bool, Field(description="a queue that gets every order event")] = False


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One environment: its name, its Region and its settings."""

    name: str
    region: str
    settings: Settings = field(repr=False)

    @classmethod
    def load(cls) -> Self:
        """Read the stack's configuration.

        Raises:
            pulumi.RunError: with one line for each mistake: the key, what was given, and what is
                allowed.
        """
        region = pulumi.Config("aws").get("region")
        if not region:
            raise pulumi.RunError("aws:region is not given: allowed is a Region's name")
        given = pulumi.Config("toolkit").get_object("settings", {})
        return cls(name=pulumi.get_stack(), region=region, settings=parse(given))


def parse(given: Any) -> Settings:
    """Validate the value of `toolkit:settings`; raises `pulumi.RunError`, as `Stage.load` does."""
    try:
        # JSON, because only there does strict mode take an object for a model.
        return Settings.model_validate_json(json.dumps(given), strict=True)
    except ValidationError as error:
        lines = "\n".join(f"  {line}" for line in _mistakes(error))
        raise pulumi.RunError(f"toolkit:settings of this stage has mistakes:\n{lines}") from None


def schema() -> dict[str, Any]:
    """Return the JSON schema of a stage file, by which editors complete and check it."""
    settings = Settings.model_json_schema(ref_template="#/$defs/{model}")
    definitions = settings.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stage of the orders system",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {"aws:region": {"type": "string"}, "toolkit:settings": settings},
                "required": ["aws:region", "toolkit:settings"],
            }
        },
        "$defs": definitions,
    }


def _mistakes(error: ValidationError) -> list[str]:
    lines = []
    for each in error.errors(include_url=False):
        key = ".".join(map(str, each["loc"])) or "toolkit:settings"
        cause = each.get("ctx", {}).get("error")
        if isinstance(cause, ArgumentsError):
            lines += [f"{key}.{mistake}" for mistake in cause.mistakes]
        elif each["type"] == "missing":
            lines.append(f"{key} is not given: allowed is a value of its own for each stage")
        elif each["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
            lines.append(f"{key} is {each['input']!r}: allowed is no such key")
        else:
            said = each["msg"].removeprefix("Input should be ")
            lines.append(f"{key} is {each['input']!r}: allowed is {said}")
    return lines


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))

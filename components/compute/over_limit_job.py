"""Work that runs as a function within Lambda's limits, and in containers over them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import pulumi
from annotated_types import Interval

from components.compute.container_service import ContainerService
from components.compute.function import Function
from components.compute.function_size import FunctionSize
from components.core.checks import check, check_fields, when
from components.core.encryption_key import EncryptionKey
from components.core.links import Grant, Link, environment
from components.core.names import check_name
from components.data.table import Table, TableArgs
from components.data.table_index import TableIndex
from components.events.queue import Queue, QueueArgs

QUEUE = "JOB_QUEUE_URL"
# As long as SQS keeps a message that its dead-letter queue shall keep longer.
RETENTION_DAYS = 13


@dataclass(frozen=True, kw_only=True)
class OverLimitJobArgs:
    """Settings of an OverLimitJob.

    `function_size` is that of the function which starts the jobs: by it is decided what it runs
    itself. A worker tells every `beat_seconds` that it lives; after six times as long without,
    another one goes on with its job. `max_receives` is how often a message may come to workers,
    interruptions included: a job that fails five times without a checkpoint is given up before.
    """

    function_size: FunctionSize
    beat_seconds: Annotated[int, Interval(ge=1, le=600)] = 10
    max_receives: Annotated[int, Interval(ge=5, le=1_000)] = 200
    protect: bool = False
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)


class OverLimitJob(pulumi.ComponentResource):
    """Jobs that are decided on when they start, and lose nothing when a worker dies."""

    queue: Queue
    """The jobs that wait for the service; those given up are in its `dead_letters`."""
    table: Table
    """How far each job has come, by its `job_id`."""

    def __init__(
        self, name: str, args: OverLimitJobArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:compute:OverLimitJob", name, {}, opts)
        self.name = name
        self.args = args
        child = pulumi.ResourceOptions(parent=self)
        self.queue = Queue(
            f"{name}-jobs",
            # A queue's visibility is six times this: what a worker's heartbeat renews.
            QueueArgs(
                consumer_timeout_seconds=args.beat_seconds,
                max_receives=args.max_receives,
                retention_days=RETENTION_DAYS,
                key=args.key,
            ),
            child,
        )
        by_end = TableIndex(name="by_end", partition_key="ended_on", sort_key="ended_at")
        self.table = Table(
            f"{name}-jobs",
            TableArgs(
                partition_key="job_id",
                indexes=[by_end],
                ttl="expires_at",
                protect=args.protect,
                key=args.key,
            ),
            child,
        )
        self.register_outputs({"queue_url": self.queue.url, "table_name": self.table.name})

    def submitter(self, durable_function: Function | None = None) -> Link:
        """Let the function start jobs: it runs what fits, and sends the queue what does not.

        `durable_function`, which has the link `checkpointer()`, gets the jobs that mostly wait.

        Raises:
            ArgumentsError: for a `durable_function` that is not durable.
        """
        places = {"function": _limits(self.args.function_size)}
        variables: dict[str, pulumi.Input[str]] = {}
        grants = [*self.queue.sender().grants, *self.table.writer("PutItem", "UpdateItem").grants]
        if durable_function:
            named = f"function {durable_function.name} is not durable: allowed is a durable one"
            check(when(durable_function.args.durable is None, named))
            places["durable"] = _limits(durable_function.args.size)
            variables["JOB_DURABLE_FUNCTION_ARN"] = durable_function.target.arn
            grants += durable_function.destination_grants()
        variables[QUEUE] = self.queue.url
        variables["JOB_LIMITS"] = json.dumps(places)
        return self._link(grants, variables)

    def checkpointer(self) -> Link:
        """Let a durable function take jobs and write down how far they have come."""
        return self._link([*self.table.writer("UpdateItem").grants])

    def worker(self) -> Link:
        """Let a service's tasks take jobs from the queue, and see them to their end."""
        grants = [
            *self.queue.receiver().grants,
            *self.queue.dead_letters.sender_grants(),
            *self.table.writer("UpdateItem").grants,
        ]
        visibility = str(self.queue.args.visibility_timeout_seconds)
        variables: dict[str, pulumi.Input[str]] = {
            QUEUE: self.queue.url,
            "JOB_DEAD_LETTERS_URL": self.queue.dead_letters.url,
            "JOB_VISIBILITY_SECONDS": visibility,
        }
        return self._link(grants, variables)

    def reader(self) -> Link:
        """Let somebody look up jobs, and those that ended on a day."""
        return self._link([*self.table.reader("GetItem", "Query").grants])

    def runs_on(self, *, function: Function, service: ContainerService) -> None:
        """Scale the service on the jobs that wait, a task for each.

        Raises:
            ArgumentsError: for a function of another size, or what lacks its link of this job.
        """
        given, size = function.args.size, self.args.function_size
        check(
            when(
                _limits(given) != _limits(size),
                f"size of function {function.name} is {_limits(given)}: allowed is the "
                f"function_size of job {self.name}, {_limits(size)}",
            ),
            self._unlinked(f"function {function.name}", function.args.links, "submitter"),
            self._unlinked(f"service {service.logical_name}", service.args.links, "worker"),
        )
        service.scale_on_backlog(self.queue, messages_per_task=1)

    def _unlinked(self, who: str, links: Sequence[Link], wanted: str) -> str | None:
        linked = environment(links, {}).get(QUEUE) is self.queue.url
        return when(
            not linked, f"links of {who} lack {wanted}() of job {self.name}: allowed is with it"
        )

    def _link(
        self, grants: list[Grant], variables: Mapping[str, pulumi.Input[str]] | None = None
    ) -> Link:
        named = {"JOBS_TABLE_NAME": self.table.name, **(variables or {})}
        return Link(grants=tuple(grants), environment=named)


def _limits(size: FunctionSize) -> dict[str, int]:
    return {
        "seconds": size.timeout_seconds,
        "memory_mb": size.memory_mb,
        "disk_mb": size.ephemeral_storage_mb,
    }

"""The program of a job that is handed over."""

from collections.abc import Callable

from components.compute.cluster import Cluster
from components.compute.container_service import ContainerService, ContainerServiceArgs
from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.compute.over_limit_job import OverLimitJob, OverLimitJobArgs
from tests.contracts.examples.base import CODE, HANDLER, plain_function
from tests.contracts.examples.containers import GROUPS, IMAGE, SUBNETS
from tests.contracts.examples.streams import key


def over_limit_job() -> OverLimitJob:
    size = FunctionSize(memory_mb=1024, timeout_seconds=900)
    made = OverLimitJob(
        "imports",
        OverLimitJobArgs(function_size=size, protect=True, key=key("logs")),
    )
    waits = Function(
        "wait",
        FunctionArgs(
            code=CODE,
            handler=HANDLER,
            durable=DurableExecution(execution_timeout_seconds=86_400),
            links=[made.checkpointer()],
        ),
    )
    links = [made.submitter(durable_function=waits)]
    args = FunctionArgs(code=CODE, handler=HANDLER, size=size, links=links)
    service = ContainerService(
        "importer",
        ContainerServiceArgs(
            cluster=Cluster("jobs"),
            image=IMAGE,
            command=["python", "-m", "importer"],
            links=[made.worker()],
            subnet_ids=SUBNETS,
            security_group_ids=GROUPS,
            min_tasks=0,
            max_tasks=5,
        ),
    )
    made.runs_on(function=Function("start", args), service=service)
    plain_function("look", links=[made.reader()])
    return made


EXAMPLES: dict[type, Callable[[], object]] = {OverLimitJob: over_limit_job}

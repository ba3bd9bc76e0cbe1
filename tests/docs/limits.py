"""Writes the limits of the forms of compute into their guide: `python -m tests.docs.limits`.

They come from the annotations and constants by which components check what they are given.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from annotated_types import Interval

from components.compute.durable_execution import SYNCHRONOUS_SECONDS, DurableExecution
from components.compute.function_size import SNAP_START_STORAGE_MB, FunctionSize
from components.compute.instance_size import MOST_VCPUS, InstanceSize
from components.compute.kubernetes_profile import (
    MOST_POD_MEMORY_GB,
    MOST_POD_VCPU,
    MOST_SELECTORS,
)
from components.compute.task_size import MEMORY_MB, TaskSize
from cost.pages import replaced

GUIDE = Path("docs/guides/choosing-compute.md")
HEAD = ("form", "one piece of work", "memory, CPU, disk", "scales", "starts", "billed", "here")
SECONDS_PER_DAY = 86_400
CPU_UNITS = 1_024


def between(cls: Any, name: str) -> tuple[Any, Any]:
    """Return the limits that a field of an args class is annotated with."""
    (hint,) = (each.type for each in dataclasses.fields(cls) if each.name == name)
    (found,) = _intervals(hint)
    return found.ge, found.le


def _intervals(hint: Any) -> Iterator[Any]:
    if isinstance(hint, Interval):
        yield hint
    for part in get_args(hint):
        yield from _intervals(part)


def rows() -> Iterator[tuple[str, ...]]:
    """Return the rows of the table."""
    memory = "{:,} to {:,} MB".format(*between(FunctionSize, "memory_mb"))
    disk = "{:,} to {:,} MB".format(*between(FunctionSize, "ephemeral_storage_mb"))
    seconds = between(FunctionSize, "timeout_seconds")[1]
    least, most = between(FunctionSize, "provisioned_utilization_percent")
    execution = between(DurableExecution, "execution_timeout_seconds")[1]
    days = execution // SECONDS_PER_DAY
    of_execution = f"executions up to {execution:,} seconds ({days} days)"
    function = f"{memory}, CPU with memory; {disk} of disk"
    yield (
        "Lambda",
        f"up to {seconds} seconds",
        function,
        "an environment for each request at a time, 1,000 more every 10 seconds",
        "cold: a fraction of a second, longer with large imports",
        "requests, GB-seconds in use",
        "`Function`",
    )
    yield (
        "provisioned concurrency",
        "as Lambda",
        "as Lambda",
        f"environments kept warm, by use ({least} to {most} % of them busy) and by the clock",
        "warm; what is over them cold",
        "GB-seconds kept, fewer dollars for those in use",
        "`FunctionSize(provisioned_concurrency=…)`",
    )
    yield (
        "SnapStart",
        "as Lambda",
        f"{memory}; {SNAP_START_STORAGE_MB} MB of disk",
        "as Lambda",
        "from a snapshot taken at publication; not with provisioned concurrency",
        "as Lambda, the snapshot's GB-seconds, GB restored",
        "`FunctionSize(snap_start=True)`",
    )
    yield from _managed()
    yield (
        "durable function",
        f"{of_execution}, {SYNCHRONOUS_SECONDS} where the result is waited for",
        "as Lambda",
        "as Lambda; what waits takes no environment",
        "as Lambda, and again after each wait",
        "as Lambda, operations, GB written and kept",
        "`FunctionArgs(durable=…)`",
    )
    yield from _fargate()
    yield (
        "EKS Fargate",
        "without end",
        f"up to {MOST_POD_VCPU} vCPU and {MOST_POD_MEMORY_GB} GB, 256 MB for Kubernetes; x86 only",
        "as Kubernetes is told to; a node for each pod",
        "a minute or two: node and image",
        "vCPU- and GB-seconds of pods, the cluster by the hour",
        f"`KubernetesProfile`, {MOST_SELECTORS} selectors each",
    )


def _managed() -> Iterator[tuple[str, ...]]:
    yield (
        "Managed Instances",
        f"up to {SYNCHRONOUS_SECONDS} seconds where the result is waited for",
        "{:,} to {:,} MB, ".format(*between(InstanceSize, "memory_mb"))
        + f"up to {MOST_VCPUS} vCPU, shared by all requests of an environment",
        "by CPU and concurrency, from three instances on; twice the load within five minutes",
        "warm; what is over the instances is throttled until there are more",
        "instances by the second, 15 % on top, requests",
        "`FunctionArgs(managed_instances=…)`",
    )


def _fargate() -> Iterator[tuple[str, ...]]:
    pairs = [(cpu, mb) for cpu, sizes in MEMORY_MB.items() for mb in sizes]
    (least_cpu, least_mb), (most_cpu, most_mb) = min(pairs), max(pairs)
    cpu = f"{least_cpu / CPU_UNITS:g} to {most_cpu / CPU_UNITS:g} vCPU"
    disk = "{} to {} GB of disk".format(*between(TaskSize, "ephemeral_storage_gb"))
    size = f"{cpu}, {least_mb:,} to {most_mb:,} MB, in {len(pairs)} pairs; {disk}"
    yield (
        "Fargate service",
        "without end; pieces of work are the program's own affair",
        size,
        "tasks by backlog or use, from zero on",
        "half a minute to two: image",
        "vCPU- and GB-seconds of tasks, busy or not",
        "`ContainerService`",
    )
    yield (
        "Fargate task",
        "without end",
        size,
        "a task for each start",
        "as a service's",
        "vCPU- and GB-seconds from the pull of the image on, a minute at least",
        "`ContainerTask`",
    )


def table() -> str:
    """Return the table."""
    lines = [HEAD, ("---",) * len(HEAD), *rows()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def written() -> str:
    """Return the guide with the limits as the components have them."""
    return replaced(GUIDE, "limits", table())


if __name__ == "__main__":
    GUIDE.write_text(written())

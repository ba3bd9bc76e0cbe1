"""What a month of a load costs on each form of compute: the compute alone.

Load balancers, gateways, addresses, logs and data transfer come on top, and are much the same for
all forms. What keeps a number of environments, tasks or instances follows use, and holds them at
70 % of what they can do.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from cost import prices
from cost.prices import HOURS_PER_MONTH, SECONDS_PER_MONTH, Architecture, Instance

UTILIZATION = 0.7
# An environment of Managed Instances handles so many requests for each vCPU, in Python.
REQUESTS_PER_VCPU = 16
# One in each of three zones, always.
LEAST_INSTANCES = 3
# Billed from the pull of the image on, for a minute at least.
TASK_START_SECONDS = 30
LEAST_TASK_SECONDS = 60
# What the components of Kubernetes take of each pod.
POD_OVERHEAD_GB = 0.25
MB_PER_GB = 1_024
KB_PER_GB = 1_024**2
# Of a crossover.
PRECISION = 0.0001


@dataclass(frozen=True, kw_only=True)
class Load:
    """The requests of a month, and what each needs.

    `cpu_share` is the part of its duration in which a request keeps one vCPU busy; for the rest it
    waits. `memory_mb` is that of one request at a time.
    """

    requests: float
    duration_ms: float
    memory_mb: int
    cpu_share: float = 0.25
    architecture: Architecture = "arm64"

    @property
    def seconds(self) -> float:
        """How long all requests take, one after the other."""
        return self.requests * self.duration_ms / 1_000

    @property
    def gb_seconds(self) -> float:
        """What Lambda bills the duration by."""
        return self.seconds * self.memory_mb / MB_PER_GB

    @property
    def concurrency(self) -> float:
        """How many requests there are at a time, on average."""
        return self.seconds / SECONDS_PER_MONTH

    def slots(self, vcpus: float, memory_gb: float) -> float:
        """Return how many requests at a time so much CPU and memory are enough for."""
        return min(vcpus / self.cpu_share, memory_gb * MB_PER_GB / self.memory_mb)

    def needed(self, slots: float, least: int) -> int:
        """Return how many places with so many slots are kept, on average."""
        return max(least, math.ceil(self.concurrency / (slots * UTILIZATION)))


@dataclass(frozen=True, kw_only=True)
class Task:
    """The CPU and memory of a task or pod of Fargate."""

    vcpus: float
    memory_gb: float

    def hour(self, architecture: Architecture) -> float:
        """Return what an hour costs."""
        cpu = self.vcpus * prices.FARGATE_VCPU[architecture].usd
        return cpu + self.memory_gb * prices.FARGATE_MEMORY[architecture].usd


Cost = Callable[[Load], float]
ONE_VCPU = Task(vcpus=1, memory_gb=2)
# Memory for the components of Kubernetes rounds a pod of 2 GB up to the next size.
ONE_VCPU_POD = Task(vcpus=1, memory_gb=3)


def requests(load: Load) -> float:
    """Lambda's price for requests, whatever they run on."""
    return load.requests * prices.REQUEST.usd


def on_demand(load: Load) -> float:
    """Default Lambda."""
    return requests(load) + tiered(load.gb_seconds, load.architecture)


def tiered(gb_seconds: float, architecture: Architecture) -> float:
    """Return what so many GB-seconds of a month cost, tier by tier."""
    tiers = prices.DURATION[architecture]
    ends = [*(begin for begin, _ in tiers[1:]), math.inf]
    return sum(
        max(0.0, min(gb_seconds, end) - begin) * price.usd
        for (begin, price), end in zip(tiers, ends, strict=True)
    )


def provisioned(load: Load) -> float:
    """Lambda with provisioned concurrency that follows use, one environment at least."""
    environments = load.needed(slots=1, least=1)
    kept = environments * SECONDS_PER_MONTH * load.memory_mb / MB_PER_GB
    architecture = load.architecture
    in_use = load.gb_seconds * prices.WARM_DURATION[architecture].usd
    return requests(load) + kept * prices.WARM[architecture].usd + in_use


def snap_started(load: Load, cold_share: float = 0.01) -> float:
    """Lambda with SnapStart, of whose requests so many begin with a restoration."""
    memory_gb = load.memory_mb / MB_PER_GB
    kept = memory_gb * SECONDS_PER_MONTH * prices.SNAPSHOT.usd
    restored = load.requests * cold_share * memory_gb * prices.RESTORATION.usd
    return on_demand(load) + kept + restored


def managed_instances(load: Load, instance: Instance | None = None) -> float:
    """Lambda on Managed Instances, where an environment handles many requests at a time."""
    instance = instance or prices.INSTANCES[load.architecture]
    slots = min(load.slots(instance.vcpus, instance.memory_gb), REQUESTS_PER_VCPU * instance.vcpus)
    hour = instance.hour.usd * (1 + prices.MANAGEMENT.usd)
    return requests(load) + load.needed(slots, LEAST_INSTANCES) * hour * HOURS_PER_MONTH


def durable(load: Load, operations: int = 5, written_kb: float = 5) -> float:
    """A durable function: default Lambda, its operations, and what they write and keep a month.

    An execution has `operations`, of which waits are billed as any other and take no time.
    """
    done = load.requests * operations * prices.DURABLE_OPERATION.usd
    written_gb = load.requests * written_kb / KB_PER_GB
    kept = written_gb * (prices.DURABLE_WRITTEN.usd + prices.DURABLE_RETAINED.usd)
    return on_demand(load) + done + kept


def fargate_service(load: Load, task: Task = ONE_VCPU, least: int = 2) -> float:
    """A service of Fargate, `least` tasks of which run always."""
    tasks = load.needed(load.slots(task.vcpus, task.memory_gb), least)
    return tasks * task.hour(load.architecture) * HOURS_PER_MONTH


def fargate_tasks(load: Load, task: Task = ONE_VCPU) -> float:
    """A task of Fargate for each request, which ends with it."""
    seconds = max(LEAST_TASK_SECONDS, TASK_START_SECONDS + load.duration_ms / 1_000)
    return load.requests * seconds / 3_600 * task.hour(load.architecture)


def kubernetes(load: Load, pod: Task = ONE_VCPU_POD, least: int = 2) -> float:
    """Pods of EKS on Fargate, which is x86 only, and a cluster of their own."""
    usable = Task(vcpus=pod.vcpus, memory_gb=pod.memory_gb - POD_OVERHEAD_GB)
    pods = load.needed(load.slots(usable.vcpus, usable.memory_gb), least)
    return (pods * pod.hour("x86_64") + prices.CLUSTER.usd) * HOURS_PER_MONTH


def crossover(form: Cost, other: Cost, load: Load, *, most: float = 1e10) -> float | None:
    """Return from how many requests a month on, up to `most`, a form is the cheaper one.

    None where it never is for good. Costs grow in steps; the last crossing counts.
    """

    def cheaper(number: float) -> bool:
        at = replace(load, requests=number)
        return form(at) < other(at)

    if not cheaper(most):
        return None
    # Down in steps of 2 % as long as it is the cheaper one, then halving the last step.
    high = most
    low = high / 1.02
    while low >= 1 and cheaper(low):
        high, low = low, low / 1.02
    if low < 1:
        return 0.0
    while high / low > 1 + PRECISION:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if cheaper(middle) else (middle, high)
    return high

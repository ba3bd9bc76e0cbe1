"""How large a task of Fargate is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Interval

from components.core.checks import check_fields

# The memory, in MiB, that goes with so many CPU units:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
MEMORY_MB: Mapping[int, Sequence[int]] = {
    256: (512, 1_024, 2_048),
    512: range(1_024, 4_097, 1_024),
    1_024: range(2_048, 8_193, 1_024),
    2_048: range(4_096, 16_385, 1_024),
    4_096: range(8_192, 30_721, 1_024),
    8_192: range(16_384, 61_441, 4_096),
    16_384: range(32_768, 122_881, 8_192),
    32_768: (61_440, 122_880, 249_856),
}
# US dollars an hour, Linux on Arm in us-east-1; x86, Spot and other Regions have the same ratio.
# https://aws.amazon.com/fargate/pricing/
VCPU_PRICE, GB_PRICE = 0.03238, 0.00356
# All tasks have so much, and it cannot be asked for.
STORAGE_GB = 20


@dataclass(frozen=True, kw_only=True)
class TaskSize:
    """CPU, memory and disk that a task needs.

    A vCPU has 1,024 `cpu` units. Fargate knows certain pairs of CPU and memory only: the task gets
    the cheapest one that holds both.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    cpu: Annotated[int, Interval(ge=1, le=32_768)] = 256
    memory_mb: Annotated[int, Interval(ge=1, le=249_856)] = 512
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html
    ephemeral_storage_gb: Annotated[int, Interval(ge=STORAGE_GB, le=200)] = STORAGE_GB

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def pair(self) -> tuple[int, int]:
        """The CPU units and the MiB of memory that the task gets."""
        fitting = (
            (cpu, memory)
            for cpu, sizes in MEMORY_MB.items()
            for memory in sizes
            if cpu >= self.cpu and memory >= self.memory_mb
        )
        return min(fitting, key=lambda pair: price(*pair))

    def inputs(self) -> dict[str, Any]:
        """Return the inputs of a task definition."""
        cpu, memory = self.pair
        more = self.ephemeral_storage_gb > STORAGE_GB
        return {
            "cpu": str(cpu),
            "memory": str(memory),
            "ephemeral_storage": {"size_in_gib": self.ephemeral_storage_gb} if more else None,
        }


def price(cpu: int, memory_mb: int) -> float:
    """Return what an hour of a task costs, to compare sizes."""
    return (cpu * VCPU_PRICE + memory_mb * GB_PRICE) / 1_024

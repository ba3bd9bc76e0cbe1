"""How large a function on Managed Instances is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Interval

from components.core.checks import check, check_fields, when

MB_PER_GIB = 1_024
# Lambda's default for Python, and the most that it takes there: each request at the same time is
# a process of its own. Other runtimes go up to 1,600 in an environment.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html
REQUESTS_PER_VCPU = 16
MOST_VCPUS = 16
# One for each zone: with fewer, a version is active with less than three zones behind it.
ZONES = 3


@dataclass(frozen=True, kw_only=True)
class InstanceSize:
    """Memory, vCPUs, concurrency and number of a function's environments on Managed Instances.

    `memory_mb` stands in place of the FunctionSize's and is shared by the processes of all
    `concurrency` requests that an environment handles at the same time (16 for each vCPU, unless
    given). There are always `min_environments`; no request waits for a cold start as long as these
    are enough. With 0 and 0 the function is deactivated.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    # https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html
    memory_mb: Annotated[int, Interval(ge=2_048, le=32_768)] = 2_048
    memory_gib_per_vcpu: Literal[2, 4, 8] = 2
    concurrency: Annotated[int, Interval(ge=1, le=REQUESTS_PER_VCPU * MOST_VCPUS)] | None = None
    # https://docs.aws.amazon.com/lambda/latest/api/API_FunctionScalingConfig.html
    min_environments: Annotated[int, Interval(ge=0, le=15_000)] = ZONES
    max_environments: Annotated[int, Interval(ge=0, le=15_000)] = 10

    def __post_init__(self) -> None:
        check_fields(self)
        check(*self._mistakes())

    @property
    def vcpus(self) -> int:
        """How many vCPUs an environment has."""
        return self.memory_mb // (self.memory_gib_per_vcpu * MB_PER_GIB)

    def _mistakes(self) -> Iterator[str | None]:
        step = self.memory_gib_per_vcpu * MB_PER_GIB
        yield when(
            self.memory_mb % step != 0,
            f"memory_mb is {self.memory_mb:,} with memory_gib_per_vcpu of "
            f"{self.memory_gib_per_vcpu}: allowed is a multiple of {step:,}, a vCPU or more",
        )
        most = REQUESTS_PER_VCPU * max(self.vcpus, 1)
        yield when(
            self.concurrency is not None and self.concurrency > most,
            f"concurrency is {self.concurrency}: allowed is {most}, {REQUESTS_PER_VCPU} for each "
            f"of {self.vcpus} vCPUs",
        )
        yield when(
            self.max_environments < self.min_environments,
            f"max_environments is {self.max_environments}: allowed is the min_environments of "
            f"{self.min_environments} or more",
        )
        yield when(
            self.min_environments == 0 and self.max_environments > 0,
            f"min_environments is 0 with max_environments of {self.max_environments}: allowed is "
            "0 with 0, which deactivates the function, or 1 or more",
        )

"""How large a function is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Interval

from components.core.checks import check, check_fields, matches, when
from components.events.schedule_expression import cron_mistakes, timezone_mistake

# https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
SNAP_START_STORAGE_MB = 512
Environments = Annotated[int, Interval(ge=1, le=100_000)]


@dataclass(frozen=True, kw_only=True)
class WarmPeriod:
    """From a time on, keep at least and at most so many environments warm.

    `cron` is EventBridge's, such as `0 8 ? * MON-FRI *`, in `timezone`.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    name: str
    cron: str
    minimum: Annotated[int, Interval(ge=0, le=100_000)]
    maximum: Environments
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            matches("name", self.name, r"[a-z][a-z0-9-]{0,19}", "1 to 20 letters, digits and -"),
            *cron_mistakes(self.cron),
            timezone_mistake(self.timezone),
            when(
                self.maximum < self.minimum,
                f"maximum is {self.maximum}: allowed is the minimum of {self.minimum} or more",
            ),
        )


@dataclass(frozen=True, kw_only=True)
class FunctionSize:
    """Memory, time, disk and concurrency of a Function.

    `provisioned_concurrency` environments are kept warm on the alias `live`; with a maximum, their
    number follows use, and `warm_periods` move its bounds by the clock. `reserved_concurrency`
    caps the function and takes that much from the account's pool. `snap_start` starts it from a
    snapshot.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    memory_mb: Annotated[int, Interval(ge=128, le=10_240)] = 256
    # On Managed Instances, Lambda takes up to 5,400 for asynchronous invocations and for mappings;
    # the provider does not know that yet and refuses more than 900.
    timeout_seconds: Annotated[int, Interval(ge=1, le=900)] = 10
    ephemeral_storage_mb: Annotated[int, Interval(ge=512, le=10_240)] = 512
    reserved_concurrency: Annotated[int, Interval(ge=0, le=100_000)] | None = None
    provisioned_concurrency: Environments | None = None
    max_provisioned_concurrency: Environments | None = None
    # https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
    provisioned_utilization_percent: Annotated[int, Interval(ge=10, le=90)] = 70
    warm_periods: Sequence[WarmPeriod] = ()
    snap_start: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
        check(*self._mistakes())

    def _mistakes(self) -> Iterator[str | None]:
        reserved, provisioned = self.reserved_concurrency, self.provisioned_concurrency
        most = self.max_provisioned_concurrency
        wanted = max(most or 0, provisioned or 0, *(each.maximum for each in self.warm_periods), 0)
        yield when(
            reserved is not None and wanted > reserved,
            f"provisioned_concurrency is up to {wanted}: allowed is up to the "
            f"reserved_concurrency of {reserved}",
        )
        yield when(
            most is not None and (provisioned is None or most < provisioned),
            f"max_provisioned_concurrency is {most}: allowed is the provisioned_concurrency, "
            f"which is {provisioned}, or more",
        )
        yield when(
            bool(self.warm_periods) and most is None,
            "warm_periods are given without max_provisioned_concurrency: allowed is none",
        )
        yield when(
            self.snap_start and provisioned is not None,
            f"provisioned_concurrency is {provisioned} with snap_start: allowed is one of the two",
        )
        yield when(
            self.snap_start and self.ephemeral_storage_mb > SNAP_START_STORAGE_MB,
            f"ephemeral_storage_mb is {self.ephemeral_storage_mb} with snap_start: allowed is "
            f"{SNAP_START_STORAGE_MB}",
        )

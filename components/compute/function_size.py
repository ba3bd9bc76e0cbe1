"""How large a function is."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Interval

from components.core.checks import check, check_fields, when


@dataclass(frozen=True, kw_only=True)
class FunctionSize:
    """Memory, time, disk and concurrency of a Function.

    `provisioned_concurrency` environments are kept warm on the alias `live`;
    `reserved_concurrency` caps the function and takes that much from the account's pool.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    memory_mb: Annotated[int, Interval(ge=128, le=10_240)] = 256
    timeout_seconds: Annotated[int, Interval(ge=1, le=900)] = 10
    ephemeral_storage_mb: Annotated[int, Interval(ge=512, le=10_240)] = 512
    reserved_concurrency: Annotated[int, Interval(ge=0, le=100_000)] | None = None
    provisioned_concurrency: Annotated[int, Interval(ge=1, le=100_000)] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        reserved, provisioned = self.reserved_concurrency, self.provisioned_concurrency
        check(
            when(
                reserved is not None and provisioned is not None and provisioned > reserved,
                f"provisioned_concurrency is {provisioned}: allowed is up to the "
                f"reserved_concurrency of {reserved}",
            ),
        )

"""How much a table can take."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Interval

from components.core.checks import check, check_fields, when

# The default quota of a table, per Region:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
MOST_UNITS = 40_000


@dataclass(frozen=True, kw_only=True)
class TableCapacity:
    """The capacity mode of a Table, in read and write units a second.

    On demand, the units are the most that the table takes (none: the account's quota);
    provisioned, they are what it has.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    mode: Literal["on_demand", "provisioned"] = "on_demand"
    read_units: Annotated[int, Interval(ge=1, le=MOST_UNITS)] | None = None
    write_units: Annotated[int, Interval(ge=1, le=MOST_UNITS)] | None = None

    def __post_init__(self) -> None:
        units = {"read_units": self.read_units, "write_units": self.write_units}
        check_fields(self)
        check(
            *(
                when(
                    self.mode == "provisioned" and value is None,
                    f"{name} is not given for mode provisioned: allowed is 1 to {MOST_UNITS:,}",
                )
                for name, value in units.items()
            ),
        )

    @property
    def on_demand(self) -> bool:
        """Whether requests are paid one by one."""
        return self.mode == "on_demand"

    def inputs(self) -> dict[str, Any]:
        """Return the inputs of a table's index; a table takes them and its billing mode."""
        if not self.on_demand:
            return {"read_capacity": self.read_units, "write_capacity": self.write_units}
        if self.read_units is None and self.write_units is None:
            return {}
        throughput = {
            "max_read_request_units": self.read_units,
            "max_write_request_units": self.write_units,
        }
        return {"on_demand_throughput": {k: v for k, v in throughput.items() if v is not None}}

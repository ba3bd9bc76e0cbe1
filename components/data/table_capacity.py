"""How much a table can take."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Interval

from components.core.checks import check, check_fields, when

# The default quota of a table, per Region:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
MOST_UNITS = 40_000
Units = Annotated[int, Interval(ge=1, le=MOST_UNITS)]


@dataclass(frozen=True, kw_only=True)
class TableCapacity:
    """The capacity mode of a Table, in read and write units a second.

    On demand, `read_units` and `write_units` are the most that the table takes (none: the
    account's quota), and the warm units what it can take at once, without growing first.
    Provisioned, they are what it has; with a `max_…` they are the least, and Application Auto
    Scaling follows use.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    mode: Literal["on_demand", "provisioned"] = "on_demand"
    read_units: Units | None = None
    write_units: Units | None = None
    max_read_units: Units | None = None
    max_write_units: Units | None = None
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
    target_utilization_percent: Annotated[int, Interval(ge=20, le=90)] = 70
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
    warm_read_units: Annotated[int, Interval(ge=12_000, le=MOST_UNITS)] | None = None
    warm_write_units: Annotated[int, Interval(ge=4_000, le=MOST_UNITS)] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(*self._mistakes())

    def _mistakes(self) -> Iterator[str | None]:
        for side in ("read", "write"):
            units = getattr(self, f"{side}_units")
            most = getattr(self, f"max_{side}_units")
            warm = getattr(self, f"warm_{side}_units")
            yield when(
                not self.on_demand and units is None,
                f"{side}_units is not given for mode provisioned: allowed is 1 to {MOST_UNITS:,}",
            )
            yield when(
                self.on_demand and most is not None,
                f"max_{side}_units is {most} for mode on_demand: allowed is None",
            )
            yield when(
                None not in (units, most) and not self.on_demand and most < units,
                f"max_{side}_units is {most}: allowed is the {side}_units of {units} or more",
            )
            yield when(
                not self.on_demand and warm is not None,
                f"warm_{side}_units is {warm} for mode provisioned: allowed is None",
            )
        yield when(
            (self.warm_read_units is None) != (self.warm_write_units is None),
            "warm_read_units and warm_write_units: allowed is both or neither",
        )

    @property
    def on_demand(self) -> bool:
        """Whether requests are paid one by one."""
        return self.mode == "on_demand"

    @property
    def scaled(self) -> dict[str, tuple[int, int]]:
        """The sides that are scaled, `Read` and `Write`, each with its least and most units."""
        sides = {
            "Read": (self.read_units, self.max_read_units),
            "Write": (self.write_units, self.max_write_units),
        }
        return {side: (low, high) for side, (low, high) in sides.items() if low and high}

    def inputs(self) -> dict[str, Any]:
        """Return the inputs that a table and each of its indexes take."""
        if not self.on_demand:
            return {"read_capacity": self.read_units, "write_capacity": self.write_units}
        most = {
            "max_read_request_units": self.read_units,
            "max_write_request_units": self.write_units,
        }
        warm = {
            "read_units_per_second": self.warm_read_units,
            "write_units_per_second": self.warm_write_units,
        }
        given = {
            "on_demand_throughput": {k: v for k, v in most.items() if v is not None},
            "warm_throughput": {k: v for k, v in warm.items() if v is not None},
        }
        return {key: value for key, value in given.items() if value}

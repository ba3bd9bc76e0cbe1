"""Orders, as they come in and as they are kept."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

MOST_LINES = 100
MOST_QUANTITY = 1_000
MOST_UNIT_PRICE = 10_000_000
SKU = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
CURRENCY = r"^[A-Z]{3}$"
PUBLIC = {"order_id", "status", "placed_at", "currency", "lines", "total"}


class Strict(BaseModel):
    """A model that converts nothing and lets nothing unknown in."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Line(Strict):
    """So many of one thing; the price of one is in minor units, such as cents."""

    sku: Annotated[str, Field(pattern=SKU)]
    quantity: Annotated[int, Field(ge=1, le=MOST_QUANTITY)]
    unit_price: Annotated[int, Field(ge=0, le=MOST_UNIT_PRICE)]


class NewOrder(Strict):
    """The body of an order that a customer places."""

    currency: Annotated[str, Field(pattern=CURRENCY)]
    lines: Annotated[list[Line], Field(min_length=1, max_length=MOST_LINES)]

    @field_validator("lines")
    @classmethod
    def _each_sku_once(cls, lines: list[Line]) -> list[Line]:
        if len({line.sku for line in lines}) < len(lines):
            raise PydanticCustomError("repeated_sku", "Each sku must be given once")
        return lines


class Order(Strict):
    """An order as the table keeps it; times are ISO 8601 in UTC with microseconds."""

    # Other functions may add attributes to an item.
    model_config = ConfigDict(extra="ignore")

    order_id: str
    customer_id: str
    placed_at: str
    status: str = "PLACED"
    currency: str
    lines: list[Line]
    total: int
    request_hash: str
    version: int = 1

    def public(self) -> dict[str, object]:
        """Return what the customer may see."""
        return self.model_dump(include=PUBLIC)

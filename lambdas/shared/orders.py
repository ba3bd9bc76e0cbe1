"""Orders, as they come in and as they are kept, whichever way they came."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

# Never to be changed: a repeated key would make a second order.
NAMESPACE = UUID("0f5f2f0a-6a3b-5d0e-9b1e-3f6f3c1f7a52")
# No key has a slash, so no two customers share an id.
KEY = re.compile(r"[A-Za-z0-9._:-]{1,128}")
# One transaction reserves them all, with the reservation's own item.
MOST_LINES = 99
MOST_QUANTITY = 1_000
MOST_UNIT_PRICE = 10_000_000
PUBLIC = {"order_id", "status", "placed_at", "currency", "lines", "total"}

Sku: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Quantity: TypeAlias = Annotated[int, Field(ge=1, le=MOST_QUANTITY)]
UnitPrice: TypeAlias = Annotated[int, Field(ge=0, le=MOST_UNIT_PRICE)]
Currency: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
# What the payment provider gave the customer for a card; whoever has it can charge.
PaymentToken: TypeAlias = Annotated[str, Field(pattern=r"^tok_[A-Za-z0-9_]{1,64}$", repr=False)]
Status: TypeAlias = Literal["PLACED", "CONFIRMED", "REJECTED", "CANCELLED"]


class Strict(BaseModel):
    """A model that converts nothing and lets nothing unknown in."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Line(Strict):
    """So many of one thing; the price of one is in minor units, such as cents."""

    sku: Sku
    quantity: Quantity
    unit_price: UnitPrice


class NewOrder(Strict):
    """The body of an order that a customer places."""

    currency: Currency
    lines: Annotated[list[Line], Field(min_length=1, max_length=MOST_LINES)]
    payment_token: PaymentToken

    @field_validator("lines")
    @classmethod
    def _each_sku_once(cls, lines: list[Line]) -> list[Line]:
        if len({line.sku for line in lines}) < len(lines):
            raise PydanticCustomError("repeated_sku", "Each sku must be given once")
        return lines


class Order(Strict):
    """An order as the table keeps it; times are ISO 8601 in UTC, `placed_at` with microseconds."""

    # Other functions may add attributes to an item.
    model_config = ConfigDict(extra="ignore")

    order_id: str
    customer_id: str
    placed_at: str
    status: Status = "PLACED"
    # The key of an index that holds only orders which have not ended: their end removes it. Its
    # shards are the last digit of the ids, as one partition would take 1,000 writes a second.
    open_shard: str | None = None
    open_since: str | None = None
    ended_at: str | None = None
    reason: str | None = None
    currency: str
    lines: list[Line]
    total: int
    # Orders of version 0.1 have none.
    payment_token: Annotated[str | None, Field(repr=False)] = None
    request_hash: str
    version: int = 1

    def public(self) -> dict[str, object]:
        """Return what the customer may see."""
        return self.model_dump(include=PUBLIC | ({"reason"} if self.reason else set()))

    def stored(self) -> dict[str, object]:
        """Return what the table keeps: only the attributes that have a value."""
        return self.model_dump(exclude_none=True)

    def repeats(self, earlier: "Order") -> bool:
        """Tell whether an order of the same id was asked for with the same body."""
        return self.request_hash == earlier.request_hash


def new_order(new: NewOrder, customer_id: str, key: str, at: datetime) -> Order:
    """Return the order that a customer's key stands for: the same key has the same id."""
    order_id = str(uuid5(NAMESPACE, f"{customer_id}/{key}"))
    placed_at = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return Order(
        order_id=order_id,
        customer_id=customer_id,
        placed_at=placed_at,
        open_shard=order_id[-1],
        open_since=placed_at,
        currency=new.currency,
        lines=new.lines,
        total=sum(line.quantity * line.unit_price for line in new.lines),
        payment_token=new.payment_token,
        request_hash=hashlib.sha256(new.model_dump_json().encode()).hexdigest(),
    )

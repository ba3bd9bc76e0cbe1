"""The events on the bus: one model for each version that is promised."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


class UnreadableEventError(ValueError):
    """An event that can never be read, with its reason."""


class UnknownEventError(UnreadableEventError):
    """An event that no model is promised for."""


class Part(BaseModel):
    """A part of an event. Within a version fields may be added, so readers skip unknown ones."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Event(Part):
    """A detail that says its version."""

    source: ClassVar[str]
    detail_type: ClassVar[str]
    # The field that says when it happened.
    at_field: ClassVar[str]
    version: int

    @property
    def at(self) -> datetime:
        """When it happened."""
        at: datetime = getattr(self, self.at_field)
        return at

    def entry(self, bus_name: str) -> "PutEventsRequestEntryTypeDef":
        """Return the event as an entry of PutEvents."""
        return {
            "EventBusName": bus_name,
            "Source": self.source,
            "DetailType": self.detail_type,
            "Time": self.at,
            "Detail": self.model_dump_json(),
        }


class OrderedLine(Part):
    """A line of an order; its price is in minor units."""

    sku: str
    quantity: int
    unit_price: int


class OrderPlaced(Event):
    """An order was written; amounts are in minor units of the currency."""

    source = "orders"
    detail_type = "OrderPlaced"
    at_field = "placed_at"
    version: Literal[1] = 1
    order_id: str
    customer_id: str
    placed_at: AwareDatetime
    currency: str
    lines: list[OrderedLine]
    total: int


class OrderEnded(Event):
    """What the events of an order's end have in common."""

    source = "orders"
    version: Literal[1] = 1
    order_id: str
    customer_id: str
    currency: str
    lines: list[OrderedLine]
    total: int


class OrderConfirmed(OrderEnded):
    """An order is paid and its stock reserved."""

    detail_type = "OrderConfirmed"
    at_field = "confirmed_at"
    confirmed_at: AwareDatetime


class OrderRejected(OrderEnded):
    """An order was refused: by the payment, the stock or a reviewer; nothing of it is kept."""

    detail_type = "OrderRejected"
    at_field = "rejected_at"
    rejected_at: AwareDatetime
    reason: str


class OrderCancelled(OrderEnded):
    """An order could not be handled in time; nothing of it is kept."""

    detail_type = "OrderCancelled"
    at_field = "cancelled_at"
    cancelled_at: AwareDatetime
    reason: str


PROMISED: dict[tuple[str, str, int], type[Event]] = {
    ("orders", "OrderPlaced", 1): OrderPlaced,
    ("orders", "OrderConfirmed", 1): OrderConfirmed,
    ("orders", "OrderRejected", 1): OrderRejected,
    ("orders", "OrderCancelled", 1): OrderCancelled,
}


def read(event: Mapping[str, Any]) -> Event:
    """Read an event as its consumer gets it.

    Raises:
        UnknownEventError: for a type or version that is not promised.
    """
    detail = event["detail"]
    named = (event["source"], event["detail-type"], detail.get("version"))
    if named not in PROMISED:
        known = ", ".join(_title(*each) for each in PROMISED)
        raise UnknownEventError(f"{_title(*named)} is unknown: known is {known}")
    return PROMISED[named].model_validate(detail)


def read_text(text: str) -> Event:
    """Read an event as queues and streams hold it: whole, as JSON.

    Raises:
        UnreadableEventError: for what is no event, or none that is promised.
    """
    try:
        return read(json.loads(text))
    except UnreadableEventError:
        raise
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise UnreadableEventError(f"the event cannot be read: {error!r}") from error


def _title(source: str, detail_type: str, version: object) -> str:
    return f"{detail_type} of {source}, version {version}"

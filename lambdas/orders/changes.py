"""What a change of the table tells others."""

from collections.abc import Mapping
from typing import Any

from shared.attributes import from_item
from shared.events import Event, OrderCancelled, OrderConfirmed, OrderPlaced, OrderRejected
from shared.orders import Order

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
PLACED = {"S": "PLACED"}
ENDS: Mapping[str, type[Event]] = {
    "CONFIRMED": OrderConfirmed,
    "REJECTED": OrderRejected,
    "CANCELLED": OrderCancelled,
}


class UnreadableRecordError(ValueError):
    """A record that will never be an event, with its reason."""


def event_of(record: Mapping[str, Any]) -> Event | None:
    """Return the event of a record: an order was placed, or has ended; other changes have none.

    Raises:
        UnreadableRecordError: for what is no order, or an order that ended as none can.
    """
    try:
        match record["eventName"]:
            case "INSERT":
                return _placed(record["dynamodb"]["NewImage"])
            case "MODIFY":
                return _ended(record["dynamodb"]["OldImage"], record["dynamodb"]["NewImage"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableRecordError(f"the record cannot be read: {error!r}") from error
    return None


def without_secrets(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as it may be kept elsewhere: with it, nobody can charge a card."""
    change = {
        name: {key: each for key, each in part.items() if key != "payment_token"}
        if isinstance(part, dict)
        else part
        for name, part in record["dynamodb"].items()
    }
    return {**record, "dynamodb": change}


def _placed(new: Mapping[str, Any]) -> Event:
    return OrderPlaced.model_validate(_values(Order.model_validate(from_item(new))))


def _ended(old: Mapping[str, Any], new: Mapping[str, Any]) -> Event | None:
    if old.get("status") != PLACED or new.get("status") == PLACED:
        return None
    order = Order.model_validate(from_item(new))
    model = ENDS[order.status]
    return model.model_validate({**_values(order), model.at_field: order.ended_at})


def _values(order: Order) -> dict[str, Any]:
    # The version of an order's item is not that of its events.
    return order.model_dump(exclude={"version", "payment_token"})

"""What a customer is told."""

from dataclasses import dataclass

from shared.events import Event, OrderCancelled, OrderConfirmed, OrderRejected


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A mail to a customer."""

    order_id: str
    customer_id: str
    kind: str
    text: str


def notice(event: Event) -> Notice | None:
    """Return what an event is reason to tell; of those that are no end, there is nothing."""
    match event:
        case OrderConfirmed():
            kind, said = "confirmation", "is confirmed and will be on its way soon."
        case OrderRejected():
            kind, said = "rejection", f"was not accepted: {event.reason}. You pay nothing."
        case OrderCancelled():
            kind, said = "cancellation", f"was cancelled: {event.reason}. You pay nothing."
        case _:
            return None
    return Notice(
        order_id=event.order_id,
        customer_id=event.customer_id,
        kind=kind,
        text=f"Your order {event.order_id} {said}",
    )

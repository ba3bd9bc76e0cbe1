"""The tasks that reserve an order's stock, and give it back."""

from fulfilment import inventory
from fulfilment.models import OrderKey, Reservation
from fulfilment.task import Output, task


@task(Reservation)
def reserve_stock(reservation: Reservation) -> Output:
    """Reserve all lines of an order, or none."""
    inventory.reserve(reservation.order_id, reservation.quantities())
    return {"order_id": reservation.order_id, "reservation": "RESERVED"}


@task(OrderKey)
def release_stock(order: OrderKey) -> Output:
    """Give back what an order reserved; a reservation that comes later fails."""
    inventory.release(order.order_id)
    return {"order_id": order.order_id, "reservation": "RELEASED"}

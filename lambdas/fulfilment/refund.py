"""The compensation of a charge, which needs no token."""

from fulfilment.gateway import Gateway
from fulfilment.models import OrderKey
from fulfilment.sandbox import Sandbox
from fulfilment.task import Output, task

gateway: Gateway = Sandbox()


@task(OrderKey)
def refund_payment(order: OrderKey) -> Output:
    """Give back what was charged; a charge that comes later fails."""
    return {"order_id": order.order_id, "payment": gateway.refund(order.order_id)}

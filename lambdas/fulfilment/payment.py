"""The tasks that ask for money: each payment's key at the gateway is the order's id."""

from fulfilment.gateway import Gateway
from fulfilment.models import Payment
from fulfilment.sandbox import Sandbox
from fulfilment.task import Output, task
from fulfilment.tokens import payment_token

gateway: Gateway = Sandbox()


@task(Payment)
def check_payment(payment: Payment) -> Output:
    """Ask whether the payment would be taken, before anything is reserved."""
    token = payment_token(payment.order_id)
    gateway.authorise(payment.order_id, token, payment.total, payment.currency)
    return {"order_id": payment.order_id, "payment": "AUTHORISED"}


@task(Payment)
def charge_payment(payment: Payment) -> Output:
    """Charge the order's total, once."""
    token = payment_token(payment.order_id)
    gateway.charge(payment.order_id, token, payment.total, payment.currency)
    return {"order_id": payment.order_id, "payment": "CHARGED"}

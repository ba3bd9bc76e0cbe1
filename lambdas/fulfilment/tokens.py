"""How an order is paid: its token is in the table of orders only, and in no event."""

from pydantic import Field

from fulfilment.errors import PaymentDeclinedError
from shared.attributes import from_item, to_item
from shared.aws import busy_when_throttled, client
from shared.environment import Environment


class Orders(Environment):
    """Where orders are kept."""

    name: str = Field(alias="ORDERS_TABLE_NAME")


orders = Orders.read()
dynamodb = client("dynamodb")


@busy_when_throttled()
def payment_token(order_id: str) -> str:
    """Return the payment token of an order.

    Raises:
        PaymentDeclinedError: for an order without one, and when there is no such order.
    """
    answer = dynamodb.get_item(
        TableName=orders.name,
        Key=to_item({"order_id": order_id}),
        ProjectionExpression="payment_token",
        ConsistentRead=True,
    )
    token = from_item(answer.get("Item", {})).get("payment_token")
    if not token:
        raise PaymentDeclinedError("no payment was given")
    return str(token)

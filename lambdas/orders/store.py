"""What the customer's API reads of the table of orders."""

from typing import Any

from orders.cursors import Cursor
from shared.attributes import from_item, to_item
from shared.aws import busy_when_throttled
from shared.orders import Order
from shared.orders_table import dynamodb, table

INDEX = "by_customer"


@busy_when_throttled()
def find(order_id: str) -> Order | None:
    """Return an order, as it was last written."""
    answer = dynamodb.get_item(
        TableName=table.name, Key=to_item({"order_id": order_id}), ConsistentRead=True
    )
    return Order.model_validate(from_item(answer["Item"])) if "Item" in answer else None


@busy_when_throttled()
def page(customer_id: str, limit: int, start: Cursor | None) -> tuple[list[Order], Cursor | None]:
    """Return a customer's orders, newest first, and where the next page starts, if there is one.

    The index follows the table within moments, so a new order may be missing for as long.
    """
    position: Any = {"ExclusiveStartKey": to_item(start._asdict())} if start else {}
    answer = dynamodb.query(
        TableName=table.name,
        IndexName=INDEX,
        KeyConditionExpression="customer_id = :customer_id",
        ExpressionAttributeValues=to_item({":customer_id": customer_id}),
        ScanIndexForward=False,
        # One more than asked for tells whether there is a next page.
        Limit=limit + 1,
        **position,
    )
    orders = [Order.model_validate(from_item(item)) for item in answer["Items"]]
    more = len(orders) > limit or "LastEvaluatedKey" in answer
    orders = orders[:limit]
    return orders, Cursor.after(orders[-1]) if more else None

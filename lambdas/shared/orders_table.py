"""The table of orders, and the one write that makes an order."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from shared.attributes import from_item, to_item
from shared.aws import busy_when_throttled, client
from shared.environment import Environment
from shared.orders import Order


class Table(Environment):
    """Where orders are kept."""

    name: str = Field(alias="ORDERS_TABLE_NAME")


table = Table.read()
dynamodb = client("dynamodb")


@busy_when_throttled()
def write_once(order: Order) -> Order | None:
    """Write an order unless its id is taken; then return the one that is there."""
    try:
        dynamodb.put_item(
            TableName=table.name,
            Item=to_item(order.stored()),
            ConditionExpression="attribute_not_exists(order_id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        response: Mapping[str, Any] = {**error.response}
        return Order.model_validate(from_item(response["Item"]))
    return None

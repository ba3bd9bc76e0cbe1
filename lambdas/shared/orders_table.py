"""The table of orders, and the writes that make an order once."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from shared.attributes import from_item, to_item
from shared.aws import busy_when_throttled, client
from shared.environment import Environment
from shared.orders import Order

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import BatchStatementRequestTypeDef

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
MOST_AT_ONCE = 25


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


@busy_when_throttled()
def write_all_once(orders: Sequence[Order]) -> list[Order | None]:
    """Write up to 25 orders in one call, each as `write_once` does; several may have one id.

    The call has no conditions but that of INSERT, which does not tell what is there: an order that
    was not written for whatever reason is written by itself, with the reads and retries of that.
    """
    first = {order.order_id: order for order in reversed(orders)}
    answer = dynamodb.batch_execute_statement(Statements=[*map(_insert, first.values())])
    done = {
        order_id
        for order_id, said in zip(first, answer["Responses"], strict=True)
        if "Error" not in said
    }
    return [
        None if order.order_id in done and order is first[order.order_id] else write_once(order)
        for order in orders
    ]


def _insert(order: Order) -> "BatchStatementRequestTypeDef":
    item = to_item(order.stored())
    names = ", ".join(f"'{name}': ?" for name in item)
    return {
        "Statement": f'INSERT INTO "{table.name}" VALUE {{{names}}}',
        "Parameters": [*item.values()],
    }

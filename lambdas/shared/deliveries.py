"""What was sent for an order: once for each kind."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from shared.attributes import to_item
from shared.aws import client
from shared.environment import Environment
from shared.observability import count, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class Deliveries(Environment):
    """Where deliveries are kept."""

    table_name: str = Field(alias="DELIVERIES_TABLE_NAME")


class InProgressError(Exception):
    """A delivery that another invocation has claimed and not finished."""


deliveries = Deliveries.read()
dynamodb = client("dynamodb")


def now_ms() -> int:
    """Return the time in milliseconds, which tests set."""
    return time.time_ns() // 1_000_000


def send_once(
    order_id: str, kind: str, send: Callable[[str], None], context: "LambdaContext"
) -> None:
    """Claim a delivery, send it, and write that it was sent; do nothing if it was sent before.

    `send` gets the delivery's id, by which a gateway tells repeats.

    Raises:
        InProgressError: while another invocation may be sending it.
    """
    # At least once: a mail that comes twice is better than one that never comes. So "sent" is
    # written after the sending; a crash between the two makes it be sent again, and nothing else
    # does: the claim before keeps repeats at the same time from sending both. It ends with the
    # invocation's own time, and SQS delivers a message again only after six times as much.
    delivery_id = f"{order_id}#{kind}"
    item = {"delivery_id": delivery_id, "order_id": order_id, "kind": kind}
    if not _claimed(item, now_ms(), context.get_remaining_time_in_millis()):
        count("DeliveriesRepeated")
        return
    send(delivery_id)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_ms() / 1_000))
    dynamodb.put_item(TableName=deliveries.table_name, Item=to_item({**item, "sent_at": at}))
    count("DeliveriesSent")
    logger.info("sent", extra={"order_id": order_id, "kind": kind})


def _claimed(item: Mapping[str, Any], at_ms: int, for_ms: int) -> bool:
    """Claim a delivery unless it was sent before."""
    try:
        dynamodb.put_item(
            TableName=deliveries.table_name,
            Item=to_item({**item, "claimed_until_ms": at_ms + for_ms}),
            ConditionExpression="attribute_not_exists(delivery_id)"
            " OR (attribute_not_exists(sent_at) AND claimed_until_ms < :now)",
            ExpressionAttributeValues=to_item({":now": at_ms}),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        response: Mapping[str, Any] = {**error.response}
        if "sent_at" in response["Item"]:
            return False
        raise InProgressError(f"{item['delivery_id']} is being sent") from error
    return True

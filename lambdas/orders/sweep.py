"""The sweep: orders that stay placed for too long are told to the bus again, so that they end."""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field

from orders import store
from shared.attributes import from_item, to_item
from shared.aws import client
from shared.environment import Environment
from shared.events import OrderPlaced
from shared.observability import count, entry_point, logger
from shared.orders_table import dynamodb, table

# Only orders that have not ended have `open_since`, so the index holds no others. Its partitions
# are the last digits of the ids: a single one would take 1,000 orders a second at most.
INDEX, SHARDS = "by_open", "0123456789abcdef"
MOST_ORDERS, MOST_ENTRIES, TIME = 100, 10, "%Y-%m-%dT%H:%M:%S.%fZ"


class Sweep(Environment):
    """For how long an order may stay placed, and where it is told again."""

    after_seconds: int = Field(alias="SWEEP_AFTER_SECONDS", ge=60)
    bus_name: str = Field(alias="ORDERS_BUS_NAME")


settings, events = Sweep.read(), client("events")


@entry_point
def sweep(_event: object, _context: object) -> dict[str, Any]:
    """Tell the oldest again; those still placed come back after as long again."""
    at, told = datetime.now(UTC), 0
    ids = _overdue((at - timedelta(seconds=settings.after_seconds)).strftime(TIME))
    # The index may lag behind the table.
    orders = [order for each in ids if (order := store.find(each)) and order.status == "PLACED"]
    for first in range(0, len(orders), MOST_ENTRIES):
        some = orders[first : first + MOST_ENTRIES]
        placed = [OrderPlaced(**each.model_dump(exclude={"version"})) for each in some]
        entries = [each.entry(settings.bus_name) for each in placed]
        answers = events.put_events(Entries=entries)["Entries"]
        for order, answer in zip(some, answers, strict=True):
            error = answer.get("ErrorCode")
            logger.info("swept", extra={"order_id": order.order_id, "error": error})
            if not error:
                _put_off(order.order_id, at.strftime(TIME))
                told += 1
    count("OrdersSwept", told)
    return {"swept": told}


def _overdue(before: str) -> list[str]:
    """Return the ids of the orders that are open for longest."""
    keys: list[dict[str, Any]] = []
    for shard in SHARDS:
        answer = dynamodb.query(
            TableName=table.name,
            IndexName=INDEX,
            KeyConditionExpression="open_shard = :shard AND open_since <= :before",
            ExpressionAttributeValues=to_item({":shard": shard, ":before": before}),
            Limit=MOST_ORDERS,
        )
        keys += map(from_item, answer["Items"])
    oldest = sorted(keys, key=lambda key: str(key["open_since"]))[:MOST_ORDERS]
    return [key["order_id"] for key in oldest]


def _put_off(order_id: str, at: str) -> None:
    """Count the time anew, unless the order has ended meanwhile."""
    with contextlib.suppress(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.update_item(
            TableName=table.name,
            Key=to_item({"order_id": order_id}),
            UpdateExpression="SET open_since = :at",
            ConditionExpression="attribute_exists(open_since)",
            ExpressionAttributeValues=to_item({":at": at}),
        )

"""The table of reviews."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from review.models import Asked, Review, Status
from shared.attributes import from_item, to_item
from shared.aws import busy_when_throttled, client
from shared.environment import Environment

# Only a review that waits has `waiting_since`, so that the index holds no others.
INDEX = "waiting"
PAGE = 100


class Table(Environment):
    """Where reviews are kept."""

    name: str = Field(alias="REVIEWS_TABLE_NAME")


table = Table.read()
dynamodb = client("dynamodb")


@busy_when_throttled()
def register(asked: Asked, callback_id: str, at: str) -> Review:
    """Let a review wait for one more callback, or return it as it was decided before."""
    written = _write(
        asked.order_id,
        "SET customer_id = :customer_id, #total = :total, currency = :currency,"
        " #status = :waiting,"
        " requested_at = if_not_exists(requested_at, :at),"
        " waiting_since = if_not_exists(waiting_since, :at)"
        " ADD callbacks :callbacks",
        "attribute_not_exists(order_id) OR #status = :waiting",
        {
            ":customer_id": asked.customer_id,
            ":total": asked.total,
            ":currency": asked.currency,
            ":waiting": "WAITING",
            ":at": at,
            ":callbacks": frozenset({callback_id}),
        },
        {"#status": "status", "#total": "total"},
    )
    if written is None:
        raise LookupError("a condition failed on no item")
    return written


@busy_when_throttled()
def close(order_id: str, status: Status, at: str, reviewer: str = "") -> Review | None:
    """End a review that waits, and return how it has ended, now or before."""
    return _write(
        order_id,
        "SET #status = :status, decided_at = :at, reviewer = :reviewer REMOVE waiting_since",
        "#status = :waiting",
        {":status": status, ":waiting": "WAITING", ":at": at, ":reviewer": reviewer},
        {"#status": "status"},
    )


@busy_when_throttled()
def find(order_id: str) -> Review | None:
    """Return a review."""
    answer = dynamodb.get_item(TableName=table.name, Key=to_item({"order_id": order_id}))
    return Review.model_validate(from_item(answer["Item"])) if "Item" in answer else None


@busy_when_throttled()
def page(after: Review | None) -> tuple[list[Review], str | None]:
    """Return the reviews that wait, oldest first, and the order of the last if there may be more.

    The index follows the table within moments.
    """
    position: Any = {"ExclusiveStartKey": _position(after)} if after else {}
    answer = dynamodb.query(
        TableName=table.name,
        IndexName=INDEX,
        KeyConditionExpression="#status = :waiting",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues=to_item({":waiting": "WAITING"}),
        Limit=PAGE,
        **position,
    )
    reviews = [Review.model_validate(from_item(item)) for item in answer["Items"]]
    last = from_item(answer.get("LastEvaluatedKey", {}))
    return reviews, last.get("order_id")


def _position(review: Review) -> dict[str, Any]:
    # It may have been decided meanwhile: its place among those that wait is still the same.
    return to_item(
        {
            "order_id": review.order_id,
            "status": "WAITING",
            "waiting_since": review.requested_at,
        }
    )


def _write(
    order_id: str,
    update: str,
    condition: str,
    values: Mapping[str, Any],
    names: Mapping[str, str],
) -> Review | None:
    """Write on a condition, and return the review as it is then, or as it is instead."""
    try:
        answer = dynamodb.update_item(
            TableName=table.name,
            Key=to_item({"order_id": order_id}),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=to_item(values),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        item: Mapping[str, Any] = answer["Attributes"]
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        response: Mapping[str, Any] = {**error.response}
        item = response.get("Item", {})
    return Review.model_validate(from_item(item)) if item else None

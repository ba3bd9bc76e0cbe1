"""The tables of stock and of reservations, which change together."""

import random
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from fulfilment.errors import OutOfStockError, ReservationReleasedError, TooManyLinesError
from shared.attributes import from_item, to_item
from shared.aws import busy_when_throttled, client
from shared.environment import Environment
from shared.problems import BusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
# A transaction has 100 actions, and one of them is for the reservation itself.
MOST_LINES = 99
# What passes: another transaction has one of the items, or too much is asked of a partition.
PASSING = {"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"}
FAILED = "ConditionalCheckFailed"
ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.05


class Tables(Environment):
    """Where stock and reservations are kept."""

    inventory: str = Field(alias="INVENTORY_TABLE_NAME")
    reservations: str = Field(alias="RESERVATIONS_TABLE_NAME")


tables = Tables.read()
dynamodb = client("dynamodb")


@busy_when_throttled()
def reserve(order_id: str, quantities: Mapping[str, int]) -> None:
    """Take all from the stock, or nothing; what is reserved already stays so.

    Raises:
        OutOfStockError: naming what there is too little of.
        ReservationReleasedError: when the order's release came first.
        TooManyLinesError: for more than 99 things.
        BusyError: when others are at the same stock for too long.
    """
    if len(quantities) > MOST_LINES:
        raise TooManyLinesError(f"more than {MOST_LINES} different items cannot be reserved")
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
    put: TransactWriteItemTypeDef = {
        "Put": {
            "TableName": tables.reservations,
            "Item": to_item({"order_id": order_id, "status": "RESERVED", "lines": lines}),
            "ConditionExpression": "attribute_not_exists(order_id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    earlier, *stocks = _transact([put, *(_take(sku, n) for sku, n in quantities.items())])
    if earlier["Code"] == FAILED:
        if from_item(earlier["Item"])["status"] != "RESERVED":
            raise ReservationReleasedError("the reservation was released before")
        return
    missing = [
        sku for sku, stock in zip(quantities, stocks, strict=True) if stock["Code"] == FAILED
    ]
    if missing:
        raise OutOfStockError(f"out of stock: {', '.join(missing)}")


@busy_when_throttled()
def release(order_id: str) -> None:
    """Give back what is reserved, once; what is not can no longer be.

    Raises:
        BusyError: when others are at the same stock for too long.
    """
    lines = _close(order_id)
    if lines:
        # A release at the same time fails its condition: the stock is back, by the other one.
        _transact([_released(order_id), *(_give(each["sku"], each["quantity"]) for each in lines)])


def _close(order_id: str) -> list[dict[str, Any]]:
    """Leave a released reservation where there is none, or return what is still reserved."""
    tombstone = {"order_id": order_id, "status": "RELEASED", "lines": []}
    try:
        dynamodb.put_item(
            TableName=tables.reservations,
            Item=to_item(tombstone),
            ConditionExpression="attribute_not_exists(order_id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        response: Mapping[str, Any] = {**error.response}
        earlier = from_item(response["Item"])
        return earlier["lines"] if earlier["status"] == "RESERVED" else []
    return []


def _released(order_id: str) -> "TransactWriteItemTypeDef":
    action: Any = {
        "TableName": tables.reservations,
        "Key": to_item({"order_id": order_id}),
        "UpdateExpression": "SET #status = :released",
        "ConditionExpression": "#status = :reserved",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": to_item({":released": "RELEASED", ":reserved": "RESERVED"}),
    }
    return {"Update": action}


def _take(sku: str, quantity: int) -> "TransactWriteItemTypeDef":
    # Of what is unknown, nothing is there: it fails the condition too.
    condition = {"ConditionExpression": "available >= :quantity"}
    return _stock(sku, "SET available = available - :quantity", quantity, condition)


def _give(sku: str, quantity: int) -> "TransactWriteItemTypeDef":
    return _stock(sku, "ADD available :quantity", quantity, {})


def _stock(
    sku: str, update: str, quantity: int, condition: Mapping[str, str]
) -> "TransactWriteItemTypeDef":
    action: Any = {
        "TableName": tables.inventory,
        "Key": to_item({"sku": sku}),
        "UpdateExpression": update,
        "ExpressionAttributeValues": to_item({":quantity": quantity}),
        **condition,
    }
    return {"Update": action}


def _transact(actions: Sequence["TransactWriteItemTypeDef"]) -> list[Mapping[str, Any]]:
    """Write all, or nothing and return for each action why not, once no reason passes.

    Others write to the same stock all the time, so conflicts are tried again here first.
    """
    for attempt in range(ATTEMPTS):
        try:
            dynamodb.transact_write_items(TransactItems=actions)
        except dynamodb.exceptions.TransactionCanceledException as error:
            response: Mapping[str, Any] = {**error.response}
            reasons: list[Mapping[str, Any]] = response["CancellationReasons"]
            codes = {reason["Code"] for reason in reasons}
            if codes - PASSING - {FAILED, "None"}:
                raise
            # The first action is the reservation's own, and its state decides.
            if reasons[0]["Code"] == FAILED or not codes & PASSING:
                return reasons
        else:
            return [{"Code": "None"} for _ in actions]
        time.sleep(random.uniform(0, FIRST_PAUSE_SECONDS * 2**attempt))  # noqa: S311
    raise BusyError("too much is going on at this stock, try again")

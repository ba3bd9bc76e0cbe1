"""A payment gateway for tests and demonstrations: its tokens say how it answers."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from fulfilment.errors import (
    ChargeMismatchError,
    GatewayUnavailableError,
    PaymentDeclinedError,
    PaymentUndoneError,
)
from fulfilment.gateway import Undone
from shared.attributes import from_item, to_item
from shared.aws import busy_when_throttled, client
from shared.environment import Environment

GOOD = {"tok_visa", "tok_mastercard"}
DECLINED_AT_THE_CHARGE = "tok_charge_declined"
UNAVAILABLE = "tok_unavailable"


class Ledger(Environment):
    """Where the gateway keeps its payments, by key."""

    name: str = Field(alias="PAYMENTS_TABLE_NAME")


ledger = Ledger.read()
dynamodb = client("dynamodb")


class Sandbox:
    """A payment goes from nothing to CHARGED to REFUNDED, or from nothing to VOIDED; never back.

    `charges` counts in the very write that charges, so that a second charge would show.
    """

    @busy_when_throttled()
    def authorise(self, key: str, token: str, amount: int, currency: str) -> None:
        """Decline all tokens but the good, and the one that is declined later."""
        answer = dynamodb.get_item(
            TableName=ledger.name, Key=to_item({"order_id": key}), ConsistentRead=True
        )
        if "Item" in answer:
            _same(from_item(answer["Item"]), amount, currency)
        else:
            _accept(token, GOOD | {DECLINED_AT_THE_CHARGE})

    @busy_when_throttled()
    def charge(self, key: str, token: str, amount: int, currency: str) -> None:
        """Charge a good token."""
        _accept(token, GOOD)
        charged = {":status": "CHARGED", ":amount": amount, ":currency": currency, ":one": 1}
        earlier = _write(
            key,
            "SET #status = :status, amount = :amount, currency = :currency ADD charges :one",
            "attribute_not_exists(order_id)",
            charged,
        )
        if earlier:
            _same(earlier, amount, currency)

    @busy_when_throttled()
    def refund(self, key: str) -> Undone:
        """Void what is not charged, and refund what is."""
        absent = "attribute_not_exists(order_id)"
        earlier = _write(key, "SET #status = :status", absent, {":status": "VOIDED"})
        if not earlier or earlier["status"] == "VOIDED":
            return "VOIDED"
        # Whoever loses this condition finds the payment refunded: there is no other way from here.
        _write(
            key,
            "SET #status = :status ADD refunds :one",
            "#status = :charged",
            {":status": "REFUNDED", ":charged": "CHARGED", ":one": 1},
        )
        return "REFUNDED"


def _accept(token: str, accepted: set[str]) -> None:
    if token == UNAVAILABLE:
        raise GatewayUnavailableError("the payment gateway does not answer")
    if token not in accepted:
        raise PaymentDeclinedError("the card was declined")


def _same(payment: Mapping[str, Any], amount: int, currency: str) -> None:
    """Let a charge pass that was made before."""
    if payment["status"] != "CHARGED":
        raise PaymentUndoneError("the payment was undone before")
    if (payment["amount"], payment["currency"]) != (amount, currency):
        raise ChargeMismatchError("this payment was charged with another amount before")


def _write(
    key: str, update: str, condition: str, values: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Write to a payment, or return what it is where the condition does not hold."""
    try:
        dynamodb.update_item(
            TableName=ledger.name,
            Key=to_item({"order_id": key}),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item(values),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        response: Mapping[str, Any] = {**error.response}
        return from_item(response["Item"])
    return None

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from pydantic import ValidationError

from fulfilment.errors import (
    ChargeMismatchError,
    GatewayUnavailableError,
    PaymentDeclinedError,
    PaymentUndoneError,
    RefusalError,
)
from shared.problems import BusyError
from tests.lambdas.builders import TABLE
from tests.lambdas.conftest import Log
from tests.lambdas.fulfilment.conftest import Run
from tests.lambdas.fulfilment.names import COST, PAYMENTS
from tests.lambdas.tables import items, lost_answer

Pay = Callable[..., None]
PLACED = Path(__file__).parents[1] / "order_placed_v1.json"


def test_a_good_payment_is_checked_charged_and_refunded(
    run: Run, store: DynamoDBClient, pay: Pay
) -> None:
    pay("tok_visa", "1")
    assert run("check_payment", "1", **COST) == {"order_id": "1", "payment": "AUTHORISED"}
    assert items(store, PAYMENTS) == []
    assert run("charge_payment", "1", **COST) == {"order_id": "1", "payment": "CHARGED"}
    [payment] = items(store, PAYMENTS)
    assert payment == {
        "order_id": "1",
        "status": "CHARGED",
        "amount": 2_747,
        "currency": "EUR",
        "charges": 1,
    }
    assert run("refund_payment", "1") == {"order_id": "1", "payment": "REFUNDED"}
    assert items(store, PAYMENTS) == [{**payment, "status": "REFUNDED", "refunds": 1}]


def test_the_tasks_take_the_detail_of_the_event_as_it_is(
    run: Run, store: DynamoDBClient, pay: Pay
) -> None:
    detail = json.loads(PLACED.read_text())["detail"]
    pay("tok_visa", detail["order_id"])
    for task in ("check_payment", "charge_payment", "refund_payment"):
        assert run(task, **detail)["order_id"] == detail["order_id"]


@pytest.mark.parametrize("token", ["tok_declined", "tok_unknown", "", "tok_visa "])
@pytest.mark.parametrize("task", ["check_payment", "charge_payment"])
def test_a_declined_or_unknown_card_is_refused_in_words_for_the_customer(
    run: Run, store: DynamoDBClient, pay: Pay, task: str, token: str
) -> None:
    pay(token, "1")
    reason = "the card was declined" if token else "no payment was given"
    with pytest.raises(PaymentDeclinedError, match=f"^{reason}$"):
        run(task, "1", **COST)
    assert items(store, PAYMENTS) == []


def test_a_card_can_pass_the_check_and_be_declined_at_the_charge(
    run: Run, store: DynamoDBClient, pay: Pay
) -> None:
    pay("tok_charge_declined", "1")
    run("check_payment", "1", **COST)
    with pytest.raises(PaymentDeclinedError, match=r"^the card was declined$"):
        run("charge_payment", "1", **COST)
    assert items(store, PAYMENTS) == []


@pytest.mark.parametrize("item", [None, {"order_id": {"S": "1"}}])
def test_an_order_that_is_unknown_or_has_no_payment_is_refused(
    run: Run, store: DynamoDBClient, item: dict[str, Any] | None
) -> None:
    if item:
        store.put_item(TableName=TABLE, Item=item)
    with pytest.raises(PaymentDeclinedError, match=r"^no payment was given$"):
        run("check_payment", "1", **COST)


@pytest.mark.parametrize("task", ["check_payment", "charge_payment"])
def test_a_gateway_that_does_not_answer_can_be_asked_again(
    run: Run, store: DynamoDBClient, pay: Pay, task: str
) -> None:
    pay("tok_unavailable", "1")
    with pytest.raises(GatewayUnavailableError, match="does not answer") as raised:
        run(task, "1", **COST)
    assert not isinstance(raised.value, RefusalError)


def test_a_repeated_charge_charges_once(run: Run, store: DynamoDBClient, pay: Pay) -> None:
    pay("tok_visa", "1")
    first = run("charge_payment", "1", **COST)
    assert run("charge_payment", "1", **COST) == first
    assert [payment["charges"] for payment in items(store, PAYMENTS)] == [1]


def test_a_charge_whose_answer_is_lost_is_found_by_its_repetition(
    run: Run, store: DynamoDBClient, pay: Pay, sandbox: ModuleType
) -> None:
    pay("tok_visa", "1")
    with lost_answer(sandbox.dynamodb, "update_item"), pytest.raises(BusyError):
        run("charge_payment", "1", **COST)
    assert run("charge_payment", "1", **COST)["payment"] == "CHARGED"
    assert [payment["charges"] for payment in items(store, PAYMENTS)] == [1]


def test_a_payment_that_was_charged_passes_every_later_check(
    run: Run, store: DynamoDBClient, pay: Pay
) -> None:
    pay("tok_visa", "1")
    run("charge_payment", "1", **COST)
    pay("tok_declined", "1")
    assert run("check_payment", "1", **COST)["payment"] == "AUTHORISED"


@pytest.mark.parametrize("task", ["check_payment", "charge_payment"])
@pytest.mark.parametrize("other", [{"total": 1}, {"currency": "USD"}])
def test_the_same_key_never_stands_for_another_charge(
    run: Run, store: DynamoDBClient, pay: Pay, task: str, other: dict[str, object]
) -> None:
    pay("tok_visa", "1")
    run("charge_payment", "1", **COST)
    with pytest.raises(ChargeMismatchError):
        run(task, "1", **{**COST, **other})


@pytest.mark.parametrize("task", ["check_payment", "charge_payment"])
@pytest.mark.parametrize(("charged", "left"), [(True, "REFUNDED"), (False, "VOIDED")])
def test_nothing_is_charged_after_a_refund(
    run: Run, store: DynamoDBClient, pay: Pay, task: str, charged: bool, left: str
) -> None:
    pay("tok_visa", "1")
    if charged:
        run("charge_payment", "1", **COST)
    for _ in range(2):
        assert run("refund_payment", "1")["payment"] == left
        with pytest.raises(PaymentUndoneError, match=r"^the payment was undone before$"):
            run(task, "1", **COST)
    [payment] = items(store, PAYMENTS)
    assert payment["status"] == left
    assert payment.get("refunds") == payment.get("charges") == (1 if charged else None)


@pytest.mark.parametrize("call", [1, 2])
def test_a_refund_whose_answer_is_lost_is_found_by_its_repetition(
    run: Run, store: DynamoDBClient, pay: Pay, sandbox: ModuleType, call: int
) -> None:
    pay("tok_visa", "1")
    if call == 2:
        run("charge_payment", "1", **COST)
    # A refund of a charge first fails its condition, and only then is there an effect.
    with lost_answer(sandbox.dynamodb, "update_item"), pytest.raises(BusyError):
        run("refund_payment", "1")
    assert run("refund_payment", "1")["payment"] == ("REFUNDED" if call == 2 else "VOIDED")
    [payment] = items(store, PAYMENTS)
    assert payment.get("refunds", 0) == call - 1


@pytest.mark.parametrize(
    "wrong",
    [{"total": -1}, {"total": "much"}, {"currency": None}, {"order_id": ""}, {"order_id": None}],
)
def test_an_input_that_no_order_has_is_an_error_of_ours(run: Run, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        run("charge_payment", **{"order_id": "1", **COST, **wrong})


def test_a_refusal_is_logged_and_counted_without_the_token(
    run: Run, store: DynamoDBClient, pay: Pay, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    pay("tok_declined", "1")
    with pytest.raises(PaymentDeclinedError):
        run("check_payment", "1", **COST)
    [line] = log.lines("refused")
    assert (line["order_id"], line["error"]) == ("1", "PaymentDeclinedError")
    assert line["reason"] == "the card was declined"
    assert "tok_declined" not in log.getvalue()
    assert '"PaymentDeclinedError":[1.0]' in capsys.readouterr().out

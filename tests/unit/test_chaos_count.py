"""What counts as handled once, handled twice, dead-lettered, lost; and what breaks a promise."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from local.chaos.count import Found, Letter, Payment, Poison, Reservation, judge, reason
from local.chaos.plan import SCARCE
from local.demo.orders import KINDS, Kind

GOOD, DECLINED = KINDS[0], KINDS[1]
PLACED: Mapping[str, Kind] = {"a": GOOD, "b": DECLINED}
STOCK = {"tea": 10}
HELD = Reservation(status="RESERVED", lines={"tea": 2})
FOUND = Found(
    orders={"a": "CONFIRMED", "b": "REJECTED"},
    payments={"a": Payment(status="CHARGED", charges=1), "b": Payment(status="VOIDED")},
    reservations={"a": HELD, "b": Reservation(status="RELEASED")},
    available={"tea": 8},
    delivered={"a": {"confirmation", "shipping"}, "b": {"rejection"}},
    counted={"a": {"OrderPlaced", "OrderConfirmed"}, "b": {"OrderPlaced", "OrderRejected"}},
    sums={"OrderPlaced": 2, "OrderConfirmed": 1, "OrderRejected": 1},
)


def judged(**changed: Any) -> list[str]:
    return judge(PLACED, replace(FOUND, **changed), STOCK).failures


def test_orders_that_ended_and_were_told_are_handled_once() -> None:
    verdict = judge(PLACED, FOUND, STOCK)
    assert (verdict.once, verdict.twice, verdict.dead, verdict.lost) == (["a", "b"], [], [], [])
    assert verdict.cancelled == 0
    assert verdict.failures == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"orders": {"b": "REJECTED"}}, "it is not in the table"),
        ({"orders": {"a": "PLACED", "b": "REJECTED"}}, "it is PLACED"),
        ({"delivered": {"a": {"confirmation"}, "b": {"rejection"}}}, "not told: shipping"),
        ({"delivered": {}}, "not told: confirmation, shipping"),
        ({"counted": {"a": {"OrderPlaced"}, "b": {"OrderRejected"}}}, "counted: OrderConfirmed"),
    ],
)
def test_an_accepted_order_that_is_not_at_its_end_is_lost(
    changed: dict[str, Any], told: str
) -> None:
    found = replace(FOUND, **changed)
    verdict = judge(PLACED, found, STOCK)
    assert "a" in verdict.lost
    assert told in reason("a", found)
    assert f"lost: a: {reason('a', found)}" in verdict.failures


def test_an_order_in_the_dead_letters_is_not_lost() -> None:
    letter = Letter(queue="shipping", body='{"order_id": "a"}')
    found = replace(FOUND, delivered={"a": {"confirmation"}, "b": {"rejection"}}, letters=[letter])
    verdict = judge(PLACED, found, STOCK)
    assert (verdict.once, verdict.dead, verdict.lost) == (["b"], ["a"], [])
    assert verdict.failures == []


@pytest.mark.parametrize(
    "payment",
    [Payment(status="CHARGED", charges=2), Payment(status="CHARGED", charges=1, refunds=2)],
)
def test_an_effect_that_came_twice_breaks_a_promise(payment: Payment) -> None:
    found = replace(FOUND, payments={**FOUND.payments, "a": payment})
    verdict = judge(PLACED, found, STOCK)
    assert (verdict.once, verdict.twice) == (["b"], ["a"])
    assert verdict.failures == [f"twice: a: {payment}"]


def test_an_order_may_be_given_up_but_not_end_otherwise() -> None:
    orders = {"a": "CANCELLED", "b": "REJECTED"}
    found = replace(
        FOUND,
        orders=orders,
        payments={},
        reservations={},
        available=STOCK,
        delivered={"a": {"cancellation"}, "b": {"rejection"}},
        counted={"a": {"OrderPlaced", "OrderCancelled"}, "b": FOUND.counted["b"]},
        sums={"OrderPlaced": 2, "OrderCancelled": 1, "OrderRejected": 1},
    )
    verdict = judge(PLACED, found, STOCK)
    assert (verdict.failures, verdict.cancelled) == ([], 1)
    other = judge({"a": DECLINED, "b": GOOD}, FOUND, STOCK).failures
    assert other == [
        "ended otherwise than it must: a, card declined: CONFIRMED",
        "ended otherwise than it must: b, good: REJECTED",
    ]
    assert judge({"a": SCARCE, "b": SCARCE}, FOUND, STOCK).failures == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"payments": {}}, "CONFIRMED with payment None: a"),
        ({"payments": {"a": Payment(status="REFUNDED")}}, "CONFIRMED with payment Payment("),
        (
            {"payments": {**FOUND.payments, "b": Payment(status="CHARGED", charges=1)}},
            "REJECTED with payment Payment(",
        ),
        (
            {"reservations": {"b": FOUND.reservations["b"]}, "available": STOCK},
            "CONFIRMED with reservation None: a",
        ),
        (
            {"payments": {**FOUND.payments, "c": Payment(status="CHARGED", charges=1)}},
            "money or stock for an order that is not there: c",
        ),
    ],
)
def test_money_and_stock_agree_with_how_an_order_ended(changed: dict[str, Any], told: str) -> None:
    (failure,) = judged(**changed)
    assert failure.startswith(told)


def test_what_undoes_an_order_that_never_was_does_no_harm() -> None:
    payments = {**FOUND.payments, "c": Payment(status="VOIDED")}
    reservations = {**FOUND.reservations, "c": Reservation(status="RELEASED")}
    assert judged(payments=payments, reservations=reservations) == []


@pytest.mark.parametrize(
    ("available", "told"),
    [
        (7, ["10 tea became 9"]),
        (9, ["10 tea became 11"]),
        (-1, ["10 tea became 1", "more tea is reserved than there was"]),
    ],
)
def test_stock_adds_up_to_the_unit(available: int, told: list[str]) -> None:
    assert judged(available={"tea": available}) == told


@pytest.mark.parametrize(("count", "told"), [(3, "have 3"), (1, "have 1")])
def test_each_event_is_counted_once(count: int, told: str) -> None:
    (failure,) = judged(sums={**FOUND.sums, "OrderPlaced": count})
    assert told in failure


POISON = Poison(title="garbage", marker="m-1", queues=("shipping", "analytics"))
PUT_AWAY = [Letter(queue=name, body="{m-1}", reason="unreadable") for name in POISON.queues]


def test_poison_is_in_each_of_its_queues_with_a_reason() -> None:
    def failures(*letters: Letter) -> list[str]:
        return judge(PLACED, replace(FOUND, letters=letters), STOCK, [POISON]).failures

    assert failures(*PUT_AWAY) == []
    assert failures(PUT_AWAY[0]) == [
        "poison (garbage) is missing in the dead letters of analytics"
    ]
    assert failures(PUT_AWAY[0], replace(PUT_AWAY[1], reason="")) == [
        "poison (garbage) is without a reason in the dead letters of analytics"
    ]
    assert len(failures()) == 2

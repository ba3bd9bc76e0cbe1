"""The plan of a run under faults: all of it follows from the seed."""

from collections import Counter

import pytest

from local.chaos.plan import ERRORS, SCARCE, WEIGHTS, Plan
from local.demo.orders import STOCK


def test_the_same_seed_gives_the_same_plan_and_another_another() -> None:
    assert Plan.of(1, 200) == Plan.of(1, 200)
    assert Plan.of(1, 200).with_poison(9) == Plan.of(1, 200).with_poison(9)
    assert Plan.of(1, 200) != Plan.of(2, 200)


@pytest.mark.parametrize("orders", [20, 1_000])
def test_each_kind_of_order_comes_up(orders: int) -> None:
    plan = Plan.of(1, orders)
    assert len(plan.orders) == orders
    counts = Counter(kind.title for kind in plan.orders)
    assert set(counts) == {*WEIGHTS, SCARCE.title}
    assert counts.most_common(1)[0][0] == "good"


@pytest.mark.parametrize("orders", [20, 1_000])
def test_faults_of_processes_and_poison_are_spread_over_the_orders(orders: int) -> None:
    plan = Plan.of(1, orders)
    moments = plan.with_poison(9)
    assert [m.after for m in moments] == sorted(m.after for m in moments)
    assert all(0 < moment.after < orders for moment in moments)
    counts = Counter(moment.what for moment in moments)
    assert counts["poison"] == 9
    assert counts["kill a function"] >= 6
    assert counts["pause the emulator"] >= 2


def test_of_the_last_pieces_there_are_half() -> None:
    plan = Plan.of(1, 1_000)
    ordered = sum(kind is SCARCE for kind in plan.orders)
    assert plan.shelves["cup-last"] == ordered // 2 > 0
    assert plan.shelves.keys() == STOCK.keys()


def test_each_service_and_the_front_door_have_their_faults() -> None:
    rules = Plan.of(1, 100).rules()
    for service, codes in ERRORS.items():
        own = [rule for rule in rules if rule["service"] == service]
        assert {rule["error"]["code"] for rule in own if "error" in rule} == set(codes)
        kinds = {key for rule in own for key in rule if key not in ("service", "probability")}
        assert kinds == {"error", "reset", "response", "timeout_ms", "latency"}
    door = [rule for rule in rules if rule["service"] == "*"]
    assert door
    # A throttle is an answer of AWS's own; the door is ours.
    assert not [rule for rule in door if "error" in rule]
